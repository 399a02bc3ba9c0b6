import type { Network, Population, Projection } from "#ir/network";
import { expand } from "#ir/connectivity";
import { sparseFromTriplets } from "#ir/sparse";
import { invariant } from "#util/diagnostic";
import type { CoreLists } from "../encode/core-lists.ts";
import { relayPopulation, type RelayNeuron } from "./relay-neuron.ts";

/** Which relay of a neuron reaches which core. */
export interface RelayPlan {
  /** `[size]` by population: output entries of the neuron itself. */
  readonly entries: readonly Uint32Array[];
  /** `[size]` by population: relays of the neuron; 0: it reaches its targets itself. */
  readonly relays: readonly Uint32Array[];
  /** By core: the relay of each neuron that has some, counted by neuron from 0, under its number over all populations. */
  readonly relayAt: readonly ReadonlyMap<number, number>[];
  /** Populations with a neuron that needs more entries than a core has, in spite of relays if it has some. */
  readonly wide: readonly number[];
}

/**
 * Shares the cores that a neuron has to reach among as few relays as it takes, in order.
 *
 * @param lists    what reaches each core
 * @param mostSelf by population: neurons that need no more entries than this reach their targets themselves
 * @param limit    entries of a core
 * @param perRelay entries that a relay may need
 */
export function planRelays(
  { populations }: Network,
  lists: readonly CoreLists[],
  mostSelf: readonly number[],
  { limit, perRelay }: { readonly limit: number; readonly perRelay: number },
): RelayPlan {
  const first = firstNumbers(populations);
  const axons = lists.map(({ sourcePopulation, sourceNeuron }) => {
    const counts = new Map<number, number>();
    for (let axon = 0; axon < sourceNeuron.length; axon++) {
      const number = first[sourcePopulation[axon]] + sourceNeuron[axon];
      counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    return counts;
  });
  const total = new Uint32Array(first[populations.length]);
  for (const counts of axons) for (const [number, count] of counts) total[number] += count;
  const isRelayed = new Uint8Array(total.length);
  populations.forEach(({ model }, p) => {
    if (model === "input") return;
    for (let n = first[p]; n < first[p + 1]; n++) if (total[n] > mostSelf[p]) isRelayed[n] = 1;
  });
  const relays = new Uint32Array(total.length);
  const filled = new Uint32Array(total.length);
  const isWide = new Uint8Array(total.length);
  const relayAt = axons.map((counts) => {
    const at = new Map<number, number>();
    for (const [number, count] of counts) {
      if (isRelayed[number] === 0) continue;
      if (count > perRelay) isWide[number] = 1;
      if (relays[number] === 0 || filled[number] + count > perRelay) {
        relays[number]++;
        filled[number] = 0;
      }
      filled[number] += count;
      at.set(number, relays[number] - 1);
    }
    return at;
  });
  const own = relays.map((count, n) => (count > 0 ? count : total[n]));
  const of = (values: Uint32Array): Uint32Array[] =>
    populations.map((_, p) => values.subarray(first[p], first[p + 1]));
  const entries = of(own);
  const wide = [...populations.keys()].filter(
    (p) =>
      populations[p].model !== "input" &&
      (entries[p].some((count) => count > limit) || isWide.subarray(first[p], first[p + 1]).includes(1)),
  );
  return { entries, relays: of(relays), relayAt, wide };
}

/**
 * The network in which relays reach what the plan gives them. Populations keep their numbers, ports and neurons; relays come
 * after them. Delays say what they did, less the step of a relay: they are to be aligned afterwards.
 *
 * @param coreOf `[size]` by population, the core of each neuron, as numbered in the plan
 * @param neuron how the relays of a population are made
 */
export function buildRelays(
  network: Network,
  { relays, relayAt }: RelayPlan,
  coreOf: readonly Int32Array[],
  neuron: (population: number) => RelayNeuron | undefined,
): Network {
  const first = firstNumbers(network.populations);
  const populations: Population[] = [...network.populations];
  const toRelays: Projection[] = [];
  const groups = network.populations.map((population, p) => {
    if (!relays[p].some((count) => count > 0)) return undefined;
    const kind = neuron(p);
    invariant(kind !== undefined, "only neurons that can be repeated are given relays");
    const group = orderRelays(relays[p]);
    const index = populations.length;
    populations.push(relayPopulation(population, p, group.neuron, kind.params));
    const size = group.neuron.length;
    toRelays.push({
      name: `${population.name} -> ${population.name}.relay`,
      pre: p,
      post: index,
      connectivity: sparseFromTriplets(population.size, size, {
        row: group.neuron,
        col: Uint32Array.from({ length: size }, (_, r) => r),
        value: new Float64Array(size).fill(kind.weight),
      }),
      weightScale: 1,
      delaySteps: 1,
      quantization: kind.quantization,
    });
    return { ...group, index };
  });
  const projections = network.projections.flatMap((projection): Projection[] => {
    const { pre, post, connectivity, name, delaySteps } = projection;
    const group = groups[pre];
    if (group === undefined) return [projection];
    const direct = newTriplets();
    const relayed = newTriplets();
    const { rows, cols, rowStart, colIndex, values } = expand(connectivity, { keepZeros: true });
    for (let r = 0; r < rows; r++)
      for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
        const relay = relayAt[coreOf[post][colIndex[i]]].get(first[pre] + r);
        const to = relay === undefined ? direct : relayed;
        to.row.push(relay === undefined ? r : group.rowOf(r, relay));
        to.col.push(colIndex[i]);
        to.value.push(values[i]);
      }
    const own = { ...projection, connectivity: sparseFromTriplets(rows, cols, direct) };
    if (relayed.row.length === 0) return [projection];
    const viaRelay: Projection = {
      ...projection,
      name: `${name} (${populations[group.index].name})`,
      pre: group.index,
      connectivity: sparseFromTriplets(group.neuron.length, cols, relayed),
      delaySteps: delaySteps - 1,
    };
    return direct.row.length === 0 ? [viaRelay] : [own, viaRelay];
  });
  return { ...network, populations, projections: [...projections, ...toRelays] };
}

const newTriplets = (): { row: number[]; col: number[]; value: number[] } => ({
  row: [],
  col: [],
  value: [],
});

/** Number of the first neuron of each population, over all of them; one more at the end. */
function firstNumbers(populations: readonly Population[]): number[] {
  const first = [0];
  for (const { size } of populations) first.push(first[first.length - 1] + size);
  return first;
}

/** Relays that are full come first: each fills a core, while the last ones of several neurons share cores. */
function orderRelays(counts: Uint32Array): {
  neuron: Uint32Array;
  rowOf: (neuron: number, relay: number) => number;
} {
  const firstFull = new Uint32Array(counts.length);
  const lastOf = new Uint32Array(counts.length);
  const neuron: number[] = [];
  counts.forEach((count, n) => {
    firstFull[n] = neuron.length;
    for (let relay = 1; relay < count; relay++) neuron.push(n);
  });
  counts.forEach((count, n) => {
    lastOf[n] = neuron.length;
    if (count > 0) neuron.push(n);
  });
  return {
    neuron: Uint32Array.from(neuron),
    rowOf: (n, relay) => (relay === counts[n] - 1 ? lastOf[n] : firstFull[n] + relay),
  };
}
