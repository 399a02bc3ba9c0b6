import type { Profile } from "#targets/target";
import { balanceSteps } from "./balance/balance.ts";
import { stepCosts } from "./balance/step-costs.ts";
import { predictStepTime } from "./balance/step-time.ts";
import type { Workload } from "./encode/workload.ts";
import { axonGraphOf } from "./partition/axon-graph.ts";
import { fitExactly } from "./partition/fit-exactly.ts";
import { cutOf, piecesOf } from "./partition/graph-pieces.ts";
import { listCapacity } from "./partition/list-capacity.ts";
import { mapBlock, type MappedBlock } from "./partition/mapped-block.ts";
import type { Effort } from "./partition/partitioner.ts";

export interface BalanceBlocksOptions {
  readonly profile: Profile;
  readonly maxCores: number;
  /** Whether neurons of populations that share no core yet may meet on one. */
  readonly together: boolean;
  readonly effort: Effort;
  readonly spikesPerStep?: Readonly<Record<string, Float64Array>> | undefined;
  readonly shouldStop?: (() => boolean) | undefined;
}

/**
 * Blocks whose busiest core has less to do in a mean step, by the profile's law of time; the same blocks where nothing is
 * gained once every wall has been counted. Output entries are not settled.
 *
 * @throws ToolchainError where the law is one that no cut changes, or its rates are unknown
 */
export function balanceBlocks(
  workload: Workload,
  blocks: readonly MappedBlock[],
  options: BalanceBlocksOptions,
): readonly MappedBlock[] {
  const { profile, maxCores, together, effort, spikesPerStep, shouldStop } = options;
  const mapped = workload.mapped.flatMap((isMapped, p) => (isMapped ? [p] : []));
  const neurons = axonGraphOf(workload, mapped, spikesPerStep);
  const { graph } = neurons;
  if (graph.neurons === 0) return blocks;
  const costs = stepCosts(workload.target, profile);
  const capacity = listCapacity(workload, blocks);
  const before = cutOf(
    neurons,
    blocks.map(({ slices }) => slices),
  );
  const found = balanceSteps(graph, capacity, before.coreOf, costs, {
    maxCores,
    effort,
    shouldStop,
    ...(!together && { group: Uint16Array.from(neurons.population.subarray(0, graph.neurons)) }),
  });
  const pieces = fitExactly(workload, piecesOf(neurons, found));
  if (pieces.length > maxCores) return blocks;
  const stepNs = (coreOf: ArrayLike<number>): number => predictStepTime(graph, coreOf, costs).stepNs;
  if (stepNs(cutOf(neurons, pieces).coreOf) >= stepNs(before.coreOf)) return blocks;
  return pieces.map((slices) => mapBlock(workload, slices));
}
