// Matrix product, bias and block copies of the reference backend.
import type { CopyCall, Floats, GemmCall } from "./backend.ts";

export function referenceGemm({ a, b, c, m, n, k, transA, transB, accumulate }: GemmCall): void {
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      let sum = accumulate ? c[row * n + column] : 0;
      for (let inner = 0; inner < k; inner++) {
        const left = transA ? a[inner * m + row] : a[row * k + inner];
        const right = transB ? b[column * k + inner] : b[inner * n + column];
        sum += left * right;
      }
      c[row * n + column] = sum;
    }
  }
}

export function referenceAddBias(
  y: Floats,
  bias: Floats,
  rows: number,
  channels: number,
  inner: number,
): void {
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < inner; i++) y[(r * channels + c) * inner + i] += bias[c];
}

export function referenceChannelSums(
  y: Floats,
  sums: Floats,
  rows: number,
  channels: number,
  inner: number,
): void {
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let r = 0; r < rows; r++) for (let i = 0; i < inner; i++) sum += y[(r * channels + c) * inner + i];
    sums[c] = sum;
  }
}

export function referenceCopyBlocks(call: CopyCall): void {
  const { from, to, rows, width, fromStride, fromOffset, toStride, toOffset, accumulate } = call;
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i++) {
      const value = from[r * fromStride + fromOffset + i];
      const target = r * toStride + toOffset + i;
      to[target] = accumulate ? to[target] + value : value;
    }
  }
}
