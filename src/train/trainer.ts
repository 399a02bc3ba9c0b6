import type { OnProgress } from "#util/progress";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";
import { adamUpdate, cosineRate, createAdam } from "./adam.ts";
import { augmentImage, type Augmentation } from "./augment.ts";
import { checkOptions, checkImages } from "./check.ts";
import { selectImages, shuffledIndices, type LabelledImages } from "./datasets/images.ts";
import { lossNotANumber, silentLayer } from "./diagnostics.ts";
import { rateEncode } from "./encode.ts";
import { predictedClass, type Batch, type LearningRule, type TrainingEngine } from "./engine.ts";
import { sparsityShare, synapseCount, type SpikingMlp } from "./model.ts";
import { pruneByMagnitude, type GmpSchedule } from "./prune-gmp.ts";

export interface TrainingOptions {
  /** Order of the images and augmentation; nothing else is random. */
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Steps of the rate code. */
  readonly steps: number;
  /** Peak of the cosine schedule. */
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly rule: LearningRule;
  readonly augmentation?: Augmentation;
  readonly pruning?: GmpSchedule;
}

export interface TrainingData {
  readonly training: LabelledImages;
  /** Looked at after every epoch; decides nothing. */
  readonly validation?: LabelledImages;
}

/** What happened in one epoch. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch, while the weights changed. */
  readonly loss: number;
  readonly trainingAccuracy: number;
  readonly validationAccuracy?: number;
  /** Of all layers together, at the end of the epoch. */
  readonly sparsityShare: number;
}

export interface TrainingHooks {
  readonly onEpoch?: (report: EpochReport, model: SpikingMlp) => void;
  readonly onProgress?: OnProgress;
}

export interface TrainingResult {
  /** As it stands after the last epoch, never the best one: pruned networks would be compared unfairly. */
  readonly model: SpikingMlp;
  readonly epochs: readonly EpochReport[];
}

/**
 * Learns a rate-coded classifier: Adam on mini-batches under a cosine learning rate, pruned on the way if
 * asked. Same model, data, options and engine on the same machine: same weights, bit for bit.
 *
 * The weights of `model` are left as they were.
 *
 * @throws ToolchainError `train/…` if options and data do not fit, if the loss is no longer a number, or if a
 *         layer has fallen silent
 */
export async function train(
  model: SpikingMlp,
  data: TrainingData,
  options: TrainingOptions,
  engine: TrainingEngine,
  hooks: TrainingHooks = {},
): Promise<TrainingResult> {
  checkAll(model, data, options);
  const rng = createRng(options.seed);
  const images = data.training.labels.length;
  const batches = Math.ceil(images / options.batchSize);
  const totalSteps = batches * options.epochs;
  let current: SpikingMlp = { layers: model.layers.map((l) => ({ ...l, weights: l.weights.slice() })) };
  const adam = createAdam(current.layers);
  const epochs: EpochReport[] = [];
  let done = 0;

  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const order = shuffledIndices(images, rng);
    const layerSpikes = new Float64Array(current.layers.length);
    let lossSum = 0;
    let correct = 0;
    for (let b = 0; b < batches; b++) {
      const chosen = order.subarray(b * options.batchSize, (b + 1) * options.batchSize);
      const batch = createBatch(
        selectImages(data.training, chosen),
        options.steps,
        rng,
        options.augmentation,
      );
      const result = await engine.backward(current, batch, options.rule);
      if (Number.isNaN(result.loss)) throw new ToolchainError([lossNotANumber({ epoch, step: done })]);
      adamUpdate(
        adam,
        current.layers,
        result.gradients,
        cosineRate(options.learningRate, done, totalSteps),
        options.weightDecay,
      );
      done++;
      if (options.pruning) current = pruneByMagnitude(current, options.pruning, done, totalSteps);
      lossSum += result.loss * chosen.length;
      correct += countCorrect(result.counts, batch.labels);
      result.layerSpikes.forEach((spikes, l) => (layerSpikes[l] += spikes));
      hooks.onProgress?.("train", done, totalSteps);
    }
    stopIfSilent(current, layerSpikes, epoch);
    const report: EpochReport = {
      epoch,
      loss: lossSum / images,
      trainingAccuracy: correct / images,
      ...(data.validation && {
        validationAccuracy: (await evaluate(current, data.validation, options.steps, engine)).accuracy,
      }),
      sparsityShare: sparsityShare(current),
    };
    epochs.push(report);
    hooks.onEpoch?.(report, current);
  }
  return { model: current, epochs };
}

export interface Evaluation {
  readonly accuracy: number;
  /** `[images]`. */
  readonly predictions: Uint8Array;
  /** Mean per image, one entry per layer. */
  readonly layerSpikes: readonly number[];
}

/** Classifies images that are not augmented; a tie goes to the first class. */
export async function evaluate(
  model: SpikingMlp,
  images: LabelledImages,
  steps: number,
  engine: TrainingEngine,
): Promise<Evaluation> {
  const batch = createBatch(images, steps);
  const { counts, layerSpikes } = await engine.forward(model, batch);
  const classes = counts.length / batch.labels.length;
  return {
    accuracy: countCorrect(counts, batch.labels) / batch.labels.length,
    predictions: Uint8Array.from(batch.labels, (_, n) => predictedClass(counts, n, classes)),
    layerSpikes: Array.from(layerSpikes, (spikes) => spikes / batch.labels.length),
  };
}

/** Rate codes of images, augmented first if ranges are given. */
export function createBatch(
  images: LabelledImages,
  steps: number,
  rng?: Rng,
  augmentation?: Augmentation,
): Batch {
  const [height, width] = images.shape.slice(-2);
  const size = images.pixels.length / images.labels.length;
  const samples = Array.from(images.labels, (_, n) => {
    const pixels = images.pixels.subarray(n * size, (n + 1) * size);
    return rateEncode(
      rng && augmentation ? augmentImage(pixels, height, width, augmentation, rng) : pixels,
      steps,
    );
  });
  return { steps, samples, labels: images.labels };
}

function countCorrect(counts: Float64Array, labels: Uint8Array): number {
  const classes = counts.length / labels.length;
  return labels.reduce((sum, label, n) => sum + (predictedClass(counts, n, classes) === label ? 1 : 0), 0);
}

function checkAll(model: SpikingMlp, data: TrainingData, options: TrainingOptions): void {
  const sink = new DiagnosticSink();
  checkOptions(options, model, sink);
  checkImages(data.training, "training", model, sink);
  if (data.validation) checkImages(data.validation, "validation", model, sink);
  sink.throwIfErrors();
}

/** A silent layer has no gradient before it and never recovers. */
function stopIfSilent(model: SpikingMlp, layerSpikes: Float64Array, epoch: number): void {
  const silent = model.layers.filter((_, l) => layerSpikes[l] === 0);
  if (silent.length > 0)
    throw new ToolchainError(
      silent.map((layer) => silentLayer({ layer: layer.name, epoch, synapses: synapseCount(layer) })),
    );
}
