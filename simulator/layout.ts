/** Kinds of typed array in the simulator's buffer. */
const ARRAYS = {
  u8: Uint8Array,
  u32: Uint32Array,
  i32: Int32Array,
  f64: Float64Array,
} as const;
type Kind = keyof typeof ARRAYS;

/** What a table of fields asks for: kind and number of elements. */
export interface Field<K extends Kind = Kind> {
  readonly kind: K;
  readonly length: number;
}

/** One typed array per field of the table, all in `buffer`. */
export type Views<T extends Readonly<Record<string, Field>>> = {
  readonly [Name in keyof T]: InstanceType<(typeof ARRAYS)[T[Name]["kind"]]>;
};

export function field<K extends Kind>(kind: K, length: number): Field<K> {
  return { kind, length };
}

/**
 * Lays all fields out in one zeroed buffer, in the order of the table, each on a border of 8 bytes: one piece of
 * memory that a worker or a WebAssembly memory can take over as it is.
 *
 * @throws RangeError if the machine cannot give that much memory
 */
export function allocate<const T extends Readonly<Record<string, Field>>>(
  table: T,
): { readonly buffer: ArrayBuffer; readonly views: Views<T> } {
  const offsets: Record<string, number> = {};
  let bytes = 0;
  for (const [name, { kind, length }] of Object.entries(table)) {
    offsets[name] = bytes;
    bytes += Math.ceil((length * ARRAYS[kind].BYTES_PER_ELEMENT) / 8) * 8;
  }
  const buffer = new ArrayBuffer(bytes);
  const views: Record<string, unknown> = {};
  for (const [name, { kind, length }] of Object.entries(table))
    views[name] = new ARRAYS[kind](buffer, offsets[name], length);
  return { buffer, views: views as Views<T> };
}
