// Builders of small networks: they keep the set-up of a test to a line. Nothing here is checked; tests that
// want a broken network build one.
import type {
  Connectivity,
  DenseMatrix,
  Diagonal,
  Network,
  NetworkPort,
  Population,
  Projection,
  SharedKernel,
  SparseMatrix,
} from "#ir/network";
import { sparseFromTriplets } from "#ir/sparse";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { Rng } from "#util/rng";

/** Sparse matrix from rows (pre) of values; every element is stored, zeros too, except `null`. */
export function matrix(rows: readonly (readonly (number | null)[])[]): SparseMatrix {
  const row: number[] = [];
  const col: number[] = [];
  const value: number[] = [];
  rows.forEach((values, r) => {
    values.forEach((v, c) => {
      if (v === null) return;
      row.push(r);
      col.push(c);
      value.push(v);
    });
  });
  return sparseFromTriplets(rows.length, rows[0]?.length ?? 0, { row, col, value });
}

/** Dense matrix from rows (pre) of values. */
export function dense(rows: readonly (readonly number[])[]): DenseMatrix {
  const cols = rows[0]?.length ?? 0;
  const values = Float64Array.from(
    { length: rows.length * cols },
    (_, i) => rows[i % rows.length][Math.floor(i / rows.length)],
  );
  return { kind: "dense", rows: rows.length, cols, values };
}

export function diagonal(...values: number[]): Diagonal {
  return { kind: "diagonal", rows: values.length, cols: values.length, values: Float64Array.from(values) };
}

/** Neuron i to neuron i, the same weight for all. */
export function oneToOne(size: number, weight = 1): Diagonal {
  return { kind: "diagonal", rows: size, cols: size, values: Float64Array.of(weight) };
}

/** A convolution with the output shape that follows from the rest. */
export function kernel(spec: {
  inputShape: readonly [number, number, number];
  kernelShape: readonly [number, number, number, number];
  weights: readonly number[];
  stride?: readonly [number, number];
  padding?: readonly [number, number, number, number];
  dilation?: readonly [number, number];
  groups?: number;
}): SharedKernel {
  const { inputShape, kernelShape } = spec;
  const stride = spec.stride ?? [1, 1];
  const padding = spec.padding ?? [0, 0, 0, 0];
  const dilation = spec.dilation ?? [1, 1];
  const extent = (d: 0 | 1): number =>
    Math.floor(
      (inputShape[d + 1] + padding[2 * d] + padding[2 * d + 1] - dilation[d] * (kernelShape[d + 2] - 1) - 1) /
        stride[d],
    ) + 1;
  const outputShape = [kernelShape[0], extent(0), extent(1)] as const;
  return {
    kind: "kernel",
    rows: product(inputShape),
    cols: product(outputShape),
    weights: Float64Array.from(spec.weights),
    kernelShape,
    stride,
    padding,
    dilation,
    groups: spec.groups ?? 1,
    inputShape,
    outputShape,
  };
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}

type Shape = number | readonly number[];

/** Any population; parameters are given as numbers (broadcast) or one per neuron. */
export function population(
  name: string,
  model: string,
  shape: Shape,
  params: Readonly<Record<string, number | readonly number[]>> = {},
  rest: Partial<Population> = {},
): Population {
  const extents = typeof shape === "number" ? [shape] : shape;
  return {
    name,
    model,
    shape: extents,
    size: product(extents),
    params: Object.fromEntries(
      Object.entries(params).map(([key, value]) => [
        key,
        typeof value === "number" ? Float64Array.of(value) : Float64Array.from(value),
      ]),
    ),
    ...rest,
  };
}

export function input(name: string, shape: Shape): Population {
  return population(name, "input", shape);
}

/** A stateless sum, with an optional bias per neuron (or one for all). */
export function relay(name: string, shape: Shape, bias?: readonly number[]): Population {
  return population(name, "relay", shape, {}, bias === undefined ? {} : { bias: Float64Array.from(bias) });
}

