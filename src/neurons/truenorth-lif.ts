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

/**
 * The linear-leak neuron of TrueNorth, without its random thresholds, in 64-bit floating point.
 *
 * Runs on cores as it is; `stepTruenorthLif` is its arithmetic. With thresholds of 0 it fires in every step.
 */
export const truenorthLifModel: NeuronModel = {
  name: "truenorth-lif",
  summary: "linear-leak integrate and fire of TrueNorth",
  params: [
    clockedReal("threshold", 0),
    clockedReal("bias", 0),
    clockedReal("leak", 0),
    clockedReal("reset", 0),
    clockedReal("reverseThreshold", 0),
    clockedReal("reverseReset", 0),
    clockedReal("v0", 0),
    register("leakTowardsZero", 0, 1, 1),
    clockedMode("resetMode", HARD),
    clockedMode("reverseMode", NONE),
    ALWAYS_UPDATED,
  ],
  state: ["v"],
  isOnCoresOnly: true,
  output: "spikes",
};

/**
 * One step of neuron i.
 *
 * 1. It is updated by the same rule as `sanafe-lif`.
 * 2. The leak: toward zero by `leak`, past it if v is smaller; or plainly added to v.
 * 3. v += bias, v += input.
 * 4. At `threshold` or above it fires: v becomes `reset` (hard), loses the threshold (soft), is held at it (saturate), or
 *    stays. Otherwise, at `reverseThreshold` or below: v becomes `reverseReset` (hard), that threshold is *added* (soft),
 *    v is held at it (saturate), or stays.
 *
 * Source: SANA-FE, commit 8951ab0, by its rules as in `test/support/sanafe-evaluator.ts`.
 */
export function stepTruenorthLif(
  { state, params }: ClockedNeurons,
  i: number,
  input: number,
  arrived: boolean,
): NeuronStatus {
  const [v] = state;
  const threshold = params[0][i];
  const bias = params[1][i];
  const leak = params[2][i];
  const reverseThreshold = params[4][i];
  let potential = v[i];
  let status: NeuronStatus =
    potential !== 0 || arrived || bias !== 0 || params[10][i] !== 0 ? STATUS.updated : STATUS.idle;
  if (params[7][i] === 0) potential += leak;
  else if (potential > 0) potential -= leak;
  else if (potential < 0) potential += leak;
  potential += bias;
  potential += input;
  if (potential >= threshold) {
    status = STATUS.fired;
    const mode = params[8][i];
    if (mode === HARD) potential = params[3][i];
    else if (mode === SOFT) potential -= threshold;
    else if (mode === SATURATE) potential = threshold;
  } else if (potential <= reverseThreshold) {
    const mode = params[9][i];
    if (mode === HARD) potential = params[5][i];
    else if (mode === SOFT) potential += reverseThreshold;
    else if (mode === SATURATE) potential = reverseThreshold;
  }
  v[i] = potential;
  return status;
}
