import { invariant } from "#util/diagnostic";
import { encodeNumbers, NUMBER_BYTES, type WritableType } from "#formats/numbers";
import { loadLibrary, type Description, type Hdf5Library } from "./library.ts";
import { clearTimes } from "./clear-times.ts";

/** A file that is being written. Paths are absolute; parents must exist. */
export interface Hdf5Writer {
  group(path: string): void;
  /** UTF-8 text of variable length. */
  text(path: string, texts: readonly string[], shape: readonly number[]): void;
  /**
   * @param shape C order; its product is the length of `data`
   * @param gzip level 1 to 9, for arrays of rank 1 and more that have elements; absent: stored plain
   */
  numbers(path: string, array: NumbersToWrite, gzip?: number): void;
  textAttribute(path: string, name: string, text: string): void;
  numberAttribute(path: string, name: string, array: NumbersToWrite): void;
}

export interface NumbersToWrite {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly dtype: WritableType;
}

export interface WriteOptions {
  /**
   * `earliest`: what every HDF5 since 1.6 reads (the default, as h5py's). `latest`: the newest structures, to
   * test readers with; its headers hold the time of writing.
   */
  readonly structures?: "earliest" | "latest";
}

let filesWritten = 0;

/** Makes an HDF5 file. Same calls, same bytes, unless `latest` structures are asked for. */
export async function writeHdf5(
  work: (writer: Hdf5Writer) => void,
  options: WriteOptions = {},
): Promise<Uint8Array> {
  const { library, log } = await loadLibrary();
  const name = `/${filesWritten++}.h5`;
  const isLatest = options.structures === "latest";
  const oldest = isLatest ? library.H5F_LIBVER_LATEST : library.H5F_LIBVER_EARLIEST;
  log.length = 0;
  const file = library.open(name, library.H5F_ACC_TRUNC, false, oldest, library.H5F_LIBVER_LATEST);
  let status = -1;
  try {
    work(createWriter(library, file, log));
  } finally {
    status = library.close_file(file);
  }
  invariant(status >= 0, `HDF5 closes the file it wrote, but: ${log.join("")}`);
  const bytes = library.FS.readFile(name);
  library.FS.unlink(name);
  if (!isLatest) clearTimes(bytes);
  return bytes;
}

function createWriter(library: Hdf5Library, file: bigint, log: readonly string[]): Hdf5Writer {
  const check = (status: number, path: string): void => {
    invariant(status >= 0, `HDF5 writes ${path}, but: ${log.join("")}`);
  };
  const withBytes = (array: NumbersToWrite, write: (pointer: bigint) => number, path: string): void => {
    const bytes = encodeNumbers(array.data, array.dtype);
    const pointer = library._malloc(Math.max(1, bytes.length));
    library.HEAPU8.set(bytes, pointer);
    try {
      check(write(BigInt(pointer)), path);
    } finally {
      library._free(pointer);
    }
  };
  return {
    group: (path) => check(library.create_group(file, path, false), path),
    text: (path, texts, shape) =>
      check(library.create_vlen_str_dataset(file, path, texts, describeText(shape)), path),
    numbers: (path, array, gzip) => {
      const description = describeNumbers(array, gzip);
      withBytes(array, (pointer) => library.create_dataset(file, path, pointer, description), path);
    },
    textAttribute: (path, name, text) =>
      check(library.create_vlen_str_attribute(file, path, name, [text], describeText([])), path),
    numberAttribute: (path, name, array) => {
      const description = describeNumbers(array, undefined);
      withBytes(array, (pointer) => library.create_attribute(file, path, name, pointer, description), path);
    },
  };
}

const PLAIN = { littleEndian: true, chunks: null, compression: 0, compression_opts: [] } as const;

function describeText(shape: readonly number[]): Description {
  const dimensions = shape.map(BigInt);
  const type = { type: 3, size: 4, signed: false, vlen: true, cset: 1 } as const;
  return { ...PLAIN, ...type, shape: dimensions, maxshape: dimensions };
}

function describeNumbers({ shape, dtype }: NumbersToWrite, gzip: number | undefined): Description {
  const dimensions = shape.map(BigInt);
  const size = NUMBER_BYTES[dtype];
  const isFloat = dtype.startsWith("float");
  const plain: Description = {
    ...PLAIN,
    type: isFloat ? 1 : 0,
    size,
    signed: dtype.startsWith("int"),
    vlen: false,
    shape: dimensions,
    maxshape: dimensions,
  };
  if (gzip === undefined || shape.length === 0 || shape.includes(0)) return plain;
  const chunks = chunkShape(shape, size).map(BigInt);
  return { ...plain, chunks, compression: 1, compression_opts: [gzip] };
}

const MAX_CHUNK_BYTES = 2 ** 20;

/** The whole array, halved along its first long dimension until it is small enough to be read piecemeal. */
function chunkShape(shape: readonly number[], elementBytes: number): number[] {
  const chunk = [...shape];
  const bytes = (): number => chunk.reduce((product, length) => product * length, elementBytes);
  while (bytes() > MAX_CHUNK_BYTES) {
    const d = chunk.findIndex((length) => length > 1);
    chunk[d] = Math.ceil(chunk[d] / 2);
  }
  return chunk;
}
