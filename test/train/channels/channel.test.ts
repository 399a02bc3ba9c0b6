import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { parameterCounts } from "#train/channels/counts";
import { findChannelGroups } from "#train/channels/groups";
import { shrinkModel } from "#train/channels/shrink";
import { INPUT, type LayerGraph, planGraph } from "#train/graph";
import { channel } from "#train/methods/channel";
import { dense } from "#train/methods/dense";
import { nonzeroCount } from "#train/methods/method";
import { stds } from "#train/methods/stds";
import { ADAM, type OptimizerSpec } from "#train/optimizer";
import { createRandom } from "#train/random";
import { ToolchainError } from "#util/diagnostic";
import { activations, conv, lif, linear, norm, RESIDUAL } from "./models.ts";
import { startChannelTrial } from "./trial.ts";

const VARIANTS = ["gate", "group-soft-threshold", "slimming"] as const;
const PLAIN_SGD: OptimizerSpec = { name: "sgd", momentum: 0, weightDecay: 0 };
const near = (found: number, wanted: number, tolerance = 1e-6): void =>
  assert.ok(Math.abs(found - wanted) <= tolerance, `${found} is not ${wanted}`);

/** One conv with a normalization and two channels, then a head; and one without normalization before it. */
const GATED: LayerGraph = {
  name: "gated",
  inputShape: [1, 2, 2],
  layers: [
    conv("bare", INPUT, 2, { bias: true }),
    lif("bare.fire", "bare"),
    conv("normed", "bare.fire", 2),
    norm("norm", "normed"),
    lif("fire", "norm"),
    conv("head", "fire", 1),
  ],
  output: "head",
};

const ROWS: LayerGraph = {
  name: "rows",
  inputShape: [4],
  layers: [linear("hidden", INPUT, 6), lif("fire", "hidden"), linear("head", "fire", 2)],
  output: "head",
};

for (const variant of VARIANTS) {
  describe(`channel pruning by ${variant}`, () => {
    test("meets the share exactly, and the shrunk network gives the same spikes", () => {
      for (const share of [0.5, 0.2]) {
        const trial = startChannelTrial(RESIDUAL, { variant, parameters: share });
        assert.equal(shrinkModel(trial.model()).removedGroups, 0, "starts whole");
        trial.train(24);
        const large = trial.model();
        const { model, before, after, removedGroups } = shrinkModel(large);
        assert.ok(after.weights <= share * before.weights);
        // One group less would have been too few removed.
        const most = Math.max(...groupWeights(large.graph));
        assert.ok(after.weights > share * before.weights - most);
        near(trial.run.facts().parameterShare, after.weights / before.weights);
        assert.equal(
          trial.context.prunable.reduce((sum, { value }) => sum + nonzeroCount(value), 0),
          after.weights,
          "nonzero weights",
        );
        assert.equal(
          trial.run.facts().liveGroups,
          findChannelGroups(trial.context.plan).groups.length - removedGroups,
        );
        const [full, small] = [activations(large, 8), activations(model, 8)];
        for (const name of ["stage1", "stage2", "neck", "hidden"]) {
          const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);
          assert.equal(sum(full.get(name)!), sum(small.get(name)!), `spikes of ${name}`);
        }
        full.get("head")!.forEach((value, i) => near(small.get("head")![i], value, 1e-4));
      }
    });

    test("removes nothing and is dense training, bit by bit, when all may stay", () => {
      for (const optimizer of [ADAM, { name: "sgd", momentum: 0.9, weightDecay: 0.01 }] as const) {
        const pruned = startChannelTrial(RESIDUAL, { variant, parameters: 1, l1: 0 }, { optimizer });
        const plain = startChannelTrial(RESIDUAL, {}, { method: dense, optimizer });
        for (const trial of [pruned, plain]) trial.train(24);
        assert.deepEqual(pruned.model(), plain.model());
      }
    });

    test("leaves the same network at the start", () => {
      const pruned = startChannelTrial(RESIDUAL, { variant, parameters: 0.3 });
      assert.deepEqual(pruned.model(), startChannelTrial(RESIDUAL, {}, { method: dense }).model());
    });

    test("goes on bit by bit from any saved step, the last included", () => {
      for (const at of [7, 19, 24]) {
        const straight = startChannelTrial(RESIDUAL, { variant, parameters: 0.4 });
        straight.train(at);
        const saved = straight.save();
        straight.train(24 - at);
        const resumed = startChannelTrial(RESIDUAL, { variant, parameters: 0.4 }, { seed: 99 });
        resumed.train(3);
        resumed.restore(saved);
        resumed.train(24 - at);
        assert.deepEqual(resumed.model(), straight.model());
        assert.deepEqual(resumed.run.save(), straight.run.save());
      }
    });

    test("leaves so many channels of every layer", () => {
      const setting = { variant, finalThreshold: 50, minChannels: 2, l1: 0.5 };
      const trial = startChannelTrial(RESIDUAL, setting);
      trial.train(24);
      const { model } = shrinkModel(trial.model());
      const sizes = model.graph.layers.flatMap((layer) =>
        layer.op === "conv2d" ? [layer.channels] : layer.op === "linear" ? [layer.features] : [],
      );
      assert.deepEqual(sizes, [2, 2, 2, 2, 2, 2, 3]);
    });

    test("leaves layers alone that may not be pruned", () => {
      const trial = startChannelTrial(
        RESIDUAL,
        { variant, finalThreshold: 50 },
        { layers: ["neck.conv", "hidden.linear", "one.conv"] },
      );
      trial.train(24);
      const { model } = shrinkModel(trial.model());
      const sizes = model.graph.layers.flatMap((layer) => (layer.op === "conv2d" ? [layer.channels] : []));
      // "one" is tied to the stem, which is not in the list.
      assert.deepEqual(sizes, [4, 4, 6, 6, 1]);
    });
  });
}

