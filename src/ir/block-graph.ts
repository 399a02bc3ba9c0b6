// Level 2 of 3: in which pieces.

/** Neurons gathered into blocks, each small enough for one core. */
export interface BlockGraph {
  readonly blocks: readonly Block[];
  readonly nets: readonly Net[];
}

/** All that will share one core. */
export interface Block {
  readonly slices: readonly Slice[];
  readonly demand: Demand;
}

/** Neurons [begin, end) of a population. */
export interface Slice {
  readonly population: number;
  readonly begin: number;
  readonly end: number;
}

/** Every resource of a core. Order is the order of tables; append only. */
export const RESOURCES = [
  "neurons",
  "synapseWords",
  "axonsIn",
  "axonsOut",
  "synapseFormats",
  "neuronConfigs",
  "thresholdConfigs",
  /** Memory for the states of neurons, and for their biases, where a core counts them apart. */
  "neuronWords",
  "biasWords",
  /** Populations that have neurons on the core. */
  "populations",
  /** Stored synapses; input lines that reach the core; neurons whose spikes or membranes are read out. */
  "synapses",
  "inputLines",
  "outputLines",
  /** Of the neuron that has most: synapses into it, synapses out of it (on all cores), and input axons that it sends to. */
  "fanIn",
  "fanOut",
  "destinationsOfNeuron",
  /** Cores that any neuron of the core sends to. */
  "destinationCores",
] as const;
export type Resource = (typeof RESOURCES)[number];

/** Resources that every core is asked for; the others matter only where a target has a wall for them. */
export const COMMON_RESOURCES = RESOURCES.slice(0, 7) as readonly Resource[];

/** What a block asks of a core; a target's walls have the same keys in the same units. */
export type Demand = Readonly<Record<Resource, number>>;

/** Nothing asked for, but for what is given. */
export function demandOf(given: Partial<Demand>): Demand {
  return { ...(Object.fromEntries(RESOURCES.map((resource) => [resource, 0])) as Demand), ...given };
}

/** Spikes of one block that several blocks need. */
export interface Net {
  /** Block index, or -1 - i for input port i. */
  readonly source: number;
  readonly sinks: Uint32Array;
  /** Expected spikes per step times entries: the placer's weight. */
  readonly spikesPerStep: number;
}

/** `coreOfBlock[b]` is the core that holds block `b`. */
export interface Placement {
  readonly coreOfBlock: Uint32Array;
  /** Sum over nets of hops x spikesPerStep. Lower is better. */
  readonly cost: number;
}
