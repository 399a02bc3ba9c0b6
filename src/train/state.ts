/** What a checkpoint holds: numbers, words and typed arrays under names. Everything a resumed run needs, bit by bit. */
export interface StateTree {
  readonly [name: string]: StateValue;
}

export type StateValue =
  | number
  | string
  | boolean
  | null
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Uint8Array
  | readonly number[]
  | StateTree;
