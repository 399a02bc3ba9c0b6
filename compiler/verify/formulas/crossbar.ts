import type { CoreProgram, Deployment } from "#ir/deployment";
import type { CrossbarPacker } from "#targets/target";
import { invariant } from "#util/diagnostic";
import {
  axonWordsDiffer,
  crossbarRow,
  entriesNotAscending,
  formatUnknown,
  typeWeight,
} from "../diagnostics.ts";
import type { CountContext, WallCounter } from "./wall-counter.ts";

/** Rows and columns, with weights in the crosspoints or one for each neuron and type of row. */
export const crossbarCounter: WallCounter = {
  formula: "crossbar",

  checkFormats(core, context) {
    const packer = crossbarOf(context);
    checkSlots(core, packer, context);
    checkRows(core, packer, context);
    if (packer.axonTypes !== undefined) checkTypes(core, packer, context);
  },

  count(core, context) {
    const packer = crossbarOf(context);
    const wordsOfRow = Math.ceil((packer.cols * packer.crosspointBits) / context.target.wordBits);
    const fromOutside = axonsOfInputs(context.deployment, core.core);
    let rows = 0;
    let rowsOutside = 0;
    let longest = 0;
    let words = 0;
    core.axonWords.forEach((stated, axon) => {
      let widest = packer.crosspointBits;
      if (packer.axonTypes === undefined)
        for (let i = core.axonStart[axon]; i < core.axonStart[axon + 1]; i++)
          widest = Math.max(widest, core.formats[core.format[i]].weightBits);
      const own = Math.ceil(widest / packer.crosspointBits);
      const counted = own * wordsOfRow;
      rows += own;
      if (fromOutside.has(axon)) rowsOutside += own;
      words += counted;
      longest = Math.max(longest, counted);
      if (stated !== counted)
        context.findings.report(axonWordsDiffer({ core: core.core, axon, stated, counted }));
    });
    const sends = rows > rowsOutside;
    const axonsIn = packer.rowPerNeuron === true && sends ? rowsOutside + core.neurons : rows;
    const types = new Set(core.formats.map(({ axonType }) => axonType ?? 0)).size;
    return { demand: { axonsIn, synapseWords: words, synapseFormats: types }, longest };
  },
};

function crossbarOf({ packer }: CountContext): CrossbarPacker {
  invariant(packer.formula === "crossbar", "the counter was chosen by the packer's formula");
  return packer;
}

/** Input axons of a core that a host drives. */
function axonsOfInputs({ inputs }: Deployment, core: number): Set<number> {
  const axons = new Set<number>();
  for (const { routeCore, routeAxon } of inputs)
    routeCore.forEach((to, i) => {
      if (to === core) axons.add(routeAxon[i]);
    });
  return axons;
}

function checkSlots(core: CoreProgram, packer: CrossbarPacker, { target, findings }: CountContext): void {
  core.formats.forEach((form, format) => {
    const unknown = (field: string, value: string | number): void =>
      findings.report(formatUnknown({ core: core.core, format, field, value, packer: packer.name }));
    if (form.encoding !== "crossbar") unknown("encoding", form.encoding);
    for (const field of ["indexBits", "skipBits", "delayBits"] as const)
      if (form[field] !== 0) unknown(field, form[field]);
    const { exponentMin, exponentMax } = target.weights;
    if (form.weightExponent < exponentMin || form.weightExponent > exponentMax)
      unknown("weightExponent", form.weightExponent);
    if (packer.axonTypes === undefined) {
      if (form.axonType !== undefined) unknown("axonType", form.axonType);
      if (!target.weights.bits.includes(form.weightBits)) unknown("weightBits", form.weightBits);
    } else {
      if (form.axonType === undefined || form.axonType >= packer.axonTypes)
        unknown("axonType", form.axonType ?? "none");
      if (form.weightBits !== packer.crosspointBits) unknown("weightBits", form.weightBits);
    }
  });
}

/** One type, one delay, one sign (where rows have one) and no crosspoint twice; weights that crosspoints can hold. */
function checkRows(core: CoreProgram, packer: CrossbarPacker, { target, findings }: CountContext): void {
  for (let axon = 0; axon + 1 < core.axonStart.length; axon++) {
    const faults = new Set<string>();
    const taken = new Set<number>();
    const [begin, end] = [core.axonStart[axon], core.axonStart[axon + 1]];
    let [positive, negative] = [false, false];
    for (let i = begin; i < end; i++) {
      if (taken.has(core.target[i])) faults.add("has two weights in one crosspoint");
      taken.add(core.target[i]);
      if (core.delaySteps[i] !== core.delaySteps[begin]) faults.add("has two delays");
      if (core.delaySteps[i] > target.maxDelaySteps.value) faults.add("has a delay that is too long");
      const { axonType, weightBits } = core.formats[core.format[i]];
      if (axonType !== core.formats[core.format[begin]].axonType) faults.add("has two types");
      positive ||= core.weight[i] > 0;
      negative ||= core.weight[i] < 0;
      if (i > begin && core.format[i - 1] === core.format[i] && core.target[i] <= core.target[i - 1])
        findings.report(entriesNotAscending({ core: core.core, axon }));
      if (packer.axonTypes !== undefined) continue;
      const { maxMagnitude, minMixed } = target.weights;
      const isHeld = core.weight[i] >= minMixed && core.weight[i] <= maxMagnitude;
      if (!isHeld || Math.abs(core.weight[i]) > 2 ** weightBits)
        faults.add(`has a weight that does not fit into ${weightBits} bits`);
    }
    if (packer.signPerRow === true && positive && negative) faults.add("has weights of both signs");
    for (const what of faults) findings.report(crossbarRow({ core: core.core, axon, what }));
  }
}

/** Every neuron has one weight for each type. */
function checkTypes(core: CoreProgram, packer: CrossbarPacker, { findings }: CountContext): void {
  const { axonTypes = 0, typeWeightBits = 9 } = packer;
  const weights = new Map<number, number>();
  const limit = 2 ** (typeWeightBits - 1);
  for (let i = 0; i < core.target.length; i++) {
    const type = core.formats[core.format[i]].axonType ?? 0;
    const compartment = core.target[i];
    const weight = core.weight[i];
    const known = weights.get(compartment * axonTypes + type) ?? weight;
    const facts = { core: core.core, compartment, type };
    if (known !== weight)
      findings.report(
        typeWeight({ ...facts, what: `the weights ${known} and ${weight}, but there is room for one` }),
      );
    if (weight < -limit || weight >= limit)
      findings.report(
        typeWeight({
          ...facts,
          what: `the weight ${weight}, but ${typeWeightBits} bits hold ${-limit} to ${limit - 1}`,
        }),
      );
    weights.set(compartment * axonTypes + type, known);
  }
}
