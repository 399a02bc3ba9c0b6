import type { CoreProgram, Deployment } from "#ir/deployment";
import type { SlotTablePacker } from "#targets/target";
import { invariant } from "#util/diagnostic";
import { axonWordsDiffer, entriesNotAscending, formatUnknown, outOfReach } from "../diagnostics.ts";
import type { CountContext, WallCounter } from "./wall-counter.ts";

/** A table of synapses between hidden neurons, and two full matrices around it. */
export const slotTableCounter: WallCounter = {
  formula: "slot-table",

  checkFormats(core, context) {
    const { findings, target } = context;
    const packer = slotTableOf(context);
    core.formats.forEach((form, format) => {
      const unknown = (field: string, value: string | number): void =>
        findings.report(formatUnknown({ core: core.core, format, field, value, packer: packer.name }));
      if (form.encoding !== "slot") unknown("encoding", form.encoding);
      if (!target.weights.bits.includes(form.weightBits)) unknown("weightBits", form.weightBits);
      for (const field of ["indexBits", "skipBits", "delayBits"] as const)
        if (form[field] !== 0) unknown(field, form[field]);
      if (form.axonType !== undefined) unknown("axonType", form.axonType);
      const { exponentMin, exponentMax } = target.weights;
      if (form.weightExponent < exponentMin || form.weightExponent > exponentMax)
        unknown("weightExponent", form.weightExponent);
    });
    for (let axon = 0; axon + 1 < core.axonStart.length; axon++)
      for (let i = core.axonStart[axon] + 1; i < core.axonStart[axon + 1]; i++)
        if (core.format[i] === core.format[i - 1] && core.target[i] <= core.target[i - 1])
          findings.report(entriesNotAscending({ core: core.core, axon }));
    checkReach(core, packer, context);
  },

  count(core, context) {
    const { deployment, findings } = context;
    const isReadOut = belongsToReadOut(core, deployment);
    const fromOutside = axonsOfInputs(deployment, core.core);
    const fanIn = new Uint32Array(core.neurons);
    let [synapses, fanOut, words, longest] = [0, 0, 0, 0];
    core.axonWords.forEach((stated, axon) => {
      const inFull = isReadOut || fromOutside.has(axon);
      const entries = core.axonStart[axon + 1] - core.axonStart[axon];
      const counted = inFull ? core.neurons : entries;
      words += counted;
      longest = Math.max(longest, counted);
      if (stated !== counted) findings.report(axonWordsDiffer({ core: core.core, axon, stated, counted }));
      if (inFull) return;
      synapses += entries;
      fanOut = Math.max(fanOut, entries);
      for (let i = core.axonStart[axon]; i < core.axonStart[axon + 1]; i++) fanIn[core.target[i]]++;
    });
    const most = fanIn.reduce((largest, count) => Math.max(largest, count), 0);
    const slots = core.formats.length === 0 ? 0 : 1;
    return { demand: { synapseWords: words, synapseFormats: slots, synapses, fanIn: most, fanOut }, longest };
  },
};

function slotTableOf({ packer }: CountContext): SlotTablePacker {
  invariant(packer.formula === "slot-table", "the counter was chosen by the packer's formula");
  return packer;
}

/** Whether all neurons of a core are read, and none sends anything. */
function belongsToReadOut({ groups, routeCore }: CoreProgram, { outputs }: Deployment): boolean {
  return (
    routeCore.length === 0 &&
    groups.every((group) => outputs.some(({ population }) => population === group.population))
  );
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

/** Inputs reach the first hidden neurons only, the read-out hears the last ones only. */
function checkReach(
  core: CoreProgram,
  packer: SlotTablePacker,
  { deployment, findings }: CountContext,
): void {
  const fromOutside = axonsOfInputs(deployment, core.core);
  if (belongsToReadOut(core, deployment)) {
    if (fromOutside.size > 0)
      findings.report(outOfReach({ core: core.core, what: "its read-out hears inputs" }));
    return;
  }
  const { inputReach = Infinity, readOutReach = Infinity } = packer;
  let lastFed = -1;
  for (const axon of fromOutside)
    for (let i = core.axonStart[axon]; i < core.axonStart[axon + 1]; i++)
      lastFed = Math.max(lastFed, core.target[i]);
  if (lastFed >= inputReach) {
    const what = `inputs reach hidden neuron ${lastFed}, but only the first ${inputReach} can be reached`;
    findings.report(outOfReach({ core: core.core, what }));
  }
  const isElsewhere = (to: number): boolean => to !== core.core;
  const firstHeard = Array.from({ length: core.neurons }, (_, n) => n).find((n) =>
    core.routeCore.subarray(core.routeStart[n], core.routeStart[n + 1]).some(isElsewhere),
  );
  if (firstHeard !== undefined && firstHeard < core.neurons - readOutReach) {
    const what = `the read-out hears hidden neuron ${firstHeard}, but only the last ${readOutReach} of ${core.neurons} can be heard`;
    findings.report(outOfReach({ core: core.core, what }));
  }
}
