import type { DiagnosticSink } from "#util/diagnostic";
import type { ImageData } from "../dataset.ts";
import { dataCutShort, dataEmpty, dataTrailingBytes } from "./data-diagnostics.ts";
import { checkLabels, type DataFile } from "./files.ts";

const SHAPE: readonly number[] = [3, 32, 32];
const PIXELS = 3072;

/** Label bytes of a record, the label that we take, and classes. */
const VARIANTS = {
  "cifar-10": { labelBytes: 1, labelAt: 0, classes: 10 },
  /** Coarse label, fine label: we take the fine one. */
  "cifar-100": { labelBytes: 2, labelAt: 1, classes: 100 },
} as const;

export interface CifarFiles {
  readonly variant: keyof typeof VARIANTS;
  /** In the order in which the images come. */
  readonly files: readonly DataFile[];
  /** Absent: as many as are there. The official files have 10,000 (CIFAR-10), 50,000 and 10,000 (CIFAR-100). */
  readonly imagesPerFile?: number;
}

/**
 * CIFAR in its "binary version": records of label and pixels, nothing between them. The label is one byte (CIFAR-10) or
 * two, coarse and fine (CIFAR-100); the pixels are 1024 of red, 1024 of green, 1024 of blue, row by row.
 *
 * @returns undefined if anything is wrong; every fault is in the sink
 *
 * Source: A. Krizhevsky, www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
 */
export function datasetFromCifar(
  { variant, files, imagesPerFile }: CifarFiles,
  sink: DiagnosticSink,
): ImageData | undefined {
  const { labelBytes, labelAt, classes } = VARIANTS[variant];
  const recordBytes = labelBytes + PIXELS;
  const counts = files.map((file) => countRecords(file, recordBytes, imagesPerFile, sink));
  const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const pixels = new Uint8Array(total * PIXELS);
  const labels = new Uint8Array(total);
  let isWhole = !counts.includes(undefined);
  let image = 0;
  files.forEach(({ name, bytes }, f) => {
    const count = counts[f] ?? 0;
    const first = image;
    for (let n = 0; n < count; n++, image++) {
      const at = n * recordBytes;
      labels[image] = bytes[at + labelAt];
      pixels.set(bytes.subarray(at + labelBytes, at + recordBytes), image * PIXELS);
    }
    if (!checkLabels(labels.subarray(first, image), classes, name, sink)) isWhole = false;
  });
  if (!isWhole) return undefined;
  return { kind: "images", name: variant, shape: SHAPE, pixels, labels, classes };
}

function countRecords(
  { name: file, bytes }: DataFile,
  recordBytes: number,
  images: number | undefined,
  sink: DiagnosticSink,
): number | undefined {
  const foundBytes = bytes.length;
  const found = Math.ceil(foundBytes / recordBytes);
  const count = images ?? found;
  const neededBytes = count * recordBytes;
  const part = `image ${count - 1}`;
  if (found === 0) sink.report(dataEmpty({ file, what: "image" }));
  else if (foundBytes < neededBytes) sink.report(dataCutShort({ file, part, neededBytes, foundBytes }));
  else if (foundBytes > neededBytes) sink.report(dataTrailingBytes({ file, part, neededBytes, foundBytes }));
  else return count;
  return undefined;
}
