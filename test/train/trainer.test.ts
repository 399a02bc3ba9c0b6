import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { adamUpdate, createAdam } from "#train/adam";
import { augmentImage } from "#train/augment";
import { selectImages, splitImages } from "#train/datasets/images";
import { digitsFromClasses } from "#train/datasets/mnist";
import { createArrayEngine } from "#train/engine-arrays";
import { createMlp, synapseCount, type SpikingMlp } from "#train/model";
import { arctan } from "#train/surrogate";
import { createBatch, evaluate, train, type TrainingOptions } from "#train/trainer";
import { ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { barImages } from "#test/tiny-digits";

const OPTIONS: TrainingOptions = {
  seed: 1,
  epochs: 8,
  batchSize: 10,
  steps: 10,
  learningRate: 0.01,
  weightDecay: 0,
  rule: { surrogate: arctan, countGain: 0.5, detachReset: true },
};
const TRAINING = barImages(100, 1);
const start = (): SpikingMlp =>
  createMlp({ sizes: [36, 32, 2], tauSteps: 8, threshold: 1, initGains: [1, 2] }, createRng(2));
const weightsOf = (model: SpikingMlp): Float32Array[] => model.layers.map((layer) => layer.weights);

test("a single training step lowers the loss of the batch it was taken on", async () => {
  const engine = createArrayEngine();
  const batch = createBatch(TRAINING, OPTIONS.steps);
  const { layers } = start();
  const before = await engine.backward({ layers }, batch, OPTIONS.rule);
  adamUpdate(createAdam(layers), layers, before.gradients, 1e-3, 0);
  const after = await engine.backward({ layers }, batch, OPTIONS.rule);
  assert.ok(after.loss < before.loss, `${after.loss} after ${before.loss}`);
});

describe("train", () => {
  test("lowers the loss and learns to tell rows from columns", async () => {
    const { epochs, model } = await train(start(), { training: TRAINING }, OPTIONS, createArrayEngine());
    assert.ok(epochs[1].loss < epochs[0].loss);
    assert.ok(epochs[7].loss < 0.5 * epochs[0].loss);
    const unseen = await evaluate(model, barImages(60, 99), OPTIONS.steps, createArrayEngine());
    assert.ok(unseen.accuracy > 0.85, `accuracy ${unseen.accuracy}`);
  });

  test("gives the same weights bit for bit for the same seed, and others for another", async () => {
    const options = {
      ...OPTIONS,
      epochs: 2,
      augmentation: { turnDegrees: 5, scaleShare: 0.1, shiftPixels: 1 },
    };
    const run = async (seed: number): Promise<Float32Array[]> =>
      weightsOf(
        (await train(start(), { training: TRAINING }, { ...options, seed }, createArrayEngine())).model,
      );
    const [a, b, c] = [await run(1), await run(1), await run(2)];
    assert.deepEqual(a, b);
    assert.notDeepEqual(a, c);
  });

  test("leaves the model it was given as it was", async () => {
    const model = start();
    await train(model, { training: TRAINING }, { ...OPTIONS, epochs: 1 }, createArrayEngine());
    assert.deepEqual(weightsOf(model), weightsOf(start()));
  });

  test("prunes to the asked share and keeps pruned weights at zero to the end", async () => {
    const pruning = { finalSparsity: [0.75, 0.5], beginShare: 0.1, endShare: 0.5, everySteps: 3 };
    const { model, epochs } = await train(
      start(),
      { training: TRAINING },
      { ...OPTIONS, pruning },
      createArrayEngine(),
    );
    assert.deepEqual(model.layers.map(synapseCount), [288, 32]);
    for (const { weights, mask } of model.layers)
      weights.forEach((weight, i) => assert.ok(mask[i] === 1 || weight === 0));
    assert.equal(epochs[7].sparsityShare, 1 - 320 / 1216);
    assert.ok(epochs[7].trainingAccuracy > 0.85);
  });

  test("validates after every epoch without changing what is learnt", async () => {
    const options = { ...OPTIONS, epochs: 2 };
    const blind = await train(start(), { training: TRAINING }, options, createArrayEngine());
    const data = { training: TRAINING, validation: barImages(20, 5) };
    const watched = await train(start(), data, options, createArrayEngine());
    assert.deepEqual(weightsOf(watched.model), weightsOf(blind.model));
    const last = await evaluate(watched.model, data.validation, OPTIONS.steps, createArrayEngine());
    assert.equal(watched.epochs[1].validationAccuracy, last.accuracy);
    assert.equal("validationAccuracy" in blind.epochs[1], false);
  });

  test("reports every fault of options and images at once", async () => {
    const broken = {
      ...OPTIONS,
      epochs: 0,
      learningRate: -1,
      pruning: { finalSparsity: [0.5, 1], beginShare: 0.5, endShare: 0.4, everySteps: 1 },
    };
    const training = { ...TRAINING, labels: TRAINING.labels.with(3, 2).slice(0, 99) };
    await assert.rejects(train(start(), { training }, broken, createArrayEngine()), (error: unknown) => {
      assert.ok(error instanceof ToolchainError);
      assert.deepEqual(
        error.diagnostics.map(({ code, subject }) => [code, subject]),
        [
          ["train/option-out-of-range", "epochs"],
          ["train/option-out-of-range", "learningRate"],
          ["train/option-out-of-range", "pruning.finalSparsity[1]"],
          ["train/option-out-of-range", "pruning.endShare"],
          ["train/data-does-not-fit", undefined],
          ["train/label-out-of-range", "training.labels[3]"],
        ],
      );
      return true;
    });
  });

  test("stops with the layer's name when a layer has fallen silent", async () => {
    const model = start();
    model.layers[1].weights.fill(-0.5);
    const options = { ...OPTIONS, epochs: 1, learningRate: 1e-9 };
    await assert.rejects(
      train(model, { training: TRAINING }, options, createArrayEngine()),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        assert.deepEqual(error.diagnostics[0].data, { layer: "fc2", epoch: 1, synapses: 64 });
        return true;
      },
    );
  });
});

