import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { LayerGraph } from "#train/graph";
import { dense } from "#train/methods/dense";
import type { SparseMethod } from "#train/methods/method";
import { sdSnn } from "#train/methods/sd-snn";
import { type SdSnnOptions, sdSnnOptions } from "#train/methods/sd-snn-options";
import { ADAM, type OptimizerSpec } from "#train/optimizer";
import { formatDiagnostic, ToolchainError } from "#util/diagnostic";
import { type GradientOf, hashed, savedLayer, startTrial, type Trial, type TrialOptions } from "./harness.ts";
import { type TwinLayer, twinEndEpoch, twinLayer } from "./sd-snn-twin.ts";

/** conv 8 x 2 x 3 x 3, fc1 24 x 72, fc2 (read out) 4 x 24. */
const GRAPH: LayerGraph = {
  name: "small",
  inputShape: [2, 6, 6],
  layers: [
    {
      name: "conv",
      inputs: ["input"],
      op: "conv2d",
      channels: 8,
      kernel: [3, 3],
      stride: [2, 2],
      padding: [1, 1],
      groups: 1,
      bias: false,
    },
    { name: "flat", inputs: ["conv"], op: "flatten" },
    { name: "fc1", inputs: ["flat"], op: "linear", features: 24, bias: true },
    { name: "act", inputs: ["fc1"], op: "relu" },
    { name: "fc2", inputs: ["act"], op: "linear", features: 4, bias: false },
  ],
  output: "fc2",
};
const PRUNED = [0, 1] as const;
const PLAIN: OptimizerSpec = { name: "sgd", momentum: 0, weightDecay: 0 };

/** Weights drift, each its own way, and turn round now and then, also towards zero. */
const drift: GradientOf = (n, p, i, w) =>
  hashed(1, p, i) < 0.4
    ? w - 0.01
    : hashed(2, p, i) - 0.5 + 0.6 * (hashed(3, p, i, Math.floor(n / 14)) - 0.5);

const SHORT = {
  window: 2,
  quantileGrowth: 1.05,
  linear: { initialRate: 25, quantile: 30, regrowAfter: 2, deadLimit: 15, lateAfter: 8, lateScale: 0.05 },
  conv: { initialRate: 25, quantile: 20, regrowAfter: 2, deadLimit: 9, rateDecay: 2 },
};
const TRIAL: TrialOptions = {
  graph: GRAPH,
  optimizer: PLAIN,
  rateOf: () => 0.05,
  gradientOf: drift,
  stepsPerEpoch: 2,
  totalSteps: 80,
  precision: "float64",
};
const EPOCHS = 40;
const FIRST = 5; // twice the window, and one

interface Watcher {
  readonly before?: (epoch: number) => void;
  readonly after?: (epoch: number) => void;
}

/** Looks in just before and after the end of each epoch. */
function watched(watcher: Watcher): SparseMethod<SdSnnOptions> {
  return {
    ...sdSnn,
    create(context, options) {
      const run = sdSnn.create(context, options);
      return {
        ...run,
        endEpoch(epoch) {
          watcher.before?.(epoch);
          run.endEpoch?.(epoch);
          watcher.after?.(epoch);
        },
      };
    },
  };
}

const maskOf = (trial: Trial, p: number): Uint8Array => savedLayer(trial, p).mask as Uint8Array;
const freeOf = (trial: Trial, p: number): number[] => [
  ...((savedLayer(trial, p).free as Float64Array | null) ?? trial.prunable[p].value),
];
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
/** Rows of the mask with anything alive. */
function rowsAlive(trial: Trial, p: number): number[] {
  const [rows] = trial.prunable[p].shape;
  const mask = maskOf(trial, p);
  const length = mask.length / rows;
  return Array.from({ length: rows }, (_, r) => sum(mask.subarray(r * length, (r + 1) * length)));
}

interface Seen {
  widened: number;
  narrowed: number;
  pruned: number;
  regrown: number;
  readonly regrownAfter: [number[], number[]];
  readonly prunedRows: [number[], number[]];
}

