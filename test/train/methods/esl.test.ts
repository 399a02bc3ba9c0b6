import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { dense } from "#train/methods/dense";
import { dropFractionAt, esl } from "#train/methods/esl";
import { strongest, weakest, weakestOfEachSign } from "#train/methods/esl-selection";
import { staticRandom } from "#train/methods/static-random";
import { ADAM } from "#train/optimizer";
import { formatDiagnostic, ToolchainError } from "#util/diagnostic";
import type { StateTree } from "#train/state";
import type { LayerGraph } from "#train/graph";
import {
  hashed,
  savedLayer,
  SGD,
  startTrial,
  towardsTargets,
  type Trial,
  type TrialOptions,
} from "./harness.ts";

const OPTIONS = { density: 0.3, allocation: "uniform", everySteps: 10 };
const PRUNE = ["magnitude", "set"] as const;
const GROWTH = ["random", "gradient", "momentum"] as const;
const EVERY_RULE = PRUNE.flatMap((prune) => GROWTH.map((growth) => ({ ...OPTIONS, prune, growth })));

/** 108 and 1,080 weights. */
const GRAPH: LayerGraph = {
  name: "small",
  inputShape: [2, 6, 6],
  layers: [
    {
      name: "conv",
      inputs: ["input"],
      op: "conv2d",
      channels: 6,
      kernel: [3, 3],
      stride: [2, 2],
      padding: [1, 1],
      groups: 1,
      bias: false,
    },
    { name: "flat", inputs: ["conv"], op: "flatten" },
    { name: "fc", inputs: ["flat"], op: "linear", features: 20, bias: true },
  ],
  output: "fc",
};
const start = (options: object, more: TrialOptions = {}): Trial =>
  startTrial(esl, options, { graph: GRAPH, ...more });

/** One linear layer of inputs · outputs weights. */
const oneLayer = (inputs: number, outputs: number): LayerGraph => ({
  name: "one",
  inputShape: [inputs],
  layers: [{ name: "fc", inputs: ["input"], op: "linear", features: outputs, bias: false }],
  output: "fc",
});

interface Snapshot {
  readonly mask: number[];
  readonly value: number[];
  readonly first: number[];
  readonly second: number[];
}

function look(trial: Trial, p: number): Snapshot {
  const { mask, optimizer } = savedLayer(trial, p).masked as {
    mask: Uint8Array;
    optimizer: { firstMoment: Float32Array; secondMoment?: Float32Array };
  };
  return {
    mask: [...mask],
    value: [...trial.prunable[p].value],
    first: [...optimizer.firstMoment],
    second: [...(optimizer.secondMoment ?? new Float32Array(mask.length))],
  };
}

const placesOf = (mask: readonly number[], wanted: number): number[] =>
  mask.flatMap((one, i) => (one === wanted ? [i] : []));
const ascending = (places: readonly number[]): number[] => [...places].sort((a, b) => a - b);
/** The slow obvious way: sorts all, takes the first. */
const leastBy = (places: readonly number[], count: number, score: (i: number) => number): number[] =>
  ascending([...places].sort((a, b) => score(a) - score(b) || a - b).slice(0, count));

interface Exchange {
  readonly done: number;
  readonly p: number;
  readonly before: Snapshot;
  /** As it would be after the optimizer step of the same step, without the exchange. */
  readonly stepped: Snapshot;
  readonly after: Snapshot;
  readonly gradient: number[];
}

/** Runs for 70 steps beside a twin that never exchanges but is put in the same state before each exchange. */
function exchangesOf(options: object, more: TrialOptions = {}): Exchange[] {
  const trial = start(options, more);
  const twin = start({ ...options, dropFraction: 0 }, more);
  const found: Exchange[] = [];
  for (let done = 10; done <= 70; done += 10) {
    trial.steps(9);
    const before = trial.prunable.map((_, p) => look(trial, p));
    twin.restore(trial.save());
    twin.steps(1);
    trial.steps(1);
    trial.prunable.forEach(({ gradient }, p) =>
      found.push({
        done,
        p,
        before: before[p],
        stepped: look(twin, p),
        after: look(trial, p),
        gradient: [...gradient],
      }),
    );
  }
  assert.equal(trial.run.facts().exchanges, 7);
  return found;
}

const prunedIn = ({ before, after }: Exchange): number[] =>
  placesOf(before.mask, 1).filter((i) => after.mask[i] === 0);
const grownIn = ({ before, after }: Exchange): number[] =>
  placesOf(before.mask, 0).filter((i) => after.mask[i] === 1);

