// The slow, obvious twins: connectivity as nested arrays, rows (pre) of columns (post).
import fc from "fast-check";
import type { Connectivity, SharedKernel } from "#ir/network";
import { kernel, matrix } from "#test/networks";

export type Rows = number[][];

export function zeros(rows: number, cols: number): Rows {
  return Array.from({ length: rows }, () => new Array<number>(cols).fill(0));
}

/** Any form as nested arrays, straight from the type's doc comment. */
export function toRows(c: Connectivity): Rows {
  const out = zeros(c.rows, c.cols);
  switch (c.kind) {
    case "sparse":
      for (let r = 0; r < c.rows; r++) {
        for (let i = c.rowStart[r]; i < c.rowStart[r + 1]; i++) out[r][c.colIndex[i]] += c.values[i];
      }
      return out;
    case "dense":
      return out.map((row, r) => row.map((_, col) => c.values[col * c.rows + r]));
    case "diagonal":
      for (let r = 0; r < c.rows; r++) out[r][r] = c.values[c.values.length === 1 ? 0 : r];
      return out;
    case "kernel":
      return convolutionRows(c).weights;
  }
}

/** The definition of a convolution, output by output; `taps` counts the synapses at each place. */
export function convolutionRows(k: SharedKernel): { weights: Rows; taps: Rows } {
  const [inChannels, inHeight, inWidth] = k.inputShape;
  const [outChannels, outHeight, outWidth] = k.outputShape;
  const [, perGroup, height, width] = k.kernelShape;
  const weights = zeros(k.rows, k.cols);
  const taps = zeros(k.rows, k.cols);
  for (let o = 0; o < outChannels; o++)
    for (let oy = 0; oy < outHeight; oy++)
      for (let ox = 0; ox < outWidth; ox++)
        for (let i = 0; i < perGroup; i++)
          for (let ky = 0; ky < height; ky++)
            for (let kx = 0; kx < width; kx++) {
              const y = oy * k.stride[0] - k.padding[0] + ky * k.dilation[0];
              const x = ox * k.stride[1] - k.padding[2] + kx * k.dilation[1];
              if (y < 0 || y >= inHeight || x < 0 || x >= inWidth) continue;
              const channel = Math.floor(o / (outChannels / k.groups)) * (inChannels / k.groups) + i;
              const row = (channel * inHeight + y) * inWidth + x;
              const col = (o * outHeight + oy) * outWidth + ox;
              weights[row][col] += k.weights[((o * perGroup + i) * height + ky) * width + kx];
              taps[row][col]++;
            }
  return { weights, taps };
}

export function matmul(a: Rows, b: Rows, cols: number): Rows {
  return a.map((row) =>
    Array.from({ length: cols }, (_, c) => row.reduce((sum, value, k) => sum + value * b[k][c], 0)),
  );
}

/** Quarters: products and sums of a few are exact in float64. */
export const weight: fc.Arbitrary<number> = fc.constantFrom(0, 0, 0.25, 1, 1, -1, 2, -0.75);

export const arbitraryKernel: fc.Arbitrary<SharedKernel> = fc
  .record({
    groups: fc.integer({ min: 1, max: 2 }),
    inPerGroup: fc.integer({ min: 1, max: 2 }),
    outPerGroup: fc.integer({ min: 1, max: 2 }),
    size: fc.tuple(fc.integer({ min: 3, max: 6 }), fc.integer({ min: 3, max: 6 })),
    taps: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.constantFrom([1, 1] as const, [1, 1] as const, [2, 1] as const),
    padding: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
    weights: fc.array(weight, { minLength: 72, maxLength: 72 }),
  })
  .filter(({ size, taps, dilation }) => size[0] > (taps[0] - 1) * dilation[0] && size[1] >= taps[1])
  .map(({ groups, inPerGroup, outPerGroup, size, taps, weights, ...rest }) => {
    const kernelShape = [groups * outPerGroup, inPerGroup, ...taps] as const;
    return kernel({
      inputShape: [groups * inPerGroup, ...size],
      kernelShape,
      weights: weights.slice(
        0,
        kernelShape.reduce((a, b) => a * b, 1),
      ),
      groups,
      ...rest,
    });
  });

/** A sparse, dense or diagonal map of the given size. */
export function arbitraryMap(rows: number, cols: number): fc.Arbitrary<Connectivity> {
  const grid = <T>(element: fc.Arbitrary<T>): fc.Arbitrary<T[][]> =>
    fc.array(fc.array(element, { minLength: cols, maxLength: cols }), { minLength: rows, maxLength: rows });
  const forms: fc.Arbitrary<Connectivity>[] = [
    grid(fc.oneof(fc.constant(null), weight)).map((r) => matrix(r)),
    fc
      .array(weight, { minLength: rows * cols, maxLength: rows * cols })
      .map((values) => ({ kind: "dense", rows, cols, values: Float32Array.from(values) })),
  ];
  if (rows === cols) {
    forms.push(
      fc
        .oneof(
          weight.map((w) => [w]),
          fc.array(weight, { minLength: rows, maxLength: rows }),
          fc.constant([1]),
        )
        .map((values) => ({ kind: "diagonal", rows, cols, values: Float64Array.from(values) })),
    );
  }
  return fc.oneof(...forms);
}
