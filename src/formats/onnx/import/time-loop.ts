// A Scan or a Loop that runs over time: its body is one step.
import { numberOf, type GraphProto, type NodeProto } from "../proto.ts";
import { Attributes } from "./attributes.ts";
import { readsOf } from "./check-operators.ts";
import { operand } from "./diagnostics-nodes.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { Refusal } from "./refusal.ts";
import { denseData, readTensor } from "./tensor.ts";

/** A loop over time. Names of the body and of the graph around it are kept apart by their fields. */
export interface TimeLoop {
  readonly node: GraphNode;
  /** Without the nodes that only take frames or collect results. */
  readonly body: GraphProto;
  readonly states: readonly LoopState[];
  /** Tensors outside that the loop runs along, the axis that is the time, and what the body calls one frame. */
  readonly sequences: readonly { readonly source: string; readonly axis: number; readonly frame: string }[];
  /** Tensors outside that collect what the body gives in each step, along an axis. */
  readonly collected: readonly { readonly name: string; readonly axis: number; readonly ofStep: string }[];
  /** What the body of a Loop calls the condition it was entered with: true. */
  readonly condition?: string;
  /** How often a Loop runs, where the file says so. */
  readonly steps?: number;
  /** Nodes around the loop, in order. */
  readonly outside: readonly GraphNode[];
}

export interface LoopState {
  /** Outside: what it starts from. */
  readonly initial: string;
  /** In the body: what holds it, and what continues it. */
  readonly input: string;
  readonly output: string;
  /** Outside: what is left of it after the last step; "" if nobody asks. */
  readonly last: string;
}

/**
 * The loop of a graph that has one. Throws `Refusal` where it is no loop over time as networks have it.
 *
 * @returns undefined for graphs without Scan and Loop
 */
export function findTimeLoop(graph: Graph): TimeLoop | undefined {
  const loops = graph.nodes.filter(
    ({ operator, domain }) => domain === "" && (operator === "Scan" || operator === "Loop"),
  );
  if (loops.length === 0) return undefined;
  const [node] = loops;
  if (loops.length > 1) refuse(node, "surroundings", "no other loop", `another ${loops[1].operator}`);
  return node.operator === "Scan" ? scanOf(graph, node) : loopOf(graph, node);
}

function refuse({ name, operator }: GraphNode, which: string, needed: string, found: string): never {
  throw new Refusal(operand({ name, operator, operand: which, needed, found }));
}

const nameOf = ({ name }: { readonly name?: string | null }): string => name ?? "";

function scanOf(graph: Graph, node: GraphNode): TimeLoop {
  const attributes = new Attributes(node);
  const body = attributes.graph("body") ?? attributes.refuse("body", "missing", "a graph");
  const along = attributes.int("num_scan_inputs", 0);
  const count = node.inputs.length - along;
  if (!(along >= 1 && count >= 0))
    attributes.refuse("num_scan_inputs", String(along), `one of 1 to ${node.inputs.length}`);
  for (const name of [
    "scan_input_axes",
    "scan_output_axes",
    "scan_input_directions",
    "scan_output_directions",
  ])
    if (attributes.ints(name)?.some((value) => value !== 0))
      attributes.refuse(name, String(attributes.ints(name)), "zeros");
  const [inputs, outputs] = [(body.input ?? []).map(nameOf), (body.output ?? []).map(nameOf)];
  if (inputs.length !== node.inputs.length || outputs.length < node.outputs.length || outputs.length < count)
    attributes.refuse("body", `${inputs.length} inputs`, `a graph with ${node.inputs.length} inputs`);
  return {
    node,
    body,
    states: node.inputs.slice(0, count).map((initial, i) => ({
      initial,
      input: inputs[i],
      output: outputs[i],
      last: node.outputs[i] ?? "",
    })),
    sequences: node.inputs.slice(count).map((source, i) => ({ source, axis: 0, frame: inputs[count + i] })),
    collected: node.outputs.slice(count).map((name, i) => ({ name, axis: 0, ofStep: outputs[count + i] })),
    outside: graph.nodes.filter((each) => each !== node),
  };
}

function loopOf(graph: Graph, node: GraphNode): TimeLoop {
  const attributes = new Attributes(node);
  const body = attributes.graph("body") ?? attributes.refuse("body", "missing", "a graph");
  const [count = "", condition = "", ...initial] = node.inputs;
  const [inputs, outputs] = [(body.input ?? []).map(nameOf), (body.output ?? []).map(nameOf)];
  if (
    inputs.length !== initial.length + 2 ||
    outputs.length < initial.length + 1 ||
    outputs.length - 1 < node.outputs.length
  )
    attributes.refuse("body", `${inputs.length} inputs`, `a graph with ${initial.length + 2} inputs`);
  const [counter, going, ...held] = inputs;
  const inside = producersOf(body.node ?? []);
  const scope: Scope = { graph, body, inside };
  if (condition !== "" && !isTrue(condition, scope, going))
    refuse(node, "condition", "nothing or the constant true", "a condition that is computed");
  if (!isTrue(outputs[0], scope, going))
    refuse(node, "condition of the body", "the constant true", "a condition that is computed");

  const frames = (body.node ?? []).filter(
    ({ opType, input }) => opType === "Gather" && input?.[1] === counter && !inside.has(input[0] ?? ""),
  );
  const lists = listsOf(graph, node, scope, initial, held, outputs);
  const removed = new Set<NodeProto>([...frames, ...lists.map(({ insert }) => insert)]);
  const kept = (body.node ?? []).filter((each) => !removed.has(each));
  if (kept.some((each) => readsOfProto(each).includes(counter)))
    refuse(node, "body", "no use of the number of the step, but to take a frame", "another one");
  const isList = (k: number): boolean => lists.some(({ position }) => position === k);
  const gone = new Set(lists.flatMap(({ empty, join }) => [empty, join]));
  const steps = tripCount(node, count, graph);
  return {
    node,
    body: { ...body, node: kept, output: [] },
    states: initial.flatMap((name, k) =>
      isList(k)
        ? []
        : [{ initial: name, input: held[k], output: outputs[k + 1], last: node.outputs[k] ?? "" }],
    ),
    sequences: frames.map(({ input, output, attribute }) => ({
      source: input![0],
      axis: numberOf(attribute?.find(({ name }) => name === "axis")?.i ?? 0),
      frame: output![0],
    })),
    collected: [
      ...lists.map(({ join, axis, ofStep }) => ({ name: join.outputs[0], axis, ofStep })),
      ...node.outputs.slice(initial.length).map((name, k) => ({
        name,
        axis: 0,
        ofStep: outputs[1 + initial.length + k],
      })),
    ],
    condition: going,
    ...(steps !== undefined && { steps }),
    outside: graph.nodes.filter((each) => each !== node && !gone.has(each)),
  };
}

