// The neurons of the training engine as models of the network.
import { DEFAULT_DYNAMICS, type Dynamics, type Population } from "#ir/network";
import type { NeuronSpec } from "../neurons.ts";

/**
 * h = keep · v + gain · I is forward Euler with 1 / tau = 1 - keep and r = gain · tau; without leak it is integrate and
 * fire. The reset is to 0 in the step of the spike.
 *
 * @param leak the trained scalar of a layer with `learnableLeak`: gain = sigmoid(leak), keep = 1 - gain
 */
export function neuronPopulation(
  neuron: NeuronSpec,
  leak: number | undefined,
): Pick<Population, "model" | "params" | "dynamics"> {
  const learnt = leak === undefined ? undefined : 1 / (1 + Math.exp(-leak));
  const loss = learnt ?? 1 - neuron.keep;
  const gain = learnt ?? neuron.gain;
  const levels = { vThreshold: Float64Array.of(neuron.threshold), vReset: Float64Array.of(0) };
  const dynamics = dynamicsOf(neuron.compare);
  if (loss === 0) return { model: "if", params: { r: Float64Array.of(gain), ...levels }, ...dynamics };
  const tauSteps = Float64Array.of(1 / loss);
  const r = Float64Array.of(gain === loss ? 1 : gain / loss);
  return { model: "lif", params: { tauSteps, r, vLeak: Float64Array.of(0), ...levels }, ...dynamics };
}

/** Fires when anything arrives: the maximum of spikes. Its membrane is 0 after every step. */
export function anyOfPopulation(): Pick<Population, "model" | "params"> {
  return {
    model: "if",
    params: { r: Float64Array.of(1), vThreshold: Float64Array.of(0.5), vReset: Float64Array.of(0) },
  };
}

/** Never fires; its membrane is the input of the step. */
export function readoutPopulation(): Pick<Population, "model" | "params"> {
  return {
    model: "li",
    params: { tauSteps: Float64Array.of(1), r: Float64Array.of(1), vLeak: Float64Array.of(0) },
  };
}

function dynamicsOf(compare: NeuronSpec["compare"]): { dynamics?: Dynamics } {
  return compare === DEFAULT_DYNAMICS.compare ? {} : { dynamics: { ...DEFAULT_DYNAMICS, compare } };
}
