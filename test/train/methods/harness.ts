// A method under test without a network: gradients come from a seeded function of the visible weights.
import type { Backend } from "#train/engine/backend";
import { createReferenceBackend, type Precision } from "#train/engine/reference";
import { type LayerGraph, planGraph } from "#train/graph";
import type { MethodContext, MethodRun, SparseMethod } from "#train/methods/method";
import { ADAM, createOptimizer, type OptimizerSpec } from "#train/optimizer";
import { createParameters, type Parameter } from "#train/parameters";
import { createRandom, seedFrom } from "#train/random";
import type { StateTree } from "#train/state";

export const SGD: OptimizerSpec = { name: "sgd", momentum: 0.9, weightDecay: 1e-4 };

/** 288 and 1,440 prunable weights, a batch normalisation between them. */
export const SMALL_GRAPH: LayerGraph = {
  name: "small",
  inputShape: [2, 6, 6],
  layers: [
    {
      name: "conv",
      inputs: ["input"],
      op: "conv2d",
      channels: 16,
      kernel: [3, 3],
      stride: [2, 2],
      padding: [1, 1],
      groups: 1,
      bias: false,
    },
    { name: "norm", inputs: ["conv"], op: "batch-norm", epsilon: 1e-5, momentum: 0.1, gammaInit: 1 },
    { name: "act", inputs: ["norm"], op: "relu" },
    { name: "flat", inputs: ["act"], op: "flatten" },
    { name: "fc", inputs: ["flat"], op: "linear", features: 10, bias: true },
  ],
  output: "fc",
};

/** dLoss/dw of entry i of prunable array p in step n, the visible weight being w. */
export type GradientOf = (n: number, p: number, i: number, w: number) => number;

/** Pulls every weight to a target of its own, of either sign and the size of the initial weights, with as much noise. */
export const towardsTargets: GradientOf = (n, p, i, w) =>
  w - 0.4 * (tabled(7 + 31 * p + 13 * i) - 0.5) + 0.4 * (tabled(769 * n + 131 * p + 17 * i) - 0.5);

/** Numbers drawn once: a hash for every weight in every step would be most of the time of these tests. */
const TABLE = Float64Array.from({ length: 8191 }, (_, i) => hashed(i));
const tabled = (i: number): number => TABLE[i % TABLE.length];

/** Uniform in [0, 1), the same for the same numbers. */
export function hashed(...numbers: readonly number[]): number {
  return seedFrom(...numbers) / 2 ** 32;
}

export interface TrialOptions {
  /** Of the initial weights. */
  readonly seed?: number;
  /** Of the method's own stream. */
  readonly methodSeed?: number;
  readonly optimizer?: OptimizerSpec;
  readonly rateOf?: (n: number) => number;
  readonly totalSteps?: number;
  readonly stepsPerEpoch?: number;
  readonly gradientOf?: GradientOf;
  readonly precision?: Precision;
  readonly graph?: LayerGraph;
  /** Puts these in place of the initial weights of the prunable arrays, cyclically. */
  readonly weights?: readonly number[];
}

export interface Trial {
  readonly context: MethodContext;
  readonly run: MethodRun;
  readonly prunable: readonly Parameter[];
  /** Steps done. */
  readonly done: () => number;
  /** Fills the gradients, lets the method step, ends epochs and the run where they end. */
  steps(count: number, gradientOf?: GradientOf): void;
  /** All that has to come back after a kill. */
  save(): StateTree;
  restore(state: StateTree): void;
  /** The visible prunable weights, one after the other. */
  weights(): number[];
}

export function startTrial(method: SparseMethod, options: unknown, trial: TrialOptions = {}): Trial {
  const { totalSteps = 120, stepsPerEpoch = 10, optimizer = ADAM, gradientOf = towardsTargets } = trial;
  const backend: Backend = createReferenceBackend({ precision: trial.precision ?? "float32" });
  const plan = planGraph(trial.graph ?? SMALL_GRAPH, true);
  const parameters = createParameters(plan, backend, createRandom(trial.seed ?? 1));
  const prunable = parameters.list.filter(({ role }) => role === "weight");
  const { weights } = trial;
  if (weights !== undefined)
    for (const { value } of prunable) value.forEach((_, i) => (value[i] = weights[i % weights.length]));
  const rateOf = trial.rateOf ?? ((): number => 0.01);
  const context: MethodContext = {
    prunable,
    parameters,
    plan,
    backend,
    random: createRandom(trial.methodSeed ?? 5),
    optimizer,
    totalSteps,
    stepsPerEpoch,
    rateOf,
  };
  const run = method.create(context, method.options.parse(options));
  const others = parameters.list
    .filter((parameter) => !prunable.includes(parameter))
    .map((parameter) => ({
      parameter,
      own: createOptimizer(optimizer, backend, parameter.value.length),
    }));
  let done = 0;
  return {
    context,
    run,
    prunable,
    done: () => done,
    steps(count, gradient = gradientOf) {
      for (let c = 0; c < count; c++) {
        prunable.forEach((parameter, p) => {
          for (let i = 0; i < parameter.value.length; i++)
            parameter.gradient[i] = gradient(done, p, i, parameter.value[i]);
        });
        for (const { parameter, own } of others) {
          parameter.gradient.forEach(
            (_, i) => (parameter.gradient[i] = 0.1 * (tabled(769 * done + i) - 0.5)),
          );
          own.step(parameter.value, parameter.gradient, rateOf(done), done + 1);
        }
        run.step(done++);
        if (done % stepsPerEpoch === 0) run.endEpoch?.(done / stepsPerEpoch - 1);
        if (done === totalSteps) run.finish?.();
      }
    },
    save: () => ({
      done,
      method: run.save(),
      others: Object.fromEntries(
        others.map(({ parameter, own }) => [
          parameter.name,
          { value: parameter.value.slice(), own: own.save() },
        ]),
      ),
    }),
    restore(state) {
      done = state.done as number;
      const saved = state.others as StateTree;
      for (const { parameter, own } of others) {
        const mine = saved[parameter.name] as StateTree;
        parameter.value.set(mine.value as Float32Array);
        own.restore(mine.own as StateTree);
      }
      run.restore(state.method as StateTree);
    },
    weights: () => prunable.flatMap(({ value }) => [...value]),
  };
}

/** What a method saved for one parameter. */
export function savedLayer(trial: Trial, index: number): StateTree {
  return (trial.run.save().layers as StateTree)[trial.prunable[index].name] as StateTree;
}
