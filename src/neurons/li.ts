import { biasOf, paramOf } from "./broadcast.ts";
import { NEVER_FIRES, cubaForm } from "./cuba-form.ts";
import { inputShare, lossShare } from "./leak.ts";
import type { NeuronModel } from "./neuron.ts";
import { R, V_LEAK, timeConstant } from "./params.ts";

/** Leaky integrator: v <- v + (vLeak - v + r x) / tau; `leak.ts` says what `exponential` makes of it. */
export const liModel: NeuronModel = {
  name: "li",
  summary: "leaky integrator; its membrane goes out as a value",
  params: [timeConstant("tauSteps"), R, V_LEAK],
  state: ["v"],
  output: "values",
  nir: { type: "LI", fields: { tau: "tauSteps", r: "r", v_leak: "vLeak" } },

  stepFloat({ state: [v], params: [tauSteps, r, vLeak], dynamics: { integrator }, input, output, size }) {
    for (let i = 0; i < size; i++) {
      const loss = lossShare(tauSteps[i], integrator);
      const gain = inputShare(r[i], tauSteps[i], integrator);
      v[i] += loss * (vLeak[i] - v[i]) + gain * input[i];
      output[i] = v[i];
    }
  },

  toCuba(params, dynamics, size) {
    const tauSteps = paramOf(liModel, params, "tauSteps", size);
    const r = paramOf(liModel, params, "r", size);
    const vLeak = paramOf(liModel, params, "vLeak", size);
    const x = biasOf(params, size);
    return cubaForm(size, dynamics, (i) => {
      const vDecay = lossShare(tauSteps[i], dynamics.integrator);
      const gain = inputShare(r[i], tauSteps[i], dynamics.integrator);
      return { uDecay: 1, vDecay, gain, bias: vDecay * vLeak[i] + gain * x[i], ...NEVER_FIRES };
    });
  },
};