/** Runs both side by side and compares everything at the end of each epoch. */
function compareWithTwin(more: object, trialOptions: TrialOptions = {}): Seen {
  const options = sdSnnOptions.parse({ ...SHORT, ...more });
  const seen: Seen = {
    widened: 0,
    narrowed: 0,
    pruned: 0,
    regrown: 0,
    regrownAfter: [[], []],
    prunedRows: [[], []],
  };
  let twin: TwinLayer[] = [];
  const method = watched({
    before(epoch) {
      if (epoch === 0) twin = trial.prunable.map(({ shape }) => twinLayer(shape, options));
      twinEndEpoch(
        twin,
        epoch,
        trial.prunable.map((_, p) => freeOf(trial, p)),
        options,
      );
    },
    after(epoch) {
      const facts = trial.run.facts() as Record<string, number>;
      for (const what of ["widened", "narrowed", "pruned", "regrown"] as const) seen[what] += facts[what];
      twin.forEach((layer, p) => {
        const where = `layer ${p}, epoch ${epoch}`;
        const plain = (numbers: Iterable<number>): number[] => [...numbers].map((x) => x + 0);
        assert.deepEqual(
          plain(trial.prunable[p].value),
          plain(layer.weights.map(({ w }) => w)),
          `weights, ${where}`,
        );
        assert.deepEqual(
          plain(maskOf(trial, p)),
          layer.weights.map(({ masked }) => (masked ? 0 : 1)),
          `mask, ${where}`,
        );
        if (p === 2) return;
        const { upper, lower } = savedLayer(trial, p).ranges as Record<string, Float64Array>;
        assert.deepEqual(plain(upper), plain(layer.weights.map((one) => one.upper)), `upper, ${where}`);
        assert.deepEqual(plain(lower), plain(layer.weights.map((one) => one.lower)), `lower, ${where}`);
        const rate = savedLayer(trial, p).rate as number;
        assert.ok(Math.abs(rate - layer.rate) < 1e-9, `rate, ${where}: ${rate}, ${layer.rate}`);
        if (epoch < FIRST) return;
        seen.regrownAfter[p as 0 | 1].push(...layer.regrownAfter);
        seen.prunedRows[p as 0 | 1].push(...layer.prunedRows);
      });
    },
  });
  const trial = startTrial(method, { ...SHORT, ...more }, { ...TRIAL, ...trialOptions });
  trial.steps(80);
  return seen;
}

describe("beside the word-for-word twin", () => {
  test("it does the same in every epoch, and everything happens", () => {
    const seen = compareWithTwin({});
    assert.ok(seen.widened > 100 && seen.narrowed > 100, JSON.stringify(seen));
    for (const p of PRUNED) {
      assert.ok(seen.regrownAfter[p].length > 0 && seen.prunedRows[p].length > 1, JSON.stringify(seen));
      // Regrown after more than `regrowAfter` = 2 epochs as a candidate, the first not counted.
      assert.deepEqual([...new Set(seen.regrownAfter[p])], [4]);
      assert.equal(new Set(seen.prunedRows[p]).size, seen.prunedRows[p].length, "a row was pruned twice");
    }
    assert.equal(seen.regrown, seen.regrownAfter[0].length * 9 + seen.regrownAfter[1].length);
    assert.equal(seen.pruned, seen.prunedRows[0].length * 18 + seen.prunedRows[1].length * 72);
  });

  test("it does the same behind masked weights, without regrowth, with other constants, with Adam", () => {
    const silent = { regrowth: false };
    const adam: TrialOptions = { optimizer: ADAM, rateOf: () => 0.01 };
    for (const [more, trialOptions] of [
      [{ strict: true }, {}],
      [{ strict: true }, adam],
      [{ linear: { ...SHORT.linear, ...silent }, conv: { ...SHORT.conv, ...silent } }, {}],
      [{ window: 3, clipAfter: 1, shrinkFactor: 0.5, rateFactor: 1.7, quantileLimit: 40 }, adam],
      [{ linear: { deadLimit: 500 }, conv: { deadLimit: 500, rateScale: 2 } }, {}],
    ] as const)
      assert.ok(compareWithTwin(more, trialOptions).pruned > 0);
  });
});

describe("the golden sequence of 300 rows", () => {
  const graph: LayerGraph = {
    name: "wide",
    inputShape: [25],
    layers: [
      { name: "fc", inputs: ["input"], op: "linear", features: 300, bias: false },
      { name: "out", inputs: ["fc"], op: "linear", features: 2, bias: false },
    ],
    output: "out",
  };
  const trial: TrialOptions = { graph, stepsPerEpoch: 1, totalSteps: 90 };

  test("it prunes the same rows in the same epochs, at the same rates and percentiles", () => {
    const seen = new Map<number, { gone: number; rate: string; percentile: number }>();
    const growth: number[] = [];
    let last = 35;
    const method = watched({
      after(epoch) {
        const facts = run.run.facts();
        seen.set(epoch, {
          gone: 300 - facts["fc.liveRows"],
          rate: facts["fc.ratePercent"].toFixed(2),
          percentile: facts["fc.regrowthPercentile"],
        });
        growth.push(facts["fc.ratePercent"] - last);
        last = facts["fc.ratePercent"];
      },
    });
    const run = startTrial(method, { linear: { regrowth: false } }, trial);
    run.steps(90);
    assert.deepEqual(
      [36, 37, 38, 39, 40, 45, 60].map((epoch) => [seen.get(epoch)?.gone, seen.get(epoch)?.rate]),
      [
        [0, "35.00"],
        [105, "54.50"],
        [163, "59.54"],
        [178, "61.19"],
        [183, "61.77"],
        [186, "62.10"],
        [186, "62.11"],
      ],
    );
    assert.deepEqual(
      [37, 60, 75, 76, 89].map((epoch) => seen.get(epoch)?.percentile.toFixed(2)),
      ["61.00", "68.95", "97.40", "99.00", "99.00"],
    );
    // The structure settles: the rate's growth is gone but for the published trickle.
    for (let epoch = 38; epoch <= 60; epoch++) assert.ok(growth[epoch] < growth[epoch - 1]);
    assert.ok(Math.abs(growth[61] - (0.00075 * 114) / 10) < 1e-12);
  });
});

