import type { DiagnosticSink } from "#util/diagnostic";
import { dataLabelOutOfRange, dataNotReadable } from "./data-diagnostics.ts";

/** A file in memory; the name is for messages. */
export interface DataFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Of each kind of fault in one file, so many are reported. */
const MAX_REPORTS = 10;

/** Unpacked files beyond this are refused. */
const MAX_UNPACKED_BYTES = 2 ** 31 - 1;

/** Reports labels that are not `first` to `first + classes - 1`. */
export function checkLabels(
  labels: ArrayLike<number>,
  classes: number,
  file: string,
  sink: DiagnosticSink,
  first = 0,
): boolean {
  let faults = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    const label = labels[sample];
    if (Number.isInteger(label) && label >= first && label < first + classes) continue;
    if (faults++ < MAX_REPORTS) sink.report(dataLabelOutOfRange({ file, sample, label, classes, first }));
  }
  return faults === 0;
}

/** Labels in the smallest array that holds them all. */
export function packLabels(labels: ArrayLike<number>, classes: number): Uint8Array | Uint16Array {
  return classes <= 256 ? Uint8Array.from(labels) : Uint16Array.from(labels);
}

/**
 * The file as it is, or unpacked if it starts as gzip does.
 *
 * @returns undefined, with the fault in the sink, if it is damaged or cut short
 */
export async function unpackGzip(file: DataFile, sink: DiagnosticSink): Promise<DataFile | undefined> {
  const { name, bytes } = file;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return file;
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const parts: Uint8Array[] = [];
  let total = 0;
  try {
    for (const reader = stream.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      total += value.length;
      if (total > MAX_UNPACKED_BYTES) {
        await reader.cancel();
        sink.report(
          dataNotReadable({ file: name, reason: `unpacked it has more than ${MAX_UNPACKED_BYTES} bytes` }),
        );
        return undefined;
      }
    }
  } catch {
    sink.report(dataNotReadable({ file: name, reason: "its gzip packing is damaged or cut short" }));
    return undefined;
  }
  const whole = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return { name, bytes: whole };
}
