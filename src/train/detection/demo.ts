// Channel pruning of a spiking detector, on synthetic spike-camera streams: dense, half of the weights, a fifth.
import type { OnProgress } from "#util/progress";
import { parameterCounts } from "../channels/counts.ts";
import { findChannelGroups } from "../channels/groups.ts";
import { shrinkModel } from "../channels/shrink.ts";
import type { Backend } from "../engine/backend.ts";
import { createWasmBackend } from "../engine/wasm/backend.ts";
import { planGraph } from "../graph.ts";
import { channel } from "../methods/channel.ts";
import { dense } from "../methods/dense.ts";
import { seedFrom } from "../random.ts";
import { generateMovingShapes, type MovingShapes, SHAPE_CLASSES } from "../spike-camera/moving-shapes.ts";
import type { TrainedModel } from "../trained-model.ts";
import { averagePrecision } from "./average-precision.ts";
import { detectionGraph, detectionGrid } from "./detection-graph.ts";
import type { GridSpec } from "./grid.ts";
import { detect, trainDetector } from "./train-detector.ts";

export interface DetectionDemoOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly trainingSamples: number;
  readonly testSamples: number;
  /** Height and width of the picture, in pixels: a multiple of 4, at least 24. */
  readonly side: number;
  /** Windows of planes, one per time step of the network. */
  readonly steps: number;
  readonly planesPerStep: number;
  /** Of the detector's first stage. */
  readonly channels: number;
  readonly batchSize: number;
  readonly rate: number;
  /** Variant of the method `channel`. */
  readonly variant: "gate" | "group-soft-threshold" | "slimming";
  /** Called once per training; the backend is disposed after it. */
  readonly createBackend: () => Backend | Promise<Backend>;
  readonly onProgress: OnProgress;
}

export const DETECTION_DEMO: DetectionDemoOptions = {
  seed: 1,
  epochs: 25,
  trainingSamples: 1200,
  testSamples: 300,
  side: 32,
  steps: 4,
  planesPerStep: 8,
  channels: 12,
  batchSize: 16,
  rate: 4e-3,
  variant: "gate",
  createBackend: () => createWasmBackend(),
  onProgress: () => undefined,
};

export interface DetectorResult {
  /** At an overlap of 0.5, on test samples that training has not seen; 0 to 1. */
  readonly meanAveragePrecision: number;
  /** By shape class. */
  readonly averagePrecision: Readonly<Record<string, number>>;
  /** Weights of the network after physical removal of dead channels. */
  readonly parameters: number;
  /** Of the dense network's weights. */
  readonly parameterShare: number;
  /** After removal. */
  readonly model: TrainedModel;
}

export interface DetectionDemoResult {
  /** What it was trained on. Say so wherever a result is shown: the data are synthetic. */
  readonly data: MovingShapes["name"];
  readonly grid: GridSpec;
  readonly dense: DetectorResult;
  /** At most 50 % of the weights. */
  readonly half: DetectorResult;
  /** At most 20 % of the weights. */
  readonly fifth: DetectorResult;
}

/**
 * Trains one detector three times from the same initial weights and for equally many steps: dense, pruned to half of the
 * weights while it learns, and to a fifth. Then takes the dead channels out and tests what is left.
 *
 * @throws ToolchainError `train/data-option-out-of-range`, `train/loss-not-a-number`, `train/channel-share-too-small`
 */
export async function runDetectionDemo(
  chosen: Partial<DetectionDemoOptions> = {},
): Promise<DetectionDemoResult> {
  const options = { ...DETECTION_DEMO, ...chosen };
  const { seed, epochs, side, steps, planesPerStep, onProgress } = options;
  const shapes = { height: side, width: side, steps, planesPerStep };
  const training = generateMovingShapes({
    ...shapes,
    samples: options.trainingSamples,
    seed: seedFrom(seed, 1),
  });
  const test = generateMovingShapes({ ...shapes, samples: options.testSamples, seed: seedFrom(seed, 2) });
  const size = { height: side, width: side, channels: options.channels, classes: SHAPE_CLASSES.length };
  const graph = detectionGraph(size);
  const grid = detectionGrid(size, meanSide(training));
  const denseWeights = parameterCounts(findChannelGroups(planGraph(graph, false))).weights;
  const inputScale = 1 / planesPerStep;

  const train = async (stage: string, share: number): Promise<DetectorResult> => {
    const backend = await options.createBackend();
    try {
      const trained = trainDetector({
        graph,
        grid,
        data: training,
        inputScale,
        method: share === 1 ? dense : channel,
        methodOptions: share === 1 ? {} : { variant: options.variant, parameters: share },
        epochs,
        batchSize: options.batchSize,
        rate: options.rate,
        seed: seedFrom(seed, 3),
        backend,
        onEpoch: ({ epoch }) => onProgress(stage, epoch + 1, epochs),
      });
      const { model, after } = shrinkModel(trained);
      const found = detect(model, grid, test, inputScale, backend);
      const report = averagePrecision(found, test.boxes, SHAPE_CLASSES.length);
      return {
        meanAveragePrecision: report.meanAveragePrecision,
        averagePrecision: Object.fromEntries(
          SHAPE_CLASSES.map((name, c) => [name, report.averagePrecision[c]]),
        ),
        parameters: after.weights,
        parameterShare: after.weights / denseWeights,
        model,
      };
    } finally {
      await backend.dispose();
    }
  };
  return {
    data: training.name,
    grid,
    dense: await train("dense detector", 1),
    half: await train("detector with half of the weights", 0.5),
    fifth: await train("detector with a fifth of the weights", 0.2),
  };
}

/** Of all boxes, in pixels: what the head's sizes are relative to. */
function meanSide({ boxes }: MovingShapes): number {
  const sides = boxes.flat().flatMap(({ width, height }) => [width, height]);
  return sides.length === 0 ? 1 : sides.reduce((sum, side) => sum + side, 0) / sides.length;
}
