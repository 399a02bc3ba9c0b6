import type { Dynamics } from "#ir/network";

/**
 * What of a leaky quantity is lost in one step: y <- y + lossShare (yLeak - y).
 *
 * Euler: 1 / tau. Exponential: 1 - exp(-1 / tau), as sinabs and Rockpool decay.
 */
export function lossShare(tauSteps: number, integrator: Dynamics["integrator"]): number {
  return integrator === "euler" ? 1 / tauSteps : -Math.expm1(-1 / tauSteps);
}

/**
 * What one unit of input adds to a leaky quantity in one step.
 *
 * Euler: gain / tau. Exponential: the frameworks that decay exactly do not scale the input exactly, so this
 * follows them rather than the differential equation: sinabs writes a gain of 1 and adds the input
 * unscaled; Rockpool writes gain = tau exp(-1 / tau) and adds exp(-1 / tau) times the input, which is
 * gain / tau. So a gain of exactly 1 adds 1, any other adds gain / tau.
 */
export function inputShare(gain: number, tauSteps: number, integrator: Dynamics["integrator"]): number {
  return integrator === "exponential" && gain === 1 ? 1 : gain / tauSteps;
}
