import { expand, storedWeights, withStoredWeights } from "#ir/connectivity";
import type { Connectivity, Network, Projection, WeightQuantization } from "#ir/network";
import { dropZeros, filterEntries } from "#ir/sparse";
import { invariant } from "#util/diagnostic";
import type { Pass, PassContext } from "../pass.ts";
import { tooManyTypes } from "./diagnostics.ts";
import { typeWeights, type TypeWeights } from "./type-weights.ts";

/**
 * For chips whose rows have types, and whose neurons have one weight for each type (a crosspoint only says whether it counts):
 * integer weights become sums of such weights, each projection as many as it needs of them, exactly.
 *
 * All that goes into a population shares its types. They have the same weights for all of its neurons where that takes no
 * more types than giving each neuron weights of its own: sources then need fewer axons, and kernels stay kernels.
 * Chips without types, and projections that have one, are left alone.
 */
export const decomposeWeights: Pass = {
  name: "decompose-weights",
  summary: "write integer weights as sums of one weight for each type of axon",

  run(network, context) {
    const packer = context.packer ?? context.target?.packers[0];
    if (packer?.formula !== "crossbar" || packer.axonTypes === undefined) return network;
    const { axonTypes } = packer;
    const pieces = new Map<Projection, readonly Projection[]>();
    network.populations.forEach((_, post) => {
      const incoming = network.projections.filter((projection) => projection.post === post);
      if (incoming.every(({ quantization }) => quantization?.axonType !== undefined)) return;
      decompose(network, post, incoming, axonTypes, context).forEach((parts, i) =>
        pieces.set(incoming[i], parts),
      );
    });
    if (pieces.size === 0) return network;
    return {
      ...network,
      projections: network.projections.flatMap((projection) => pieces.get(projection) ?? [projection]),
    };
  },
};

/** The projections that each of those into one population becomes. */
function decompose(
  network: Network,
  post: number,
  incoming: readonly Projection[],
  axonTypes: number,
  context: PassContext,
): (readonly Projection[])[] {
  const { name, size } = network.populations[post];
  const perNeuron = Array.from({ length: size }, () => new Set<number>());
  for (const { connectivity } of incoming) {
    const { rows, rowStart, colIndex, values } = expand(connectivity);
    for (let i = 0; i < rowStart[rows]; i++) perNeuron[colIndex[i]].add(values[i]);
  }
  const common = typeWeights(descending(new Set(perNeuron.flatMap((values) => [...values]))), axonTypes);
  const own = ownWeights(perNeuron, axonTypes, common?.numbers.length ?? axonTypes + 1);
  if (common !== undefined && (own === undefined || "wide" in own)) {
    const parts = common.numbers.map((_, type) => type);
    return incoming.map((projection) =>
      inTypes(
        projection,
        parts.map((type) => uniformPart(projection.connectivity, common, type)),
      ),
    );
  }
  invariant(own !== undefined, "without common weights, no number of own ones is enough");
  if ("wide" in own) {
    const neuron = own.wide;
    context.sink.report(
      tooManyTypes({
        population: name,
        neuron,
        values: perNeuron[neuron].size,
        types: axonTypes,
        target: context.target?.name ?? "the chip",
      }),
    );
    return incoming.map((projection) => [projection]);
  }
  const types = own.reduce((most, { numbers }) => Math.max(most, numbers.length), 0);
  return incoming.map((projection) =>
    inTypes(
      projection,
      Array.from({ length: types }, (_, type) => ownPart(projection.connectivity, own, type)),
    ),
  );
}

/**
 * Weights of its own for each neuron, or the first neuron that would need too many; undefined as soon as one needs `enough`,
 * with which all would do in common.
 */
function ownWeights(
  perNeuron: readonly ReadonlySet<number>[],
  axonTypes: number,
  enough: number,
): readonly TypeWeights[] | { readonly wide: number } | undefined {
  const known = new Map<string, TypeWeights | undefined>();
  const own: TypeWeights[] = [];
  for (const [neuron, values] of perNeuron.entries()) {
    const sorted = descending(values);
    const key = sorted.join();
    if (!known.has(key)) known.set(key, typeWeights(sorted, axonTypes));
    const weights = known.get(key);
    if (weights === undefined) return { wide: neuron };
    if (weights.numbers.length >= enough) return undefined;
    own.push(weights);
  }
  return own;
}

function descending(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => b - a);
}

/** The synapses whose sum holds the number of a type, with that number as weight. */
function uniformPart(connectivity: Connectivity, weights: TypeWeights, type: number): Connectivity {
  const number = weights.numbers[type];
  const values = Float64Array.from(storedWeights(connectivity), (weight) =>
    (((weights.sumOf.get(weight) ?? 0) >> type) & 1) === 1 ? number : 0,
  );
  const part = withStoredWeights(connectivity, values);
  return part.kind === "kernel" ? part : expand(part);
}

/** The same with numbers of each neuron's own. */
function ownPart(connectivity: Connectivity, own: readonly TypeWeights[], type: number): Connectivity {
  const matrix = expand(connectivity);
  const part = filterEntries(
    matrix,
    (weight, _, col) => (((own[col].sumOf.get(weight) ?? 0) >> type) & 1) === 1,
  );
  const values = Float64Array.from(part.colIndex, (col) => own[col].numbers[type]);
  return dropZeros({ ...part, values });
}

/** One projection for each part that has a synapse; the first keeps the name. */
function inTypes(projection: Projection, parts: readonly Connectivity[]): Projection[] {
  const { name, quantization } = projection;
  if (quantization === undefined) return [projection];
  const used = parts.flatMap((connectivity, axonType) =>
    storedWeights(connectivity).some((weight) => weight !== 0) ? [{ connectivity, axonType }] : [],
  );
  if (used.length === 0) return [{ ...projection, quantization: { ...quantization, axonType: 0 } }];
  return used.map(({ connectivity, axonType }, i) => ({
    ...projection,
    name: i === 0 ? name : `${name}/type-${axonType}`,
    connectivity,
    quantization: { ...quantization, signMode: signModeOf(connectivity), axonType },
  }));
}

function signModeOf(connectivity: Connectivity): WeightQuantization["signMode"] {
  const weights = storedWeights(connectivity);
  if (weights.every((weight) => weight >= 0)) return "excitatory";
  return weights.every((weight) => weight <= 0) ? "inhibitory" : "mixed";
}
