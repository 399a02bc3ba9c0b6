// Losses on the read-out, with their gradients. Plain loops: the output is small.
import type { Floats } from "./engine/backend.ts";
import type { LossSpec } from "./options.ts";

export interface LossResult {
  /** Mean over the batch. */
  readonly loss: number;
  /** Samples whose largest mean output is the label's (the first of equals). */
  readonly correct: number;
}

/**
 * Loss of `output` `[steps, batch, classes]`; its gradient goes to `gradient`, of the same shape, unless absent.
 * See `LossSpec` for the formulas.
 */
export function lossOf(
  spec: LossSpec,
  output: Floats,
  labels: ArrayLike<number>,
  steps: number,
  classes: number,
  gradient?: Floats,
): LossResult {
  const batch = labels.length;
  const means = meansOverSteps(output, steps, batch * classes);
  let correct = 0;
  for (let b = 0; b < batch; b++) if (argmax(means, b * classes, classes) === labels[b]) correct++;
  const loss = LOSSES[spec.name](spec as never, { output, means, labels, steps, batch, classes, gradient });
  return { loss, correct };
}

interface LossCall {
  readonly output: Floats;
  readonly means: Float64Array;
  readonly labels: ArrayLike<number>;
  readonly steps: number;
  readonly batch: number;
  readonly classes: number;
  readonly gradient: Floats | undefined;
}

const LOSSES: {
  readonly [Name in LossSpec["name"]]: (spec: Extract<LossSpec, { name: Name }>, call: LossCall) => number;
} = {
  mse: meanSquare,
  "cross-entropy": crossEntropy,
  tet: temporalEfficient,
};

function meanSquare(_: unknown, { means, labels, steps, batch, classes, gradient }: LossCall): number {
  const entries = batch * classes;
  let sum = 0;
  for (let b = 0; b < batch; b++) {
    for (let c = 0; c < classes; c++) {
      const i = b * classes + c;
      const difference = means[i] - (labels[b] === c ? 1 : 0);
      sum += difference * difference;
      if (gradient) fillSteps(gradient, i, entries, steps, (2 * difference) / (entries * steps));
    }
  }
  return sum / entries;
}

function crossEntropy(
  { gain }: Extract<LossSpec, { name: "cross-entropy" }>,
  { means, labels, steps, batch, classes, gradient }: LossCall,
): number {
  const shares = new Float64Array(classes);
  let sum = 0;
  for (let b = 0; b < batch; b++) {
    sum -= logSoftmax(means, b * classes, classes, gain, labels[b], shares);
    if (!gradient) continue;
    for (let c = 0; c < classes; c++) {
      const slope = gain * (shares[c] - (labels[b] === c ? 1 : 0));
      fillSteps(gradient, b * classes + c, batch * classes, steps, slope / (batch * steps));
    }
  }
  return sum / batch;
}

function temporalEfficient(
  { lambda, target }: Extract<LossSpec, { name: "tet" }>,
  { output, labels, steps, batch, classes, gradient }: LossCall,
): number {
  const shares = new Float64Array(classes);
  let entropy = 0;
  let square = 0;
  for (let row = 0; row < steps * batch; row++) {
    const label = labels[row % batch];
    const start = row * classes;
    entropy -= logSoftmax(output, start, classes, 1, label, shares);
    for (let c = 0; c < classes; c++) {
      const away = output[start + c] - target;
      square += away * away;
      if (!gradient) continue;
      const slope = (1 - lambda) * (shares[c] - (label === c ? 1 : 0)) + (lambda * 2 * away) / classes;
      gradient[start + c] = slope / (steps * batch);
    }
  }
  const rows = steps * batch;
  return ((1 - lambda) * entropy) / rows + (lambda * square) / (rows * classes);
}

/** Log of the softmax share of `label`; all shares go to `shares`. */
function logSoftmax(
  values: ArrayLike<number>,
  start: number,
  classes: number,
  gain: number,
  label: number,
  shares: Float64Array,
): number {
  let most = -Infinity;
  for (let c = 0; c < classes; c++) most = Math.max(most, gain * values[start + c]);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += shares[c] = Math.exp(gain * values[start + c] - most);
  for (let c = 0; c < classes; c++) shares[c] /= sum;
  return gain * values[start + label] - most - Math.log(sum);
}

function fillSteps(gradient: Floats, entry: number, entries: number, steps: number, slope: number): void {
  for (let t = 0; t < steps; t++) gradient[t * entries + entry] = slope;
}

function meansOverSteps(output: Floats, steps: number, entries: number): Float64Array {
  const means = new Float64Array(entries);
  for (let t = 0; t < steps; t++)
    for (let i = 0; i < entries; i++) means[i] += output[t * entries + i] / steps;
  return means;
}

function argmax(values: ArrayLike<number>, start: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (values[start + c] > values[start + best]) best = c;
  return best;
}
