// D = 0, regrowth and determinism are rows of the conformance suite.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createReferenceBackend } from "#train/engine/reference";
import type { LayerGraph } from "#train/graph";
import { lats } from "#train/methods/lats";
import { nonzeroCount } from "#train/methods/method";
import { stds } from "#train/methods/stds";
import {
  accumulatedRateShare,
  cosineHomotopyShare,
  linearShare,
  lowFrequencyLatsShare,
  simplifiedLatsShare,
  sineShare,
} from "#train/methods/thresholds";
import { ADAM, type OptimizerSpec } from "#train/optimizer";
import { ToolchainError } from "#util/diagnostic";
import { hashed, savedLayer, SGD, startTrial, type Trial } from "./harness.ts";
import { COLUMNS, gradientAt, leastSquaresGradient, ONE_ROW, solveLasso } from "./least-squares.ts";

const PLAIN_SGD: OptimizerSpec = { name: "sgd", momentum: 0, weightDecay: 0 };

/** Schedules of 200 steps, 20 epochs. */
const RATES: Readonly<Record<string, (n: number) => number>> = {
  constant: () => 0.01,
  cosine: (n) => 0.005 * (1 + Math.cos((Math.PI * n) / 200)),
  "cosine by epoch": (n) => 0.005 * (1 + Math.cos((Math.PI * Math.floor(n / 10)) / 20)),
  step: (n) => 0.01 * 0.1 ** Math.floor(n / 60),
  "cosine after warm-up": (n) =>
    n < 50 ? (0.01 * (n + 1)) / 50 : 0.005 * (1 + Math.cos((Math.PI * (n - 50)) / 150)),
};
const LONG = { totalSteps: 200, stepsPerEpoch: 10 };

/** Thresholds after 0, 1, …, all steps, as the method reports them. */
function thresholdsOf(options: Record<string, unknown>, rateOf: (n: number) => number): number[] {
  const trial = startTrial(lats, options, { ...LONG, rateOf, graph: ONE_ROW });
  const thresholds = [trial.run.facts().threshold];
  for (let n = 0; n < 200; n++) {
    trial.steps(1);
    thresholds.push(trial.run.facts().threshold);
  }
  return thresholds;
}

describe("the L1 coefficient", () => {
  for (const [name, rateOf] of Object.entries(RATES)) {
    test(`is constant under a ${name} learning rate`, () => {
      let rateSum = 0;
      for (let n = 0; n < 200; n++) rateSum += rateOf(n);
      const d = thresholdsOf({ threshold: 0.3 }, rateOf);
      assert.equal(d[0], 0);
      assert.equal(d[200], 0.3);
      for (let n = 0; n < 200; n++) {
        const l1 = (d[n + 1] - d[n]) / rateOf(n);
        assert.ok(Math.abs(l1 / (0.3 / rateSum) - 1) < 1e-9, `step ${n}: ${l1}`);
      }
    });
  }

  test("is D over the sum of the rates, whatever their order", () => {
    const forwards = thresholdsOf({ threshold: 0.3 }, RATES.step);
    const backwards = thresholdsOf({ threshold: 0.3 }, (n) => RATES.step(199 - n));
    for (let n = 0; n < 200; n++) {
      const a = (forwards[n + 1] - forwards[n]) / RATES.step(n);
      const b = (backwards[n + 1] - backwards[n]) / RATES.step(199 - n);
      assert.ok(Math.abs(a / b - 1) < 1e-9);
    }
  });

  test("is what the run reports, and grows without bound under cosine with linear or sine thresholds", () => {
    const growth = (schedule: string): number => {
      const trial = startTrial(lats, { threshold: 0.3, schedule }, { ...LONG, rateOf: RATES.cosine });
      trial.steps(100);
      const middle = trial.run.facts().l1Coefficient;
      trial.steps(100);
      return trial.run.facts().l1Coefficient / middle;
    };
    assert.ok(Math.abs(growth("lats") - 1) < 1e-9);
    assert.ok(growth("sine") > 50);
    assert.ok(growth("linear") > 5000);
  });

  test("changes by the factor beta, geometrically, with pgh", () => {
    for (const [name, rateOf] of Object.entries(RATES)) {
      const d = thresholdsOf({ threshold: 0.3, schedule: "pgh", beta: 0.1 }, rateOf);
      assert.equal(d[200], 0.3);
      const l1 = (n: number): number => (d[n + 1] - d[n]) / rateOf(n);
      for (let n = 0; n + 1 < 200; n++)
        assert.ok(Math.abs(l1(n + 1) / l1(n) / 0.1 ** (1 / 200) - 1) < 1e-8, `${name}, step ${n}`);
    }
    // By all of beta over the steps that prune, not over all steps.
    const late = thresholdsOf(
      { threshold: 0.3, schedule: "pgh", beta: 0.1, pruningStartEpoch: 10 },
      () => 0.01,
    );
    const ratio = (late[200] - late[199]) / (late[101] - late[100]);
    assert.ok(Math.abs(ratio / 0.1 ** (99 / 100) - 1) < 1e-8, `${ratio}`);
  });
});

