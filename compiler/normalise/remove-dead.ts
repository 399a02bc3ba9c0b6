import { carriesAnything } from "#ir/connectivity";
import type { Network, Population } from "#ir/network";
import type { Pass } from "../pass.ts";
import { deadNeurons } from "../passes/diagnostics.ts";
import { restrictTo } from "./restrict.ts";
import { silentNeurons } from "./silent.ts";
import { unheardNeurons } from "./unheard.ts";
import { wiringOf } from "./wiring.ts";

/**
 * Removes neurons that cannot matter: those that never fire, and those that no output can hear.
 *
 * Pruning leaves them behind; on a core each still takes a compartment, is visited in every step, and what it hears takes
 * memory and messages. The spikes and membranes of all outputs stay what they were. Inputs and outputs keep their shape;
 * where kernels lead in or out, whole channels go or none, so that the kernel stays one. `Population.kept` remembers
 * who is left. Runs on quantized networks: rounding is what silences most.
 */
export const removeDead: Pass = {
  name: "remove-dead",
  summary: "remove neurons that never fire or that no output can hear",

  run(network, { sink }) {
    if (network.projections.some(({ quantization }) => quantization === undefined)) return network;
    const wiring = wiringOf(network);
    const silent = silentNeurons(network, wiring);
    const unheard = unheardNeurons(network, wiring, silent);
    const ports = new Set([...network.inputs, ...network.outputs].map(({ population }) => population));
    const kept = network.populations.map((population, p): Uint32Array | undefined => {
      if (population.model === "input" || ports.has(p)) return undefined;
      const planes = planesOf(network, p);
      if (planes === undefined) return undefined;
      const left = neuronsLeft(population.size, planes, (n) => silent[p][n] === 1 || unheard[p][n] === 1);
      if (left.length === population.size) return undefined;
      const isGone = new Uint8Array(population.size).fill(1);
      for (const n of left) isGone[n] = 0;
      const count = (flags: Uint8Array): number =>
        flags.filter((flag, n) => flag === 1 && isGone[n] === 1).length;
      sink.report(
        deadNeurons({
          population: population.name,
          neurons: population.size - left.length,
          of: population.size,
          silent: count(silent[p]),
        }),
      );
      return left;
    });
    return kept.every((left) => left === undefined) ? network : without(network, kept);
  },
};

/** Neurons of a plane, which stay or go together: 1 where no kernel leads in or out; undefined where kernels disagree. */
function planesOf({ projections }: Network, population: number): number | undefined {
  const sizes = new Set<number>();
  for (const { pre, post, connectivity } of projections) {
    if (connectivity.kind !== "kernel") continue;
    const { inputShape, outputShape } = connectivity;
    if (pre === population) sizes.add(inputShape[1] * inputShape[2]);
    if (post === population) sizes.add(outputShape[1] * outputShape[2]);
  }
  return sizes.size > 1 ? undefined : ([...sizes][0] ?? 1);
}

function neuronsLeft(size: number, plane: number, isDead: (n: number) => boolean): Uint32Array {
  const left: number[] = [];
  for (let begin = 0; begin < size; begin += plane) {
    let lives = false;
    for (let n = begin; n < begin + plane && !lives; n++) lives = !isDead(n);
    if (lives) for (let n = begin; n < begin + plane; n++) left.push(n);
  }
  return Uint32Array.from(left);
}

/** Populations of which nothing is left go, and so do projections that carry nothing any more. */
function without(network: Network, kept: readonly (Uint32Array | undefined)[]): Network {
  const newOf = new Int32Array(kept.length).fill(-1);
  const populations: Population[] = [];
  network.populations.forEach((population, p) => {
    const left = kept[p];
    if (left?.length === 0) return;
    newOf[p] = populations.length;
    populations.push(left === undefined ? population : smaller(population, left));
  });
  const projections = network.projections.flatMap((projection) => {
    const { pre, post } = projection;
    if (newOf[pre] < 0 || newOf[post] < 0) return [];
    const connectivity = restrictTo(projection.connectivity, kept[pre], kept[post]);
    if (connectivity !== projection.connectivity && !carriesAnything(connectivity)) return [];
    return [{ ...projection, pre: newOf[pre], post: newOf[post], connectivity }];
  });
  const port = <P extends { readonly population: number }>(entry: P): P => ({
    ...entry,
    population: newOf[entry.population],
  });
  return {
    ...network,
    populations,
    projections,
    inputs: network.inputs.map(port),
    outputs: network.outputs.map(port),
  };
}

function smaller(population: Population, left: Uint32Array): Population {
  const { shape, params, size, bias, membraneQuantum, kept } = population;
  const pick = (values: Float64Array): Float64Array =>
    values.length === 1 ? values : Float64Array.from(left, (n) => values[n]);
  const plane = shape.slice(1).reduce((product, extent) => product * extent, 1);
  const channels = left.length / plane;
  const isWhole = Number.isInteger(channels) && left.every((n, i) => n % plane === i % plane);
  return {
    ...population,
    shape: isWhole ? [channels, ...shape.slice(1)] : [left.length],
    size: left.length,
    params: Object.fromEntries(
      Object.entries(params).map(([name, values]) => [name, values.length === size ? pick(values) : values]),
    ),
    ...(bias !== undefined && { bias: pick(bias) }),
    ...(membraneQuantum !== undefined && { membraneQuantum: pick(membraneQuantum) }),
    kept: {
      shape: kept?.shape ?? shape,
      neuron: kept === undefined ? left : left.map((n) => kept.neuron[n]),
    },
  };
}
