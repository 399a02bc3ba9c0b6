import { inputShare, lossShare } from "#neurons/leak";
import { DEFAULT_DYNAMICS, type Dynamics, type Network, type Population } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import { decayNotPossible } from "./diagnostics-export.ts";

/** Time constants of the leaky models, and the gains that belong to them. */
const LEAKS: Readonly<Record<string, readonly (readonly [tau: string, gain: string])[]>> = {
  li: [["tauSteps", "r"]],
  lif: [["tauSteps", "r"]],
  "cuba-li": [
    ["tauMemSteps", "r"],
    ["tauSynSteps", "wIn"],
  ],
  "cuba-lif": [
    ["tauMemSteps", "r"],
    ["tauSynSteps", "wIn"],
  ],
};

/** The time constants of a population's model with their gains; none for models without leak. */
export function leaksOf({ model }: Population): readonly (readonly [tau: string, gain: string])[] {
  return LEAKS[model] ?? [];
}

/** Numbers this near are the same, up to the rounding of 32-bit floats. */
export const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.abs(b);

/**
 * The same decay per step for a reader with another rule: tau changes so that 1 - 1/tau and exp(-1/tau) agree.
 * Reports populations that lose everything in one step, which no exponential does.
 *
 * @returns the names of the populations that changed, beside the network
 */
export function withIntegrator(
  network: Network,
  integrator: Dynamics["integrator"],
  sink: DiagnosticSink,
): { network: Network; changed: string[] } {
  const changed: string[] = [];
  const populations = network.populations.map((population): Population => {
    const dynamics = population.dynamics ?? DEFAULT_DYNAMICS;
    const leaks = leaksOf(population);
    if (dynamics.integrator === integrator || leaks.length === 0) return population;
    const params: Record<string, Float64Array> = { ...population.params };
    for (const [tau, gain] of leaks) {
      const taus = population.params[tau];
      const gains = population.params[gain] ?? Float64Array.of(1);
      const count = Math.max(taus.length, gains.length);
      const at = (values: Float64Array, i: number): number => values[values.length === 1 ? 0 : i];
      const shares = Float64Array.from({ length: count }, (_, i) =>
        inputShare(at(gains, i), at(taus, i), dynamics.integrator),
      );
      params[tau] = taus.map((steps) => {
        const loss = lossShare(steps, dynamics.integrator);
        return integrator === "euler" ? 1 / loss : -1 / Math.log1p(-loss);
      });
      const isUnit = integrator === "exponential" && shares.every((share) => isNear(share, 1));
      params[gain] = shares.map((share, i) => (isUnit ? 1 : share * at(params[tau], i)));
      if (!params[tau].every((steps) => steps > 0 && Number.isFinite(steps)))
        sink.report(decayNotPossible({ name: population.name, field: tau }));
    }
    changed.push(population.name);
    return { ...population, params, dynamics: { ...dynamics, integrator } };
  });
  return { network: changed.length === 0 ? network : { ...network, populations }, changed };
}
