/** Typed arrays that a buffer can be cut into. */
interface Arrays {
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
}
type Kind = keyof Arrays;

/** Kind of a typed array; its tag is what tells the types apart. */
type KindOf<A> = {
  [K in Kind]: A extends { readonly [Symbol.toStringTag]: Arrays[K][typeof Symbol.toStringTag] } ? K : never;
}[Kind];

/** Kind and number of elements. */
export interface Field<K extends Kind = Kind> {
  readonly kind: K;
  readonly length: number;
}

/** A field for every array of `M`. */
export type FieldsOf<M> = { readonly [Name in keyof M]: Field<KindOf<M[Name]>> };

export function field<K extends Kind>(kind: K, length: number): Field<K> {
  return { kind, length };
}

/** Places begin on its multiples. */
const BORDER = 64;
/** Kernels read past the end of arrays, by less than this. */
const PAST_END = 192;

/**
 * Lays all fields out in one zeroed buffer, in the order of the table, each on a border of 64 bytes: one piece of
 * memory that a worker or a WebAssembly memory can take over as it is.
 *
 * @param provide gives a zeroed buffer of at least so many bytes
 * @throws RangeError if the machine cannot give that much memory
 */
export function allocate<M extends object>(
  table: FieldsOf<M>,
  provide: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes),
): { readonly views: M; readonly bytes: number } {
  const constructors = { u8: Uint8Array, u32: Uint32Array, i32: Int32Array, f64: Float64Array };
  const fields = Object.entries<Field>(table);
  const offsets: number[] = [];
  let bytes = 0;
  for (const [, { kind, length }] of fields) {
    offsets.push(bytes);
    bytes += Math.ceil((length * constructors[kind].BYTES_PER_ELEMENT) / BORDER) * BORDER;
  }
  bytes += PAST_END;
  const buffer = provide(bytes);
  const views = fields.map(([name, { kind, length }], i) => [
    name,
    new constructors[kind](buffer, offsets[i], length),
  ]);
  return { views: Object.fromEntries(views) as M, bytes };
}
