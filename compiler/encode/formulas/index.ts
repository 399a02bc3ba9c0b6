import type { Packer } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { CoreFormula } from "./core-formula.ts";
import { entryListFormula } from "./entry-list.ts";

export type { CoreFormula } from "./core-formula.ts";

/** Every way of storing synapses that the compiler knows. To add one: a file beside this one, and a line here. */
export const CORE_FORMULAS: readonly CoreFormula[] = [entryListFormula];

export function coreFormula({ formula }: Packer): CoreFormula {
  const found = CORE_FORMULAS.find((entry) => entry.formula === formula);
  invariant(found !== undefined, `the compiler knows the formula "${formula}"`);
  return found;
}
