// Random networks that use everything a graph must express.
import { RESET_MODES, type Dynamics, type Network, type Population, type SharedKernel } from "#ir/network";
import {
  between,
  edge,
  input,
  kernel,
  network,
  oneToOne,
  population,
  randomSparse,
  relay,
  type Edge,
} from "#test/networks";
import type { Rng } from "#util/rng";

const pick = <T>(rng: Rng, choices: readonly T[]): T => choices[between(rng, 0, choices.length - 1)];

/** A number with few binary digits: sums of such numbers are exact in any order. */
const short = (rng: Rng, low: number, high: number): number => between(rng, low * 8, high * 8) / 8;

function randomDynamics(rng: Rng): Dynamics {
  return {
    integrator: pick(rng, ["euler", "euler", "exponential"] as const),
    compare: pick(rng, [">", ">="] as const),
    reset: pick(rng, RESET_MODES),
    current: pick(rng, ["new", "old"] as const),
    ...(rng() < 0.3 && { vMinThresholds: -1 }),
  };
}

const cuba = (rng: Rng): Record<string, number> => ({
  tauSynSteps: short(rng, 1, 4),
  tauMemSteps: short(rng, 1, 6),
  r: short(rng, 1, 4),
  vLeak: short(rng, -1, 1),
  wIn: short(rng, 1, 2),
});

const MODELS: Readonly<Record<string, (rng: Rng) => Record<string, number>>> = {
  relu: () => ({}),
  threshold: (rng) => ({ threshold: short(rng, 0, 2) }),
  i: (rng) => ({ r: short(rng, 0, 2) }),
  if: (rng) => ({ r: short(rng, 0, 2), vThreshold: short(rng, 1, 2), vReset: short(rng, -1, 0) }),
  li: (rng) => ({ tauSteps: short(rng, 1, 6), r: short(rng, 0, 3), vLeak: short(rng, -1, 1) }),
  lif: (rng) => ({
    tauSteps: short(rng, 1, 6),
    r: short(rng, 1, 4),
    vLeak: short(rng, -1, 1),
    vThreshold: short(rng, 1, 2),
    vReset: short(rng, -1, 0),
  }),
  "cuba-li": cuba,
  "cuba-lif": (rng) => ({ ...cuba(rng), vThreshold: short(rng, 1, 2), vReset: short(rng, -1, 0) }),
};
export const FLOAT_MODELS: readonly string[] = Object.keys(MODELS);

/** One neuron population of a model, with parameters of its own for each neuron, or one for all. */
function randomNeurons(rng: Rng, name: string, model: string, shape: readonly number[]): Population {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const draw = MODELS[model];
  const common = draw(rng);
  const params = Object.fromEntries(
    Object.keys(common).map((key) => [
      key,
      rng() < 0.5 ? common[key] : Array.from({ length: size }, () => draw(rng)[key]),
    ]),
  );
  return population(name, model, shape, params, { dynamics: randomDynamics(rng) });
}

export function randomKernel(rng: Rng): SharedKernel {
  const groups = pick(rng, [1, 1, 2]);
  const inputShape = [2 * between(rng, 1, 2), between(rng, 3, 6), between(rng, 3, 6)] as const;
  const kernelShape = [
    2 * between(rng, 1, 2),
    inputShape[0] / groups,
    between(rng, 1, 3),
    between(rng, 1, 3),
  ] as const;
  const length = kernelShape.reduce((product, extent) => product * extent, 1);
  const dilation = [1, kernelShape[3] < 3 ? between(rng, 1, 2) : 1] as const;
  const pad = (): number => between(rng, 0, 2);
  return kernel({
    inputShape,
    kernelShape,
    weights: Array.from({ length }, () => short(rng, -1, 2)),
    stride: [between(rng, 1, 2), between(rng, 1, 2)],
    padding: [pad(), pad(), pad(), pad()],
    dilation,
    groups,
  });
}

/**
 * Two inputs, a convolution, a relay with a bias, neurons of a given model, delays of several lengths from one
 * population, a feedback through a relay with a bias from step 0 on, and three outputs.
 */
export function randomFloatNetwork(rng: Rng, model: string): Network {
  const conv = randomKernel(rng);
  const { inputShape, outputShape } = conv;
  const weight = (): number => short(rng, -1, 2);
  const pixels = outputShape.reduce((product, extent) => product * extent, 1);
  const size = between(rng, 1, 5);
  const bias = Array.from({ length: size }, () => short(rng, -1, 1));
  const populations = [
    input("image", inputShape),
    input("extra", 3),
    relay(
      "conv",
      outputShape,
      Array.from({ length: pixels }, (_, i) => (i % outputShape[0]) / 8),
    ),
    randomNeurons(rng, "n", model, outputShape),
    relay("fc", [size], bias),
    relay("loop", [size], bias),
    randomNeurons(rng, "m", pick(rng, FLOAT_MODELS), [size]),
    relay("out", [size]),
  ];
  const dense = (rows: number): ReturnType<typeof randomSparse> =>
    randomSparse(rng, rows, size, pick(rng, [0.1, 0.9]), weight);
  const edges: Edge[] = [
    edge("image", "conv", conv),
    edge("conv", "n", oneToOne(pixels, 0.5)),
    edge("n", "fc", dense(pixels)),
    edge("n", "fc", dense(pixels), { delaySteps: 1, name: "n, one later" }),
    edge("n", "fc", dense(pixels), { delaySteps: between(rng, 2, 4), name: "n, later" }),
    edge("extra", "fc", dense(3), { weightScale: 0.25 }),
    edge("fc", "m", oneToOne(size)),
    edge("m", "loop", dense(size)),
    edge("loop", "m", oneToOne(size), { delaySteps: between(rng, 1, 2), beforeStart: "zeros-through" }),
    edge("m", "out", oneToOne(size)),
  ];
  return network(populations, edges, { outputs: ["n", "fc", "out"] });
}
