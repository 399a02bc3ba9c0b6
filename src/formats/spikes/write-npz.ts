import type { ArrayToWrite } from "#formats/npz/npy";
import { writeNpz } from "#formats/npz/npz";
import type { SpikeData } from "#ir/spikes";
import { ToolchainError } from "#util/diagnostic";
import { sizeOf } from "./dense.ts";
import { tooManyElements } from "./diagnostics.ts";

/** Most numbers in one array: 1 GiB of them as float32. */
const MAX_ELEMENTS = 2 ** 28;

/**
 * Spike data as `numpy.savez_compressed` writes it: one dense array `[samples, steps, ...shape]` for each node, uint8
 * where all values are whole and at most 255, else float32. A single entry called "" becomes `arr_0`.
 *
 * @throws ToolchainError `spikes/too-many-elements` for every node whose dense array would be too large
 */
export function writeSpikesNpz(record: Readonly<Record<string, SpikeData>>): Promise<Uint8Array> {
  const entries = Object.entries(record);
  const faults = entries.flatMap(([name, data]) => {
    const elements = data.samples.length * data.steps * sizeOf(data.shape);
    return elements > MAX_ELEMENTS ? [tooManyElements({ name, elements, limit: MAX_ELEMENTS })] : [];
  });
  if (faults.length > 0) throw new ToolchainError(faults);
  const arrays = entries.map(([name, data]) => [name === "" ? "arr_0" : name, denseOf(data)] as const);
  return writeNpz(Object.fromEntries(arrays), { compress: true });
}

function denseOf({ steps, shape, samples }: SpikeData): ArrayToWrite {
  const size = sizeOf(shape);
  const isCounts = samples.every(
    ({ value }) => value?.every((x) => Number.isInteger(x) && x >= 0 && x < 256) ?? true,
  );
  const length = samples.length * steps * size;
  const data = isCounts ? new Uint8Array(length) : new Float32Array(length);
  samples.forEach(({ step, index, value }, s) => {
    for (let e = 0; e < index.length; e++) data[(s * steps + step[e]) * size + index[e]] = value?.[e] ?? 1;
  });
  return { data, shape: [samples.length, steps, ...shape], dtype: isCounts ? "uint8" : "float32" };
}
