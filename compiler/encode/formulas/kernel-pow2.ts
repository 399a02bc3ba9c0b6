import type { Demand, Slice } from "#ir/block-graph";
import type { Connectivity } from "#ir/network";
import { kernelPow2Words, neuronPow2Words } from "#targets/formulas/kernel-words";
import type { KernelPow2Packer, Packer } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { CoreLists } from "../core-lists.ts";
import type { Workload } from "../workload.ts";
import { channelsOn } from "./channels.ts";
import { convLayerOf, imageOf, type ConvLayer } from "./conv-layer.ts";
import type { CoreFormula } from "./core-formula.ts";
import { plainFormat } from "./plain-format.ts";

/** The longest list that a deployment can state. */
const MOST_WORDS = 2 ** 16 - 1;

/** One convolution on a core, kernel and image rounded up to powers of two. */
export const kernelPow2Formula: CoreFormula = {
  formula: "kernel-pow2",

  plan(workload, lists, slices) {
    const { maxFormats } = kernelPow2Of(workload.packer);
    const present = projectionsOf(lists);
    if (present.length > maxFormats) return undefined;
    const formats = present.map((projection) => plainFormat(workload, projection, "kernel"));
    const slotOf = new Map(present.map((projection, slot) => [projection, slot]));
    // Zero weights are not read: what is left is an entry each.
    const axonWords = Uint32Array.from(lists.sourceNeuron, (_, axon) =>
      Math.min(
        MOST_WORDS,
        lists.entryStart[lists.partStart[axon + 1]] - lists.entryStart[lists.partStart[axon]],
      ),
    );
    return {
      formats,
      slots: present.length,
      formatOfPart: Uint8Array.from(lists.partProjection, (projection) => slotOf.get(projection) ?? 0),
      axonWords,
      words: present.reduce((sum, projection) => sum + wordsOf(workload, projection, slices), 0),
      longestAxonWords: axonWords.reduce((most, words) => Math.max(most, words), 0),
      isStoredOnce: true,
    };
  },

  fewestSlots: (_, lists) => projectionsOf(lists).length,

  demand(workload, _, slices): Partial<Demand> {
    const populations = [...new Set(slices.map(({ population }) => population))];
    return {
      neuronWords: populations.reduce((sum, p) => sum + neuronWordsOf(workload, p, slices), 0),
      biasWords: populations.reduce((sum, p) => sum + biasWordsOf(workload, p, slices), 0),
    };
  },
};

function kernelPow2Of(packer: Packer): KernelPow2Packer {
  invariant(packer.formula === "kernel-pow2", "the formula was chosen by the packer's");
  return packer;
}

function projectionsOf(lists: CoreLists): number[] {
  return [...new Set(lists.partProjection)].sort((a, b) => a - b);
}

const KNOWN = new WeakMap<Connectivity, ConvLayer>();

/** The projection as a layer of the packer's engine; worked out once. */
export function layerOfProjection({ network, packer }: Workload, projection: number): ConvLayer {
  const { connectivity, pre } = network.projections[projection];
  let layer = KNOWN.get(connectivity);
  if (layer === undefined) {
    layer = convLayerOf(connectivity, network.populations[pre].shape, kernelPow2Of(packer).pools);
    KNOWN.set(connectivity, layer);
  }
  return layer;
}

function wordsOf(workload: Workload, projection: number, slices: readonly Slice[]): number {
  const { post } = workload.network.projections[projection];
  const { input, output, kernel } = layerOfProjection(workload, projection);
  return kernelPow2Words({
    inChannels: input[0],
    outChannels: channelsOn(slices, post, output).size,
    height: kernel[0],
    width: kernel[1],
  });
}

/** What the layers into a population make; without any, the population's own shape. */
function outputImage(workload: Workload, population: number): ConvLayer["output"] {
  const [first] = workload.incoming[population];
  return first === undefined
    ? imageOf(workload.network.populations[population].shape)
    : layerOfProjection(workload, first.projection).output;
}

function neuronWordsOf(workload: Workload, population: number, slices: readonly Slice[]): number {
  const image = outputImage(workload, population);
  return neuronPow2Words(channelsOn(slices, population, image).size, image[1], image[2]);
}

/** One word for each output channel, if any neuron has a bias. */
function biasWordsOf(
  { network, ...workload }: Workload,
  population: number,
  slices: readonly Slice[],
): number {
  const bias = network.populations[population].params["bias"] as Float64Array | undefined;
  if (bias === undefined || bias.every((value) => value === 0)) return 0;
  return channelsOn(slices, population, outputImage({ network, ...workload }, population)).size;
}

/** What the engine cannot do about a layer, in words: what it needs and what there is. */
export function layerFaults(packer: Packer, layer: ConvLayer): string[] {
  const limits = kernelPow2Of(packer);
  const { input, output, kernel, stride, padding } = layer;
  const faults: string[] = [];
  const sides = ([a, b]: readonly [number, number]): string => `${a} x ${b}`;
  const over = (what: string, values: readonly number[], limit: number, text: string): void => {
    if (values.some((value) => value > limit)) faults.push(`${what} ${text}, and ${limit} is the most`);
  };
  over("input channels:", [input[0]], limits.maxChannels, `${input[0]}`);
  over("output channels:", [output[0]], limits.maxChannels, `${output[0]}`);
  over("input image:", input.slice(1), limits.maxInputSide, sides([input[1], input[2]]));
  over("output image:", output.slice(1), limits.maxOutputSide, sides([output[1], output[2]]));
  over("kernel:", kernel, limits.maxKernelSide, sides(kernel));
  over("padding:", padding, limits.maxPadding, `${Math.max(...padding)}`);
  if (stride.some((step) => !limits.strides.includes(step)))
    faults.push(`stride: ${sides(stride)}, and there is ${limits.strides.join(", ")}`);
  return faults;
}
