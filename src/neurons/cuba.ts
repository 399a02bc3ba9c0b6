import type { Dynamics } from "#ir/network";
import { biasOf, paramOf } from "./broadcast.ts";
import { type CubaTerms, cubaForm } from "./cuba-form.ts";
import { inputShare, lossShare } from "./leak.ts";
import type { CubaForm, NeuronModel, ParamSpec } from "./neuron.ts";
import { R, V_LEAK, W_IN, timeConstant } from "./params.ts";

// What `cuba-li` and `cuba-lif` share: a synaptic current that feeds the membrane.

/** The first parameters of both models, in this order. */
export const CUBA_PARAMS: readonly ParamSpec[] = [
  timeConstant("tauSynSteps"),
  timeConstant("tauMemSteps"),
  R,
  V_LEAK,
  W_IN,
];

export const CUBA_NIR_FIELDS: Readonly<Record<string, string>> = {
  tau_syn: "tauSynSteps",
  tau_mem: "tauMemSteps",
  r: "r",
  v_leak: "vLeak",
  w_in: "wIn",
};

/**
 * One neuron's current and membrane, before any reset:
 * I <- I + (-I + wIn x) / tauSyn, then v + (vLeak - v + r I) / tauMem with the new I, or with the old one.
 *
 * @param params at least the arrays of `CUBA_PARAMS`
 * @returns the integrated membrane; `current[i]` is overwritten, `v[i]` is not
 */
export function integrateCuba(
  current: Float64Array,
  v: Float64Array,
  params: readonly Float64Array[],
  dynamics: Dynamics,
  i: number,
  x: number,
): number {
  const [tauSynSteps, tauMemSteps, r, vLeak, wIn] = params;
  const { integrator } = dynamics;
  const old = current[i];
  const lossSyn = lossShare(tauSynSteps[i], integrator);
  current[i] = old + (inputShare(wIn[i], tauSynSteps[i], integrator) * x - lossSyn * old);
  const seen = dynamics.current === "new" ? current[i] : old;
  const lossMem = lossShare(tauMemSteps[i], integrator);
  return v[i] + (lossMem * (vLeak[i] - v[i]) + inputShare(r[i], tauMemSteps[i], integrator) * seen);
}

/**
 * Both models as a `CubaForm`: u is the current times its share in the membrane.
 *
 * A constant input b holds u at c = gain b / uDecay in the long run. Writing u = u' + c leaves u' free of b:
 * it decays as before, starts at -c, and the membrane gets c in every step. That is exact.
 */
export function cubaToForm(
  model: NeuronModel,
  params: Readonly<Record<string, Float64Array>>,
  dynamics: Dynamics,
  size: number,
  levels: (i: number) => Pick<CubaTerms, "threshold" | "reset">,
): CubaForm {
  const [tauSynSteps, tauMemSteps, r, vLeak, wIn] = CUBA_PARAMS.map((spec) =>
    paramOf(model, params, spec.name, size),
  );
  const x = biasOf(params, size);
  const { integrator } = dynamics;
  const form = cubaForm(size, dynamics, (i) => {
    const uDecay = lossShare(tauSynSteps[i], integrator);
    const vDecay = lossShare(tauMemSteps[i], integrator);
    const gain =
      inputShare(r[i], tauMemSteps[i], integrator) * inputShare(wIn[i], tauSynSteps[i], integrator);
    const held = (gain * x[i]) / uDecay;
    return { uDecay, vDecay, gain, bias: vDecay * vLeak[i] + held, u0: -held, ...levels(i) };
  });
  return dynamics.current === "new" ? form : { ...form, deviations: [...form.deviations, OLD_CURRENT] };
}

const OLD_CURRENT =
  "current: the membrane of the model sees the synaptic current of the previous step, the circuit's that of the same step, so inputs act one step early.";
