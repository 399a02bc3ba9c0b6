import type { CubaForm } from "#neurons/neuron";

/** Decays in the chip's units: u loses (uDecay + 1) / 4096 of itself per step, v loses vDecay / 4096. */
export interface ChipDecays {
  /** `[size]`, 0 to 4095. */
  readonly uDecay: Float64Array;
  /** `[size]`, 0 to 4095. */
  readonly vDecay: Float64Array;
}

/** Shares of loss per step that the chip's units stand for. */
export function uLossShare(uDecay: number, decayBits: number): number {
  return (uDecay + 1) / 2 ** decayBits;
}

export function vLossShare(vDecay: number, decayBits: number): number {
  return vDecay / 2 ** decayBits;
}

/** The nearest decays that the chip has; at most `levels` different pairs of them, if given. */
export function chipDecays(form: CubaForm, decayBits: number, levels: number | undefined): ChipDecays {
  const one = 2 ** decayBits;
  const clamp = (decay: number): number => Math.min(one - 1, Math.max(0, decay));
  const nearest: ChipDecays = {
    uDecay: form.uDecay.map((share) => clamp(Math.round(share * one) - 1)),
    vDecay: form.vDecay.map((share) => clamp(Math.round(share * one))),
  };
  return levels === undefined ? nearest : mergedDecays(nearest, levels, one);
}

/** Number of different (uDecay, vDecay) pairs. */
export function decayPairs({ uDecay, vDecay }: ChipDecays): number {
  return new Set(Array.from(uDecay, (u, i) => pairKey(u, vDecay[i]))).size;
}

function pairKey(u: number, v: number): number {
  return u * 2 ** 16 + v;
}

/** A pair of decays as a point: logarithms, because a time constant of 100 and one of 101 steps are alike. */
interface DecayPoint {
  readonly u: number;
  readonly v: number;
  /** Neurons that have it. */
  readonly weight: number;
}

const MAX_ROUNDS = 50;

/**
 * Replaces decays by the means of at most `levels` clusters (k-means on logarithms, farthest points first as
 * centres, so the result is the same in every run).
 *
 * Source: S. P. Lloyd, IEEE Trans. Inf. Theory 28(2), 1982; T. F. Gonzalez, Theor. Comput. Sci. 38, 1985.
 */
function mergedDecays({ uDecay, vDecay }: ChipDecays, levels: number, one: number): ChipDecays {
  const points = new Map<number, DecayPoint>();
  uDecay.forEach((u, i) => {
    const key = pairKey(u, vDecay[i]);
    const weight = (points.get(key)?.weight ?? 0) + 1;
    points.set(key, { u: Math.log(u + 1), v: Math.log(Math.max(vDecay[i], NO_DECAY)), weight });
  });
  if (points.size <= levels) return { uDecay, vDecay };
  const list = [...points.values()];
  let centres = farthestPoints(list, levels);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const members = centres.map((): DecayPoint[] => []);
    for (const point of list) members[nearestCentre(point, centres)].push(point);
    const moved = centres.map((centre, c) => meanOf(members[c], centre));
    if (moved.every((centre, c) => distance(centre, centres[c]) < 1e-12)) break;
    centres = moved;
  }
  const assigned = new Map(
    [...points].map(([key, point]) => [key, centres[nearestCentre(point, centres)]] as const),
  );
  const centreOf = (i: number): DecayPoint => assigned.get(pairKey(uDecay[i], vDecay[i]))!;
  return {
    uDecay: uDecay.map((_, i) => Math.min(one - 1, Math.max(0, Math.round(Math.exp(centreOf(i).u)) - 1))),
    vDecay: vDecay.map((_, i) => {
      const merged = Math.exp(centreOf(i).v);
      return merged < HALF_WAY_TO_NONE ? 0 : Math.min(one - 1, Math.max(1, Math.round(merged)));
    }),
  };
}

/** A vDecay of 0 has no logarithm: it counts as a half, and this lies halfway between a half and one. */
const NO_DECAY = 0.5;
const HALF_WAY_TO_NONE = Math.sqrt(NO_DECAY);

function distance(a: DecayPoint, b: DecayPoint): number {
  return (a.u - b.u) ** 2 + (a.v - b.v) ** 2;
}

function nearestCentre(point: DecayPoint, centres: readonly DecayPoint[]): number {
  let best = 0;
  for (let c = 1; c < centres.length; c++) {
    if (distance(point, centres[c]) < distance(point, centres[best])) best = c;
  }
  return best;
}

function farthestPoints(points: readonly DecayPoint[], count: number): DecayPoint[] {
  const centres = [points.reduce((most, point) => (point.weight > most.weight ? point : most))];
  const gap = points.map((point) => distance(point, centres[0]));
  while (centres.length < count) {
    const farthest = points[gap.reduce((most, length, i) => (length > gap[most] ? i : most), 0)];
    centres.push(farthest);
    points.forEach((point, i) => {
      gap[i] = Math.min(gap[i], distance(point, farthest));
    });
  }
  return centres;
}

function meanOf(members: readonly DecayPoint[], old: DecayPoint): DecayPoint {
  const weight = members.reduce((sum, point) => sum + point.weight, 0);
  if (weight === 0) return old;
  return {
    u: members.reduce((sum, point) => sum + point.u * point.weight, 0) / weight,
    v: members.reduce((sum, point) => sum + point.v * point.weight, 0) / weight,
    weight,
  };
}
