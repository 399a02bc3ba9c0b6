import type { Connectivity, Network, Population, SparseMatrix } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import {
  between,
  cubaLif,
  dense,
  edge,
  input,
  kernel,
  lif,
  network,
  oneToOne,
  population,
  randomSparse,
  randomSpikes,
  relay,
  type Edge,
} from "#test/networks";
import type { Rng } from "#util/rng";

/** Steps of one sample. */
export const STEPS = 12;

/**
 * A small network with everything that the flow must carry: all kinds of neurons, feed-forward, skip, recurrent and
 * feedback edges, delays, convolution and pooling, biases, several inputs and outputs, weights of one sign or both.
 *
 * Weights are quarters and time constants powers of two, so that real sums are exact in any order.
 */
export function randomModel(rng: Rng): Network {
  const populations: Population[] = [];
  const edges: Edge[] = [];
  const outputs: string[] = [];
  const add = (made: Population): Population => {
    populations.push(made);
    return made;
  };
  const join = (from: Population, to: Population, by: Connectivity, rest: Partial<Edge> = {}): void => {
    const name = `${from.name}->${to.name} #${edges.length}`;
    edges.push(edge(from.name, to.name, by, { name, ...rest }));
  };
  const delay = (): Partial<Edge> => (rng() < 0.3 ? { delaySteps: between(rng, 1, 3) } : {});

  const sources = [add(input("in", rng() < 0.5 ? [between(rng, 1, 2), 4, 4] : [between(rng, 3, 10)]))];
  if (rng() < 0.3) sources.push(add(input("other in", between(rng, 1, 5))));
  const spiking: Population[] = [];
  const layers = between(rng, 1, 3);
  for (let layer = 0; layer < layers; layer++) {
    const from = spiking.at(-1) ?? sources[0];
    const neurons = layerBehind(from, `layer ${layer}`);
    const known = [...sources, ...spiking];
    const side = known[between(rng, 0, known.length - 1)];
    if (rng() < 0.5) join(side, neurons, randomSynapses(rng, side, neurons), delay());
    spiking.push(neurons);
    if (rng() < 0.4) join(neurons, neurons, randomSynapses(rng, neurons, neurons), feedback(rng));
  }
  const last = spiking[spiking.length - 1];
  if (layers > 1 && rng() < 0.4) join(last, spiking[0], randomSynapses(rng, last, spiking[0]), feedback(rng));
  for (const source of sources.slice(1)) join(source, last, randomSynapses(rng, source, last), delay());

  if (rng() < 0.5) {
    const copy = add(relay("copy", last.shape));
    join(last, copy, oneToOne(last.size));
    outputs.push(copy.name);
  } else outputs.push(last.name);
  if (layers > 1 && rng() < 0.4) outputs.push(spiking[0].name);
  if (rng() < 0.4) {
    const params = { r: 1, vLeak: 0 };
    const size = between(rng, 1, 4);
    const readout =
      rng() < 0.5
        ? population("readout", "li", size, { ...params, tauSteps: 4 })
        : population("readout", "cuba-li", size, { ...params, tauSynSteps: 2, tauMemSteps: 4, wIn: 1 });
    join(last, add(readout), randomSynapses(rng, last, readout));
    outputs.push(readout.name);
  }
  return network(populations, edges, { outputs });

  /** Neurons that hear `from` through a convolution, a convolution and pooling, or synapses, with or without a relay. */
  function layerBehind(from: Population, name: string): Population {
    const [channels, height, width] = from.shape;
    let tip = from;
    let map: Connectivity;
    let shape: readonly number[] | number;
    if (from.shape.length === 3 && height > 2 && rng() < 0.7) {
      const inputShape = [channels, height, width] as const;
      const weights = drawList(rng, 2 * channels * 9);
      const conv = kernel({ inputShape, kernelShape: [2, channels, 3, 3], padding: [1, 1, 1, 1], weights });
      [map, shape] = [conv, conv.outputShape];
      if (rng() < 0.4) {
        tip = add(relay(`${name} conv`, conv.outputShape, biasOrNot(rng, 32)));
        join(from, tip, map, { layer: { node: tip.name, kind: "conv" } });
        const quarter = new Array<number>(8).fill(0.25);
        const pool = { kernelShape: [2, 1, 2, 2], stride: [2, 2], groups: 2, weights: quarter } as const;
        const pooling = kernel({ inputShape: conv.outputShape, ...pool });
        [map, shape] = [pooling, pooling.outputShape];
      }
    } else {
      const size = between(rng, 1, 14);
      shape = size;
      map =
        rng() < 0.5
          ? dense(Array.from({ length: from.size }, () => drawList(rng, size)))
          : randomSynapses(rng, from, { size });
    }
    if (rng() < 0.4) {
      const sum = add(relay(`${name} sum`, shape, biasOrNot(rng, map.cols)));
      join(tip, sum, map, { layer: { node: sum.name, kind: "linear" }, ...delay() });
      tip = sum;
      map = oneToOne(sum.size);
    }
    const made = add(neurons(rng, name, shape, map.cols));
    join(tip, made, map, delay());
    return made;
  }
}

