// What an engine has to be able to do. Arrays in, arrays out; the caller owns the order of things.
import type { NeuronSpec } from "../neurons.ts";

/** Row-major numbers. `Float64Array` only on the reference backend, to check gradients by differences. */
export type Floats = Float32Array | Float64Array;

/**
 * Arithmetic of training. Every array must come from `allocate` of the same backend. Outputs are overwritten unless it
 * says "adds"; outputs never overlap inputs unless it says so. Results do not depend on the number of threads.
 * "images" counts samples times steps: time is folded into the batch, step by step (`[steps, batch, …]`).
 */
export interface Backend {
  readonly name: string;
  readonly threads: number;
  /** Zeros. */
  allocate(length: number): Floats;
  /** Gives all arrays and threads back; the backend is of no use afterwards. */
  dispose(): void | Promise<void>;

  /** c = op(a) · op(b), or c + op(a) · op(b). */
  gemm(call: GemmCall): void;
  /** y[r, c, i] += bias[c]; y is `[rows, channels, inner]`. */
  addBias(y: Floats, bias: Floats, rows: number, channels: number, inner: number): void;
  /** sums[c] = Σ over r, i of y[r, c, i]. */
  channelSums(y: Floats, sums: Floats, rows: number, channels: number, inner: number): void;

  conv2d(x: Floats, weight: Floats, y: Floats, geometry: ConvGeometry): void;
  conv2dInputGradient(dy: Floats, weight: Floats, dx: Floats, geometry: ConvGeometry): void;
  conv2dWeightGradient(x: Floats, dy: Floats, dWeight: Floats, geometry: ConvGeometry): void;

  pool(kind: PoolKind, x: Floats, y: Floats, geometry: PoolGeometry): void;
  /** Max: the whole gradient goes to the first largest entry of the window, in row order. */
  poolGradient(kind: PoolKind, x: Floats, y: Floats, dy: Floats, dx: Floats, geometry: PoolGeometry): void;

  /** Mean and variance (biased) of every channel over rows and inner; x is `[rows, channels, inner]`. */
  channelMoments(
    x: Floats,
    mean: Floats,
    variance: Floats,
    rows: number,
    channels: number,
    inner: number,
  ): void;
  /** y = gamma · (x - mean) / √(variance + epsilon) + beta. */
  normalize(call: NormalizeCall): void;
  /** dx, dGamma, dBeta, the statistics being functions of x. */
  normalizeGradient(call: NormalizeGradientCall): void;

  /** Runs the neurons of a layer through time. */
  neuronForward(call: NeuronCall): void;
  /** Backpropagation through time. Returns dLoss/dGain, summed over neurons and steps, where keep = 1 - gain; 0 unless asked. */
  neuronBackward(call: NeuronGradientCall): number;

  relu(x: Floats, y: Floats): void;
  reluGradient(x: Floats, dy: Floats, dx: Floats): void;
  /** y[i] = kept(seed, i mod period) ? x[i] · fround(1 / (1 - rate)) : 0, with `dropoutKeeps`. Its own gradient with dy for x. y may be x. */
  dropout(x: Floats, y: Floats, rate: number, seed: number, period: number): void;
  /** y += x. */
  add(x: Floats, y: Floats): void;
  /** For r < rows, i < width: to[r · toStride + toOffset + i] = from[r · fromStride + fromOffset + i]. */
  copyBlocks(call: CopyCall): void;
  /** y[i] = a · x[i]. y may be x. */
  scale(x: Floats, a: number, y: Floats): void;

  /** One Adam step, see `AdamCall`. */
  adam(call: AdamCall): void;
  /** One step of SGD with momentum, see `SgdCall`. */
  sgd(call: SgdCall): void;
  /** w = sign(θ) · max(|θ| - d, 0). w may be θ. */
  softThreshold(theta: Floats, d: number, w: Floats): void;
}

export interface GemmCall {
  /** `[m, k]`, or `[k, m]` with transA. */
  readonly a: Floats;
  /** `[k, n]`, or `[n, k]` with transB. */
  readonly b: Floats;
  /** `[m, n]` */
  readonly c: Floats;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
  /** True: adds to c. */
  readonly accumulate: boolean;
}

