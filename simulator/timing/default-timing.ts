import { LAW_NEEDS, type Profile } from "#targets/target";
import { TIMING_MODELS } from "./index.ts";

/**
 * The timing model of a run that names none: the one of the profile's law, if its rates are known or given; else the first.
 */
export function defaultTiming(
  { law, laws }: Pick<Profile, "law" | "laws">,
  rates: Readonly<Record<string, number>> = {},
): string {
  const first = TIMING_MODELS[0].name;
  if (law === "max-core") return first;
  const published: Readonly<Partial<Record<string, unknown>>> = laws?.[law] ?? {};
  return LAW_NEEDS[law].every((rate) => rate in rates || published[rate] !== undefined) ? law : first;
}
