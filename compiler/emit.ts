import type { Placement, Slice } from "#ir/block-graph";
import type {
  CoreProgram,
  Deployment,
  InputPort,
  IntegerRules,
  NeuronGroup,
  OutputPort,
  PopulationMap,
} from "#ir/deployment";
import type { Network, Population } from "#ir/network";
import { broadcastParams, neuronModel } from "#neurons/index";
import { silentThreshold } from "#targets/neuron-limits";
import { coresPerChip, type Target } from "#targets/target";
import { coreSynapses } from "./encode/core-synapses.ts";
import type { Workload } from "./encode/workload.ts";
import type { MappedBlock } from "./partition/mapped-block.ts";
import { createRoutes, type Routes } from "./route/routes.ts";

/**
 * Writes down what every core does. Cores ascend by id; on a core, compartments follow the block's slices, and
 * input axons ascend by sending population and neuron; routes of a neuron ascend by core.
 */
export function emit(
  workload: Workload,
  blocks: readonly MappedBlock[],
  { coreOfBlock }: Placement,
  rules: IntegerRules,
): Deployment {
  const { network, target, packer } = workload;
  const order = blocks.map((_, b) => b).sort((a, b) => coreOfBlock[a] - coreOfBlock[b]);
  const populations = placePopulations(network, blocks, coreOfBlock);
  const routes = createRoutes(
    network,
    order.map((b) => ({ core: coreOfBlock[b], ...blocks[b].measure.lists })),
  );
  const cores = order.map((b) => emitCore(workload, blocks[b], coreOfBlock[b], routes));
  const lastCore = cores.at(-1)?.core ?? 0;
  return {
    version: 1,
    network: network.name,
    target: target.name,
    packer: packer.name,
    rules,
    ...(network.timestepNs === undefined ? {} : { timestepNs: network.timestepNs }),
    chips: Math.floor(lastCore / coresPerChip(target)) + 1,
    cores,
    populations,
    inputs: network.inputs.map(({ name, population, drives }): InputPort => {
      const { size } = network.populations[population];
      if (drives === undefined) return { name, population, ...routes.of(population, 0, size) };
      return { name, population, ...noRoutes(size), drives };
    }),
    outputs: network.outputs.map(({ name, population }) => outputPort(network, target, name, population)),
  };
}

/** Biases are written by the host, not sent. */
function noRoutes(lines: number): Pick<InputPort, "routeStart" | "routeCore" | "routeAxon"> {
  return {
    routeStart: new Uint32Array(lines + 1),
    routeCore: new Uint32Array(),
    routeAxon: new Uint16Array(),
  };
}

function emitCore(workload: Workload, block: MappedBlock, core: number, routes: Routes): CoreProgram {
  const { network } = workload;
  const groups: NeuronGroup[] = [];
  let neurons = 0;
  for (const slices of runsOfPopulation(block.slices)) {
    const { population } = slices[0];
    const { model, params, size } = network.populations[population];
    const spec = neuronModel(model);
    const begin = neurons;
    for (const slice of slices) neurons += slice.end - slice.begin;
    groups.push({
      population,
      model,
      begin,
      end: neurons,
      params: broadcastParams(spec, params, size).map((values, k) => {
        const own = new (spec.params[k].isReal ? Float64Array : Int32Array)(neurons - begin);
        let next = 0;
        for (const slice of slices) {
          own.set(values.subarray(slice.begin, slice.end), next);
          next += slice.end - slice.begin;
        }
        return own;
      }),
    });
  }
  return {
    core,
    neurons,
    groups,
    ...coreSynapses(workload, block.measure),
    ...routes.ofSlices(block.slices),
  };
}

/** Slices of one population that follow one another; they make one group of neurons. */
function runsOfPopulation(slices: readonly Slice[]): Slice[][] {
  const runs: Slice[][] = [];
  for (const slice of slices) {
    const last = runs.at(-1);
    if (last?.[0].population === slice.population) last.push(slice);
    else runs.push([slice]);
  }
  return runs;
}

function placePopulations(
  network: Network,
  blocks: readonly MappedBlock[],
  coreOfBlock: Uint32Array,
): PopulationMap[] {
  const maps = network.populations.map(({ name, shape, startStep, periodicReset, model, size }) => {
    const places = model === "input" ? 0 : size;
    return {
      name,
      shape,
      startStep: startStep ?? 0,
      ...(periodicReset !== undefined && { periodicReset }),
      core: new Uint32Array(places),
      compartment: new Uint16Array(places),
    };
  });
  blocks.forEach(({ slices }, b) => {
    let compartment = 0;
    for (const { population, begin, end } of slices) {
      maps[population].core.fill(coreOfBlock[b], begin, end);
      for (let n = begin; n < end; n++) maps[population].compartment[n] = compartment++;
    }
  });
  return maps;
}

function outputPort(network: Network, target: Target, name: string, population: number): OutputPort {
  const { membraneQuantum } = network.populations[population];
  if (!isMembraneReadout(network, target, population)) return { name, population, readout: "spikes" };
  return {
    name,
    population,
    readout: "membrane",
    ...(membraneQuantum === undefined ? {} : { membraneQuantum }),
  };
}

/**
 * Whether an output is read by its membrane: a population that sends to nothing and whose neurons all have the
 * highest threshold there is. `quantize` gives that threshold to populations that never fire, and to no other.
 */
function isMembraneReadout(network: Network, target: Target, index: number): boolean {
  const population: Population = network.populations[index];
  if (population.model === "input") return false;
  const { parameter, value } = silentThreshold(target.neuron);
  const thresholds = population.params[parameter] as Float64Array | undefined;
  return (
    thresholds !== undefined &&
    thresholds.every((threshold) => threshold === value) &&
    network.projections.every(({ pre }) => pre !== index)
  );
}
