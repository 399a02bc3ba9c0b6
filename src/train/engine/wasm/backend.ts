// The fast engine: SIMD kernels on a memory that all threads share.
import { invariant } from "#util/diagnostic";
import type { SurrogateName } from "../../neurons.ts";
import type { Backend, Floats, NeuronCall, PoolGeometry } from "../backend.ts";
import {
  referenceAdam,
  referenceAdd,
  referenceScale,
  referenceSgd,
  referenceSoftThreshold,
} from "../reference-pointwise.ts";
import { addressIn, createArena } from "./arena.ts";
import { createConvolutions } from "./conv.ts";
import { gemm } from "./gemm.ts";
import { compileKernels, instantiateKernels, KERNEL_NAMES } from "./kernels.ts";
import { BOARD_BYTES, sharedTeam, soloTeam } from "./team.ts";

/** As the kernel numbers them. */
const SURROGATE_NUMBERS: Readonly<Record<SurrogateName, number>> = {
  atan: 0,
  rectangle: 1,
  triangular: 2,
  triangle: 3,
};

/** Entries worth a chunk of their own, in one pass over them. */
const GRAIN_FLOATS = 16_384;
/** Neurons whose gain gradient is summed as one, whatever the number of threads. */
const PART_NEURONS = 2048;

/**
 * @param options.threads 1 unless said; more than one in Node only, elsewhere it is one
 * @throws ToolchainError `train/out-of-memory` where there are not even some megabytes; later, `allocate` throws it
 */
