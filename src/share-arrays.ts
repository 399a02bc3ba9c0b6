/** Smaller arrays are as quickly copied as shared. */
const MIN_SHARED_BYTES = 1 << 14;

type TypedArray =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/**
 * The same data with its large typed arrays in shared memory, so that it goes to any number of threads without being
 * copied for each. Plain objects and arrays only. Where there is no shared memory, the data as they are.
 */
export function shareArrays<Data>(data: Data): Data {
  if (typeof SharedArrayBuffer === "undefined") return data;
  const done = new Map<object, object>();
  const share = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const before = done.get(value);
    if (before !== undefined) return before;
    const after = ArrayBuffer.isView(value)
      ? sharedCopy(value as TypedArray)
      : Array.isArray(value)
        ? value.map(share)
        : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, share(part)]));
    done.set(value, after);
    return after;
  };
  return share(data) as Data;
}

function sharedCopy(array: TypedArray): TypedArray {
  if (array.byteLength < MIN_SHARED_BYTES || array.buffer instanceof SharedArrayBuffer) return array;
  const Kind = array.constructor as new (buffer: SharedArrayBuffer) => TypedArray;
  const copy = new Kind(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}
