// What each kind of layer does on a backend, forwards and backwards. One entry of `LAYER_OPS` per kind.
import type { LayerOp, PlannedLayer } from "../graph.ts";
import { sizeOf } from "../graph.ts";
import {
  parameterOf,
  type Parameter,
  type ParameterRole,
  type Parameters,
  type Statistics,
} from "../parameters.ts";
import { seedFrom } from "../random.ts";
import type { Backend, ConvGeometry, Floats, PoolGeometry } from "./backend.ts";

/** All that a layer needs for one batch size. Arrays are as long as this batch needs. */
export interface OpContext<Op extends LayerOp["op"]> {
  readonly op: Extract<LayerOp, { op: Op }>;
  readonly planned: PlannedLayer;
  /** Position in the plan; makes dropout masks of different layers different. */
  readonly index: number;
  readonly backend: Backend;
  readonly parameters: Parameters;
  readonly steps: number;
  readonly batch: number;
  /** Rows of the output: batch times steps, or batch if static. */
  readonly images: number;
  readonly x: readonly Floats[];
  /** Which inputs are the same in all steps. */
  readonly staticX: readonly boolean[];
  readonly y: Floats;
  /** Gradient of y, complete when `backward` runs; absent where nothing is learnt. */
  readonly dy: Floats;
  /** Where the gradient of each input goes (overwritten); undefined: nobody needs it. */
  readonly dx: readonly (Floats | undefined)[];
  readonly smooth: boolean;
  /** An array of this length that lives as long as the executor. */
  readonly keep: (name: string, length: number) => Floats;
}

export interface LayerProgram {
  forward(mode: { readonly training: boolean; readonly seed: number }): void;
  backward(): void;
}

type Builder<Op extends LayerOp["op"]> = (context: OpContext<Op>) => LayerProgram;

export const LAYER_OPS: { readonly [Op in LayerOp["op"]]: Builder<Op> } = {
  linear: linearOp,
  conv2d: convOp,
  "average-pool": (context) => poolOp("average", context, poolGeometry(context)),
  "max-pool": (context) => poolOp("max", context, poolGeometry(context)),
  voting: (context) => poolOp("average", context, votingGeometry(context)),
  "batch-norm": batchNormOp,
  neuron: neuronOp,
  relu: ({ backend, x, y, dx, dy }) => ({
    forward: () => backend.relu(x[0], y),
    backward: () => dx[0] && backend.reluGradient(x[0], dy, dx[0]),
  }),
  dropout: dropoutOp,
  add: addOp,
  concat: concatOp,
  flatten: () => ({ forward: () => undefined, backward: () => undefined }),
};

function linearOp({
  op,
  planned,
  backend,
  parameters,
  images,
  x,
  y,
  dy,
  dx,
}: OpContext<"linear">): LayerProgram {
  const weight = required(parameters, planned, "weight");
  const bias = op.bias ? required(parameters, planned, "bias") : undefined;
  const outputs = op.features;
  const inputs = planned.inputShapes[0][0];
  const plain = { transA: false, transB: false, accumulate: false };
  return {
    forward: () => {
      backend.gemm({
        ...plain,
        a: x[0],
        b: weight.value,
        c: y,
        m: images,
        n: outputs,
        k: inputs,
        transB: true,
      });
      if (bias) backend.addBias(y, bias.value, images, outputs, 1);
    },
    backward: () => {
      backend.gemm({
        ...plain,
        a: dy,
        b: x[0],
        c: weight.gradient,
        m: outputs,
        n: inputs,
        k: images,
        transA: true,
      });
      if (bias) backend.channelSums(dy, bias.gradient, images, outputs, 1);
      if (dx[0])
        backend.gemm({ ...plain, a: dy, b: weight.value, c: dx[0], m: images, n: inputs, k: outputs });
    },
  };
}

