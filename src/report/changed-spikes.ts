import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { ChangedSpikes } from "./run-report.ts";

/**
 * How far the chip's spikes are from the model's: populations that both recorded, in the order of the chip's.
 *
 * Populations whose values are not spikes (readouts) are left out.
 */
export function changedSpikes(
  model: Readonly<Record<string, SpikeData>>,
  chip: Readonly<Record<string, SpikeData>>,
): ChangedSpikes[] {
  return Object.entries(chip).flatMap(([population, chipData]): ChangedSpikes[] => {
    const modelData = model[population] as SpikeData | undefined;
    if (modelData === undefined || hasValues(modelData) || hasValues(chipData)) return [];
    let differing = 0;
    let modelSpikes = 0;
    let chipSpikes = 0;
    chipData.samples.forEach((events, s) => {
      differing += countDiffering(modelData.samples[s], events);
      modelSpikes += modelData.samples[s].index.length;
      chipSpikes += events.index.length;
    });
    return [{ population, modelSpikes, chipSpikes, differing }];
  });
}

const hasValues = (data: SpikeData): boolean =>
  data.samples.some((events) => events.value?.some((v) => v !== 1) === true);

/** Entries of one sample that only one side has; both are ordered by step, then index. */
function countDiffering(a: SpikeEvents, b: SpikeEvents): number {
  let i = 0;
  let j = 0;
  let common = 0;
  while (i < a.index.length && j < b.index.length) {
    const order = a.step[i] - b.step[j] || a.index[i] - b.index[j];
    if (order === 0) common++;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return a.index.length + b.index.length - 2 * common;
}
