import type { Demand, Resource, Slice } from "#ir/block-graph";
import type { CoreLists } from "./core-lists.ts";
import type { Workload } from "./workload.ts";

const COUNTED = ["populations", "synapses", "inputLines", "outputLines", "fanIn", "fanOut"] as const;

/**
 * What a core is asked for by who is on it and by what reaches it, however it stores synapses. Empty for targets that have
 * no wall for any of it: counting takes time.
 */
export function networkDemand(
  workload: Workload,
  lists: CoreLists,
  slices: readonly Slice[],
): Partial<Demand> {
  const { target, network } = workload;
  const hasWall = (resource: Resource): boolean =>
    target.walls[resource] !== null ||
    (target.budgets?.[resource] ?? null) !== null ||
    (target.coreClasses ?? []).some(({ walls }) => (walls[resource] ?? null) !== null);
  if (!COUNTED.some(hasWall)) return {};
  const readOut = new Set(network.outputs.map(({ population }) => population));
  const fanIn = new Uint32Array(lists.neurons);
  for (const compartment of lists.target) fanIn[compartment]++;
  return {
    populations: new Set(slices.map(({ population }) => population)).size,
    synapses: lists.target.length,
    inputLines: lists.sourcePopulation.filter((population) => !workload.mapped[population]).length,
    outputLines: slices.reduce(
      (sum, { population, begin, end }) => sum + (readOut.has(population) ? end - begin : 0),
      0,
    ),
    fanIn: fanIn.reduce((most, count) => Math.max(most, count), 0),
    ...(hasWall("fanOut") && { fanOut: largestFanOut(workload, slices) }),
  };
}

/** Synapses that the neuron with most of them sends to, on all cores. */
function largestFanOut(workload: Workload, slices: readonly Slice[]): number {
  let most = 0;
  for (const { population, begin, end } of slices) {
    const counts = fanOutOf(workload, population);
    for (let n = begin; n < end; n++) most = Math.max(most, counts[n]);
  }
  return most;
}

/** Counted once for each population: it does not depend on where neurons are. */
const FAN_OUT = new WeakMap<Workload, Map<number, Uint32Array>>();

/** `[size]`, synapses that each neuron of a population sends to. */
function fanOutOf(workload: Workload, population: number): Uint32Array {
  const known = FAN_OUT.get(workload) ?? new Map<number, Uint32Array>();
  FAN_OUT.set(workload, known);
  const counted = known.get(population);
  if (counted !== undefined) return counted;
  const counts = new Uint32Array(workload.network.populations[population].size);
  for (const { pre, source } of workload.byProjection) {
    if (pre !== population) continue;
    for (const row of source.read(0, source.cols).row) counts[row]++;
  }
  known.set(population, counts);
  return counts;
}