describe("the closed forms", () => {
  const golden = [
    [0.1, 0.1, 0.024472, 0.198363, 0.317787, 0.436344, 0.099569],
    [0.25, 0.25, 0.146447, 0.475079, 0.65225, 0.784696, 0.284682],
    [0.5, 0.5, 0.5, 0.81831, 0.921835, 0.970064, 0.644038],
    [0.75, 0.75, 0.853553, 0.975079, 0.993089, 0.998346, 0.92715],
    [0.9, 0.9, 0.975528, 0.998363, 0.999651, 0.999936, 0.993843],
  ];
  const forms: readonly ((x: number) => number)[] = [
    linearShare,
    sineShare,
    simplifiedLatsShare,
    (x) => cosineHomotopyShare(x, 0.1),
    (x) => cosineHomotopyShare(x, 0.01),
    (x) => cosineHomotopyShare(x, 10),
  ];

  test("gives the golden table", () => {
    for (const [x, ...shares] of golden)
      shares.forEach((share, f) => {
        assert.ok(Math.abs(forms[f](x) - share) < 6e-7, `x = ${x}, column ${f}`);
      });
  });

  test("gives the golden values of low-frequency LATS", () => {
    const bases = [
      0, 0.181818, 0.359187, 0.523643, 0.667987, 0.786989, 0.877898, 0.940714, 0.978189, 0.995551, 1,
    ];
    let partial = 0;
    bases.forEach((base, epoch) => {
      assert.ok(Math.abs(lowFrequencyLatsShare(epoch, 0, 10, 8) - base) < 6e-7, `epoch ${epoch}`);
      assert.ok(Math.abs(lowFrequencyLatsShare(epoch, 0, 10, 8) - partial) < 1e-12);
      partial += (1 + Math.cos((Math.PI * epoch) / 10)) / 11;
    });
    // Within an epoch it is linear, and meets the next.
    for (let e = 0; e < 10; e++) {
      const at = (b: number): number => lowFrequencyLatsShare(e, b, 10, 8);
      assert.ok(Math.abs(at(8) - lowFrequencyLatsShare(e + 1, 0, 10, 8)) < 1e-12);
      assert.ok(Math.abs(at(4) - (at(0) + at(8)) / 2) < 1e-12);
    }
  });

  test("begins at 0, ends at 1, never falls", () => {
    for (const form of forms) {
      assert.ok(Math.abs(form(0)) < 1e-15);
      assert.equal(form(1), 1);
      for (let x = 0; x < 1; x += 1 / 64) assert.ok(form(x + 1 / 64) >= form(x));
      assert.equal(form(1.5), 1);
    }
  });

  test("is concave for a cosine rate", () => {
    for (const form of [simplifiedLatsShare, (x: number) => cosineHomotopyShare(x, 0.1)])
      for (let x = 1 / 64; x < 1; x += 1 / 64)
        assert.ok(form(x) >= (form(x - 1 / 64) + form(x + 1 / 64)) / 2 - 1e-12);
  });

  test("has S-LATS as the limit of LATS, to the order of 1 / epochs", () => {
    const gap = (epochs: number): number => {
      let most = 0;
      for (let n = 0; n <= 10 * epochs; n++) {
        const share = lowFrequencyLatsShare(Math.floor(n / 10), n % 10, epochs, 10);
        most = Math.max(most, Math.abs(share - simplifiedLatsShare(n / (10 * epochs))));
      }
      return most;
    };
    for (const epochs of [10, 100, 1000]) assert.ok(gap(epochs) < 1 / epochs, `${epochs}: ${gap(epochs)}`);
    assert.ok(gap(100) / gap(1000) > 8);
    assert.ok(gap(100) / gap(1000) < 12);
  });

  test("is the general rule under its own learning rate", () => {
    const general = (rateOf: (n: number) => number, beta: number): number[] => {
      const share = accumulatedRateShare({ rateOf, start: 0, total: 200, beta });
      return Array.from({ length: 201 }, (_, n) => share.after(n));
    };
    general(RATES["cosine by epoch"], 1).forEach((share, n) => {
      assert.ok(Math.abs(share - lowFrequencyLatsShare(Math.floor(n / 10), n % 10, 20, 10)) < 1e-12);
    });
    general(RATES.cosine, 1).forEach((share, n) => {
      assert.ok(Math.abs(share - simplifiedLatsShare(n / 200)) < 1 / 200);
    });
    general(RATES.cosine, 0.1).forEach((share, n) => {
      assert.ok(Math.abs(share - cosineHomotopyShare(n / 200, 0.1)) < 2 / 200);
    });
    general(RATES.constant, 1).forEach((share, n) => assert.ok(Math.abs(share - n / 200) < 1e-12));
  });

  test("is, for pgh, the integral of betaˣ(1 + cos πx)", () => {
    for (const beta of [0.01, 0.1, 0.9, 0.9999, 1.005, 2, 10]) {
      const integral = (x: number): number => {
        // Simpson, 400 strips.
        let sum = 0;
        for (let k = 0; k <= 400; k++) {
          const at = (x * k) / 400;
          sum += (k === 0 || k === 400 ? 1 : k % 2 === 1 ? 4 : 2) * beta ** at * (1 + Math.cos(Math.PI * at));
        }
        return (sum * x) / 1200;
      };
      for (const x of [0.1, 0.3, 0.5, 0.7, 0.95])
        assert.ok(Math.abs(cosineHomotopyShare(x, beta) - integral(x) / integral(1)) < 1e-9, `${beta}, ${x}`);
    }
  });

  test("has S-LATS as the limit of pgh, beta near 1", () => {
    for (const x of [0.1, 0.37, 0.5, 0.9]) {
      for (const beta of [1, 1 + 5e-7, 1 - 5e-7])
        assert.equal(cosineHomotopyShare(x, beta), simplifiedLatsShare(x));
      for (const distance of [1e-2, 1e-3, 1e-4, 1e-5, 2e-6]) {
        const miss = Math.abs(cosineHomotopyShare(x, 1 + distance) - simplifiedLatsShare(x));
        assert.ok(miss < distance, `${distance}: ${miss}`);
      }
    }
  });
});

