import {
  ALWAYS_UPDATED,
  HARD,
  NONE,
  SATURATE,
  SOFT,
  STATUS,
  clockedMode,
  clockedReal,
  type ClockedNeurons,
  type NeuronStatus,
} from "./clocked.ts";
import type { NeuronModel } from "./neuron.ts";
import { register } from "./params.ts";

/** The potential is cut to whole numbers of 1 / GRID. */
const GRID = 64;
const MOST_REFRACTORY_STEPS = 2 ** 31 - 1;

/**
 * The leaky integrate-and-fire neuron that SANA-FE runs on its Loihi: in real numbers, but for the potential, which
 * loses what is finer than 1/64 in each step.
 *
 * Runs on cores as it is; `stepSanafeLif` is its arithmetic.
 */
export const sanafeLifModel: NeuronModel = {
  name: "sanafe-lif",
  summary: "leaky integrate and fire of SANA-FE, potential in 64ths",
  params: [
    clockedReal("threshold", 0),
    clockedReal("bias", 0),
    clockedReal("vKeep", 1),
    clockedReal("uKeep", 0),
    clockedReal("reset", 0),
    clockedReal("reverseThreshold", 0),
    clockedReal("reverseReset", 0),
    clockedReal("v0", 0),
    clockedMode("resetMode", HARD),
    clockedMode("reverseMode", NONE),
    register("refractorySteps", 0, MOST_REFRACTORY_STEPS, 0),
    ALWAYS_UPDATED,
  ],
  state: ["u", "v", "refractory"],
  isOnCoresOnly: true,
  output: "spikes",
};

/**
 * One step of neuron i.
 *
 * 1. It is updated if v is not 0, or an input arrived, or it has a bias (or always, if asked for). This decides what it
 *    costs, not what it computes.
 * 2. u keeps `uKeep` of itself, v `vKeep`; not in the first step.
 * 3. v is cut to 64ths, toward zero. What is added from here on is cut in the next step.
 * 4. Unless refractory: v += bias, u += input, v += u. A neuron above `threshold` fires: v becomes `reset` (hard), loses
 *    the threshold (soft), or stays; then, fired or not, one below `reverseThreshold` gets `reverseReset` (hard), loses
 *    that threshold (soft), is held at it (saturate), or stays.
 * 5. A spike keeps the neuron refractory for `refractorySteps` - 1 steps: it leaks, and what arrives is lost.
 *
 * @param arrived whether there was an input, be it one that sums to 0
 * @param isFirst whether this is the first step
 *
 * Source: SANA-FE, commit 8951ab0, by the rules that reproduce its output (`test/simulator/sanafe-golden.test.ts`).
 */
export function stepSanafeLif(
  { state, params }: ClockedNeurons,
  i: number,
  input: number,
  arrived: boolean,
  isFirst: boolean,
): NeuronStatus {
  const [u, v, refractory] = state;
  const threshold = params[0][i];
  const bias = params[1][i];
  const reverseThreshold = params[5][i];
  let potential = v[i];
  let status: NeuronStatus =
    potential !== 0 || arrived || bias !== 0 || params[11][i] !== 0 ? STATUS.updated : STATUS.idle;
  if (!isFirst) {
    u[i] *= params[3][i];
    potential *= params[2][i];
  }
  potential = Math.trunc(potential * GRID) / GRID;
  if (refractory[i] <= 0) {
    potential += bias;
    u[i] += input;
    potential += u[i];
    if (potential > threshold) {
      status = STATUS.fired;
      refractory[i] = params[10][i];
      const mode = params[8][i];
      if (mode === HARD) potential = params[4][i];
      else if (mode === SOFT) potential -= threshold;
    }
    if (potential < reverseThreshold) {
      const mode = params[9][i];
      if (mode === HARD) potential = params[6][i];
      else if (mode === SOFT) potential -= reverseThreshold;
      else if (mode === SATURATE) potential = reverseThreshold;
    }
  }
  if (refractory[i] > 0) refractory[i]--;
  v[i] = potential;
  return status;
}
