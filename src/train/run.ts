// One training run: steps, epochs, evaluation, and its whole state for a checkpoint.
import { DiagnosticSink, invariant, ToolchainError } from "#util/diagnostic";
import type { Dataset } from "./dataset.ts";
import { densityOf, type DensityReport } from "./density.ts";
import type { Backend, Floats } from "./engine/backend.ts";
import { createExecutor, type Executor } from "./engine/executor.ts";
import { epochOrder, feed, isStaticEncoder } from "./feed.ts";
import { type GraphPlan, planGraph, sizeOf } from "./graph.ts";
import { lossOf } from "./loss.ts";
import { methodNamed } from "./methods/index.ts";
import type { MethodRun } from "./methods/method.ts";
import { createOperationCounter, type OperationKind } from "./operations.ts";
import { createOptimizer } from "./optimizer.ts";
import type { TrainingOptions } from "./options.ts";
import { createParameters, type Parameter, type Parameters } from "./parameters.ts";
import { createRandom, seedFrom } from "./random.ts";
import { checkData, checkState } from "./run-check.ts";
import {
  deadLayer,
  lossNotANumber,
  methodOptions,
  silentLayer,
  unknownLayer,
  weightsNotFinite,
} from "./run-diagnostics.ts";
import { learningRate } from "./schedule.ts";
import type { StateTree } from "./state.ts";

export interface TrainingRun {
  readonly options: TrainingOptions;
  readonly plan: GraphPlan;
  readonly parameters: Parameters;
  readonly method: MethodRun;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  /** Optimizer steps done. */
  readonly stepsDone: number;
  /**
   * One optimizer step (and what the method does at the end of an epoch). All randomness depends on seed and step alone,
   * so a restored run goes on exactly as the uninterrupted one.
   *
   * @throws ToolchainError `train/loss-not-a-number`, `train/weights-not-finite`, `train/dead-layer`, `train/silent-layer`
   */
  step(): StepReport;
  /** Density of every prunable layer, and of all together. */
  density(): DensityReport;
  evaluate(data: Dataset, onProgress?: (done: number, total: number) => void): Evaluation;
  save(): StateTree;
  /** @throws ToolchainError `train/checkpoint-of-another-run` */
  restore(state: StateTree): void;
  /** Gives the backend's arrays back. */
  dispose(): void | Promise<void>;
}

export interface StepReport {
  /** From 0. */
  readonly step: number;
  readonly epoch: number;
  readonly endsEpoch: boolean;
  readonly loss: number;
  readonly accuracy: number;
  readonly learningRate: number;
}

export interface Evaluation {
  readonly samples: number;
  readonly accuracy: number;
  readonly loss: number;
  /** Mean spikes per sample of every neuron layer, over all steps. */
  readonly spikesPerSample: readonly {
    readonly layer: string;
    readonly spikes: number;
    readonly neurons: number;
  }[];
  /** Mean operations per sample of every weight layer: accumulates where the input is spikes, multiplications where it is real. */
  readonly operationsPerSample: readonly {
    readonly layer: string;
    readonly kind: OperationKind;
    readonly operations: number;
  }[];
}

/** Weights are looked at for what cannot be learnt from any more every so many steps, and at the end of each epoch. */
const HEALTH_STEPS = 20;
/** A layer may be silent in the last batch of so many epochs in a row, and for so many steps, no more: at first many are. */
const SILENT_EPOCHS = 3;
const SILENT_STEPS = 200;
/** Random codes of an evaluation: the same in every evaluation. */
const EVALUATION_SEED = 0x5eed;

/**
 * A run before its first step. The incomplete batch at the end of an epoch is left out.
 *
 * @throws ToolchainError if the graph, the options and the data do not fit
 */
