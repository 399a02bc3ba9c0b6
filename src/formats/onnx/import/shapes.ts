// Shapes and strides: what broadcasting, axes and reshapes mean, and moving numbers accordingly.
import type { Attributes } from "./attributes.ts";
import { operand, shapeMismatch } from "./diagnostics-nodes.ts";
import { tooLarge } from "./diagnostics.ts";
import type { GraphNode } from "./graph.ts";
import { Refusal } from "./refusal.ts";
import { LARGEST_TENSOR, denseData, elementsOf, type Tensor } from "./tensor.ts";

export interface FoldArgs {
  readonly node: GraphNode;
  readonly attributes: Attributes;
  readonly opset: number;
  readonly operands: readonly (Tensor | undefined)[];
}

/** The new shape that a Reshape asks for. */
export function reshaped(args: FoldArgs, dims: readonly number[]): number[] {
  const wanted = Array.from(denseData(required(args, 1)));
  const keepZero = args.attributes.int("allowzero", 0) === 1;
  const given = wanted.map((extent, axis) => (extent === 0 && !keepZero ? (dims[axis] ?? 0) : extent));
  const known = elementsOf(given.filter((extent) => extent !== -1));
  const elements = elementsOf(dims);
  const result = given.map((extent) => (extent === -1 ? elements / known : extent));
  if (elementsOf(result) !== elements || result.some((extent) => !(extent >= 0 && Number.isInteger(extent))))
    mismatch(args.node, "a reshape keeps the number of elements", dims, wanted);
  return result;
}

/** Axes of Squeeze, Unsqueeze and reductions: an attribute before opset 13 (18), an operand since. */
export function axesOf(args: FoldArgs, rank: number | undefined): number[] | undefined {
  const operandAxes = args.operands[1];
  const axes = operandAxes === undefined ? args.attributes.ints("axes") : Array.from(denseData(operandAxes));
  if (axes === undefined || rank === undefined) return axes;
  return axes.map((axis) => normalAxis(args.attributes, axis, rank, "axes"));
}

export function normalAxis(attributes: Attributes, axis: number, rank: number, name: string): number {
  const at = axis < 0 ? axis + rank : axis;
  return at >= 0 && at < rank
    ? at
    : attributes.refuse(name, String(axis), `one of ${-rank} to ${rank - 1}, as there are ${rank} axes`);
}

/** Shape that two shapes take together, by the rules of NumPy. */
export function broadcastDims(node: GraphNode, left: readonly number[], right: readonly number[]): number[] {
  const rank = Math.max(left.length, right.length);
  return Array.from({ length: rank }, (_, axis) => {
    const a = left[axis - rank + left.length] ?? 1;
    const b = right[axis - rank + right.length] ?? 1;
    if (a !== b && a !== 1 && b !== 1) mismatch(node, "axes have to agree, or be 1", left, right);
    return a === 1 ? b : a;
  });
}

/** The tensor repeated along axes of extent 1, to exactly these dimensions. */
export function broadcastTensor(node: GraphNode, x: Tensor, dims: readonly number[]): Tensor {
  checkLimit(node, dims);
  const strides = stridesOf(x.dims);
  const shift = dims.length - x.dims.length;
  const steps = dims.map((_, axis) =>
    axis < shift || x.dims[axis - shift] === 1 ? 0 : strides[axis - shift],
  );
  return gathered(x, dims, steps, 0);
}

/** Element (i, j, ...) of the result is element offset + i * strides[0] + j * strides[1] + ... of `x`. */
export function gathered(
  x: Tensor,
  dims: readonly number[],
  strides: readonly number[],
  offset: number,
): Tensor {
  const source = denseData(x);
  const elements = elementsOf(dims);
  const data = source instanceof Float32Array ? new Float32Array(elements) : new Float64Array(elements);
  const index = dims.map(() => 0);
  let from = offset;
  for (let to = 0; to < elements; to++) {
    data[to] = source[from];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < dims[axis]) break;
      from -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return { type: x.type, dims, data };
}

export function stridesOf(dims: readonly number[]): number[] {
  const strides = dims.map(() => 1);
  for (let axis = dims.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * dims[axis + 1];
  return strides;
}

export function checkLimit(node: GraphNode, dims: readonly number[]): void {
  const elements = elementsOf(dims);
  if (elements > LARGEST_TENSOR)
    throw new Refusal(tooLarge({ what: `the result of "${node.name}"`, elements, limit: LARGEST_TENSOR }));
}

export function allocate(
  like: Float32Array | Float64Array,
  dims: readonly number[],
  node: GraphNode,
): Float32Array | Float64Array {
  checkLimit(node, dims);
  const elements = elementsOf(dims);
  return like instanceof Float32Array ? new Float32Array(elements) : new Float64Array(elements);
}

export function required({ node, operands }: Pick<FoldArgs, "node" | "operands">, position: number): Tensor {
  const found = operands[position];
  return found ?? refuseOperand(node, `operand ${position + 1}`, "a tensor", "nothing");
}

export function refuseOperand(node: GraphNode, which: string, needed: string, found: string): never {
  throw new Refusal(operand({ name: node.name, operator: node.operator, operand: which, needed, found }));
}

export function mismatch(
  node: GraphNode,
  what: string,
  left: readonly number[],
  right: readonly number[],
): never {
  throw new Refusal(shapeMismatch({ name: node.name, operator: node.operator, what, left, right }));
}
