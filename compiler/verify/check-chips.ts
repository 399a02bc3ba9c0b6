import { storedWords, type CoreProgram } from "#ir/deployment";
import { coresPerChip } from "#targets/target";
import { overChipMemory } from "./diagnostics.ts";
import type { CountContext } from "./formulas/wall-counter.ts";

/** Whether what the cores of a chip share suffices for all of them: synapse words, and entries of the routing table. */
export function checkChips(
  cores: readonly CoreProgram[],
  { target, findings }: Pick<CountContext, "target" | "findings">,
): void {
  const { chipMemory } = target;
  if (chipMemory === undefined) return;
  const perChip = coresPerChip(target);
  const words = new Map<number, number>();
  const senders = new Map<number, Set<number>>();
  const sends = (chip: number, core: number): void => {
    senders.set(chip, (senders.get(chip) ?? new Set()).add(core));
  };
  for (const core of cores) {
    const chip = Math.floor(core.core / perChip);
    words.set(chip, (words.get(chip) ?? 0) + storedWords(core));
    for (const to of new Set(core.routeCore)) {
      sends(chip, core.core);
      sends(Math.floor(to / perChip), core.core);
    }
  }
  const check = (what: "words" | "routes", chip: number, needed: number): void => {
    const available = chipMemory[what]?.value ?? Infinity;
    if (needed > available) findings.report(overChipMemory({ chip, what, needed, available }));
  };
  for (const [chip, needed] of words) check("words", chip, needed);
  for (const [chip, from] of senders) check("routes", chip, from.size);
}
