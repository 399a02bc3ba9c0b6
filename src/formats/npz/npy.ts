import {
  decodeNumbers,
  encodeNumbers,
  NUMBER_BYTES,
  type ExactNumbers,
  type NumberType,
  type WritableType,
} from "#formats/numbers";

/** An array of numbers as NumPy stores it. */
export interface NumpyArray {
  /** C order, whatever the file has. */
  readonly data: ExactNumbers;
  readonly shape: readonly number[];
  readonly dtype: NumberType;
}

/** Completes the sentence "… cannot be read: …". */
export interface NumpyFault {
  readonly fault: string;
}

const MAGIC = "\x93NUMPY";

/** Letters and widths of NumPy's array protocol. */
const TYPES: Readonly<Record<string, NumberType>> = {
  b1: "bool",
  f2: "float16",
  f4: "float32",
  f8: "float64",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
};

/** True if the bytes start like a `.npy` file. */
export function isNpy(bytes: Uint8Array): boolean {
  return [...MAGIC].every((letter, i) => bytes[i] === letter.charCodeAt(0));
}

/**
 * Reads a `.npy` file, versions 1 to 3, both byte orders, C and Fortran order.
 *
 * The size is checked against the header before anything is allocated. Pickled objects are never read.
 *
 * Source: NumPy Enhancement Proposal 1.
 */
export function readNpy(bytes: Uint8Array): NumpyArray | NumpyFault {
  if (!isNpy(bytes)) return { fault: "it does not start like a NumPy array" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) return { fault: "its header is cut off" };
  const version = bytes[MAGIC.length];
  if (version < 1 || version > 3) return { fault: `it has the NumPy format ${version}, known are 1 to 3` };
  const lengthBytes = version === 1 ? 2 : 4;
  const headerBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = 8 + lengthBytes + headerBytes;
  if (start > bytes.length) return { fault: "its header is cut off" };
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(8 + lengthBytes, start)));
  if ("fault" in header) return header;

  const { dtype, bigEndian, fortranOrder, shape } = header;
  const neededBytes = shape.reduce((product, length) => product * length, NUMBER_BYTES[dtype]);
  const hasBytes = bytes.length - start;
  if (neededBytes > hasBytes) {
    return { fault: `its shape [${shape.join(", ")}] needs ${neededBytes} bytes, but ${hasBytes} follow` };
  }
  const data = decodeNumbers(bytes.subarray(start, start + neededBytes), dtype, bigEndian);
  if (!data) return { fault: `it holds a number of type ${dtype} beyond 2^53` };
  return { data: fortranOrder ? toCOrder(data, shape) : data, shape, dtype };
}

interface Header {
  readonly dtype: NumberType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** The header is the text of a Python dictionary, with exactly these keys. */
function parseHeader(text: string): Header | NumpyFault {
  const descr = /'descr':\s*(?:'([^']*)'|(\[))/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text);
  const tuple = /'shape':\s*\(([\d,\s]*)\)/.exec(text);
  if (!descr || !order || !tuple) return { fault: "its header lacks a type, an order or a shape" };
  if (descr[2] !== undefined) return { fault: "it holds records; readable are plain numbers" };
  const type = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(descr[1]);
  const dtype = type ? (TYPES[type[2]] as NumberType | undefined) : undefined;
  if (!type || dtype === undefined) {
    return { fault: `it holds elements of type ${descr[1]}; readable are integers, floats and booleans` };
  }
  const shape = tuple[1]
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  return { dtype, bigEndian: type[1] === ">", fortranOrder: order[1] === "True", shape };
}

/** Fortran order: the first index changes fastest. */
function toCOrder<T extends ExactNumbers>(data: T, shape: readonly number[]): T {
  const output = data.slice() as T;
  const rank = shape.length;
  const index = new Array<number>(rank).fill(0);
  const stride = shape.map((_, d) => shape.slice(0, d).reduce((product, length) => product * length, 1));
  let from = 0;
  for (let to = 0; to < output.length; to++) {
    output[to] = data[from];
    for (let d = rank - 1; d >= 0; d--) {
      from += stride[d];
      if (++index[d] < shape[d]) break;
      from -= stride[d] * shape[d];
      index[d] = 0;
    }
  }
  return output;
}

const LETTERS: Readonly<Record<WritableType, string>> = {
  float32: "<f4",
  float64: "<f8",
  int8: "|i1",
  int16: "<i2",
  int32: "<i4",
  int64: "<i8",
  uint8: "|u1",
  uint16: "<u2",
  uint32: "<u4",
  uint64: "<u8",
};

/** What can be written as `.npy` or into `.npz`. */
export interface ArrayToWrite {
  /** C order. */
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly dtype: WritableType;
}

/** Writes a `.npy` file of version 1, as `numpy.save` does. */
export function writeNpy({ data, shape, dtype }: ArrayToWrite): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${LETTERS[dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  // Spaces and a line feed up to a multiple of 64, so that the numbers are aligned.
  const headerBytes = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = `${text.padEnd(headerBytes - 1)}\n`;
  const numbers = encodeNumbers(data, dtype);
  const bytes = new Uint8Array(10 + headerBytes + numbers.length);
  const prefix = `${MAGIC}\x01\x00${String.fromCharCode(headerBytes & 0xff, headerBytes >> 8)}${header}`;
  for (let i = 0; i < prefix.length; i++) bytes[i] = prefix.charCodeAt(i);
  bytes.set(numbers, prefix.length);
  return bytes;
}
