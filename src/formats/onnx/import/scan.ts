import { Attributes } from "./attributes.ts";
import { operand } from "./diagnostics-nodes.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { Refusal } from "./refusal.ts";
import { numberOf, type GraphProto } from "../proto.ts";

/** A loop over time: the body is one step. */
export interface ScanLoop {
  readonly node: GraphNode;
  readonly body: GraphProto;
  /** Initial values, by position among the states. */
  readonly initial: readonly string[];
  /** Inputs of the graph that the loop runs along, and which of their axes is the time. */
  readonly sequences: readonly { readonly input: string; readonly timeAxis: number }[];
  /** Outputs of the graph, and which output of the body (behind the states) each collects. */
  readonly outputs: readonly { readonly name: string; readonly position: number }[];
  /** Nodes outside that may be needed: initial values and captured constants. */
  readonly outside: readonly GraphNode[];
}

/**
 * The loop of a graph that is one loop over time. Throws `Refusal` where something else than renaming and exchanging the
 * first two axes lies between the loop and the graph's inputs and outputs.
 *
 * @returns undefined for graphs without Scan
 */
export function findScan(graph: Graph): ScanLoop | undefined {
  const node = graph.nodes.find(({ operator, domain }) => operator === "Scan" && domain === "");
  if (node === undefined) return undefined;
  const attributes = new Attributes(node);
  const refuse = (which: string, needed: string, found: string): never => {
    throw new Refusal(operand({ name: node.name, operator: "Scan", operand: which, needed, found }));
  };
  if (graph.nodes.some((other) => other !== node && other.operator === "Scan"))
    refuse("surroundings", "no other loop", "another Scan");
  const body = attributes.graph("body") ?? attributes.refuse("body", "missing", "a graph");
  const along = attributes.int("num_scan_inputs", 0);
  const states = node.inputs.length - along;
  if (!(along >= 1 && states >= 0))
    attributes.refuse("num_scan_inputs", String(along), `one of 1 to ${node.inputs.length}`);
  for (const name of [
    "scan_input_axes",
    "scan_output_axes",
    "scan_input_directions",
    "scan_output_directions",
  ])
    if (attributes.ints(name)?.some((value) => value !== 0))
      attributes.refuse(name, String(attributes.ints(name)), "zeros");

  const producer = new Map(graph.nodes.flatMap((each) => each.outputs.map((name) => [name, each] as const)));
  const trace = (from: string): { name: string; swapped: boolean } => {
    let name = from;
    let swapped = false;
    for (
      let source = producer.get(name);
      source !== undefined && source !== node;
      source = producer.get(name)
    ) {
      const perm = (source.attributes.get("perm")?.ints ?? []).map(numberOf);
      const isSwap =
        source.operator === "Transpose" &&
        perm[0] === 1 &&
        perm[1] === 0 &&
        perm.slice(2).every((axis, i) => axis === i + 2);
      if (!isSwap && source.operator !== "Identity") break;
      swapped = swapped !== isSwap;
      [name] = source.inputs;
    }
    return { name, swapped };
  };
  return {
    node,
    body,
    initial: node.inputs.slice(0, states),
    sequences: node.inputs.slice(states).map((name) => {
      const source = trace(name);
      if (!graph.inputs.some((port) => port.name === source.name))
        refuse(
          `input "${name}"`,
          "an input of the graph, time first",
          `the output of ${producer.get(source.name)?.operator ?? "a constant"}`,
        );
      return { input: source.name, timeAxis: source.swapped ? 1 : 0 };
    }),
    outputs: graph.outputs.flatMap(({ name }) => {
      const source = trace(name);
      const position = node.outputs.indexOf(source.name) - states;
      if (!node.outputs.includes(source.name))
        refuse(
          "surroundings",
          `"${name}" taken from the loop as it is`,
          `${producer.get(name)?.operator ?? "nothing"} behind it`,
        );
      return position < 0 ? [] : [{ name, position }];
    }),
    outside: graph.nodes.filter((each) => each !== node),
  };
}
