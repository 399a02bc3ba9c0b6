import { fewestSlots, planFormats } from "../format-plan.ts";
import type { CoreFormula } from "./core-formula.ts";

/** Lists of single entries in 64-bit words, each in its cheapest encoding. */
export const entryListFormula: CoreFormula = {
  formula: "entry-list",
  plan: planFormats,
  fewestSlots,
};
