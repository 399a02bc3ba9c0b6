// Training data from files: the loaders of the training layer, with our own readers of HDF5 and NumPy files.
import type { Hdf5Fault } from "#formats/hdf5/fault";
import { isFault, openHdf5 } from "#formats/hdf5/file";
import { hdf5Start } from "#formats/hdf5/superblock";
import { readNpz } from "#formats/npz/npz";
import type { Dataset } from "#train/dataset";
import { CATALOG, type Split } from "#train/datasets/catalog";
import { dataNotReadable } from "#train/datasets/data-diagnostics";
import { loadDataset, type DataSource, type LoadOptions } from "#train/datasets/load";
import { datasetFromArrays, type NumberArray } from "#train/datasets/npz";
import { evenlyByClass, selectSamples } from "#train/datasets/select";
import type { Hdf5Reader } from "#train/datasets/shd";
import { DiagnosticSink, invariant } from "#util/diagnostic";

export { CATALOG, type CatalogEntry, type Split } from "#train/datasets/catalog";
export type { DataSource, LoadOptions } from "#train/datasets/load";

/**
 * Reads one part of a data set: a known one (see `CATALOG`), or one's own, which is `<name>/train.npz` and
 * `<name>/test.npz` in the data folder.
 *
 * @throws ToolchainError
 */
export async function loadTrainingData(
  name: string,
  split: Split,
  source: Omit<DataSource, "readHdf5">,
  options: LoadOptions = {},
): Promise<Dataset> {
  const path = `${name}/${split}.npz`;
  const own = CATALOG.some((entry) => entry.name === name) ? undefined : await source.open(path);
  if (own === undefined) return loadDataset(name, split, { ...source, readHdf5 }, options);
  const sink = new DiagnosticSink();
  const data = await datasetFromNpz(own, name, path, sink);
  sink.throwIfErrors();
  invariant(data, "a loader that gives no data set says why");
  if (options.limit === undefined || data.labels.length <= options.limit) return data;
  return selectSamples(data, evenlyByClass(data.labels, options.limit));
}

/** A `.npz` archive as a data set; see `datasetFromArrays` for its arrays. */
export async function datasetFromNpz(
  bytes: Uint8Array,
  name: string,
  fileName: string,
  sink: DiagnosticSink,
): Promise<Dataset | undefined> {
  const members = await readNpz(bytes);
  if ("fault" in members) {
    sink.report(dataNotReadable({ file: fileName, reason: members.fault }));
    return undefined;
  }
  const arrays = new Map<string, NumberArray>();
  for (const [key, array] of members)
    if ("fault" in array) sink.report(dataNotReadable({ file: `${fileName}:${key}`, reason: array.fault }));
    else arrays.set(key, array);
  return sink.hasErrors ? undefined : datasetFromArrays(arrays, name, fileName, sink);
}

/** Bytes as the HDF5 that a loader needs; a text says why they are none. */
export function readHdf5(bytes: Uint8Array): Hdf5Reader | string {
  const start = hdf5Start(bytes);
  if (start === undefined) return "it does not start like an HDF5 file";
  const file = openHdf5(bytes, start);
  if (isFault(file)) return textOf(file);
  return {
    numbers: async (path) => {
      const array = await file.dataset(path);
      if (isFault(array)) return textOf(array);
      return "data" in array ? array.data : "it holds text in the place of numbers";
    },
    lists: async (path) => {
      const array = await file.lists(path);
      return isFault(array) ? textOf(array) : array.lists;
    },
  };
}

function textOf(fault: Hdf5Fault): string {
  switch (fault.kind) {
    case "huge":
      return `its shape [${fault.shape.join(", ")}] claims ${fault.neededBytes} bytes, more than it stores or we read`;
    case "filter":
      return `it is stored with the filter ${fault.filter}, which we cannot undo`;
    case "dtype":
      return `it holds elements of the type ${fault.dtype}`;
    case "inexact":
      return `it holds a number of type ${fault.dtype} beyond 2^53`;
    case "truncated":
      return `it needs ${fault.needsBytes} bytes, but has ${fault.hasBytes}`;
    case "unreadable":
      return fault.reason;
  }
}
