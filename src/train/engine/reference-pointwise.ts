// What the reference backend does entry by entry: activation, dropout, optimizer steps.
import { dropoutKeeps } from "./backend.ts";
import type { AdamCall, Floats, SgdCall } from "./backend.ts";

export function referenceRelu(x: Floats, y: Floats): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.max(0, x[i]);
}

export function referenceReluGradient(x: Floats, dy: Floats, dx: Floats): void {
  for (let i = 0; i < x.length; i++) dx[i] = x[i] > 0 ? dy[i] : 0;
}

export function referenceDropout(x: Floats, y: Floats, rate: number, seed: number, period: number): void {
  const exact = 1 / (1 - rate);
  // Rounded as the arrays are, so that every backend in that precision gives the same bits.
  const factor = y instanceof Float32Array ? Math.fround(exact) : exact;
  for (let i = 0; i < x.length; i++) y[i] = dropoutKeeps(seed, i % period, rate) ? x[i] * factor : 0;
}

export function referenceAdd(x: Floats, y: Floats): void {
  for (let i = 0; i < x.length; i++) y[i] += x[i];
}

export function referenceScale(x: Floats, a: number, y: Floats): void {
  for (let i = 0; i < x.length; i++) y[i] = a * x[i];
}

export function referenceAdam(call: AdamCall): void {
  const { weight, gradient, firstMoment, secondMoment, beta1, beta2, epsilon, k } = call;
  const stepSize = call.rate / (1 - beta1 ** k);
  const correction = Math.sqrt(1 - beta2 ** k);
  const decay = 1 - call.rate * call.weightDecay;
  for (let i = 0; i < weight.length; i++) {
    firstMoment[i] = beta1 * firstMoment[i] + (1 - beta1) * gradient[i];
    secondMoment[i] = beta2 * secondMoment[i] + (1 - beta2) * gradient[i] ** 2;
    const divisor = Math.sqrt(secondMoment[i]) / correction + epsilon;
    weight[i] = weight[i] * decay - (stepSize * firstMoment[i]) / divisor;
  }
}

export function referenceSgd({ weight, gradient, momentumBuffer, ...call }: SgdCall): void {
  for (let i = 0; i < weight.length; i++) {
    momentumBuffer[i] = call.momentum * momentumBuffer[i] + gradient[i] + call.weightDecay * weight[i];
    weight[i] -= call.rate * momentumBuffer[i];
  }
}

export function referenceSoftThreshold(theta: Floats, d: number, w: Floats): void {
  for (let i = 0; i < theta.length; i++) {
    const size = Math.abs(theta[i]) - d;
    w[i] = size > 0 ? Math.sign(theta[i]) * size : 0;
  }
}
