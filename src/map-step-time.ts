// How long a step of a map takes, and what its messages cost, by a target's profile.
import { balanceSteps, type Balanced, type BalanceProgress } from "#compiler/balance/balance";
import { stepBoundNs } from "#compiler/balance/bound";
import { stepCosts, type StepCosts } from "#compiler/balance/step-costs";
import { predictStepTime } from "#compiler/balance/step-time";
import type { CoreCapacity } from "#compiler/hypergraph/capacity";
import type { LinkPrices } from "#compiler/placement/problem";
import type { AxonGraph } from "#ir/axon-graph";
import type { StepTimeSection } from "#report/map-report";
import { energyPj } from "#targets/quantity";
import type { PricedAction, Profile, Target } from "#targets/target";
import { ToolchainError } from "#util/diagnostic";
import type { Partition } from "#formats/connectivity/partition";
import { linksUnpriced, rateStepsNeeded } from "./map-diagnostics.ts";

/** Whose times and prices a map is judged by. */
export interface MapTiming {
  readonly target: Target;
  readonly profile: Profile;
  /** Steps that the rates of the file were counted over. */
  readonly rateSteps?: number;
  /** For laws whose rates the profile lacks. */
  readonly rates?: Readonly<Record<string, number>>;
  /** Cores that balancing may use; default: those that the partition has. */
  readonly maxCores?: number;
}

/** Throws `ToolchainError` where a profile has no law for it, or nobody said what the rates are of. */
export function mapStepCosts({ target, profile, rateSteps, rates }: MapTiming): StepCosts {
  if (rateSteps === undefined) throw new ToolchainError([rateStepsNeeded()]);
  return stepCosts(target, profile, { windowSteps: rateSteps, ...(rates !== undefined && { rates }) });
}

/** pJ of a link along a row, and along a column. Throws `ToolchainError` where the profile has no price. */
export function linkPrices({ target, profile }: MapTiming): LinkPrices {
  const isDirected = target.mesh.hopClasses === "directions";
  const meanPj = (...actions: PricedAction[]): number => {
    const prices = actions.map((action) => profile.energy[action]);
    if (prices.some((price) => price === null))
      throw new ToolchainError([linksUnpriced({ profile: profile.name, actions })]);
    return prices.reduce((sum, price) => sum + energyPj(price!), 0) / prices.length;
  };
  return isDirected
    ? { x: meanPj("hopEast", "hopWest"), y: meanPj("hopNorth", "hopSouth") }
    : { x: meanPj("hopEastWest"), y: meanPj("hopNorthSouth") };
}

/** The partition with shorter steps, and how long they were. */
export function balancedPartition(
  graph: AxonGraph,
  capacity: CoreCapacity,
  partition: Partition,
  costs: StepCosts,
  options: {
    readonly maxCores: number | undefined;
    readonly effort: "fast" | "default" | "best";
    readonly onProgress: (progress: BalanceProgress) => void;
    readonly shouldStop: (() => boolean) | undefined;
  },
): { readonly partition: Partition; readonly balanced: Balanced } {
  const balanced = balanceSteps(graph, capacity, partition.coreOf, costs, options);
  const { coreOf, cores } = balanced;
  const numberOf = Uint32Array.from({ length: cores }, (_, c) => c);
  return { partition: { coreOf, cores, numberOf }, balanced };
}

/** @param beforeNs of the same partition before it was balanced, if it was */
export function stepTimeSection(
  graph: AxonGraph,
  capacity: CoreCapacity,
  { coreOf, cores, numberOf }: Partition,
  costs: StepCosts,
  timing: MapTiming,
  { beforeNs, busiestLink }: { readonly beforeNs: number | undefined; readonly busiestLink: number },
): StepTimeSection {
  const { wordsOfList } = capacity;
  const { stepNs, core, phase, barrierNs } = predictStepTime(graph, coreOf, costs, { wordsOfList });
  const linkNs = costs.linkNs === undefined ? undefined : busiestLink * costs.linkNs;
  const isLinkBound = costs.waitsForLinks && linkNs !== undefined && linkNs > stepNs;
  const { loadNs } = predictStepTime(graph, coreOf, { ...costs, deviations: 0 }, { wordsOfList });
  const evenNs = loadNs
    .map((loads) => loads.reduce((sum, ns) => sum + ns, 0) / cores)
    .reduce((a, b) => Math.max(a, b), 0);
  return {
    target: timing.target.name,
    profile: timing.profile.name,
    law: costs.law,
    rateSteps: timing.rateSteps ?? 1,
    stepNs: isLinkBound ? linkNs : stepNs,
    ...(beforeNs !== undefined && { beforeNs }),
    boundNs: stepBoundNs(graph, capacity, costs, Math.max(cores, timing.maxCores ?? 0)),
    boundCores: Math.max(cores, timing.maxCores ?? 0),
    evenNs: costs.barrier === "floor" ? Math.max(evenNs, barrierNs) : evenNs + barrierNs,
    barrierNs,
    phase: isLinkBound ? "network" : phase,
    ...(core >= 0 && !isLinkBound && { core: numberOf[core] }),
    ...(linkNs !== undefined && { busiestLinkNs: linkNs }),
    untimed: costs.untimed,
  };
}
