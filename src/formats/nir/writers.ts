import type { Dynamics, ResetMode } from "#ir/network";
import { numbersOf } from "./fields.ts";
import type { NirFile, NirGraph, NirNode } from "./graph.ts";

/** Who has written a file, by what marks, and which conventions follow. */
export interface WriterFingerprint {
  readonly writer: WriterName;
  /** What was seen, in words. */
  readonly evidence: string;
  readonly timeUnit: "s" | "ms" | "steps";
  /** Length of one step; absent where nothing tells it. */
  readonly dtSeconds?: number;
  readonly integrator: Dynamics["integrator"];
  readonly compare: Dynamics["compare"];
  readonly current: Dynamics["current"];
  readonly reset: ResetMode;
  /** Gain of IF and I per step: r, or r·dt. */
  readonly ifStep: "one" | "dt";
  /** Lower clamp of IF membranes, in thresholds. */
  readonly vMinThresholds?: number;
  /** True if the writer writes v_reset = 0 for reset by subtraction, too. */
  readonly hidesReset: boolean;
  /** Step of the network itself, where the file's is a stand-in for its reader; 0: unknown. Our own files only. */
  readonly timestepNs?: number;
  /** What a feedback edge carries in step 0, where the file tells. Our own files only. */
  readonly feedbackT0?: "zeros-through" | "absent";
  /** What a user should know beside the conventions. */
  readonly remarks: readonly string[];
}

export const WRITER_NAMES = [
  "spinec",
  "snnTorch",
  "SpikingJelly",
  "Norse",
  "sinabs",
  "Spyx",
  "Rockpool",
  "hxtorch/jaxsnn",
  "SpiNNaker2",
  "unknown",
] as const;
export type WriterName = (typeof WRITER_NAMES)[number];

/** Key in the graph's metadata under which our own writer keeps the step of the file, in seconds. */
export const DT_METADATA = "spinec_dt_seconds";

/** Keys in the graph's metadata for what else our own writer keeps, where it is not the default. */
export const GRAPH_METADATA = {
  /** "steps": the file counts time in steps. */
  timeUnit: "spinec_time_unit",
  /** Step of the network, where it is another than the file's; 0: unknown. */
  timestepNs: "spinec_timestep_ns",
  /** "dt": gains of IF and I are multiplied with the step. */
  ifStep: "spinec_if_step",
  /** "absent": feedback edges carry nothing in step 0. */
  feedbackT0: "spinec_feedback_t0",
} as const;

/** Metadata key of a node under which our own writer keeps a time field in steps, where seconds are not exact. */
export function stepsMetadata(field: string): string {
  return `spinec_${field}_steps`;
}

/** Metadata keys of a node for what NIR leaves open; our own writer keeps there what is not the default. */
export const DYNAMICS_METADATA = {
  integrator: "spinec_integrator",
  compare: "spinec_compare",
  reset: "spinec_reset",
  current: "spinec_current",
  vMinThresholds: "spinec_v_min_thresholds",
} as const satisfies Record<keyof Dynamics, string>;

const DEFAULTS: Omit<WriterFingerprint, "writer" | "evidence"> = {
  timeUnit: "s",
  integrator: "euler",
  compare: ">",
  current: "new",
  reset: "value",
  ifStep: "one",
  hidesReset: false,
  remarks: [],
};

/** What the rules look at: the neurons of the whole file, nested graphs included. */
interface Neurons {
  /** One entry per membrane: time constant and gain, for LI, LIF and the Cuba pair. */
  readonly tau: readonly number[];
  readonly gain: readonly number[];
  /** Synaptic time constants of the Cuba pair, and their gains. */
  readonly tauSyn: readonly number[];
  readonly gainSyn: readonly number[];
  /** Gains of IF and I. */
  readonly integratorGain: readonly number[];
  readonly nodes: number;
  readonly cubaNodes: number;
  /** True if every node has one time constant for all its neurons. */
  readonly homogeneous: boolean;
}

type Rule = (neurons: Neurons, file: NirFile) => WriterFingerprint | undefined;

/**
 * Recognises the framework that wrote a file.
 *
 * The marks are relations between fields (tau / r is the step, r is the decay, ...), tried from the most
 * telling to the weakest. Two writers that leave the same marks cannot be told apart: snnTorch stands
 * for SpikingJelly without `decay_input`, whose files differ in nothing but the comparison.
 *
 * Source: the exporters of the frameworks, read in 2026; table in the README.
 */
export function detectWriter(file: NirFile): WriterFingerprint {
  const neurons = collect(file.root);
  for (const rule of RULES) {
    const found = rule(neurons, file);
    if (found !== undefined) return found;
  }
  return unknownWriter(neurons);
}

const RULES: readonly Rule[] = [
  ownFile,
  spikingJellyIntegrators,
  snnTorch,
  rockpool,
  spyx,
  spinnaker2,
  sinabs,
  hxtorch,
  spikingJellyDecayInput,
  norse,
  sinabsIntegrators,
];

