// Networks that were traced over time: the same step again and again in one graph. Their steps are laid side by side, and
// one of them is the network.
import { ATTRIBUTE_TYPE, numberOf, type AttributeProto } from "../proto.ts";
import { unrolledUnknown } from "./diagnostics-nodes.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { StatePair } from "./interpret.ts";
import { Refusal } from "./refusal.ts";
import { denseData, readTensor, type Tensor } from "./tensor.ts";

export interface RolledUp {
  readonly steps: number;
  /** The input with time along axis 0, and its frames by name: of the first step, and of the step that is taken. */
  readonly input: string;
  readonly firstFrame: string;
  readonly frame: string;
  /** Outputs of the graph, and what one step gives for each. */
  readonly outputs: readonly { readonly name: string; readonly ofStep: string }[];
  /** What the step takes from the one before, and where it leaves it for the next. */
  readonly states: readonly StatePair[];
  /** Constants of the first step that stand where others have a state. */
  readonly initial: readonly string[];
  /** Nodes that read no frame. */
  readonly constantNodes: readonly GraphNode[];
  readonly firstNodes: readonly GraphNode[];
  readonly stepNodes: readonly GraphNode[];
}

/**
 * Recognises `frames[0]`, `frames[1]`, ... (Gather at constant indices) at one end, and a Concat of as many results at the
 * other. Throws `Refusal` where a graph has both ends but its steps differ.
 *
 * @returns undefined for other graphs
 */
export function rollUp(graph: Graph): RolledUp | undefined {
  const ends = endsOf(graph);
  return ends === undefined ? undefined : new Roll(graph, ends).result();
}

interface Ends {
  readonly input: string;
  /** `[steps]`, tensor of each frame. */
  readonly frames: readonly string[];
  readonly outputs: readonly { readonly name: string; readonly results: readonly string[] }[];
}

function endsOf({ nodes, inputs, outputs, constants }: Graph): Ends | undefined {
  const producer = producersOf(nodes);
  const constantOf = (name: string): Tensor | undefined =>
    constants.get(name) ?? storedConstant(producer.get(name));
  for (const { name: input } of inputs) {
    const frames: string[] = [];
    for (const node of nodes) {
      if (node.operator !== "Gather" || node.inputs[0] !== input) continue;
      const index = constantOf(node.inputs[1]);
      const axis = numberOf(node.attributes.get("axis")?.i ?? 0);
      if (index === undefined || index.dims.length > 0 || axis !== 0) return undefined;
      frames[denseData(index)[0]] = node.outputs[0];
    }
    if (frames.length < 3 || frames.includes(undefined as unknown as string)) continue;
    const found = outputs.map(({ name }) => {
      const concat = producer.get(name);
      const parts = concat?.inputs.map((part) => producer.get(part)) ?? [];
      const isStack =
        concat?.operator === "Concat" &&
        parts.length === frames.length &&
        parts.every((part) => part?.operator === "Unsqueeze");
      return isStack ? { name, results: parts.map((part) => part!.inputs[0]) } : undefined;
    });
    if (found.every((output) => output !== undefined) && found.length > 0)
      return { input, frames, outputs: found };
  }
  return undefined;
}

class Roll {
  readonly #graph: Graph;
  readonly #ends: Ends;
  readonly #producer: ReadonlyMap<string, GraphNode>;
  /** Step in which a tensor is computed; absent: it reads no frame. */
  readonly #step = new Map<string, number>();
  readonly #visited = new Map<string, readonly string[]>();
  readonly #states: StatePair[] = [];
  readonly #initial = new Set<string>();

