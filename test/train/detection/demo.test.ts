import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { findChannelGroups } from "#train/channels/groups";
import { detectionGraph, detectionGrid } from "#train/detection/detection-graph";
import { type DetectionDemoOptions, type DetectionDemoResult, runDetectionDemo } from "#train/detection/demo";
import { detect, trainDetector } from "#train/detection/train-detector";
import { averagePrecision } from "#train/detection/average-precision";
import { createWasmBackend } from "#train/engine/wasm/backend";
import { planGraph } from "#train/graph";
import { dense } from "#train/methods/dense";
import { generateMovingShapes } from "#train/spike-camera/moving-shapes";

const TINY: Partial<DetectionDemoOptions> = {
  epochs: 2,
  trainingSamples: 12,
  testSamples: 6,
  side: 24,
  steps: 2,
  planesPerStep: 4,
  channels: 4,
  batchSize: 4,
};

describe("the detector", () => {
  const size = { height: 24, width: 32, channels: 4, classes: 3 };

  test("has a grid that its head fits, and stages whose branches are one", () => {
    const plan = planGraph(detectionGraph(size), false);
    const grid = detectionGrid(size, 8);
    assert.deepEqual(plan.layers[plan.output].outputShape, [8, grid.rows, grid.columns]);
    const { groups } = findChannelGroups(plan);
    const producers = groups
      .filter(({ frozen }) => !frozen)
      .map((group) => group.producers.map(({ layer }) => plan.layers[layer].layer.name).join(" "));
    const times = (text: string, count: number): string[] => Array.from({ length: count }, () => text);
    assert.deepEqual(producers, [
      ...times("stem.conv stage1.body.conv", 4),
      ...times("stage2.body.conv stage2.down.conv", 8),
      ...times("neck.conv", 8),
    ]);
  });

  test("learns to find what it is shown", async () => {
    const shapes = { height: 24, width: 24, steps: 2, planesPerStep: 4, seed: 3 };
    const data = generateMovingShapes({ ...shapes, samples: 12, maxObjects: 1 });
    const own = { height: 24, width: 24, channels: 8, classes: 3 };
    const grid = detectionGrid(own, 7);
    const backend = await createWasmBackend();
    const losses: number[] = [];
    const model = trainDetector({
      graph: detectionGraph(own),
      grid,
      data,
      inputScale: 0.25,
      method: dense,
      methodOptions: {},
      epochs: 100,
      batchSize: 6,
      rate: 0.01,
      seed: 1,
      backend,
      onEpoch: ({ loss }) => losses.push(loss),
    });
    assert.equal(losses.length, 100);
    assert.ok(losses[99] < losses[0] / 5, `loss from ${losses[0]} to ${losses[99]}`);
    const found = detect(model, grid, data, 0.25, backend);
    const { meanAveragePrecision } = averagePrecision(found, data.boxes, 3);
    assert.ok(meanAveragePrecision > 0.8, `found ${meanAveragePrecision} of what it has learnt by heart`);
    // Batches of another size find the same.
    assert.deepEqual(detect(model, grid, data, 0.25, backend, 5), found);
    await backend.dispose();
  });
});

describe("the detection demo", () => {
  test("trains, prunes to half and a fifth, removes channels and tests, on data that it calls synthetic", async () => {
    const stages = new Map<string, number>();
    const result = await runDetectionDemo({
      ...TINY,
      onProgress: (stage, done) => stages.set(stage, done),
    });
    assert.match(result.data, /synthetic/);
    assert.deepEqual([...stages.values()], [2, 2, 2]);
    assert.equal(result.dense.parameterShare, 1);
    for (const [own, share] of [
      [result.half, 0.5],
      [result.fifth, 0.2],
    ] as const) {
      assert.ok(own.parameterShare <= share && own.parameterShare > share - 0.1);
      const weights = Object.entries(own.model.values)
        .filter(([name]) => name.endsWith(".weight"))
        .reduce((sum, [, value]) => sum + value.length, 0);
      assert.equal(own.parameters, weights);
      assert.ok(own.meanAveragePrecision >= 0 && own.meanAveragePrecision <= 1);
      assert.deepEqual(Object.keys(own.averagePrecision), ["square", "disc", "triangle"]);
    }
  });

  test("gives equal results for equal seeds, and others for others", async () => {
    const run = (seed: number): Promise<DetectionDemoResult> => runDetectionDemo({ ...TINY, seed });
    const [a, b, c] = [await run(1), await run(1), await run(2)];
    assert.deepEqual(a, b);
    assert.notDeepEqual(a.dense.model.values, c.dense.model.values);
  });
});