describe("the end of an epoch", () => {
  test("it leaves every weight while the window has not passed twice, and moves none before it has passed once", () => {
    const plain = startTrial(dense, {}, TRIAL);
    const trial = startTrial(sdSnn, SHORT, TRIAL);
    for (let epoch = 0; epoch <= 2 * SHORT.window; epoch++) {
      plain.steps(2);
      trial.steps(2);
      if (epoch <= SHORT.window) assert.deepEqual(trial.weights(), plain.weights());
      for (const p of PRUNED) assert.ok(maskOf(trial, p).every((one) => one === 1));
      assert.ok(trial.weights().every((w) => w !== 0));
    }
    assert.notDeepEqual(trial.weights(), plain.weights());
    trial.steps(2);
    for (const p of PRUNED) assert.ok(maskOf(trial, p).some((one) => one === 0));
  });

  test("it leaves nothing where a row or synapse is pruned, and the zeros are what the mask says", () => {
    const trial = startTrial(sdSnn, SHORT, TRIAL);
    const zeros = [0, 0];
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      trial.steps(2);
      for (const p of PRUNED) {
        const mask = maskOf(trial, p);
        trial.prunable[p].value.forEach((w, i) => {
          assert.equal(w !== 0, mask[i] === 1);
          if (w === 0) zeros[p]++;
        });
      }
    }
    assert.ok(zeros[0] > 100 && zeros[1] > 1000, `zeros in all epochs: ${zeros.join(", ")}`);
  });

  test("it keeps weights within their ranges once the window has passed", () => {
    const trial = startTrial(sdSnn, SHORT, { ...TRIAL, precision: "float32" });
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      trial.steps(2);
      for (const p of PRUNED) {
        const { upper, lower } = savedLayer(trial, p).ranges as Record<string, Float32Array>;
        upper.forEach((bound, i) => assert.ok(bound >= 0 && lower[i] <= 0));
        if (epoch > SHORT.window)
          trial.prunable[p].value.forEach((w, i) => assert.ok(w <= upper[i] && w >= lower[i]));
      }
    }
  });

  test("it moves the ranges of convolutions too", () => {
    const trial = startTrial(sdSnn, SHORT, TRIAL);
    trial.steps(40);
    const { upper } = savedLayer(trial, 0).ranges as Record<string, Float64Array>;
    assert.ok(new Set(upper).size > 10);
  });

  test("it never brings a row back without regrowth, and does with it", () => {
    const alive = (regrowth: boolean): number[][] => {
      const trial = startTrial(
        sdSnn,
        { ...SHORT, linear: { ...SHORT.linear, regrowth }, conv: { ...SHORT.conv, regrowth } },
        TRIAL,
      );
      return Array.from({ length: EPOCHS }, () => {
        trial.steps(2);
        return PRUNED.flatMap((p) => rowsAlive(trial, p));
      });
    };
    const grew = (epochs: number[][]): boolean =>
      epochs.some((rows, e) => e > 0 && rows.some((live, r) => live > epochs[e - 1][r]));
    assert.equal(grew(alive(false)), false);
    assert.equal(grew(alive(true)), true);
  });

  test("it regrows convolutions by whole kernels", () => {
    const trial = startTrial(sdSnn, SHORT, TRIAL);
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      trial.steps(2);
      const mask = maskOf(trial, 0);
      for (let i = 0; i < mask.length; i += 9) assert.ok([0, 9].includes(sum(mask.subarray(i, i + 9))));
    }
  });

  test("it leaves the layer that is read out alone unless told to prune it", () => {
    const outputAfter = (pruneOutput: boolean): number => {
      const trial = startTrial(sdSnn, { ...SHORT, pruneOutput }, TRIAL);
      trial.steps(12);
      return sum(maskOf(trial, 2));
    };
    assert.equal(outputAfter(false), 96);
    assert.equal(outputAfter(true), 72);
  });

  test("it counts a row that never had so many synapses as alive", () => {
    const trial = startTrial(sdSnn, { ...SHORT, conv: { ...SHORT.conv, deadLimit: 1000 } }, TRIAL);
    assert.equal(trial.run.facts()["conv.liveRows"], 8);
    trial.steps(12);
    assert.equal(trial.run.facts()["conv.liveRows"], 6);
  });
});

