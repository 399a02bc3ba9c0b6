import type { Slice } from "#ir/block-graph";
import { available, shortagesOf } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import { mapBlock, type MappedBlock } from "./mapped-block.ts";

/**
 * Puts neighbouring blocks on one core while there are more than `cores`, in order, as long as every wall holds.
 *
 * A core works through its neurons one after the other, so sharing costs time; it is what one does when cores run out.
 *
 * @param blocks settled: `demand.axonsOut` is known. Sharing a core never adds an output entry.
 */
export function shareCores(workload: Workload, blocks: readonly MappedBlock[], cores: number): MappedBlock[] {
  const limits = available(workload);
  const shared: MappedBlock[] = [];
  blocks.forEach((block, b) => {
    const previous = shared.at(-1);
    const stillToCome = blocks.length - b;
    if (previous !== undefined && shared.length + stillToCome > cores) {
      const axonsOut = previous.demand.axonsOut + block.demand.axonsOut;
      if (previous.demand.neurons + block.demand.neurons <= limits.neurons && axonsOut <= limits.axonsOut) {
        const together = mapBlock(workload, joinSlices(previous.slices, block.slices));
        const demand = { ...together.demand, axonsOut };
        if (shortagesOf({ ...together.measure, demand }, limits).length === 0) {
          shared[shared.length - 1] = { ...together, demand };
          return;
        }
      }
    }
    shared.push(block);
  });
  return shared;
}

/** Slices that continue one another become one. */
function joinSlices(first: readonly Slice[], second: readonly Slice[]): Slice[] {
  const [last, next] = [first[first.length - 1], second[0]];
  if (last.population !== next.population || last.end !== next.begin) return [...first, ...second];
  return [
    ...first.slice(0, -1),
    { population: last.population, begin: last.begin, end: next.end },
    ...second.slice(1),
  ];
}
