// Learning: surrogate gradients, pruning while learning, and the way into the compiler.

export { augmentImage, type Augmentation } from "./augment.ts";
export { selectImages, shuffledIndices, splitImages, type LabelledImages } from "./datasets/images.ts";
export { digitsFromClasses } from "./datasets/mnist.ts";
export { rateEncode, rateEncodeAll } from "./encode.ts";
export { createArrayEngine } from "./engine-arrays.ts";
export { createTfjsEngine } from "./engine-tfjs.ts";
export type { Batch, BatchGradient, BatchOutput, LearningRule, TrainingEngine } from "./engine.ts";
export {
  createMlp,
  maskLayer,
  sparsityShare,
  synapseCount,
  type DenseLayer,
  type MlpOptions,
  type SpikingMlp,
} from "./model.ts";
export { gmpSparsity, pruneByMagnitude, type GmpSchedule } from "./prune-gmp.ts";
export { cutSilentInputs } from "./prune-silent.ts";
export {
  decodeRateCodedImages,
  encodeRateCodedImages,
  isRateCodedImages,
  readRateCodedImages,
  spikesOfImages,
  type RateCodedImages,
  type RateCodedImagesJson,
} from "./rate-coded-images.ts";
export { arctan, fastSigmoid, SURROGATES, type Surrogate } from "./surrogate.ts";
export { toNetwork } from "./to-network.ts";
export {
  createBatch,
  evaluate,
  train,
  type EpochReport,
  type Evaluation,
  type TrainingData,
  type TrainingHooks,
  type TrainingOptions,
  type TrainingResult,
} from "./trainer.ts";
