import type { Resource } from "#ir/block-graph";
import type { Action } from "#simulator/result";
import type { Phase } from "#simulator/timing/timing";
import type { Evidence } from "#targets/target";
import type { AttributionSection, BottleneckSection, StateEventSection } from "./sections-detail.ts";
import type { RecordedSection } from "./recorded.ts";

// The parts of a report as types: what the text, the page and the JSON schemas agree on.

/** Everything a run has to say, as plain data: the text, the page and `--json` are views of it. */
export interface RunReport {
  readonly schema: "spinec/run/1";
  /** Name and version of the program. */
  readonly generator: string;
  /** SHA-256 of the deployment's contents. */
  readonly deploymentHash: string;
  /** What the target says of structure, in 12 hexadecimal digits (`contentHash`): tells edited chips apart. */
  readonly targetHash: string;
  /** The same of the prices. */
  readonly profileHash?: string;
  readonly model: ModelSection;
  readonly quantization?: QuantizationSection;
  readonly map: MapSection;
  readonly run: RunSection;
  readonly energy: EnergySection;
  readonly time: TimeSection;
  /** What each population, core and link cost. */
  readonly attribution?: AttributionSection;
  /** What the steps waited for. */
  readonly bottleneck?: BottleneckSection;
  /** Registers of the chip that could not hold a value; absent if all did. */
  readonly stateEvents?: readonly StateEventSection[];
  /** The run was stopped after so many inferences; the report is about these. */
  readonly stoppedAfter?: number;
  readonly accuracy?: AccuracySection;
  /** The same network with every pruned weight stored as a zero: what it would cost without the pruning. */
  readonly dense?: DenseSection;
}

export interface ModelSection {
  readonly name: string;
  readonly timestepNs: number | null;
  readonly inputs: number;
  readonly neurons: number;
  /** Stored weights of trained layers (a convolution's kernel once), and those that are not zero. */
  readonly weights: number;
  readonly nonzeroWeights: number;
  readonly densityShare: number;
  /** Nonzero connections between neurons, kernels expanded. */
  readonly synapses: number;
  readonly populations: readonly {
    readonly name: string;
    readonly model: string;
    readonly neurons: number;
  }[];
  readonly layers: readonly LayerSection[];
}

export interface LayerSection {
  readonly node: string;
  readonly kind: "linear" | "conv";
  readonly weights: number;
  readonly nonzeroWeights: number;
  readonly densityShare: number;
  readonly synapses: number;
}

export interface QuantizationSection {
  readonly projections: readonly {
    readonly name: string;
    readonly weightBits: number;
    readonly signMode: string;
    readonly weightExponent: number;
    readonly snrDb: number | null;
    readonly zerosCreated: number;
  }[];
  /** Against the float reference of the model, on the given input; absent where that was not run. */
  readonly changedSpikes?: readonly ChangedSpikes[];
}

export interface ChangedSpikes {
  readonly population: string;
  readonly modelSpikes: number;
  readonly chipSpikes: number;
  /** (sample, step, neuron) entries in which one fired and the other did not. */
  readonly differing: number;
}

export interface MapSection {
  readonly target: string;
  readonly packer: string;
  readonly rules: string;
  readonly chips: number;
  readonly tiles: number;
  readonly cores: number;
  readonly synapses: number;
  readonly synapseWords: number;
  readonly resources: readonly ResourceSection[];
  readonly populations: readonly {
    readonly name: string;
    readonly neurons: number;
    readonly cores: number;
  }[];
  readonly mesh: { readonly columns: number; readonly rows: number; readonly coresPerTile: number };
  readonly coreLoads: readonly CoreLoad[];
}

export interface ResourceSection {
  readonly resource: Resource;
  /** Of one core; null: no documented wall. */
  readonly wall: number | null;
  readonly mean: number;
  readonly worst: number;
  readonly worstCore: number;
  readonly meanShare: number | null;
  readonly worstShare: number | null;
}

export interface CoreLoad {
  readonly core: number;
  readonly chip: number;
  readonly x: number;
  readonly y: number;
  readonly neurons: number;
  readonly axonsIn: number;
  readonly synapseWords: number;
}

