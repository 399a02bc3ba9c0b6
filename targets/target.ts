import { RESOURCES, type Resource } from "#ir/block-graph";

/** How well a number is known, best first. Reports add up how much of a total rests on each kind. */
export const EVIDENCE = [
  "measured",
  "documented",
  "fitted",
  "simulated",
  "derived",
  "scaled",
  "secondary",
  "assumed",
] as const;
export type Evidence = (typeof EVIDENCE)[number];

export type Unit = "pJ" | "nJ" | "uW" | "mW" | "ns" | "us" | "bit" | "word" | "V" | "count";

/** A number and why we believe it. */
export interface Quantity {
  readonly value: number;
  readonly unit: Unit;
  readonly evidence: Evidence;
  /** One-sided bounds stay one-sided: the true number is at least (or at most) `value`. */
  readonly bound?: "min" | "max";
  readonly scope?: "per-term" | "incremental" | "all-in" | "floor";
  /** Published spread: the true number lies between band[0] and band[1] times `value`. At most 1, and at least 1. */
  readonly band?: readonly [low: number, high: number];
  /** Operating point, for instance `{ voltage: 0.75 }`. */
  readonly op?: Readonly<Record<string, number>>;
  /** Keys of `sources`, with table or section after "#"; may be empty only for `assumed`, which explains itself in `note`. */
  readonly src: readonly string[];
  readonly note?: string;
}

/** Structure of a chip: what fits. Prices and times are in profiles. */
export interface Target {
  readonly schema: 1;
  /** Registry key and CLI name: lower case, digits, hyphens. */
  readonly name: string;
  readonly title: string;
  readonly vendor: string;
  readonly paradigm: "stepped" | "event-driven";
  /** `experimental`: facts of it are unverified; `report-only`: what is public does not suffice to map a network. Absent: supported. */
  readonly status?: "experimental" | "report-only";
  /** What was assumed or left out, a sentence each; printed with every result. */
  readonly caveats?: readonly string[];
  readonly sources: Readonly<Record<string, string>>;
  readonly mesh: Mesh;
  /** Absent: nothing is known of it. */
  readonly noc?: Noc;
  /** Hard limits of one core; null: no documented wall. */
  readonly walls: Walls;
  /** Cores that differ from `walls`. */
  readonly coreClasses?: readonly CoreClass[];
  /** Longest synapse list of one axon. */
  readonly maxWordsPerAxon: Quantity | null;
  readonly wordBits: number;
  /** Ways of counting synapse memory; the first is the default. */
  readonly packers: readonly Packer[];
  readonly weights: WeightLimits;
  readonly neuron: NeuronLimits;
  readonly maxDelaySteps: Quantity;
  /** Names in the neuron-model registry that cores can run (after `quantize`). */
  readonly neuronModels: readonly string[];
  readonly resetModes: readonly string[];
  /** What a network goes through before and after it becomes integers: names of the compiler's passes. Absent: its own pipelines. */
  readonly passes?: { readonly prepare?: readonly string[]; readonly legalize?: readonly string[] };
  /** Names of the compiler's algorithms that suit the chip. Absent: the compiler's own defaults. */
  readonly defaults?: { readonly partitioner?: string; readonly placer?: string; readonly router?: string };
  readonly profiles: readonly Profile[];
  readonly defaultProfile: string;
}

export interface Mesh {
  readonly columns: number;
  readonly rows: number;
  readonly coresPerTile: number;
  /** Tile t sits at x = floor(t / rows), y = t mod rows ("column-major"). */
  readonly tileOrder: "column-major" | "row-major";
  readonly maxChips: Quantity;
  /** Output-table entries that a route across a chip border costs in addition. */
  readonly chipCrossingEntries: Quantity;
  /** Which hops are counted and priced apart; `axes` (also if absent): east-west and north-south, `directions`: all four. */
  readonly hopClasses?: "axes" | "directions";
}