function convOp({
  op,
  planned,
  backend,
  parameters,
  images,
  x,
  y,
  dy,
  dx,
}: OpContext<"conv2d">): LayerProgram {
  const weight = required(parameters, planned, "weight");
  const bias = op.bias ? required(parameters, planned, "bias") : undefined;
  const [inChannels, inHeight, inWidth] = planned.inputShapes[0];
  const [outChannels, outHeight, outWidth] = planned.outputShape;
  const geometry: ConvGeometry = {
    images,
    inChannels,
    inHeight,
    inWidth,
    outChannels,
    outHeight,
    outWidth,
    kernelHeight: op.kernel[0],
    kernelWidth: op.kernel[1],
    strideHeight: op.stride[0],
    strideWidth: op.stride[1],
    paddingHeight: op.padding[0],
    paddingWidth: op.padding[1],
    groups: op.groups,
  };
  const inner = outHeight * outWidth;
  return {
    forward: () => {
      backend.conv2d(x[0], weight.value, y, geometry);
      if (bias) backend.addBias(y, bias.value, images, outChannels, inner);
    },
    backward: () => {
      backend.conv2dWeightGradient(x[0], dy, weight.gradient, geometry);
      if (bias) backend.channelSums(dy, bias.gradient, images, outChannels, inner);
      if (dx[0]) backend.conv2dInputGradient(dy, weight.value, dx[0], geometry);
    },
  };
}

type Pooling = OpContext<"average-pool"> | OpContext<"max-pool">;

function poolGeometry({ op, planned, images }: Pooling): PoolGeometry {
  const [channels, inHeight, inWidth] = planned.inputShapes[0];
  const [, outHeight, outWidth] = planned.outputShape;
  return {
    planes: images * channels,
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    kernelHeight: op.kernel[0],
    kernelWidth: op.kernel[1],
    strideHeight: op.stride[0],
    strideWidth: op.stride[1],
  };
}

function votingGeometry({ op, planned, images }: OpContext<"voting">): PoolGeometry {
  return {
    planes: images,
    inHeight: 1,
    inWidth: planned.inputShapes[0][0],
    outHeight: 1,
    outWidth: planned.outputShape[0],
    kernelHeight: 1,
    kernelWidth: op.groupSize,
    strideHeight: 1,
    strideWidth: op.groupSize,
  };
}

function poolOp(
  kind: "average" | "max",
  { backend, x, y, dx, dy }: Pick<OpContext<"voting">, "backend" | "x" | "y" | "dx" | "dy">,
  geometry: PoolGeometry,
): LayerProgram {
  return {
    forward: () => backend.pool(kind, x[0], y, geometry),
    backward: () => dx[0] && backend.poolGradient(kind, x[0], y, dy, dx[0], geometry),
  };
}

function batchNormOp(context: OpContext<"batch-norm">): LayerProgram {
  const { op, planned, backend, parameters, images: rows, x, y, dx, dy, keep } = context;
  const gamma = required(parameters, planned, "gamma");
  const beta = required(parameters, planned, "beta");
  const running = parameters.statistics.find((s) => s.layer === planned.layer.name) as Statistics;
  const [channels] = planned.outputShape;
  const inner = sizeOf(planned.outputShape.slice(1));
  const mean = keep("mean", channels);
  const variance = keep("variance", channels);
  const unusedDx = dx[0] ? undefined : keep("dx", x[0].length);
  const { epsilon, momentum } = op;
  const shared = { x: x[0], gamma: gamma.value, epsilon, rows, channels, inner };
  return {
    forward: ({ training }) => {
      if (training) {
        backend.channelMoments(x[0], mean, variance, rows, channels, inner);
        const samples = rows * inner;
        const unbias = samples > 1 ? samples / (samples - 1) : 1;
        for (let c = 0; c < channels; c++) {
          running.mean[c] += momentum * (mean[c] - running.mean[c]);
          running.variance[c] += momentum * (variance[c] * unbias - running.variance[c]);
        }
      }
      const used = training ? { mean, variance } : running;
      backend.normalize({ ...shared, mean: used.mean, variance: used.variance, beta: beta.value, y });
    },
    backward: () =>
      backend.normalizeGradient({
        ...shared,
        mean,
        variance,
        dy,
        dx: dx[0] ?? (unusedDx as Floats),
        dGamma: gamma.gradient,
        dBeta: beta.gradient,
      }),
  };
}

