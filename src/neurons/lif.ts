import { biasOf, paramOf } from "./broadcast.ts";
import { cubaForm } from "./cuba-form.ts";
import { fireAndReset } from "./fire.ts";
import { inputShare, lossShare } from "./leak.ts";
import type { NeuronModel } from "./neuron.ts";
import { R, V_LEAK, V_RESET, V_THRESHOLD, timeConstant } from "./params.ts";

/** Leaky integrate and fire: v <- v + (vLeak - v + r x) / tau, then threshold and reset. */
export const lifModel: NeuronModel = {
  name: "lif",
  summary: "leaky integrate and fire",
  params: [timeConstant("tauSteps"), R, V_LEAK, V_THRESHOLD, V_RESET],
  state: ["v", "fired"],
  output: "spikes",
  nir: {
    type: "LIF",
    fields: { tau: "tauSteps", r: "r", v_leak: "vLeak", v_threshold: "vThreshold", v_reset: "vReset" },
  },

  stepFloat({ state: [v, fired], params, dynamics, input, output, size }) {
    const [tauSteps, r, vLeak, vThreshold, vReset] = params;
    const neuron = { v, fired };
    for (let i = 0; i < size; i++) {
      const loss = lossShare(tauSteps[i], dynamics.integrator);
      const gain = inputShare(r[i], tauSteps[i], dynamics.integrator);
      const integrated = v[i] + (loss * (vLeak[i] - v[i]) + gain * input[i]);
      const levels = { threshold: vThreshold[i], reset: vReset[i] };
      output[i] = fireAndReset(neuron, i, integrated, levels, dynamics);
    }
  },

  toCuba(params, dynamics, size) {
    const tauSteps = paramOf(lifModel, params, "tauSteps", size);
    const r = paramOf(lifModel, params, "r", size);
    const vLeak = paramOf(lifModel, params, "vLeak", size);
    const vThreshold = paramOf(lifModel, params, "vThreshold", size);
    const vReset = paramOf(lifModel, params, "vReset", size);
    const x = biasOf(params, size);
    return cubaForm(size, dynamics, (i) => {
      const vDecay = lossShare(tauSteps[i], dynamics.integrator);
      const gain = inputShare(r[i], tauSteps[i], dynamics.integrator);
      const bias = vDecay * vLeak[i] + gain * x[i];
      return { uDecay: 1, vDecay, gain, bias, threshold: vThreshold[i], reset: vReset[i] };
    });
  },
};
