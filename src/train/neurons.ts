// The spiking neurons of the pruning literature, as numbers. They are not interchangeable: division of the input by tau,
// `>` or `>=`, and what the reset lets through in the backward pass make different networks.

/**
 * One update for all of them, v being the membrane after reset:
 *
 *     h[t] = keep · v[t-1] + gain · I[t];   s[t] = h[t] > threshold (or >=);   v[t] = h[t] · (1 - s[t])
 *
 * and backward, from the last step to the first, with gv carried back from 0:
 *
 *     gh = gs · surrogate(h - threshold) + gv · (1 - s)   [ - gv · h · surrogate(h - threshold), unless detachReset ]
 *     gI = gh · gain;   gv = gh · keep
 */
export interface NeuronSpec {
  /** A row of `NEURONS`. */
  readonly name: NeuronName;
  /** Factor of the membrane; with `learnableLeak` the initial value of 1 - sigmoid(leak). */
  readonly keep: number;
  /** Factor of the input; with `learnableLeak` always 1 - keep. */
  readonly gain: number;
  readonly threshold: number;
  readonly compare: ">" | ">=";
  /** True: the spike inside the reset counts as a constant in the backward pass. */
  readonly detachReset: boolean;
  readonly surrogate: SurrogateName;
  /** One trained scalar `leak` for the layer: gain = sigmoid(leak), keep = 1 - gain (parametric LIF). */
  readonly learnableLeak: boolean;
}

export type NeuronName = "lif-sj" | "if-sj" | "lif-wu" | "plif-bc" | "lif-bc" | "lif-tet";
export type SurrogateName = "atan" | "rectangle" | "triangular" | "triangle";

/** W. Fang et al., SpikingJelly (LIF-SJ, IF-SJ); Y. Wu et al. 2018 (LIF-WU); Y. Zeng et al., BrainCog (PLIF-BC, LIF-BC); S. Deng et al. 2022 (LIF-TET). */
export const NEURONS: Readonly<Record<NeuronName, NeuronSpec>> = {
  "lif-sj": {
    name: "lif-sj",
    keep: 0.5,
    gain: 0.5,
    threshold: 1,
    compare: ">=",
    detachReset: true,
    surrogate: "atan",
    learnableLeak: false,
  },
  "if-sj": {
    name: "if-sj",
    keep: 1,
    gain: 1,
    threshold: 1,
    compare: ">=",
    detachReset: true,
    surrogate: "atan",
    learnableLeak: false,
  },
  "lif-wu": {
    name: "lif-wu",
    keep: 0.2,
    gain: 1,
    threshold: 0.5,
    compare: ">",
    detachReset: false,
    surrogate: "rectangle",
    learnableLeak: false,
  },
  "plif-bc": {
    name: "plif-bc",
    keep: 0.5,
    gain: 0.5,
    threshold: 0.5,
    compare: ">",
    detachReset: true,
    surrogate: "atan",
    learnableLeak: true,
  },
  "lif-bc": {
    name: "lif-bc",
    keep: 0.5,
    gain: 0.5,
    threshold: 0.5,
    compare: ">",
    detachReset: true,
    surrogate: "triangular",
    learnableLeak: false,
  },
  "lif-tet": {
    name: "lif-tet",
    keep: 0.5,
    gain: 1,
    threshold: 1,
    compare: ">",
    detachReset: false,
    surrogate: "triangle",
    learnableLeak: false,
  },
};

/** What stands in for the derivative of the spike step; x = h - threshold. `primitive` rises from 0 to 1 and has exactly this derivative. */
export interface Surrogate {
  readonly derivative: (x: number) => number;
  readonly primitive: (x: number) => number;
}

export const SURROGATES: Readonly<Record<SurrogateName, Surrogate>> = {
  atan: {
    derivative: (x) => 1 / (1 + (Math.PI * x) ** 2),
    primitive: (x) => Math.atan(Math.PI * x) / Math.PI + 0.5,
  },
  rectangle: {
    derivative: (x) => (Math.abs(x) < 0.5 ? 1 : 0),
    primitive: (x) => Math.min(1, Math.max(0, x + 0.5)),
  },
  triangular: {
    derivative: (x) => Math.max(0, 2 - 4 * Math.abs(x)),
    primitive: (x) => rampIntegral(2 * x),
  },
  triangle: {
    derivative: (x) => Math.max(0, 1 - Math.abs(x)),
    primitive: (x) => rampIntegral(x),
  },
};

/** Integral of max(0, 1 - |x|) from -1 to x. */
function rampIntegral(x: number): number {
  if (x <= -1) return 0;
  if (x >= 1) return 1;
  return x <= 0 ? (1 + x) ** 2 / 2 : 1 - (1 - x) ** 2 / 2;
}
