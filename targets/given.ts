// Short ways of writing the numbers of a target.
import {
  PRICED_ACTIONS,
  type PricedAction,
  type Profile,
  type Quantity,
  type Target,
  type Unit,
} from "./target.ts";

type Prices = Profile["energy"];
type Extra = Partial<Omit<Quantity, "value" | "unit" | "evidence">>;

/** No price for anything. */
export const NO_PRICES: Prices = Object.fromEntries(PRICED_ACTIONS.map((action) => [action, null])) as Prices;

/** Prices of the actions that are named; no others are known. */
export function pricesOf(given: Partial<Prices>): Prices {
  return { ...NO_PRICES, ...given };
}

/** One price for a synaptic event, however the list is stored. */
export function synapsePrices(price: Quantity): Partial<Prices> {
  return {
    synapseDense: price,
    synapseSparse: price,
    synapseRunLength: price,
    synapseConv: price,
  };
}

/** The other actions of a chip, all inside the price of a synaptic event. */
export function insideSynapses(
  reason: string,
  further: readonly PricedAction[] = [],
): Partial<Record<PricedAction, string>> {
  const inside: readonly PricedAction[] = [
    "synapseWordRead",
    "neuronAccess",
    "neuronUpdate",
    "spikeOut",
    "messageOut",
    "messageIn",
    "hopTile",
    "hopEastWest",
    "hopNorthSouth",
    ...further,
  ];
  return Object.fromEntries(inside.map((action) => [action, reason]));
}

/** Signed integers from `least` to `most`, in these widths, as they are: no exponents, no shared sign. */
export function plainWeights(most: number, least: number, bits: readonly number[]): Target["weights"] {
  return {
    maxMagnitude: most,
    minMixed: least,
    bits,
    exponentMin: 0,
    exponentMax: 0,
    inputShift: 0,
    mixedStep: 1,
  };
}

export const NO_STATIC_POWER: Profile["staticPower"] = { chip: null, core: null, io: null };

/** A number by us, with its reasoning. */
export function assumed(value: number, unit: Unit, note: string, extra: Extra = {}): Quantity {
  return { value, unit, evidence: "assumed", src: [], ...extra, note };
}

export function documented(value: number, unit: Unit, src: readonly string[], extra: Extra = {}): Quantity {
  return { value, unit, evidence: "documented", ...extra, src };
}

/** Arithmetic on other numbers, which the note shows. */
export function derived(
  value: number,
  unit: Unit,
  src: readonly string[],
  note: string,
  extra: Extra = {},
): Quantity {
  return { value, unit, evidence: "derived", ...extra, src, note };
}

/** Columns and rows of a mesh of `cores`, as square as they can be without gaps. */
export function meshOf(cores: number): { readonly columns: number; readonly rows: number } {
  let rows = Math.floor(Math.sqrt(cores));
  while (cores % rows !== 0) rows--;
  return { columns: cores / rows, rows };
}