/** The mesh as a network, for timing models that follow messages. */
export interface Noc {
  /** One message to each receiving core, or one that is copied where ways part. */
  readonly cast: "unicast" | "multicast";
  /** Messages that a link's buffer holds, over all networks and virtual channels. */
  readonly bufferMessages: Quantity;
  /** Meshes side by side, each with links of its own; a core's messages take them in turn. Absent: 1. */
  readonly networks?: Quantity;
  /** Of each link. Absent: 1. */
  readonly virtualChannels?: Quantity;
  /** Of one virtual channel. Absent: its share of `bufferMessages`. */
  readonly flitsPerBuffer?: Quantity;
  /** Absent: 1. */
  readonly flitsPerMessage?: Quantity;
  /** Messages that can wait at a core that is busy with another. Absent: as many as a virtual channel's buffer holds. */
  readonly receiveMessages?: Quantity;
  /** Time of a flit on a link. Absent: the link's rate is unknown. */
  readonly cycleNs?: Quantity;
  /** The same on a link between chips. Absent: as within a chip. */
  readonly chipCycleNs?: Quantity;
  /** Latency of a hop whose time the profile does not know, in cycles. */
  readonly routerCycles?: Quantity;
  readonly linkCycles?: Quantity;
}

/** Fields of `Noc` that may be absent. */
export const NOC_OPTIONS = [
  "networks",
  "virtualChannels",
  "flitsPerBuffer",
  "flitsPerMessage",
  "receiveMessages",
  "cycleNs",
  "chipCycleNs",
  "routerCycles",
  "linkCycles",
] as const satisfies readonly (keyof Noc)[];

/** Hard limits of one core by resource; null: no documented wall. */
export type Walls = Readonly<Record<Resource, Quantity | null>>;

/** Some cores of a chip, and the walls in which they differ from the target's. */
export interface CoreClass {
  readonly name: string;
  /** Core numbers within a chip. */
  readonly cores: readonly number[];
  readonly walls: Readonly<Partial<Walls>>;
}

/** The given walls; no other is documented. */
export function wallsOf(given: Readonly<Partial<Walls>>): Walls {
  return { ...(Object.fromEntries(RESOURCES.map((resource) => [resource, null])) as Walls), ...given };
}

/** How synapses become words of memory, by cost formula: one file each in `formulas/`. */
export type Packer = EntryListPacker;

interface PackerOf<F extends string> {
  readonly formula: F;
  readonly name: string;
  readonly title: string;
  readonly src: readonly string[];
  /** Synapse-format slots of a core this packer uses at most. */
  readonly maxFormats: number;
}

/** Cost formula "entry-list" (README of this folder): how a synapse list becomes 64-bit words. */
export interface EntryListPacker extends PackerOf<"entry-list"> {
  /** Format id plus synapse count. */
  readonly headerBits: number;
  readonly maxEntriesPerHeader: number;
  readonly indexBits: readonly number[];
  readonly weightBits: readonly number[];
  /** Empty: the packer has no run-length encoding. */
  readonly skipBits: readonly number[];
  readonly encodings: readonly ("sparse" | "run-length" | "dense")[];
  readonly startIndexInDense: boolean;
  /** Each entry up to a word, or the axon's sum up to a word with a spare word near the edge. */
  readonly rounding: "per-entry" | "per-axon-guarded";
}

export interface WeightLimits {
  /** Largest magnitude of a stored weight of one sign. */
  readonly maxMagnitude: number;
  /** Smallest stored weight of a mixed-sign projection. */
  readonly minMixed: number;
  /** Bits that may be stored, largest last. */
  readonly bits: readonly number[];
  readonly exponentMin: number;
  readonly exponentMax: number;
  /** Fixed left shift of the summed input into u. */
  readonly inputShift: number;
}

/** Registers of the chip's neurons, by model. */
export type NeuronLimits = LoihiNeuronLimits;

export interface LoihiNeuronLimits {
  readonly model: "loihi-cuba";
  /** Decays are shares of 2^decayBits. */
  readonly decayBits: number;
  readonly thresholdMantissaMax: number;
  /** Threshold = mantissa x 2^thresholdShift. */
  readonly thresholdShift: number;
  readonly biasMantissaMax: number;
  readonly biasExponentMax: number;
  /** |u| and |v| stay below 2^stateBits. */
  readonly stateBits: number;
}