describe("the number of synapses", () => {
  test("it never changes, in any layer, under any rule", () => {
    for (const options of EVERY_RULE) {
      const trial = start(options);
      for (let n = 0; n < 120; n++) {
        trial.steps(1);
        assert.equal(placesOf(look(trial, 0).mask, 1).length, Math.round(0.3 * 108));
        assert.equal(placesOf(look(trial, 1).mask, 1).length, Math.round(0.3 * 1080));
      }
      assert.equal(trial.run.facts().liveWeights, 32 + 324);
    }
  });

  test("it gives and takes the same number, the drop fraction of the layer rounded down", () => {
    for (const options of EVERY_RULE)
      for (const exchange of exchangesOf(options)) {
        const live = placesOf(exchange.before.mask, 1).length;
        const number = Math.floor(dropFractionAt("cosine", 0.3, exchange.done / 90) * live);
        assert.ok(number > 0);
        assert.equal(prunedIn(exchange).length, number);
        assert.equal(grownIn(exchange).length, number);
      }
  });

  test("it exchanges no more than there is room for", () => {
    const trial = start({ ...OPTIONS, density: 0.95, dropFraction: 1, dropSchedule: "constant" });
    const before = look(trial, 0).mask;
    trial.steps(10);
    const after = look(trial, 0).mask;
    assert.equal(placesOf(before, 0).length, 5);
    assert.equal(placesOf(before, 0).filter((i) => after[i] === 1).length, 5);
    assert.equal(placesOf(after, 0).length, 5);
  });
});

describe("pruning", () => {
  test("it takes the smallest weights that the optimizer left", () => {
    for (const growth of GROWTH)
      for (const exchange of exchangesOf({ ...OPTIONS, growth })) {
        const { before, stepped } = exchange;
        const pruned = prunedIn(exchange);
        assert.deepEqual(
          pruned,
          leastBy(placesOf(before.mask, 1), pruned.length, (i) => Math.abs(stepped.value[i])),
        );
      }
  });

  test("it takes zeros and then half from each sign under the rule of SET", () => {
    let odd = 0;
    for (const exchange of exchangesOf({ ...OPTIONS, prune: "set" })) {
      const { before, stepped } = exchange;
      const live = placesOf(before.mask, 1);
      const pruned = prunedIn(exchange);
      assert.ok(live.every((i) => stepped.value[i] !== 0));
      const size = (i: number): number => Math.abs(stepped.value[i]);
      const positive = live.filter((i) => stepped.value[i] > 0);
      const negative = live.filter((i) => stepped.value[i] < 0);
      const half = Math.floor(pruned.length / 2);
      odd += pruned.length % 2;
      assert.deepEqual(
        pruned,
        ascending([...leastBy(positive, pruned.length - half, size), ...leastBy(negative, half, size)]),
      );
    }
    assert.ok(odd > 0, "no odd number was tried");
  });

  const still = { gradientOf: () => 0, graph: oneLayer(10, 4), optimizer: SGD, rateOf: () => 0 };

  test("it takes the other sign where one runs out, and zeros first", () => {
    // 30 of 40 weights live, of which the cycle makes 3 in 5 zero, one positive, one negative.
    const options = {
      ...OPTIONS,
      density: 0.75,
      prune: "set",
      dropFraction: 1 / 3,
      dropSchedule: "constant",
    };
    for (const [weights, rank] of [
      [[0, 0, 0, 5, -5], (w: number) => (w === 0 ? 0 : 1)],
      [[1, 2, 3, 4, 5], (w: number) => w],
      [[-1, -2, -3, -4, -5], (w: number) => -w],
    ] as const) {
      const trial = start(options, { ...still, weights });
      const before = look(trial, 0);
      trial.steps(10);
      const after = look(trial, 0);
      const live = placesOf(before.mask, 1);
      const pruned = live.filter((i) => after.mask[i] === 0);
      assert.deepEqual(
        pruned,
        leastBy(live, 10, (i) => rank(before.value[i])),
      );
    }
  });

  test("it takes the first of equals", () => {
    const trial = startTrial(
      esl,
      { ...OPTIONS, growth: "gradient", dropSchedule: "constant" },
      { ...still, weights: [0.5, -0.5] },
    );
    const before = look(trial, 0).mask;
    trial.steps(10);
    const after = look(trial, 0).mask;
    const [live, dead] = [placesOf(before, 1), placesOf(before, 0)];
    assert.deepEqual(placesOf(after, 1), ascending([...live.slice(3), ...dead.slice(0, 3)]));
  });
});

describe("what is not a number", () => {
  test("it is the last to go and the last to grow, and the count stays exact", () => {
    const values = Float32Array.of(NaN, 3, -2, NaN, 0, 1);
    const all = Uint32Array.of(0, 1, 2, 3, 4, 5);
    assert.deepEqual([...weakest(values, all, 5)], [0, 1, 2, 4, 5]);
    assert.deepEqual([...strongest(values, all, 5)], [0, 1, 2, 4, 5]);
    assert.deepEqual(ascending([...weakestOfEachSign(values, all, 4)]), [1, 2, 4, 5]);
  });
});

