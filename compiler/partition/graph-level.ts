import type { AxonGraph } from "#ir/axon-graph";
import { withReverse, type Level } from "../hypergraph/level.ts";

/** Core of sources that are on none, as an `Assignment` numbers cores. */
export const NO_CORE: number = 2 ** 16 - 1;

/**
 * The finest level of a graph with sources outside: their nets have a source that is no node, on a core that is none, so
 * they take input axons and words where they have targets, and nothing else.
 */
export function levelWithOutside(graph: AxonGraph): Level {
  const { neurons, axonStart, target, rate } = graph;
  const sources: number[] = [];
  for (let n = 0; n + 1 < axonStart.length; n++) if (axonStart[n + 1] > axonStart[n]) sources.push(n);
  return withReverse({
    nodes: neurons,
    nets: sources.length,
    size: new Uint32Array(neurons).fill(1),
    netStart: Uint32Array.from([...sources.map((n) => axonStart[n]), target.length]),
    pin: target,
    source: Uint32Array.from(sources),
    rate: Float64Array.from(sources, (n) => rate[n]),
    axons: new Uint32Array(sources.length).fill(1),
  });
}

/** `[neurons + outside]`: cores of the neurons, and none for the sources outside. */
export function withOutside({ neurons, outside = 0 }: AxonGraph, coreOf: ArrayLike<number>): Uint16Array {
  const all = new Uint16Array(neurons + outside).fill(NO_CORE);
  all.set(coreOf);
  return all;
}

/** Sources of every neuron, those outside too. */
export function incomingWithOutside({ neurons, axonStart, target }: AxonGraph): {
  readonly inStart: Uint32Array;
  readonly inSource: Uint32Array;
} {
  const inStart = new Uint32Array(neurons + 1);
  for (const t of target) inStart[t + 1]++;
  for (let v = 0; v < neurons; v++) inStart[v + 1] += inStart[v];
  const next = inStart.slice(0, neurons);
  const inSource = new Uint32Array(target.length);
  for (let n = 0; n + 1 < axonStart.length; n++)
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) inSource[next[target[s]]++] = n;
  return { inStart, inSource };
}
