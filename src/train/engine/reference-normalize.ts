// Batch normalization of the reference backend.
import type { Floats, NormalizeCall, NormalizeGradientCall } from "./backend.ts";

export function referenceChannelMoments(
  x: Floats,
  mean: Floats,
  variance: Floats,
  rows: number,
  channels: number,
  inner: number,
): void {
  const count = rows * inner;
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    forEachOfChannel(c, rows, channels, inner, (i) => (sum += x[i]));
    const center = sum / count;
    let squares = 0;
    forEachOfChannel(c, rows, channels, inner, (i) => (squares += (x[i] - center) ** 2));
    mean[c] = center;
    variance[c] = squares / count;
  }
}

export function referenceNormalize(call: NormalizeCall): void {
  const { x, y, mean, variance, gamma, beta, epsilon, rows, channels, inner } = call;
  for (let c = 0; c < channels; c++) {
    const factor = gamma[c] / Math.sqrt(variance[c] + epsilon);
    forEachOfChannel(c, rows, channels, inner, (i) => (y[i] = (x[i] - mean[c]) * factor + beta[c]));
  }
}

export function referenceNormalizeGradient(call: NormalizeGradientCall): void {
  const { x, mean, variance, gamma, epsilon, rows, channels, inner, dy, dx, dGamma, dBeta } = call;
  const count = rows * inner;
  for (let c = 0; c < channels; c++) {
    const inverse = 1 / Math.sqrt(variance[c] + epsilon);
    let sum = 0;
    let sumOfProducts = 0;
    forEachOfChannel(c, rows, channels, inner, (i) => {
      sum += dy[i];
      sumOfProducts += dy[i] * (x[i] - mean[c]) * inverse;
    });
    dBeta[c] = sum;
    dGamma[c] = sumOfProducts;
    forEachOfChannel(c, rows, channels, inner, (i) => {
      const centered = (x[i] - mean[c]) * inverse;
      dx[i] = gamma[c] * inverse * (dy[i] - sum / count - (centered * sumOfProducts) / count);
    });
  }
}

function forEachOfChannel(
  channel: number,
  rows: number,
  channels: number,
  inner: number,
  visit: (i: number) => void,
): void {
  for (let r = 0; r < rows; r++) {
    const start = (r * channels + channel) * inner;
    for (let i = start; i < start + inner; i++) visit(i);
  }
}
