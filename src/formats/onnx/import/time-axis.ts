// Where the time lies in the tensors around a loop: what works on every step alike may stand there, and nothing else.
import { numberOf } from "../proto.ts";
import { operand } from "./diagnostics-nodes.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { Refusal } from "./refusal.ts";

/** Operators that treat every number alike. */
const ELEMENTWISE: readonly string[] = [
  "Abs",
  "Cast",
  "Clip",
  "Dropout",
  "Identity",
  "LeakyRelu",
  "Neg",
  "Relu",
];
/** The same with a constant, which must not change over time. */
const WITH_CONSTANT: readonly string[] = ["Add", "Div", "Mul", "Sub"];

/** Refuses a node that does not work on every step alike. */
export function refuseBesideLoop({ name, operator }: GraphNode, found: string): never {
  const needed = "what works on every step alike (weights, biases, rectifiers, exchanged axes)";
  throw new Refusal(operand({ name, operator, operand: "place beside a loop over time", needed, found }));
}

/** Operand through which the time enters a node. */
export function timeOperand(node: GraphNode, moves: (name: string) => boolean): number {
  const moving = node.inputs.flatMap((name, i) => (moves(name) ? [i] : []));
  const { operator } = node;
  const fits =
    node.domain === "" &&
    (ELEMENTWISE.includes(operator) || operator === "Transpose" || operator === "MatMul"
      ? moving.length === 1 && moving[0] === 0
      : WITH_CONSTANT.includes(operator) &&
        (moving.length === 1 || operator === "Add" || operator === "Sub"));
  return fits ? moving[0] : refuseBesideLoop(node, "an operator that may not");
}

/** Axis of the time behind a node, from the axis before it. */
export function axisBehind(node: GraphNode, axis: number): number {
  return node.operator === "Transpose" ? permOf(node).indexOf(axis) : axis;
}

const permOf = (node: GraphNode): number[] => {
  const perm = node.attributes.get("perm")?.ints?.map(numberOf);
  return perm ?? refuseBesideLoop(node, "all axes turned round");
};

/**
 * Inputs of the graph along which a loop runs, and which of their axes is the time: followed back from what the loop takes
 * its frames from. Throws `Refusal` where something lies between that does not work on every step alike.
 */
export function timeAxes(
  graph: Graph,
  sequences: readonly { readonly source: string; readonly axis: number }[],
): Map<string, number> {
  const producer = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const moving = new Set(inputs);
  for (const { operator, inputs: reads, outputs } of graph.nodes)
    if (operator !== "Shape" && reads.some((name) => moving.has(name)))
      for (const name of outputs) moving.add(name);
  const axes = new Map<string, number>();
  const queue = sequences.map(({ source, axis }) => ({ name: source, axis }));
  const seen = new Set<string>();
  for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
    const { name, axis } = top;
    const key = `${axis} ${name}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const node = producer.get(name);
    if (node !== undefined) {
      const first = timeOperand(node, (read) => moving.has(read));
      const before = node.operator === "Transpose" ? (permOf(node)[axis] ?? -1) : axis;
      const reads = WITH_CONSTANT.includes(node.operator)
        ? node.inputs.filter((read) => moving.has(read))
        : [node.inputs[first]];
      for (const read of reads) queue.push({ name: read, axis: before });
      continue;
    }
    const rank = graph.inputs.find((port) => port.name === name)?.dims?.length ?? Infinity;
    const isAxis = axis >= 0 && axis < rank;
    if (inputs.has(name) && isAxis && (axes.get(name) ?? axis) === axis) axes.set(name, axis);
    else
      throw new Refusal(
        operand({
          name,
          operator: "sequence",
          operand: "source",
          needed: "an input of the graph, with the time along one axis",
          found: !inputs.has(name) ? "a constant" : isAxis ? "two axes" : `axis ${axis}`,
        }),
      );
  }
  return axes;
}
