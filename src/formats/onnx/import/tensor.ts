import { decodeNumbers, type NumberType } from "../../numbers.ts";
import {
  DATA_TYPE,
  numberOf,
  type DataTypeName,
  type SparseTensorProto,
  type TensorProto,
} from "../proto.ts";
import {
  dataSize,
  dataType,
  dimensions,
  externalLocation,
  externalMissing,
  externalRange,
  externalUnused,
  tooLarge,
} from "./diagnostics.ts";
import { Refusal } from "./refusal.ts";

export type ElementType = Exclude<DataTypeName, "string">;

/** Constant numbers, C order. Integers and booleans are doubles; beyond 2^53 they lose their last bits. */
export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** `[product of dims]`; rounded to float where the type is float. Empty where `sparse` holds the numbers. */
  readonly data: Float32Array | Float64Array;
  /** A sparse initializer: flat indices, ascending, and the values there. */
  readonly sparse?: { readonly index: Float64Array; readonly value: Float64Array };
}

/** Bytes of a file beside the model; undefined if there is none. */
export type ExternalData = (location: string) => Uint8Array | undefined;

/** Most elements of a tensor that is made rather than read. */
export const LARGEST_TENSOR = 2 ** 24;
/** Elements that one stored number may stand for beyond that: memory stays in proportion to the file. */
const LARGEST_SHARE = 128;

export const elementsOf = (dims: readonly number[]): number =>
  dims.reduce((product, extent) => product * extent, 1);

/** A tensor of computed numbers: rounded to single precision where its type asks for that. */
export function tensorOf(type: ElementType, dims: readonly number[], data: ArrayLike<number>): Tensor {
  const rounded = type === "double" || isWhole(type);
  return { type, dims, data: rounded ? Float64Array.from(data) : Float32Array.from(data) };
}

export const isWhole = (type: ElementType): boolean => !FLOATS.includes(type);
const FLOATS: readonly ElementType[] = ["float", "double", "float16", "bfloat16"];

/** All elements; sparse ones are filled with zeros. Throws `Refusal` if that is too much. */
export function denseData({ type, dims, data, sparse }: Tensor): Float32Array | Float64Array {
  if (sparse === undefined) return data;
  const elements = elementsOf(dims);
  const limit = Math.max(LARGEST_TENSOR, sparse.index.length * LARGEST_SHARE);
  if (elements > limit)
    throw new Refusal(tooLarge({ what: "a sparse tensor, filled with zeros,", elements, limit }));
  const full = type === "double" || isWhole(type) ? new Float64Array(elements) : new Float32Array(elements);
  sparse.index.forEach((at, i) => (full[at] = sparse.value[i]));
  return full;
}

/** The numbers of a stored tensor. Throws `Refusal` for whatever is wrong with it, before anything is allocated. */
export function readTensor(proto: TensorProto, external: ExternalData | undefined): Tensor {
  const name = proto.name ?? "";
  const type = typeOf(proto, name);
  const dims = dimsOf(proto.dims, name);
  const elements = elementsOf(dims);
  if (proto.dataLocation === 1) return fromBytes(name, type, dims, externalBytes(proto, name, external));
  if (proto.rawData && proto.rawData.length > 0) return fromBytes(name, type, dims, proto.rawData);

  const stored = storedNumbers(proto, type);
  if (stored.length !== elements)
    throw new Refusal(
      dataSize({ tensor: name, needed: `${elements} numbers`, found: `${stored.length} numbers` }),
    );
  return tensorOf(type, dims, stored);
}

/** A sparse initializer: values beside flat or coordinate indices. */
export function readSparseTensor(proto: SparseTensorProto, external: ExternalData | undefined): Tensor {
  const name = proto.values?.name ?? "";
  const dims = dimsOf(proto.dims, name);
  return listedTensor(
    name,
    dims,
    readTensor(proto.values ?? {}, external),
    readTensor(proto.indices ?? {}, external),
  );
}

/**
 * A tensor of zeros but for the listed values. Throws `Refusal` if there are not as many indices as values, or if they do
 * not ascend within the tensor.
 *
 * @param indices flat in C order, `[count]`, or by coordinates, `[count, rank]`
 */
export function listedTensor(name: string, dims: readonly number[], values: Tensor, indices: Tensor): Tensor {
  const count = values.data.length;
  const elements = elementsOf(dims);
  const byCoordinate = indices.dims.length === 2;
  const needed = byCoordinate ? count * dims.length : count;
  if (indices.data.length !== needed)
    throw new Refusal(
      dataSize({ tensor: name, needed: `${needed} indices`, found: `${indices.data.length}` }),
    );
  const index = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    if (!byCoordinate) index[i] = indices.data[i];
    else
      for (let axis = 0; axis < dims.length; axis++) {
        const at = indices.data[i * dims.length + axis];
        if (!(at >= 0 && at < dims[axis])) index[i] = NaN;
        index[i] = index[i] * dims[axis] + at;
      }
    if (!(index[i] >= 0 && index[i] < elements) || (i > 0 && index[i] <= index[i - 1]))
      throw new Refusal(
        dataSize({
          tensor: name,
          needed: `ascending indices below ${elements}`,
          found: `${index[i]} at place ${i}`,
        }),
      );
  }
  return {
    type: values.type,
    dims,
    data: new Float64Array(0),
    sparse: { index, value: Float64Array.from(values.data) },
  };
}

