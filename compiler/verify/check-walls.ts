import { RESOURCES, type Demand } from "#ir/block-graph";
import type { CoreProgram, Deployment, SynapseFormat } from "#ir/deployment";
import { neuronModel } from "#neurons/index";
import { coresPerChip, type EntryListPacker, type Target } from "#targets/target";
import { countWords } from "./count-words.ts";
import {
  axonWordsDiffer,
  coreOutOfRange,
  coresNotAscending,
  entriesNotAscending,
  fieldTooNarrow,
  formatUnknown,
  headerDiffers,
  overWall,
} from "./diagnostics.ts";
import type { Findings } from "./findings.ts";

/** Whether core ids, chips, formats and every limit of a core are kept; counts all from the deployment itself. */
export function checkWalls(
  deployment: Deployment,
  cores: readonly CoreProgram[],
  target: Target,
  packer: EntryListPacker,
  findings: Findings,
): void {
  checkCoreIds(deployment, target, findings);
  for (const core of cores) {
    checkFormats(core, target, packer, findings);
    const { words, longest } = checkWords(core, packer, findings);
    const demand: Demand = {
      neurons: core.neurons,
      synapseWords: words,
      axonsIn: core.axonWords.length,
      axonsOut: outputEntries(core, target),
      synapseFormats: new Set(core.formats.map(slotKey)).size,
      neuronConfigs: distinctParams(core, ["uDecay", "vDecay", "biasExponent", "refractorySteps", "vMin"]),
      thresholdConfigs: distinctParams(core, ["thresholdMantissa"]),
    };
    for (const resource of RESOURCES) {
      const wall = target.walls[resource]?.value ?? Infinity;
      const limit = resource === "synapseFormats" ? Math.min(wall, packer.maxFormats) : wall;
      if (demand[resource] > limit)
        findings.report(overWall({ core: core.core, resource, needed: demand[resource], available: limit }));
    }
    const maxWords = target.maxWordsPerAxon?.value ?? Infinity;
    if (longest > maxWords)
      findings.report(
        overWall({ core: core.core, resource: "wordsPerAxon", needed: longest, available: maxWords }),
      );
  }
}

function checkCoreIds({ cores, chips }: Deployment, target: Target, findings: Findings): void {
  const maxChips = target.mesh.maxChips.value;
  if (!(Number.isInteger(chips) && chips >= 1 && chips <= maxChips))
    findings.report(headerDiffers({ field: "chips", stated: chips, expected: `1 to ${maxChips}` }));
  const ids = chips * coresPerChip(target);
  let previous = -1;
  for (const { core } of cores) {
    if (core >= ids) findings.report(coreOutOfRange({ core, cores: ids, chips }));
    if (core <= previous) findings.report(coresNotAscending({ core, previous }));
    previous = core;
  }
}

function checkWords(
  core: CoreProgram,
  packer: EntryListPacker,
  findings: Findings,
): { words: number; longest: number } {
  let words = 0;
  let longest = 0;
  for (let axon = 0; axon < core.axonWords.length; axon++) {
    const counted = countWords(packer, core, axon);
    words += counted;
    longest = Math.max(longest, counted);
    const stated = core.axonWords[axon];
    if (stated !== counted) findings.report(axonWordsDiffer({ core: core.core, axon, stated, counted }));
  }
  return { words, longest };
}

function outputEntries(core: CoreProgram, target: Target): number {
  const perChip = coresPerChip(target);
  const chip = Math.floor(core.core / perChip);
  let entries = core.routeCore.length;
  for (const to of core.routeCore)
    if (Math.floor(to / perChip) !== chip) entries += target.mesh.chipCrossingEntries.value;
  return entries;
}

function slotKey({
  encoding,
  weightBits,
  signMode,
  weightExponent,
  indexBits,
  skipBits,
  delayBits,
}: SynapseFormat): string {
  return [encoding, weightBits, signMode, weightExponent, indexBits, skipBits, delayBits].join();
}

function distinctParams(core: CoreProgram, names: readonly string[]): number {
  const keys = new Set<string>();
  for (const { model, begin, end, params } of core.groups) {
    const specs = neuronModel(model).params;
    const arrays = names.map((name) => params[specs.findIndex((spec) => spec.name === name)]);
    for (let n = 0; n < end - begin; n++) keys.add(arrays.map((values) => values?.[n]).join());
  }
  return keys.size;
}

/** Fields that the packer has, and wide enough for what the entries hold. */
function checkFormats(core: CoreProgram, target: Target, packer: EntryListPacker, findings: Findings): void {
  const { formats, axonStart } = core;
  formats.forEach((form, format) => {
    const unknown = (field: string, value: string | number): void =>
      findings.report(formatUnknown({ core: core.core, format, field, value, packer: packer.name }));
    if (!packer.encodings.includes(form.encoding)) unknown("encoding", form.encoding);
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
  const step = 2 ** (fullBits - weightBits + (signMode === "mixed" ? 1 : 0));
  if (weight % step !== 0) return false;
  if (signMode === "excitatory" && weight < 0) return false;
  if (signMode === "inhibitory" && weight > 0) return false;
  return (
    weight <= weights.maxMagnitude &&
    weight >= (signMode === "mixed" ? weights.minMixed : -weights.maxMagnitude)
  );
}