/** Weights that each group takes along from the whole network. */
function groupWeights(graph: LayerGraph): number[] {
  const groups = findChannelGroups(planGraph(graph, false));
  const all = parameterCounts(groups).weights;
  return groups.groups.map((_, g) => {
    const live = new Uint8Array(groups.groups.length).fill(1);
    live[g] = 0;
    return all - parameterCounts(groups, live).weights;
  });
}

describe("the gate", () => {
  const start = (finalThreshold: number, totalSteps = 10, rate = 0.1): ReturnType<typeof startChannelTrial> =>
    startChannelTrial(GATED, { finalThreshold }, { optimizer: PLAIN_SGD, totalSteps, rate });

  test("moves by the sum of gradient times gamma, and multiplies gamma but not beta", () => {
    const trial = start(0.5);
    trial.stepWith({ "norm.gamma": (_, i) => [0.3, -0.2][i], "norm.beta": () => 1 });
    // θ = 1 - 0.1 · g · 2; γ' = 2 - 0.1 · g; d = 0.5 / 10.
    const gamma = trial.value("norm.gamma");
    near(gamma[0], (2 - 0.03) * (1 - 0.06 - 0.05));
    near(gamma[1], (2 + 0.02) * (1 + 0.04 - 0.05));
    assert.deepEqual(
      trial.value("norm.beta").map((b) => Math.round(1e6 * b)),
      [-100_000, -100_000],
    );
  });

  test("multiplies filters and biases where no normalization follows", () => {
    const trial = start(0.5);
    const before = { weight: trial.value("bare.weight"), bias: trial.value("bare.bias") };
    trial.stepWith({ "bare.weight": (_, i) => (i < 9 ? 0.1 : 0), "bare.bias": (_, i) => (i < 1 ? 0.2 : 0) });
    const slope = before.weight.slice(0, 9).reduce((sum, w) => sum + 0.1 * w, 0) + 0.2 * before.bias[0];
    const gate = 1 - 0.1 * slope - 0.05;
    trial
      .value("bare.weight")
      .forEach((w, i) => near(w, i < 9 ? (before.weight[i] - 0.01) * gate : before.weight[i] * 0.95));
    near(trial.value("bare.bias")[0], (before.bias[0] - 0.02) * gate);
    near(trial.value("bare.bias")[1], before.bias[1] * 0.95);
  });

  test("closes beta with gamma, so that a silent channel stays silent", () => {
    const trial = start(1.5);
    for (const { name, value } of trial.parameters.list) if (name === "norm.beta") value.fill(0);
    // A large beta is learnt, then the gates close: all but the last of each layer.
    for (let n = 0; n < 9; n++)
      trial.stepWith({ "norm.beta": () => -10, "norm.gamma": (_, i) => (i === 0 ? 0 : -0.2) });
    assert.deepEqual([trial.value("norm.gamma")[0], trial.value("norm.beta")[0]], [0, 0]);
    assert.ok(trial.value("norm.beta")[1] > 5);
    const spikes = activations(trial.model(), 1).get("fire")!;
    spikes.forEach((spike, i) => Math.floor(i / 4) % 2 === 0 && assert.equal(spike, 0));
  });

  test("opens again when the gradient of a pruned channel asks for it", () => {
    const trial = start(1.2, 100, 0.1);
    const push = (gradient: number): void =>
      trial.stepWith({ "norm.gamma": (_, i) => (i === 0 ? gradient : 0) });
    const gamma = (): number => trial.value("norm.gamma")[0];
    for (let n = 0; n < 30 && gamma() !== 0; n++) push(0.5);
    assert.equal(gamma(), 0);
    assert.equal(trial.run.facts().pruned, 1);
    for (let n = 0; n < 20; n++) push(-0.5);
    assert.ok(gamma() > 0);
    assert.equal(trial.run.facts().regrown, 1);
  });

  test("lives and dies with all members of a residual stage", () => {
    const trial = startChannelTrial(RESIDUAL, { parameters: 0.3 });
    trial.train(24);
    for (const role of ["gamma", "beta"]) {
      const zeros = (name: string): boolean[] =>
        trial.value(`${name}.norm.${role}`).map((value) => value === 0);
      assert.deepEqual(zeros("stem"), zeros("one"));
      assert.deepEqual(zeros("two"), zeros("down"));
      assert.ok([...zeros("stem"), ...zeros("two")].includes(true));
    }
  });
});

