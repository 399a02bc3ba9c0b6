import { TIME_UNITS, timeNs } from "#targets/quantity";
import {
  LAW_RATES,
  type PricedAction,
  type Profile,
  type Quantity,
  type RatedLaw,
  type Target,
} from "#targets/target";
import { ToolchainError } from "#util/diagnostic";
import { lawIsASum, ratesMissing, windowOutOfRange } from "./diagnostics.ts";

/**
 * What decides how long a step takes, as far as it depends on which neuron is on which core. Every core has the same phases;
 * the longest phase of all cores is the step, and the barrier comes on top or is the least.
 */
export interface StepCosts {
  readonly law: Profile["law"];
  readonly phases: readonly PhaseCosts[];
  /** `added` to the longest phase, or a `floor` that no step is below. */
  readonly barrier: "added" | "floor";
  /** By tiles in use. */
  readonly barrierNs: (tiles: number) => number;
  readonly coresPerTile: number;
  /** Time that a message keeps a link busy, for one unit of the graph's rates; absent: unknown. */
  readonly linkNs?: number;
  /** Whether the law waits for the busiest link. */
  readonly waitsForLinks: boolean;
  /** Actions of the law without a time: counted as none. */
  readonly untimed: readonly string[];
  /** Steps that the graph's rates were counted over. */
  readonly windowSteps: number;
  /** A phase is taken to last its mean and so many standard deviations. */
  readonly deviations: number;
}

/** Nanoseconds of each event of a phase. All but `neuronNs` are for one unit of the graph's rates. */
export interface PhaseCosts {
  readonly name: string;
  /** Each step, whether it fires or not. */
  readonly neuronNs: number;
  /** For each of its own spikes. */
  readonly spikeNs: number;
  /** For each core that a spike goes to, its own included; or, where the mesh copies messages, once. */
  readonly messageOutNs: number;
  readonly isOutOnce: boolean;
  /** For each spike that reaches the core, each of its synapses there, and each word of its list. */
  readonly messageInNs: number;
  readonly synapseNs: number;
  readonly wordNs: number;
}

export interface StepCostOptions {
  /** Steps that the rates of the graph were counted over; 1 if absent: they are spikes per step. */
  readonly windowSteps?: number;
  /** Share of the visited neurons whose state changes; 1 if absent. */
  readonly updateShare?: number;
  /** How synapse lists are stored; `sparse` if absent. */
  readonly encoding?: "dense" | "sparse" | "run-length";
  /** What steps wait for is not the mean of a core but its busy moments: see `StepCosts`; 2 if absent. */
  readonly deviations?: number;
  /** Rates of the law that the profile lacks, or others instead. */
  readonly rates?: Readonly<Record<string, number>>;
}

/**
 * Of some hundred cores that are about equally busy, the busiest at a moment is two to three deviations above its mean.
 */
const DEVIATIONS = 2;

const NO_COSTS: Omit<PhaseCosts, "name"> = {
  neuronNs: 0,
  spikeNs: 0,
  messageOutNs: 0,
  isOutOnce: false,
  messageInNs: 0,
  synapseNs: 0,
  wordNs: 0,
};

const SYNAPSE_ACTION = {
  dense: "synapseDense",
  sparse: "synapseSparse",
  "run-length": "synapseRunLength",
} as const satisfies Readonly<Record<string, PricedAction>>;

/** Rates that a law does without. */
const OPTIONAL: readonly string[] = ["firstCoreSynapseNs", "layerNs", "chipLinkNsPerBit", "inputs"];

/**
 * The law of time of a profile, ready for balancing. The laws are those of `simulator/README.md`.
 *
 * @throws ToolchainError `balance/...`: a law that no partition changes, rates that nobody has
 */
export function stepCosts(target: Target, profile: Profile, options: StepCostOptions = {}): StepCosts {
  const { windowSteps = 1, deviations = DEVIATIONS } = options;
  if (!(windowSteps > 0 && windowSteps < Infinity))
    throw new ToolchainError([windowOutOfRange({ windowSteps })]);
  const costs = lawCosts(target, profile, options);
  const perUnit = ({ neuronNs, ...rest }: PhaseCosts): PhaseCosts => ({
    ...rest,
    neuronNs,
    spikeNs: rest.spikeNs / windowSteps,
    messageOutNs: rest.messageOutNs / windowSteps,
    messageInNs: rest.messageInNs / windowSteps,
    synapseNs: rest.synapseNs / windowSteps,
    wordNs: rest.wordNs / windowSteps,
  });
  return {
    ...costs,
    windowSteps,
    deviations,
    phases: costs.phases.map(perUnit),
    ...(costs.linkNs !== undefined && { linkNs: costs.linkNs / windowSteps }),
  };
}

type LawCosts = Omit<StepCosts, "windowSteps" | "deviations">;

