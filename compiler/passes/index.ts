import { ToolchainError } from "#util/diagnostic";
import { removeDead } from "../normalise/remove-dead.ts";
import type { Pass } from "../pass.ts";
import { alignDelays } from "./align-delays.ts";
import { biasNeurons } from "./bias-neurons.ts";
import { decomposeWeights } from "./decompose-weights.ts";
import { unknownPass } from "./diagnostics.ts";
import { dropZeroSynapses } from "./drop-zero-synapses.ts";
import { foldLinearChains } from "./fold-linear-chains.ts";
import { splitSigns } from "./split-signs.ts";

export { foldLinearChains } from "./fold-linear-chains.ts";
export { quantize } from "./quantize.ts";

/** Every pass, in no order. To add one: a file beside this one, and a line here. */
export const PASSES: readonly Pass[] = [
  foldLinearChains,
  dropZeroSynapses,
  removeDead,
  alignDelays,
  biasNeurons,
  decomposeWeights,
  splitSigns,
];

/** The passes of these names, in this order. Throws `ToolchainError` where a target names one that there is not. */
export function passesOf(names: readonly string[]): Pass[] {
  return names.map((name) => {
    const pass = PASSES.find((entry) => entry.name === name);
    if (pass === undefined)
      throw new ToolchainError([unknownPass({ pass: name, known: PASSES.map((entry) => entry.name) })]);
    return pass;
  });
}

/**
 * What runs before and after `quantize`, in this order. `keep-zeros` compiles a pruned network as if it were not
 * (with `quantize`'s option of that name): the yardstick for what pruning gains.
 */
export const PIPELINES: Readonly<
  Record<"none" | "default" | "keep-zeros" | "after-quantize", readonly Pass[]>
> = {
  none: [],
  default: [foldLinearChains, dropZeroSynapses],
  "keep-zeros": [foldLinearChains],
  "after-quantize": [alignDelays],
};
