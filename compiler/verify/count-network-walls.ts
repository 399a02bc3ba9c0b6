import type { Demand } from "#ir/block-graph";
import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";

/**
 * What cores need that has nothing to do with how they store synapses: who is on them, and how many they hear of and send
 * to. Zero weights that fill a list are synapses too: they are stored.
 *
 * @returns `[cores]`
 */
export function countNetworkWalls(
  cores: readonly CoreProgram[],
  deployment: Deployment,
  network: Network,
): Partial<Demand>[] {
  const fanOut = synapsesOut(cores);
  const isInput = (population: number): boolean => network.populations[population].model === "input";
  const inputLines = linesByCore(deployment);
  const readOut = new Set(deployment.outputs.map(({ population }) => population));
  return cores.map((core): Partial<Demand> => {
    const fanIn = new Uint32Array(core.neurons);
    for (const compartment of core.target) fanIn[compartment]++;
    const destinations = new Set(core.routeCore);
    let ofNeuron = 0;
    let most = 0;
    for (let n = 0; n < core.neurons; n++) {
      ofNeuron = Math.max(ofNeuron, core.routeStart[n + 1] - core.routeStart[n]);
      let synapses = 0;
      for (let i = core.routeStart[n]; i < core.routeStart[n + 1]; i++)
        synapses += fanOut.get(core.routeCore[i])?.[core.routeAxon[i]] ?? 0;
      most = Math.max(most, synapses);
    }
    const groups = core.groups.filter(({ population }) => !isInput(population));
    return {
      populations: new Set(groups.map(({ population }) => population)).size,
      synapses: core.target.length,
      inputLines: inputLines.get(core.core) ?? 0,
      outputLines: groups.reduce(
        (sum, { population, begin, end }) => sum + (readOut.has(population) ? end - begin : 0),
        0,
      ),
      fanIn: fanIn.reduce((largest, count) => Math.max(largest, count), 0),
      fanOut: most,
      destinationsOfNeuron: ofNeuron,
      destinationCores: destinations.size,
    };
  });
}

/** Entries of every input axon, by core. */
function synapsesOut(cores: readonly CoreProgram[]): Map<number, Uint32Array> {
  return new Map(
    cores.map(({ core, axonStart }) => [
      core,
      Uint32Array.from(axonStart.subarray(1), (end, axon) => end - axonStart[axon]),
    ]),
  );
}

/** Input lines that send to each core. */
function linesByCore({ inputs }: Deployment): Map<number, number> {
  const lines = new Map<number, number>();
  for (const { routeStart, routeCore } of inputs)
    for (let line = 0; line + 1 < routeStart.length; line++)
      for (const core of new Set(routeCore.subarray(routeStart[line], routeStart[line + 1])))
        lines.set(core, (lines.get(core) ?? 0) + 1);
  return lines;
}
