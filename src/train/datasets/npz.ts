import type { DiagnosticSink } from "#util/diagnostic";
import type { Dataset, EventStream } from "../dataset.ts";
import { dataCountsDiffer, dataEmpty, dataNotReadable } from "./data-diagnostics.ts";
import { inOrder } from "./event-buffer.ts";
import { checkLabels, packLabels } from "./files.ts";

/** An array of numbers of any type, C order. */
export interface NumberArray {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

type Arrays = ReadonlyMap<string, NumberArray>;

const MAX_CLASSES = 2 ** 16;

/**
 * A data set of one's own, as named arrays (a NumPy `.npz` archive).
 *
 * Images: `images` `[samples, …shape]`, whole numbers 0 to 255. Events: `times` `[events]` in microseconds, `indices`
 * `[events]` (C order into the shape), `starts` `[samples + 1]` (sample n owns events starts[n] to starts[n + 1]) and
 * `shape`. Both: `labels` `[samples]`, and `classes`, one number; without it there are as many as the largest label asks for.
 *
 * @param name of the data set
 * @returns undefined if anything is wrong; every fault is in the sink
 */
export function datasetFromArrays(
  arrays: Arrays,
  name: string,
  fileName: string,
  sink: DiagnosticSink,
): Dataset | undefined {
  const isImages = arrays.has("images");
  const needed = isImages ? ["images", "labels"] : ["times", "indices", "starts", "shape", "labels"];
  const missing = needed.filter((key) => !arrays.has(key));
  if (missing.length > 0) {
    const have = [...arrays.keys()].join(", ");
    const reason = `it needs the arrays ${needed.join(", ")}, but lacks ${missing.join(", ")} (it has ${have || "none"})`;
    const hint = `store the arrays "images" and "labels", or "times", "indices", "starts", "shape" and "labels".`;
    sink.report(dataNotReadable({ file: fileName, reason, hint }));
    return undefined;
  }
  const labels = arrays.get("labels")!.data;
  if (labels.length === 0) {
    sink.report(dataEmpty({ file: fileName, what: "label" }));
    return undefined;
  }
  const given = arrays.get("classes")?.data[0];
  const classes = given ?? Math.min(MAX_CLASSES, maxOf(labels) + 1);
  if (!Number.isInteger(classes) || classes < 1 || classes > MAX_CLASSES) {
    const reason = `its array "classes" needs a whole number from 1 to ${MAX_CLASSES}, but has ${classes}`;
    sink.report(dataNotReadable({ file: fileName, reason }));
    return undefined;
  }
  if (!checkLabels(labels, classes, fileName, sink)) return undefined;
  const packed = packLabels(labels, classes);
  if (isImages) {
    const images = imagesOf(arrays.get("images")!, labels.length, fileName, sink);
    return images && { kind: "images", name, ...images, labels: packed, classes };
  }
  const events = eventsOf(arrays, labels.length, fileName, sink);
  return events && { kind: "events", name, ...events, labels: packed, classes };
}

function imagesOf(
  { data, shape }: NumberArray,
  samples: number,
  file: string,
  sink: DiagnosticSink,
): { shape: readonly number[]; pixels: Uint8Array } | undefined {
  if (shape[0] !== samples || shape.length < 2) {
    const [what, count, otherWhat, otherCount] = ["images", shape[0] ?? 0, "labels", samples] as const;
    if (shape.length < 2)
      sink.report(
        dataNotReadable({ file, reason: `its "images" need 2 dimensions or more, but have ${shape.length}` }),
      );
    else sink.report(dataCountsDiffer({ file, what, count, otherFile: file, otherWhat, otherCount }));
    return undefined;
  }
  const wrong = findIndex(data, (value) => !isWholeBelow(value, 256));
  if (wrong >= 0) {
    const reason = `its "images" need whole numbers from 0 to 255, but number ${wrong} is ${data[wrong]}`;
    sink.report(dataNotReadable({ file, reason }));
    return undefined;
  }
  return { shape: shape.slice(1), pixels: Uint8Array.from(data) };
}

function eventsOf(
  arrays: Arrays,
  samples: number,
  file: string,
  sink: DiagnosticSink,
): { shape: readonly number[]; samples: readonly EventStream[] } | undefined {
  const [times, indices, starts, shapeData] = ["times", "indices", "starts", "shape"].map(
    (key) => arrays.get(key)!.data,
  );
  const shape = Array.from(shapeData);
  const size = shape.reduce((product, length) => product * length, 1);
  const reasons: string[] = [];
  if (shape.length === 0 || !shape.every((length) => isWholeBelow(length - 1, 2 ** 31)) || size > 2 ** 31)
    reasons.push(`its "shape" needs whole numbers from 1 on, but is [${shape.join(", ")}]`);
  if (times.length !== indices.length)
    reasons.push(`its "times" and "indices" need one length, but have ${times.length} and ${indices.length}`);
  if (starts.length !== samples + 1)
    reasons.push(`its "starts" need ${samples + 1} numbers, one more than labels, but are ${starts.length}`);
  const odd = findIndex(
    starts,
    (start, n) => !isWholeBelow(start, times.length + 1) || (n > 0 && start < starts[n - 1]),
  );
  if (odd >= 0 || starts[0] !== 0 || starts[starts.length - 1] !== times.length)
    reasons.push(`its "starts" need to ascend from 0 to ${times.length}, the number of times`);
  const out = findIndex(indices, (index) => !isWholeBelow(index, size));
  if (reasons.length === 0 && out >= 0)
    reasons.push(
      `its "indices" need whole numbers from 0 to ${size - 1}, but number ${out} is ${indices[out]}`,
    );
  const early = findIndex(times, (time) => !(Number.isFinite(time) && time >= 0));
  if (early >= 0) reasons.push(`its "times" need numbers from 0 on, but number ${early} is ${times[early]}`);
  for (const reason of reasons) sink.report(dataNotReadable({ file, reason }));
  if (reasons.length > 0) return undefined;

  const [timeUs, index] = [Float64Array.from(times), Uint32Array.from(indices)];
  const streams = Array.from({ length: samples }, (_, n) =>
    inOrder({
      timeUs: timeUs.subarray(starts[n], starts[n + 1]),
      index: index.subarray(starts[n], starts[n + 1]),
    }),
  );
  return { shape, samples: streams };
}

const isWholeBelow = (value: number, limit: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < limit;

function findIndex(data: ArrayLike<number>, isIt: (value: number, i: number) => boolean): number {
  for (let i = 0; i < data.length; i++) if (isIt(data[i], i)) return i;
  return -1;
}

function maxOf(data: ArrayLike<number>): number {
  let max = 0;
  for (let i = 0; i < data.length; i++) if (data[i] > max) max = data[i];
  return max;
}