export function createTrainingRun(
  options: TrainingOptions,
  training: Dataset,
  backend: Backend,
): TrainingRun {
  const { encoder, steps, loss, optimizer, seed, epochs } = options;
  const plan = planGraph(options.graph, isStaticEncoder(encoder));
  checkData(plan, training, encoder);
  const samples = training.labels.length;
  const batchSize = Math.min(options.batchSize, samples);
  const stepsPerEpoch = Math.floor(samples / batchSize);
  const totalSteps = epochs * stepsPerEpoch;
  const rateOf = learningRate(options.schedule, epochs, stepsPerEpoch);

  const parameters = createParameters(plan, backend, createRandom(seedFrom(seed, 10)));
  const prunable = prunableOf(parameters, options);
  const method = createMethod();
  const others = parameters.list
    .filter((p) => !prunable.includes(p))
    .map((parameter) => {
      const spec = parameter.role === "weight" ? optimizer : { ...optimizer, weightDecay: 0 };
      return { parameter, optimizer: createOptimizer(spec, backend, parameter.value.length) };
    });
  const executor = createExecutor({ plan, parameters, backend, steps, maxBatch: batchSize, learns: true });
  const neurons = plan.layers.flatMap(({ layer, outputShape }, index) =>
    layer.op === "neuron" ? [{ index, name: layer.name, size: sizeOf(outputShape) }] : [],
  );
  const silentEpochs = new Uint32Array(neurons.length);
  let evaluator: Evaluator | undefined;
  let stepsDone = 0;
  let order: { readonly epoch: number; readonly samples: Uint32Array } | undefined;

  function createMethod(): MethodRun {
    const sink = new DiagnosticSink();
    const found = methodNamed(options.method.name, sink);
    sink.throwIfErrors();
    invariant(found !== undefined, "a method that is not found is reported");
    const parsed = found.options.safeParse(options.method.options);
    if (!parsed.success)
      throw new ToolchainError(
        parsed.error.issues.map((issue) =>
          methodOptions({ method: found.name, option: issue.path.join("."), fault: issue.message }),
        ),
      );
    const random = createRandom(seedFrom(seed, 11));
    return found.create(
      { prunable, parameters, plan, backend, random, optimizer, totalSteps, stepsPerEpoch, rateOf },
      parsed.data,
    );
  }

  function step(): StepReport {
    const n = stepsDone;
    const epoch = Math.floor(n / stepsPerEpoch);
    if (order?.epoch !== epoch) order = { epoch, samples: epochOrder(samples, seed, epoch) };
    const start = (n % stepsPerEpoch) * batchSize;
    const shown = order.samples.subarray(start, start + batchSize);
    const labels = Array.from(shown, (sample) => training.labels[sample]);
    const { augmentation } = options;
    feed(
      { data: training, samples: shown, encoder, steps, seed: seedFrom(seed, epoch, 4), augmentation },
      executor.input,
    );
    executor.forward(batchSize, { training: true, seed: seedFrom(seed, n, 5) });
    const classes = sizeOf(plan.layers[plan.output].outputShape);
    const result = lossOf(
      loss,
      executor.output,
      labels,
      executor.outputSteps,
      classes,
      executor.outputGradient,
    );
    const rate = rateOf(n);
    if (!Number.isFinite(result.loss))
      throw new ToolchainError([lossNotANumber({ epoch, step: n, learningRate: rate })]);
    executor.backward(batchSize);
    for (const { parameter, optimizer } of others)
      optimizer.step(parameter.value, parameter.gradient, rate, n + 1);
    method.step(n);
    stepsDone = n + 1;
    const endsEpoch = stepsDone % stepsPerEpoch === 0;
    if (endsEpoch) method.endEpoch?.(epoch);
    if (stepsDone === totalSteps) method.finish?.();
    if (endsEpoch || stepsDone % HEALTH_STEPS === 0) checkHealth(n, epoch);
    if (endsEpoch) checkSilence(epoch);
    return {
      step: n,
      epoch,
      endsEpoch,
      loss: result.loss,
      accuracy: result.correct / batchSize,
      learningRate: rate,
    };
  }

  function checkHealth(n: number, epoch: number): void {
    for (const { value, name } of parameters.list) {
      let sum = 0;
      for (let i = 0; i < value.length; i++) sum += value[i];
      if (!Number.isFinite(sum))
        throw new ToolchainError([
          weightsNotFinite({ parameter: name, epoch, step: n, learningRate: rateOf(n) }),
        ]);
    }
    const dead = densityOf(prunable).layers.filter(({ nonzero }) => nonzero === 0);
    if (dead.length > 0)
      throw new ToolchainError(
        dead.map(({ layer, weights }) => deadLayer({ layer, weights, epoch, step: n })),
      );
  }

  function checkSilence(epoch: number): void {
    neurons.forEach(({ index, size }, i) => {
      const spikes = executor.activation(index).subarray(0, steps * batchSize * size);
      silentEpochs[i] = spikes.some((s) => s !== 0) ? 0 : silentEpochs[i] + 1;
    });
    const silent = neurons.flatMap(({ name }, i) => {
      const epochs = silentEpochs[i];
      const isDead = epochs >= SILENT_EPOCHS && epochs * stepsPerEpoch >= SILENT_STEPS;
      return isDead ? [silentLayer({ layer: name, epochs, epoch })] : [];
    });
    if (silent.length > 0) throw new ToolchainError(silent);
  }

  function evaluate(data: Dataset, onProgress?: (done: number, total: number) => void): Evaluation {
    checkData(plan, data, encoder);
    evaluator ??= {
      executor: createExecutor({ plan, parameters, backend, steps, maxBatch: batchSize, learns: false }),
      sums: backend.allocate(widestLayer(plan)),
    };
    return evaluateWith(evaluator, data, onProgress);
  }

  function evaluateWith(
    { executor, sums }: Evaluator,
    data: Dataset,
    onProgress?: (done: number, total: number) => void,
  ): Evaluation {
    const all = data.labels.length;
    const counter = createOperationCounter(plan, parameters, backend, sums, steps, !isStaticEncoder(encoder));
    const classes = sizeOf(plan.layers[plan.output].outputShape);
    const spikes = new Float64Array(neurons.length);
    let lossSum = 0;
    let correct = 0;
    for (let start = 0; start < all; start += batchSize) {
      const shown = Uint32Array.from({ length: Math.min(batchSize, all - start) }, (_, i) => start + i);
      const labels = Array.from(shown, (sample) => data.labels[sample]);
      const batch = shown.length;
      feed({ data, samples: shown, encoder, steps, seed: EVALUATION_SEED }, executor.input);
      executor.forward(batch, { training: false, seed: 0 });
      const result = lossOf(loss, executor.output, labels, executor.outputSteps, classes);
      lossSum += result.loss * batch;
      correct += result.correct;
      neurons.forEach(({ index, size }, i) => {
        const rows = steps * batch;
        const fired = executor.activation(index).subarray(0, rows * size);
        backend.channelSums(fired, sums.subarray(0, size), rows, size, 1);
        for (let j = 0; j < size; j++) spikes[i] += sums[j];
      });
      counter.count(executor, executor.input, batch);
      onProgress?.(start + batch, all);
    }
    return {
      samples: all,
      accuracy: correct / all,
      loss: lossSum / all,
      spikesPerSample: neurons.map(({ name, size }, i) => ({
        layer: name,
        spikes: spikes[i] / all,
        neurons: size,
      })),
      operationsPerSample: counter.layers.map((l) => ({ ...l, operations: l.operations / all })),
    };
  }

  function save(): StateTree {
    return {
      stepsDone,
      seed,
      totalSteps,
      silentEpochs: silentEpochs.slice(),
      values: Object.fromEntries(parameters.list.map((p) => [p.name, p.value.slice()])),
      statistics: Object.fromEntries(
        parameters.statistics.map((s) => [s.layer, { mean: s.mean.slice(), variance: s.variance.slice() }]),
      ),
      optimizers: Object.fromEntries(others.map((o) => [o.parameter.name, o.optimizer.save()])),
      methodName: options.method.name,
      method: method.save(),
    };
  }

  function restore(state: StateTree): void {
    checkState(state, { seed, totalSteps, methodName: options.method.name }, parameters);
    const values = state.values as Record<string, Float32Array>;
    for (const p of parameters.list) p.value.set(values[p.name]);
    const statistics = state.statistics as Record<string, { mean: Float32Array; variance: Float32Array }>;
    for (const s of parameters.statistics) {
      s.mean.set(statistics[s.layer].mean);
      s.variance.set(statistics[s.layer].variance);
    }
    const optimizers = state.optimizers as Record<string, StateTree>;
    for (const o of others) o.optimizer.restore(optimizers[o.parameter.name]);
    silentEpochs.set(state.silentEpochs as Uint32Array);
    method.restore(state.method as StateTree);
    stepsDone = state.stepsDone as number;
  }

  return {
    options,
    plan,
    parameters,
    method,
    stepsPerEpoch,
    totalSteps,
    get stepsDone() {
      return stepsDone;
    },
    step,
    density: () => densityOf(prunable),
    evaluate,
    save,
    restore,
    dispose: () => backend.dispose(),
  };
}

interface Evaluator {
  readonly executor: Executor;
  /** Room for one number for every unit of the widest layer. */
  readonly sums: Floats;
}

function widestLayer({ graph, layers }: GraphPlan): number {
  return Math.max(sizeOf(graph.inputShape), ...layers.map(({ outputShape }) => sizeOf(outputShape)));
}

/** The weights that the method may prune: those of the named layers, or all. */
function prunableOf(parameters: Parameters, { method }: TrainingOptions): readonly Parameter[] {
  const weights = parameters.list.filter((p) => p.role === "weight");
  const { layers } = method;
  if (layers === undefined) return weights;
  const known = weights.map((p) => p.layer);
  const unknown = layers.filter((layer) => !known.includes(layer));
  if (unknown.length > 0) throw new ToolchainError(unknown.map((layer) => unknownLayer({ layer, known })));
  return weights.filter((p) => layers.includes(p.layer));
}
