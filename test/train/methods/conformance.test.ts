// What every sparse method owes us, and where the methods differ: the property matrix. Loops over the registry: a new method
// is tested by being listed, once it has taken a stand on every row.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { METHODS, methodNamed } from "#train/methods/index";
import { nonzeroCount, type SparseMethod } from "#train/methods/method";
import { ADAM, type OptimizerSpec } from "#train/optimizer";
import type { StateTree, StateValue } from "#train/state";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
import {
  type GradientOf,
  savedLayer,
  SGD,
  startTrial,
  type Trial,
  type TrialOptions,
  towardsTargets,
} from "./harness.ts";

/** How a method is run here: options that prune a good part within 120 steps, and the setting that leaves it dense. */
interface Setting {
  readonly pruning: Readonly<Record<string, unknown>>;
  readonly noop: Readonly<Record<string, unknown>>;
  /** Live weights per array, where some that live are zero still. */
  readonly liveCounts?: (trial: Trial) => number[];
  /** `facts` counts groups of weights. */
  readonly countsGroups?: boolean;
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  dense: { pruning: {}, noop: {} },
  gmp: { pruning: { density: 0.2 }, noop: { density: 1 } },
  "static-random": { pruning: { density: 0.2 }, noop: { density: 1 } },
  "grad-r": { pruning: { alpha: 0.2 }, noop: { alpha: 0 } },
  stds: { pruning: { threshold: 0.8 }, noop: { threshold: 0 } },
  lats: { pruning: { threshold: 0.8 }, noop: { threshold: 0 } },
  // Strict, so that what is pruned is zero in every step. The comparison with dense training ends before pruning begins.
  "sd-snn": {
    pruning: {
      window: 3,
      strict: true,
      pruneOutput: true,
      linear: { initialRate: 60, regrowAfter: 1 },
      conv: { initialRate: 60, regrowAfter: 1 },
    },
    noop: { window: 3, clipAfter: 99 },
  },
  esl: {
    pruning: { density: 0.2, everySteps: 20, growth: "gradient" },
    noop: { density: 1 },
    liveCounts: (trial) =>
      trial.prunable.map((_, p) => ones((savedLayer(trial, p).masked as StateTree).mask as Uint8Array)),
  },
  channel: {
    pruning: { variant: "group-soft-threshold", finalThreshold: 0.75 },
    noop: { variant: "gate", parameters: 1 },
    countsGroups: true,
  },
};

/** "no claim": the property is neither promised nor excluded. */
type Stands<Stand extends string> = Readonly<Record<string, Stand | "no claim">>;

/** Row of the matrix. `check` runs for every method that claims something. */
interface Property {
  readonly title: string;
  readonly stands: Readonly<Record<string, string>>;
  readonly check: (method: SparseMethod, stand: string) => void;
}

function property<Stand extends string>(row: {
  title: string;
  stands: Stands<Stand>;
  check: (method: SparseMethod, stand: Stand) => void;
}): Property {
  return row as Property;
}

const start = (method: SparseMethod, kind: "pruning" | "noop", more: TrialOptions = {}): Trial => {
  return startTrial(method, SETTINGS[method.name][kind], more);
};

