import { z } from "zod";
import { ToolchainError } from "#util/diagnostic";
import type { Floats } from "../engine/backend.ts";
import { createOptimizer, type OptimizerSpec } from "../optimizer.ts";
import type { Parameter } from "../parameters.ts";
import type { StateTree } from "../state.ts";
import { createLiveWeights } from "./live-weights.ts";
import { nonzeroCount, type SparseMethod } from "./method.ts";
import { weightsWithoutSign } from "./methods-diagnostics.ts";

export interface GradROptions {
  readonly alpha: number;
  readonly sparsity: number;
  readonly floor?: number | undefined;
}

const options = z.strictObject({
  alpha: z
    .number()
    .min(0)
    .describe(
      "strength of the prior: the drift of a spine size per unit of learning rate. What counts is alpha times the sum of " +
        "all learning rates, in units of the weights: scale it up for short runs",
    ),
  sparsity: z
    .number()
    .min(0.5)
    .lt(1)
    .default(0.95)
    .describe(
      "share of spine sizes below 0 under the prior alone, 0.5 to 1; without effect unless alpha is large",
    ),
  floor: z
    .number()
    .max(0)
    .optional()
    .describe(
      "smallest spine size, in units of the weights, so that pruned weights can come back; absent: none",
    ),
});

/** Up to here the prior is left out, as in the authors' code. */
const NEGLIGIBLE_ALPHA = 1e-8;

/**
 * Gradient rewiring. Behind every weight a sign s, fixed at the start, and a spine size θ: `w = s·max(θ, 0)`. The gradient
 * of θ is s·dL/dw for pruned weights too, so they can come back; a prior pulls θ towards a negative location.
 *
 * One step, with Adam (moments of dL/dw):  θ ← θ - s·a·m/D - alpha·a·sign(θ - location),  a = rate / (1 - beta1^k);
 * with SGD a = rate. Weight decay, if any, works on θ.
 */
export const gradR: SparseMethod<GradROptions> = {
  name: "grad-r",
  summary: "gradient rewiring: signs stay, spine sizes drift down and may come back",
  source: "Y. Chen et al., Pruning of Deep Spiking Neural Networks through Gradient Rewiring, IJCAI 2021",
  density: {
    kind: "emergent",
    knob: "alpha",
    start: ({ meanAbsoluteWeight, rateSum }) => (5 * meanAbsoluteWeight) / rateSum,
  },
  options,

  create({ prunable, optimizer, backend, rateOf }, { alpha, sparsity, floor }) {
    refuseZeros(prunable);
    // `signed` is s·θ: in it, a step of Grad R without prior is a step of the plain optimizer, bit by bit.
    const layers = prunable.map(({ name, value, gradient }) => {
      const signed = backend.allocate(value.length);
      signed.set(value);
      const sign = Int8Array.from(value, Math.sign);
      return { name, value, gradient, signed, sign, own: createOptimizer(optimizer, backend, value.length) };
    });
    const location = priorLocation(alpha, sparsity);
    const live = createLiveWeights(prunable);
    let rateSum = 0;

    return {
      step(n) {
        const rate = rateOf(n);
        const pull = alpha > NEGLIGIBLE_ALPHA ? alpha * priorRate(optimizer, rate, n + 1) : 0;
        for (const { value, gradient, signed, sign, own } of layers) {
          // First, because it is the θ before the step that counts.
          if (pull !== 0) applyPrior(signed, sign, pull, location);
          own.step(signed, gradient, rate, n + 1);
          if (floor !== undefined) applyFloor(signed, sign, floor);
          show(signed, sign, value);
        }
        rateSum += rate;
      },
      facts: () => ({ alpha, drift: alpha * rateSum, ...live.changes() }),
      save: () => ({
        rateSum,
        live: live.save(),
        layers: Object.fromEntries(
          layers.map(({ name, signed, sign, own }) => [
            name,
            {
              signedSpine: signed.slice(),
              isNegative: Uint8Array.from(sign, (s) => (s < 0 ? 1 : 0)),
              optimizer: own.save(),
            },
          ]),
        ),
      }),
      restore(state) {
        rateSum = state.rateSum as number;
        const saved = state.layers as StateTree;
        for (const { name, value, signed, sign, own } of layers) {
          const mine = saved[name] as StateTree;
          signed.set(mine.signedSpine as Float32Array);
          sign.set(Int8Array.from(mine.isNegative as Uint8Array, (negative) => (negative === 1 ? -1 : 1)));
          own.restore(mine.optimizer as StateTree);
          show(signed, sign, value);
        }
        live.restore(state.live as StateTree);
      },
    };
  },
};

/** Where the prior pulls to, such that it puts the share `sparsity` (from 0.5) below 0: ln(2(1 - sparsity)) / alpha, never above 0. */
export function priorLocation(alpha: number, sparsity: number): number {
  return alpha > NEGLIGIBLE_ALPHA ? Math.log(2 * (1 - sparsity)) / alpha : 0;
}

/** The prior is scaled by the bias-corrected step, so it is ten times too strong in Adam's first step: as published. */
function priorRate(optimizer: OptimizerSpec, rate: number, k: number): number {
  return optimizer.name === "adam" ? rate / (1 - optimizer.beta1 ** k) : rate;
}

/** θ ← θ - pull·sign(θ - location). */
function applyPrior(signed: Floats, sign: Int8Array, pull: number, location: number): void {
  for (let i = 0; i < signed.length; i++) {
    const spine = sign[i] * signed[i];
    if (spine > location) signed[i] -= sign[i] * pull;
    else if (spine < location) signed[i] += sign[i] * pull;
  }
}

function applyFloor(signed: Floats, sign: Int8Array, floor: number): void {
  for (let i = 0; i < signed.length; i++) if (sign[i] * signed[i] < floor) signed[i] = sign[i] * floor;
}

/** w = s·max(θ, 0); the zero has the sign s. */
function show(signed: Floats, sign: Int8Array, value: Floats): void {
  for (let i = 0; i < signed.length; i++) value[i] = sign[i] * signed[i] > 0 ? signed[i] : sign[i] * 0;
}

function refuseZeros(prunable: readonly Parameter[]): void {
  const faults = prunable.flatMap(({ name, value }) => {
    const zeros = value.length - nonzeroCount(value);
    return zeros === 0 ? [] : [weightsWithoutSign({ parameter: name, zeros, weights: value.length })];
  });
  if (faults.length > 0) throw new ToolchainError(faults);
}
