import type { NetworkBuilder, NewProjection } from "./builder.ts";
import type { Attributes } from "./attributes.ts";
import { typeMismatch } from "./diagnostics-nodes.ts";
import { broadcastTensor, mismatch, refuseOperand } from "./shapes.ts";
import type { GraphNode } from "./graph.ts";
import { Refusal } from "./refusal.ts";
import { tensorOf, type ElementType, type Tensor } from "./tensor.ts";
import { sampleSize, shapeOf, singleDims, type Constant, type Flow, type Layout } from "./values.ts";

/** What an operator on numbers that flow is read with: cells have become populations. */
export interface LayerArgs {
  readonly node: GraphNode;
  readonly attributes: Attributes;
  readonly opset: number;
  readonly operands: readonly (Constant | Flow | undefined)[];
  readonly builder: NetworkBuilder;
}

/** Reads one operator with at least one operand that flows. Throws `Refusal`. */
export type Layer = (args: LayerArgs) => Flow | Constant;

/** Name of the population of a node: the path of a module without the operator, or the node's own name. */
export function nameOf({ name, operator }: GraphNode): string {
  const path = name.split("/").filter((part) => part !== "");
  const last = path.at(-1) ?? operator;
  const isOperator = last.replace(/_\d+$/, "") === operator;
  return path.length > 1 && isOperator ? path.slice(0, -1).join("/") : path.join("/") || operator;
}

/** An operand that flows; refused where it is a constant or missing. */
export function flowOperand({ node, operands }: LayerArgs, position: number): Flow {
  const found = operands[position];
  if (found?.kind === "flow") return found;
  const what = found === undefined ? "nothing" : "a constant";
  return refuseOperand(node, `operand ${position + 1}`, "the output of a layer", what);
}

/** A constant operand of the type of what flows; undefined where it is left out. */
export function constantOperand(
  { node, operands }: LayerArgs,
  position: number,
  type: ElementType,
): Tensor | undefined {
  const found = operands[position];
  if (found === undefined) return undefined;
  if (found.kind === "flow")
    return refuseOperand(node, `operand ${position + 1}`, "a constant", "the output of a layer");
  if (found.tensor.type !== type)
    throw new Refusal(
      typeMismatch({ name: node.name, operator: node.operator, left: type, right: found.tensor.type }),
    );
  return found.tensor;
}

export function requiredConstant(args: LayerArgs, position: number, type: ElementType): Tensor {
  return (
    constantOperand(args, position, type) ??
    refuseOperand(args.node, `operand ${position + 1}`, "a constant", "nothing")
  );
}

/** A constant spread over the elements of one sample, `[elements]`. */
export function spreadOver(node: GraphNode, constant: Tensor, layout: Layout): Float64Array {
  const dims = singleDims(layout);
  const shift = dims.length - constant.dims.length;
  const at = layout.batchAxis - shift;
  if (shift < 0 || (layout.batchAxis >= 0 && at >= 0 && constant.dims[at] > 1))
    return mismatch(node, "the constant has to fit one sample", layout.dims, constant.dims);
  const wide = broadcastTensor(node, constant, dims);
  return Float64Array.from(wide.data);
}

/** A population that adds up, one layer of numbers. */
export function relay(
  { node, builder }: LayerArgs,
  layout: Layout,
  incoming: readonly NewProjection[],
  bias?: Float64Array,
): Flow {
  const population = builder.add(
    { name: nameOf(node), model: "relay", shape: shapeOf(layout), ...(bias && { bias }), node },
    incoming,
  );
  return { kind: "flow", population, ...pickLayout(layout) };
}

/** The same numbers, or those above zero. */
export function relu({ node, builder }: LayerArgs, flow: Flow): Flow {
  const population = builder.add({ name: nameOf(node), model: "relu", shape: shapeOf(flow), node }, [
    builder.wire(flow.population),
  ]);
  return { kind: "flow", population, ...pickLayout(flow) };
}

/** Indices of the elements of one sample as a tensor of the layout's dimensions, the batch being 1. */
export function indexTensor(layout: Layout): Tensor {
  const size = sampleSize(layout);
  const dims = singleDims(layout);
  return tensorOf(
    "double",
    dims,
    Float64Array.from({ length: size }, (_, i) => i),
  );
}

export const pickLayout = ({ type, dims, batchAxis }: Layout): Layout => ({ type, dims, batchAxis });
