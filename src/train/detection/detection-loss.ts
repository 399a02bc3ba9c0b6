// What a grid head is told about its mistakes.
import type { Floats } from "../engine/backend.ts";
import { BOX_CHANNELS, type GridSpec, type GridTarget } from "./grid.ts";

export interface DetectionLoss {
  /** Sum of the three, per object. */
  readonly loss: number;
  readonly objectness: number;
  readonly box: number;
  readonly class: number;
}

/** Of the box term against the other two. */
const BOX_FACTOR = 2;
/** Where smooth L1 turns from a parabola into a line, in the head's units. */
const BEND = 0.1;

/**
 * Loss of the mean output over the last `readSteps` steps: binary cross-entropy of objectness over all cells, and for cells
 * with an object smooth L1 of the box and cross-entropy of the class; each a sum over the batch, divided by its number of
 * objects. The gradient goes to `gradient`; steps that are not read get 0.
 *
 * @param output `[steps, batch, BOX_CHANNELS + classes, rows, columns]`, as is `gradient`
 */
export function detectionLoss(
  output: Floats,
  gradient: Floats,
  targets: readonly GridTarget[],
  grid: GridSpec,
  steps: number,
  readSteps: number,
): DetectionLoss {
  const batch = targets.length;
  const cells = grid.rows * grid.columns;
  const perSample = (BOX_CHANNELS + grid.classes) * cells;
  const means = meanOutputs(output, batch * perSample, steps, readSteps);
  const slopes = new Float64Array(means.length);
  let objects = 0;
  for (const { classOf } of targets) for (const own of classOf) if (own >= 0) objects++;
  const share = 1 / Math.max(1, objects);
  const parts = { objectness: 0, box: 0, class: 0 };
  targets.forEach(({ classOf, box }, sample) => {
    for (let cell = 0; cell < cells; cell++) {
      const start = sample * perSample + cell;
      const own = classOf[cell];
      const logit = means[start];
      const isObject = own >= 0 ? 1 : 0;
      parts.objectness += share * (softplus(logit) - isObject * logit);
      slopes[start] = share * (1 / (1 + Math.exp(-logit)) - isObject);
      if (own < 0) continue;
      for (let k = 0; k < 4; k++) {
        const i = start + (1 + k) * cells;
        const away = means[i] - box[k * cells + cell];
        const size = Math.abs(away);
        parts.box += share * BOX_FACTOR * (size < BEND ? (away * away) / (2 * BEND) : size - BEND / 2);
        slopes[i] = share * BOX_FACTOR * (size < BEND ? away / BEND : Math.sign(away));
      }
      parts.class +=
        share *
        classLoss(means, start + BOX_CHANNELS * cells, cells, grid.classes, own, (i, slope) => {
          slopes[i] = share * slope;
        });
    }
  });
  gradient.fill(0, 0, steps * means.length);
  for (let t = steps - readSteps; t < steps; t++)
    for (let i = 0; i < slopes.length; i++) gradient[t * slopes.length + i] = slopes[i] / readSteps;
  return { loss: parts.objectness + parts.box + parts.class, ...parts };
}

/** Mean over the last `readSteps` of `steps` rows of `entries` numbers. */
export function meanOutputs(output: Floats, entries: number, steps: number, readSteps: number): Float64Array {
  const means = new Float64Array(entries);
  for (let t = steps - readSteps; t < steps; t++)
    for (let i = 0; i < entries; i++) means[i] += output[t * entries + i] / readSteps;
  return means;
}

function classLoss(
  values: Float64Array,
  start: number,
  stride: number,
  classes: number,
  label: number,
  setSlope: (index: number, slope: number) => void,
): number {
  let most = -Infinity;
  for (let c = 0; c < classes; c++) most = Math.max(most, values[start + c * stride]);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(values[start + c * stride] - most);
  for (let c = 0; c < classes; c++) {
    const i = start + c * stride;
    setSlope(i, Math.exp(values[i] - most) / sum - (c === label ? 1 : 0));
  }
  return Math.log(sum) + most - values[start + label * stride];
}

/** ln(1 + eˣ), without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
