import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { parameterCounts } from "#train/channels/counts";
import { findChannelGroups } from "#train/channels/groups";
import { shrinkModel } from "#train/channels/shrink";
import { INPUT, type LayerGraph, planGraph } from "#train/graph";
import { NEURONS } from "#train/neurons";
import type { TrainedModel } from "#train/trained-model";
import { ToolchainError } from "#util/diagnostic";
import { activations, add, changed, concat, conv, lif, norm, randomModel, RESIDUAL } from "./models.ts";

/** Silences groups as a method leaves them: gammas and betas, and filters without a normalization, are zero. */
function silenced(model: TrainedModel, live: ArrayLike<number>): TrainedModel {
  const plan = planGraph(model.graph, model.staticInput);
  return changed(model, (values) =>
    findChannelGroups(plan).groups.forEach(({ frozen, producers, norms }, g) => {
      if (frozen || live[g] === 1) return;
      for (const { layer, channel } of norms) {
        values[`${plan.layers[layer].layer.name}.gamma`][channel] = 0;
        values[`${plan.layers[layer].layer.name}.beta`][channel] = 0;
      }
      for (const { layer, channel } of producers) {
        const isNormed = plan.layers.some((l) => l.layer.op === "batch-norm" && l.inputs.includes(layer));
        if (isNormed) continue;
        const weight = values[`${plan.layers[layer].layer.name}.weight`];
        const size = weight.length / plan.layers[layer].outputShape[0];
        weight.fill(0, channel * size, (channel + 1) * size);
        values[`${plan.layers[layer].layer.name}.bias`]?.fill(0, channel, channel + 1);
      }
    }),
  );
}

/** Live channels of every layer of the larger network, found by name. */
function assertSameSpikes(
  large: TrainedModel,
  small: TrainedModel,
  live: ArrayLike<number>,
  seed: number,
): void {
  const plan = planGraph(large.graph, large.staticInput);
  const groups = findChannelGroups(plan);
  const [before, after] = [activations(large, seed), activations(small, seed)];
  let spikes = 0;
  plan.layers.forEach(({ layer, outputShape }, l) => {
    const [full, shrunk] = [before.get(layer.name)!, after.get(layer.name)!];
    const inner = outputShape.slice(1).reduce((a, b) => a * b, 1);
    const kept: number[] = [];
    for (let i = 0; i < full.length; i++) {
      const channel = Math.floor(i / inner) % outputShape[0];
      const group = groups.ofOutput[l][channel];
      if (live[group] === 1 || groups.groups[group].frozen) kept.push(full[i]);
      else if (layer.op === "neuron") assert.equal(full[i], 0, `${layer.name} ${channel} is silent`);
    }
    assert.equal(shrunk.length, kept.length, layer.name);
    if (layer.op === "neuron") {
      assert.deepEqual([...shrunk], kept, layer.name);
      spikes += kept.reduce((a, b) => a + b, 0);
    } else kept.forEach((value, i) => assert.ok(Math.abs(value - shrunk[i]) < 1e-5, layer.name));
  });
  assert.ok(spikes > 0, "something fires");
}

const liveOf = (graph: LayerGraph, isLive: (group: number) => boolean): Uint8Array => {
  const { groups } = findChannelGroups(planGraph(graph, false));
  return Uint8Array.from(groups, ({ frozen }, g) => (frozen || isLive(g) ? 1 : 0));
};

const ALL_KINDS: LayerGraph = {
  name: "all kinds",
  inputShape: [2, 6, 6],
  layers: [
    conv("a.conv", INPUT, 4, { bias: true }),
    lif("a", "a.conv"),
    conv("deep", "a", 8, { groups: 4 }),
    norm("deep.norm", "deep"),
    lif("b", "deep.norm"),
    conv("grouped", "b", 6, { groups: 2, bias: true }),
    norm("grouped.norm", "grouped"),
    { name: "c", inputs: ["grouped.norm"], op: "neuron", neuron: NEURONS["plif-bc"] },
    { name: "most", inputs: ["c"], op: "max-pool", kernel: [2, 2], stride: [2, 2] },
    conv("head", "most", 2, { bias: true }),
  ],
  output: "head",
};

