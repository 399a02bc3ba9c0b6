import type * as tensorflow from "@tensorflow/tfjs";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import { ToolchainError } from "#util/diagnostic";
import { tensorflowMissing } from "./diagnostics.ts";
import type { Batch, BatchOutput, LearningRule, TrainingEngine } from "./engine.ts";
import type { DenseLayer, SpikingMlp } from "./model.ts";

type Tensorflow = typeof tensorflow;

/**
 * Training on TensorFlow.js tensors, dense and in float32. Slow on its CPU backend; here it is the judge of
 * the array engine's gradients, which it derives on its own.
 *
 * @param smooth lets neurons emit the surrogate's primitive instead of a step, so that finite differences
 *               of the loss can judge the gradients in turn
 * @throws ToolchainError `train/tensorflow-missing` if @tensorflow/tfjs is not installed
 */
export async function createTfjsEngine(options: { smooth?: boolean } = {}): Promise<TrainingEngine> {
  const smooth = options.smooth ?? false;
  const tf = await loadTensorflow();
  return {
    name: "tfjs",

    forward(model, batch) {
      return Promise.resolve(
        scoped(tf, () => {
          const weights = model.layers.map((layer) => maskedWeights(tf, layer));
          return readOutput(runLayers(tf, model, weights, batch, undefined, false));
        }),
      );
    },

    backward(model, batch, rule) {
      return Promise.resolve(
        scoped(tf, () => {
          const weights = model.layers.map((layer) => maskedWeights(tf, layer));
          const labels = tf.oneHot(
            tf.tensor1d(Int32Array.from(batch.labels)),
            model.layers[model.layers.length - 1].outputs,
          );
          let output: BatchOutput | undefined;
          const lossOf = (...layerWeights: Tensor[]): Tensor => {
            const spikes = runLayers(tf, model, layerWeights as Tensor2D[], batch, rule, smooth);
            output = readOutput(spikes);
            const logits = spikes[spikes.length - 1].sum(1).mul(rule.countGain);
            return tf.losses.softmaxCrossEntropy(labels, logits);
          };
          const { value, grads } = tf.valueAndGrads(lossOf)(weights);
          const gradients = model.layers.map((layer, l) =>
            Float64Array.from(grads[l].dataSync(), (gradient, i) => (layer.mask[i] === 0 ? 0 : gradient)),
          );
          return { ...output!, loss: value.dataSync()[0], gradients };
        }),
      );
    },
  };
}

async function loadTensorflow(): Promise<Tensorflow> {
  try {
    const tf = await import("@tensorflow/tfjs");
    tf.enableProdMode(); // it would print advice to install another backend
    return tf;
  } catch (error) {
    throw new ToolchainError([tensorflowMissing({ reason: error instanceof Error ? error.message : "" })]);
  }
}

/** Frees every tensor that `work` makes; what it returns holds none. */
function scoped<T>(tf: Tensorflow, work: () => T): T {
  tf.engine().startScope();
  try {
    return work();
  } finally {
    tf.engine().endScope();
  }
}

function maskedWeights(tf: Tensorflow, { weights, mask, inputs, outputs }: DenseLayer): Tensor2D {
  return tf.tensor2d(
    weights.map((weight, i) => (mask[i] === 0 ? 0 : weight)),
    [inputs, outputs],
  );
}

/** Spikes of every layer, `[samples, steps, outputs]`. Without a rule nothing is differentiated. */
function runLayers(
  tf: Tensorflow,
  model: SpikingMlp,
  weights: readonly Tensor2D[],
  batch: Batch,
  rule: LearningRule | undefined,
  smooth: boolean,
): Tensor[] {
  const { steps } = batch;
  const samples = batch.samples.length;
  let spikes: Tensor = inputTensor(tf, batch, model.layers[0].inputs);
  return model.layers.map((layer, l) => {
    const { inputs, outputs, tauSteps, threshold } = layer;
    const current = spikes.reshape([samples * steps, inputs]).matMul(weights[l]);
    const currentOfStep = current.reshape([samples, steps, outputs]).unstack(1);
    let v: Tensor = tf.zeros([samples, outputs]);
    const emitted = currentOfStep.map((x) => {
      const h = v.add(x.mul(tauSteps).sub(v).div(tauSteps));
      const s = fire(tf, h.sub(threshold), rule, smooth);
      v = rule?.detachReset ? resetDetached(tf, h, s) : h.mul(s.neg().add(1));
      return s;
    });
    return (spikes = tf.stack(emitted, 1));
  });
}

function fire(tf: Tensorflow, distance: Tensor, rule: LearningRule | undefined, smooth: boolean): Tensor {
  if (rule === undefined) return distance.greater(0).toFloat();
  const { primitive, derivative } = rule.surrogate;
  const map = (x: Tensor, of: (value: number) => number): Tensor =>
    tf.tensor(Float32Array.from(x.dataSync(), of), x.shape);
  return differentiable(tf, [distance], ([x]) => ({
    value: smooth ? map(x, primitive) : x.greater(0).toFloat(),
    factors: [map(x, derivative)],
  }));
}

/** h (1 - s) with a gradient into h only. */
function resetDetached(tf: Tensorflow, h: Tensor, s: Tensor): Tensor {
  return differentiable(tf, [h, s], ([membrane, spikes]) => {
    const kept = spikes.neg().add(1);
    return { value: membrane.mul(kept), factors: [kept, tf.zerosLike(spikes)] };
  });
}

/** An elementwise operation with derivatives of our own: one factor for every input. */
function differentiable(
  tf: Tensorflow,
  inputs: Tensor[],
  operation: (inputs: Tensor[]) => { value: Tensor; factors: Tensor[] },
): Tensor {
  return tf.customGrad((...args) => {
    const save = args[inputs.length] as tensorflow.GradSaveFunc;
    const { value, factors } = operation(args.slice(0, inputs.length) as Tensor[]);
    save(factors);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => saved.map((factor) => dy.mul(factor)) };
  })(...inputs);
}

/** `[samples, steps, inputs]` of 0 and 1. */
function inputTensor(tf: Tensorflow, { samples, steps }: Batch, inputs: number): Tensor {
  const dense = new Float32Array(samples.length * steps * inputs);
  samples.forEach(({ step, index }, n) => {
    for (let e = 0; e < step.length; e++) dense[(n * steps + step[e]) * inputs + index[e]] = 1;
  });
  return tf.tensor(dense, [samples.length, steps, inputs]);
}

function readOutput(spikes: readonly Tensor[]): BatchOutput {
  return {
    counts: Float64Array.from(spikes[spikes.length - 1].sum(1).dataSync()),
    layerSpikes: Float64Array.from(spikes, (layer) => layer.sum().dataSync()[0]),
  };
}
