import type { Demand, Slice } from "#ir/block-graph";
import type { Packer } from "#targets/target";
import type { CoreLists } from "../core-lists.ts";
import type { FormatPlan } from "../format-plan.ts";
import type { Workload } from "../workload.ts";

/** How one kind of core stores what reaches it: one file in this folder, one line in `CORE_FORMULAS`. */
export interface CoreFormula {
  /** The packers that it serves. */
  readonly formula: Packer["formula"];
  /**
   * Formats and words of the lists of a core.
   *
   * @returns undefined if the core has too few format slots
   */
  plan(workload: Workload, lists: CoreLists, slices: readonly Slice[]): FormatPlan | undefined;
  /** Format slots that the lists need at the least. */
  fewestSlots(workload: Workload, lists: CoreLists): number;
  /** What this kind of core counts besides, or otherwise than, all others; overrides their counts. */
  demand?(
    workload: Workload,
    lists: CoreLists,
    slices: readonly Slice[],
    plan: FormatPlan | undefined,
  ): Partial<Demand>;
}