const LIF = { tauSteps: 4, r: 1, vLeak: 0, vThreshold: 1, vReset: 0 };

/** Leaky integrate-and-fire, time constant 4 steps and threshold 1 unless told otherwise. */
export function lif(
  name: string,
  shape: Shape,
  params: Partial<Record<keyof typeof LIF, number | readonly number[]>> = {},
  rest: Partial<Population> = {},
): Population {
  return population(name, "lif", shape, { ...LIF, ...params }, rest);
}

const CUBA_LIF = { tauSynSteps: 2, tauMemSteps: 4, r: 1, vLeak: 0, vThreshold: 1, vReset: 0, wIn: 1 };

export function cubaLif(
  name: string,
  shape: Shape,
  params: Partial<Record<keyof typeof CUBA_LIF, number | readonly number[]>> = {},
  rest: Partial<Population> = {},
): Population {
  return population(name, "cuba-lif", shape, { ...CUBA_LIF, ...params }, rest);
}

const LOIHI_CUBA = {
  uDecay: 4095,
  vDecay: 1024,
  thresholdMantissa: 100,
  biasMantissa: 0,
  biasExponent: 0,
  refractorySteps: 0,
  vMin: -(2 ** 23 - 1),
  u0: 0,
  v0: 0,
};

/** The integer neuron that `quantize` makes. Numbers are broadcast to `[size]`. */
export function loihiCuba(
  name: string,
  shape: Shape,
  params: Partial<Record<keyof typeof LOIHI_CUBA, number | readonly number[]>> = {},
  rest: Partial<Population> = {},
): Population {
  const size = typeof shape === "number" ? shape : product(shape);
  const full = Object.entries({ ...LOIHI_CUBA, ...params }).map(([key, value]) => [
    key,
    typeof value === "number" ? new Array<number>(size).fill(value) : value,
  ]);
  return population(
    name,
    "loihi-cuba",
    shape,
    Object.fromEntries(full) as Record<string, readonly number[]>,
    rest,
  );
}

/** A projection between populations given by name, to be used with `network`. */
export interface Edge extends Partial<Omit<Projection, "pre" | "post">> {
  readonly from: string;
  readonly to: string;
  readonly connectivity: Connectivity;
}

export function edge(
  from: string,
  to: string,
  connectivity: Connectivity,
  rest: Partial<Omit<Projection, "pre" | "post" | "connectivity">> = {},
): Edge {
  return { from, to, connectivity, ...rest };
}

/** Populations and edges by name; inputs and outputs default to populations of model `input`, and the last one. */
export function network(
  populations: readonly Population[],
  edges: readonly Edge[],
  options: { name?: string; inputs?: readonly string[]; outputs?: readonly string[] } = {},
): Network {
  const indexOf = (name: string): number => populations.findIndex((p) => p.name === name);
  const port = (name: string): NetworkPort => ({ name, population: indexOf(name) });
  const inputs = options.inputs ?? populations.filter((p) => p.model === "input").map((p) => p.name);
  const outputs = options.outputs ?? populations.slice(-1).map((p) => p.name);
  return {
    name: options.name ?? "test",
    populations,
    projections: edges.map(({ from, to, ...rest }) => ({
      name: `${from}->${to}`,
      weightScale: 1,
      delaySteps: 0,
      ...rest,
      pre: indexOf(from),
      post: indexOf(to),
    })),
    inputs: inputs.map(port),
    outputs: outputs.map(port),
  };
}

/** input -> lif through the given synapses. */
export function twoLayers(connectivity: Connectivity): Network {
  return network(
    [input("in", connectivity.rows), lif("out", connectivity.cols)],
    [edge("in", "out", connectivity)],
  );
}

/** A random integer in [low, high]. */
export function between(rng: Rng, low: number, high: number): number {
  return low + Math.floor(rng() * (high - low + 1));
}

