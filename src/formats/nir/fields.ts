import type { NirArray, NirField } from "./graph.ts";

/** Lengths of the axes, channel-first, without batch and time. */
export type Shape = readonly number[];

export function isArray(field: NirField | undefined): field is NirArray {
  return field !== undefined && typeof field === "object" && "data" in field;
}

/** The numbers of a field, or undefined if it is missing or text. */
export function numbersOf(field: NirField | undefined): readonly number[] | undefined {
  return isArray(field) ? Array.from(field.data) : undefined;
}

/** A weight array in floating point: the file's own array where it is one already. */
export function floatsOf(array: NirArray): Float32Array | Float64Array {
  return array.data instanceof Int32Array ? Float64Array.from(array.data) : array.data;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** `[8, 24, 24]`, as messages write it; a scalar is `[]`. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** True if `shape` is `tail` with further axes in front: a batch or time axis, mostly. */
export function endsWith(shape: Shape, tail: Shape): boolean {
  return shape.length > tail.length && sameShape(shape.slice(shape.length - tail.length), tail);
}

/**
 * How numbers of shape `from` cover an array of shape `to`, or undefined if they do not.
 *
 * - `all`: one for each element, in C order (axes of length 1, or a flattened array, make no difference).
 * - `one`: one number for everything.
 * - `channel`: one for each channel, `[C]` or `[C, 1, 1]` over `[C, H, W]`.
 * - `axes`: equal rank, axes of length 1 are repeated.
 */
export function coverage(from: Shape, to: Shape): "all" | "one" | "channel" | "axes" | undefined {
  const size = sizeOf(from);
  if (size === sizeOf(to)) return "all";
  if (size === 1) return "one";
  if (to.length >= 2 && size === to[0] && from.filter((length) => length !== 1).length === 1)
    return "channel";
  if (from.length === to.length && from.every((length, axis) => length === to[axis] || length === 1))
    return "axes";
  return undefined;
}

/**
 * Numbers of shape `from` spread over shape `to`, C order.
 *
 * @returns `[size of to]`, or `[1]` where one number serves all; undefined if `coverage` finds no way
 */
export function spread(values: ArrayLike<number>, from: Shape, to: Shape): Float64Array | undefined {
  switch (coverage(from, to)) {
    case "all":
    case "one":
      return Float64Array.from(values);
    case "channel": {
      const perChannel = sizeOf(to) / to[0];
      return new Float64Array(sizeOf(to)).map((_, i) => values[Math.floor(i / perChannel)]);
    }
    case "axes":
      return spreadAxes(values, from, to);
    default:
      return undefined;
  }
}

function spreadAxes(values: ArrayLike<number>, from: Shape, to: Shape): Float64Array {
  const result = new Float64Array(sizeOf(to));
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let source = 0;
    let stride = 1;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const at = rest % to[axis];
      rest = (rest - at) / to[axis];
      if (from[axis] !== 1) source += at * stride;
      stride *= from[axis];
    }
    result[i] = values[source];
  }
  return result;
}
