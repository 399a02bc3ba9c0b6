import { demandOf, type Demand, type Resource, type Slice } from "#ir/block-graph";
import type { Packer, Target } from "#targets/target";
import { coreLimits } from "#targets/walls";
import { coreLists, type CoreLists } from "./core-lists.ts";
import { coreFormula } from "./formulas/index.ts";
import type { FormatPlan } from "./format-plan.ts";
import { networkDemand } from "./network-demand.ts";
import type { Workload } from "./workload.ts";

/** What a core that holds some slices would need, counted exactly. */
export interface CoreMeasure {
  /** What depends on where the targets of these neurons go is 0: `axonsOut`, `destinationsOfNeuron`, `destinationCores`. */
  readonly demand: Demand;
  readonly longestAxonWords: number;
  readonly lists: CoreLists;
  /** Absent if the core has too few format slots; words are then not counted. */
  readonly plan: FormatPlan | undefined;
}

export type Limits = Readonly<Record<Shortage, number>>;

/** Everything that can be too little in a core. */
export type Shortage = Resource | "wordsPerAxon";

export function measureCore(workload: Workload, slices: readonly Slice[]): CoreMeasure {
  return measureLists(workload, slices, coreLists(workload, slices));
}

/**
 * Needed over available of the scarcest resource, if a core holds the slices; they fit if it is at most 1. What is dear
 * to count is left out if what is cheap to count is too much already.
 */
export function fullnessOfSlices(workload: Workload, slices: readonly Slice[], limits: Limits): number {
  const configs = Math.max(
    countDistinct(workload.neuronConfig, slices) / limits.neuronConfigs,
    countDistinct(workload.thresholdConfig, slices) / limits.thresholdConfigs,
  );
  if (configs > 1) return configs;
  const lists = coreLists(workload, slices);
  const axonsIn = lists.sourceNeuron.length / limits.axonsIn;
  if (axonsIn > 1) return axonsIn;
  const { demand, longestAxonWords } = measureLists(workload, slices, lists);
  const needs: Record<Shortage, number> = { ...demand, wordsPerAxon: longestAxonWords };
  return (Object.keys(limits) as Shortage[]).reduce(
    (worst, resource) =>
      needs[resource] === 0 ? worst : Math.max(worst, needs[resource] / limits[resource]),
    0,
  );
}

function measureLists(workload: Workload, slices: readonly Slice[], lists: CoreLists): CoreMeasure {
  const formula = coreFormula(workload.packer);
  const plan = formula.plan(workload, lists, slices);
  const demand = demandOf({
    neurons: lists.neurons,
    synapseWords: plan?.words ?? 0,
    axonsIn: lists.sourceNeuron.length,
    synapseFormats: plan?.slots ?? formula.fewestSlots(workload, lists),
    neuronConfigs: countDistinct(workload.neuronConfig, slices),
    thresholdConfigs: countDistinct(workload.thresholdConfig, slices),
    ...networkDemand(workload, lists, slices),
    ...formula.demand?.(workload, lists, slices, plan),
  });
  return { demand, longestAxonWords: plan?.longestAxonWords ?? 0, lists, plan };
}

/** How many different numbers the neurons of the slices have. */
export function countDistinct(numbers: readonly Uint32Array[], slices: readonly Slice[]): number {
  const distinct = new Set<number>();
  for (const { population, begin, end } of slices)
    for (let n = begin; n < end; n++) distinct.add(numbers[population][n]);
  return distinct.size;
}

/** A deployment numbers compartments and input axons in 16 bits, which matters for targets without these walls. */
const DEPLOYMENT_INDEX_LIMIT = 2 ** 16;

/**
 * What is available in one core, by resource the most that any core has; Infinity where there is no documented wall. With
 * `core`, what that one has.
 */
export function available(
  { target, packer }: { readonly target: Target; readonly packer: Packer },
  core?: number,
): Limits {
  const walls = coreLimits(target, packer, core);
  return {
    ...walls,
    neurons: Math.min(walls.neurons, DEPLOYMENT_INDEX_LIMIT),
    axonsIn: Math.min(walls.axonsIn, DEPLOYMENT_INDEX_LIMIT),
    wordsPerAxon: target.maxWordsPerAxon?.value ?? Infinity,
  };
}

/** What the slices need too much of; empty if they fit. */
export function shortagesOf(
  measure: Pick<CoreMeasure, "demand" | "longestAxonWords">,
  limits: Limits,
): { resource: Shortage; needed: number; available: number }[] {
  const needs: Record<Shortage, number> = { ...measure.demand, wordsPerAxon: measure.longestAxonWords };
  return (Object.keys(limits) as Shortage[])
    .filter((resource) => needs[resource] > limits[resource])
    .map((resource) => ({ resource, needed: needs[resource], available: limits[resource] }));
}
