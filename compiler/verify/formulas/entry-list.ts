import type { CoreProgram, SynapseFormat } from "#ir/deployment";
import type { EntryListPacker, Target } from "#targets/target";
import { invariant } from "#util/diagnostic";
import { countWords } from "../count-words.ts";
import { axonWordsDiffer, entriesNotAscending, fieldTooNarrow, formatUnknown } from "../diagnostics.ts";
import { sharedWords } from "../shared-words.ts";
import type { CountContext, WallCounter } from "./wall-counter.ts";

/** Lists of single entries in 64-bit words. */
export const entryListCounter: WallCounter = {
  formula: "entry-list",

  checkFormats(core, context) {
    checkFormats(core, withEntryLists(context));
  },

  count(core, context) {
    const { packer, findings } = withEntryLists(context);
    let words = 0;
    let longest = 0;
    for (let axon = 0; axon < core.axonWords.length; axon++) {
      const counted = countWords(packer, core, axon);
      words += counted;
      longest = Math.max(longest, counted);
      const stated = core.axonWords[axon];
      if (stated !== counted) findings.report(axonWordsDiffer({ core: core.core, axon, stated, counted }));
    }
    const shared = sharedWords(core, packer, findings);
    return { demand: { synapseWords: shared ?? words }, longest };
  },
};

type EntryListContext = CountContext & { readonly packer: EntryListPacker };

function withEntryLists(context: CountContext): EntryListContext {
  const { packer } = context;
  invariant(packer.formula === "entry-list", "the counter was chosen by the packer's formula");
  return { ...context, packer };
}

/** Fields that the packer has, and wide enough for what the entries hold. */
function checkFormats(core: CoreProgram, { target, packer, findings }: EntryListContext): void {
  const { formats, axonStart } = core;
  formats.forEach((form, format) => {
    const unknown = (field: string, value: string | number): void =>
      findings.report(formatUnknown({ core: core.core, format, field, value, packer: packer.name }));
    const encodings: readonly string[] = packer.encodings;
    if (!encodings.includes(form.encoding)) unknown("encoding", form.encoding);
    if (!target.weights.bits.includes(form.weightBits)) unknown("weightBits", form.weightBits);
    if (!packer.indexBits.includes(form.indexBits)) unknown("indexBits", form.indexBits);
    const skips: readonly number[] = form.encoding === "run-length" ? packer.skipBits : [0];
    if (!skips.includes(form.skipBits)) unknown("skipBits", form.skipBits);
    const { exponentMin, exponentMax } = target.weights;
    if (form.weightExponent < exponentMin || form.weightExponent > exponentMax)
      unknown("weightExponent", form.weightExponent);
  });
  const largest = formats.map(() => ({ target: 0, delay: 1, weight: 0 }));
  for (let axon = 0; axon + 1 < axonStart.length; axon++) {
    let ascends = true;
    for (let i = axonStart[axon]; i < axonStart[axon + 1]; i++) {
      const format = core.format[i];
      const most = largest[format];
      if (core.target[i] > most.target) most.target = core.target[i];
      if (core.delaySteps[i] > most.delay) most.delay = core.delaySteps[i];
      if (most.weight === 0 && !isStorable(core.weight[i], formats[format], target))
        most.weight = core.weight[i];
      if (i > axonStart[axon] && core.format[i - 1] === format && core.target[i] <= core.target[i - 1])
        ascends = false;
    }
    if (!ascends) findings.report(entriesNotAscending({ core: core.core, axon }));
  }
  formats.forEach((form, format) => {
    const narrow = (field: string, bits: number, value: number): void =>
      findings.report(fieldTooNarrow({ core: core.core, format, field, bits, value }));
    const { target: compartment, delay, weight } = largest[format];
    if (compartment >= 2 ** form.indexBits) narrow("target", form.indexBits, compartment);
    if (delay - 1 >= 2 ** form.delayBits) narrow("delay", form.delayBits, delay);
    if (delay > target.maxDelaySteps.value) narrow("delay", form.delayBits, delay);
    if (weight !== 0) narrow("weight", form.weightBits, weight);
  });
}

/** Fewer bits keep the range in coarser steps; mixed signs cost one more bit of resolution. */
function isStorable(weight: number, { weightBits, signMode }: SynapseFormat, { weights }: Target): boolean {
  const fullBits = Math.max(...weights.bits);
  const step = 2 ** (fullBits - weightBits) * (signMode === "mixed" ? (weights.mixedStep ?? 2) : 1);
  if (weight % step !== 0) return false;
  if (signMode === "excitatory" && weight < 0) return false;
  if (signMode === "inhibitory" && weight > 0) return false;
  return (
    weight <= weights.maxMagnitude &&
    weight >= (signMode === "mixed" ? weights.minMixed : -weights.maxMagnitude)
  );
}
