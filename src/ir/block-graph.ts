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
] as const;
export type Resource = (typeof RESOURCES)[number];

/** What a block asks of a core; a target's walls have the same keys in the same units. */
export type Demand = Readonly<Record<Resource, number>>;

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
