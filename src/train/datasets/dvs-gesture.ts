import type { DiagnosticSink } from "#util/diagnostic";
import type { EventData, EventStream } from "../dataset.ts";
import { readAedat31 } from "./aedat31.ts";
import { dataEmpty, dataLabelOutOfRange, dataNotReadable, dataWrongFormat } from "./data-diagnostics.ts";
import { fromStart } from "./event-buffer.ts";
import { packLabels, type DataFile } from "./files.ts";

const SIDE = 128;
const CLASSES = 11;
const CSV_HEADER = "class,startTime_usec,endTime_usec";

/** One recording of a person, with the list of what was shown when. */
export interface GestureTrial {
  /** `user01_fluorescent.aedat` */
  readonly recording: DataFile;
  /** `user01_fluorescent_labels.csv` */
  readonly labels: DataFile;
}

/** A row of the list; class from 0, start inclusive, end exclusive. */
export interface GestureWindow {
  readonly label: number;
  readonly startUs: number;
  readonly endUs: number;
}

/**
 * DVS128 Gesture: every row of a trial's list is a sample, the events from its start to before its end, with times
 * from its start on. Classes 1 to 11 become 0 to 10. Windows may overlap (class 9 and 10 of user22_led do); one without
 * any event says that the recording is not complete.
 *
 * Shape `[2, 128, 128]`, OFF first.
 *
 * @returns undefined if anything is wrong; every fault is in the sink
 *
 * Source: README of the data set (Amir et al., CVPR 2017).
 */
export function datasetFromGestures(
  trials: readonly GestureTrial[],
  sink: DiagnosticSink,
): EventData | undefined {
  const samples: EventStream[] = [];
  const labels: number[] = [];
  let isWhole = true;
  for (const { recording, labels: list } of trials) {
    const windows = readGestureList(list, sink);
    const stream = readAedat31(recording, SIDE, SIDE, sink);
    if (!windows || !stream) {
      isWhole = false;
      continue;
    }
    for (const { label, startUs, endUs } of windows) {
      const [from, to] = [firstAt(stream.timeUs, startUs), firstAt(stream.timeUs, endUs)];
      const part = { timeUs: stream.timeUs.subarray(from, to), index: stream.index.slice(from, to) };
      if (from === to) {
        const what = `event from ${startUs} to before ${endUs} us, where ${list.name} has a gesture,`;
        sink.report(dataEmpty({ file: recording.name, what }));
        isWhole = false;
      }
      samples.push(fromStart(part, startUs));
      labels.push(label);
    }
  }
  if (!isWhole) return undefined;
  return {
    kind: "events",
    name: "dvs-gesture",
    shape: [2, SIDE, SIDE],
    samples,
    labels: packLabels(labels, CLASSES),
    classes: CLASSES,
  };
}

/** Reads a trial's list: the line `class,startTime_usec,endTime_usec`, then one row of three whole numbers each. */
export function readGestureList(
  { name: file, bytes }: DataFile,
  sink: DiagnosticSink,
): GestureWindow[] | undefined {
  const [header, ...lines] = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (header.trim() !== CSV_HEADER) {
    const found = `"${header.trim().slice(0, 60)}"`;
    sink.report(
      dataWrongFormat({
        file,
        format: "a list of gestures",
        needed: `the first line "${CSV_HEADER}"`,
        found,
      }),
    );
    return undefined;
  }
  const windows: GestureWindow[] = [];
  let isWhole = true;
  lines.forEach((line, i) => {
    if (line.trim() === "") return;
    const match = /^\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*$/.exec(line);
    const [label, startUs, endUs] = (match ?? []).slice(1).map(Number);
    if (!match || startUs >= endUs) {
      const reason = match
        ? `its line ${i + 2} ends at ${endUs} us, not after its start at ${startUs} us`
        : `its line ${i + 2} needs three whole numbers with commas between them, but is "${line.slice(0, 60)}"`;
      sink.report(dataNotReadable({ file, reason }));
      isWhole = false;
    } else if (label < 1 || label > CLASSES) {
      sink.report(dataLabelOutOfRange({ file, sample: windows.length, label, classes: CLASSES, first: 1 }));
      isWhole = false;
    }
    windows.push({ label: label - 1, startUs, endUs });
  });
  if (windows.length === 0) {
    sink.report(dataEmpty({ file, what: "row" }));
    return undefined;
  }
  return isWhole ? windows : undefined;
}

/** Index of the first time that is not before `time`. */
function firstAt(timeUs: Float64Array, time: number): number {
  let [low, high] = [0, timeUs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeUs[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
