// A short training of a real network by a channel method: random spikes, a random target for the head.
import { createExecutor } from "#train/engine/executor";
import { createReferenceBackend, type Precision } from "#train/engine/reference";
import { type LayerGraph, planGraph } from "#train/graph";
import { channel } from "#train/methods/channel";
import type { MethodContext, MethodRun, SparseMethod } from "#train/methods/method";
import { ADAM, createOptimizer, type OptimizerSpec } from "#train/optimizer";
import { createParameters, type Parameters } from "#train/parameters";
import { createRandom, seedFrom } from "#train/random";
import type { StateTree } from "#train/state";
import { trainedModelOf, type TrainedModel } from "#train/trained-model";

export interface ChannelTrialOptions {
  readonly method?: SparseMethod;
  readonly optimizer?: OptimizerSpec;
  readonly totalSteps?: number;
  readonly rate?: number;
  /** Of the initial weights. */
  readonly seed?: number;
  readonly precision?: Precision;
  /** Layers that may be pruned; absent: all. */
  readonly layers?: readonly string[];
}

export interface ChannelTrial {
  readonly parameters: Parameters;
  readonly context: MethodContext;
  readonly run: MethodRun;
  /** Data, forward, backward, optimizers; `finish` after the last. */
  train(count: number): void;
  /** One step of the method with these gradients, all others being zero. */
  stepWith(gradients: Readonly<Record<string, (value: ArrayLike<number>, i: number) => number>>): void;
  value(name: string): number[];
  model(): TrainedModel;
  save(): StateTree;
  restore(state: StateTree): void;
}

export function startChannelTrial(
  graph: LayerGraph,
  options: Readonly<Record<string, unknown>>,
  more: ChannelTrialOptions = {},
): ChannelTrial {
  const { method = channel, optimizer = ADAM, totalSteps = 24, rate = 0.01, precision = "float32" } = more;
  const plan = planGraph(graph, false);
  const backend = createReferenceBackend({ precision });
  const parameters = createParameters(plan, backend, createRandom(more.seed ?? 3));
  for (const { role, value } of parameters.list) if (role === "gamma") value.fill(2);
  const prunable = parameters.list.filter(
    ({ role, layer }) => role === "weight" && (more.layers === undefined || more.layers.includes(layer)),
  );
  const context: MethodContext = {
    prunable,
    parameters,
    plan,
    backend,
    random: createRandom(4),
    optimizer,
    totalSteps,
    stepsPerEpoch: 10,
    rateOf: () => rate,
  };
  const run = method.create(context, method.options.parse(options));
  const others = parameters.list
    .filter((parameter) => !prunable.includes(parameter))
    .map((parameter) => {
      const spec = parameter.role === "weight" ? optimizer : { ...optimizer, weightDecay: 0 };
      return { parameter, own: createOptimizer(spec, backend, parameter.value.length) };
    });
  const executor = createExecutor({ plan, parameters, backend, steps: 3, maxBatch: 2, learns: true });
  let done = 0;
  const move = (): void => {
    for (const { parameter, own } of others) own.step(parameter.value, parameter.gradient, rate, done + 1);
    run.step(done++);
    if (done === totalSteps) run.finish?.();
  };
  const find = (name: string): Parameters["list"][number] => {
    const found = parameters.list.find((parameter) => parameter.name === name);
    if (found === undefined) throw new Error(`no parameter ${name}`);
    return found;
  };
  return {
    parameters,
    context,
    run,
    train(count) {
      for (let c = 0; c < count; c++) {
        const random = createRandom(seedFrom(9, done));
        for (let i = 0; i < executor.input.length; i++) executor.input[i] = random.next() < 0.5 ? 1 : 0;
        executor.forward(2, { training: true, seed: done });
        executor.output.forEach((value, i) => {
          executor.outputGradient[i] = (value - (i % 3)) / executor.output.length;
        });
        executor.backward(2);
        move();
      }
    },
    stepWith(gradients) {
      for (const { name, value, gradient } of parameters.list)
        gradient.forEach((_, i) => (gradient[i] = gradients[name]?.(value, i) ?? 0));
      move();
    },
    value: (name) => [...find(name).value],
    model: () => trainedModelOf(plan, parameters),
    save: () => ({
      done,
      method: run.save(),
      others: Object.fromEntries(
        others.map(({ parameter, own }) => [
          parameter.name,
          { value: parameter.value.slice(), own: own.save() },
        ]),
      ),
      statistics: Object.fromEntries(
        parameters.statistics.map(({ layer, mean, variance }) => [
          layer,
          { mean: mean.slice(), variance: variance.slice() },
        ]),
      ),
    }),
    restore(state) {
      done = state.done as number;
      for (const { parameter, own } of others) {
        const saved = (state.others as StateTree)[parameter.name] as StateTree;
        parameter.value.set(saved.value as Float32Array);
        own.restore(saved.own as StateTree);
      }
      for (const { layer, mean, variance } of parameters.statistics) {
        const saved = (state.statistics as StateTree)[layer] as StateTree;
        mean.set(saved.mean as Float32Array);
        variance.set(saved.variance as Float32Array);
      }
      run.restore(state.method as StateTree);
    },
  };
}
