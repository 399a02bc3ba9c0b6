import { RESOURCES, type Demand } from "#ir/block-graph";
import { coresPerChip, type Target } from "#targets/target";
import { wallsOfCore } from "#targets/walls";
import { ToolchainError } from "#util/diagnostic";
import { noMatching } from "../diagnostics.ts";
import { placementCost, type Placer } from "./placer.ts";

/**
 * For chips whose cores differ: every block on a core that is large enough for it, by a maximum matching of blocks and cores.
 * Blocks in order take the first free core that fits; where there is none, earlier ones move over.
 */
export const matching: Placer = {
  name: "matching",
  summary: "every block on a core that is large enough for it, for chips whose cores differ",

  place(graph, target, chips) {
    const cores = chips * coresPerChip(target);
    const fits = graph.blocks.map(({ demand }) =>
      Array.from({ length: cores }, (_, core) => core).filter((core) => isEnough(target, core, demand)),
    );
    const blockOn = new Int32Array(cores).fill(-1);
    graph.blocks.forEach((_, block) => {
      const tried = new Set<number>();
      if (settle(block, fits, blockOn, tried)) return;
      // Those who compete for the same cores: one more than there are cores for them.
      const rivals = [block, ...[...tried].map((core) => blockOn[core])];
      throw new ToolchainError([
        noMatching({
          target: target.name,
          blocks: rivals.length,
          cores: tried.size,
          demands: rivals.map((b) => graph.blocks[b].demand),
        }),
      ]);
    });
    const coreOfBlock = new Uint32Array(graph.blocks.length);
    blockOn.forEach((block, core) => {
      if (block >= 0) coreOfBlock[block] = core;
    });
    return { coreOfBlock, cost: placementCost(graph, target, coreOfBlock) };
  },
};

/** Gives the block a core, moving others if need be; `tried` are the cores that were asked. */
function settle(
  block: number,
  fits: readonly (readonly number[])[],
  blockOn: Int32Array,
  tried: Set<number>,
): boolean {
  const free = fits[block].find((core) => blockOn[core] < 0);
  if (free !== undefined) {
    blockOn[free] = block;
    return true;
  }
  for (const core of fits[block]) {
    if (tried.has(core)) continue;
    tried.add(core);
    if (!settle(blockOn[core], fits, blockOn, tried)) continue;
    blockOn[core] = block;
    return true;
  }
  return false;
}

function isEnough(target: Target, core: number, demand: Demand): boolean {
  const walls = wallsOfCore(target, core);
  return RESOURCES.every((resource) => demand[resource] <= (walls[resource]?.value ?? Infinity));
}