function feedback(rng: Rng): Partial<Edge> {
  const beforeStart = (["zeros-through", "absent"] as const)[between(rng, 0, 1)];
  return { delaySteps: between(rng, 1, 2), beforeStart };
}

function neurons(rng: Rng, name: string, shape: readonly number[] | number, size: number): Population {
  const each = (draw: () => number): number | number[] =>
    rng() < 0.5 ? draw() : Array.from({ length: size }, draw);
  const vThreshold = each(() => between(rng, 2, 8) / 4);
  const tau = (): number => 2 ** between(rng, 0, 3);
  const bias = biasOrNot(rng, size);
  const rest = bias === undefined ? {} : { bias: Float64Array.from(bias) };
  switch (between(rng, 0, 3)) {
    case 0:
      return lif(name, shape, { tauSteps: each(tau), r: 4, vThreshold }, rest);
    case 1:
      return cubaLif(name, shape, { tauSynSteps: each(tau), tauMemSteps: each(tau), r: 4, vThreshold }, rest);
    case 2:
      return population(name, "if", shape, { r: 1, vThreshold, vReset: 0 }, rest);
    default:
      return population(name, "threshold", shape, { threshold: vThreshold }, rest);
  }
}

/** Values of one sign or of both; some are zero, as pruning leaves them. */
function drawList(rng: Rng, length: number): number[] {
  const draw = drawWeight(rng);
  return Array.from({ length }, () => (rng() < 0.3 ? 0 : draw()));
}

function randomSynapses(
  rng: Rng,
  from: { readonly size: number },
  to: { readonly size: number },
): SparseMatrix {
  return randomSparse(rng, from.size, to.size, 0.5, drawWeight(rng));
}

function drawWeight(rng: Rng): () => number {
  const [low, high] = ([[-5, 7], [-5, 7], [1, 6], [-6, -1]] as const)[between(rng, 0, 3)]; // prettier-ignore
  return () => between(rng, low, high) / 4;
}

function biasOrNot(rng: Rng, length: number): number[] | undefined {
  return rng() < 0.4 ? Array.from({ length }, () => between(rng, -1, 3) / 4) : undefined;
}

/** Samples of spikes for every input; some lines get two in a step. */
export function randomInputs(
  rng: Rng,
  { inputs, populations }: Network,
  samples = 2,
): Record<string, SpikeData> {
  return Object.fromEntries(
    inputs.map(({ name, population: p }) => {
      const data = randomSpikes(rng, populations[p].shape, { steps: STEPS, samples, density: 0.35 });
      const valued = data.samples.map((events) => ({
        ...events,
        value: Float64Array.from(events.step, () => (rng() < 0.1 ? 2 : 1)),
      }));
      return [name, { ...data, samples: valued }];
    }),
  );
}
