import type { Slice } from "#ir/block-graph";
import type { SynapseFormat } from "#ir/deployment";
import type { SharedKernel } from "#ir/network";
import { delayFieldBits } from "#targets/formulas/entry-list";
import { packedKernelWords, wordsOfTap } from "#targets/formulas/kernel-words";
import type { PackedKernelPacker, Packer } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { CoreLists } from "../core-lists.ts";
import { fewestSlots, planFormats, type FormatPlan } from "../format-plan.ts";
import type { Workload } from "../workload.ts";
import { channelsOn, neuronOf } from "./channels.ts";
import type { CoreFormula } from "./core-formula.ts";
import { plainFormat } from "./plain-format.ts";

/** Kernels once for each core, everything else in lists of entries. */
export const packedKernelFormula: CoreFormula = {
  formula: "packed-kernel",

  plan(workload, lists, slices) {
    const { lists: packer, maxFormats } = packedKernelOf(workload.packer);
    const kernels = kernelsOn(workload, lists);
    const plan = planFormats(
      { ...workload, packer },
      withoutParts(lists, (projection) => kernels.has(projection)),
    );
    const slots = new Set(
      [...kernels.keys()].map((projection) => slotKey(kernelFormat(workload, projection))),
    );
    if (plan === undefined || plan.slots + slots.size > maxFormats) return undefined;
    return withKernels(workload, lists, slices, kernels, plan, slots.size);
  },

  fewestSlots(workload, lists) {
    const { lists: packer } = packedKernelOf(workload.packer);
    const kernels = kernelsOn(workload, lists);
    const slots = new Set(
      [...kernels.keys()].map((projection) => slotKey(kernelFormat(workload, projection))),
    );
    return (
      slots.size +
      fewestSlots(
        { ...workload, packer },
        withoutParts(lists, (p) => kernels.has(p)),
      )
    );
  },
};

function packedKernelOf(packer: Packer): PackedKernelPacker {
  invariant(packer.formula === "packed-kernel", "the formula was chosen by the packer's");
  return packer;
}

type Kernels = ReadonlyMap<number, SharedKernel>;

/** Convolutions that reach the core, by projection, ascending. */
function kernelsOn({ network }: Workload, lists: CoreLists): Kernels {
  const kernels = new Map<number, SharedKernel>();
  for (const projection of [...new Set(lists.partProjection)].sort((a, b) => a - b)) {
    const { connectivity } = network.projections[projection];
    if (connectivity.kind === "kernel") kernels.set(projection, connectivity);
  }
  return kernels;
}

function kernelFormat(workload: Workload, projection: number): SynapseFormat {
  const { delaySteps } = workload.byProjection[projection];
  return plainFormat(workload, projection, "kernel", { delayBits: delayFieldBits(delaySteps) });
}

function slotKey({ weightBits, signMode, weightExponent, delayBits }: SynapseFormat): string {
  return [weightBits, signMode, weightExponent, delayBits].join();
}

function withKernels(
  workload: Workload,
  lists: CoreLists,
  slices: readonly Slice[],
  kernels: Kernels,
  plan: FormatPlan,
  kernelSlots: number,
): FormatPlan {
  const formats = [...plan.formats];
  const formatOf = new Map<number, number>();
  let { words } = plan;
  const tapWords = new Map<number, (neuron: number) => number>();
  for (const [projection, kernel] of kernels) {
    const format = kernelFormat(workload, projection);
    formatOf.set(projection, formats.length);
    formats.push(format);
    const { post } = workload.network.projections[projection];
    const onCore = channelsByGroup(kernel, channelsOn(slices, post, kernel.outputShape));
    const [, inChannels, height, width] = kernel.kernelShape;
    const bits = format.weightBits;
    for (const outChannels of onCore)
      words += packedKernelWords({ inChannels, outChannels, height, width }, bits, workload.target.wordBits);
    const pixels = kernel.outputShape[1] * kernel.outputShape[2];
    const outPerGroup = kernel.outputShape[0] / kernel.groups;
    const ofGroup = onCore.map((outChannels) => wordsOfTap(outChannels, bits, workload.target.wordBits));
    tapWords.set(projection, (neuron) => ofGroup[Math.floor(neuron / pixels / outPerGroup)]);
  }

  const neuron = neuronOf(lists.neurons, slices);
  const formatOfPart = new Uint8Array(lists.partProjection.length);
  const axonWords = Uint32Array.from(plan.axonWords);
  const seen = new Map(
    [...kernels].map(([p, { outputShape }]) => [p, new Int32Array(outputShape[1] * outputShape[2]).fill(-1)]),
  );
  let listPart = 0;
  for (let axon = 0; axon < axonWords.length; axon++)
    for (let part = lists.partStart[axon]; part < lists.partStart[axon + 1]; part++) {
      const projection = lists.partProjection[part];
      const format = formatOf.get(projection);
      formatOfPart[part] = format ?? plan.formatOfPart[listPart];
      if (format === undefined) {
        listPart++;
        continue;
      }
      // One source reaches one pixel through one tap.
      const stamp = seen.get(projection)!;
      const wordsOf = tapWords.get(projection)!;
      let taps = 0;
      for (let i = lists.entryStart[part]; i < lists.entryStart[part + 1]; i++) {
        const pixel = neuron[lists.target[i]] % stamp.length;
        if (stamp[pixel] === part) continue;
        stamp[pixel] = part;
        taps++;
      }
      axonWords[axon] += taps * wordsOf(neuron[lists.target[lists.entryStart[part]]]);
    }
  return {
    formats,
    slots: plan.slots + kernelSlots,
    formatOfPart,
    axonWords,
    words,
    longestAxonWords: axonWords.reduce((most, count) => Math.max(most, count), 0),
    isStoredOnce: true,
  };
}

/** `[groups]`: output channels of each group that are on the core. */
function channelsByGroup({ groups, outputShape }: SharedKernel, channels: ReadonlySet<number>): number[] {
  const counts = new Array<number>(groups).fill(0);
  for (const channel of channels) counts[Math.floor((channel * groups) / outputShape[0])]++;
  return counts;
}

/** The lists without some projections; axons stay. */
function withoutParts(lists: CoreLists, isLeftOut: (projection: number) => boolean): CoreLists {
  const { partStart, partProjection, entryStart, target, weight } = lists;
  const keep = Array.from(partProjection, (projection) => !isLeftOut(projection));
  if (!keep.includes(false)) return lists;
  const starts = new Uint32Array(partStart.length);
  const projections: number[] = [];
  const entries: number[] = [0];
  const kept: number[] = [];
  for (let axon = 0; axon + 1 < partStart.length; axon++) {
    for (let part = partStart[axon]; part < partStart[axon + 1]; part++) {
      if (!keep[part]) continue;
      projections.push(partProjection[part]);
      for (let i = entryStart[part]; i < entryStart[part + 1]; i++) kept.push(i);
      entries.push(kept.length);
    }
    starts[axon + 1] = projections.length;
  }
  return {
    ...lists,
    partStart: starts,
    partProjection: Uint32Array.from(projections),
    entryStart: Uint32Array.from(entries),
    target: Uint16Array.from(kept, (i) => target[i]),
    weight: Int16Array.from(kept, (i) => weight[i]),
  };
}