/** x is `[images, inChannels, inHeight, inWidth]`; weight `[outChannels, inChannels / groups, kernel…]`; y `[images, outChannels, outHeight, outWidth]`. */
export interface ConvGeometry {
  readonly images: number;
  readonly inChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly paddingHeight: number;
  readonly paddingWidth: number;
  readonly groups: number;
}

export type PoolKind = "average" | "max";

/** planes = images · channels; x is `[planes, inHeight, inWidth]`. No padding; what the last window does not reach is left out. */
export interface PoolGeometry {
  readonly planes: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
}

export interface NormalizeCall {
  /** `[rows, channels, inner]`, as y. */
  readonly x: Floats;
  readonly y: Floats;
  /** `[channels]`, as variance, gamma, beta. */
  readonly mean: Floats;
  readonly variance: Floats;
  readonly gamma: Floats;
  readonly beta: Floats;
  readonly epsilon: number;
  readonly rows: number;
  readonly channels: number;
  readonly inner: number;
}

export interface NormalizeGradientCall extends Omit<NormalizeCall, "y" | "beta"> {
  readonly dy: Floats;
  readonly dx: Floats;
  readonly dGamma: Floats;
  readonly dBeta: Floats;
}

export interface NeuronCall {
  /** `[steps, neurons]`, or `[neurons]` with staticCurrent. */
  readonly current: Floats;
  /** The same current in every step. */
  readonly staticCurrent: boolean;
  /** Out: membrane before the spike test, `[steps, neurons]`. */
  readonly membrane: Floats;
  /** Out: 0 or 1, `[steps, neurons]`. */
  readonly spikes: Floats;
  readonly steps: number;
  /** Neurons of the layer times batch. */
  readonly neurons: number;
  /** `keep` and `gain` as they are now: a learnt leak is already in them. */
  readonly neuron: NeuronSpec;
  /** Checks only, reference backend only: emit the surrogate's primitive instead of a spike. */
  readonly smooth?: boolean;
}

export interface NeuronGradientCall extends NeuronCall {
  /** `[steps, neurons]` */
  readonly dSpikes: Floats;
  /** Out: `[steps, neurons]`, or `[neurons]`, summed over steps, with staticCurrent. */
  readonly dCurrent: Floats;
  /** Also compute dLoss/dGain, with h = v + (I - v) · gain. */
  readonly wantsGainGradient: boolean;
}

export interface CopyCall {
  readonly from: Floats;
  readonly to: Floats;
  readonly rows: number;
  readonly width: number;
  readonly fromStride: number;
  readonly fromOffset: number;
  readonly toStride: number;
  readonly toOffset: number;
  /** True: adds. */
  readonly accumulate: boolean;
}

/**
 * m ← beta1·m + (1-beta1)·g;  v ← beta2·v + (1-beta2)·g²;
 * a = rate / (1 - beta1^k);  D = √v / √(1 - beta2^k) + epsilon;
 * w ← w·(1 - rate·weightDecay) - a·m / D. Decoupled decay, as in AdamW.
 */
export interface AdamCall {
  readonly weight: Floats;
  readonly gradient: Floats;
  readonly firstMoment: Floats;
  readonly secondMoment: Floats;
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Steps done, this one included; from 1. */
  readonly k: number;
}

/** b ← momentum·b + (g + weightDecay·w) (b = that sum in the first step);  w ← w - rate·b. */
export interface SgdCall {
  readonly weight: Floats;
  readonly gradient: Floats;
  readonly momentumBuffer: Floats;
  readonly rate: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

/** Whether entry i survives: a hash, so that the same entry falls on every backend and thread. All in 32-bit integers. */
export function dropoutKeeps(seed: number, i: number, rate: number): boolean {
  let x = (Math.imul(i, 0x9e3779b1) ^ seed) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
  x = (x ^ (x >>> 16)) >>> 0;
  return x >= Math.floor(rate * 2 ** 32);
}
