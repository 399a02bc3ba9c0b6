import type { Slice } from "#ir/block-graph";
import type { PopulationGraph } from "./axon-graph.ts";
import type { Cut } from "./search-cut.ts";
import { slicesOfNeurons } from "./slices.ts";

/** Core of every neuron of the graph, where the pieces are cores. */
export function cutOf({ graph, firstOf }: PopulationGraph, pieces: readonly (readonly Slice[])[]): Cut {
  const coreOf = new Uint16Array(graph.neurons);
  pieces.forEach((slices, core) => {
    for (const { population, begin, end } of slices)
      coreOf.fill(core, firstOf[population] + begin, firstOf[population] + end);
  });
  return { coreOf, cores: pieces.length };
}

/** The neurons of every core as slices, ascending. */
export function piecesOf({ graph, population, neuron }: PopulationGraph, { coreOf, cores }: Cut): Slice[][] {
  const members = Array.from({ length: cores }, (): { population: number; neuron: number }[] => []);
  for (let n = 0; n < graph.neurons; n++)
    members[coreOf[n]].push({ population: population[n], neuron: neuron[n] });
  return members.map((list) => slicesOfNeurons(list));
}
