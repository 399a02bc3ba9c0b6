import type { Slice } from "#ir/block-graph";
import { coresPerChip } from "#targets/target";
import { available, measureCore, shortagesOf, type CoreMeasure, type Shortage } from "../encode/measure.ts";
import { layerFaults, layerOfProjection } from "../encode/formulas/kernel-pow2.ts";
import type { Workload } from "../encode/workload.ts";
import { fewerChannels } from "./fewer-channels.ts";
import type { Partitioner } from "./partitioner.ts";

/** Every population in one piece: for chips whose cores each run a layer. Cores may differ; some core has to be large enough. */
export const layerPerCore: Partitioner = {
  name: "layer-per-core",
  keepsWhole: true,
  summary: "every population on a core of its own, in one piece",

  partition(workload, { misfits, onProgress }) {
    const { populations } = workload.network;
    const blocks: Slice[][] = [];
    populations.forEach(({ name, size }, population) => {
      if (!workload.mapped[population] || size === 0) return;
      onProgress?.(`partition ${name}`, population, populations.length);
      const faults = shapeFaults(workload, population);
      const slices = [{ population, begin: 0, end: size }];
      const measure = measureCore(workload, slices);
      const lacking = fewestShortages(workload, measure);
      if (faults.length === 0 && lacking.length === 0) {
        blocks.push(slices);
        return;
      }
      const [first] = lacking;
      misfits.add({
        population,
        neuron: 0,
        resource: first?.resource ?? "synapseWords",
        needed: first?.needed ?? measure.demand.synapseWords,
        available: first?.available ?? available(workload).synapseWords,
        layer: {
          faults,
          shortages: lacking.map(({ resource, needed }) => ({
            resource,
            needed,
            available: available(workload)[resource],
          })),
          changes: faults.length > 0 ? [] : fewerChannels(workload, population),
        },
      });
    });
    return blocks;
  },
};

function shapeFaults(workload: Workload, population: number): string[] {
  if (workload.packer.formula !== "kernel-pow2") return [];
  return workload.incoming[population].flatMap(({ projection }) =>
    layerFaults(workload.packer, layerOfProjection(workload, projection)),
  );
}

type Shortages = readonly {
  readonly resource: Shortage;
  readonly needed: number;
  readonly available: number;
}[];

/** Of the core of a chip that lacks least; empty if one lacks nothing. */
function fewestShortages(workload: Workload, measure: CoreMeasure): Shortages {
  let best: { readonly lacking: Shortages; readonly share: number } | undefined;
  for (let core = 0; core < coresPerChip(workload.target); core++) {
    const lacking = shortagesOf(measure, available(workload, core));
    if (lacking.length === 0) return [];
    const share = lacking.reduce((worst, { needed, available: limit }) => Math.max(worst, needed / limit), 0);
    if (best === undefined || share < best.share) best = { lacking, share };
  }
  return best?.lacking ?? [];
}
