import { invariant } from "#util/diagnostic";
import type { Quantity, Unit } from "./target.ts";

/** What one of each unit is worth in the unit that the package calculates in. */
const PJ: Partial<Record<Unit, number>> = { pJ: 1, nJ: 1e3 };
const NS: Partial<Record<Unit, number>> = { ns: 1, us: 1e3 };
const MW: Partial<Record<Unit, number>> = { mW: 1, uW: 1e-3 };

export const ENERGY_UNITS: readonly Unit[] = Object.keys(PJ) as Unit[];
export const TIME_UNITS: readonly Unit[] = Object.keys(NS) as Unit[];
export const POWER_UNITS: readonly Unit[] = Object.keys(MW) as Unit[];

export function energyPj(quantity: Quantity): number {
  return convert(quantity, PJ, "energy");
}

export function timeNs(quantity: Quantity): number {
  return convert(quantity, NS, "time");
}

/** 1 mW for 1 ns is 1 pJ. */
export function powerMw(quantity: Quantity): number {
  return convert(quantity, MW, "power");
}

/** How far a number may be off, as factors; null: nobody published a limit on that side. */
export interface Spread {
  readonly low: number | null;
  readonly high: number | null;
}

/** From a one-sided bound on its side, from the published band on the others; nothing is guessed. */
export function spreadOf({ band, bound }: Quantity): Spread {
  return {
    low: bound === "min" ? 1 : (band?.[0] ?? null),
    high: bound === "max" ? 1 : (band?.[1] ?? null),
  };
}

function convert(quantity: Quantity, scale: Partial<Record<Unit, number>>, kind: string): number {
  const factor = scale[quantity.unit];
  invariant(factor !== undefined, `a quantity in ${quantity.unit} is not used as ${kind}`);
  return quantity.value * factor;
}