describe("between the ends of epochs", () => {
  test("it trains pruned weights on as published, and cuts them at the end", () => {
    const trial = startTrial(sdSnn, SHORT, TRIAL);
    trial.steps(12);
    const masks = PRUNED.map((p) => maskOf(trial, p));
    trial.steps(1);
    for (const p of PRUNED)
      trial.prunable[p].value.forEach((w, i) => {
        if (masks[p][i] === 0 && trial.prunable[p].gradient[i] !== 0) assert.ok(w !== 0);
      });
    trial.run.finish?.();
    for (const p of PRUNED)
      trial.prunable[p].value.forEach((w, i) => assert.equal(w !== 0, masks[p][i] === 1));
  });

  test("it keeps pruned weights at zero in every step if strict, and moves what is behind them", () => {
    const trial = startTrial(sdSnn, { ...SHORT, strict: true }, TRIAL);
    let moved = 0;
    for (let step = 0; step < 80; step++) {
      trial.steps(1);
      for (const p of PRUNED) {
        const [mask, free] = [maskOf(trial, p), freeOf(trial, p)];
        trial.prunable[p].value.forEach((w, i) => {
          assert.equal(w, mask[i] === 0 ? 0 : free[i]);
          if (mask[i] === 0 && free[i] !== 0) moved++;
        });
      }
    }
    assert.ok(moved > 100);
  });

  test("it forgets the moments of what it prunes if strict, and keeps them as published", () => {
    for (const strict of [true, false]) {
      const trial = startTrial(
        sdSnn,
        { ...SHORT, strict },
        { ...TRIAL, optimizer: ADAM, rateOf: () => 0.01 },
      );
      trial.steps(12);
      for (const p of PRUNED) {
        const { firstMoment, secondMoment } = savedLayer(trial, p).optimizer as Record<string, Float64Array>;
        const mask = maskOf(trial, p);
        const masked = [...mask.keys()].filter((i) => mask[i] === 0);
        assert.ok(masked.length > 0);
        for (const moment of [firstMoment, secondMoment]) {
          assert.equal(
            masked.every((i) => moment[i] === 0),
            strict,
          );
          assert.ok(mask.every((one, i) => one === 0 || moment[i] !== 0));
        }
      }
    }
  });
});

describe("a run", () => {
  test("it goes on bit by bit after save and restore, wherever it was cut", () => {
    for (const strict of [false, true])
      for (const cut of [0, 11, 12, 33, 79]) {
        const options = { ...SHORT, strict };
        const more: TrialOptions = { ...TRIAL, optimizer: ADAM, rateOf: () => 0.01, precision: "float32" };
        const whole = startTrial(sdSnn, options, more);
        whole.steps(cut);
        const saved = structuredClone(whole.save());
        const resumed = startTrial(sdSnn, options, { ...more, seed: 8 });
        resumed.steps(25);
        resumed.restore(saved);
        assert.deepEqual(resumed.save(), saved);
        whole.steps(80 - cut);
        resumed.steps(80 - cut);
        assert.deepEqual(resumed.weights(), whole.weights(), `cut at ${cut}`);
        assert.deepEqual(resumed.save(), whole.save());
        assert.deepEqual(resumed.run.facts(), whole.run.facts());
      }
  });

  test("it is refused if it ends before anything is pruned", () => {
    assert.throws(
      () => startTrial(sdSnn, { window: 18 }, { ...TRIAL, totalSteps: 74 }),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        assert.equal(
          formatDiagnostic(error.diagnostics[0]),
          [
            "error[train/sd-snn-too-few-epochs]: SD-SNN needs more than 37 epochs, since it first prunes after twice its window of 18, but there are 37.",
            "  at method.options.window",
            '  try: set "window" to 8 or so, or train for more epochs.',
          ].join("\n"),
        );
        return true;
      },
    );
    startTrial(sdSnn, { window: 18 }, { ...TRIAL, totalSteps: 76 });
  });

  test("it has the constants published for MNIST unless told otherwise", () => {
    const options = sdSnnOptions.parse({});
    assert.equal(options.window, 18);
    assert.deepEqual(
      [options.linear, options.conv].map((kind) => [
        kind.initialRate,
        kind.quantile,
        kind.regrowAfter,
        kind.deadLimit,
      ]),
      [
        [35, 60, 10, 20],
        [5, 65, 18, 10],
      ],
    );
    assert.deepEqual(
      [options.linear.rateScale, options.linear.rateDivisor, options.linear.lateScale],
      [1, 10, 0.00075],
    );
    assert.equal(sdSnnOptions.safeParse({ linear: { rho: 3 } }).success, false);
  });
});