describe("shrinking", () => {
  test("agrees with the masked network on every spike, whatever dies", () => {
    for (const graph of [RESIDUAL, ALL_KINDS]) {
      const count = findChannelGroups(planGraph(graph, false)).groups.length;
      fc.assert(
        fc.property(
          fc.array(fc.boolean(), { minLength: count, maxLength: count }),
          fc.integer({ min: 1, max: 1000 }),
          (alive, seed) => {
            const large = silenced(randomModel(graph, seed), alive.map(Number));
            const { model, before, after } = shrinkModel(large);
            // A layer keeps one channel: the first group of an empty layer is still there.
            const sizes = planGraph(model.graph, false).layers.map(({ outputShape }) => outputShape[0]);
            assert.ok(sizes.every((size) => size >= 1));
            const arrays = Object.entries(model.values);
            const total = arrays.reduce((sum, [, value]) => sum + value.length, 0);
            const weights = arrays
              .filter(([name]) => name.endsWith(".weight"))
              .reduce((sum, [, value]) => sum + value.length, 0);
            assert.deepEqual(after, { weights, total });
            assert.ok(after.weights <= before.weights);
            const [full, small] = [activations(large, seed), activations(model, seed)];
            const [wanted, found] = [full.get(graph.output)!, small.get(graph.output)!];
            wanted.forEach((value, i) => assert.ok(Math.abs(value - found[i]) < 1e-4));
          },
        ),
        { numRuns: 12 },
      );
    }
  });

  test("keeps every spike of the live channels in place", () => {
    for (const [graph, isLive] of [
      [RESIDUAL, (g: number) => g % 3 !== 0],
      [ALL_KINDS, (g: number) => g % 2 === 0],
    ] as const) {
      const live = liveOf(graph, isLive);
      const large = silenced(randomModel(graph, 5), live);
      assertSameSpikes(large, shrinkModel(large).model, live, 11);
    }
  });

  test("gives the same network when all groups are alive", () => {
    const dense = randomModel(RESIDUAL, 2);
    const { model, removedGroups, before, after } = shrinkModel(dense);
    assert.deepEqual(model, dense);
    assert.equal(removedGroups, 0);
    assert.deepEqual(after, before);
  });

  test("counts the numbers of the arrays that it makes", () => {
    const live = liveOf(RESIDUAL, (g) => g % 2 === 1);
    const { model, after } = shrinkModel(silenced(randomModel(RESIDUAL, 3), live));
    const total = Object.values(model.values).reduce((sum, value) => sum + value.length, 0);
    assert.equal(after.total, total);
    const groups = findChannelGroups(planGraph(RESIDUAL, false));
    assert.deepEqual(after, parameterCounts(groups, live));
    assert.deepEqual(after, parameterCounts(findChannelGroups(planGraph(model.graph, false))));
  });

  test("keeps the offsets of a concat when one operand alone loses channels", () => {
    const graph: LayerGraph = {
      name: "joined",
      inputShape: [2, 4, 4],
      layers: [
        conv("a.conv", INPUT, 3),
        norm("a.norm", "a.conv"),
        lif("a", "a.norm"),
        conv("b.conv", INPUT, 2),
        norm("b.norm", "b.conv"),
        lif("b", "b.norm"),
        concat("ab", "a", "b"),
        conv("head", "ab", 1, { kernel: [1, 1], padding: [0, 0] }),
      ],
      output: "head",
    };
    const groups = findChannelGroups(planGraph(graph, false));
    const [dead] = groups.ofOutput[0].slice(1);
    const large = silenced(
      randomModel(graph, 4),
      liveOf(graph, (g) => g !== dead),
    );
    const { model } = shrinkModel(large);
    const weight = large.values["head.weight"];
    assert.deepEqual([...model.values["head.weight"]], [weight[0], weight[2], weight[3], weight[4]]);
    const [full, small] = [activations(large, 1).get("head")!, activations(model, 1).get("head")!];
    full.forEach((value, i) => assert.ok(Math.abs(value - small[i]) < 1e-5));
  });

  test("rounds channel counts up to a multiple, if there are as many", () => {
    const live = liveOf(RESIDUAL, (g) => g === 3 || g === 7);
    const large = silenced(randomModel(RESIDUAL, 6), live);
    const { model } = shrinkModel(large, { multiple: 4 });
    const channels = model.graph.layers.flatMap((l) => (l.op === "conv2d" ? [l.channels] : []));
    assert.deepEqual(channels, [4, 4, 4, 4, 4]);
    const features = model.graph.layers.flatMap((l) => (l.op === "linear" ? [l.features] : []));
    assert.deepEqual(features, [4, 3]);
    const [full, small] = [activations(large, 1).get("head")!, activations(model, 1).get("head")!];
    full.forEach((value, i) => assert.ok(Math.abs(value - small[i]) < 1e-5));
  });

  test("refuses a channel that fires on its beta, by name", () => {
    const graph: LayerGraph = {
      name: "trap",
      inputShape: [1, 2, 2],
      layers: [
        conv("first", INPUT, 2),
        norm("first.norm", "first"),
        lif("fire", "first.norm"),
        conv("head", "fire", 1),
      ],
      output: "head",
    };
    const trap = changed(randomModel(graph, 1), (values) => {
      values["first.norm.gamma"][1] = 0;
      values["first.norm.beta"][1] = 5;
    });
    // The trap: no weight leads from the data to the channel, and it fires in every step.
    const spikes = activations(trap, 1).get("fire")!;
    for (let i = 0; i < spikes.length; i++) if (Math.floor(i / 4) % 2 === 1) assert.equal(spikes[i], 1);
    assert.throws(
      () => shrinkModel(trap),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        const [{ code, data }] = error.diagnostics;
        assert.deepEqual([code, data], ["train/channel-not-silent", { layer: "first", channel: 1 }]);
        return true;
      },
    );
    assert.equal(shrinkModel(trap, { constants: "keep" }).removedGroups, 0);
  });

  test("refuses a silent channel whose neurons fire at rest", () => {
    const graph: LayerGraph = {
      name: "low threshold",
      inputShape: [1, 2, 2],
      layers: [
        conv("first", INPUT, 2),
        { name: "fire", inputs: ["first"], op: "neuron", neuron: { ...NEURONS["lif-sj"], threshold: 0 } },
        conv("head", "fire", 1),
      ],
      output: "head",
    };
    const model = changed(randomModel(graph, 1), (values) => values["first.weight"].fill(0, 9, 18));
    assert.throws(() => shrinkModel(model), /channel 1 of "first"/);
  });

  test("takes a channel whose depthwise convolution is all that hears it", () => {
    const groups = findChannelGroups(planGraph(ALL_KINDS, false));
    const [dead] = groups.ofOutput[0];
    const large = changed(
      silenced(
        randomModel(ALL_KINDS, 8),
        liveOf(ALL_KINDS, (g) => g !== dead),
      ),
      (values) => values["a.conv.weight"].fill(1, 0, 18),
    );
    const { model, removedGroups } = shrinkModel(large);
    assert.equal(removedGroups, 1);
    const [full, small] = [activations(large, 1).get("head")!, activations(model, 1).get("head")!];
    full.forEach((value, i) => assert.ok(Math.abs(value - small[i]) < 1e-5));
  });

  test("keeps a channel that one operand of an ADD still feeds", () => {
    const graph: LayerGraph = {
      name: "half dead",
      inputShape: [1, 2, 2],
      layers: [
        conv("a", INPUT, 2),
        conv("b", INPUT, 2),
        add("sum", "a", "b"),
        lif("fire", "sum"),
        conv("head", "fire", 1),
      ],
      output: "head",
    };
    const model = changed(randomModel(graph, 1), (values) => values["a.weight"].fill(0, 9, 18));
    assert.equal(shrinkModel(model).removedGroups, 0);
    const both = changed(model, (values) => values["b.weight"].fill(0, 9, 18));
    assert.equal(shrinkModel(both).removedGroups, 1);
  });
});