const MATRIX: readonly Property[] = [
  property<"stays" | "can flip">({
    title: "sign of a weight",
    stands: {
      dense: "can flip",
      gmp: "can flip",
      "static-random": "can flip",
      "grad-r": "stays",
      stds: "can flip",
      lats: "can flip",
      "sd-snn": "no claim",
      esl: "no claim",
      channel: "no claim",
    },
    check(method, stand) {
      const trial = start(method, "pruning");
      const signs = trial.weights().map(Math.sign);
      const flipped = new Set<number>();
      for (let n = 0; n < 120; n++) {
        // First away from where it is, later back.
        trial.steps(1, (_, p, i, w) => w + (n < 60 ? 1 : -1) * 0.2 * initialSign(p, i));
        trial.weights().forEach((w, i) => {
          if (w !== 0 && signs[i] !== 0 && Math.sign(w) !== signs[i]) flipped.add(i);
        });
      }
      if (stand === "stays") assert.equal(flipped.size, 0);
      else assert.ok(flipped.size > 50, `only ${flipped.size} weights ever changed their sign`);

      function initialSign(p: number, i: number): number {
        return signs[p === 0 ? i : trial.prunable[0].value.length + i];
      }
    },
  }),

  property<"moves what is hidden" | "has no effect" | "only scores growth">({
    title: "gradient of a pruned weight",
    stands: {
      dense: "no claim",
      gmp: "has no effect",
      "static-random": "has no effect",
      "grad-r": "moves what is hidden",
      stds: "moves what is hidden",
      lats: "moves what is hidden",
      "sd-snn": "moves what is hidden",
      esl: "only scores growth",
      channel: "moves what is hidden",
    },
    check(method, stand) {
      const after = (step: number, push: number): { visible: number[]; state: StateTree } => {
        const trial = start(method, "pruning");
        trial.steps(step);
        const isPruned = trial.prunable.map(({ value }) => Array.from(value, (w) => w === 0));
        assert.ok(isPruned.flat().includes(true), "nothing is pruned yet");
        // Pushes of different sizes, so that they make a ranking.
        trial.steps(1, (n, p, i, w) => (isPruned[p][i] ? push * (1 + i) : towardsTargets(n, p, i, w)));
        return { visible: trial.weights(), state: trial.run.save() };
      };
      const [quiet, pushed] = [after(101, 0), after(101, 1e-3)];
      if (stand === "moves what is hidden")
        assert.notDeepEqual(withoutMoments(pushed.state), withoutMoments(quiet.state));
      else assert.deepEqual(pushed, quiet);
      // The 80th step is one with an exchange.
      if (stand === "only scores growth") assert.notDeepEqual(after(79, 1e-3), after(79, 0));
    },
  }),

  property<"exactly constant" | "falls">({
    title: "density while training",
    stands: {
      dense: "exactly constant",
      gmp: "falls",
      "static-random": "exactly constant",
      "grad-r": "falls",
      stds: "falls",
      lats: "falls",
      "sd-snn": "falls",
      esl: "exactly constant",
      channel: "falls",
    },
    check(method, stand) {
      const trial = start(method, "pruning");
      const first = liveCounts(method, trial);
      for (let n = 0; n < 120; n++) {
        trial.steps(1);
        if (stand === "exactly constant")
          assert.deepEqual(liveCounts(method, trial), first, `after step ${n}`);
      }
      if (stand === "falls") {
        const share = sum(liveCounts(method, trial)) / sum(first);
        assert.ok(share > 0.02 && share < 0.7, `${share} of the weights are left`);
      }
    },
  }),

  property<"dense" | "at the wanted density">({
    title: "start",
    stands: {
      dense: "dense",
      gmp: "dense",
      "static-random": "at the wanted density",
      "grad-r": "dense",
      stds: "dense",
      lats: "dense",
      "sd-snn": "dense",
      esl: "at the wanted density",
      channel: "dense",
    },
    check(method, stand) {
      const trial = start(method, "pruning");
      const weights = sum(trial.prunable.map(({ value }) => value.length));
      const share = sum(liveCounts(method, trial)) / weights;
      if (stand === "dense") assert.equal(share, 1);
      else {
        const wanted = SETTINGS[method.name].pruning.density as number;
        assert.ok(Math.abs(share - wanted) * weights <= trial.prunable.length, `density ${share}`);
      }
    },
  }),

  property<"equal">({
    title: "numbers pruned and regrown at once",
    stands: {
      dense: "equal",
      gmp: "no claim",
      "static-random": "equal",
      "grad-r": "no claim",
      stds: "no claim",
      lats: "no claim",
      "sd-snn": "no claim",
      esl: "equal",
      channel: "no claim",
    },
    check(method) {
      const trial = start(method, "pruning");
      for (let n = 0; n < 120; n++) {
        trial.steps(1);
        const { pruned = 0, regrown = 0 } = trial.run.facts();
        assert.equal(pruned, regrown, `in step ${n}`);
      }
    },
  }),

  property<"equals dense training bit by bit">({
    title: "setting that asks for nothing",
    stands: {
      dense: "equals dense training bit by bit",
      gmp: "equals dense training bit by bit",
      "static-random": "equals dense training bit by bit",
      "grad-r": "equals dense training bit by bit",
      stds: "equals dense training bit by bit",
      lats: "equals dense training bit by bit",
      "sd-snn": "equals dense training bit by bit",
      esl: "equals dense training bit by bit",
      channel: "equals dense training bit by bit",
    },
    check(method) {
      const [dense] = METHODS;
      for (const [optimizer, rate] of OPTIMIZERS) {
        // Targets on the side of the initial weight, so that no sign has to change (where signs are fixed, that would show).
        const more: TrialOptions = { optimizer, rateOf: () => rate, gradientOf: outwards, weights: APART };
        const [bare, own] = [startTrial(dense, {}, more), start(method, "noop", more)];
        for (let n = 0; n < 60; n++) {
          bare.steps(1);
          own.steps(1);
          assert.deepEqual(own.weights(), bare.weights(), `${optimizer.name}, after step ${n}`);
        }
      }
    },
  }),

  property<"none" | "from its stream alone">({
    title: "randomness of the method",
    stands: {
      dense: "none",
      gmp: "none",
      "static-random": "from its stream alone",
      "grad-r": "none",
      stds: "none",
      lats: "none",
      "sd-snn": "none",
      esl: "from its stream alone",
      channel: "none",
    },
    check(method, stand) {
      const after = (methodSeed: number): StateTree => {
        const trial = start(method, "pruning", { methodSeed });
        trial.steps(120);
        return trial.save();
      };
      assert.deepEqual(after(1), after(1));
      if (stand === "none") assert.deepEqual(after(1), after(2));
      else assert.notDeepEqual(after(1), after(2));
    },
  }),

  property<"possible" | "never">({
    title: "regrowth of a pruned weight",
    stands: {
      dense: "no claim",
      gmp: "never",
      "static-random": "never",
      "grad-r": "possible",
      stds: "possible",
      lats: "possible",
      "sd-snn": "possible",
      esl: "possible",
      channel: "possible",
    },
    check(method, stand) {
      const trial = start(method, "pruning");
      const pruned = new Set<number>();
      let regrown = 0;
      let counted = 0;
      const signs = trial.prunable.map(({ value }) =>
        Array.from(value, (w, i) => Math.sign(w) || 1 - 2 * (i % 2)),
      );
      for (let n = 0; n < 120; n++) {
        // Away from zero and past it in turns, every 18 weights (the filters of a channel) at times of their own.
        trial.steps(1, (_, p, i, w) => {
          const isOutwards = Math.sin(n / 16 + Math.floor(i / 18)) > 0;
          return w - signs[p][i] * (isOutwards ? 0.4 : -0.1);
        });
        counted += trial.run.facts().regrown ?? 0;
        trial.weights().forEach((w, i) => {
          if (w === 0) pruned.add(i);
          else if (pruned.delete(i)) regrown++;
        });
      }
      assert.ok(pruned.size > 0, "nothing was pruned");
      if (SETTINGS[method.name].countsGroups !== true)
        assert.equal(counted, regrown, "what the method counts");
      if (stand === "never") assert.equal(regrown, 0);
      else assert.ok(regrown > 10, `only ${regrown} weights came back`);
    },
  }),

  property<"goes on bit by bit">({
    title: "run that was saved and restored",
    stands: {
      dense: "goes on bit by bit",
      gmp: "goes on bit by bit",
      "static-random": "goes on bit by bit",
      "grad-r": "goes on bit by bit",
      stds: "goes on bit by bit",
      lats: "goes on bit by bit",
      "sd-snn": "goes on bit by bit",
      esl: "goes on bit by bit",
      channel: "goes on bit by bit",
    },
    check(method) {
      for (const [optimizer, rate] of OPTIMIZERS) {
        const more: TrialOptions = { optimizer, rateOf: (n) => rate * (1 - n / 240) };
        for (const cut of [0, 59, 84]) {
          const whole = start(method, "pruning", more);
          whole.steps(cut);
          const saved = whole.save();
          const kept = structuredClone(saved);
          // Another start, another stream: everything has to come out of the saved state.
          const resumed = start(method, "pruning", { ...more, seed: 77, methodSeed: 78 });
          resumed.steps(3);
          resumed.restore(kept);
          assert.deepEqual(resumed.weights(), whole.weights(), `weights at ${cut}`);
          assert.deepEqual(resumed.save(), saved, `state at ${cut}`);
          whole.steps(120 - cut);
          assert.deepEqual(saved, kept, "a saved state does not move with the run");
          resumed.steps(120 - cut);
          assert.deepEqual(resumed.save(), whole.save(), `state at the end, from ${cut}`);
          assert.deepEqual(resumed.weights(), whole.weights(), `weights at the end, from ${cut}`);
          assert.deepEqual(resumed.run.facts(), whole.run.facts());
        }
      }
    },
  }),

  // Proved in the method's own file, under the title given here.
  inOwnFile("prox: closed form and laws", {
    dense: "no claim",
    gmp: "no claim",
    "static-random": "no claim",
    "grad-r": "shows w = s·max(θ, 0) bit by bit",
    stds: "is the proximal operator of d|·|",
    lats: "shares the operator of stds",
    "sd-snn": "no claim",
    esl: "no claim",
    channel: "no claim",
  }),
  inOwnFile("golden values of the schedule", {
    dense: "no claim",
    gmp: "follows the cubic ramp",
    "static-random": "no claim",
    "grad-r": "places the prior as in the table",
    stds: "gives the golden values of sine and linear",
    lats: "gives the golden table",
    "sd-snn": "no claim",
    esl: "no claim",
    channel: "no claim",
  }),
  inOwnFile("KKT conditions on least squares", {
    dense: "no claim",
    gmp: "no claim",
    "static-random": "no claim",
    "grad-r": "solves the sign-constrained lasso",
    stds: "no claim",
    lats: "solves the lasso",
    "sd-snn": "no claim",
    esl: "no claim",
    channel: "no claim",
  }),
];

