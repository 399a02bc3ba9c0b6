import type { CoreProgram } from "#ir/deployment";
import { axonWords, cheapestFill } from "#targets/formulas/entry-list";
import { invariant } from "#util/diagnostic";
import type { CoreMeasure } from "./measure.ts";
import type { Workload } from "./workload.ts";

type CoreSynapses = Pick<
  CoreProgram,
  | "formats"
  | "axonStart"
  | "axonWords"
  | "axonList"
  | "memoryWords"
  | "target"
  | "weight"
  | "format"
  | "delaySteps"
>;

/**
 * The synapse memory of a core: the lists it was measured by, in the encodings that were chosen. Gaps that a
 * dense list bridges become entries of weight zero: the chip stores and visits them.
 */
export function coreSynapses(workload: Workload, { lists, plan }: CoreMeasure): CoreSynapses {
  invariant(plan !== undefined, "a block that fits has formats");
  const { packer } = workload;
  const { formats } = plan;
  const parts = lists.partProjection.length;
  const isEntryList = packer.formula === "entry-list";
  const listPacker = packer.formula === "packed-kernel" ? packer.lists : isEntryList ? packer : undefined;
  const maxGap = formats.map((format) =>
    listPacker !== undefined && format.encoding === "dense" ? cheapestFill(listPacker, format) : 0,
  );
  const gapOf = (previous: number, next: number, format: number): number =>
    next - previous - 1 <= maxGap[format] ? next - previous - 1 : 0;

  let entries = lists.target.length;
  for (let part = 0; part < parts; part++) {
    const format = plan.formatOfPart[part];
    if (maxGap[format] === 0) continue;
    for (let i = lists.entryStart[part] + 1; i < lists.entryStart[part + 1]; i++)
      entries += gapOf(lists.target[i - 1], lists.target[i], format);
  }

  const axons = lists.sourceNeuron.length;
  const axonStart = new Uint32Array(axons + 1);
  const words = new Uint16Array(axons);
  const target = new Uint16Array(entries);
  const weight = new Int16Array(entries);
  const format = new Uint8Array(entries);
  const delaySteps = new Uint8Array(entries);
  let entry = 0;
  for (let axon = 0; axon < axons; axon++) {
    for (let part = lists.partStart[axon]; part < lists.partStart[axon + 1]; part++) {
      const slot = plan.formatOfPart[part];
      const first = entry;
      const [begin, end] = [lists.entryStart[part], lists.entryStart[part + 1]];
      for (let i = begin; i < end; i++) {
        if (i > begin) {
          const gap = gapOf(lists.target[i - 1], lists.target[i], slot);
          for (let k = 1; k <= gap; k++) target[entry++] = lists.target[i - 1] + k;
        }
        target[entry] = lists.target[i];
        weight[entry++] = lists.weight[i];
      }
      format.fill(slot, first, entry);
      delaySteps.fill(workload.byProjection[lists.partProjection[part]].delaySteps, first, entry);
    }
    axonStart[axon + 1] = entry;
    words[axon] = plan.axonWords[axon];
    invariant(
      !isEntryList || words[axon] === axonWords(packer, formats, target, format, axonStart[axon], entry),
      `axon ${axon} is stored as it was measured`,
    );
  }
  const shared = plan.axonList === undefined ? {} : { axonList: plan.axonList };
  const stored = plan.isStoredOnce === undefined ? {} : { memoryWords: plan.words };
  return { formats, axonStart, axonWords: words, ...shared, ...stored, target, weight, format, delaySteps };
}
