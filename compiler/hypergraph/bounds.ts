import type { AxonGraph } from "#ir/axon-graph";
import type { CoreCapacity } from "./capacity.ts";
import type { Incoming } from "./fill.ts";

/** Cores that any mapping needs at least, by resource. */
export interface CoreBounds {
  readonly neurons: number;
  /** Every synapse in a list as long as can be. */
  readonly synapseWords: number;
  /** Every axon in as few cores as its targets fit into. */
  readonly axonsIn: number;
  /** The same entries at the sending side. */
  readonly axonsOut: number;
  /** The largest of them: no legal mapping has fewer. */
  readonly cores: number;
  /** Cores that the axons of the mapping found need: fewer take fewer cores per axon. No bound for others. */
  readonly atFoundConnectivity: number;
}

/** @param lists synapse lists of the mapping found: one for each axon and core it reaches */
export function coreBounds(graph: AxonGraph, capacity: CoreCapacity, lists: number): CoreBounds {
  const { neurons, axonStart } = graph;
  let words = 0;
  let fewestLists = 0;
  for (let n = 0; n < neurons; n++) {
    const targets = axonStart[n + 1] - axonStart[n];
    if (targets === 0) continue;
    words += targets * cheapestSynapse(capacity, targets);
    fewestLists += Math.ceil(targets / capacity.neurons);
  }
  const bounds = {
    neurons: Math.ceil(neurons / capacity.neurons),
    synapseWords: Math.ceil((words - 1e-6) / capacity.synapseWords),
    axonsIn: Math.ceil(fewestLists / capacity.axonsIn),
    axonsOut: Math.ceil(fewestLists / capacity.axonsOut),
  };
  const cores = Math.max(1, bounds.neurons, bounds.synapseWords, bounds.axonsIn, bounds.axonsOut);
  const atFoundConnectivity = Math.max(
    cores,
    Math.ceil(lists / Math.min(capacity.axonsIn, capacity.axonsOut)),
  );
  return { ...bounds, cores, atFoundConnectivity };
}

/** Synapse lists of a mapping, and cores that would hold what it takes of every resource, were it spread evenly: not rounded. */
export function coreLoads(
  { neurons, axonStart, target }: AxonGraph,
  coreOf: Uint16Array,
  cores: number,
  capacity: CoreCapacity,
): { readonly lists: number; readonly needed: number } {
  const count = new Uint32Array(cores);
  let lists = 0;
  let words = 0;
  for (let n = 0; n < neurons; n++) {
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) if (count[coreOf[target[s]]]++ === 0) lists++;
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) {
      const core = coreOf[target[s]];
      if (count[core] > 0) words += capacity.wordsOfList(count[core]);
      count[core] = 0;
    }
  }
  const needed = Math.max(
    neurons / capacity.neurons,
    lists / Math.min(capacity.axonsIn, capacity.axonsOut),
    words / capacity.synapseWords,
  );
  return { lists, needed };
}

const cheapest = new WeakMap<CoreCapacity, number[]>();

/** Words for a synapse in the best list of at most so many synapses. */
function cheapestSynapse(capacity: CoreCapacity, targets: number): number {
  let known = cheapest.get(capacity);
  if (known === undefined) cheapest.set(capacity, (known = [Infinity]));
  for (let n = known.length; n <= targets; n++)
    known.push(Math.min(known[n - 1], capacity.wordsOfList(n) / n));
  return known[targets];
}

/** A neuron that no core can hold, however empty, and why; undefined if there is none. */
export function oversizedNeuron(
  { neurons }: AxonGraph,
  { inStart }: Incoming,
  capacity: CoreCapacity,
):
  | { readonly neuron: number; readonly resource: "axonsIn" | "synapseWords"; readonly needed: number }
  | undefined {
  const wordsOfOne = capacity.wordsOfList(1);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const sources = inStart[neuron + 1] - inStart[neuron];
    if (sources > capacity.axonsIn) return { neuron, resource: "axonsIn", needed: sources };
    if (sources * wordsOfOne > capacity.synapseWords)
      return { neuron, resource: "synapseWords", needed: sources * wordsOfOne };
  }
  return undefined;
}
