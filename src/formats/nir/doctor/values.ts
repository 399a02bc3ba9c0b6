import { isArray } from "../fields.ts";
import type { NirField, NirNode } from "../graph.ts";
import { nodeType } from "../nodes.ts";
import type { Layer } from "./reader.ts";

/** The different values of a field, ascending; none if it is missing or text. */
export function distinct(field: NirField | undefined): readonly number[] {
  if (!isArray(field)) return [];
  return Array.from(new Set(field.data)).sort((a, b) => a - b);
}

/** Rank of a field's array: 0 for a scalar; undefined if it is missing or text. */
export function rankOf(field: NirField | undefined): number | undefined {
  return isArray(field) ? field.shape.length : undefined;
}

/** Equal as `numpy.allclose` means it with its default tolerances. */
export function close(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-8 + 1e-5 * Math.abs(b);
}

/** Number of a field's values that are not close to `wanted`. */
export function notClose(field: NirField | undefined, wanted: number): number {
  return isArray(field) ? countIf(field.data, (value) => !close(value, wanted)) : 0;
}

export function countIf(values: ArrayLike<number>, test: (value: number, i: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (test(values[i], i)) count++;
  return count;
}

/** Every parameter of a neuron node, all equally long; absent ones at their default. Text counts as absent. */
export function layerOf(node: Pick<NirNode, "type" | "fields">): Layer {
  const specs = nodeType(node.type)?.fields ?? [];
  const stored = specs.map(({ name }) => node.fields[name]);
  const size = Math.max(1, ...stored.map((field) => (isArray(field) ? field.data.length : 1)));
  return Object.fromEntries(
    specs.map(({ name, fallback }, f) => {
      const field = stored[f];
      if (!isArray(field)) return [name, new Float64Array(size).fill(Number(fallback))];
      const { data } = field;
      return [name, data.length === size ? Float64Array.from(data) : new Float64Array(size).fill(data[0])];
    }),
  );
}
