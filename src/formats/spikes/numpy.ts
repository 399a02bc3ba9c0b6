import type { SpikeData } from "#ir/spikes";
import { readNpy, type NumpyArray, type NumpyFault } from "#formats/npz/npy";
import { readNpz } from "#formats/npz/npz";
import type { DiagnosticSink } from "#util/diagnostic";
import { fromDense } from "./dense.ts";
import * as messages from "./diagnostics.ts";
import { expectedShape, LABEL_NAMES, portName, type SpikeFile, type SpikeHint } from "./spike-file.ts";

/** Spike data from one `.npy` array. */
export function readNpySpikes(
  bytes: Uint8Array,
  hint: SpikeHint,
  sink: DiagnosticSink,
): SpikeFile | undefined {
  const data = toSpikes(readNpy(bytes), expectedShape(hint, ""), "the array", sink);
  return data && { ports: { "": data } };
}

/** Spike data from the arrays of a `.npz` archive: each is an input node's, except the labels. */
export async function readNpzSpikes(
  bytes: Uint8Array,
  hint: SpikeHint,
  sink: DiagnosticSink,
): Promise<SpikeFile | undefined> {
  const arrays = await readNpz(bytes);
  if ("fault" in arrays) {
    sink.report(messages.unreadable({ where: "the archive", reason: arrays.fault }));
    return undefined;
  }
  const names = [...arrays.keys()].filter((name) => !LABEL_NAMES.has(name));
  if (names.length === 0) {
    sink.report(messages.noData({ kind: ".npz archive" }));
    return undefined;
  }
  const ports = new Map<string, SpikeData>();
  for (const [name, array] of arrays) {
    if (LABEL_NAMES.has(name)) continue;
    const port = portName(hint, name, names.length === 1);
    const data = toSpikes(array, expectedShape(hint, port), `array "${name}"`, sink);
    if (data) ports.set(port, data);
  }
  const labels = toLabels(arrays, sink);
  return { ports: Object.fromEntries(ports), ...(labels ? { labels } : {}) };
}

function toSpikes(
  array: NumpyArray | NumpyFault,
  expected: readonly number[] | undefined,
  where: string,
  sink: DiagnosticSink,
): SpikeData | undefined {
  if (!("fault" in array)) return fromDense(array, expected, where, sink);
  sink.report(messages.unreadable({ where, reason: array.fault }));
  return undefined;
}

function toLabels(
  arrays: ReadonlyMap<string, NumpyArray | NumpyFault>,
  sink: DiagnosticSink,
): Int32Array | undefined {
  const name = [...arrays.keys()].find((key) => LABEL_NAMES.has(key));
  const array = name === undefined ? undefined : arrays.get(name);
  if (name === undefined || array === undefined) return undefined;
  if ("fault" in array) {
    sink.report(messages.unreadable({ where: `array "${name}"`, reason: array.fault }));
    return undefined;
  }
  const labels = Array.from<number>(array.data);
  if (labels.every((label) => Number.isInteger(label))) return Int32Array.from(labels);
  sink.report(messages.badLabels({ name }));
  return undefined;
}