describe("growth", () => {
  test("it goes where the gradient is largest among what did not live", () => {
    for (const prune of PRUNE)
      for (const exchange of exchangesOf({ ...OPTIONS, prune, growth: "gradient" })) {
        const grown = grownIn(exchange);
        const dead = placesOf(exchange.before.mask, 0);
        assert.deepEqual(
          grown,
          leastBy(dead, grown.length, (i) => -Math.abs(exchange.gradient[i])),
        );
      }
  });

  test("it goes where the smoothed gradient is largest for its spread under momentum", () => {
    for (const optimizer of [ADAM, SGD]) {
      const first = [new Float32Array(108), new Float32Array(1080)];
      const second = [new Float32Array(108), new Float32Array(1080)];
      const trial = start({ ...OPTIONS, growth: "momentum" }, { optimizer });
      for (let done = 1; done <= 70; done++) {
        const before = trial.prunable.map((_, p) => look(trial, p));
        trial.steps(1);
        trial.prunable.forEach(({ gradient }, p) => {
          gradient.forEach((g, i) => {
            first[p][i] = 0.9 * first[p][i] + (1 - 0.9) * g;
            second[p][i] = 0.999 * second[p][i] + (1 - 0.999) * g * g;
          });
          if (done % 10 !== 0) return;
          const dead = placesOf(before[p].mask, 0);
          const after = look(trial, p);
          const grown = dead.filter((i) => after.mask[i] === 1);
          assert.ok(grown.length > 0);
          const strongest = leastBy(
            dead,
            grown.length,
            (i) => -Math.abs(first[p][i]) / Math.sqrt(second[p][i]),
          );
          assert.deepEqual(grown, strongest);
        });
      }
    }
  });

  test("it is uniform among what did not live if random (chi-square over 10 000 draws)", () => {
    const drawn = new Float64Array(20);
    for (let methodSeed = 0; methodSeed < 10_000; methodSeed++) {
      const trial = start(
        { density: 0.2, allocation: "uniform", everySteps: 1, dropSchedule: "constant" },
        { methodSeed, graph: oneLayer(5, 5), totalSteps: 2 },
      );
      const dead = placesOf(look(trial, 0).mask, 0);
      trial.steps(1);
      const { mask } = look(trial, 0);
      const grown = dead.filter((i) => mask[i] === 1);
      assert.equal(grown.length, 1);
      drawn[dead.indexOf(grown[0])]++;
    }
    const chiSquare = drawn.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0);
    assert.ok(chiSquare < 43.8, `chi-square with 19 degrees of freedom is ${chiSquare}`); // p = 0.001
  });

  test("it changes no visible weight: new ones are zero, and so are the moments of all that was exchanged", () => {
    for (const optimizer of [ADAM, SGD])
      for (const growth of GROWTH)
        for (const exchange of exchangesOf({ ...OPTIONS, growth }, { optimizer })) {
          const { stepped, after } = exchange;
          const pruned = new Set(prunedIn(exchange));
          stepped.value.forEach((w, i) => assert.equal(after.value[i], pruned.has(i) ? 0 : w));
          for (const i of [...pruned, ...grownIn(exchange)])
            assert.deepEqual([after.value[i], after.first[i], after.second[i]], [0, 0, 0]);
          assert.ok([...pruned].some((i) => stepped.first[i] !== 0));
        }
  });
});

