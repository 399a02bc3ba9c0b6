import { DiagnosticSink, invariant, nearestName, ToolchainError } from "#util/diagnostic";
import type { Dataset } from "../dataset.ts";
import { datasetFromDvsCifar10 } from "./aedat2.ts";
import { CATALOG, CIFAR10_CLASSES, type CatalogEntry, type Split } from "./catalog.ts";
import { datasetFromCifar } from "./cifar.ts";
import { dataAbsent, dataNotReadable, dataSetUnknown } from "./data-diagnostics.ts";
import { datasetFromGestures, type GestureTrial } from "./dvs-gesture.ts";
import { unpackGzip, type DataFile } from "./files.ts";
import { datasetFromIdx } from "./idx.ts";
import { datasetFromNmnist, type LabelledFile } from "./nmnist.ts";
import { evenlyByClass, selectSamples } from "./select.ts";
import { datasetFromShd, type Hdf5Reader } from "./shd.ts";

/** Where data come from. Paths are inside the data folder, with `/`; one that starts with `/` is a place of the system. */
export interface DataSource {
  /** undefined: there is no such file. */
  open(path: string): Promise<Uint8Array | undefined>;
  /** Names of the files in a folder; empty if there is no such folder. Needed for n-mnist and dvs-cifar10. */
  list?(folder: string): Promise<readonly string[]>;
  /** Needed for shd; a text says why the bytes are no HDF5. */
  readHdf5?(bytes: Uint8Array): Hdf5Reader | string;
}

export interface LoadOptions {
  /** No more samples than so many, evenly of all classes; files that are not needed are not opened. */
  readonly limit?: number | undefined;
}

/**
 * Reads one part of a known data set.
 *
 * @throws ToolchainError `train/data-set-unknown`, `train/data-absent` (says where the data come from and where they
 *         go), and whatever is wrong with the files
 */
export async function loadDataset(
  name: string,
  split: Split,
  source: DataSource,
  options: LoadOptions = {},
): Promise<Dataset> {
  const sink = new DiagnosticSink();
  const entry = CATALOG.find((known) => known.name === name);
  if (!entry) {
    const known = CATALOG.map((one) => one.name);
    throw new ToolchainError([dataSetUnknown({ name, known, nearest: nearestName(name, known) })]);
  }
  const data = await LOADERS[name](new Files(entry, split, source, sink, options.limit ?? Infinity));
  sink.throwIfErrors();
  invariant(data, `a loader that gives no data set says why (${name})`);
  if (options.limit === undefined || data.labels.length <= options.limit) return { ...data, name };
  return { ...selectSamples(data, evenlyByClass(data.labels, options.limit)), name };
}

const LOADERS: Readonly<Record<string, (files: Files) => Promise<Dataset | undefined>>> = {
  mnist: loadIdx,
  "mnist-10k": loadIdx,
  "fashion-mnist": loadIdx,
  "cifar-10": (files) => loadCifar(files, "cifar-10"),
  "cifar-100": (files) => loadCifar(files, "cifar-100"),
  "n-mnist": loadNmnist,
  "dvs-gesture": loadGestures,
  "dvs-cifar10": loadDvsCifar10,
  shd: loadShd,
};

/** So many files are opened at a time. */
const BATCH = 32;

/** The files of one data set, wherever they are. */
class Files {
  readonly entry: CatalogEntry;
  readonly split: Split;
  readonly source: DataSource;
  readonly sink: DiagnosticSink;
  readonly limit: number;
  readonly #missing: string[] = [];

  constructor(entry: CatalogEntry, split: Split, source: DataSource, sink: DiagnosticSink, limit: number) {
    this.entry = entry;
    this.split = split;
    this.source = source;
    this.sink = sink;
    this.limit = limit;
  }