describe("images", () => {
  test("are split into parts that share nothing and keep their labels", () => {
    const images = {
      shape: [1],
      pixels: Uint8Array.from({ length: 50 }, (_, i) => i),
      labels: Uint8Array.from({ length: 50 }, (_, i) => i),
    };
    const parts = splitImages(images, [30, 15, 5], createRng(1));
    assert.deepEqual(
      parts.map((part) => part.labels.length),
      [30, 15, 5],
    );
    for (const part of parts) assert.deepEqual(part.pixels, part.labels);
    assert.equal(new Set(parts.flatMap((part) => [...part.labels])).size, 50);
    assert.notDeepEqual([...parts[0].labels], [...images.labels.subarray(0, 30)]);
  });

  test("are selected in the order asked for", () => {
    const images = { shape: [1, 2], pixels: Uint8Array.of(1, 2, 3, 4, 5, 6), labels: Uint8Array.of(7, 8, 9) };
    assert.deepEqual(selectImages(images, [2, 0]), {
      shape: [1, 2],
      pixels: Uint8Array.of(5, 6, 1, 2),
      labels: Uint8Array.of(9, 7),
    });
  });

  test("come from the package's classes with their digit as label and 0 to 255", () => {
    const zero = new Array<number>(784).fill(0.2);
    const ones = [...new Array<number>(784).fill(1), ...new Array<number>(784).fill(0)];
    const { shape, pixels, labels } = digitsFromClasses([zero, ones]);
    assert.deepEqual(shape, [1, 28, 28]);
    assert.deepEqual([...labels], [0, 1, 1]);
    assert.deepEqual([pixels[0], pixels[784], pixels[2 * 784], pixels.length], [51, 255, 0, 3 * 784]);
  });
});

describe("augmentImage", () => {
  const square = Uint8Array.from({ length: 49 }, (_, i) => (i === 24 ? 200 : 0));

  test("changes nothing when all ranges are zero", () => {
    const none = { turnDegrees: 0, scaleShare: 0, shiftPixels: 0 };
    assert.deepEqual(augmentImage(square, 7, 7, none, createRng(1)), square);
  });

  test("moves the centre by the shift that the generator draws", () => {
    // Draws: turn, scale, shift x, shift y; 1 to the right, 2 up.
    const draws = [0.5, 0.5, 0.75, 0];
    const shifted = augmentImage(square, 7, 7, { turnDegrees: 0, scaleShare: 0, shiftPixels: 2 }, () =>
      draws.shift()!,
    );
    assert.equal(shifted.indexOf(200), 1 * 7 + 4);
    assert.equal(
      shifted.reduce((sum, q) => sum + q, 0),
      200,
    );
  });

  test("turns a row into a column at 90 degrees", () => {
    const row = Uint8Array.from({ length: 49 }, (_, i) => (Math.floor(i / 7) === 3 ? 100 : 0));
    const column = Uint8Array.from({ length: 49 }, (_, i) => (i % 7 === 3 ? 100 : 0));
    const draws = [1, 0.5, 0.5, 0.5];
    const turned = augmentImage(row, 7, 7, { turnDegrees: 90, scaleShare: 0, shiftPixels: 0 }, () =>
      draws.shift()!,
    );
    assert.deepEqual(turned, column);
  });
});