function ownFile(_: Neurons, { root: { metadata } }: NirFile): WriterFingerprint | undefined {
  const dtSeconds = numbersOf(metadata[DT_METADATA])?.[0];
  const inSteps = metadata[GRAPH_METADATA.timeUnit] === "steps";
  if (!inSteps && (dtSeconds === undefined || !(dtSeconds > 0))) return undefined;
  const timestepNs = numbersOf(metadata[GRAPH_METADATA.timestepNs])?.[0];
  return {
    ...DEFAULTS,
    writer: "spinec",
    ...(inSteps
      ? { evidence: `metadata ${GRAPH_METADATA.timeUnit} is steps`, timeUnit: "steps" }
      : { evidence: `metadata ${DT_METADATA} is ${dtSeconds}`, dtSeconds: dtSeconds as number }),
    ...(timestepNs === undefined || !(timestepNs >= 0) ? {} : { timestepNs }),
    ...(metadata[GRAPH_METADATA.ifStep] === "dt" && { ifStep: "dt" }),
    ...(metadata[GRAPH_METADATA.feedbackT0] === "absent" && { feedbackT0: "absent" }),
  };
}

function spikingJellyIntegrators({ integratorGain }: Neurons): WriterFingerprint | undefined {
  if (!all(integratorGain, (r) => near(r, 1e4))) return undefined;
  return {
    ...DEFAULTS,
    writer: "SpikingJelly",
    evidence: "r of IF is 1e4, one over a step of 1e-4 s",
    dtSeconds: 1e-4,
    compare: ">=",
    ifStep: "dt",
    hidesReset: true,
  };
}

function snnTorch({ tau, gain }: Neurons): WriterFingerprint | undefined {
  if (!all(tau, (value, i) => near(value, 1e-4 * gain[i]))) return undefined;
  return {
    ...DEFAULTS,
    writer: "snnTorch",
    evidence: `tau / r is 1e-4 in ${tau.length === 1 ? "the only neuron" : `all ${tau.length} neurons`}`,
    dtSeconds: 1e-4,
    hidesReset: true,
  };
}

function rockpool({ tau, gain }: Neurons): WriterFingerprint | undefined {
  // r = tau·exp(-dt/tau)/dt: with x = dt/tau, r = exp(-x)/x.
  const dtSeconds = tau.length === 0 ? undefined : roundNumber(tau[0] * solveDecay(gain[0]));
  if (dtSeconds === undefined || gain[0] <= 1) return undefined;
  if (!all(tau, (value, i) => near(gain[i], (value * Math.exp(-dtSeconds / value)) / dtSeconds)))
    return undefined;
  return {
    ...DEFAULTS,
    writer: "Rockpool",
    evidence: `r is tau·exp(-dt / tau) / dt for dt = ${dtSeconds} s`,
    dtSeconds,
    integrator: "exponential",
    compare: ">=",
    reset: "subtract",
    remarks: ["Rockpool resets by subtraction only."],
  };
}

function spyx({ tau, gain, tauSyn, gainSyn }: Neurons): WriterFingerprint | undefined {
  // The decay per step is written as gain: r = 1 - dt/tau.
  for (const [times, gains, name] of [
    [tau, gain, "tau"],
    [tauSyn, gainSyn, "tau_syn"],
  ] as const) {
    if (times.length === 0 || gains[0] >= 1 || gains[0] <= 0) continue;
    const dt = roundNumber((1 - gains[0]) * times[0]);
    if (dt === undefined || !all(times, (value, i) => near(gains[i], 1 - dt / value))) continue;
    // One pair of numbers always fits some round step; without the default step it proves nothing.
    if (dt !== 1 && times.every((value) => value === times[0])) continue;
    return {
      ...DEFAULTS,
      writer: "Spyx",
      evidence: `r is the decay 1 - ${dt} / ${name}`,
      ...(dt === 1 ? { timeUnit: "steps" } : { dtSeconds: dt }),
      reset: "subtract",
      remarks: ["Spyx resets by subtraction only, and adds its input with gain 1 whatever r says."],
    };
  }
  return undefined;
}

function spinnaker2({ tau }: Neurons): WriterFingerprint | undefined {
  if (!all(tau, (value) => value === 4)) return undefined;
  return { ...DEFAULTS, writer: "SpiNNaker2", evidence: "every tau is 4 steps", timeUnit: "steps" };
}

function sinabs({ tau, gain, cubaNodes }: Neurons): WriterFingerprint | undefined {
  if (cubaNodes > 0 || !all(tau, (value, i) => value >= 1 && gain[i] === 1)) return undefined;
  return {
    ...DEFAULTS,
    writer: "sinabs",
    evidence: "r is 1 and no tau is below 1",
    timeUnit: "steps",
    integrator: "exponential",
    ...SINABS_FIRING,
  };
}

const SINABS_FIRING = {
  compare: ">=",
  reset: "multi-subtract",
  vMinThresholds: -1,
  remarks: ["sinabs fires several times in a step and subtracts the threshold each time."],
} as const;

