import type { EventStream } from "./dataset.ts";

/**
 * Puts events into frames, one per time step.
 *
 * - `time`: the time from the first event to the last is cut into `steps` equal parts; the last event is in the last part.
 * - `number`: event k of n goes to frame floor(k · steps / n), so frames differ by one event at most.
 *
 * Checks nothing: indices are below `size`, as the loaders see to.
 *
 * @param size product of the shape of a sample
 * @param binary true: 1 where there was any event; false: how many
 * @param out `[steps, size]` is written to `out[offset ..]`, cleared first
 *
 * Source: the two ways of splitting of SpikingJelly's data sets, which put what is left over into the last frame; here it
 * is spread.
 */
export function eventFrames(
  stream: EventStream,
  size: number,
  steps: number,
  split: "time" | "number",
  binary: boolean,
  out: Float32Array,
  offset: number,
): void {
  const { timeUs, index } = stream;
  const count = timeUs.length;
  out.fill(0, offset, offset + steps * size);
  if (count === 0) return;
  const startUs = timeUs[0];
  const spanUs = timeUs[count - 1] - startUs;
  for (let k = 0; k < count; k++) {
    const part = split === "number" ? (k * steps) / count : ((timeUs[k] - startUs) * steps) / (spanUs || 1);
    const at = offset + Math.min(steps - 1, Math.floor(part)) * size + index[k];
    out[at] = binary ? 1 : out[at] + 1;
  }
}
