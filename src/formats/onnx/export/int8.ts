import type { Weights } from "./constants.ts";

const LARGEST = 127;

/**
 * Weights as integers from -127 to 127 times one scale for each post neuron or channel, rounded to nearest;
 * zeros stay zeros. Scales are float32, as DequantizeLinear wants them.
 *
 * @param dims     the shape of the weights
 * @param postAxis axis that has the scales; it is the first or the last
 */
export function int8Of(
  weights: Weights,
  dims: readonly number[],
  postAxis: number,
): { readonly integers: Weights; readonly scales: Float32Array; readonly snrDb: number } {
  const posts = dims[postAxis];
  const inner = dims.slice(postAxis + 1).reduce((product, extent) => product * extent, 1);
  const postOf = (index: number): number => Math.floor(index / inner) % posts;
  const { index, value } = weights.nonzeros();
  const scales = new Float32Array(posts);
  for (let k = 0; k < index.length; k++) {
    const post = postOf(index[k]);
    scales[post] = Math.max(scales[post], Math.abs(value[k]));
  }
  for (let post = 0; post < posts; post++) scales[post] = scales[post] === 0 ? 1 : scales[post] / LARGEST;
  const rounded = Float64Array.from(index, (at, k) =>
    Math.max(-LARGEST, Math.min(LARGEST, Math.round(value[k] / scales[postOf(at)]))),
  );
  let signal = 0;
  let noise = 0;
  rounded.forEach((integer, k) => {
    signal += value[k] ** 2;
    noise += (value[k] - integer * scales[postOf(index[k])]) ** 2;
  });
  const total = dims.reduce((product, extent) => product * extent, 1);
  const kept = Array.from(rounded.keys()).filter((k) => rounded[k] !== 0);
  return {
    scales,
    snrDb: noise === 0 ? Infinity : 10 * Math.log10(signal / noise),
    integers: {
      nonzeroCount: kept.length,
      nonzeros: () => ({
        index: Float64Array.from(kept, (k) => index[k]),
        value: Float64Array.from(kept, (k) => rounded[k]),
      }),
      all: () => {
        const all = new Int8Array(total);
        for (const k of kept) all[index[k]] = rounded[k];
        return all;
      },
    },
  };
}
