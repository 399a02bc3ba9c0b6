import type { Dataset } from "../dataset.ts";

/** The samples at `indices`, in that order, under the same name. */
export function selectSamples(data: Dataset, indices: ArrayLike<number>): Dataset {
  const labels =
    data.labels instanceof Uint8Array ? new Uint8Array(indices.length) : new Uint16Array(indices.length);
  for (let n = 0; n < indices.length; n++) labels[n] = data.labels[indices[n]];
  if (data.kind === "events") {
    const samples = Array.from(indices, (index) => data.samples[index]);
    return { ...data, samples, labels };
  }
  const size = data.pixels.length / data.labels.length;
  const pixels = new Uint8Array(indices.length * size);
  for (let n = 0; n < indices.length; n++)
    pixels.set(data.pixels.subarray(indices[n] * size, (indices[n] + 1) * size), n * size);
  return { ...data, pixels, labels };
}

/**
 * Places of the first samples of every class in turn: class 0, 1, 2, … then the second of each, and so on.
 *
 * @param limit no more than so many
 */
export function evenlyByClass(labels: ArrayLike<number>, limit: number = labels.length): Uint32Array {
  const seen = new Map<number, number>();
  const places = Array.from({ length: labels.length }, (_, place) => {
    const rank = seen.get(labels[place]) ?? 0;
    seen.set(labels[place], rank + 1);
    return { place, rank, label: labels[place] };
  });
  places.sort((a, b) => a.rank - b.rank || a.label - b.label);
  return Uint32Array.from(places.slice(0, limit), ({ place }) => place);
}
