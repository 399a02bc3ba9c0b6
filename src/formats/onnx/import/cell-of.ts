import type { Attributes } from "./attributes.ts";
import { compact } from "./cells.ts";
import { isComparison, type Expression } from "./expression.ts";
import type { GraphNode } from "./graph.ts";
import { spreadOver } from "./layer.ts";
import { broadcastDims, mismatch, refuseOperand } from "./shapes.ts";
import { denseData, elementType } from "./tensor.ts";
import type { Cell, Layout, Value } from "./values.ts";

/** An operator inside a neuron: every element by itself. */
export function cellOf(
  node: GraphNode,
  attributes: Attributes,
  operands: readonly (Value | undefined)[],
): Cell {
  const present = operands.filter((value) => value !== undefined);
  const dynamic = present.filter((value) => value.kind === "cell" || value.kind === "flow");
  let dims: readonly number[] = dynamic[0].dims;
  for (const value of present)
    if (value.kind === "constant") dims = broadcastDims(node, dims, value.tensor.dims);
  const [{ batchAxis }] = dynamic;
  if (dynamic.some((value) => String(value.dims) !== String(dims) || value.batchAxis !== batchAxis))
    mismatch(node, "the parts of a neuron need one shape", dynamic[0].dims, dynamic.at(-1)!.dims);
  const layout: Layout = { type: dynamic[0].type, dims, batchAxis };
  const args = present.map((value): Expression => {
    switch (value.kind) {
      case "cell":
        return value.expression;
      case "flow":
        return { op: "flow", population: value.population };
      case "constant":
        return {
          op: "constant",
          values:
            denseData(value.tensor).length === 1
              ? Float64Array.of(denseData(value.tensor)[0])
              : compact(spreadOver(node, value.tensor, layout)),
        };
      case "unknown":
        return refuseOperand(node, "operands", "known tensors", "others");
    }
  });
  const call = (operator: string, ...list: Expression[]): Expression => ({
    op: "call",
    operator,
    args: list,
  });
  switch (node.operator) {
    case "Cast": {
      const to = elementType(attributes.int("to", 0));
      if (to === undefined)
        return attributes.refuse("to", String(attributes.int("to", 0)), "a type of numbers");
      return {
        kind: "cell",
        ...layout,
        type: to,
        expression: call(to === "bool" ? "ToBool" : "Identity", args[0]),
      };
    }
    case "Clip": {
      const bound = (position: number, name: string, fallback: number): Expression =>
        (operands[position] === undefined ? undefined : args[position]) ?? {
          op: "constant",
          values: Float64Array.of(attributes.float(name, fallback)),
        };
      const expression = call("Clip", args[0], bound(1, "min", -Infinity), bound(2, "max", Infinity));
      return { kind: "cell", ...layout, expression };
    }
    default:
      return {
        kind: "cell",
        ...layout,
        type: isComparison(node.operator) && node.operator !== "Sign" ? "bool" : dynamic[0].type,
        expression: call(node.operator, ...args),
      };
  }
}