export async function createWasmBackend(options: { readonly threads?: number } = {}): Promise<Backend> {
  const threads = typeof process === "undefined" ? 1 : (options.threads ?? 1);
  const module = await compileKernels();
  const arena = createArena();
  const { memory } = arena;
  const kernels = await instantiateKernels(module, memory);
  const board = arena.reserve(BOARD_BYTES);
  const workers: { stop(): Promise<void> }[] = [];
  if (threads > 1) {
    const { startNodeWorker } = await import("./node-workers.ts");
    const setups = Array.from({ length: threads - 1 }, (_, i) => i + 1);
    const starts = setups.map((thread) =>
      startNodeWorker({ module, memory, board, thread, kernels: KERNEL_NAMES }),
    );
    workers.push(...(await Promise.all(starts)));
  }
  const team = threads > 1 ? sharedTeam(kernels, memory, board, threads) : soloTeam(kernels);
  const at = (array: Floats): number => addressIn(arena, array);
  const owns = (...arrays: readonly Floats[]): boolean =>
    arrays.every((array) => arena.find(array) !== undefined);
  const convolutions = createConvolutions(arena, team, threads);

  /** Sums in double precision that a kernel writes to the scratch. */
  const wideSums = (count: number, fill: (address: number) => void): Float64Array => {
    const address = arena.scratch(8 * count);
    fill(address);
    return new Float64Array(memory.buffer, address, count);
  };
  const channelGrain = (rows: number, inner: number): number =>
    inner === 1 ? 4 * Math.ceil(GRAIN_FLOATS / (4 * rows)) : Math.ceil(GRAIN_FLOATS / (rows * inner));
  const rowGrain = (rowLength: number): number => Math.ceil(GRAIN_FLOATS / Math.max(1, rowLength));
  const neuronNumbers = ({ neuron }: NeuronCall): readonly [number, number, number, number] => [
    neuron.keep,
    neuron.gain,
    neuron.threshold,
    Number(neuron.compare === ">"),
  ];
  const poolNumbers = (g: PoolGeometry): readonly number[] => [
    ...[g.inHeight, g.inWidth, g.outHeight, g.outWidth],
    ...[g.kernelHeight, g.kernelWidth, g.strideHeight, g.strideWidth],
  ];

  return {
    name: "wasm",
    threads,
    allocate: (length) => arena.allocate(length),
    async dispose() {
      await Promise.all(workers.map((worker) => worker.stop()));
    },

    gemm: (call) => {
      gemm(call, arena, team, threads);
    },
    addBias(y, bias, rows, channels, inner) {
      team.run("addBias", rows, rowGrain(channels * inner), at(y), at(bias), channels, inner);
    },
    channelSums(y, sums, rows, channels, inner) {
      const wide = wideSums(channels, (to) => {
        team.run("channelSums", channels, channelGrain(rows, inner), at(y), to, rows, channels, inner);
      });
      sums.set(wide);
    },

    conv2d: (x, weight, y, geometry) => {
      convolutions.forward(x, weight, y, geometry);
    },
    conv2dInputGradient: (dy, weight, dx, geometry) => {
      convolutions.inputGradient(dy, weight, dx, geometry);
    },
    conv2dWeightGradient: (x, dy, dWeight, geometry) => {
      convolutions.weightGradient(x, dy, dWeight, geometry);
    },

    pool(kind, x, y, geometry) {
      const grain = rowGrain(geometry.inHeight * geometry.inWidth);
      const isMax = Number(kind === "max");
      team.run("poolForward", geometry.planes, grain, isMax, at(x), at(y), ...poolNumbers(geometry));
    },
    poolGradient(kind, x, _y, dy, dx, geometry) {
      const grain = rowGrain(geometry.inHeight * geometry.inWidth);
      const arrays = [at(x), at(dy), at(dx)];
      const isMax = Number(kind === "max");
      team.run("poolBackward", geometry.planes, grain, isMax, ...arrays, ...poolNumbers(geometry));
    },

    channelMoments(x, mean, variance, rows, channels, inner) {
      const grain = channelGrain(rows, inner);
      const shape = [rows, channels, inner] as const;
      const sums = wideSums(channels, (to) => {
        team.run("channelSums", channels, grain, at(x), to, ...shape);
      });
      for (let c = 0; c < channels; c++) mean[c] = sums[c] / (rows * inner);
      const squares = wideSums(channels, (to) => {
        team.run("channelMoments", channels, grain, at(x), at(mean), to, ...shape);
      });
      for (let c = 0; c < channels; c++) variance[c] = squares[c] / (rows * inner);
    },
    normalize({ x, y, mean, variance, gamma, beta, epsilon, rows, channels, inner }) {
      const address = arena.scratch(4 * channels);
      const factor = new Float32Array(memory.buffer, address, channels);
      for (let c = 0; c < channels; c++) factor[c] = gamma[c] / Math.sqrt(variance[c] + epsilon);
      const arrays = [at(x), at(y), at(mean), address, at(beta)];
      team.run("normalize", rows, rowGrain(channels * inner), ...arrays, channels, inner);
    },
    normalizeGradient(call) {
      const { x, mean, variance, gamma, epsilon, rows, channels, inner, dy, dx, dGamma, dBeta } = call;
      const count = rows * inner;
      const wide = wideSums(4 * channels, (to) => {
        const arrays = [at(dy), at(x), at(mean), to, to + 8 * channels];
        team.run("channelGradients", channels, channelGrain(rows, inner), ...arrays, rows, channels, inner);
      });
      const address = wide.byteOffset + 16 * channels;
      const numbers = new Float32Array(memory.buffer, address, 3 * channels);
      for (let c = 0; c < channels; c++) {
        const inverse = 1 / Math.sqrt(variance[c] + epsilon);
        const products = wide[channels + c] * inverse;
        dBeta[c] = wide[c];
        dGamma[c] = products;
        numbers[c] = gamma[c] * inverse;
        numbers[channels + c] = wide[c] / count;
        numbers[2 * channels + c] = (products * inverse) / count;
      }
      const perChannel = [address, address + 4 * channels, address + 8 * channels];
      const arrays = [at(x), at(dy), at(dx), at(mean), ...perChannel];
      team.run("normalizeGradient", rows, rowGrain(channels * inner), ...arrays, channels, inner);
    },

    neuronForward(call) {
      const { current, staticCurrent, membrane, spikes, steps, neurons } = call;
      invariant(call.smooth !== true, "only the reference backend has smooth neurons");
      const arrays = [at(current), Number(staticCurrent), at(membrane), at(spikes)];
      const grain = 16 * Math.ceil(GRAIN_FLOATS / (16 * steps));
      team.run("neuronForward", neurons, grain, ...arrays, steps, neurons, ...neuronNumbers(call));
    },
    neuronBackward(call) {
      const { current, staticCurrent, membrane, dSpikes, dCurrent, steps, neurons, neuron } = call;
      invariant(call.smooth !== true, "only the reference backend has smooth neurons");
      const parts = Math.ceil(neurons / PART_NEURONS);
      const grain = Math.ceil(GRAIN_FLOATS / (PART_NEURONS * steps));
      const sums = wideSums(parts, (to) => {
        const arrays = [at(current), Number(staticCurrent), at(membrane), at(dSpikes), at(dCurrent)];
        const rest = [Number(neuron.detachReset), SURROGATE_NUMBERS[neuron.surrogate]];
        const gain = [Number(call.wantsGainGradient), to];
        const shape = [steps, neurons, ...neuronNumbers(call), ...rest, ...gain];
        team.run("neuronBackward", parts, grain, PART_NEURONS, ...arrays, ...shape);
      });
      return call.wantsGainGradient ? sums.reduce((sum, part) => sum + part, 0) : 0;
    },

    relu(x, y) {
      team.run("relu", x.length, GRAIN_FLOATS, at(x), at(y));
    },
    reluGradient(x, dy, dx) {
      team.run("reluGradient", x.length, GRAIN_FLOATS, at(x), at(dy), at(dx));
    },
    dropout(x, y, rate, seed, period) {
      const bound = Math.floor(rate * 2 ** 32);
      // A bound of 2^32 keeps nothing; as 32 bits it would keep everything.
      const factor = bound < 2 ** 32 ? 1 / (1 - rate) : 0;
      team.run("dropout", x.length, GRAIN_FLOATS, at(x), at(y), bound, factor, seed, period);
    },
    add(x, y) {
      if (owns(x, y)) team.run("add", x.length, GRAIN_FLOATS, at(x), at(y));
      else referenceAdd(x, y);
    },
    copyBlocks({ from, to, rows, width, fromStride, fromOffset, toStride, toOffset, accumulate }) {
      if (rows === 1 || (fromStride === width && toStride === width)) {
        // One stretch: any part of it may go to any thread.
        const [source, target] = [at(from) + 4 * fromOffset, at(to) + 4 * toOffset];
        const length = rows * width;
        if (accumulate) team.run("add", length, GRAIN_FLOATS, source, target);
        else team.run("scale", length, GRAIN_FLOATS, source, 1, target);
        return;
      }
      const strides = [fromStride, fromOffset, toStride, toOffset, Number(accumulate)];
      team.run("copyBlocks", rows, rowGrain(width), at(from), at(to), width, ...strides);
    },
    scale(x, a, y) {
      if (owns(x, y)) team.run("scale", x.length, GRAIN_FLOATS, at(x), a, at(y));
      else referenceScale(x, a, y);
    },

    adam(call) {
      const { weight, gradient, firstMoment, secondMoment, rate, beta1, beta2, epsilon, k } = call;
      if (!owns(weight, gradient, firstMoment, secondMoment)) {
        referenceAdam(call);
        return;
      }
      const arrays = [at(weight), at(gradient), at(firstMoment), at(secondMoment)];
      const betas = [beta1, 1 - beta1, beta2, 1 - beta2];
      const step = [rate / (1 - beta1 ** k), Math.sqrt(1 - beta2 ** k), epsilon];
      const decay = 1 - rate * call.weightDecay;
      team.run("adam", weight.length, GRAIN_FLOATS, ...arrays, ...betas, ...step, decay);
    },
    sgd(call) {
      const { weight, gradient, momentumBuffer, rate, momentum, weightDecay } = call;
      if (!owns(weight, gradient, momentumBuffer)) {
        referenceSgd(call);
        return;
      }
      const arrays = [at(weight), at(gradient), at(momentumBuffer)];
      team.run("sgd", weight.length, GRAIN_FLOATS, ...arrays, rate, momentum, weightDecay);
    },
    softThreshold(theta, d, w) {
      if (owns(theta, w)) team.run("softThreshold", theta.length, GRAIN_FLOATS, at(theta), d, at(w));
      else referenceSoftThreshold(theta, d, w);
    },
  };
}
