import { RESOURCES, type Resource } from "#ir/block-graph";
import type { DigitalReset, LeakKind } from "#ir/digital-neuron";

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

export const UNITS = [
  "pJ",
  "nJ",
  "uW",
  "mW",
  "ns",
  "us",
  "bit",
  "word",
  "B",
  "MHz",
  "V",
  "mm2",
  "count",
] as const;
export type Unit = (typeof UNITS)[number];

/**
 * What an operating point may state: volts, MHz, degrees Celsius, Hz (mean firing rate), nm (process), active synapses of a
 * neuron, and hops of a message in each direction.
 */
export const OPERATING_POINT = [
  "voltage",
  "freqMHz",
  "tempC",
  "rateHz",
  "processNm",
  "synapses",
  "hopsEachWay",
] as const;

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
  /** Operating point, by `OPERATING_POINT`; for instance `{ voltage: 0.75 }`. */
  readonly op?: Readonly<Record<string, number>>;
  /** Keys of `sources`, with table or section after "#"; may be empty only for `assumed`, which explains itself in `note`. */
  readonly src: readonly string[];
  readonly note?: string;
}

/** Structure of a chip: what fits. Prices and times are in profiles. */
export interface Target {
  readonly schema: 1;
  /** Registry key and CLI name: lower case, digits, hyphens; of a family (`families.ts`) with the parameters it was made of. */
  readonly name: string;
  readonly title: string;
  readonly vendor: string;
  readonly paradigm: "stepped" | "event-driven";
  /** `experimental`: facts of it are unverified; `report-only`: what is public does not suffice to map a network. Absent: supported. */
  readonly status?: "experimental" | "report-only";
  /** What was assumed or left out, a sentence each; printed with every result. */
  readonly caveats?: readonly string[];
  readonly sources: Readonly<Record<string, string>>;
  readonly die?: Die;
  readonly mesh: Mesh;
  /** Absent: nothing is known of it. */
  readonly noc?: Noc;
  /** What the cores of a chip share. Absent: they share nothing that is counted. */
  readonly chipMemory?: ChipMemory;
  /** Hard limits of one core; null: no documented wall. */
  readonly walls: Walls;
  /** Cores that differ from `walls`. */
  readonly coreClasses?: readonly CoreClass[];
  /** What a core should hold at most, though more has room: its time would run out. The compiler keeps to it; `verify` does not ask. */
  readonly budgets?: Readonly<Partial<Walls>>;
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

/** Facts about a chip that nothing is calculated from. */
export interface Die {
  readonly area?: Quantity;
  readonly clock?: Quantity;
  readonly memory?: Quantity;
}

/** What the cores of a chip share. */
export interface ChipMemory {
  /** Of a memory beside the cores, in which all synapse words lie. Absent: they lie in the cores. */
  readonly words?: Quantity;
  /** Entries of the chip's routing table: one for every core whose spikes come to, or from, a core of the chip. */
  readonly routes?: Quantity;
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
export type Packer =
  | EntryListPacker
  | CrossbarPacker
  | SlotTablePacker
  | RowPacker
  | PackedKernelPacker
  | KernelPow2Packer
  | OpaquePacker;

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
  /** Input axons whose lists are equal but for a shift of all compartments point to one stored list. Absent: every axon has its own. */
  readonly sharing?: ListSharing;
}

/**
 * Cost formula "packed-kernel": the weights of a convolution lie in a core once, whatever the size of the image; all other
 * synapses are lists of entries. Zeros of a kernel are stored and read.
 */
export interface PackedKernelPacker extends PackerOf<"packed-kernel"> {
  /** How all but convolutions are stored. */
  readonly lists: EntryListPacker;
}

/**
 * Cost formula "kernel-pow2": a core holds one layer, a convolution whose kernel and image are rounded up to powers of two.
 * Sums over small squares of the image (pooling) are made on the way out of the sending core. Zero weights are stored, but
 * skipped when read.
 */
export interface KernelPow2Packer extends PackerOf<"kernel-pow2"> {
  /** Largest sides of the image that a layer reads (after pooling) and of the one that it makes. */
  readonly maxInputSide: number;
  readonly maxOutputSide: number;
  readonly maxChannels: number;
  readonly maxKernelSide: number;
  readonly strides: readonly number[];
  readonly maxPadding: number;
  /** Sides of the squares that can be summed, largest last. */
  readonly pools: readonly number[];
}

export interface ListSharing {
  /** Largest compartment base of an input axon: how far the lists that share a stored one may be shifted against it. */
  readonly maxBase: Quantity;
}

/**
 * Cost formula "crossbar": sources drive rows, neurons own columns, and a crosspoint joins a row and a column. A weight of
 * more bits than a crosspoint takes that many more rows, all driven by its source: the bits of a source's widest weight decide.
 */
export interface CrossbarPacker extends PackerOf<"crossbar"> {
  readonly rows: number;
  readonly cols: number;
  readonly crosspointBits: number;
  /**
   * Rows are of one of so many types, and every neuron has a weight for each type; crosspoints only say whether it counts.
   * Absent: crosspoints hold weights.
   */
  readonly axonTypes?: number;
  /** With types: bits of a neuron's weights, sign included. */
  readonly typeWeightBits?: number;
  /** Whether all weights of a row have one sign. */
  readonly signPerRow?: boolean;
  /** Whether every neuron's spikes drive a row of its own, which nothing else can use; unless no neuron sends. */
  readonly rowPerNeuron?: boolean;
}

/**
 * Cost formula "slot-table": one slot for each synapse between neurons of the first core, which are hidden; weights of inputs
 * and of the second core, the read-out, are stored and read in full.
 */
export interface SlotTablePacker extends PackerOf<"slot-table"> {
  /** Hidden neurons that inputs can reach: the first ones. Absent: all. */
  readonly inputReach?: number;
  /** Hidden neurons that the read-out can hear: the last ones in use. Absent: all. */
  readonly readOutReach?: number;
}

/** What is published of the memory does not suffice to count it: `title` says what is. No network is mapped with it. */
export type OpaquePacker = PackerOf<"opaque">;

/** Cost formulas of plain lists, one synapse after the other. */
export const ROW_FORMULAS = ["free", "row-words", "word-list", "codebook"] as const;

/**
 * A list is a header and its synapses, each as wide as the others: words = ceil((headerBits + synapses x synapseBits) / wordBits).
 * `row-words`: rows in a processor's memory; `word-list`: in its SRAM; `codebook`: synapses hold the number of a weight, and a
 * core has few different ones; `free`: a core without walls, where a list is its weights and nothing else.
 */
export interface RowPacker extends PackerOf<(typeof ROW_FORMULAS)[number]> {
  readonly wordBits: number;
  readonly headerBits: number;
  readonly synapseBits: number;
  /** Fields of a synapse; they fit into `synapseBits` (`free`: the weight does). */
  readonly weightBits: number;
  readonly delayBits: number;
  readonly indexBits: number;
  /** Memory for the state of one neuron, in words of `wordBits` of its own memory; 0: not counted. */
  readonly neuronWords: number;
  /** `codebook` only: different weights on a core, and bits of one; they lie in the synapse memory. */
  readonly codebook?: { readonly entries: number; readonly entryBits: number };
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
  /** Weights of both signs are multiples of this at full bits. Absent: 2, the sign takes the lowest bit; 1: weights are signed. */
  readonly mixedStep?: number;
}

/** Registers of the chip's neurons, by model. */
export type NeuronLimits = LoihiNeuronLimits | DigitalNeuronLimits | TrueNorthNeuronLimits;

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

/** A plain integer neuron; `src/neurons/digital-lif.ts` is its arithmetic. */
export interface DigitalNeuronLimits {
  readonly model: "digital-lif";
  /** v and u keep to |x| < 2^stateBits: a register of 16 bits has 15. */
  readonly stateBits: number;
  /** What a register does that cannot hold a value. */
  readonly overflow: "wrap" | "clamp";
  /** Leaks that v can have. */
  readonly leaks: readonly LeakKind[];
  /** Largest loss of a linear leak. Absent: what v holds. */
  readonly linearMax?: number;
  /** Unit of the leak "share", for v and u: 2^-decayBits. */
  readonly decayBits: number;
  /** Largest shift of the leak "shift". Absent: stateBits. */
  readonly maxShift?: number;
  /**
   * Decays that the synaptic current can have, and whether what arrives decays in its own step already. Absent: there is no
   * current, inputs go into v.
   */
  readonly synapticCurrent?: {
    readonly leaks: readonly Exclude<LeakKind, "none">[];
    readonly order: "decay-first" | "input-first";
  };
  readonly resets: readonly DigitalReset[];
  /** How v is compared with the threshold. */
  readonly compare: ">" | ">=";
  /** The largest threshold marks populations that never fire, whose membranes are read. */
  readonly thresholdMax: number;
  /** 0: there is no bias. */
  readonly biasMax: number;
  /** Whether v can be held at a number of the neuron's, 0 or below. */
  readonly lowerClamp: boolean;
  /** Spikes of a neuron in a step, at most (with reset "subtract" only). */
  readonly maxSpikes: number;
  /** The same for neurons that send to no other. Absent: as `maxSpikes`. */
  readonly maxSpikesOutput?: number;
}

/** The neuron of TrueNorth; `src/neurons/truenorth-lif.ts` is its arithmetic. One register is leak and bias. */
export interface TrueNorthNeuronLimits {
  readonly model: "truenorth-lif";
  /** |v| < 2^stateBits. */
  readonly stateBits: number;
  readonly resets: readonly DigitalReset[];
  /** Marks populations that never fire, as `DigitalNeuronLimits.thresholdMax`. */
  readonly thresholdMax: number;
  readonly leakMax: number;
}

export const PROFILE_KINDS = [
  "fitted",
  "simulated",
  "documented",
  "derived",
  "scaled",
  "inherited",
  "secondary",
  "all-in",
] as const;

/**
 * Where a profile takes its prices from: a price with the evidence "scaled" is that of the base times the factor, one for all
 * or by action. Without factors (`inherited`) prices are the base's as they are.
 */
export interface ProfileBase {
  readonly target: string;
  readonly profile: string;
  readonly energyFactor?: Factor;
  readonly timeFactor?: Factor;
}
export type Factor = number | Readonly<Partial<Record<PricedAction, number>>>;

/** What the simulator's actions cost on this chip, from one source or fit. */
export interface Profile {
  readonly name: string;
  readonly target: string;
  readonly title: string;
  readonly kind: (typeof PROFILE_KINDS)[number];
  /** `scaled` and `inherited` only: the profile whose prices these are. */
  readonly base?: ProfileBase;
  /** By action of the simulator; null: nobody has published it ("unpriced"). */
  readonly energy: Readonly<Record<PricedAction, Quantity | null>>;
  readonly time: Readonly<Record<PricedAction, Quantity | null>>;
  /** Actions that have no price because another price contains them: which one, in words. Others without a price are unpriced. */
  readonly inside?: Readonly<Partial<Record<PricedAction, string>>>;
  /** Step time by number of tiles in use: the entry with the largest key not above the count. Empty where the law has no barrier, or nothing has a time. */
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
/** Those that a law cannot do without. */
export const LAW_NEEDS = {
  "max-affine": ["neuronNs", "synapseNs", "wordNs", "linkNsPerBit", "messageBits", "barrierNs"],
  cycles: ["cycleNs", "inputs"],
  deadline: ["tickNs", "neuronNs", "synapseNs", "messageNs", "spikeNs"],
  pipeline: ["synapseNs"],
} as const satisfies { readonly [L in keyof typeof LAW_RATES]: readonly (typeof LAW_RATES)[L][number][] };
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