describe("training", () => {
  test("it leaves what does not live at exactly zero after every step", () => {
    for (const optimizer of [ADAM, { ...ADAM, weightDecay: 0.01 }, SGD])
      for (const growth of GROWTH) {
        const trial = start({ ...OPTIONS, growth }, { optimizer });
        for (let n = 0; n < 120; n++) {
          trial.steps(1, (_, p, i) => hashed(n, p, i) - 0.5);
          trial.prunable.forEach((_, p) => {
            const { mask, value } = look(trial, p);
            for (const i of placesOf(mask, 0)) assert.ok(Object.is(value[i], 0), `weight ${i}: ${value[i]}`);
          });
        }
      }
  });

  test("it moves live weights as if the gradient of the others were zero", () => {
    for (const optimizer of [ADAM, SGD]) {
      const [whole, masked] = [1, 2].map(() => start(OPTIONS, { optimizer }));
      whole.steps(120);
      for (let n = 0; n < 120; n++) {
        const masks = masked.prunable.map((_, p) => look(masked, p).mask);
        masked.steps(1, (m, p, i, w) => (masks[p][i] === 0 ? 0 : towardsTargets(m, p, i, w)));
      }
      assert.deepEqual(masked.save(), whole.save());
    }
  });

  test("it is a fixed random mask if nothing is dropped", () => {
    const trial = start({ ...OPTIONS, dropFraction: 0 });
    const fixed = startTrial(staticRandom, { density: 0.3, allocation: "uniform" }, { graph: GRAPH });
    trial.steps(120);
    fixed.steps(120);
    assert.deepEqual(trial.weights(), fixed.weights());
  });

  test("it is dense training at density 1", () => {
    const trial = start({ density: 1, everySteps: 10 });
    const plain = startTrial(dense, {}, { graph: GRAPH });
    trial.steps(120);
    plain.steps(120);
    assert.deepEqual(trial.weights(), plain.weights());
  });

  test("it makes the same masks from the same seed, and others from another", () => {
    const masksAfter = (methodSeed: number): number[][] => {
      const trial = start(OPTIONS, { methodSeed });
      trial.steps(80);
      return trial.prunable.map((_, p) => look(trial, p).mask);
    };
    assert.deepEqual(masksAfter(1), masksAfter(1));
    assert.notDeepEqual(masksAfter(1), masksAfter(2));
  });

  test("it goes on bit by bit after save and restore, under every rule", () => {
    for (const options of EVERY_RULE) {
      const whole = start(options);
      whole.steps(45);
      const saved = structuredClone(whole.save());
      const resumed = start(options, { seed: 8, methodSeed: 9 });
      resumed.steps(12);
      resumed.restore(saved);
      whole.steps(75);
      resumed.steps(75);
      assert.deepEqual(resumed.weights(), whole.weights());
      assert.deepEqual(resumed.save(), whole.save());
    }
  });
});

describe("the drop fraction", () => {
  test("it gives the golden values of the cosine", () => {
    const wanted = [0.3, 0.256066, 0.15, 0.043934, 0];
    [0, 0.25, 0.5, 0.75, 1].forEach((progress, i) =>
      assert.ok(Math.abs(dropFractionAt("cosine", 0.3, progress) - wanted[i]) < 5e-7),
    );
  });

  test("it falls evenly if linear, and stays if constant", () => {
    assert.deepEqual(
      [0, 0.5, 1].map((x) => dropFractionAt("linear", 0.5, x)),
      [0.5, 0.25, 0],
    );
    assert.equal(dropFractionAt("constant", 0.3, 0.9), 0.3);
  });

  test("it ends the exchange at the stop share", () => {
    const trial = start({ ...OPTIONS, dropSchedule: "constant", stopShare: 0.5 });
    const masks: string[] = [];
    const changedAfter: number[] = [];
    for (let done = 0; done <= 120; done++) {
      masks.push(String(look(trial, 1).mask));
      if (done > 0 && masks[done] !== masks[done - 1]) changedAfter.push(done);
      if (done < 120) trial.steps(1);
    }
    assert.deepEqual(changedAfter, [10, 20, 30, 40, 50]);
  });

  test("it says what happened since it was last asked", () => {
    const trial = start(OPTIONS);
    trial.steps(10);
    const dropFraction = dropFractionAt("cosine", 0.3, 10 / 90);
    const number = Math.floor(dropFraction * 32) + Math.floor(dropFraction * 324);
    assert.deepEqual(trial.run.facts(), {
      dropFraction,
      exchanges: 1,
      pruned: number,
      regrown: number,
      liveWeights: 356,
    });
    assert.equal(trial.run.facts().pruned, 0);
  });
});

describe("the layers", () => {
  test("it keeps those dense that are named, and counts their weights", () => {
    const trial = start({ ...OPTIONS, denseLayers: ["conv"] });
    trial.steps(120);
    assert.equal(placesOf(look(trial, 0).mask, 1).length, 108);
    assert.equal(placesOf(look(trial, 1).mask, 1).length, Math.round(0.3 * 1188 - 108));
    const conv = (trial.run.save().layers as StateTree)["conv.weight"];
    assert.ok(conv !== undefined);
  });

  test("it names every layer that it cannot keep dense, and every layer left without weights", () => {
    assert.throws(
      () => start({ ...OPTIONS, density: 0.05, denseLayers: ["conv", "fcc"] }),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        assert.deepEqual(error.diagnostics.map(formatDiagnostic), [
          [
            'error[train/esl-dense-layer]: the option "denseLayers" names "fcc", which is not one of the layers to be pruned.',
            "  at method.options.denseLayers",
            '  try: did you mean "fc"?',
          ].join("\n"),
          [
            'error[train/esl-layer-empty]: every layer needs a weight to grow from, but a density of 0.05 leaves none of the 1080 weights of "fc".',
            '  at model.layers["fc"]',
            '  try: raise "density", or take layers out of "denseLayers".',
          ].join("\n"),
        ]);
        return true;
      },
    );
  });
});
