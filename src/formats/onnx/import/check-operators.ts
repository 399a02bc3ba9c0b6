import type { DiagnosticSink } from "#util/diagnostic";
import type { GraphProto } from "../proto.ts";
import { unknownOperator, unsupportedOperator } from "./diagnostics-nodes.ts";
import { isComparison, isElementwise } from "./expression.ts";
import { isFoldable } from "./fold.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { LAYERS } from "./layers.ts";
import { STANDARD_OPERATORS } from "./standard-operators.ts";

/** Operators that the interpreter takes apart itself, whatever flows into them. */
const TAKEN_APART: readonly string[] = ["If", "Shape", "Split"];

/**
 * Reports every operator that is unknown or cannot be expressed, all at once, with the names of its nodes. What lies in the
 * branches of an If is looked at when one of them has been chosen.
 *
 * @param flows names of tensors that are not constant
 */
export function checkOperators(
  graph: Pick<Graph, "nodes">,
  flows: Iterable<string>,
  dropSoftmax: boolean,
  sink: DiagnosticSink,
): void {
  const flowing = new Set(flows);
  const unknown = new Map<string, GraphNode[]>();
  const unsupported = new Map<string, GraphNode[]>();
  const note = (map: Map<string, GraphNode[]>, key: string, node: GraphNode): void => {
    map.set(key, [...(map.get(key) ?? []), node]);
  };
  for (const node of graph.nodes) {
    const { operator, domain } = node;
    const isFlowing = operator !== "Shape" && readsOf(node).some((name) => flowing.has(name));
    if (isFlowing) for (const name of node.outputs) flowing.add(name);
    if (domain !== "" || !STANDARD_OPERATORS.has(operator)) note(unknown, `${domain}:${operator}`, node);
    else if (!(isFlowing ? isReadable(operator, dropSoftmax) : isKnown(operator)))
      note(unsupported, operator, node);
  }
  const names = (list: readonly GraphNode[]): string[] => list.map(({ name }) => name);
  for (const list of unknown.values())
    sink.report(unknownOperator({ domain: list[0].domain, operator: list[0].operator, nodes: names(list) }));
  for (const [operator, list] of unsupported)
    sink.report(
      unsupportedOperator({
        operator,
        nodes: names(list),
        ...(/Softmax$/.test(operator) && {
          advice: `leave it out (it keeps the order of the classes), or read the file with --convert ann, which does.`,
        }),
      }),
    );
}

/** Names that a node reads: its operands, and what the graphs in its attributes read. */
export function readsOf({ inputs, attributes }: Pick<GraphNode, "inputs" | "attributes">): string[] {
  const bodies = [...attributes.values()].flatMap(({ g }) => (g ? [g] : []));
  return bodies.length === 0 ? [...inputs] : [...inputs, ...bodies.flatMap(readsOfBody)];
}

function readsOfBody({ node, output }: GraphProto): string[] {
  const ofNodes = (node ?? []).flatMap(({ input, attribute }) => [
    ...(input ?? []),
    ...(attribute ?? []).flatMap(({ g }) => (g ? readsOfBody(g) : [])),
  ]);
  return [...ofNodes, ...(output ?? []).map(({ name }) => name ?? "")];
}

/** Whether an operator can be read where numbers flow. */
function isReadable(operator: string, dropSoftmax: boolean): boolean {
  if (operator === "Softmax" || operator === "LogSoftmax") return dropSoftmax;
  return (
    LAYERS.has(operator) ||
    isElementwise(operator) ||
    isComparison(operator) ||
    ["QuantizeLinear", "DequantizeLinear"].includes(operator) ||
    TAKEN_APART.includes(operator)
  );
}

/** Whether an operator can be read where all is constant. */
const isKnown = (operator: string): boolean => isFoldable(operator) || TAKEN_APART.includes(operator);
