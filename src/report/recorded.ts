import type { SpikeData } from "#ir/spikes";
import { formatCount } from "#util/units";

/** What a population gave: spikes, or (readouts, which never fire) values such as membranes. */
export interface RecordedSection {
  /** 0 where values were given. */
  readonly spikesPerInference: number;
  /** Given by populations that do not fire: the ends of their range, over all samples, steps and elements. */
  readonly values?: { readonly lowest: number; readonly highest: number };
}

/** Whether the events of a recording are spikes; `unknown`: they are if all of them are whole and positive. */
export type Carries = "spikes" | "values" | "unknown";

/** Counts the spikes of a recording, several in one step each, or finds the range of its values. */
export function recordedSection({ samples, shape, steps }: SpikeData, carries: Carries): RecordedSection {
  let spikes = 0;
  let events = 0;
  let lowest = Infinity;
  let highest = -Infinity;
  let areCounts = carries !== "values";
  for (const { index, value } of samples) {
    events += index.length;
    for (let e = 0; e < index.length; e++) {
      const given = value === undefined ? 1 : value[e];
      spikes += given;
      lowest = Math.min(lowest, given);
      highest = Math.max(highest, given);
      if (carries === "unknown" && !(given > 0 && Number.isInteger(given))) areCounts = false;
    }
  }
  if (areCounts) return { spikesPerInference: spikes / Math.max(1, samples.length) };
  // Elements without an event are 0.
  const elements = shape.reduce((product, extent) => product * extent, steps * samples.length);
  if (events < elements) [lowest, highest] = [Math.min(lowest, 0), Math.max(highest, 0)];
  return { spikesPerInference: 0, ...(lowest <= highest && { values: { lowest, highest } }) };
}

/** `12.5`, or `values -3 to 40.25`. */
export function recordedText({ spikesPerInference, values }: RecordedSection): string {
  if (values === undefined) return formatCount(spikesPerInference);
  return `values ${short(values.lowest)} to ${short(values.highest)}`;
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