  /** Files of the data set, unpacked, in this order; undefined, with every missing one reported, if any is missing or damaged. */
  async open(names: readonly string[]): Promise<DataFile[] | undefined> {
    const found: (DataFile | undefined)[] = [];
    for (let start = 0; start < names.length; start += BATCH)
      found.push(
        ...(await Promise.all(names.slice(start, start + BATCH).map((name) => this.#openOne(name)))),
      );
    this.#reportMissing();
    return found.includes(undefined) ? undefined : (found as DataFile[]);
  }

  /** Names with this ending in a folder of the data set, by number, and the folder they are in. */
  async list(folder: string, ending: string): Promise<string[]> {
    invariant(this.source.list, `${this.entry.name} is read from a source that lists folders`);
    for (const home of this.entry.folders) {
      const names = await this.source.list(`${home}/${folder}`);
      const fitting = names.filter((name) => name.endsWith(ending));
      if (fitting.length > 0) return fitting.sort(byNumber).map((name) => `${folder}/${name}`);
    }
    this.#missing.push(`${this.entry.folders[0]}/${folder}/*${ending}`);
    return [];
  }

  /** @returns true if anything was missing */
  reportMissing(): boolean {
    const isMissing = this.#missing.length > 0;
    this.#reportMissing();
    return isMissing;
  }

  #reportMissing(): void {
    if (this.#missing.length === 0) return;
    const { name, title, source, address, folders, debianPackage } = this.entry;
    const missing = this.#missing.splice(0);
    this.sink.report(
      dataAbsent({
        dataset: name,
        split: this.split,
        title,
        missing,
        source,
        address,
        folder: folders[0],
        debianPackage,
      }),
    );
  }

  async #openOne(name: string): Promise<DataFile | undefined> {
    const { folders, systemFolder } = this.entry;
    const homes = systemFolder === undefined ? folders : [...folders, systemFolder];
    for (const home of homes)
      for (const path of [`${home}/${name}`, `${home}/${name}.gz`]) {
        const bytes = await this.source.open(path);
        if (bytes) return unpackGzip({ name: path, bytes }, this.sink);
      }
    this.#missing.push(`${folders[0]}/${name}`);
    return undefined;
  }
}

/** By the numbers in the names where they have some, so that 10 comes after 9. */
function byNumber(a: string, b: string): number {
  const numberOf = (name: string): number => Number(/(\d+)\D*$/.exec(name)?.[1] ?? 0);
  return numberOf(a) - numberOf(b) || (a < b ? -1 : 1);
}

async function loadIdx(files: Files): Promise<Dataset | undefined> {
  const { entry, split, sink } = files;
  const opened = await files.open(entry.files[split]);
  if (!opened) return undefined;
  const [images, labels] = opened;
  return datasetFromIdx({ name: entry.name, images, labels, classes: entry.classes }, sink);
}

async function loadCifar(files: Files, variant: "cifar-10" | "cifar-100"): Promise<Dataset | undefined> {
  const { entry, split, sink } = files;
  const opened = await files.open(entry.files[split]);
  const imagesPerFile = entry.samples[split] / entry.files[split].length;
  return opened && datasetFromCifar({ variant, files: opened, imagesPerFile }, sink);
}

async function loadNmnist(files: Files): Promise<Dataset | undefined> {
  const part = files.split === "train" ? "Train" : "Test";
  const labelled = await openByClass(
    files,
    Array.from({ length: 10 }, (_, digit) => `${part}/${digit}`),
    ".bin",
    (names) => names,
  );
  return labelled && datasetFromNmnist(labelled, files.sink);
}

async function loadDvsCifar10(files: Files): Promise<Dataset | undefined> {
  const labelled = await openByClass(files, CIFAR10_CLASSES, ".aedat", (names) => {
    const cut = Math.floor(0.9 * names.length);
    return files.split === "train" ? names.slice(0, cut) : names.slice(cut);
  });
  return labelled && datasetFromDvsCifar10(labelled, files.sink);
}

/** Files from one folder per class, class 0, 1, 2, … in turn. */
async function openByClass(
  files: Files,
  folders: readonly string[],
  ending: string,
  choose: (names: string[]) => string[],
): Promise<LabelledFile[] | undefined> {
  const wanted: { name: string; label: number; rank: number }[] = [];
  for (const [label, folder] of folders.entries())
    choose(await files.list(folder, ending)).forEach((name, rank) => wanted.push({ name, label, rank }));
  if (files.reportMissing()) return undefined;
  wanted.sort((a, b) => a.rank - b.rank || a.label - b.label);
  const chosen = wanted.slice(0, files.limit);
  const opened = await files.open(chosen.map(({ name }) => name));
  return opened?.map((file, n) => ({ ...file, label: chosen[n].label }));
}

/** A trial shows every gesture once or more often: so many samples at least. */
const SAMPLES_PER_TRIAL = 11;

async function loadGestures(files: Files): Promise<Dataset | undefined> {
  const list = await files.open([`trials_to_${files.split}.txt`]);
  if (!list) return undefined;
  const names = new TextDecoder()
    .decode(list[0].bytes)
    .split(/\s+/)
    .filter((name) => name.endsWith(".aedat"))
    .slice(0, Math.ceil(files.limit / SAMPLES_PER_TRIAL));
  const recordings = await files.open(names);
  const labels = await files.open(names.map((name) => name.replace(/\.aedat$/, "_labels.csv")));
  if (!recordings || !labels) return undefined;
  const trials = recordings.map((recording, n): GestureTrial => ({ recording, labels: labels[n] }));
  return datasetFromGestures(trials, files.sink);
}

async function loadShd(files: Files): Promise<Dataset | undefined> {
  const opened = await files.open(files.entry.files[files.split]);
  if (!opened) return undefined;
  const { readHdf5 } = files.source;
  invariant(readHdf5, "shd is read from a source that knows HDF5");
  const [{ name, bytes }] = opened;
  const reader = readHdf5(bytes);
  if (typeof reader !== "string") return datasetFromShd(reader, name, files.sink);
  files.sink.report(dataNotReadable({ file: name, reason: reader }));
  return undefined;
}
