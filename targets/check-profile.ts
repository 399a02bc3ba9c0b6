import type { Diagnostic } from "#util/diagnostic";
import type { Place } from "./check-quantity.ts";
import {
  badFactor,
  barrierOrder,
  foreignProfile,
  insidePriced,
  mixedScopes,
  noBase,
  silentLaw,
} from "./diagnostics.ts";
import { ENERGY_UNITS, POWER_UNITS, TIME_UNITS } from "./quantity.ts";
import {
  LAW_NEEDS,
  LAW_RATES,
  PRICED_ACTIONS,
  type Profile,
  type Quantity,
  type RatedLaw,
  type Unit,
} from "./target.ts";

/** Every number of a profile, with the units that it may have; prices have to say how far they reach. */
export function placesOfProfile(profile: Profile, at: string): Place[] {
  const places: Place[] = [];
  const add = (path: string, quantity: Quantity | null, units: readonly Unit[], needsScope = false): void => {
    if (quantity !== null) places.push({ path: `${at}${path}`, quantity, units, isWall: false, needsScope });
  };
  for (const action of PRICED_ACTIONS) {
    add(`/energy/${action}`, profile.energy[action], ENERGY_UNITS, true);
    add(`/time/${action}`, profile.time[action], TIME_UNITS);
  }
  for (const law of Object.keys(LAW_RATES) as RatedLaw[])
    for (const [rate, quantity] of Object.entries(profile.laws?.[law] ?? {}) as [string, Quantity][])
      add(`/laws/${law}/${rate}`, quantity, rateUnits(rate));
  profile.barrier.forEach(({ time }, k) => {
    add(`/barrier/${k}/time`, time, TIME_UNITS);
  });
  for (const part of ["chip", "core", "io"] as const)
    add(`/staticPower/${part}`, profile.staticPower[part], POWER_UNITS, true);
  return places;
}

function rateUnits(rate: string): readonly Unit[] {
  if (/Ns(?=$|Per)/.test(rate)) return TIME_UNITS;
  return rate.endsWith("Bits") ? ["bit"] : ["count"];
}

/** What a profile owes its target, and itself. */
export function checkProfile(profile: Profile, path: string, target: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (profile.target !== target)
    found.push(foreignProfile({ path: `${path}/target`, profile: profile.name, of: profile.target, target }));
  return [
    ...found,
    ...checkBase(profile, path),
    ...checkLaw(profile, path),
    ...checkInside(profile, path),
    ...checkScopes(profile, path),
  ];
}

/** Prices of another chip say which one's, and what they were multiplied by. */
function checkBase({ name, kind, base }: Profile, path: string): Diagnostic[] {
  const borrows = kind === "scaled" || kind === "inherited";
  if (base === undefined) return borrows ? [noBase({ path: `${path}/base`, profile: name, kind })] : [];
  const found: Diagnostic[] = [];
  const factors = [base.energyFactor, base.timeFactor];
  if (kind === "scaled" && factors.every((factor) => factor === undefined))
    found.push(badFactor({ path: `${path}/base`, profile: name, problem: "names no factor" }));
  for (const key of ["energyFactor", "timeFactor"] as const) {
    const factor = base[key] ?? 1;
    const values = typeof factor === "number" ? [factor] : Object.values(factor);
    if (values.some((value) => !(Number.isFinite(value) && value > 0)))
      found.push(
        badFactor({
          path: `${path}/base/${key}`,
          profile: name,
          problem: "has a factor that is not above 0",
        }),
      );
  }
  return found;
}

/** A law has what it goes by, or the profile says in words that it has not. */
function checkLaw(profile: Profile, path: string): Diagnostic[] {
  const { law, barrier, laws, unpriced, name } = profile;
  const found: Diagnostic[] = [];
  const tiles = barrier.map((entry) => entry.tiles);
  const isTimed = PRICED_ACTIONS.some((action) => profile.time[action] !== null);
  if (tiles.length === 0 ? law === "max-core" && isTimed : tiles[0] !== 1 || !rises(tiles))
    found.push(barrierOrder({ path: `${path}/barrier`, tiles }));
  if (unpriced.length > 0) return found;
  const missing =
    law === "max-core"
      ? isTimed
        ? []
        : ["times of actions"]
      : LAW_NEEDS[law].filter((rate) => !(rate in (laws?.[law] ?? {})));
  if (missing.length > 0) found.push(silentLaw({ path: `${path}/unpriced`, profile: name, law, missing }));
  return found;
}

function rises(numbers: readonly number[]): boolean {
  return numbers.every((number, i) => i === 0 || number > numbers[i - 1]);
}

function checkInside({ inside, energy, time }: Profile, path: string): Diagnostic[] {
  return PRICED_ACTIONS.filter(
    (action) => inside?.[action] !== undefined && (energy[action] !== null || time[action] !== null),
  ).map((action) => insidePriced({ path: `${path}/inside/${action}`, action }));
}

function checkScopes({ energy }: Profile, path: string): Diagnostic[] {
  const priced = PRICED_ACTIONS.filter((action) => (energy[action]?.value ?? 0) !== 0);
  const allIn = priced.filter((action) => energy[action]!.scope === "all-in");
  const perTerm = priced.filter((action) => energy[action]!.scope !== "all-in");
  return allIn.length > 0 && perTerm.length > 0
    ? [mixedScopes({ path: `${path}/energy`, allIn, perTerm })]
    : [];
}
