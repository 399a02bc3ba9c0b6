// The neuron scan of the reference backend, both directions.
import { SURROGATES } from "../neurons.ts";
import type { Backend, NeuronCall, NeuronGradientCall } from "./backend.ts";

/** @param round to the precision of the arrays: after every operation of the membrane, as a kernel in that precision does. */
export function neuronFunctions(
  round: (value: number) => number,
): Pick<Backend, "neuronForward" | "neuronBackward"> {
  return {
    neuronForward(call: NeuronCall): void {
      const { current, staticCurrent, membrane, spikes, steps, neurons, neuron, smooth } = call;
      const { primitive } = SURROGATES[neuron.surrogate];
      const [keep, gain, threshold] = [neuron.keep, neuron.gain, neuron.threshold].map(round);
      for (let n = 0; n < neurons; n++) {
        let v = 0;
        for (let t = 0; t < steps; t++) {
          const at = t * neurons + n;
          const h = round(round(keep * v) + round(gain * current[staticCurrent ? n : at]));
          const fires = neuron.compare === ">" ? h > threshold : h >= threshold;
          const s = smooth === true ? primitive(h - threshold) : Number(fires);
          membrane[at] = h;
          spikes[at] = s;
          v = h * (1 - s);
        }
      }
    },

    neuronBackward(call: NeuronGradientCall): number {
      const { current, staticCurrent, membrane, spikes, dSpikes, dCurrent, steps, neurons, neuron } = call;
      const { derivative } = SURROGATES[neuron.surrogate];
      const [keep, gain, threshold] = [neuron.keep, neuron.gain, neuron.threshold].map(round);
      let dGain = 0;
      for (let n = 0; n < neurons; n++) {
        let gv = 0;
        let currentSum = 0;
        for (let t = steps - 1; t >= 0; t--) {
          const at = t * neurons + n;
          const slope = derivative(membrane[at] - threshold);
          let gh = dSpikes[at] * slope + gv * (1 - spikes[at]);
          if (!neuron.detachReset) gh -= gv * membrane[at] * slope;
          currentSum += gh * gain;
          if (!staticCurrent) dCurrent[at] = gh * gain;
          if (call.wantsGainGradient) {
            const before = at - neurons;
            const v = t === 0 ? 0 : membrane[before] * (1 - spikes[before]);
            dGain += gh * (current[staticCurrent ? n : at] - v);
          }
          gv = gh * keep;
        }
        if (staticCurrent) dCurrent[n] = currentSum;
      }
      return dGain;
    },
  };
}
