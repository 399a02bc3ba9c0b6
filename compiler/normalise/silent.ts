import type { Network } from "#ir/network";
import { LOIHI_ACCUMULATOR_BITS, LOIHI_INPUT_SHIFT, LOIHI_STATE_BITS } from "#neurons/loihi-cuba";
import { neuronModel, paramOf } from "#neurons/index";
import type { Wiring } from "./wiring.ts";

const FULL_DECAY = 4096;
const U_EDGE = 2 ** LOIHI_STATE_BITS;
const INPUT_EDGE = 2 ** LOIHI_ACCUMULATOR_BITS;
const INPUT_FACTOR = 2 ** LOIHI_INPUT_SHIFT;

/**
 * Neurons that never fire, whatever comes in: even if all that excites them fired in every step, their membranes stay at or
 * below the threshold. By bounds, so some that never fire are not found; registers that could wrap count as firing.
 *
 * Only integer neurons of this kind of chip are looked at, and none that an input line reaches: lines may carry any number of
 * spikes in a step.
 *
 * @returns by population, `[size]`, 1 where a neuron is silent
 */
export function silentNeurons(network: Network, wiring: Wiring): Uint8Array[] {
  const { populations, inputs } = network;
  const driven = new Set(inputs.map(({ population }) => population));
  const silent = populations.map(({ size, model }, p) => {
    // An input without a port never spikes.
    return new Uint8Array(size).fill(model === "input" && !driven.has(p) ? 1 : 0);
  });
  for (let changed = true; changed;) {
    changed = false;
    populations.forEach(({ model }, p) => {
      if (model !== "loihi-cuba" || driven.has(p)) return;
      const bounds = boundsOf(network, p);
      const { excitation, inhibition, isUnbounded } = drive(network, wiring, p, silent);
      for (let n = 0; n < silent[p].length; n++) {
        if (silent[p][n] === 1 || isUnbounded[n] === 1 || !bounds.staysBelow(n, excitation[n], inhibition[n]))
          continue;
        silent[p][n] = 1;
        changed = true;
      }
    });
  }
  return silent;
}

/** What can arrive in one step, at most and at least, in units of the membrane. */
function drive(
  { projections, populations }: Network,
  wiring: Wiring,
  population: number,
  silent: readonly Uint8Array[],
): { excitation: Float64Array; inhibition: Float64Array; isUnbounded: Uint8Array } {
  const { size } = populations[population];
  const excitation = new Float64Array(size);
  const inhibition = new Float64Array(size);
  const isUnbounded = new Uint8Array(size);
  for (const p of wiring.into[population]) {
    const { pre, quantization } = projections[p];
    const unit = INPUT_FACTOR * 2 ** (quantization?.weightExponent ?? 0);
    const { start, row, weight } = wiring.columns(p);
    for (let n = 0; n < size; n++)
      for (let i = start[n]; i < start[n + 1]; i++) {
        if (silent[pre][row[i]] === 1) continue;
        if (populations[pre].model === "input") isUnbounded[n] = 1;
        if (weight[i] > 0) excitation[n] += weight[i] * unit;
        else inhibition[n] -= weight[i] * unit;
      }
  }
  return { excitation, inhibition, isUnbounded };
}

function boundsOf(
  { populations }: Network,
  population: number,
): { staysBelow: (n: number, excitation: number, inhibition: number) => boolean } {
  const { model, params, size } = populations[population];
  const spec = neuronModel(model);
  const [uDecay, vDecay, threshold, biasMantissa, biasExponent, , , u0, v0] = spec.params.map(({ name }) =>
    paramOf(spec, params, name, size),
  );
  return {
    staysBelow(n, excitation, inhibition) {
      if (excitation >= INPUT_EDGE || inhibition >= INPUT_EDGE) return false;
      const bias = Math.floor(biasMantissa[n] * 2 ** biasExponent[n]);
      // A leaky sum of at most x a step never exceeds its start and x over the share that leaks.
      const leak = (uDecay[n] + 1) / FULL_DECAY;
      const highest = Math.max(0, u0[n]) + excitation / leak;
      const lowest = Math.max(0, -u0[n]) + inhibition / leak;
      if (highest + Math.abs(bias) >= U_EDGE || lowest + Math.abs(bias) >= U_EDGE) return false;
      const push = Math.max(0, highest + bias);
      if (push > 0 && vDecay[n] === 0) return false;
      const membrane = Math.max(0, v0[n]) + (push === 0 ? 0 : push / (vDecay[n] / FULL_DECAY));
      return membrane <= threshold[n] * INPUT_FACTOR;
    },
  };
}
