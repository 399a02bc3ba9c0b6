import type { Dynamics, ResetMode } from "#ir/network";
import type { ImportOptions } from "../format.ts";
import type { NirWriting } from "./write-network.ts";

/**
 * How a file is written for a reader that takes more for granted than NIR says.
 *
 * Source of what readers do: their importers, read in 2026; table in the README.
 */
export interface NirDialect {
  readonly name: string;
  /** Whose reader it is for. */
  readonly readers: string;
  readonly writing: NirWriting;
  /**
   * What every input is multiplied with in a step:
   * - `as-is`: the gains of the network.
   * - `per-step`: 1, so r is tau in steps; the network's gain goes into the weights.
   * - `one`: 1 / tau, so r is 1; r goes into the weights.
   */
  readonly gain: "as-is" | "per-step" | "one";
  /** Layers whose r is 1 throughout stay as they are: the reader knows both forms. */
  readonly keepsGainOne?: boolean;
  /** How the reader turns tau into a decay; absent: as the network does. */
  readonly integrator?: Dynamics["integrator"];
  /** How the reader computes: options that make our reader do the same without our metadata. */
  readonly reading: ImportOptions;
  readonly limits: DialectLimits;
}

/** What the reader cannot do; absent: no limit known. */
export interface DialectLimits {
  readonly resets?: readonly ResetMode[];
  readonly compare?: Dynamics["compare"];
  /** `zero`: v_leak must be 0; `reset`: it must equal v_reset. */
  readonly vLeak?: "zero" | "reset";
  /** v_reset is taken for 0. */
  readonly resetIsZero?: boolean;
  /** Parameters that must be the same for all neurons of a layer. */
  readonly uniform?: readonly string[];
  /** Node types that it does not read. */
  readonly unread?: readonly string[];
  /** Cycles must be a neuron layer and a Linear or Affine of its own. */
  readonly twoNodeCycles?: boolean;
}

export const NIR_DIALECTS: readonly NirDialect[] = [
  {
    name: "spec",
    readers: "readers that go by the specification",
    writing: { ifStep: "dt" },
    gain: "as-is",
    reading: { timeUnit: "s", ifStep: "dt" },
    limits: { resets: ["value"], compare: ">" },
  },
  {
    name: "snntorch",
    readers: "snnTorch and Lava",
    writing: { dtSeconds: 1e-4 },
    gain: "per-step",
    integrator: "euler",
    reading: { timeUnit: "s", dtSeconds: 1e-4, integrator: "euler", compare: ">", reset: "value" },
    limits: {
      resets: ["value"],
      compare: ">",
      vLeak: "zero",
      resetIsZero: true,
      uniform: ["vThreshold"],
      unread: ["Conv1d", "CubaLI", "Delay", "I", "Scale", "Threshold"],
      twoNodeCycles: true,
    },
  },
  {
    name: "norse",
    readers: "Norse",
    writing: { dtSeconds: 1e-3 },
    gain: "one",
    integrator: "euler",
    reading: { timeUnit: "s", dtSeconds: 1e-3, integrator: "euler", compare: ">", reset: "value" },
    limits: {
      resets: ["value"],
      compare: ">",
      resetIsZero: true,
      unread: ["AvgPool2d", "Conv1d", "CubaLI", "Delay", "I", "Scale", "Threshold"],
    },
  },
  {
    name: "steps",
    readers: "sinabs, Spyx and SpiNNaker 2",
    writing: { timeUnit: "steps" },
    gain: "per-step",
    reading: { timeUnit: "steps" },
    limits: {
      resets: ["subtract", "multi-subtract"],
      vLeak: "zero",
      unread: ["AvgPool2d", "CubaLI"],
      twoNodeCycles: true,
    },
  },
  {
    name: "spikingjelly",
    readers: "SpikingJelly",
    writing: { dtSeconds: 1e-4, ifStep: "dt" },
    gain: "per-step",
    keepsGainOne: true,
    integrator: "euler",
    reading: { timeUnit: "s", dtSeconds: 1e-4, integrator: "euler", compare: ">=", reset: "value", ifStep: "dt" },
    limits: {
      resets: ["value"],
      compare: ">=",
      vLeak: "reset",
      uniform: ["tauSteps", "vThreshold", "vReset"],
      unread: ["Conv1d", "CubaLI", "Delay", "I", "Scale", "Threshold"],
    },
  },
];
