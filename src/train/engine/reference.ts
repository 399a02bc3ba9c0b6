import type { Backend, Floats } from "./backend.ts";
import {
  referenceConv2d,
  referenceConv2dInputGradient,
  referenceConv2dWeightGradient,
} from "./reference-conv.ts";
import {
  referenceAddBias,
  referenceChannelSums,
  referenceCopyBlocks,
  referenceGemm,
} from "./reference-linear.ts";
import { neuronFunctions } from "./reference-neuron.ts";
import {
  referenceChannelMoments,
  referenceNormalize,
  referenceNormalizeGradient,
} from "./reference-normalize.ts";
import {
  referenceAdam,
  referenceAdd,
  referenceDropout,
  referenceRelu,
  referenceReluGradient,
  referenceScale,
  referenceSgd,
  referenceSoftThreshold,
} from "./reference-pointwise.ts";
import { referencePool, referencePoolGradient } from "./reference-pool.ts";

export type Precision = "float32" | "float64";

/**
 * The interface in plain loops: the yardstick of all other backends, and what runs where WebAssembly has no SIMD or no
 * shared memory. Sums are formed in double precision; `precision` is that of the arrays.
 */
export function createReferenceBackend(options: { readonly precision?: Precision } = {}): Backend {
  const precision = options.precision ?? "float32";
  return {
    name: `reference-${precision}`,
    threads: 1,
    allocate: (length): Floats =>
      precision === "float32" ? new Float32Array(length) : new Float64Array(length),
    dispose: () => undefined,

    gemm: referenceGemm,
    addBias: referenceAddBias,
    channelSums: referenceChannelSums,
    copyBlocks: referenceCopyBlocks,

    conv2d: referenceConv2d,
    conv2dInputGradient: referenceConv2dInputGradient,
    conv2dWeightGradient: referenceConv2dWeightGradient,

    pool: referencePool,
    poolGradient: referencePoolGradient,

    channelMoments: referenceChannelMoments,
    normalize: referenceNormalize,
    normalizeGradient: referenceNormalizeGradient,

    ...neuronFunctions(precision === "float32" ? Math.fround : (value) => value),

    relu: referenceRelu,
    reluGradient: referenceReluGradient,
    dropout: referenceDropout,
    add: referenceAdd,
    scale: referenceScale,

    adam: referenceAdam,
    sgd: referenceSgd,
    softThreshold: referenceSoftThreshold,
  };
}
