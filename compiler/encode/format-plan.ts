import type { SynapseFormat } from "#ir/deployment";
import { allEncodingBits, encodingChoices, measureChoices } from "#targets/formulas/choose-encoding";
import { delayFieldBits, indexFieldBits, wordsOfBits, type ListFormat } from "#targets/formulas/entry-list";
import type { EntryListPacker } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { CoreLists } from "./core-lists.ts";
import { shareLists, type SharedLists } from "./share-lists.ts";
import type { Incoming, Workload } from "./workload.ts";

/** How the synapse lists of one core are stored. */
export interface FormatPlan {
  /** Ordered by projection. Projections whose formats agree in every field share a slot of the core. */
  readonly formats: readonly SynapseFormat[];
  /** Slots in use: formats that differ in more than their projection. */
  readonly slots: number;
  /** `[parts]`, index into `formats`. */
  readonly formatOfPart: Uint8Array;
  /** `[axons]`, 64-bit words of each axon's list. */
  readonly axonWords: Uint32Array;
  readonly words: number;
  readonly longestAxonWords: number;
  /** As in `CoreProgram`: where lists are shared. `words` counts each list once. */
  readonly axonList?: Uint32Array;
  /** Whether `words` is less than all lists together without any two of them being equal: kernels that many axons read parts of. */
  readonly isStoredOnce?: true;
}

/** Entries of a deployment name their format in 8 bits; formats are listed once for each projection. */
const MAX_LISTED_FORMATS = 256;

/** Projections on one core that store weights alike: they differ in the encoding of single lists only. */
interface Family {
  readonly base: Pick<SynapseFormat, "weightBits" | "signMode" | "weightExponent">;
  readonly choices: readonly ListFormat[];
  /** `choices` that may be used. */
  enabled: number[];
}

/**
 * Chooses an encoding for every list: each has its own best while the slots last. With fewer slots, every family
 * starts with the one that is best for all of its lists, then the slot that saves most bits is added, and so on.
 *
 * @returns undefined if even one encoding per family needs more slots than there are
 */
export function planFormats(given: Workload, lists: CoreLists): FormatPlan | undefined {
  const workload = withEntryLists(given);
  const { sharing } = workload.packer;
  const shared = sharing === undefined ? undefined : shareLists(lists, sharing.maxBase.value);
  return (
    planWithDelays(workload, lists, shared, (incoming) => incoming.delaySteps) ??
    // One delay width for all: fewer families, wider entries.
    planWithDelays(workload, lists, shared, (_, longest) => longest)
  );
}

/** Slots that the core's lists need at the least: one for every way of storing weights. */
export function fewestSlots(workload: Workload, lists: CoreLists): number {
  return groupFamilies(withEntryLists(workload), lists, longestDelay).families.length;
}

type EntryListWorkload = Workload & { readonly packer: EntryListPacker };

function withEntryLists(workload: Workload): EntryListWorkload {
  const { packer } = workload;
  invariant(packer.formula === "entry-list", "lists of entries belong to such a packer");
  return { ...workload, packer };
}

type DelayRule = (incoming: Incoming, longestSteps: number) => number;
const longestDelay: DelayRule = (_, longest) => longest;

function planWithDelays(
  workload: EntryListWorkload,
  lists: CoreLists,
  shared: SharedLists | undefined,
  delayOf: DelayRule,
): FormatPlan | undefined {
  const { packer, target } = workload;
  const { families, familyOf } = groupFamilies(workload, lists, delayOf);
  const slots = Math.min(packer.maxFormats, target.walls.synapseFormats?.value ?? Infinity);
  if (families.length > slots) return undefined;
  const bits = partBits(workload, lists, shared, families, familyOf);
  for (const allowed of [slots, families.length]) {
    enableChoices(lists, families, familyOf, bits, allowed);
    const plan = choose(workload, lists, shared, families, familyOf, bits);
    if (plan.formats.length <= MAX_LISTED_FORMATS) return plan;
  }
  return undefined;
}

/** What reaches the core, by projection. */
function presentOn(workload: EntryListWorkload, lists: CoreLists): Incoming[] {
  const present = new Set<number>(lists.partProjection);
  return [...present].sort((a, b) => a - b).map((projection) => workload.byProjection[projection]);
}

function groupFamilies(
  workload: EntryListWorkload,
  lists: CoreLists,
  delayOf: DelayRule,
): { families: Family[]; familyOf: Int32Array } {
  const { packer } = workload;
  const present = presentOn(workload, lists);
  const longestSteps = present.reduce((most, { delaySteps }) => Math.max(most, delaySteps), 1);
  let largestTarget = 0;
  for (let part = 0; part < lists.partProjection.length; part++)
    largestTarget = Math.max(largestTarget, lists.target[lists.entryStart[part + 1] - 1]);
  const indexBits = indexFieldBits(packer, largestTarget);
  const families: Family[] = [];
  const byKey = new Map<string, number>();
  const familyOf = new Int32Array(workload.network.projections.length).fill(-1);
  for (const entry of present) {
    const { weightBits, signMode, weightExponent } = entry.quantization;
    const delayBits = delayFieldBits(delayOf(entry, longestSteps));
    const key = [weightBits, signMode, weightExponent, delayBits].join();
    let family = byKey.get(key);
    if (family === undefined) {
      byKey.set(key, (family = families.length));
      const choices = encodingChoices(packer, { weightBits, indexBits, delayBits });
      families.push({ base: { weightBits, signMode, weightExponent }, choices, enabled: [] });
    }
    familyOf[entry.projection] = family;
  }
  return { families, familyOf };
}