describe("every schedule as an option", () => {
  test("ends at D, starts at 0, and counts from pruningStartEpoch", () => {
    for (const schedule of ["lats", "pgh", "low-frequency-lats", "s-lats", "cosine-pgh", "linear", "sine"])
      for (const pruningStartEpoch of [0, 4]) {
        const d = thresholdsOf({ threshold: 0.3, schedule, pruningStartEpoch }, RATES.cosine);
        const start = 10 * pruningStartEpoch;
        for (let n = 0; n <= start; n++) assert.ok(Math.abs(d[n]) < 1e-15, `${schedule}, step ${n}`);
        for (let n = start; n < 200; n++) assert.ok(d[n + 1] >= d[n], `${schedule}, step ${n}`);
        assert.ok(d[start + 20] > 0);
        assert.ok(d[199] < 0.3, schedule);
        assert.equal(d[200], 0.3, schedule);
      }
  });

  test("is the closed form of its name", () => {
    const forms: Record<string, (n: number) => number> = {
      "low-frequency-lats": (n) => lowFrequencyLatsShare(Math.floor(n / 10), n % 10, 20, 10),
      "s-lats": (n) => simplifiedLatsShare(n / 200),
      "cosine-pgh": (n) => cosineHomotopyShare(n / 200, 0.1),
      linear: (n) => n / 200,
      sine: (n) => sineShare(n / 200),
    };
    for (const [schedule, form] of Object.entries(forms))
      thresholdsOf({ threshold: 0.3, schedule }, RATES.cosine).forEach((d, n) => {
        assert.ok(Math.abs(d - 0.3 * form(n)) < 1e-12, `${schedule}, step ${n}`);
      });
  });

  test("refuses to begin when training is over", () => {
    assert.throws(
      () => startTrial(lats, { threshold: 0.3, pruningStartEpoch: 20 }, LONG),
      (error: unknown) => {
        assert.ok(error instanceof ToolchainError);
        assert.deepEqual(error.diagnostics[0].data, { startEpoch: 20, epochs: 20 });
        return true;
      },
    );
  });

  test("prunes nothing while all learning rates are 0", () => {
    const trial = startTrial(lats, { threshold: 0.3 }, { rateOf: () => 0 });
    trial.steps(120);
    assert.equal(trial.run.facts().threshold, 0);
    assert.ok(trial.weights().every((w) => w !== 0));
  });
});

