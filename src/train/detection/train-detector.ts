// Training and testing of a grid detector: the executor and any sparse method, with the detection loss.
import { ToolchainError } from "#util/diagnostic";
import type { Backend, Floats } from "../engine/backend.ts";
import { createExecutor } from "../engine/executor.ts";
import { type LayerGraph, planGraph, sizeOf } from "../graph.ts";
import type { SparseMethod } from "../methods/method.ts";
import { ADAM, createOptimizer } from "../optimizer.ts";
import { createParameters, parameterOf } from "../parameters.ts";
import { createRandom, seedFrom } from "../random.ts";
import { lossNotANumber } from "../run-diagnostics.ts";
import { learningRate } from "../schedule.ts";
import type { MovingShapes } from "../spike-camera/moving-shapes.ts";
import { loadTrainedModel, trainedModelOf, type TrainedModel } from "../trained-model.ts";
import type { Detection } from "./boxes.ts";
import { type DetectionLoss, detectionLoss, meanOutputs } from "./detection-loss.ts";
import { decodeGrid, encodeGrid, type GridSpec } from "./grid.ts";

export interface DetectorTraining {
  readonly graph: LayerGraph;
  readonly grid: GridSpec;
  readonly data: MovingShapes;
  /** Factor of the sums, so that the input is 0 to 1. */
  readonly inputScale: number;
  readonly method: SparseMethod;
  readonly methodOptions: Readonly<Record<string, unknown>>;
  readonly epochs: number;
  readonly batchSize: number;
  /** At the start; cosine to 0 after one epoch of warm-up. */
  readonly rate: number;
  readonly seed: number;
  readonly backend: Backend;
  /** After every epoch. */
  readonly onEpoch?: (report: DetectionLoss & { readonly epoch: number; readonly epochs: number }) => void;
}

/** The boxes are those of the last plane: only the second half of the steps is read out. */
export function readSteps(steps: number): number {
  return Math.ceil(steps / 2);
}

/** Expected share of cells with an object: sets the head's first bias, so that training does not begin with a flood of them. */
const OBJECT_SHARE = 0.03;

/**
 * Trains with Adam from random weights that depend on `seed` alone. The incomplete batch at the end of an epoch is left out.
 *
 * @throws ToolchainError `train/loss-not-a-number`; what the method throws
 */
export function trainDetector(options: DetectorTraining): TrainedModel {
  const { grid, data, method, epochs, backend, seed } = options;
  const plan = planGraph(options.graph, false);
  const samples = data.boxes.length;
  const batchSize = Math.min(options.batchSize, samples);
  const stepsPerEpoch = Math.floor(samples / batchSize);
  const rateOf = learningRate(
    { name: "cosine", rate: options.rate, warmupEpochs: epochs > 1 ? 1 : 0, per: "step" },
    epochs,
    stepsPerEpoch,
  );
  const parameters = createParameters(plan, backend, createRandom(seedFrom(seed, 1)));
  const bias = parameterOf(parameters, plan.graph.output, "bias");
  if (bias !== undefined) bias.value[0] = Math.log(OBJECT_SHARE / (1 - OBJECT_SHARE));
  const prunable = parameters.list.filter(({ role }) => role === "weight");
  const run = method.create(
    {
      prunable,
      parameters,
      plan,
      backend,
      random: createRandom(seedFrom(seed, 2)),
      optimizer: ADAM,
      totalSteps: epochs * stepsPerEpoch,
      stepsPerEpoch,
      rateOf,
    },
    method.options.parse(options.methodOptions),
  );
  const others = parameters.list
    .filter((parameter) => !prunable.includes(parameter))
    .map((parameter) => ({ parameter, own: createOptimizer(ADAM, backend, parameter.value.length) }));
  const [steps] = data.shape;
  const executor = createExecutor({ plan, parameters, backend, steps, maxBatch: batchSize, learns: true });
  const targets = data.boxes.map((boxes) => encodeGrid(boxes, grid));

  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(samples, seedFrom(seed, 3, epoch));
    const sums = { loss: 0, objectness: 0, box: 0, class: 0 };
    for (let b = 0; b < stepsPerEpoch; b++) {
      const n = epoch * stepsPerEpoch + b;
      const shown = order.subarray(b * batchSize, (b + 1) * batchSize);
      feedShapes(data, shown, options.inputScale, executor.input);
      executor.forward(batchSize, { training: true, seed: seedFrom(seed, 4, n) });
      const own = Array.from(shown, (sample) => targets[sample]);
      const result = detectionLoss(
        executor.output,
        executor.outputGradient,
        own,
        grid,
        steps,
        readSteps(steps),
      );
      if (!Number.isFinite(result.loss))
        throw new ToolchainError([lossNotANumber({ epoch, step: n, learningRate: rateOf(n) })]);
      executor.backward(batchSize);
      for (const { parameter, own: optimizer } of others)
        optimizer.step(parameter.value, parameter.gradient, rateOf(n), n + 1);
      run.step(n);
      sums.loss += result.loss / stepsPerEpoch;
      sums.objectness += result.objectness / stepsPerEpoch;
      sums.box += result.box / stepsPerEpoch;
      sums.class += result.class / stepsPerEpoch;
    }
    run.endEpoch?.(epoch);
    options.onEpoch?.({ ...sums, epoch, epochs });
  }
  run.finish?.();
  return trainedModelOf(plan, parameters);
}

/**
 * What a trained detector finds in every sample.
 *
 * @returns one list per sample, by falling score; scores from 0.02 on, overlaps of one class above 0.45 suppressed
 */
export function detect(
  model: TrainedModel,
  grid: GridSpec,
  data: MovingShapes,
  inputScale: number,
  backend: Backend,
  batchSize = 16,
): readonly (readonly Detection[])[] {
  const plan = planGraph(model.graph, model.staticInput);
  const parameters = createParameters(plan, backend, createRandom(0));
  loadTrainedModel(model, parameters);
  const [steps] = data.shape;
  const executor = createExecutor({ plan, parameters, backend, steps, maxBatch: batchSize, learns: false });
  const outputs = sizeOf(plan.layers[plan.output].outputShape);
  const found: (readonly Detection[])[] = [];
  for (let start = 0; start < data.boxes.length; start += batchSize) {
    const count = Math.min(batchSize, data.boxes.length - start);
    feedShapes(
      data,
      Uint32Array.from({ length: count }, (_, i) => start + i),
      inputScale,
      executor.input,
    );
    executor.forward(count, { training: false, seed: 0 });
    const means = meanOutputs(executor.output, count * outputs, steps, readSteps(steps));
    for (let i = 0; i < count; i++) {
      const own = means.subarray(i * outputs, (i + 1) * outputs);
      found.push(decodeGrid(own, grid, { leastScore: 0.02, overlap: 0.45 }));
    }
  }
  return found;
}

/** `[samples, steps, …]` to `[steps, batch, …]`. */
function feedShapes(data: MovingShapes, shown: Uint32Array, scale: number, input: Floats): void {
  const [steps, ...shape] = data.shape;
  const size = sizeOf(shape);
  shown.forEach((sample, b) => {
    for (let t = 0; t < steps; t++) {
      const from = (sample * steps + t) * size;
      const to = (t * shown.length + b) * size;
      for (let i = 0; i < size; i++) input[to + i] = scale * data.sums[from + i];
    }
  });
}

/** Fisher and Yates. */
function shuffled(count: number, seed: number): Uint32Array {
  const random = createRandom(seed);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * random.next());
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
