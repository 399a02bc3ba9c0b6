import type { Slice } from "#ir/block-graph";
import { available, measureCore, shortagesOf, type CoreMeasure } from "./measure.ts";
import type { CoreLists } from "./core-lists.ts";
import type { Workload } from "./workload.ts";

/** The neurons of a core in another order, and what it then needs. */
export interface Reordered {
  readonly slices: readonly Slice[];
  readonly measure: CoreMeasure;
}

/** Rounds of the search for neighbours, each a pass over all entries and a sort. */
const ROUNDS = 8;

/**
 * The order of compartments on a core that takes fewest words: what one source reaches should lie together, as gaps take
 * bits or entries of their own. Orders that are tried: as given, pixel by pixel where populations are images, and neurons
 * side by side that hear the same sources. All are counted exactly; populations stay together.
 *
 * @returns undefined where no order saves words
 */
export function reorderForWords(
  workload: Workload,
  slices: readonly Slice[],
  measure: CoreMeasure,
): Reordered | undefined {
  if (measure.plan === undefined || measure.lists.neurons < 2) return undefined;
  const neurons = neuronsOf(slices);
  const limits = available(workload);
  let best: Reordered | undefined;
  let words = measure.demand.synapseWords;
  for (const order of [pixelOrder(workload, neurons), overlapOrder(neurons, measure.lists)]) {
    if (order === undefined) continue;
    const reordered = joined(order.map((n) => neurons[n]));
    const tried = measureCore(workload, reordered);
    if (tried.demand.synapseWords >= words || shortagesOf(tried, limits).length > 0) continue;
    words = tried.demand.synapseWords;
    best = { slices: reordered, measure: tried };
  }
  return best;
}

interface Neuron {
  readonly population: number;
  readonly neuron: number;
  /** Place of its population among those of the core. */
  readonly rank: number;
}

function neuronsOf(slices: readonly Slice[]): Neuron[] {
  const ranks = new Map<number, number>();
  return slices.flatMap(({ population, begin, end }) => {
    if (!ranks.has(population)) ranks.set(population, ranks.size);
    const rank = ranks.get(population)!;
    return Array.from({ length: end - begin }, (_, i) => ({ population, neuron: begin + i, rank }));
  });
}

/** All channels of a pixel together; undefined where no population is an image. */
function pixelOrder({ network }: Workload, neurons: readonly Neuron[]): number[] | undefined {
  const planes = network.populations.map(({ shape }) => shape.slice(1).reduce((a, b) => a * b, 1));
  if (neurons.every(({ population }) => planes[population] === 1)) return undefined;
  const pixel = ({ population, neuron }: Neuron): number => neuron % planes[population];
  return sorted(
    neurons,
    (a, b) => pixel(neurons[a]) - pixel(neurons[b]) || neurons[a].neuron - neurons[b].neuron,
  );
}

/**
 * Every source moves to the mean place of its targets, every neuron to the mean place of its sources, again and again:
 * those with sources in common drift together.
 */
function overlapOrder(
  neurons: readonly Neuron[],
  { entryStart, target, partStart, sourceNeuron }: CoreLists,
): number[] {
  const count = neurons.length;
  const place = Float64Array.from({ length: count }, (_, n) => n);
  const sum = new Float64Array(count);
  const heard = new Uint32Array(count);
  let order: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    sum.fill(0);
    heard.fill(0);
    for (let axon = 0; axon < sourceNeuron.length; axon++) {
      const [begin, end] = [entryStart[partStart[axon]], entryStart[partStart[axon + 1]]];
      let mean = 0;
      for (let i = begin; i < end; i++) mean += place[target[i]];
      mean /= end - begin;
      for (let i = begin; i < end; i++) {
        sum[target[i]] += mean;
        heard[target[i]]++;
      }
    }
    const drift = sum.map((total, n) => (heard[n] === 0 ? place[n] : total / heard[n]));
    order = sorted(neurons, (a, b) => drift[a] - drift[b] || a - b);
    order.forEach((n, i) => (place[n] = i));
  }
  return order;
}

/** Numbers of the neurons, population by population. */
function sorted(neurons: readonly Neuron[], compare: (a: number, b: number) => number): number[] {
  return Array.from(neurons.keys()).sort((a, b) => neurons[a].rank - neurons[b].rank || compare(a, b));
}

function joined(neurons: readonly Neuron[]): Slice[] {
  const slices: Slice[] = [];
  for (const { population, neuron } of neurons) {
    const last = slices.at(-1);
    if (last?.population === population && last.end === neuron)
      slices[slices.length - 1] = { ...last, end: neuron + 1 };
    else slices.push({ population, begin: neuron, end: neuron + 1 });
  }
  return slices;
}
