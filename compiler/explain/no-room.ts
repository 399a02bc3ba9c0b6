import type { Population } from "#ir/network";
import { coresPerChip } from "#targets/target";
import type { Diagnostic } from "#util/diagnostic";
import { noRoomForBlocks } from "../diagnostics.ts";
import { available } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import type { MappedBlock } from "../partition/mapped-block.ts";
import type { RelayFault } from "../partition/relay-outputs.ts";
import { bindingOf } from "./binding.ts";
import { relayFaultText } from "./relay-fault.ts";

/**
 * Why the blocks do not fit onto the chips, and what would help.
 *
 * @param relays why relays do not help, where that was tried
 */
export function explainNoRoom(
  workload: Workload,
  blocks: readonly MappedBlock[],
  chips: number,
  relays?: RelayFault,
): Diagnostic {
  const { target } = workload;
  const cores = chips * coresPerChip(target);
  const chipsNeeded = Math.ceil(blocks.length / coresPerChip(target));
  const binding = bindingOf(workload, blocks);
  const facts = { blocks: blocks.length, cores, chips, chipsNeeded, target: target.name, binding };
  const forcedApart = blocks.some(({ demand }) => demand.axonsOut > available(workload).axonsOut);
  if (forcedApart)
    return noRoomForBlocks({
      ...facts,
      changes: [FEWER_DESTINATIONS],
      ...(relays !== undefined && { relays: relayFaultText(workload, relays) }),
    });
  const changes =
    chipsNeeded <= target.mesh.maxChips.value ? [`use ${chipsNeeded} chips with --chips ${chipsNeeded}`] : [];
  return noRoomForBlocks({ ...facts, changes: [...changes, ...smallerNetwork(workload, blocks, cores)] });
}

const FEWER_DESTINATIONS =
  "prune what the neurons send, so that they reach fewer cores: output-table entries forced blocks apart";

/** What would bring the number of cores down, by the resource that fills most of them. */
function smallerNetwork(workload: Workload, blocks: readonly MappedBlock[], cores: number): string[] {
  const limits = available(workload);
  const total = (resource: "neurons" | "synapseWords" | "axonsIn"): number =>
    blocks.reduce((sum, { demand }) => sum + demand[resource], 0) / limits[resource];
  const coresFilled = {
    neurons: total("neurons"),
    synapseWords: total("synapseWords"),
    axonsIn: total("axonsIn"),
  };
  const { neurons, synapseWords, axonsIn } = coresFilled;
  if (neurons > cores) {
    const populations = workload.network.populations.filter((_, i) => workload.mapped[i]);
    const count = populations.reduce((sum, { size }: Population) => sum + size, 0);
    return [`remove ${Math.ceil(count - cores * limits.neurons)} of the ${count} neurons`];
  }
  if (synapseWords >= axonsIn)
    return [`prune the synapses to about ${percentOf(cores, blocks.length)} % of today's`];
  return [`prune whole inputs of populations: input axons fill most cores`];
}

function percentOf(cores: number, blocks: number): number {
  return Math.floor((100 * cores) / blocks);
}
