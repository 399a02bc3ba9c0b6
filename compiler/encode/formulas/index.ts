import type { Packer } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { CoreFormula } from "./core-formula.ts";
import { crossbarFormula } from "./crossbar.ts";
import { entryListFormula } from "./entry-list.ts";
import { kernelPow2Formula } from "./kernel-pow2.ts";
import { packedKernelFormula } from "./packed-kernel.ts";
import { rowFormulas } from "./rows.ts";
import { slotTableFormula } from "./slot-table.ts";

export type { CoreFormula } from "./core-formula.ts";

/** Every way of storing synapses that the compiler knows. To add one: a file beside this one, and a line here. */
export const CORE_FORMULAS: readonly CoreFormula[] = [
  entryListFormula,
  crossbarFormula,
  slotTableFormula,
  packedKernelFormula,
  kernelPow2Formula,
  ...rowFormulas,
];

export function coreFormula({ formula }: Packer): CoreFormula {
  const found = CORE_FORMULAS.find((entry) => entry.formula === formula);
  invariant(found !== undefined, `the compiler knows the formula "${formula}"`);
  return found;
}
