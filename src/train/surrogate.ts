/**
 * What stands in for the derivative of the spike step in the backward pass. `x` is the distance of the
 * membrane from the threshold, in units of the weights.
 */
export interface Surrogate {
  readonly name: string;
  readonly source: string;
  /** A smooth step from 0 to 1 whose exact derivative is `derivative`; used to check gradients. */
  readonly primitive: (x: number) => number;
  readonly derivative: (x: number) => number;
}

/** 1 / (1 + (πx)²): wide tails, so that neurons far from the threshold still learn. */
export const arctan: Surrogate = {
  name: "arctan",
  source: "W. Fang et al., ICCV 2021 (PLIF), with alpha = 2",
  primitive: (x) => Math.atan(Math.PI * x) / Math.PI + 0.5,
  derivative: (x) => 1 / (1 + Math.PI * x * (Math.PI * x)),
};

const SHARPNESS = 5;

/** 1 / (1 + k|x|)² with k = 5: a sharper peak. */
export const fastSigmoid: Surrogate = {
  name: "fast-sigmoid",
  source: "F. Zenke and S. Ganguli, Neural Computation 30(6), 2018 (SuperSpike)",
  primitive: (x) => 0.5 + x / (1 + SHARPNESS * Math.abs(x)),
  derivative: (x) => 1 / (1 + SHARPNESS * Math.abs(x)) ** 2,
};

/** To add one: an object above, and its name here. */
export const SURROGATES: readonly Surrogate[] = [arctan, fastSigmoid];
