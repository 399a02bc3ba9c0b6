import type { CoreProgram, SynapseFormat } from "#ir/deployment";
import { ROW_FORMULAS, type RowPacker, type Target } from "#targets/target";
import { invariant } from "#util/diagnostic";
import { axonWordsDiffer, entriesNotAscending, fieldTooNarrow, formatUnknown } from "../diagnostics.ts";
import type { CountContext, WallCounter } from "./wall-counter.ts";

/** Plain lists: a header, and synapses that are all as wide as each other. */
export const rowCounters: readonly WallCounter[] = ROW_FORMULAS.map((formula) => ({
  formula,
  checkFormats,
  count,
}));

function count(core: CoreProgram, { packer, findings }: CountContext): ReturnType<WallCounter["count"]> {
  const { headerBits, synapseBits, wordBits, codebook, neuronWords } = rowPacker(packer);
  const axons = core.axonWords.length;
  let words = 0;
  let longest = 0;
  for (let axon = 0; axon < axons; axon++) {
    const length = core.axonStart[axon + 1] - core.axonStart[axon];
    const bits = length === 0 ? 0 : headerBits + length * synapseBits;
    let counted = Math.floor(bits / wordBits);
    if (counted * wordBits < bits) counted++;
    words += counted;
    longest = Math.max(longest, counted);
    const stated = core.axonWords[axon];
    if (stated !== counted) findings.report(axonWordsDiffer({ core: core.core, axon, stated, counted }));
  }
  if (codebook !== undefined && axons > 0)
    words += Math.ceil((codebook.entries * codebook.entryBits) / wordBits);
  return { demand: { synapseWords: words, neuronWords: core.neurons * neuronWords }, longest };
}

/** Formats that such lists can have, fields that are wide enough, and (with a codebook) few different weights. */
function checkFormats(core: CoreProgram, context: CountContext): void {
  const { target, findings } = context;
  const packer = rowPacker(context.packer);
  core.formats.forEach((form, format) => {
    const unknown = (field: string, value: string | number): void =>
      findings.report(formatUnknown({ core: core.core, format, field, value, packer: packer.name }));
    if (form.encoding !== "row") unknown("encoding", form.encoding);
    if (!target.weights.bits.includes(form.weightBits) || form.weightBits > packer.weightBits)
      unknown("weightBits", form.weightBits);
    for (const field of ["indexBits", "delayBits"] as const)
      if (form[field] !== packer[field]) unknown(field, form[field]);
    if (form.skipBits !== 0) unknown("skipBits", form.skipBits);
    const { exponentMin, exponentMax } = target.weights;
    if (form.weightExponent < exponentMin || form.weightExponent > exponentMax)
      unknown("weightExponent", form.weightExponent);
  });
  const tooLarge = core.formats.map(() => ({ target: -1, delay: -1, weight: NaN }));
  for (let axon = 0; axon + 1 < core.axonStart.length; axon++) {
    let ascends = true;
    for (let i = core.axonStart[axon]; i < core.axonStart[axon + 1]; i++) {
      const format = core.format[i];
      const seen = tooLarge[format];
      if (core.target[i] >= 2 ** packer.indexBits) seen.target = core.target[i];
      const delay = core.delaySteps[i];
      if (delay - 1 >= 2 ** packer.delayBits || delay > target.maxDelaySteps.value) seen.delay = delay;
      if (!isStorable(core.weight[i], core.formats[format], target)) seen.weight = core.weight[i];
      if (i > core.axonStart[axon] && core.format[i - 1] === format && core.target[i] <= core.target[i - 1])
        ascends = false;
    }
    if (!ascends) findings.report(entriesNotAscending({ core: core.core, axon }));
  }
  tooLarge.forEach((seen, format) => {
    const narrow = (field: string, bits: number, value: number): void =>
      findings.report(fieldTooNarrow({ core: core.core, format, field, bits, value }));
    if (seen.target >= 0) narrow("target", packer.indexBits, seen.target);
    if (seen.delay >= 0) narrow("delay", packer.delayBits, seen.delay);
    if (!Number.isNaN(seen.weight)) narrow("weight", core.formats[format].weightBits, seen.weight);
  });
  if (packer.codebook === undefined) return;
  const weights = new Set<number>(core.weight);
  const entryBits = Math.ceil(Math.log2(packer.codebook.entries));
  if (weights.size > packer.codebook.entries)
    findings.report(
      fieldTooNarrow({ core: core.core, format: 0, field: "codebook", bits: entryBits, value: weights.size }),
    );
}

/** Fewer bits keep the range in coarser steps. */
function isStorable(weight: number, { weightBits, signMode }: SynapseFormat, { weights }: Target): boolean {
  const coarser = Math.max(...weights.bits) - weightBits;
  const step = 2 ** coarser * (signMode === "mixed" ? (weights.mixedStep ?? 2) : 1);
  const least = { mixed: weights.minMixed, excitatory: 0, inhibitory: -weights.maxMagnitude }[signMode];
  const most = signMode === "inhibitory" ? 0 : weights.maxMagnitude;
  return weight % step === 0 && weight >= least && weight <= most;
}

function rowPacker(packer: CountContext["packer"]): RowPacker {
  invariant("synapseBits" in packer, "the counter was chosen by the packer's formula");
  return packer;
}
