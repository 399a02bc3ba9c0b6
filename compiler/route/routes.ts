import type { Slice } from "#ir/block-graph";
import type { CoreProgram } from "#ir/deployment";
import type { Network } from "#ir/network";

type RouteTable = Pick<CoreProgram, "routeStart" | "routeCore" | "routeAxon">;

/** Where the spikes of every neuron and input line go. */
export interface Routes {
  /** Table of the neurons [begin, end) of a population. */
  of(population: number, begin: number, end: number): RouteTable;
  /** Table of slices, one after the other. */
  ofSlices(slices: readonly Slice[]): RouteTable;
}

/**
 * Turns "this axon of this core listens to that neuron" round.
 *
 * @param listeners ascending by core; sources of each core's axons, `[axons]`
 */
export function createRoutes(
  network: Network,
  listeners: readonly {
    readonly core: number;
    readonly sourcePopulation: Uint32Array;
    readonly sourceNeuron: Uint32Array;
  }[],
): Routes {
  const starts = network.populations.map(({ size }) => new Uint32Array(size + 1));
  for (const { sourcePopulation, sourceNeuron } of listeners)
    for (let axon = 0; axon < sourceNeuron.length; axon++)
      starts[sourcePopulation[axon]][sourceNeuron[axon] + 1]++;
  for (const start of starts) for (let n = 1; n < start.length; n++) start[n] += start[n - 1];
  const next = starts.map((start) => start.slice());
  const routeCore = starts.map((start) => new Uint32Array(start[start.length - 1]));
  const routeAxon = starts.map((start) => new Uint16Array(start[start.length - 1]));
  for (const { core, sourcePopulation, sourceNeuron } of listeners) {
    for (let axon = 0; axon < sourceNeuron.length; axon++) {
      const population = sourcePopulation[axon];
      const at = next[population][sourceNeuron[axon]]++;
      routeCore[population][at] = core;
      routeAxon[population][at] = axon;
    }
  }

  const ofSlices = (slices: readonly Slice[]): RouteTable => {
    const sum = (value: (slice: Slice) => number): number =>
      slices.reduce((total, slice) => total + value(slice), 0);
    const entriesOf = ({ population, begin, end }: Slice): number =>
      starts[population][end] - starts[population][begin];
    const table = {
      routeStart: new Uint32Array(sum(({ begin, end }) => end - begin) + 1),
      routeCore: new Uint32Array(sum(entriesOf)),
      routeAxon: new Uint16Array(sum(entriesOf)),
    };
    let neuron = 0;
    let entry = 0;
    for (const { population, begin, end } of slices) {
      const start = starts[population];
      table.routeCore.set(routeCore[population].subarray(start[begin], start[end]), entry);
      table.routeAxon.set(routeAxon[population].subarray(start[begin], start[end]), entry);
      for (let n = begin; n < end; n++) {
        entry += start[n + 1] - start[n];
        table.routeStart[++neuron] = entry;
      }
    }
    return table;
  };
  return { of: (population, begin, end) => ofSlices([{ population, begin, end }]), ofSlices };
}
