import { spreadOf, type Spread } from "#targets/quantity";
import type { PricedAction, Profile, Quantity } from "#targets/target";

/** An energy and how far it may be off: low <= nominal <= high; null where nobody published a limit on that side. */
export interface EnergyBand {
  readonly lowPj: number | null;
  readonly nominalPj: number;
  readonly highPj: number | null;
}

/** What the band of a sum rests on. */
export interface BandOfSum {
  readonly band: EnergyBand;
  /** The profile's published error, if a term needed it. */
  readonly publishedError?: { readonly energyShare: number; readonly note: string };
  /** Actions whose price has no limit on one side or both, and that the published error does not cover. */
  readonly withoutBand: readonly PricedAction[];
}

interface Term {
  readonly action: PricedAction;
  readonly price: Quantity;
  readonly energyPj: number;
}

export function bandOf(energyPj: number, { low, high }: Spread): EnergyBand {
  const times = (factor: number | null): number | null =>
    factor === null || Number.isNaN(energyPj) ? null : energyPj * factor;
  return { lowPj: times(low), nominalPj: energyPj, highPj: times(high) };
}

/** Sum of two energies; unknown where either is. */
export function addBands(a: EnergyBand, b: EnergyBand): EnergyBand {
  return {
    lowPj: a.lowPj === null || b.lowPj === null ? null : a.lowPj + b.lowPj,
    nominalPj: a.nominalPj + b.nominalPj,
    highPj: a.highPj === null || b.highPj === null ? null : a.highPj + b.highPj,
  };
}

/**
 * Band of a sum of priced actions. Each term brings the band of its price; fitted prices that have none share the
 * profile's published error, which is about the energy of whole runs and not about single prices. A term with neither
 * leaves its side of the sum unknown.
 */
export function bandOfSum(terms: readonly Term[], { errors }: Pick<Profile, "errors">): BandOfSum {
  let band: EnergyBand = { lowPj: 0, nominalPj: 0, highPj: 0 };
  let needsError = false;
  const withoutBand: PricedAction[] = [];
  for (const { action, price, energyPj } of terms) {
    const isPlain = price.band === undefined && price.bound === undefined;
    if (isPlain && energyPj === 0) continue;
    let spread = spreadOf(price);
    if (isPlain && price.evidence === "fitted" && errors !== undefined) {
      spread = { low: Math.max(0, 1 - errors.energyShare), high: 1 + errors.energyShare };
      needsError = true;
    } else if (spread.low === null || spread.high === null) withoutBand.push(action);
    band = addBands(band, bandOf(energyPj, spread));
  }
  return {
    band,
    ...(needsError && {
      publishedError: { energyShare: errors!.energyShare, note: errors!.note },
    }),
    withoutBand,
  };
}
