// The one place that talks to h5wasm, which we write files with. The library keeps files in a memory file
// system of its own, so nothing is written to disk, and the same entry serves Node and browsers. It is
// loaded when the first file is written, and its complaints go to a string instead of the console.

/** The part of h5wasm's module that we use: the low-level calls, because they return a status. */
export interface Hdf5Library {
  open(name: string, mode: number, trackOrder: boolean, libverLow: number, libverHigh: number): bigint;
  close_file(file: bigint): number;
  create_group(file: bigint, path: string, trackOrder: boolean): number;
  create_dataset(file: bigint, path: string, pointer: bigint, description: Description): number;
  create_vlen_str_dataset(
    file: bigint,
    path: string,
    data: readonly string[],
    description: Description,
  ): number;
  create_attribute(
    file: bigint,
    path: string,
    name: string,
    pointer: bigint,
    description: Description,
  ): number;
  create_vlen_str_attribute(
    file: bigint,
    path: string,
    name: string,
    data: readonly string[],
    description: Description,
  ): number;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  readonly HEAPU8: Uint8Array;
  readonly FS: {
    readonly streams: ({ stream_ops: object } | null | undefined)[];
    readFile(path: string): Uint8Array;
    unlink(path: string): void;
  };
  readonly H5F_ACC_TRUNC: number;
  readonly H5F_LIBVER_EARLIEST: number;
  readonly H5F_LIBVER_LATEST: number;
}

/** Type, shape and storage of what is to be written. */
export interface Description {
  /** `H5T_class_t`: 0 integer, 1 float, 3 text. */
  readonly type: 0 | 1 | 3;
  /** Bytes of an element. */
  readonly size: number;
  readonly signed: boolean;
  readonly littleEndian: true;
  readonly vlen: boolean;
  /** 1: UTF-8. */
  readonly cset?: 1;
  readonly shape: readonly bigint[];
  readonly maxshape: readonly bigint[];
  readonly chunks: readonly bigint[] | null;
  /** 0: none, 1: gzip, with its level in `compression_opts`. */
  readonly compression: 0 | 1;
  readonly compression_opts: readonly number[];
}

let loading: Promise<{ readonly library: Hdf5Library; readonly log: string[] }> | undefined;

/** The library, and the log that HDF5's error stack goes to. */
export function loadLibrary(): Promise<{ readonly library: Hdf5Library; readonly log: string[] }> {
  loading ??= import("h5wasm").then(async (h5wasm) => {
    const library = (await h5wasm.ready) as unknown as Hdf5Library;
    const log: string[] = [];
    silence(library, log);
    return { library, log };
  });
  return loading;
}

function silence(library: Hdf5Library, log: string[]): void {
  const decoder = new TextDecoder();
  for (const stream of library.FS.streams.slice(STANDARD_OUTPUT, STANDARD_ERROR + 1)) {
    if (!stream) continue;
    const write = (_stream: unknown, buffer: Uint8Array, offset: number, length: number): number => {
      log.push(decoder.decode(buffer.slice(offset, offset + length)));
      return length;
    };
    stream.stream_ops = { ...stream.stream_ops, write };
  }
}

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
