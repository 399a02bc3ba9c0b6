// Which channels have to live and die together: a union-find over (tensor, channel).
import { type GraphPlan, sizeOf } from "../graph.ts";

export interface ChannelAt {
  /** Index into the plan. */
  readonly layer: number;
  readonly channel: number;
}

export interface InputRange {
  /** Index into the plan: a linear or conv2d layer. */
  readonly layer: number;
  /** Of its input channels (or input features), `from` included, `to` not. */
  readonly from: number;
  readonly to: number;
}

/** One thing that is removed or kept as a whole. */
export interface ChannelGroup {
  /** Tied to the network's input, its output or a voting layer: never removed. */
  readonly frozen: boolean;
  /** Filters (rows of linear layers) that compute it. None: it comes from the data. */
  readonly producers: readonly ChannelAt[];
  /** Batch normalizations it passes through. */
  readonly norms: readonly ChannelAt[];
  /** Where weights read it. */
  readonly consumers: readonly InputRange[];
}

export interface ChannelGroups {
  readonly plan: GraphPlan;
  /** In the order of the graph. */
  readonly groups: readonly ChannelGroup[];
  /** `[layers][channels]`: group of each channel (first axis) of each layer's output. */
  readonly ofOutput: readonly Int32Array[];
  /** `[input channels]`: group of each channel of the data. */
  readonly ofData: Int32Array;
}

/**
 * Ties together what shares an index: an ADD ties both operands (so all blocks of a residual stage and its down-sampling
 * branch), a depthwise convolution its output to its input, a grouped one the channels at the same place in every group
 * (so that all groups lose as many). Normalization, neurons, pooling, rectifier and dropout pass channels through; concat
 * and flatten renumber them; linear and conv2d make new ones. The neurons of a hidden linear layer are channels too.
 */
export function findChannelGroups(plan: GraphPlan): ChannelGroups {
  const sets = new DisjointSets();
  const frozen = new Set<number>();
  const dataNodes = sets.make(plan.graph.inputShape[0]);
  for (const node of dataNodes) frozen.add(node);
  const nodes: number[][] = [];
  const nodesOf = (index: number): number[] => (index < 0 ? dataNodes : nodes[index]);

  plan.layers.forEach(({ layer, inputs, inputShapes, outputShape }, index) => {
    const first = nodesOf(inputs[0]);
    switch (layer.op) {
      case "linear":
        nodes[index] = sets.make(layer.features);
        break;
      case "conv2d":
        nodes[index] = sets.make(layer.channels);
        tieConvolution(sets, layer.groups, first, nodes[index]);
        break;
      case "add":
        for (const input of inputs.slice(1))
          nodesOf(input).forEach((node, channel) => sets.union(first[channel], node));
        nodes[index] = first;
        break;
      case "concat":
        nodes[index] = inputs.flatMap(nodesOf);
        break;
      case "flatten": {
        const block = sizeOf(inputShapes[0].slice(1));
        nodes[index] = Array.from({ length: outputShape[0] }, (_, i) => first[Math.floor(i / block)]);
        break;
      }
      case "voting":
        for (const node of first) frozen.add(node);
        nodes[index] = sets.make(outputShape[0]);
        for (const node of nodes[index]) frozen.add(node);
        break;
      default:
        nodes[index] = first;
    }
  });
  for (const node of nodesOf(plan.output)) frozen.add(node);
  return collect(plan, sets, frozen, dataNodes, nodes);
}

/** Whether a convolution with this many groups reads one input channel per output channel. */
export function isDepthwise(groups: number, inChannels: number): boolean {
  return groups > 1 && groups === inChannels;
}

function tieConvolution(sets: DisjointSets, groups: number, ins: number[], outs: number[]): void {
  if (groups === 1) return;
  const outsPerGroup = outs.length / groups;
  if (isDepthwise(groups, ins.length)) {
    outs.forEach((node, channel) => sets.union(ins[Math.floor(channel / outsPerGroup)], node));
    return;
  }
  const insPerGroup = ins.length / groups;
  ins.forEach((node, channel) => sets.union(ins[channel % insPerGroup], node));
  outs.forEach((node, channel) => sets.union(outs[channel % outsPerGroup], node));
}

interface OpenGroup {
  frozen: boolean;
  readonly producers: ChannelAt[];
  readonly norms: ChannelAt[];
  readonly consumers: InputRange[];
}

function collect(
  plan: GraphPlan,
  sets: DisjointSets,
  frozen: ReadonlySet<number>,
  dataNodes: readonly number[],
  nodes: readonly (readonly number[])[],
): ChannelGroups {
  const numberOf = new Map<number, number>();
  const groups: OpenGroup[] = [];
  const groupOf = (node: number): number => {
    const root = sets.find(node);
    let group = numberOf.get(root);
    if (group === undefined) {
      group = groups.length;
      numberOf.set(root, group);
      groups.push({ frozen: false, producers: [], norms: [], consumers: [] });
    }
    return group;
  };
  const ofData = Int32Array.from(dataNodes, groupOf);
  const ofOutput = nodes.map((own) => Int32Array.from(own, groupOf));
  for (const node of frozen) groups[groupOf(node)].frozen = true;

  plan.layers.forEach(({ layer, inputs }, index) => {
    const carriesWeights = layer.op === "linear" || layer.op === "conv2d";
    if (carriesWeights)
      ofOutput[index].forEach((group, channel) => groups[group].producers.push({ layer: index, channel }));
    if (layer.op === "batch-norm")
      ofOutput[index].forEach((group, channel) => groups[group].norms.push({ layer: index, channel }));
    if (!carriesWeights) return;
    const read = inputs[0] < 0 ? ofData : ofOutput[inputs[0]];
    for (let from = 0; from < read.length;) {
      let to = from + 1;
      while (to < read.length && read[to] === read[from]) to++;
      groups[read[from]].consumers.push({ layer: index, from, to });
      from = to;
    }
  });
  return { plan, groups, ofOutput, ofData };
}

class DisjointSets {
  readonly #parent: number[] = [];

  make(count: number): number[] {
    return Array.from({ length: count }, () => this.#parent.push(this.#parent.length) - 1);
  }

  find(node: number): number {
    let root = node;
    while (this.#parent[root] !== root) root = this.#parent[root];
    for (let at = node; at !== root;) {
      const next = this.#parent[at];
      this.#parent[at] = root;
      at = next;
    }
    return root;
  }

  /** The older of the two roots wins. */
  union(a: number, b: number): void {
    const [low, high] = [this.find(a), this.find(b)].toSorted((x, y) => x - y);
    this.#parent[high] = low;
  }
}
