import type { SpikeData, SpikeEvents } from "#ir/spikes";

/**
 * Spike data as JSON text: `{"shape": [steps, ...], "samples": [{"t", "i", "x"?}, ...]}`, by node name.
 *
 * A single entry called "" is written without its name, as `readSpikeData` reads it. Same data, same bytes.
 */
export function writeSpikeData(record: Readonly<Record<string, SpikeData>>): Uint8Array {
  const names = Object.keys(record);
  const isUnnamed = names.length === 1 && names[0] === "";
  const ports = Object.fromEntries(Object.entries(record).map(([name, data]) => [name, toJson(data)]));
  return new TextEncoder().encode(`${JSON.stringify(isUnnamed ? ports[""] : ports)}\n`);
}

const toJson = ({ steps, shape, samples }: SpikeData): object => ({
  shape: [steps, ...shape],
  samples: samples.map(toSample),
});

const toSample = ({ step, index, value }: SpikeEvents): object => ({
  t: Array.from(step),
  i: Array.from(index),
  ...(value ? { x: Array.from(value) } : {}),
});