/** Name of an element type, or a refusal: what a tensor holds has to be numbers. */
export function elementType(dataTypeNumber: number | null | undefined): ElementType | undefined {
  const found = Object.entries(DATA_TYPE).find(([, number]) => number === dataTypeNumber)?.[0];
  return found === undefined || found === "string" ? undefined : (found as ElementType);
}

function typeOf(proto: TensorProto, name: string): ElementType {
  const type = elementType(proto.dataType);
  if (type !== undefined) return type;
  const found =
    proto.dataType === DATA_TYPE.string ? "text" : `elements of the unknown type ${proto.dataType}`;
  throw new Refusal(dataType({ tensor: name, found }));
}

function dimsOf(stored: readonly unknown[] | null | undefined, name: string): number[] {
  const dims = (stored ?? []).map(numberOf);
  if (dims.some((extent) => !(extent >= 0))) throw new Refusal(dimensions({ tensor: name, dims }));
  return dims;
}

function fromBytes(name: string, type: ElementType, dims: readonly number[], bytes: Uint8Array): Tensor {
  const needed = elementsOf(dims) * WIDTH[type];
  if (bytes.length !== needed)
    throw new Refusal(
      dataSize({
        tensor: name,
        needed: `${needed} bytes (${dims.join(" x ") || "one element"} of ${type})`,
        found: `${bytes.length} bytes`,
      }),
    );
  if (type === "bfloat16") return { type, dims, data: widenBfloat16(bytes) };
  if (type === "int64" || type === "uint64") return { type, dims, data: doubles(bytes, type) };
  const numbers = decodeNumbers(bytes, NUMBERS[type], false)!;
  return { type, dims, data: numbers instanceof Int32Array ? Float64Array.from(numbers) : numbers };
}

const WIDTH: Readonly<Record<ElementType, number>> = {
  float: 4,
  double: 8,
  float16: 2,
  bfloat16: 2,
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
};

const NUMBERS: Readonly<Record<Exclude<ElementType, "bfloat16" | "int64" | "uint64">, NumberType>> = {
  float: "float32",
  double: "float64",
  float16: "float16",
  bool: "bool",
  int8: "int8",
  uint8: "uint8",
  int16: "int16",
  uint16: "uint16",
  int32: "int32",
  uint32: "uint32",
};

function doubles(bytes: Uint8Array, type: "int64" | "uint64"): Float64Array {
  const { buffer } = new Uint8Array(bytes);
  return Float64Array.from(type === "int64" ? new BigInt64Array(buffer) : new BigUint64Array(buffer), Number);
}

function widenBfloat16(bytes: Uint8Array): Float32Array {
  const wide = new Uint32Array(bytes.length / 2);
  for (let i = 0; i < wide.length; i++) wide[i] = (bytes[2 * i] | (bytes[2 * i + 1] << 8)) << 16;
  return new Float32Array(wide.buffer);
}

/** Numbers stored one by one, in the field that belongs to their type. */
function storedNumbers(proto: TensorProto, type: ElementType): ArrayLike<number> {
  switch (type) {
    case "float":
      return proto.floatData ?? [];
    case "double":
      return proto.doubleData ?? [];
    case "int64":
      return (proto.int64Data ?? []).map((value) => Number(value));
    case "uint32":
    case "uint64":
      return (proto.uint64Data ?? []).map((value) => Number(value));
    case "float16": {
      const bits = Uint16Array.from(proto.int32Data ?? []);
      return decodeNumbers(new Uint8Array(bits.buffer), "float16", false)!;
    }
    case "bfloat16":
      return widenBfloat16(new Uint8Array(Uint16Array.from(proto.int32Data ?? []).buffer));
    default:
      return proto.int32Data ?? [];
  }
}

function externalBytes(proto: TensorProto, tensor: string, external: ExternalData | undefined): Uint8Array {
  const entries = new Map((proto.externalData ?? []).map(({ key, value }) => [key ?? "", value ?? ""]));
  const location = entries.get("location") ?? "";
  const reason = unsafeLocation(location);
  if (reason !== undefined) throw new Refusal(externalLocation({ tensor, location, reason }));
  if (external === undefined) throw new Refusal(externalUnused({ tensor, location }));
  const file = external(location);
  if (file === undefined) throw new Refusal(externalMissing({ tensor, location }));
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? file.length - offset);
  if (!(offset >= 0 && length >= 0 && Number.isInteger(offset + length) && offset + length <= file.length))
    throw new Refusal(externalRange({ tensor, location, offset, length, bytes: file.length }));
  return file.subarray(offset, offset + length);
}

/** Why a location may lie outside the model's folder; undefined if it cannot. */
export function unsafeLocation(location: string): string | undefined {
  if (location === "") return "which names no file";
  if (/^([/\\]|[a-zA-Z]:)/.test(location)) return "an absolute path";
  if (location.split(/[/\\]/).includes("..")) return "which leaves the model's folder";
  if (/[\u0000\\]/.test(location)) return "which holds characters that no file name has";
  return undefined;
}
