import type { AxonGraph } from "#ir/axon-graph";
import { wordTable, type CoreCapacity } from "./capacity.ts";

/**
 * Cuts an order of neurons into cores: a core is closed when the next neuron would take it over a wall, or over its share
 * of the neurons. Output entries, which depend on everybody's place, are not looked at.
 *
 * @param neuronShare neurons of a core at most, as a share of the capacity
 */
export function fillInOrder(
  graph: AxonGraph,
  incoming: Incoming,
  order: Uint32Array,
  capacity: CoreCapacity,
  neuronShare = 1,
): { readonly coreOf: Uint16Array; readonly cores: number } {
  const { inStart, inSource } = incoming;
  const coreOf = new Uint16Array(graph.neurons);
  const table = wordTable(capacity, capacity.neurons + 1);
  const stamp = new Int32Array(graph.neurons).fill(-1);
  const count = new Uint16Array(graph.neurons);
  const mostNeurons = Math.ceil(capacity.neurons * neuronShare);
  let core = 0;
  let neurons = 0;
  let axonsIn = 0;
  let words = 0;
  for (const v of order) {
    for (;;) {
      let newAxons = 0;
      let newWords = 0;
      for (let i = inStart[v]; i < inStart[v + 1]; i++) {
        const source = inSource[i];
        const before = stamp[source] === core ? count[source] : 0;
        if (before === 0) newAxons++;
        newWords += table[before + 1] - table[before];
      }
      const fits =
        neurons + 1 <= mostNeurons &&
        axonsIn + newAxons <= capacity.axonsIn &&
        words + newWords <= capacity.synapseWords;
      if (fits || neurons === 0) {
        axonsIn += newAxons;
        words += newWords;
        break;
      }
      core++;
      neurons = 0;
      axonsIn = 0;
      words = 0;
    }
    for (let i = inStart[v]; i < inStart[v + 1]; i++) {
      const source = inSource[i];
      if (stamp[source] !== core) {
        stamp[source] = core;
        count[source] = 0;
      }
      count[source]++;
    }
    neurons++;
    coreOf[v] = core;
  }
  return { coreOf, cores: core + 1 };
}

/** Steps of the search for the share of the neurons. */
const HALVINGS = 6;

/** The same with the smallest share of the neurons that takes no more than `cores`, if any does: all about equally full. */
export function fillEvenly(
  graph: AxonGraph,
  incoming: Incoming,
  order: Uint32Array,
  capacity: CoreCapacity,
  cores: number,
): { readonly coreOf: Uint16Array; readonly cores: number } {
  let best = fillInOrder(graph, incoming, order, capacity, 1);
  if (best.cores > cores) return best;
  let low = graph.neurons / cores / capacity.neurons;
  let high = 1;
  for (let step = 0; step < HALVINGS; step++) {
    const share = step === 0 ? low : (low + high) / 2;
    const tried = fillInOrder(graph, incoming, order, capacity, share);
    if (tried.cores <= cores) {
      best = tried;
      if (step === 0) break;
      high = share;
    } else low = share;
  }
  return best;
}

/** Sources of every neuron. */
export interface Incoming {
  /** `[neurons + 1]` */
  readonly inStart: Uint32Array;
  readonly inSource: Uint32Array;
}

export function incomingOf({ neurons, axonStart, target }: AxonGraph): Incoming {
  const inStart = new Uint32Array(neurons + 1);
  for (const t of target) inStart[t + 1]++;
  for (let v = 0; v < neurons; v++) inStart[v + 1] += inStart[v];
  const next = inStart.slice(0, neurons);
  const inSource = new Uint32Array(target.length);
  for (let n = 0; n < neurons; n++)
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) inSource[next[target[s]]++] = n;
  return { inStart, inSource };
}
