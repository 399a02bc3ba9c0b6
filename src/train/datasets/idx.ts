import type { DiagnosticSink } from "#util/diagnostic";
import type { ImageData } from "../dataset.ts";
import {
  dataCountsDiffer,
  dataCutShort,
  dataEmpty,
  dataTrailingBytes,
  dataWrongFormat,
  hexBytes,
} from "./data-diagnostics.ts";
import { checkLabels, type DataFile } from "./files.ts";

/** An IDX array of unsigned bytes. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** C order; a view of the file. */
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of unsigned bytes, unpacked.
 *
 * Bytes 0 and 1 are zero, byte 2 the type (8: unsigned byte), byte 3 the number of dimensions; then the length of each
 * dimension in 4 bytes, highest first; then the elements, last index fastest.
 *
 * @returns undefined if anything is wrong; every fault is in the sink
 *
 * Source: "The IDX file format", Y. LeCun, yann.lecun.com/exdb/mnist; also fon.hum.uva.nl/praat/manual/IDX_file_format.html.
 */
export function readIdx({ name: file, bytes }: DataFile, sink: DiagnosticSink): IdxArray | undefined {
  if (bytes.length < 4) {
    sink.report(dataCutShort({ file, part: "its magic number", neededBytes: 4, foundBytes: bytes.length }));
    return undefined;
  }
  const rank = bytes[3];
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE || rank === 0) {
    const found = `${hexBytes(bytes.subarray(0, 4))}`;
    const needed = "the bytes 00 00 08 and a number of dimensions at its start";
    sink.report(dataWrongFormat({ file, format: "an IDX file of unsigned bytes", needed, found }));
    return undefined;
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    sink.report(dataCutShort({ file, part: "its header", neededBytes: start, foundBytes: bytes.length }));
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, d) => view.getUint32(4 + 4 * d));
  const neededBytes = start + shape.reduce((product, length) => product * length, 1);
  const part = `its ${shape.join(" x ")} elements`;
  if (bytes.length < neededBytes)
    sink.report(dataCutShort({ file, part, neededBytes, foundBytes: bytes.length }));
  if (bytes.length > neededBytes)
    sink.report(dataTrailingBytes({ file, part, neededBytes, foundBytes: bytes.length }));
  return bytes.length === neededBytes ? { shape, data: bytes.subarray(start) } : undefined;
}

export interface IdxFiles {
  readonly name: string;
  /** Unpacked; `[samples, height, width]`, or `[samples, features]`. */
  readonly images: DataFile;
  /** Unpacked; `[samples]`. */
  readonly labels: DataFile;
  readonly classes: number;
}

/**
 * Images and labels of the MNIST family.
 *
 * @returns undefined if anything is wrong; every fault is in the sink
 */
export function datasetFromIdx(
  { name, images, labels, classes }: IdxFiles,
  sink: DiagnosticSink,
): ImageData | undefined {
  const pixels = readRank(images, [2, 3], "images", sink);
  const numbers = readRank(labels, [1], "labels", sink);
  if (!pixels || !numbers) return undefined;
  const [count, ...size] = pixels.shape;
  if (count !== numbers.shape[0]) {
    const [what, otherWhat] = ["images", "labels"];
    const otherCount = numbers.shape[0];
    sink.report(
      dataCountsDiffer({ file: images.name, what, count, otherFile: labels.name, otherWhat, otherCount }),
    );
    return undefined;
  }
  if (pixels.data.length === 0) {
    sink.report(dataEmpty({ file: images.name, what: "pixel" }));
    return undefined;
  }
  if (!checkLabels(numbers.data, classes, labels.name, sink)) return undefined;
  const shape = size.length === 2 ? [1, ...size] : size;
  return { kind: "images", name, shape, pixels: pixels.data, labels: numbers.data, classes };
}

function readRank(
  file: DataFile,
  ranks: readonly number[],
  what: string,
  sink: DiagnosticSink,
): IdxArray | undefined {
  const array = readIdx(file, sink);
  if (!array || ranks.includes(array.shape.length)) return array;
  const needed = `${ranks.join(" or ")} dimensions`;
  const found = `${array.shape.length}`;
  sink.report(dataWrongFormat({ file: file.name, format: `an IDX file of ${what}`, needed, found }));
  return undefined;
}
