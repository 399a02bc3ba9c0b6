import { expand, storedWeights } from "#ir/connectivity";
import type { Network, Population, Projection } from "#ir/network";
import { filterEntries } from "#ir/sparse";
import type { Pass } from "../pass.ts";

/**
 * For chips on which all that a neuron sends has one sign: neurons that send both become two, alike in all they receive, one
 * of which sends what is positive and the other what is negative. Read-outs stay with the first.
 *
 * Input lines stay as they are: the host can drive a row for each sign. Chips with signs of their own for weights are left
 * alone.
 */
export const splitSigns: Pass = {
  name: "split-signs",
  summary: "split neurons that excite and inhibit into one that excites and one that inhibits",

  run(network, { target, packer }) {
    const chosen = packer ?? target?.packers[0];
    if (chosen?.formula !== "crossbar" || chosen.signPerRow !== true) return network;
    const split = network.populations.map((population, p) =>
      population.model === "input" ? [] : neuronsOfBothSigns(network, p),
    );
    if (split.every((neurons) => neurons.length === 0)) return network;
    return splitNeurons(network, split);
  },
};

/** Neurons of a population with positive and negative weights among all that they send. */
function neuronsOfBothSigns({ populations, projections }: Network, population: number): number[] {
  const signs = new Uint8Array(populations[population].size);
  for (const { pre, connectivity, weightScale } of projections) {
    if (pre !== population) continue;
    const { rows, rowStart, values } = expand(connectivity);
    for (let r = 0; r < rows; r++)
      for (let i = rowStart[r]; i < rowStart[r + 1]; i++) signs[r] |= values[i] * weightScale > 0 ? 1 : 2;
  }
  return Array.from(signs.keys()).filter((n) => signs[n] === 3);
}

/** Moves the negative synapses of the given neurons to copies of them. */
function splitNeurons(network: Network, split: readonly (readonly number[])[]): Network {
  const populations = [...network.populations];
  const copyOf = split.map((neurons, p) => {
    if (neurons.length === 0) return -1;
    populations.push(gathered(network.populations[p], neurons, p));
    return populations.length - 1;
  });
  const placeOf = split.map((neurons) => new Map(neurons.map((neuron, place) => [neuron, place])));
  const projections = network.projections.flatMap((projection): Projection[] => {
    const { pre, post } = projection;
    const sent = copyOf[pre] < 0 ? [projection] : bySign(projection, placeOf[pre], copyOf[pre]);
    if (copyOf[post] < 0) return sent;
    const received = sent.map((one): Projection => {
      const columns = split[post];
      const matrix = expand(one.connectivity, { keepZeros: true });
      const place = placeOf[post];
      const kept = filterEntries(matrix, (_, __, col) => place.has(col));
      return {
        ...one,
        name: `${one.name}/to-inhibitory`,
        post: copyOf[post],
        connectivity: {
          ...kept,
          cols: columns.length,
          colIndex: kept.colIndex.map((col) => place.get(col) ?? 0),
        },
      };
    });
    return [...sent, ...received.filter(({ connectivity }) => storedWeights(connectivity).length > 0)];
  });
  return { ...network, populations, projections };
}

/** What the neurons keep, and what their copies send. */
function bySign(projection: Projection, placeOf: ReadonlyMap<number, number>, copy: number): Projection[] {
  const sign = Math.sign(projection.weightScale);
  const matrix = expand(projection.connectivity, { keepZeros: true });
  const moves = (value: number, row: number): boolean => placeOf.has(row) && value * sign < 0;
  const kept = filterEntries(matrix, (value, row) => !moves(value, row));
  const moved = filterEntries(matrix, (value, row) => moves(value, row));
  if (moved.values.length === 0) return [projection];
  const rowStart = new Uint32Array(placeOf.size + 1);
  for (const [row, place] of placeOf) rowStart[place + 1] = moved.rowStart[row + 1] - moved.rowStart[row];
  for (let r = 0; r < placeOf.size; r++) rowStart[r + 1] += rowStart[r];
  const rest = { ...projection, name: `${projection.name}/inhibitory`, pre: copy };
  const inhibitory = { ...rest, connectivity: { ...moved, rows: placeOf.size, rowStart } };
  return kept.values.length === 0 ? [inhibitory] : [{ ...projection, connectivity: kept }, inhibitory];
}

/** Some neurons of a population as one of their own. */
function gathered(population: Population, neurons: readonly number[], index: number): Population {
  const pick = (values: Float64Array): Float64Array =>
    values.length === 1 ? values : Float64Array.from(neurons, (n) => values[n]);
  const { params, bias, membraneQuantum } = population;
  return {
    ...population,
    name: `${population.name}.inhibitory`,
    shape: [neurons.length],
    size: neurons.length,
    params: Object.fromEntries(Object.entries(params).map(([key, values]) => [key, pick(values)])),
    ...(bias !== undefined && { bias: pick(bias) }),
    ...(membraneQuantum !== undefined && { membraneQuantum: pick(membraneQuantum) }),
    standsFor: { kind: "copy", population: index, neuron: Uint32Array.from(neurons) },
  };
}
