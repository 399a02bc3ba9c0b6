import { TIME_UNITS, timeNs } from "#targets/quantity";
import { LAW_RATES, type Quantity, type RatedLaw, type RateName } from "#targets/target";
import type { Diagnostic } from "#util/diagnostic";
import { rateNegative, ratesMissing, rateUnknown } from "../timing-diagnostics.ts";
import type { TimingContext } from "./timing.ts";

/** What the rates of a law mean, and when one can be left out. */
export type RateMeanings<L extends RatedLaw> = {
  readonly [N in RateName<L>]: {
    readonly meaning: string;
    readonly isOptional?: (context: TimingContext) => boolean;
  };
};

/** Rates of a law: the user's, else the profile's, in the unit of their names; NaN: neither has it. */
export function ratesOf<L extends RatedLaw>(
  law: L,
  { profile, rates }: TimingContext,
): Readonly<Record<RateName<L>, number>> {
  const known = profile.laws?.[law] as Readonly<Partial<Record<string, Quantity>>> | undefined;
  const entries = LAW_RATES[law].map((name): [string, number] => {
    const quantity = known?.[name];
    return [name, rates?.[name] ?? (quantity === undefined ? NaN : valueOf(quantity))];
  });
  return Object.fromEntries(entries) as Record<RateName<L>, number>;
}

/** Why a law cannot be followed: a rate that it does not know, that is no number, or that nobody gave. */
export function refuseRates<L extends RatedLaw>(
  law: L,
  meanings: RateMeanings<L>,
  context: TimingContext,
): Diagnostic | undefined {
  const names: readonly RateName<L>[] = LAW_RATES[law];
  for (const [rate, value] of Object.entries(context.rates ?? {})) {
    if (!(names as readonly string[]).includes(rate)) return rateUnknown({ model: law, rate, known: names });
    if (!(value >= 0 && value < Infinity)) return rateNegative({ model: law, rate, value });
  }
  const found = ratesOf(law, context);
  const missing = names
    .filter((name) => Number.isNaN(found[name]) && meanings[name].isOptional?.(context) !== true)
    .map((name) => ({ name, meaning: meanings[name].meaning }));
  if (missing.length === 0) return undefined;
  return ratesMissing({ model: law, profile: context.profile.name, missing });
}

/** For models that go by the times of the profile: rates that are given would change nothing. */
export function refuseAnyRates(model: string, { rates }: TimingContext): Diagnostic | undefined {
  const rate = Object.keys(rates ?? {})[0] as string | undefined;
  return rate === undefined ? undefined : rateUnknown({ model, rate, known: [] });
}

function valueOf(quantity: Quantity): number {
  return TIME_UNITS.includes(quantity.unit) ? timeNs(quantity) : quantity.value;
}
