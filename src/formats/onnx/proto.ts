import type { onnx } from "onnx-proto";

// The messages of an ONNX file, and nothing that knows about networks. The library is loaded on first use.

export type ModelProto = onnx.IModelProto;
export type GraphProto = onnx.IGraphProto;
export type NodeProto = onnx.INodeProto;
export type FunctionProto = onnx.IFunctionProto;
export type AttributeProto = onnx.IAttributeProto;
export type TensorProto = onnx.ITensorProto;
export type SparseTensorProto = onnx.ISparseTensorProto;
export type ValueInfoProto = onnx.IValueInfoProto;

/** Domain of the functions in files of our own. */
export const SPINEC_DOMAIN = "ai.spinec.snn";

/** Element types by the number that files use. */
export const DATA_TYPE = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;
export type DataTypeName = keyof typeof DATA_TYPE;

/** Kinds of attribute by the number that files use. */
export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  sparseTensor: 11,
} as const;

/** The library is CommonJS: its names are only on the default export. */
async function library(): Promise<typeof onnx> {
  const { default: module } = (await import("onnx-proto")) as unknown as { default: { onnx: typeof onnx } };
  return module.onnx;
}

/** Bytes of a model; equal models give equal bytes. */
export async function encodeModel(model: ModelProto): Promise<Uint8Array> {
  const { ModelProto } = await library();
  return ModelProto.encode(model).finish();
}

/**
 * The message in some bytes, as stored: nothing is checked beyond the wire format. Arrays of bytes are views into
 * `bytes`, at any alignment; 64-bit integers are `Long` or number (`numberOf`).
 *
 * @returns the message, or why there is none
 */
export async function decodeModel(
  bytes: Uint8Array,
): Promise<{ readonly model: ModelProto } | { readonly fault: string }> {
  const { ModelProto } = await library();
  try {
    return { model: ModelProto.decode(bytes) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** A 64-bit integer of a decoded message as a number; NaN where a number cannot hold it. */
export function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  const long = value as { toNumber?: () => number } | null | undefined;
  const number = long?.toNumber?.() ?? NaN;
  return Number.isSafeInteger(number) ? number : NaN;
}

export type TensorValues =
  Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;

/** A tensor with its elements in `rawData`, little-endian. `dims` empty: a scalar. */
export function tensor(
  name: string,
  type: DataTypeName,
  dims: readonly number[],
  values: TensorValues,
): TensorProto {
  return { name, dataType: DATA_TYPE[type], dims: [...dims], rawData: littleEndian(values) };
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes of an array as files have them; shared with the array where the host has the same order. */
export function littleEndian(values: TensorValues): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (HOST_IS_LITTLE_ENDIAN || values.BYTES_PER_ELEMENT === 1) return bytes;
  const swapped = bytes.slice();
  for (let i = 0; i < swapped.length; i += values.BYTES_PER_ELEMENT)
    swapped.subarray(i, i + values.BYTES_PER_ELEMENT).reverse();
  return swapped;
}

export type AttributeValue =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly tensor: TensorProto }
  | { readonly graph: GraphProto };

/** An attribute of a node. */
export function attribute(name: string, value: AttributeValue): AttributeProto {
  if ("int" in value) return { name, type: ATTRIBUTE_TYPE.int, i: value.int };
  if ("ints" in value) return { name, type: ATTRIBUTE_TYPE.ints, ints: [...value.ints] };
  if ("float" in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  if ("string" in value)
    return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value.string) };
  if ("tensor" in value) return { name, type: ATTRIBUTE_TYPE.tensor, t: value.tensor };
  return { name, type: ATTRIBUTE_TYPE.graph, g: value.graph };
}