function neuronOp(context: OpContext<"neuron">): LayerProgram {
  const { op, planned, backend, parameters, steps, batch, x, staticX, y, dx, dy, smooth, keep } = context;
  const leak = op.neuron.learnableLeak ? required(parameters, planned, "leak") : undefined;
  const neurons = batch * sizeOf(planned.outputShape);
  const membrane = keep("membrane", steps * neurons);
  const unusedDx = dx[0] ? undefined : keep("dx", x[0].length);
  const call = { current: x[0], staticCurrent: staticX[0], membrane, spikes: y, steps, neurons, smooth };
  const neuronNow = (): typeof op.neuron => {
    if (leak === undefined) return op.neuron;
    const gain = 1 / (1 + Math.exp(-leak.value[0]));
    return { ...op.neuron, gain, keep: 1 - gain };
  };
  return {
    forward: () => backend.neuronForward({ ...call, neuron: neuronNow() }),
    backward: () => {
      if (!dx[0] && !leak) return;
      const neuron = neuronNow();
      const dCurrent = dx[0] ?? (unusedDx as Floats);
      const wantsGainGradient = leak !== undefined;
      const dGain = backend.neuronBackward({ ...call, neuron, dSpikes: dy, dCurrent, wantsGainGradient });
      if (leak) leak.gradient[0] = dGain * neuron.gain * (1 - neuron.gain);
    },
  };
}

function dropoutOp({ op, planned, index, backend, batch, x, y, dx, dy }: OpContext<"dropout">): LayerProgram {
  const period = batch * sizeOf(planned.outputShape);
  let maskSeed = 0;
  return {
    forward: ({ training, seed }) => {
      maskSeed = seedFrom(seed, index);
      if (training) backend.dropout(x[0], y, op.rate, maskSeed, period);
      else backend.scale(x[0], 1, y);
    },
    backward: () => dx[0] && backend.dropout(dy, dx[0], op.rate, maskSeed, period),
  };
}

function addOp(context: OpContext<"add">): LayerProgram {
  const { backend, x, staticX, y, dx, dy } = context;
  const isStatic = staticX.every(Boolean);
  return {
    forward: () => {
      spread(context, x[0], staticX[0] && !isStatic, y, false);
      for (let i = 1; i < x.length; i++) spread(context, x[i], staticX[i] && !isStatic, y, true);
    },
    backward: () =>
      dx.forEach((target, i) => {
        if (!target) return;
        if (staticX[i] && !isStatic) sumOverSteps(context, dy, target);
        else backend.scale(dy, 1, target);
      }),
  };
}

/** to = x, or to += x; a static x in every step. */
function spread(
  { backend, steps }: OpContext<"add">,
  x: Floats,
  repeats: boolean,
  to: Floats,
  accumulate: boolean,
): void {
  const rows = repeats ? steps : 1;
  const width = to.length / rows;
  const fromStride = repeats ? 0 : width;
  backend.copyBlocks({
    from: x,
    to,
    rows,
    width,
    fromStride,
    fromOffset: 0,
    toStride: width,
    toOffset: 0,
    accumulate,
  });
}

function sumOverSteps({ backend }: { readonly backend: Backend }, from: Floats, to: Floats): void {
  to.fill(0);
  for (let start = 0; start < from.length; start += to.length)
    backend.add(from.subarray(start, start + to.length), to);
}

function concatOp(context: OpContext<"concat">): LayerProgram {
  const { planned, backend, steps, batch, images, x, staticX, y, dx, dy, keep } = context;
  const isStatic = staticX.every(Boolean);
  const toStride = sizeOf(planned.outputShape);
  let offset = 0;
  const blocks = planned.inputShapes.map((shape, i) => {
    const width = sizeOf(shape);
    const toOffset = offset;
    offset += width;
    return { width, toOffset, repeats: staticX[i] && !isStatic };
  });
  return {
    forward: () =>
      blocks.forEach(({ width, toOffset, repeats }, i) => {
        const block = { from: x[i], to: y, width, fromStride: width, toStride, accumulate: false };
        if (!repeats) backend.copyBlocks({ ...block, rows: images, fromOffset: 0, toOffset });
        else
          for (let t = 0; t < steps; t++)
            backend.copyBlocks({
              ...block,
              rows: batch,
              fromOffset: 0,
              toOffset: t * batch * toStride + toOffset,
            });
      }),
    backward: () =>
      blocks.forEach(({ width, toOffset, repeats }, i) => {
        const target = dx[i];
        if (!target) return;
        const to = repeats ? keep(`steps${i}`, images * width) : target;
        backend.copyBlocks({
          from: dy,
          to,
          rows: images,
          width,
          fromStride: toStride,
          fromOffset: toOffset,
          toStride: width,
          toOffset: 0,
          accumulate: false,
        });
        if (repeats) sumOverSteps(context, to, target);
      }),
  };
}

function required(parameters: Parameters, { layer }: PlannedLayer, role: ParameterRole): Parameter {
  return parameterOf(parameters, layer.name, role) as Parameter;
}
