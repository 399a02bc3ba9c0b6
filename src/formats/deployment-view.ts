// A deployment seen from its neurons: who sits where, and where the spikes of every source go. For exporters.
import type { CoreProgram, Deployment, InputPort } from "#ir/deployment";

/** A neuron, or a line of an input port. */
export interface Source {
  /** Index into `Deployment.populations`. */
  readonly population: number;
  /** Index inside the population. */
  readonly neuron: number;
  /** Absent for lines of input ports: they come from outside the chip. */
  readonly at?: { readonly core: number; readonly compartment: number };
  readonly routes: readonly { readonly core: number; readonly axon: number }[];
}

/** Neurons [begin, end) of a population, in neighbouring compartments from `compartment` on. */
export interface PlacedSlice {
  readonly population: number;
  readonly begin: number;
  readonly end: number;
  readonly compartment: number;
}

/** By core: the neuron (index inside its population) of every compartment, `[neurons]`. */
export function neuronOfCompartment({ cores, populations }: Deployment): ReadonlyMap<number, Uint32Array> {
  const result = new Map(cores.map(({ core, neurons }) => [core, new Uint32Array(neurons)]));
  for (const { core, compartment } of populations)
    for (let neuron = 0; neuron < core.length; neuron++)
      (result.get(core[neuron]) as Uint32Array)[compartment[neuron]] = neuron;
  return result;
}

/** Population of every compartment of a core, `[neurons]`. */
export function populationOfCompartment({ neurons, groups }: CoreProgram): Uint32Array {
  const result = new Uint32Array(neurons);
  for (const { population, begin, end } of groups) result.fill(population, begin, end);
  return result;
}

/** What a core holds as runs of neighbours, in order of compartments. */
export function slicesOf({ groups }: CoreProgram, neurons: Uint32Array): PlacedSlice[] {
  return groups.flatMap(({ population, begin, end }) => {
    const slices: PlacedSlice[] = [];
    for (let from = begin, to = begin + 1; to <= end; to++) {
      if (to < end && neurons[to] === neurons[to - 1] + 1) continue;
      slices.push({ population, begin: neurons[from], end: neurons[to - 1] + 1, compartment: from });
      from = to;
    }
    return slices;
  });
}

/** Ports whose lines are sources; others write biases and send nothing. */
export const spikeInputs = ({ inputs }: Deployment): readonly InputPort[] =>
  inputs.filter(({ drives }) => drives === undefined);

/** Every source that sends: lines of the input ports first, then neurons by population. */
export function* sourcesOf(deployment: Deployment): Generator<Source> {
  const { cores, populations } = deployment;
  for (const { population, routeStart, routeCore, routeAxon } of spikeInputs(deployment))
    for (let neuron = 0; neuron + 1 < routeStart.length; neuron++)
      yield { population, neuron, routes: routesAt({ routeStart, routeCore, routeAxon }, neuron) };
  const programs = new Map(cores.map((program) => [program.core, program]));
  for (const [population, { core, compartment }] of populations.entries())
    for (let neuron = 0; neuron < core.length; neuron++) {
      const at = { core: core[neuron], compartment: compartment[neuron] };
      const program = programs.get(at.core) as CoreProgram;
      yield { population, neuron, at, routes: routesAt(program, at.compartment) };
    }
}

function routesAt(
  { routeStart, routeCore, routeAxon }: Pick<CoreProgram, "routeStart" | "routeCore" | "routeAxon">,
  source: number,
): Source["routes"] {
  const routes: { core: number; axon: number }[] = [];
  for (let r = routeStart[source]; r < routeStart[source + 1]; r++)
    routes.push({ core: routeCore[r], axon: routeAxon[r] });
  return routes;
}