describe("the step", () => {
  test("shares the operator of stds", () => {
    const run = (optimizer: OptimizerSpec): number[][] =>
      [lats, stds].map((method) => {
        const trial = startTrial(method, { threshold: 0.3, schedule: "sine" }, { optimizer });
        trial.steps(120);
        return trial.weights();
      });
    for (const optimizer of [ADAM, SGD]) {
      const [own, other] = run(optimizer);
      assert.deepEqual(own, other);
    }
  });

  test("takes weight decay from θ, not from w", () => {
    const decay: OptimizerSpec = { name: "sgd", momentum: 0, weightDecay: 0.5 };
    const more = { optimizer: decay, rateOf: () => 0.1, graph: ONE_ROW, precision: "float64" } as const;
    const trial = startTrial(lats, { threshold: 0.15 }, { ...more, totalSteps: 10 });
    const initial = trial.weights();
    trial.steps(10, () => 0);
    [...(savedLayer(trial, 0).theta as Float64Array)].forEach((theta, i) => {
      assert.ok(Math.abs(theta - initial[i] * 0.95 ** 10) < 1e-12);
    });
  });

  test("is an ISTA step while it does not overshoot, and not beyond", () => {
    const backend = createReferenceBackend({ precision: "float64" });
    const cell = (value: number): Float64Array => {
      const array = backend.allocate(1) as Float64Array;
      array[0] = value;
      return array;
    };
    const soft = (theta: number, d: number): number => {
      const w = cell(0);
      backend.softThreshold(cell(theta), d, w);
      return w[0];
    };
    let within = 0;
    let beyond = 0;
    for (let c = 0; c < 20_000; c++) {
      const [d, delta, rate] = [hashed(c, 1), 0.3 * hashed(c, 2), 0.5 * hashed(c, 3) + 0.01];
      const sign = hashed(c, 4) < 0.5 ? -1 : 1;
      const theta = sign * (d + 1e-6 + hashed(c, 5));
      const g = 6 * (hashed(c, 6) - 0.5);
      const next = soft(theta - rate * g, d + delta);
      const ista = soft(soft(theta, d) - rate * g, rate * (delta / rate));
      const u = sign * (soft(theta, d) - rate * g);
      // Between -δ and -2d - δ θ is inside the dead zone still, ISTA past its own.
      if (u >= -delta) {
        within++;
        assert.ok(Math.abs(next - ista) < 1e-12, `case ${c}`);
      } else if (u < -delta - 1e-6 && d > 1e-6) {
        beyond++;
        assert.ok(Math.abs(next - ista) > 1e-7, `case ${c}`);
      }
    }
    assert.ok(within > 5000 && beyond > 1000, `${within} within, ${beyond} beyond`);
  });

  test("solves the lasso", () => {
    const l1 = 0.03;
    const [rate, steps] = [0.5, 6000];
    for (const schedule of ["lats", "linear"]) {
      const trial: Trial = startTrial(
        lats,
        { threshold: rate * l1 * steps, schedule },
        {
          graph: ONE_ROW,
          optimizer: PLAIN_SGD,
          rateOf: () => rate,
          precision: "float64",
          totalSteps: steps,
        },
      );
      const gradientOf = leastSquaresGradient(() => trial);
      trial.steps(steps, gradientOf);
      const w = trial.weights();
      const best = solveLasso(l1);
      const g = gradientAt(w);
      w.forEach((weight, i) => {
        assert.ok(Math.abs(weight - best[i]) < 1e-9, `weight ${i}: ${weight}, ${best[i]}`);
        if (weight === 0) assert.ok(Math.abs(g[i]) <= l1 + 1e-9);
        else assert.ok(Math.abs(g[i] + Math.sign(weight) * l1) < 1e-9);
        assert.equal(weight === 0, best[i] === 0, "the same support");
      });
      const live = w.filter((weight) => weight !== 0).length;
      assert.ok(live > 3 && live < COLUMNS - 3, `${live} live`);
    }
  });
});