interface Scope {
  readonly graph: Graph;
  readonly body: GraphProto;
  readonly inside: ReadonlyMap<string, NodeProto>;
}

/** A list that starts empty, gets one tensor in each step, and is joined behind the loop: how PyTorch writes `append` and `stack`. */
interface ResultList {
  readonly position: number;
  readonly empty: GraphNode;
  readonly insert: NodeProto;
  readonly join: GraphNode;
  readonly axis: number;
  readonly ofStep: string;
}

function listsOf(
  graph: Graph,
  node: GraphNode,
  { inside }: Scope,
  initial: readonly string[],
  held: readonly string[],
  outputs: readonly string[],
): ResultList[] {
  return initial.flatMap((name, position): ResultList[] => {
    const empty = graph.nodes.find(({ outputs: made }) => made.includes(name));
    if (empty?.operator !== "SequenceEmpty") return [];
    const insert = inside.get(outputs[position + 1]);
    const appends =
      insert?.opType === "SequenceInsert" && insert.input?.[0] === held[position] && !insert.input[2];
    const readers = graph.nodes.filter((each) => readsOf(each).includes(node.outputs[position]));
    const [join] = readers;
    const isStack =
      readers.length === 1 &&
      join.operator === "ConcatFromSequence" &&
      numberOf(join.attributes.get("new_axis")?.i ?? 0) === 1;
    if (!appends || !isStack)
      return refuse(
        node,
        `list "${name}"`,
        "one tensor added in each step, and all stacked behind the loop",
        "another use",
      );
    const axis = numberOf(join.attributes.get("axis")?.i ?? 0);
    return [{ position, empty, insert, join, axis, ofStep: insert.input![1] }];
  });
}

/** Whether a condition is the constant true, or that with which the body was entered. */
function isTrue(name: string, { graph, body, inside }: Scope, going: string): boolean {
  let at = name;
  for (let hops = 0; hops < 16; hops++) {
    if (at === going) return true;
    const local = body.initializer?.find((each) => each.name === at);
    const stored = local === undefined ? graph.constants.get(at) : readTensor(local, undefined);
    if (stored !== undefined) return denseData(stored)[0] !== 0;
    const proto = inside.get(at);
    const outer = proto === undefined ? graph.nodes.find(({ outputs }) => outputs.includes(at)) : undefined;
    const operator = proto?.opType ?? outer?.operator;
    const inputs = proto?.input ?? outer?.inputs ?? [];
    if (operator === "Constant") {
      const value =
        proto?.attribute?.find((each) => each.name === "value")?.t ?? outer?.attributes.get("value")?.t;
      return value ? denseData(readTensor(value, undefined))[0] !== 0 : false;
    }
    if (operator !== "Identity" && operator !== "Cast") return false;
    at = inputs[0] ?? "";
  }
  return false;
}

/** A constant number of steps; undefined: the extent of an input, or no bound. Anything else is refused. */
function tripCount(node: GraphNode, count: string, graph: Graph): number | undefined {
  let at = count;
  for (let hops = 0; hops < 16; hops++) {
    const stored = graph.constants.get(at);
    if (stored !== undefined) return denseData(stored)[0];
    const source = graph.nodes.find(({ outputs }) => outputs.includes(at));
    if (source?.operator === "Constant") {
      const value = source.attributes.get("value")?.t;
      return value ? denseData(readTensor(value, undefined))[0] : undefined;
    }
    if (source?.operator === "Shape") return undefined;
    if (
      source === undefined ||
      !["Cast", "Gather", "Identity", "Slice", "Squeeze", "Unsqueeze"].includes(source.operator)
    )
      break;
    [at] = source.inputs;
  }
  return refuse(
    node,
    "number of steps",
    "a constant, or the extent of an input",
    "a number that is computed",
  );
}

function producersOf(nodes: readonly NodeProto[]): Map<string, NodeProto> {
  return new Map(nodes.flatMap((node) => (node.output ?? []).map((name) => [name, node] as const)));
}

const readsOfProto = ({ input, attribute }: NodeProto): string[] =>
  readsOf({
    inputs: input ?? [],
    attributes: new Map((attribute ?? []).map((each) => [each.name ?? "", each])),
  });