describe("the group soft threshold", () => {
  test("is the proximal operator of the group lasso", () => {
    const d = 0.25;
    const trial = startChannelTrial(
      ROWS,
      { variant: "group-soft-threshold", finalThreshold: d },
      { totalSteps: 1, precision: "float64" },
    );
    const theta = trial.value("hidden.weight");
    trial.stepWith({});
    const found = trial.value("hidden.weight");
    const random = createRandom(6);
    let dead = 0;
    for (let row = 0; row < 6; row++) {
      const center = theta.slice(4 * row, 4 * row + 4);
      const own = found.slice(4 * row, 4 * row + 4);
      const cost = (w: readonly number[]): number =>
        w.reduce((sum, value, i) => sum + (value - center[i]) ** 2 / 2, 0) + d * 2 * Math.hypot(...w);
      if (own.every((w) => w === 0)) dead++;
      // Brute force: along the ray, and anywhere near.
      for (let s = -200; s <= 400; s++)
        assert.ok(cost(own) <= cost(center.map((value) => (value * s) / 200)) + 1e-12);
      for (let n = 0; n < 2000; n++) {
        const reach = 2 * random.next() ** 4;
        assert.ok(cost(own) <= cost(own.map((value) => value + reach * (random.next() - 0.5))) + 1e-12);
      }
    }
    assert.ok(dead >= 1 && dead <= 5, `${dead} of 6 rows died`);
  });

  test("grows with the root of the group's size only when told to", () => {
    const visible = (scaleBySize: boolean): number[] => {
      const trial = startChannelTrial(
        ROWS,
        { variant: "group-soft-threshold", finalThreshold: 0.1, scaleBySize },
        { totalSteps: 1, precision: "float64" },
      );
      const theta = trial.value("hidden.weight");
      trial.stepWith({});
      const size = (values: number[]): number => Math.hypot(...values.slice(0, 4));
      return [size(theta), size(trial.value("hidden.weight"))];
    };
    const [[start, scaled], [, plain]] = [visible(true), visible(false)];
    near(scaled, start - 0.2);
    near(plain, start - 0.1);
  });

  test("is STDS when every group has one weight", () => {
    const single: LayerGraph = {
      name: "single",
      inputShape: [1],
      layers: [linear("hidden", INPUT, 40), lif("fire", "hidden"), linear("head", "fire", 2)],
      output: "head",
    };
    const more = { layers: ["hidden"], totalSteps: 60 };
    const groups = startChannelTrial(single, { variant: "group-soft-threshold", finalThreshold: 0.5 }, more);
    const weights = startChannelTrial(
      single,
      { threshold: 0.5, schedule: "linear" },
      { ...more, method: stds },
    );
    let zeros = 0;
    for (let n = 0; n < 60; n++) {
      for (const trial of [groups, weights])
        trial.stepWith({ "hidden.weight": (value, i) => value[i] - Math.sin(3 * i) * (n < 30 ? 1 : -1) });
      const [a, b] = [groups.value("hidden.weight"), weights.value("hidden.weight")];
      a.forEach((w, i) => near(w, b[i], 2e-6));
      zeros += b.filter((w) => w === 0).length;
    }
    assert.ok(zeros > 0);
  });

  test("passes the gradient to the filters of a dead group", () => {
    const trial = startChannelTrial(
      ROWS,
      { variant: "group-soft-threshold", finalThreshold: 0.5 },
      { totalSteps: 200, optimizer: PLAIN_SGD, rate: 0.1 },
    );
    const firstDead = (): number =>
      [0, 1, 2, 3, 4, 5].findIndex((row) => trial.value("hidden.weight")[4 * row] === 0);
    for (let n = 0; n < 150 && firstDead() < 0; n++) trial.stepWith({});
    const dead = firstDead();
    assert.ok(dead >= 0);
    for (let n = 0; n < 40; n++)
      trial.stepWith({ "hidden.weight": (_, i) => (Math.floor(i / 4) === dead ? -1 : 0) });
    assert.ok(trial.value("hidden.weight")[4 * dead] > 0);
  });

  test("settles where the group lasso has its optimum", () => {
    // Least squares: gradient of row r is H(w_r - c_r), with a curvature H of its own for every input.
    const curvature = [1, 0.7, 1.3, 0.9];
    const centers = Array.from(
      { length: 24 },
      (_, i) => Math.sin(5 * i + 1) * [1.2, 0.1, 0.8, 0.05, 0.6, 0.3][i >> 2],
    );
    const slope = (w: ArrayLike<number>, i: number): number => {
      const row = i - (i % 4);
      let sum = 0;
      for (let j = 0; j < 4; j++) sum += (i % 4 === j ? curvature[j] : 0.1) * (w[row + j] - centers[row + j]);
      return sum;
    };
    const [penalty, rate, totalSteps] = [0.1, 0.05, 6000];
    const trial = startChannelTrial(
      ROWS,
      { variant: "group-soft-threshold", finalThreshold: penalty * rate * totalSteps },
      { totalSteps: totalSteps + 1, optimizer: PLAIN_SGD, rate, precision: "float64" },
    );
    for (let n = 0; n < totalSteps; n++) trial.stepWith({ "hidden.weight": slope });
    const w = trial.value("hidden.weight");
    let live = 0;
    for (let row = 0; row < 24; row += 4) {
      const gradient = [0, 1, 2, 3].map((j) => slope(w, row + j));
      const size = Math.hypot(...w.slice(row, row + 4));
      const weight = penalty * (totalSteps / (totalSteps + 1)) * 2;
      if (size === 0) assert.ok(Math.hypot(...gradient) <= weight * (1 + 1e-6));
      else {
        live++;
        gradient.forEach((g, j) => near(g, (-weight * w[row + j]) / size, 2e-3));
      }
    }
    assert.ok(live >= 2 && live <= 4, `${live} rows live`);
  });
});

