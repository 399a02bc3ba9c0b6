import type { AxonGraph } from "#ir/axon-graph";

/**
 * The same graph with its neurons numbered anew. Where those that end up on one core have neighbouring numbers, all
 * that a move looks at lies close together in memory.
 *
 * @param order `[neurons]`: the neuron that gets number i is order[i]
 */
export function reorderGraph(graph: AxonGraph, order: Uint32Array): AxonGraph {
  const { neurons, axonStart, target, rate, layer } = graph;
  const newOf = new Uint32Array(neurons);
  for (let i = 0; i < neurons; i++) newOf[order[i]] = i;
  const newStart = new Uint32Array(neurons + 1);
  const newTarget = new Uint32Array(target.length);
  const newRate = new Float64Array(neurons);
  let at = 0;
  for (let i = 0; i < neurons; i++) {
    const n = order[i];
    const begin = at;
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) newTarget[at++] = newOf[target[s]];
    newTarget.subarray(begin, at).sort();
    newStart[i + 1] = at;
    newRate[i] = rate[n];
  }
  return {
    neurons,
    axonStart: newStart,
    target: newTarget,
    rate: newRate,
    ...(layer !== undefined && { layer: Uint32Array.from(order, (n) => layer[n]) }),
  };
}

/** Neurons core by core; inside a core as they were. */
export function orderByCore(coreOf: Uint16Array, cores: number): Uint32Array {
  const start = new Uint32Array(cores + 1);
  for (const core of coreOf) start[core + 1]++;
  for (let core = 0; core < cores; core++) start[core + 1] += start[core];
  const order = new Uint32Array(coreOf.length);
  for (let n = 0; n < coreOf.length; n++) order[start[coreOf[n]]++] = n;
  return order;
}
