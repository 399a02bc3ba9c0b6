// Operators that are not layers themselves: a Split is as many Slices as it has outputs.
import type { Attributes } from "./attributes.ts";
import type { GraphNode } from "./graph.ts";
import { normalAxis, refuseOperand } from "./shapes.ts";
import { denseData, tensorOf, type Tensor } from "./tensor.ts";

/** One output of a Split, as a Slice would compute it. */
export interface SplitPart {
  readonly output: string;
  readonly starts: Tensor;
  readonly ends: Tensor;
  readonly axes: Tensor;
}

/**
 * The parts of a Split: their sizes are an operand (opset 13), an attribute (before), or equal, the last one smaller where the extent
 * asks for that.
 *
 * @param dims of what is split
 */
export function splitParts(
  node: GraphNode,
  attributes: Attributes,
  dims: readonly number[],
  sizes: Tensor | undefined,
): SplitPart[] {
  const axis = normalAxis(attributes, attributes.int("axis", 0), dims.length, "axis");
  const extent = dims[axis];
  const count = node.outputs.length;
  const equal = Math.ceil(extent / count);
  const list =
    sizes === undefined
      ? (attributes.ints("split") ??
        node.outputs.map((_, i) => Math.max(0, Math.min(equal, extent - i * equal))))
      : Array.from(denseData(sizes));
  const total = list.reduce((sum, size) => sum + size, 0);
  if (list.length !== count || total !== extent || list.some((size) => !(size > 0)))
    return refuseOperand(node, "sizes", `${count} sizes above 0 that add up to ${extent}`, list.join(", "));
  const number = (value: number): Tensor => tensorOf("int64", [1], [value]);
  let start = 0;
  return list.map((size, i) => {
    const part = {
      output: node.outputs[i],
      starts: number(start),
      ends: number(start + size),
      axes: number(axis),
    };
    start += size;
    return part;
  });
}