describe("slimming", () => {
  test("shrinks gammas by rate times l1, never across zero", () => {
    const trial = startChannelTrial(
      GATED,
      { variant: "slimming", l1: 0.5, parameters: 0.9 },
      { optimizer: PLAIN_SGD, rate: 0.1, totalSteps: 100 },
    );
    trial.stepWith({ "norm.gamma": (_, i) => i });
    const gamma = trial.value("norm.gamma");
    near(gamma[0], 2 - 0.05);
    near(gamma[1], 2 - 0.1 - 0.05);
    for (let n = 0; n < 60; n++) trial.stepWith({});
    assert.deepEqual(trial.value("norm.gamma"), [0, 0]);
  });
});

describe("what cannot be pruned", () => {
  const codesOf = (work: () => unknown): string[] => {
    try {
      work();
    } catch (error) {
      assert.ok(error instanceof ToolchainError);
      return error.diagnostics.map(({ code }) => code);
    }
    return [];
  };

  test("is refused when the share is less than one channel of every layer", () => {
    assert.deepEqual(
      codesOf(() => startChannelTrial(RESIDUAL, { parameters: 0.001 })),
      ["train/channel-share-too-small"],
    );
  });

  test("is refused when there is no channel to remove", () => {
    const graph: LayerGraph = { ...ROWS, layers: [linear("head", INPUT, 2)] };
    assert.deepEqual(
      codesOf(() => startChannelTrial(graph, {})),
      ["train/no-channel-groups"],
    );
  });

  test("asks for half of the weights if nothing is said", () => {
    const trial = startChannelTrial(RESIDUAL, {});
    trial.train(24);
    const { before, after } = shrinkModel(trial.model());
    assert.ok(after.weights <= before.weights / 2 && after.weights > before.weights / 3);
    assert.deepEqual(channel.density, { kind: "exact", option: "parameters" });
  });
});