function hxtorch({ tau, tauSyn, cubaNodes, nodes, homogeneous }: Neurons): WriterFingerprint | undefined {
  const inRange = (value: number): boolean => value > 1 && value <= 50;
  if (cubaNodes !== nodes || !homogeneous || !all(tau, inRange) || !all(tauSyn, inRange)) return undefined;
  return {
    ...DEFAULTS,
    writer: "hxtorch/jaxsnn",
    evidence: "current-based neurons with one time constant per layer between 1 and 50",
    timeUnit: "ms",
  };
}

function spikingJellyDecayInput({ tau, gain, homogeneous }: Neurons): WriterFingerprint | undefined {
  if (!homogeneous || !all(tau, (value, i) => gain[i] === 1 && value >= 0.999e-4 && value <= 1.001e-3))
    return undefined;
  return {
    ...DEFAULTS,
    writer: "SpikingJelly",
    evidence: "r is 1 and tau is 1 to 10 steps of 1e-4 s, too short for Norse's step of 1e-3 s",
    dtSeconds: 1e-4,
    compare: ">=",
    hidesReset: true,
  };
}

function norse({ tau, gain }: Neurons): WriterFingerprint | undefined {
  if (!all(tau, (value, i) => gain[i] === 1 && value > 1e-3 && value < 1)) return undefined;
  return {
    ...DEFAULTS,
    writer: "Norse",
    evidence: "r is 1 and every tau is milliseconds in seconds",
    dtSeconds: 1e-3,
  };
}

function sinabsIntegrators({ tau, integratorGain }: Neurons): WriterFingerprint | undefined {
  if (tau.length > 0 || !all(integratorGain, (r) => r === 1)) return undefined;
  return {
    ...DEFAULTS,
    writer: "sinabs",
    evidence: "every neuron is an IF with r = 1",
    timeUnit: "steps",
    ...SINABS_FIRING,
  };
}

function unknownWriter({ tau, tauSyn, integratorGain }: Neurons): WriterFingerprint {
  const times = [...tau, ...tauSyn];
  const neurons = times.length + integratorGain.length > 0;
  return {
    ...DEFAULTS,
    writer: "unknown",
    evidence: neurons ? "no known relation between tau and r" : "no neuron has tau or r",
    timeUnit: all(times, (value) => value >= 1) ? "steps" : "s",
    hidesReset: neurons,
  };
}

function collect(root: NirGraph): Neurons {
  const tau: number[] = [];
  const gain: number[] = [];
  const tauSyn: number[] = [];
  const gainSyn: number[] = [];
  const integratorGain: number[] = [];
  let nodes = 0;
  let cubaNodes = 0;
  let homogeneous = true;
  const add = (node: NirNode, field: string, times: number[], gains: number[]): void => {
    const values = numbersOf(node.fields[field]) ?? [];
    const r = numbersOf(node.fields.r) ?? [];
    if (r.length !== values.length && r.length !== 1 && values.length !== 1) return;
    for (let i = 0; i < Math.max(values.length, r.length); i++) {
      times.push(values[values.length === 1 ? 0 : i]);
      gains.push(r[r.length === 1 ? 0 : i]);
    }
    if (values.some((value) => value !== values[0])) homogeneous = false;
  };
  const graphs = [root];
  for (let graph = graphs.pop(); graph !== undefined; graph = graphs.pop()) {
    for (const node of graph.nodes) {
      if (node.graph !== undefined) graphs.push(node.graph);
      if (node.type === "IF" || node.type === "I")
        for (const r of numbersOf(node.fields.r) ?? []) integratorGain.push(r);
      if (node.type === "LIF" || node.type === "LI") add(node, "tau", tau, gain);
      const isCuba = node.type === "CubaLIF" || node.type === "CubaLI";
      if (isCuba) {
        add(node, "tau_mem", tau, gain);
        add(node, "tau_syn", tauSyn, gainSyn);
        cubaNodes++;
      }
      if (isCuba || node.type === "LIF" || node.type === "LI") nodes++;
    }
  }
  return { tau, gain, tauSyn, gainSyn, integratorGain, nodes, cubaNodes, homogeneous };
}

/** True for a list that is not empty and passes everywhere. */
function all(values: readonly number[], test: (value: number, index: number) => boolean): boolean {
  return values.length > 0 && values.every(test);
}

/** Equal up to the rounding of 32-bit floats. */
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.abs(b);

/** The number of the form 1, 2, 2.5 or 5 times a power of ten that `value` is up to rounding, if it is one. */
function roundNumber(value: number): number | undefined {
  if (!(value > 0) || !Number.isFinite(value)) return undefined;
  const exponent = Math.floor(Math.log10(value) + 1e-6);
  for (const mantissa of [1, 2, 2.5, 5]) {
    const candidate = Number(`${mantissa}e${exponent}`);
    if (near(value, candidate)) return candidate;
  }
  return undefined;
}

/** The x > 0 with exp(-x) / x = r, by Newton's method on ln r + ln x + x = 0. */
function solveDecay(r: number): number {
  if (!(r > 0)) return NaN;
  let x = 1 / (1 + r);
  for (let i = 0; i < 50; i++) x = Math.max(x / 2, x - (Math.log(r) + Math.log(x) + x) / (1 / x + 1));
  return x;
}