test("works on a network that does not spike, the same code", () => {
  // 4 inputs, 12 rectifiers, 1 output, on f(x) = x0·x1 sign-wise; gradients by hand.
  const graph: LayerGraph = {
    name: "mlp",
    inputShape: [4],
    layers: [
      { name: "hidden", inputs: ["input"], op: "linear", features: 12, bias: false },
      { name: "act", inputs: ["hidden"], op: "relu" },
      { name: "out", inputs: ["act"], op: "linear", features: 1, bias: false },
    ],
    output: "out",
  };
  const data = Array.from({ length: 32 }, (_, s) => {
    const x = Array.from({ length: 4 }, (_, i) => 2 * hashed(20, s, i) - 1);
    return { x, y: Math.max(0, x[0] - x[1]) };
  });
  for (const [optimizer, rate, threshold] of [
    [ADAM, 0.02, 1.5],
    [{ ...SGD, weightDecay: 1e-5 }, 0.05, 0.4],
  ] as const) {
    const totalSteps = 600;
    const trial = startTrial(
      lats,
      { threshold },
      {
        graph,
        optimizer,
        totalSteps,
        rateOf: (n) => (rate / 2) * (1 + Math.cos((Math.PI * n) / totalSteps)),
      },
    );
    let gradients: number[][] = [];
    const backward = (): number => {
      const [first, second] = trial.prunable.map(({ value }) => value);
      gradients = [new Array<number>(48).fill(0), new Array<number>(12).fill(0)];
      let loss = 0;
      for (const { x, y } of data) {
        const hidden = Array.from({ length: 12 }, (_, h) => {
          let sum = 0;
          for (let i = 0; i < 4; i++) sum += first[4 * h + i] * x[i];
          return Math.max(0, sum);
        });
        const miss = hidden.reduce((sum, a, h) => sum + a * second[h], -y);
        loss += miss ** 2 / data.length;
        hidden.forEach((a, h) => {
          gradients[1][h] += (2 * miss * a) / data.length;
          if (a > 0)
            for (let i = 0; i < 4; i++)
              gradients[0][4 * h + i] += (2 * miss * second[h] * x[i]) / data.length;
        });
      }
      return loss;
    };
    const before = backward();
    trial.steps(totalSteps, (_, p, i) => {
      if (p === 0 && i === 0) backward();
      return gradients[p][i];
    });
    const live = trial.prunable.reduce((sum, { value }) => sum + nonzeroCount(value), 0);
    assert.ok(backward() < before / 10, `${optimizer.name}: loss ${backward()}, was ${before}`);
    assert.ok(live > 0 && live < 40, `${optimizer.name}: ${live} of 60 weights are left`);
  }
});

test("prunes much the same share under any schedule of the learning rate, with any optimizer", () => {
  // With momentum 0.9 a step is worth ten; Adam's are worth up to one whatever the gradient.
  for (const [optimizer, scale, l1] of [
    [ADAM, 1, 0.5],
    [SGD, 10, 0.8],
  ] as const) {
    const shares = Object.values(RATES).map((rate) => {
      const rateOf = (n: number): number => scale * rate(n);
      let rateSum = 0;
      for (let n = 0; n < 200; n++) rateSum += rateOf(n);
      const trial = startTrial(lats, { threshold: l1 * rateSum }, { ...LONG, rateOf, optimizer });
      trial.steps(200);
      const weights = trial.weights();
      return weights.filter((w) => w !== 0).length / weights.length;
    });
    assert.ok(
      Math.min(...shares) > 0.3 && Math.max(...shares) < 0.8,
      `${optimizer.name}: ${shares.join(", ")}`,
    );
    assert.ok(Math.max(...shares) - Math.min(...shares) < 0.2, `${optimizer.name}: ${shares.join(", ")}`);
  }
});
