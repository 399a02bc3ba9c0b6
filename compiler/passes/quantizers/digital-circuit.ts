import type { Dynamics, Population, ResetMode } from "#ir/network";
import { DEFAULT_DYNAMICS } from "#ir/network";
import type { DigitalReset } from "#neurons/digital-lif";
import type { CubaForm } from "#neurons/neuron";
import type { DigitalNeuronLimits } from "#targets/target";
import { circuitOf, type Circuit } from "../quantize-neuron.ts";

/** A population as a `digital-lif` of the chip, in real numbers. */
export interface DigitalCircuit extends Circuit {
  readonly resetKind: DigitalReset;
  /** `[size]`, what v is reset to where the kind is "value". */
  readonly reset: Float64Array;
  readonly modelReset: ResetMode;
}

const SUBTRACTING: readonly ResetMode[] = [
  "subtract",
  "multi-subtract",
  "snntorch-subtract",
  "delayed-subtract",
];

export function wantsSubtraction(reset: ResetMode): boolean {
  return SUBTRACTING.includes(reset);
}

/**
 * Chooses the reset, and where zero is. The form is written so that it resets to 0; membranes are shifted back to the
 * model's own zero where the chip subtracts (the threshold must be the model's) or can reset to a value (then a model
 * without bias needs none).
 */
export function digitalCircuit(
  population: Population,
  form: CubaForm,
  { resets }: Pick<DigitalNeuronLimits, "resets">,
): DigitalCircuit {
  const { reset: modelReset }: Dynamics = population.dynamics ?? DEFAULT_DYNAMICS;
  const zero = form.v0.map((v) => -v + 0);
  const isAtZero = zero.every((value) => value === 0);
  const resetKind = chooseReset(modelReset, resets, isAtZero);
  const stays = isAtZero || resetKind === "zero";
  const moved: CubaForm = stays
    ? form
    : {
        ...form,
        threshold: form.threshold.map((threshold, j) => threshold + zero[j]),
        bias: form.bias.map((bias, j) => snapped(bias + form.vDecay[j] * zero[j], bias)),
        v0: new Float64Array(zero.length),
        vMin: form.vMin.map((low, j) => low + zero[j]),
      };
  return {
    ...circuitOf(population, moved),
    resetKind,
    reset: stays ? new Float64Array(zero.length) : zero,
    modelReset,
  };
}

/** A bias that was moved away and back is 0 where only rounding is left of it. */
function snapped(bias: number, from: number): number {
  return Math.abs(bias) <= 1e-12 * Math.abs(from) ? 0 : bias;
}

function chooseReset(wanted: ResetMode, has: readonly DigitalReset[], isAtZero: boolean): DigitalReset {
  const order: readonly DigitalReset[] = wantsSubtraction(wanted)
    ? ["subtract", "zero", "value"]
    : isAtZero
      ? ["zero", "value", "subtract"]
      : ["value", "zero", "subtract"];
  return order.find((kind) => has.includes(kind)) ?? "zero";
}