  constructor(graph: Graph, ends: Ends) {
    this.#graph = graph;
    this.#ends = ends;
    this.#producer = producersOf(graph.nodes);
    ends.frames.forEach((frame, t) => this.#step.set(frame, t));
    for (const { operator, inputs, outputs } of graph.nodes) {
      if (operator === "Shape") continue;
      const steps = inputs.flatMap((name) => this.#step.get(name) ?? []);
      if (steps.length === 0) continue;
      for (const name of outputs) if (!this.#step.has(name)) this.#step.set(name, Math.max(...steps));
    }
  }

  result(): RolledUp {
    const { input, frames, outputs } = this.#ends;
    for (const { results } of outputs) this.#walk(results.slice(1));
    for (const { results } of outputs) this.#walkFirst(results[0], results[1]);
    const { nodes } = this.#graph;
    const stepOf = (node: GraphNode): number | undefined => this.#step.get(node.outputs[0]);
    return {
      steps: frames.length,
      input,
      firstFrame: frames[0],
      frame: frames[1],
      outputs: outputs.map(({ name, results }) => ({ name, ofStep: results[1] })),
      states: this.#states,
      initial: [...this.#initial],
      constantNodes: nodes.filter((node) => stepOf(node) === undefined),
      firstNodes: nodes.filter((node) => stepOf(node) === 0 && node.outputs[0] !== frames[0]),
      stepNodes: nodes.filter((node) => this.#visited.has(node.outputs[0]) && node.outputs[0] !== frames[1]),
    };
  }

  /**
   * Follows the same tensor through the steps 1, 2, ... side by side; all have to be computed alike. What comes from the
   * step before is a state.
   */
  #walk(start: readonly string[]): void {
    const queue: (readonly string[])[] = [start];
    for (let tensors = queue.pop(); tensors !== undefined; tensors = queue.pop()) {
      const [first] = tensors;
      const known = this.#visited.get(first);
      if (known !== undefined) {
        tensors.forEach((name, i) => {
          if (i < known.length && known[i] !== name)
            this.#refuse(`"${name}" stands where "${known[i]}" stood`);
        });
        continue;
      }
      const step = this.#step.get(first);
      if (step === undefined) {
        for (const name of tensors)
          if (!this.#sameConstant(first, name)) this.#refuse(`"${first}" and "${name}" differ`);
        continue;
      }
      tensors.forEach((name, i) => {
        if (this.#step.get(name) !== step + i)
          this.#refuse(`"${name}" belongs to another step than "${first}"`);
      });
      if (step === 0) {
        if (this.#states.some((pair) => pair.input === first)) continue;
        if (tensors.length < 2) this.#refuse(`"${first}" is handed on too seldom`);
        this.#states.push({ input: first, output: tensors[1] });
        queue.push(tensors.slice(1));
        continue;
      }
      if (step !== 1) this.#refuse(`"${first}" comes from ${1 - step} steps before`);
      this.#visited.set(first, tensors);
      if (first === this.#ends.frames[1]) continue;
      const nodes = tensors.map((name) => this.#producer.get(name)!);
      for (const node of nodes)
        if (!sameOperator(nodes[0], node)) this.#refuse(`${nodes[0].name} and ${node.name} differ`);
      nodes[0].inputs.forEach((_, k) => queue.push(nodes.map((node) => node.inputs[k])));
    }
  }

  /** The first step beside the second: constants may stand in place of states, and only those. */
  #walkFirst(first: string, second: string): void {
    const queue: [string, string][] = [[first, second]];
    const seen = new Set<string>();
    for (let pair = queue.pop(); pair !== undefined; pair = queue.pop()) {
      const [a, b] = pair;
      if (seen.has(b) || this.#step.get(b) === undefined) continue;
      seen.add(b);
      if (this.#step.get(b) === 0) {
        // A state of the step before: in the first step, its initial value.
        if (this.#step.get(a) !== undefined)
          this.#refuse(`the first step computes "${a}" where others have a state`);
        this.#initial.add(a);
        continue;
      }
      if (b === this.#ends.frames[1]) continue;
      const [mine, other] = [this.#producer.get(a), this.#producer.get(b)!];
      if (mine === undefined || !sameOperator(mine, other))
        return this.#refuse(`the first step has "${a}" where the second has "${b}"`);
      mine.inputs.forEach((name, k) => queue.push([name, other.inputs[k]]));
    }
  }

  #sameConstant(a: string, b: string): boolean {
    if (a === b) return true;
    const [mine, other] = [this.#producer.get(a), this.#producer.get(b)];
    return (
      mine !== undefined &&
      other !== undefined &&
      sameOperator(mine, other) &&
      mine.inputs.every((name, k) => this.#sameConstant(name, other.inputs[k]))
    );
  }

  #refuse(reason: string): never {
    throw new Refusal(unrolledUnknown({ output: this.#ends.outputs[0].name, reason }));
  }
}

function producersOf(nodes: readonly GraphNode[]): Map<string, GraphNode> {
  const producer = new Map<string, GraphNode>();
  for (const node of nodes) for (const name of node.outputs) producer.set(name, node);
  return producer;
}

function storedConstant(node: GraphNode | undefined): Tensor | undefined {
  const value = node?.operator === "Constant" ? node.attributes.get("value")?.t : undefined;
  return value ? readTensor(value, undefined) : undefined;
}

const sameOperator = (a: GraphNode, b: GraphNode): boolean =>
  a === b ||
  (a.operator === b.operator &&
    a.inputs.length === b.inputs.length &&
    a.attributes.size === b.attributes.size &&
    [...a.attributes].every(([name, attribute]) => sameAttribute(attribute, b.attributes.get(name))));

function sameAttribute(a: AttributeProto, b: AttributeProto | undefined): boolean {
  if (b === undefined || a.type !== b.type) return false;
  if (a.type === ATTRIBUTE_TYPE.tensor) {
    const [x, y] = [readTensor(a.t ?? {}, undefined), readTensor(b.t ?? {}, undefined)];
    return String(x.dims) === String(y.dims) && x.data.every((value, i) => value === y.data[i]);
  }
  const plain = ({ f, i, s, floats, ints }: AttributeProto): string =>
    JSON.stringify([f, String(i), s, floats, ints?.map(String)]);
  return plain(a) === plain(b);
}
