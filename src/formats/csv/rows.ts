import { storedWords, type CoreProgram, type Deployment } from "#ir/deployment";
import { routeHops } from "#targets/route";
import { tileOf, type Target } from "#targets/target";
import {
  neuronOfCompartment,
  populationOfCompartment,
  slicesOf,
  sourcesOf,
  type Source,
} from "../deployment-view.ts";
import type { Cell } from "./text.ts";

/** One row for each core in use. Slices of populations are half-open: `lif1[0:256]`. */
export function* coreRows(deployment: Deployment, target: Target): Generator<Cell[]> {
  yield [
    "core",
    "chip",
    "tile_x",
    "tile_y",
    "core_in_tile",
    "neurons",
    "axons_in",
    "routes_out",
    "synapses",
    "synapse_words",
    "synapse_formats",
    "populations",
  ];
  const neurons = neuronOfCompartment(deployment);
  for (const program of deployment.cores) {
    const { chip, x, y } = tileOf(target, program.core);
    const slices = slicesOf(program, neurons.get(program.core) as Uint32Array).map(
      ({ population, begin, end }) => `${deployment.populations[population].name}[${begin}:${end}]`,
    );
    yield [
      program.core,
      chip,
      x,
      y,
      program.core % target.mesh.coresPerTile,
      program.neurons,
      program.axonWords.length,
      program.routeCore.length,
      program.target.length,
      storedWords(program),
      program.formats.length,
      slices.join(" "),
    ];
  }
}

/** One row for each entry of an output table: a message for every spike of its source. Cells of the sender are empty for inputs. */
export function* routeRows(deployment: Deployment, target: Target): Generator<Cell[]> {
  yield [
    "source",
    "neuron",
    "from_core",
    "to_core",
    "axon",
    "synapses",
    "synapse_words",
    "hops_east_west",
    "hops_north_south",
    "chip_borders",
  ];
  const programs = programsOf(deployment);
  for (const source of sourcesOf(deployment))
    for (const { core, axon } of source.routes) {
      const { axonStart, axonWords } = programs.get(core) as CoreProgram;
      const hops = source.at && routeHops(target, source.at.core, core);
      yield [
        ...nameOf(deployment, source),
        source.at?.core ?? "",
        core,
        axon,
        axonStart[axon + 1] - axonStart[axon],
        axonWords[axon],
        ...(hops === undefined ? ["", "", ""] : [hops.eastWest, hops.northSouth, hops.chips]),
      ];
    }
}

/** One row for each stored synapse, zeros included; what arrives is weight · 2^weight_exponent. */
export function* synapseRows(deployment: Deployment): Generator<Cell[]> {
  yield [
    "source",
    "source_neuron",
    "target",
    "target_neuron",
    "core",
    "axon",
    "weight",
    "weight_exponent",
    "delay_steps",
    "encoding",
  ];
  const programs = programsOf(deployment);
  const neurons = neuronOfCompartment(deployment);
  const populations = new Map(deployment.cores.map((core) => [core.core, populationOfCompartment(core)]));
  for (const source of sourcesOf(deployment))
    for (const { core, axon } of source.routes) {
      const { axonStart, target, weight, format, formats, delaySteps } = programs.get(core) as CoreProgram;
      const neuronAt = neurons.get(core) as Uint32Array;
      const populationAt = populations.get(core) as Uint32Array;
      for (let entry = axonStart[axon]; entry < axonStart[axon + 1]; entry++) {
        const { weightExponent, encoding } = formats[format[entry]];
        yield [
          ...nameOf(deployment, source),
          deployment.populations[populationAt[target[entry]]].name,
          neuronAt[target[entry]],
          core,
          axon,
          weight[entry],
          weightExponent,
          delaySteps[entry],
          encoding,
        ];
      }
    }
}

const programsOf = ({ cores }: Deployment): ReadonlyMap<number, CoreProgram> =>
  new Map(cores.map((program) => [program.core, program]));

const nameOf = ({ populations }: Deployment, { population, neuron }: Source): [string, number] => [
  populations[population].name,
  neuron,
];
