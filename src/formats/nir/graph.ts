// A NIR file as data: what is stored, before anything is inferred, repaired or lowered.

/** A whole file. */
export interface NirFile {
  /** The `/version` string as it stands; absent if the file has none. */
  readonly version?: string;
  readonly root: NirGraph;
}

export interface NirGraph {
  /** Ascending by name, as HDF5 lists them. */
  readonly nodes: readonly NirNode[];
  /** As stored, duplicates and dangling names included. */
  readonly edges: readonly (readonly [from: string, to: string])[];
  readonly metadata: Readonly<Record<string, NirField>>;
}

export interface NirNode {
  /** Name inside its graph. */
  readonly name: string;
  /** HDF5 path, for messages: `/node/nodes/lif1`. */
  readonly path: string;
  readonly type: string;
  /** Everything else that the node's group holds, by dataset name; `metadata` is apart. */
  readonly fields: Readonly<Record<string, NirField>>;
  readonly metadata: Readonly<Record<string, NirField>>;
  /** The subgraph, for type `NIRGraph` only. */
  readonly graph?: NirGraph;
}

export type NirField = string | readonly string[] | NirArray;

export interface NirArray {
  /** C order, native byte order. Integers of 64 bits that fit are Float64Array; float16 is widened to Float32Array. */
  readonly data: Float32Array | Float64Array | Int32Array;
  /** `[]`: a scalar. */
  readonly shape: readonly number[];
  /** As stored, in NumPy's words: `float32`, `>f8` is `float64` (byte order is not kept), `int64`, `bool`, … */
  readonly dtype: string;
}