const OPTIMIZERS: readonly (readonly [OptimizerSpec, number])[] = [
  [ADAM, 0.01],
  [{ ...ADAM, weightDecay: 0.01 }, 0.01],
  [SGD, 0.05],
];

const APART = [0.1, -0.2, 0.3, -0.15];
const outwards: GradientOf = (n, p, i, w) =>
  0.1 * (w - 1.5 * APART[i % APART.length]) + 0.001 * towardsTargets(n, p, i, w);

function inOwnFile(title: string, stands: Stands<string>): Property {
  return {
    title,
    stands,
    check(method, testTitle) {
      const file = new URL(`./${method.name}.test.ts`, import.meta.url);
      assert.ok(existsSync(file), `there is no ${method.name}.test.ts`);
      assert.ok(readFileSync(file, "utf8").includes(`test("${testTitle}`), `no test "${testTitle}"`);
    },
  };
}

function liveCounts(method: SparseMethod, trial: Trial): number[] {
  const { liveCounts: own } = SETTINGS[method.name];
  return own?.(trial) ?? trial.prunable.map(({ value }) => nonzeroCount(value));
}

function ones(mask: Uint8Array): number {
  return mask.reduce((count, one) => count + one, 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/** The state but for the optimizers': what a gradient leaves there alone does not count as an effect. */
function withoutMoments(state: StateTree): StateTree {
  const isTree = (value: StateValue): value is StateTree =>
    typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
  return Object.fromEntries(
    Object.entries(state)
      .filter(([name]) => name !== "optimizer")
      .map(([name, value]) => [name, isTree(value) ? withoutMoments(value) : value]),
  );
}

for (const method of METHODS) {
  describe(`method ${method.name}`, () => {
    test("takes a stand on every row", () => {
      assert.ok(SETTINGS[method.name] !== undefined, "no setting to run it with");
      for (const { title, stands } of MATRIX) assert.ok(stands[method.name] !== undefined, title);
    });

    for (const { title, stands, check } of MATRIX) {
      const stand = stands[method.name];
      if (stand !== undefined && stand !== "no claim")
        test(`${title}: ${stand}`, () => {
          check(method, stand);
        });
    }

    test("says what it is, and explains every option", () => {
      for (const text of [method.name, method.summary, method.source]) assert.ok(text.length > 2);
      const { shape } = method.options as unknown as { shape: Record<string, { description?: string }> };
      for (const [option, schema] of Object.entries(shape))
        assert.ok((schema.description ?? "").length > 10, `option "${option}"`);
      const { density } = method;
      if (density.kind === "exact") assert.ok(density.option in shape);
      if (density.kind === "emergent") {
        assert.ok(density.knob in shape);
        assert.ok(density.start({ meanAbsoluteWeight: 0.02, rateSum: 2 }) > 0);
      }
    });

    test("accepts no option it does not know", () => {
      const { pruning } = SETTINGS[method.name];
      assert.equal(method.options.safeParse(pruning).success, true);
      assert.equal(method.options.safeParse({ ...pruning, unheardOf: 1 }).success, false);
    });
  });
}

describe("the registry", () => {
  test("has every name once, and no row speaks of a method that is not there", () => {
    const names = METHODS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { title, stands } of MATRIX)
      for (const name of Object.keys(stands)) assert.ok(names.includes(name), `${title}: ${name}`);
  });

  test("finds a method by its name, and guesses what was meant", () => {
    const sink = new DiagnosticSink();
    assert.equal(methodNamed("stds", sink)?.name, "stds");
    assert.deepEqual(sink.diagnostics, []);
    assert.equal(methodNamed("grad", sink), undefined);
    assert.equal(
      formatDiagnostic(sink.diagnostics[0]),
      [
        'error[train/method-unknown]: there is no sparse method "grad".',
        "  at method.name",
        '  try: did you mean "grad-r"?',
      ].join("\n"),
    );
  });
});