export interface RunSection {
  readonly samples: number;
  readonly modelSteps: number;
  /** On the chip: model steps and the depth of the pipeline. */
  readonly stepsPerInference: number;
  readonly populations: readonly (RecordedSection & {
    readonly name: string;
    readonly neurons: number;
  })[];
  /** Weights met by spikes on the chip. */
  readonly synapticOperationsPerInference: number;
  /** What the simulator counted, by action. */
  readonly perInference: Readonly<Record<Action, number>>;
  readonly neurobench?: NeurobenchSection;
}

/** The columns of NeuroBench's algorithm track, computed on the model as imported. */
export interface NeurobenchSection {
  readonly footprintBytes: number;
  readonly parameters: number;
  readonly connectionSparsityShare: number;
  readonly activationSparsityShare: number;
  readonly effectiveAcs: number;
  readonly effectiveMacs: number;
  readonly denseOperations: number;
  readonly membraneUpdates: number;
}

export interface EnergySection {
  readonly profile: string;
  readonly bound: "estimate" | "min" | "max" | "mixed";
  /** All per inference. */
  readonly dynamicPj: number;
  /** For each synaptic operation; null where there was none. */
  readonly dynamicPjPerSynapticOperation?: number | null;
  readonly dynamicBand?: BandSection;
  readonly totalBand?: BandSection;
  /** The published error that is part of the bands: an average over cases, not a guarantee. */
  readonly publishedError?: { readonly energyShare: number; readonly note: string };
  /** Actions whose price has no published limit on one side or both; they leave that side of the bands unknown. */
  readonly withoutBand?: readonly Action[];
  /** Idle power of the chips that are on, for as long as the inference takes; null where nobody published it. */
  readonly staticPj: number | null;
  readonly totalPj: number | null;
  readonly terms: readonly {
    readonly action: Action;
    readonly count: number;
    readonly pricePj: number;
    readonly evidence: Evidence;
    readonly source: readonly string[];
    readonly bound: "min" | "max" | null;
    readonly energyPj: number;
    readonly band?: BandSection;
  }[];
  readonly staticPower: {
    readonly mw: number;
    readonly evidence: Evidence;
    readonly source: readonly string[];
  } | null;
  /** Shares of `dynamicPj`. */
  readonly evidenceShare: Readonly<Record<Evidence, number>>;
  readonly weakestEvidence: Evidence | null;
  readonly unpriced: readonly { readonly action: Action; readonly count: number }[];
  readonly inside: readonly { readonly action: Action; readonly count: number; readonly where: string }[];
}

/** Limits of an energy; null where nobody published one. */
export interface BandSection {
  readonly lowPj: number | null;
  readonly highPj: number | null;
}

export interface TimeSection {
  readonly model: string;
  readonly meanStepNs: number | null;
  readonly worstStepNs: number | null;
  readonly perInferenceNs: number | null;
  /** Chips with a clock (law "cycles"), where the model says how long a step is: the clock that does the longest step in time. */
  readonly requiredClockMhz?: number;
  /** Which cores decide the length of a step, most often first; at most five. */
  readonly binding: readonly {
    readonly core: number;
    readonly phase: Phase;
    readonly stepShare: number;
  }[];
  /** What the steps waited for, in the words of the timing model; phases of no step are left out. */
  readonly phases?: readonly { readonly phase: Phase; readonly stepShare: number }[];
  /** Of the first sample, for the picture; empty where the profile has no times. */
  readonly stepNs: readonly number[];
}

export interface AccuracySection {
  readonly samples: number;
  readonly chipShare: number;
  /** Of the float reference; absent where that was not run. */
  readonly modelShare?: number;
  /** Samples on which chip and model predict the same. */
  readonly agreeingShare?: number;
}

export interface DenseSection {
  readonly cores: number;
  readonly chips: number;
  readonly synapses: number;
  readonly synapseWords: number;
  readonly synapticOperationsPerInference: number;
  readonly dynamicPj: number;
  readonly totalPj: number | null;
  readonly perInferenceNs: number | null;
}