/** `[parts, choices]`: bits of each part in each encoding of its family; all families have the same choices. */
function partBits(
  workload: EntryListWorkload,
  lists: CoreLists,
  shared: SharedLists | undefined,
  families: readonly Family[],
  familyOf: Int32Array,
): Float64Array {
  const parts = lists.partProjection.length;
  const width = families[0]?.choices.length ?? 0;
  const bits = new Float64Array(parts * width);
  const row = new Float64Array(width);
  const measured = families.map(({ choices }) => measureChoices(workload.packer, choices));
  const measurePart = (part: number): void => {
    const choices = measured[familyOf[lists.partProjection[part]]];
    const [begin, end] = [lists.entryStart[part], lists.entryStart[part + 1]];
    allEncodingBits(workload.packer, choices, lists.target, begin, end, row);
    bits.set(row, part * width);
  };
  if (shared === undefined) {
    for (let part = 0; part < parts; part++) measurePart(part);
    return bits;
  }
  // A shift changes no length: lists that are shared are measured once.
  const { partStart } = lists;
  for (let axon = 0; axon + 1 < partStart.length; axon++) {
    const first = shared.firstAxon[shared.listOf[axon]];
    if (first === axon)
      for (let part = partStart[axon]; part < partStart[axon + 1]; part++) measurePart(part);
    else bits.copyWithin(partStart[axon] * width, partStart[first] * width, partStart[first + 1] * width);
  }
  return bits;
}

function enableChoices(
  lists: CoreLists,
  families: readonly Family[],
  familyOf: Int32Array,
  bits: Float64Array,
  slots: number,
): void {
  const width = families[0]?.choices.length ?? 0;
  if (families.length * width <= slots) {
    for (const family of families) family.enabled = family.choices.map((_, choice) => choice);
    return;
  }
  const totals = families.map(() => new Float64Array(width));
  const parts = lists.partProjection.length;
  for (let part = 0; part < parts; part++) {
    const total = totals[familyOf[lists.partProjection[part]]];
    for (let choice = 0; choice < width; choice++) total[choice] += bits[part * width + choice];
  }
  families.forEach((family, f) => (family.enabled = [indexOfLeast(totals[f])]));
  for (let free = slots - families.length; free > 0; free--) {
    const saved = families.map(() => new Float64Array(width));
    for (let part = 0; part < parts; part++) {
      const f = familyOf[lists.partProjection[part]];
      const now = bits[part * width + cheapest(families[f].enabled, bits, part * width)];
      for (let choice = 0; choice < width; choice++)
        saved[f][choice] += Math.max(0, now - bits[part * width + choice]);
    }
    let best = { family: -1, choice: -1, bits: 0 };
    saved.forEach((row, family) => {
      row.forEach((gain, choice) => {
        if (gain > best.bits) best = { family, choice, bits: gain };
      });
    });
    if (best.family < 0) return;
    families[best.family].enabled.push(best.choice);
    families[best.family].enabled.sort((a, b) => a - b);
  }
}

function choose(
  workload: EntryListWorkload,
  lists: CoreLists,
  shared: SharedLists | undefined,
  families: readonly Family[],
  familyOf: Int32Array,
  bits: Float64Array,
): FormatPlan {
  const width = families[0]?.choices.length ?? 0;
  const parts = lists.partProjection.length;
  const choiceOfPart = new Uint8Array(parts);
  const used = new Set<number>();
  for (let part = 0; part < parts; part++) {
    const projection = lists.partProjection[part];
    const choice = cheapest(families[familyOf[projection]].enabled, bits, part * width);
    choiceOfPart[part] = choice;
    used.add(projection * width + choice);
  }
  const formats: SynapseFormat[] = [];
  const formatNumber = new Map<number, number>();
  const slots = new Set<number>();
  for (const code of [...used].sort((a, b) => a - b)) {
    const projection = Math.floor(code / width);
    const choice = code % width;
    const { base, choices } = families[familyOf[projection]];
    formatNumber.set(code, formats.length);
    formats.push({ projection, ...base, ...choices[choice] });
    slots.add(familyOf[projection] * width + choice);
  }
  const formatOfPart = new Uint8Array(parts);
  const axons = lists.sourceNeuron.length;
  const axonWords = new Uint32Array(axons);
  let words = 0;
  let longestAxonWords = 0;
  for (let axon = 0; axon < axons; axon++) {
    let axonBits = 0;
    for (let part = lists.partStart[axon]; part < lists.partStart[axon + 1]; part++) {
      const code = lists.partProjection[part] * width + choiceOfPart[part];
      formatOfPart[part] = formatNumber.get(code) ?? 0;
      axonBits += bits[part * width + choiceOfPart[part]];
    }
    const listWords = wordsOfBits(workload.packer, axonBits);
    axonWords[axon] = listWords;
    if (shared === undefined || shared.firstAxon[shared.listOf[axon]] === axon) words += listWords;
    longestAxonWords = Math.max(longestAxonWords, listWords);
  }
  const plan = { formats, slots: slots.size, formatOfPart, axonWords, words, longestAxonWords };
  return shared === undefined ? plan : { ...plan, axonList: shared.listOf };
}

/** The enabled choice with the fewest bits in the row at `offset`; the first of equals. */
function cheapest(enabled: readonly number[], bits: Float64Array, offset: number): number {
  let best = enabled[0];
  for (const choice of enabled) if (bits[offset + choice] < bits[offset + best]) best = choice;
  return best;
}

function indexOfLeast(values: Float64Array): number {
  let least = 0;
  for (let i = 1; i < values.length; i++) if (values[i] < values[least]) least = i;
  return least;
}