function lawCosts(target: Target, profile: Profile, options: StepCostOptions): LawCosts {
  switch (profile.law) {
    case "max-core":
      return maxCore(target, profile, options);
    case "max-affine":
      return maxAffine(target, profile, options);
    case "deadline": {
      const rate = ratesOf("deadline", profile, options);
      const work = { neuronNs: rate("neuronNs"), spikeNs: rate("spikeNs"), messageInNs: rate("messageNs") };
      return {
        ...common(target, profile),
        phases: [{ ...NO_COSTS, name: "work", ...work, synapseNs: rate("synapseNs") }],
        barrier: "floor",
        barrierNs: () => rate("tickNs"),
      };
    }
    case "pipeline": {
      const rate = ratesOf("pipeline", profile, options);
      return {
        ...common(target, profile),
        phases: [{ ...NO_COSTS, name: "reception", synapseNs: rate("synapseNs") }],
        barrier: "floor",
        barrierNs: () => rate("layerNs"),
      };
    }
    case "cycles":
      throw new ToolchainError([lawIsASum({ law: profile.law, profile: profile.name })]);
  }
}

/** Generation, then reception, each as long as the slowest core's. */
function maxCore(
  target: Target,
  profile: Profile,
  { updateShare = 1, encoding = "sparse" }: StepCostOptions,
): LawCosts {
  const untimed: string[] = [];
  const ns = (action: PricedAction): number => {
    const quantity = profile.time[action];
    if (quantity !== null) return timeNs(quantity);
    if (profile.inside?.[action] === undefined) untimed.push(action);
    return 0;
  };
  const { cycleNs, flitsPerMessage, networks } = target.noc ?? {};
  return {
    ...common(target, profile),
    phases: [
      {
        ...NO_COSTS,
        name: "generation",
        neuronNs: ns("neuronAccess") + updateShare * ns("neuronUpdate"),
        spikeNs: ns("spikeOut"),
        messageOutNs: ns("messageOut"),
      },
      {
        ...NO_COSTS,
        name: "reception",
        messageInNs: ns("messageIn"),
        synapseNs: ns(SYNAPSE_ACTION[encoding]),
        wordNs: ns("synapseWordRead"),
      },
    ],
    barrier: "added",
    barrierNs(tiles) {
      const entry = profile.barrier.findLast((step) => step.tiles <= tiles) ?? profile.barrier.at(0);
      return entry === undefined ? 0 : timeNs(entry.time);
    },
    ...(cycleNs !== undefined && {
      linkNs: (cycleNs.value * (flitsPerMessage?.value ?? 1)) / (networks?.value ?? 1),
    }),
    untimed,
  };
}

/** Five bounds, none of which waits for another. */
function maxAffine(target: Target, profile: Profile, options: StepCostOptions): LawCosts {
  const rate = ratesOf("max-affine", profile, options);
  const linkNs = rate("messageBits") * rate("linkNsPerBit");
  const isOutOnce = target.noc?.cast === "multicast";
  return {
    ...common(target, profile),
    phases: [
      { ...NO_COSTS, name: "neurons", neuronNs: rate("neuronNs") },
      { ...NO_COSTS, name: "synapses", synapseNs: rate("synapseNs") },
      { ...NO_COSTS, name: "words", wordNs: rate("wordNs") },
      { ...NO_COSTS, name: "sending", messageOutNs: linkNs, isOutOnce },
      { ...NO_COSTS, name: "receiving", messageInNs: linkNs },
    ],
    barrier: "floor",
    barrierNs: () => rate("barrierNs"),
    linkNs,
    waitsForLinks: true,
  };
}

const common = (
  target: Target,
  profile: Profile,
): Pick<StepCosts, "law" | "coresPerTile" | "waitsForLinks" | "untimed"> => ({
  law: profile.law,
  coresPerTile: target.mesh.coresPerTile,
  waitsForLinks: false,
  untimed: [],
});

/** The user's, else the profile's; those that a law can do without are 0. */
function ratesOf(law: RatedLaw, profile: Profile, { rates }: StepCostOptions): (name: string) => number {
  const known = profile.laws?.[law] as Readonly<Partial<Record<string, Quantity>>> | undefined;
  const valueOf = (name: string): number => {
    const quantity = known?.[name];
    if (rates?.[name] !== undefined) return rates[name];
    if (quantity !== undefined) return TIME_UNITS.includes(quantity.unit) ? timeNs(quantity) : quantity.value;
    return OPTIONAL.includes(name) ? 0 : NaN;
  };
  const values = new Map(LAW_RATES[law].map((name): [string, number] => [name, valueOf(name)]));
  const missing = [...values].filter(([, value]) => !(value >= 0)).map(([name]) => name);
  if (missing.length > 0) throw new ToolchainError([ratesMissing({ law, profile: profile.name, missing })]);
  return (name) => values.get(name)!;
}

/**
 * Variance of the spikes of a source in a step, in the square of the graph's unit of rates: it fires in a step or does not, and
 * whether others do is left out. 0 for what fires in every step or never.
 */
export function spikeVariance(rate: number, windowSteps: number): number {
  const share = rate / windowSteps;
  return Math.max(0, share * (1 - share)) * windowSteps ** 2;
}

/** What a spike costs the core of its neuron, in a phase, when its axon reaches so many cores. */
export function spikeNs(phase: PhaseCosts, cores: number): number {
  return phase.spikeNs + (phase.isOutOnce ? Math.min(1, cores) : cores) * phase.messageOutNs;
}

/** What a spike costs a core that it reaches: a list of so many synapses and words. */
export function listNs(phase: PhaseCosts, synapses: number, words: number): number {
  if (synapses === 0) return 0;
  return phase.messageInNs + synapses * phase.synapseNs + words * phase.wordNs;
}