/** What the simulator's actions cost on this chip, from one source or fit. */
export interface Profile {
  readonly name: string;
  readonly target: string;
  readonly title: string;
  readonly kind: "fitted" | "simulated" | "documented" | "scaled" | "inherited" | "all-in";
  /** By action of the simulator; null: nobody has published it ("unpriced"). */
  readonly energy: Readonly<Record<PricedAction, Quantity | null>>;
  readonly time: Readonly<Record<PricedAction, Quantity | null>>;
  /** Actions that have no price because another price contains them: which one, in words. Others without a price are unpriced. */
  readonly inside?: Readonly<Partial<Record<PricedAction, string>>>;
  /** Step time by number of tiles in use: the entry with the largest key not above the count. */
  readonly barrier: readonly { readonly tiles: number; readonly time: Quantity }[];
  /** Which law of time the chip follows; see `simulator/README.md`. */
  readonly law: "max-core" | RatedLaw;
  /** Rates of laws that do not go by `time`, as far as anybody has published them. */
  readonly laws?: LawRates;
  readonly staticPower: Readonly<Record<"chip" | "core" | "io", Quantity | null>>;
  /** Published error of the profile, as shares. */
  readonly errors?: { readonly energyShare: number; readonly latencyShare: number; readonly note: string };
  /** Terms the profile does not cover, in words. */
  readonly unpriced: readonly string[];
}

/**
 * Laws of time with rates of their own, and the names of these rates. Units are in the names: Ns, Bits; the others are
 * numbers of things. What each one means, and which a law can do without, is said by the timing model of that name.
 */
export const LAW_RATES = {
  "max-affine": [
    "neuronNs",
    "synapseNs",
    "wordNs",
    "linkNsPerBit",
    "chipLinkNsPerBit",
    "messageBits",
    "barrierNs",
  ],
  cycles: ["cycleNs", "inputs"],
  deadline: ["tickNs", "neuronNs", "synapseNs", "messageNs", "spikeNs"],
  pipeline: ["synapseNs", "firstCoreSynapseNs", "layerNs"],
} as const;
export type RatedLaw = keyof typeof LAW_RATES;
export type RateName<L extends RatedLaw> = (typeof LAW_RATES)[L][number];
export type LawRates = {
  readonly [L in RatedLaw]?: Readonly<Partial<Record<RateName<L>, Quantity>>>;
};

/**
 * Actions that can carry a price; the simulator counts them under the same names (`simulator/result.ts`).
 * A neuron that is visited and does not change costs `neuronAccess`; one that changes costs `neuronUpdate` on top.
 */
export const PRICED_ACTIONS = [
  "synapseDense",
  "synapseSparse",
  "synapseRunLength",
  "synapseConv",
  "synapseWordRead",
  "neuronAccess",
  "neuronUpdate",
  "spikeOut",
  "messageOut",
  "messageIn",
  "hopTile",
  "hopEastWest",
  "hopNorthSouth",
  "hopChip",
  "inputMessage",
  "hopEast",
  "hopWest",
  "hopNorth",
  "hopSouth",
  "inputAccess",
  "inputUpdate",
  "inputSpike",
] as const;
export type PricedAction = (typeof PRICED_ACTIONS)[number];

export function coresPerChip(target: Target): number {
  return target.mesh.columns * target.mesh.rows * target.mesh.coresPerTile;
}

/** Column, row and chip of a core. */
export function tileOf(target: Target, core: number): { chip: number; x: number; y: number } {
  const { columns, rows, coresPerTile, tileOrder } = target.mesh;
  const perChip = columns * rows * coresPerTile;
  const tile = Math.floor((core % perChip) / coresPerTile);
  return tileOrder === "column-major"
    ? { chip: Math.floor(core / perChip), x: Math.floor(tile / rows), y: tile % rows }
    : { chip: Math.floor(core / perChip), x: tile % columns, y: Math.floor(tile / columns) };
}
