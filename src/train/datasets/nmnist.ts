import type { DiagnosticSink } from "#util/diagnostic";
import type { EventData, EventStream } from "../dataset.ts";
import { dataCutShort, dataEmpty, dataEventOutOfRange } from "./data-diagnostics.ts";
import { createEventBuffer } from "./event-buffer.ts";
import { checkLabels, packLabels, type DataFile } from "./files.ts";

const SIDE = 34;
const EVENT_BYTES = 5;

/** An event with this y is no pixel: the clock ran over. */
const OVERFLOW_Y = 240;
const OVERFLOW_US = 2 ** 13;

/** A file of events and what it shows. */
export interface LabelledFile extends DataFile {
  readonly label: number;
}

/**
 * N-MNIST: one file per digit, 40 bits per event: x (8 bits), y (8), polarity (1; 1 is ON), time in microseconds (23),
 * highest first. An event with y = 240 adds 2^13 microseconds to itself and all that follow, and is no event.
 *
 * Shape `[2, 34, 34]`, OFF first.
 *
 * @returns undefined if anything is wrong; every fault is in the sink
 *
 * Source: G. Orchard, www.garrickorchard.com/datasets/n-mnist, and the overflow rule of its reader (gorchard/event-Python,
 * `eventvision.py`).
 */
export function datasetFromNmnist(
  files: readonly LabelledFile[],
  sink: DiagnosticSink,
): EventData | undefined {
  const samples = files.map((file) => readNmnist(file, sink));
  const labels = packLabels(
    files.map(({ label }) => label),
    10,
  );
  const areLabels = checkLabels(labels, 10, "the folder names of n-mnist", sink);
  if (!areLabels || samples.includes(undefined)) return undefined;
  return {
    kind: "events",
    name: "n-mnist",
    shape: [2, SIDE, SIDE],
    samples: samples as readonly EventStream[],
    labels,
    classes: 10,
  };
}

/** The events of one digit. */
export function readNmnist({ name: file, bytes }: DataFile, sink: DiagnosticSink): EventStream | undefined {
  const count = Math.ceil(bytes.length / EVENT_BYTES);
  if (count === 0) {
    sink.report(dataEmpty({ file, what: "event" }));
    return undefined;
  }
  if (bytes.length !== count * EVENT_BYTES) {
    const neededBytes = count * EVENT_BYTES;
    sink.report(dataCutShort({ file, part: `event ${count - 1}`, neededBytes, foundBytes: bytes.length }));
    return undefined;
  }
  const events = createEventBuffer(count);
  let overflowUs = 0;
  for (let event = 0; event < count; event++) {
    const at = event * EVENT_BYTES;
    const [x, y] = [bytes[at], bytes[at + 1]];
    if (y === OVERFLOW_Y) {
      overflowUs += OVERFLOW_US;
      continue;
    }
    if (x >= SIDE || y >= SIDE) {
      const [what, value] = x >= SIDE ? ["an x", x] : ["a y", y];
      sink.report(
        dataEventOutOfRange({ file, event, what: what as string, value: value as number, limit: SIDE }),
      );
      return undefined;
    }
    const polarity = bytes[at + 2] >> 7;
    const timeUs = ((bytes[at + 2] & 0x7f) << 16) | (bytes[at + 3] << 8) | bytes[at + 4];
    events.push(timeUs + overflowUs, (polarity * SIDE + y) * SIDE + x);
  }
  return events.stream();
}
