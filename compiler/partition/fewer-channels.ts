import { coresPerChip, type Target } from "#targets/target";
import { kernelPow2Words, neuronPow2Words } from "#targets/formulas/kernel-words";
import { wallsOfCore } from "#targets/walls";
import { layerOfProjection } from "../encode/formulas/kernel-pow2.ts";
import type { Workload } from "../encode/workload.ts";

/** With how many output or input channels a layer would fit into a core, the most of each; memory comes in powers of two. */
export function fewerChannels(workload: Workload, population: number): string[] {
  if (workload.packer.formula !== "kernel-pow2") return [];
  const { incoming, network, target } = workload;
  if (incoming[population].length !== 1) return [];
  const { name } = network.populations[population];
  const { input, output, kernel } = layerOfProjection(workload, incoming[population][0].projection);
  const fits = (inChannels: number, outChannels: number): boolean =>
    someCoreHas(target, {
      synapseWords: kernelPow2Words({ inChannels, outChannels, height: kernel[0], width: kernel[1] }),
      neuronWords: neuronPow2Words(outChannels, output[1], output[2]),
    });
  const most = (channels: number, isEnough: (count: number) => boolean): number => {
    for (let count = channels - 1; count > 0; count--) if (isEnough(count)) return count;
    return 0;
  };
  const out = most(output[0], (count) => fits(input[0], count));
  const into = most(input[0], (count) => fits(count, output[0]));
  return [
    ...(out > 0 ? [`give "${name}" ${out} output channels instead of ${output[0]}`] : []),
    ...(into > 0 ? [`let "${name}" read ${into} channels instead of ${input[0]}`] : []),
  ];
}

function someCoreHas(
  target: Target,
  needs: { readonly synapseWords: number; readonly neuronWords: number },
): boolean {
  return Array.from({ length: coresPerChip(target) }, (_, core) => wallsOfCore(target, core)).some(
    (walls) =>
      needs.synapseWords <= (walls.synapseWords?.value ?? Infinity) &&
      needs.neuronWords <= (walls.neuronWords?.value ?? Infinity),
  );
}
