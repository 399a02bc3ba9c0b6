import { type Diagnostic, DiagnosticSink, ToolchainError } from "#util/diagnostic";
import {
  densityNotReached,
  densityProbeNotANumber,
  searchOptionOutOfRange,
} from "./methods/methods-diagnostics.ts";

export interface DensitySearchOptions {
  /** Trains (in full, or a shortened run) with this knob; gives the density it ends with, 0 to 1, 0 for a network that died. */
  readonly probe: (knob: number) => Promise<number>;
  /** First guess of the knob, above 0: `density.start` of the method. */
  readonly start: number;
  /** Density to reach, between 0 and 1. */
  readonly target: number;
  /** How far off the density may be, as a share of `target`: 0.1 takes 4.5 % to 5.5 % for 5 %. */
  readonly tolerance: number;
  /** Most runs to try. */
  readonly maxProbes: number;
}

export interface DensityProbe {
  readonly knob: number;
  readonly density: number;
}

export interface DensitySearchResult extends DensityProbe {
  /** In the order they were run. `knob` and `density` above are of the probe nearest to the target. */
  readonly probes: readonly DensityProbe[];
  /** `train/density-not-reached`, if the nearest probe is not near enough. */
  readonly diagnostic?: Diagnostic;
}

/** Step of the knob while the target is not yet between two probes. Density falls about as 1 / knob. */
const BRACKET_FACTOR = 4;
/** Knobs this close to each other count as one: if their densities lie on both sides of the target, it jumps. */
const NARROWEST = 1.001;

/**
 * Finds the knob (Grad R's alpha, the threshold of STDS and LATS) of a method whose density cannot be asked for, density
 * being taken to fall with it. First steps by a constant factor until the target lies between two probes, then cuts the gap
 * down: bisection on the logarithm of the knob, aimed by interpolation, since every probe is a training. Noise of the density
 * can mislead a single step, but a probe counts only for the density it really gave. No randomness of its own.
 *
 * @throws ToolchainError if an option is out of range or a probe gives no number; what `probe` throws goes through
 */
export async function searchDensity(options: DensitySearchOptions): Promise<DensitySearchResult> {
  check(options);
  const { probe, start, target, tolerance, maxProbes } = options;
  const probes: DensityProbe[] = [];
  // The last probes that left too many, and too few.
  let tooDense: DensityProbe | undefined;
  let tooSparse: DensityProbe | undefined;
  let knob = start;
  let jumps = false;
  while (probes.length < maxProbes) {
    const density = await probe(knob);
    if (!(density >= 0 && density <= 1))
      throw new ToolchainError([densityProbeNotANumber({ knob, density })]);
    probes.push({ knob, density });
    if (missOf(density, target) <= tolerance) return { knob, density, probes };
    if (density > target) tooDense = { knob, density };
    else tooSparse = { knob, density };
    if (tooDense === undefined) knob /= BRACKET_FACTOR;
    else if (tooSparse === undefined) knob *= BRACKET_FACTOR;
    else {
      jumps = tooSparse.knob / tooDense.knob < NARROWEST;
      if (jumps) break;
      knob = between(tooDense, tooSparse, target);
    }
  }
  const nearest = probes.reduce((best, one) =>
    missOf(one.density, target) < missOf(best.density, target) ? one : best,
  );
  const knobs = probes.map((one) => one.knob);
  const diagnostic = densityNotReached({
    target,
    tolerance,
    nearestKnob: nearest.knob,
    nearestDensity: nearest.density,
    lowestKnob: jumps ? (tooDense?.knob ?? start) : Math.min(...knobs),
    highestKnob: jumps ? (tooSparse?.knob ?? start) : Math.max(...knobs),
    probes: probes.length,
    cause: jumps ? "jump" : "no-more-probes",
  });
  return { ...nearest, probes, diagnostic };
}

/**
 * Where density would meet the target if it were a power of the knob, but no nearer than a quarter of the gap to either end
 * (all on logarithmic scales), so that the gap closes whatever the density does. A dead network tells nothing of the power:
 * then the middle.
 */
function between(dense: DensityProbe, sparse: DensityProbe, target: number): number {
  const way =
    sparse.density === 0 ? 0.5 : Math.log(dense.density / target) / Math.log(dense.density / sparse.density);
  return dense.knob * (sparse.knob / dense.knob) ** Math.min(0.75, Math.max(0.25, way));
}

function missOf(density: number, target: number): number {
  return Math.abs(density - target) / target;
}

function check({ start, target, tolerance, maxProbes }: DensitySearchOptions): void {
  const sink = new DiagnosticSink();
  const need = (holds: boolean, option: string, needed: string, value: number): void => {
    if (!holds) sink.report(searchOptionOutOfRange({ option, needed, value }));
  };
  need(start > 0 && Number.isFinite(start), "start", "a number above 0", start);
  need(target > 0 && target < 1, "target", "a number between 0 and 1", target);
  need(tolerance > 0, "tolerance", "a number above 0", tolerance);
  need(Number.isInteger(maxProbes) && maxProbes >= 1, "maxProbes", "a whole number from 1", maxProbes);
  sink.throwIfErrors();
}
