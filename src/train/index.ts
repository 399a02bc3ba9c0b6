// Learning: layer graphs, engines, methods that prune while they learn, data, and the way into the compiler.

export { augment } from "./augment.ts";
export { findChannelGroups } from "./channels/groups.ts";
export { shrinkModel, type ShrinkOptions, type ShrinkResult } from "./channels/shrink.ts";
export type { Dataset, EventData, EventStream, ImageData } from "./dataset.ts";
export { selectImages, shuffledIndices, splitImages, type LabelledImages } from "./datasets/images.ts";
export { digitsFromClasses } from "./datasets/mnist.ts";
export type { DensityReport } from "./density.ts";
export { rateEncode, rateEncodeAll } from "./encode.ts";
export type { Backend, Floats } from "./engine/backend.ts";
export { createExecutor, type Executor, type ExecutorOptions } from "./engine/executor.ts";
export { createReferenceBackend } from "./engine/reference.ts";
export { createTfjsBackend } from "./engine/tfjs.ts";
export { createWasmBackend } from "./engine/wasm/backend.ts";
export { trainedModelToNetwork, type ExportedNetwork, type ExportOptions } from "./export/index.ts";
export { planGraph, type GraphPlan, type Layer, type LayerGraph, type PlannedLayer } from "./graph.ts";
export { METHODS } from "./methods/index.ts";
export type { MethodContext, MethodRun, SparseMethod } from "./methods/method.ts";
export { NEURONS, SURROGATES, type NeuronName, type NeuronSpec } from "./neurons.ts";
export { ADAM, type OptimizerSpec } from "./optimizer.ts";
export type { AugmentationSpec, EncoderSpec, LossSpec, ScheduleSpec, TrainingOptions } from "./options.ts";
export { createParameters, type Parameter, type Parameters } from "./parameters.ts";
export { createRandom, seedFrom, type Random } from "./random.ts";
export {
  decodeRateCodedImages,
  encodeRateCodedImages,
  isRateCodedImages,
  readRateCodedImages,
  spikesOfImages,
  type RateCodedImages,
  type RateCodedImagesJson,
} from "./rate-coded-images.ts";
export { generatedDigits } from "./recipes/generated-digits.ts";
export { createTrainingRun, type Evaluation, type StepReport, type TrainingRun } from "./run.ts";
export {
  DETECTION_DEMO,
  runDetectionDemo,
  type DetectionDemoOptions,
  type DetectionDemoResult,
} from "./detection/demo.ts";
export { generateMovingShapes } from "./spike-camera/moving-shapes.ts";
export type { StateTree } from "./state.ts";
export { loadTrainedModel, trainedModelOf, type TrainedModel } from "./trained-model.ts";
