import type { Expression } from "./expression.ts";
import type { ElementType, Tensor } from "./tensor.ts";

/** What is known of a tensor while a graph is read. */
export type Value = Constant | Flow | Cell | Unknown;

export interface Constant {
  readonly kind: "constant";
  readonly tensor: Tensor;
}

/** Numbers that a population gives in every step. */
export interface Flow extends Layout {
  readonly kind: "flow";
  readonly population: number;
}

/** Part of a neuron: computed element by element from states and what flows in; no population yet. */
export interface Cell extends Layout {
  readonly kind: "cell";
  readonly expression: Expression;
}

/** Something refused before; what depends on it is skipped silently. */
export interface Unknown {
  readonly kind: "unknown";
}

export interface Layout {
  readonly type: ElementType;
  /** As the file has it. */
  readonly dims: readonly number[];
  /** Index of the batch axis in `dims`; -1: none. The other axes, in C order, are the elements of the population. */
  readonly batchAxis: number;
}

/** Extents of one sample. */
export function sampleDims({ dims, batchAxis }: Pick<Layout, "dims" | "batchAxis">): number[] {
  return dims.filter((_, axis) => axis !== batchAxis);
}

export function sampleSize(layout: Pick<Layout, "dims" | "batchAxis">): number {
  return sampleDims(layout).reduce((product, extent) => product * extent, 1);
}

/** Extents with the batch, of a single sample. */
export function singleDims({ dims, batchAxis }: Pick<Layout, "dims" | "batchAxis">): number[] {
  return dims.map((extent, axis) => (axis === batchAxis ? 1 : extent));
}

/** A population's shape: at least one axis. */
export function shapeOf(layout: Pick<Layout, "dims" | "batchAxis">): number[] {
  const dims = sampleDims(layout);
  return dims.length === 0 ? [1] : dims;
}
