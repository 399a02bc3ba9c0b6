import type { CoreProgram, SynapseFormat } from "#ir/deployment";
import type { SharedKernel } from "#ir/network";
import type { PackedKernelPacker } from "#targets/target";
import { invariant } from "#util/diagnostic";
import { countWords } from "../count-words.ts";
import { axonWordsDiffer, formatUnknown, memoryWordsDiffer } from "../diagnostics.ts";
import { compartmentsOf } from "./compartments.ts";
import { entryListCounter } from "./entry-list.ts";
import type { CountContext, WallCounter } from "./wall-counter.ts";

/** Kernels that lie in a core once, and lists of entries beside them. */
export const packedKernelCounter: WallCounter = {
  formula: "packed-kernel",

  checkFormats(core, context) {
    const packer = packedKernelOf(context);
    core.formats.forEach((form, format) => {
      if (form.encoding !== "kernel") return;
      const { bits } = context.target.weights;
      const isKernel = context.network.projections[form.projection].connectivity.kind === "kernel";
      const unknown = (field: string, value: string | number): void =>
        context.findings.report(
          formatUnknown({ core: core.core, format, field, value, packer: packer.name }),
        );
      if (!isKernel) unknown("encoding", form.encoding);
      if (!bits.includes(form.weightBits)) unknown("weightBits", form.weightBits);
    });
    entryListCounter.checkFormats(listsOf(core), { ...context, packer: packer.lists });
  },

  count(core, context) {
    const { deployment, network, target, findings } = context;
    const packer = packedKernelOf(context);
    const compartments = compartmentsOf(deployment, core.core, core.neurons);
    const lists = listsOf(core);
    const kernels = core.formats.map((form) => {
      const { connectivity } = network.projections[form.projection];
      return form.encoding === "kernel" && connectivity.kind === "kernel" ? connectivity : undefined;
    });
    let words = 0;
    const tap = kernels.map((kernel, format) => {
      if (kernel === undefined) return new Map<number, number>();
      const { post } = network.projections[core.formats[format].projection];
      const byGroup = tapWords(kernel, core.formats[format], compartments.of(post), target.wordBits);
      const [, perGroup, height, width] = kernel.kernelShape;
      for (const count of byGroup.values()) words += perGroup * height * width * count;
      return byGroup;
    });
    let longest = 0;
    for (let axon = 0; axon < core.axonWords.length; axon++) {
      const ofList = countWords(packer.lists, lists, axon);
      words += ofList;
      let counted = ofList;
      const read = new Set<string>();
      for (let i = core.axonStart[axon]; i < core.axonStart[axon + 1]; i++) {
        const kernel = kernels[core.format[i]];
        if (kernel === undefined) continue;
        const neuron = compartments.neuron[core.target[i]];
        const pixels = kernel.outputShape[1] * kernel.outputShape[2];
        const group = groupOf(kernel, Math.floor(neuron / pixels));
        const place = `${core.format[i]} ${group} ${neuron % pixels}`;
        if (read.has(place)) continue;
        read.add(place);
        counted += tap[core.format[i]].get(group) ?? 0;
      }
      longest = Math.max(longest, counted);
      const stated = core.axonWords[axon];
      if (stated !== counted) findings.report(axonWordsDiffer({ core: core.core, axon, stated, counted }));
    }
    if (core.memoryWords !== words)
      findings.report(memoryWordsDiffer({ core: core.core, stated: core.memoryWords, counted: words }));
    return { demand: { synapseWords: words }, longest };
  },
};

function packedKernelOf({ packer }: CountContext): PackedKernelPacker {
  invariant(packer.formula === "packed-kernel", "the counter was chosen by the packer's formula");
  return packer;
}

function groupOf({ groups, kernelShape }: SharedKernel, channel: number): number {
  return Math.floor(channel / (kernelShape[0] / groups));
}

/** By group: words that hold the weights of one input channel and tap to the output channels that are on the core. */
function tapWords(
  kernel: SharedKernel,
  { weightBits }: SynapseFormat,
  neurons: readonly number[],
  wordBits: number,
): Map<number, number> {
  const [, height, width] = kernel.outputShape;
  const channels = new Set(neurons.map((neuron) => Math.floor(neuron / (height * width))));
  const bits = new Map<number, number>();
  for (const channel of channels) {
    const group = groupOf(kernel, channel);
    bits.set(group, (bits.get(group) ?? 0) + weightBits);
  }
  return new Map([...bits].map(([group, count]) => [group, Math.ceil(count / wordBits)]));
}

/** The core with the entries of kernels taken out. */
function listsOf(core: CoreProgram): CoreProgram {
  const number = new Map<number, number>();
  const formats: SynapseFormat[] = [];
  core.formats.forEach((form, format) => {
    if (form.encoding === "kernel") return;
    number.set(format, formats.length);
    formats.push(form);
  });
  const axonStart = new Uint32Array(core.axonStart.length);
  const kept: number[] = [];
  for (let axon = 0; axon + 1 < axonStart.length; axon++) {
    for (let i = core.axonStart[axon]; i < core.axonStart[axon + 1]; i++)
      if (number.has(core.format[i])) kept.push(i);
    axonStart[axon + 1] = kept.length;
  }
  return {
    ...core,
    formats,
    axonStart,
    target: Uint16Array.from(kept, (i) => core.target[i]),
    weight: Int16Array.from(kept, (i) => core.weight[i]),
    format: Uint8Array.from(kept, (i) => number.get(core.format[i]) ?? 0),
    delaySteps: Uint8Array.from(kept, (i) => core.delaySteps[i]),
  };
}
