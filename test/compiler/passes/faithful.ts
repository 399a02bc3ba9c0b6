// Random networks as importers write them: neurons, inputs, and relays for everything in between.
import type { Network, Population } from "#ir/network";
import {
  between,
  cubaLif,
  dense,
  type Edge,
  edge,
  input,
  kernel,
  lif,
  network,
  oneToOne,
  population,
  randomSparse,
  relay,
} from "#test/networks";
import { createRng, type Rng } from "#util/rng";

const quarters = (rng: Rng): number => between(rng, -6, 8) / 4;
const list = (rng: Rng, length: number): number[] => Array.from({ length }, () => quarters(rng));

export interface FaithfulOptions {
  /** Feedback edges, with either convention for what came before the start. */
  readonly feedback: boolean;
  /** Delays between relays that hold biases: the one thing that folding cannot keep. */
  readonly lateBias: boolean;
}

/**
 * Stages of relays (maps of all forms, sums, copies, biases, delays) between populations of neurons of 2 x 4 x 4
 * or 8. Weights are quarters and time constants powers of two, so that sums are exact in any order.
 */
export function randomFaithful(seed: number, options: FaithfulOptions): Network {
  const rng = createRng(seed);
  const populations: Population[] = [input("in", rng() < 0.5 ? [2, 4, 4] : [8])];
  const edges: Edge[] = [];
  // Biases and delays that meet on the way forward are what folding cannot keep: only one of both, unless asked for.
  const delays = options.lateBias || rng() < 0.5;
  const biases = options.lateBias || !delays;
  const bias = (size: number): number[] | undefined => (rng() < 0.5 ? list(rng, size) : undefined);
  const find = (name: string): Population => populations.find((p) => p.name === name)!;

  /** A relay behind `from` that holds a map of it; returns its name. */
  const map = (from: string, name: string, forward: boolean): string => {
    const pre = find(from);
    const image = pre.shape.length === 3;
    const form = image ? between(rng, 0, 4) : between(rng, 2, 6);
    const delaySteps = forward && delays && rng() < 0.3 ? between(rng, 1, 2) : 0;
    const rest = { delaySteps, ...(rng() < 0.4 ? { layer: { node: name, kind: "linear" as const } } : {}) };
    const add = (shape: readonly number[] | number, connectivity: Edge["connectivity"]): void => {
      const node = relay(name, shape);
      const b = forward && !biases ? undefined : bias(node.size);
      populations.push(b === undefined ? node : relay(name, shape, b));
      edges.push(edge(from, name, connectivity, rest));
    };
    const [channels, height, width] = pre.shape as [number, number, number];
    if (form === 0) {
      const k = kernel({ inputShape: [channels, height, width], kernelShape: [2, channels, 3, 3], padding: [1, 1, 1, 1], weights: list(rng, 18 * channels) }); // prettier-ignore
      add(k.outputShape, k);
    } else if (form === 1 && height > 1) {
      const pool = kernel({ inputShape: [channels, height, width], kernelShape: [channels, 1, 2, 2], stride: [2, 2], groups: channels, weights: new Array<number>(4 * channels).fill(0.25) }); // prettier-ignore
      add(pool.outputShape, pool);
    } else if (form <= 2) add(pre.size, oneToOne(pre.size));
    else if (form === 3) add(pre.shape, oneToOne(pre.size, rng() < 0.5 ? 0.5 : 1));
    else if (form === 4) {
      const values = Float64Array.from({ length: pre.size }, () => quarters(rng));
      add(pre.shape, { kind: "diagonal", rows: pre.size, cols: pre.size, values });
    } else if (form === 5) add(8, dense(Array.from({ length: pre.size }, () => list(rng, 8))));
    else
      add(
        8,
        randomSparse(rng, pre.size, 8, 0.4, () => quarters(rng)),
      );
    return name;
  };

  let from = "in";
  const neurons: string[] = [];
  const layers = between(rng, 1, 3);
  for (let layer = 0; layer < layers; layer++) {
    let tip = from;
    for (let i = 0; i < between(rng, 0, 3); i++) tip = map(tip, `m${layer}.${i}`, true);
    const { shape, size } = find(tip);
    const make = rng() < 0.5 ? lif : cubaLif;
    const name = `n${layer}`;
    const b = bias(size);
    populations.push({ ...make(name, shape), ...(b === undefined ? {} : { bias: Float64Array.from(b) }) });
    edges.push(edge(tip, name, oneToOne(size), delays && rng() < 0.2 ? { delaySteps: 1 } : {}));
    // A second path from the same source, or past the layer before.
    if (rng() < 0.5) {
      const source = rng() < 0.7 ? from : "in";
      const side = map(source, `s${layer}`, false);
      const into = randomSparse(rng, find(side).size, size, 0.3, () => quarters(rng));
      edges.push(edge(side, name, into));
    }
    if (options.feedback && rng() < 0.6) {
      const back = map(name, `f${layer}`, false);
      const into = randomSparse(rng, find(back).size, size, 0.3, () => quarters(rng) / 2);
      const beforeStart = rng() < 0.7 || !options.lateBias ? "zeros-through" : "absent";
      edges.push(edge(back, name, into, { delaySteps: 1, beforeStart }));
    }
    neurons.push(name);
    from = name;
  }
  // Outputs: a copy of the last neurons, a value that is no neuron, and a dead end.
  const outputs: string[] = [];
  if (rng() < 0.8) {
    populations.push(relay("out", [find(from).size]));
    edges.push(edge(from, "out", oneToOne(find(from).size)));
    outputs.push("out");
  }
  if (rng() < 0.3) outputs.push(map(from, "value", false));
  if (rng() < 0.3) map(from, "dead end", false);
  if (rng() < 0.3) {
    populations.push(population("mean", "li", find(from).size, { tauSteps: 4, r: 1, vLeak: 0 }));
    edges.push(edge(from, "mean", oneToOne(find(from).size)));
    outputs.push("mean");
  }
  return network(populations, edges, { outputs });
}