/** Random synapses; `density` is the share that exists, `value` draws the weights. */
export function randomSparse(
  rng: Rng,
  rows: number,
  cols: number,
  density: number,
  value: () => number = () => between(rng, -8, 8) / 4,
): SparseMatrix {
  const row: number[] = [];
  const col: number[] = [];
  const values: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      if (rng() >= density) continue;
      row.push(r);
      col.push(c);
      values.push(value());
    }
  }
  return sparseFromTriplets(rows, cols, { row, col, value: values });
}

export interface RandomQuantizedOptions {
  readonly inputs?: number;
  /** Sizes of the neuron populations, in order. */
  readonly sizes?: readonly number[];
  readonly density?: number;
  readonly maxDelaySteps?: number;
  /** Adds feedback from the last population to the first. */
  readonly recurrent?: boolean;
}

/**
 * A small network as `quantize` leaves it: a chain of `loihi-cuba` populations plus a skip projection, integer
 * weights of all sign modes, hardware delays of at least 1 and start steps. Fires plenty with random input.
 */
export function randomQuantized(rng: Rng, options: RandomQuantizedOptions = {}): Network {
  const sizes = options.sizes ?? [between(rng, 1, 12), between(rng, 1, 12), between(rng, 1, 6)];
  const density = options.density ?? 0.5;
  const maxDelaySteps = options.maxDelaySteps ?? 1;
  const populations = [
    input("in", options.inputs ?? between(rng, 1, 10)),
    ...sizes.map((size, i) => {
      const perNeuron = (low: number, high: number): number[] => {
        const choices = [between(rng, low, high), between(rng, low, high)];
        return Array.from({ length: size }, () => choices[between(rng, 0, 1)]);
      };
      return loihiCuba(
        `layer${i}`,
        size,
        {
          uDecay: perNeuron(1024, 4095),
          vDecay: perNeuron(0, 2048),
          thresholdMantissa: between(rng, 50, 300),
          biasMantissa: Array.from({ length: size }, () => between(rng, -20, 60)),
          biasExponent: new Array<number>(size).fill(between(rng, 0, 3)),
        },
        { startStep: i + 1 },
      );
    }),
  ];
  const edges: Edge[] = [];
  const connect = (from: number, to: number, extraSteps: number): void => {
    const signMode = (["mixed", "excitatory", "inhibitory"] as const)[between(rng, 0, 5) % 3];
    const weight = (): number => {
      if (signMode === "mixed") return 2 * between(rng, -64, 127);
      const magnitude = between(rng, 1, 255);
      return signMode === "excitatory" ? magnitude : -magnitude;
    };
    const [pre, post] = [populations[from], populations[to]];
    edges.push(
      edge(pre.name, post.name, randomSparse(rng, pre.size, post.size, density, weight), {
        name: `${pre.name}->${post.name}`,
        weightScale: 1 / 64,
        delaySteps: 1 + extraSteps,
        quantization: { weightBits: 8, signMode, weightExponent: between(rng, 0, 1) },
      }),
    );
  };
  const extra = (): number => between(rng, 0, maxDelaySteps - 1);
  for (let i = 1; i < populations.length; i++) connect(i - 1, i, extra());
  if (populations.length > 2) connect(0, populations.length - 1, extra());
  if (options.recurrent === true) connect(populations.length - 1, 1, extra());
  return network(populations, edges);
}

/** Random 0/1 spikes; `density` is the mean number per neuron and step. */
export function randomSpikes(
  rng: Rng,
  shape: readonly number[],
  options: { steps: number; samples?: number; density?: number },
): SpikeData {
  const size = product(shape);
  const samples = Array.from({ length: options.samples ?? 1 }, (): SpikeEvents => {
    const step: number[] = [];
    const index: number[] = [];
    for (let t = 0; t < options.steps; t++) {
      for (let i = 0; i < size; i++) {
        if (rng() >= (options.density ?? 0.3)) continue;
        step.push(t);
        index.push(i);
      }
    }
    return { step: Uint32Array.from(step), index: Uint32Array.from(index) };
  });
  return { steps: options.steps, shape, samples };
}
