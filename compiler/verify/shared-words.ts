import type { CoreProgram } from "#ir/deployment";
import type { EntryListPacker } from "#targets/target";
import { countWords } from "./count-words.ts";
import { listSharedWrongly } from "./diagnostics.ts";
import type { Findings } from "./findings.ts";

/**
 * Words of a core whose input axons share lists: each list counts once, as its longest member. Every axon is laid beside the
 * one of its list that starts at the lowest compartment, entry by entry; whatever differs by more than one shift, or by a
 * shift that no base reaches, is reported.
 *
 * @returns undefined where the core shares nothing
 */
export function sharedWords(
  core: CoreProgram,
  packer: EntryListPacker,
  findings: Findings,
): number | undefined {
  const { axonList, axonStart } = core;
  if (axonList === undefined) return undefined;
  const { sharing } = packer;
  const refuse = (axon: number, list: number, what: string): void =>
    findings.report(listSharedWrongly({ core: core.core, axon, list, what }));
  if (sharing === undefined) {
    if (axonList.length > 0) refuse(0, axonList[0], `packer "${packer.name}" stores a list for every axon`);
    return undefined;
  }
  const members = new Map<number, number[]>();
  axonList.forEach((list, axon) => {
    const known = members.get(list);
    if (known === undefined) members.set(list, [axon]);
    else known.push(axon);
  });
  let words = 0;
  for (const [list, axons] of members) {
    words += Math.max(...axons.map((axon) => countWords(packer, core, axon)));
    const lowest = axons.reduce((low, axon) => (anchor(core, axon) < anchor(core, low) ? axon : low));
    for (const axon of axons) {
      const base = anchor(core, axon) - anchor(core, lowest);
      if (base > sharing.maxBase.value)
        refuse(axon, list, `its base would be ${base}, and ${sharing.maxBase.value} is the largest`);
      const length = axonStart[axon + 1] - axonStart[axon];
      if (length !== axonStart[lowest + 1] - axonStart[lowest])
        refuse(axon, list, `it has ${length} entries, and axon ${lowest} has another number`);
      else if (!isShifted(core, lowest, axon, base, length))
        refuse(axon, list, `its entries are not those of axon ${lowest} shifted by ${base}`);
    }
  }
  return words;
}

/** The compartment that a list starts at; 0 for an empty one. */
function anchor({ axonStart, target }: CoreProgram, axon: number): number {
  return axonStart[axon] < axonStart[axon + 1] ? target[axonStart[axon]] : 0;
}

function isShifted(core: CoreProgram, from: number, to: number, shift: number, length: number): boolean {
  const [a, b] = [core.axonStart[from], core.axonStart[to]];
  for (let i = 0; i < length; i++) {
    if (core.target[b + i] !== core.target[a + i] + shift) return false;
    if (core.weight[b + i] !== core.weight[a + i]) return false;
    if (core.format[b + i] !== core.format[a + i]) return false;
    if (core.delaySteps[b + i] !== core.delaySteps[a + i]) return false;
  }
  return true;
}
