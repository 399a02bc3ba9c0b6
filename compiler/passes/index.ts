import type { Pass } from "../pass.ts";
import { alignDelays } from "./align-delays.ts";
import { dropZeroSynapses } from "./drop-zero-synapses.ts";
import { foldLinearChains } from "./fold-linear-chains.ts";

export { foldLinearChains } from "./fold-linear-chains.ts";
export { quantize } from "./quantize.ts";

/** Every pass, in no order. To add one: a file beside this one, and a line here. */
export const PASSES: readonly Pass[] = [foldLinearChains, dropZeroSynapses, alignDelays];

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
