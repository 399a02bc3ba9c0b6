import type { AxonGraph } from "#ir/axon-graph";
import type { Workload } from "../encode/workload.ts";

/** Some populations of a network as bare connectivity, and which neuron is which. */
export interface PopulationGraph {
  readonly graph: AxonGraph;
  /** `[neurons + outside]`: population and number of every neuron of the graph and of every source outside. */
  readonly population: Uint32Array;
  readonly neuron: Uint32Array;
  /** `[populations of the network]`: first neuron in the graph; -1 for populations that are not in it. */
  readonly firstOf: Int32Array;
}

/** Expected spikes per step of each neuron, by population name, `[size]`. */
export type SpikeRates = Readonly<Record<string, Float64Array>>;

/** Neurons whose sources are read at a time: what kernels expand to is in memory for so many only. */
const CHUNK = 2048;

/**
 * The neurons of some mapped populations, in the order of the network, and everything that reaches them: what comes from
 * input lines or from populations that are not listed is a source outside. Sources without a target are left out; several
 * synapses from one source to one neuron are one.
 *
 * @param populations ascending
 * @param rates       1 spike per step where absent
 */
export function axonGraphOf(
  workload: Workload,
  populations: readonly number[],
  rates: SpikeRates = {},
): PopulationGraph {
  const { network } = workload;
  const firstOf = new Int32Array(network.populations.length).fill(-1);
  let neurons = 0;
  for (const p of populations) {
    firstOf[p] = neurons;
    neurons += network.populations[p].size;
  }
  const counts = network.populations.map(({ size }) => new Uint32Array(size));
  forEachSynapse(workload, populations, firstOf, (pre, source) => counts[pre][source]++);

  const population: number[] = [];
  const neuron: number[] = [];
  const numberOf = counts.map((_, p) => new Int32Array(counts[p].length).fill(-1));
  const list = (p: number, isListed: (n: number) => boolean): void => {
    for (let n = 0; n < counts[p].length; n++) {
      if (!isListed(n)) continue;
      numberOf[p][n] = population.length;
      population.push(p);
      neuron.push(n);
    }
  };
  for (const p of populations) list(p, () => true);
  for (let p = 0; p < counts.length; p++) if (firstOf[p] < 0) list(p, (n) => counts[p][n] > 0);

  const sources = population.length;
  const axonStart = new Uint32Array(sources + 1);
  for (let s = 0; s < sources; s++) axonStart[s + 1] = axonStart[s] + counts[population[s]][neuron[s]];
  const next = axonStart.slice(0, sources);
  const target = new Uint32Array(axonStart[sources]);
  forEachSynapse(workload, populations, firstOf, (pre, source, post) => {
    target[next[numberOf[pre][source]]++] = post;
  });
  const rate = Float64Array.from(
    population,
    (p, s) => (rates[network.populations[p].name] as Float64Array | undefined)?.[neuron[s]] ?? 1,
  );
  const layer = Uint32Array.from(population.slice(0, neurons));
  return {
    graph: { neurons, axonStart, target, rate, layer, outside: sources - neurons },
    population: Uint32Array.from(population),
    neuron: Uint32Array.from(neuron),
    firstOf,
  };
}

/** Every source of every neuron once, neurons ascending. */
function forEachSynapse(
  { network, incoming }: Workload,
  populations: readonly number[],
  firstOf: Int32Array,
  visit: (pre: number, source: number, post: number) => void,
): void {
  const stamps = network.populations.map(({ size }) => new Int32Array(size).fill(-1));
  for (const p of populations) {
    const { size } = network.populations[p];
    for (let begin = 0; begin < size; begin += CHUNK) {
      const end = Math.min(size, begin + CHUNK);
      const read = incoming[p].map(({ pre, source }) => ({ pre, columns: source.read(begin, end) }));
      for (let n = begin; n < end; n++) {
        const post = firstOf[p] + n;
        for (const { pre, columns } of read) {
          const stamp = stamps[pre];
          for (let i = columns.start[n - begin]; i < columns.start[n - begin + 1]; i++) {
            const source = columns.row[i];
            if (stamp[source] === post) continue;
            stamp[source] = post;
            visit(pre, source, post);
          }
        }
      }
    }
  }
}
