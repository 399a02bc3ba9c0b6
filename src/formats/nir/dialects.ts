import type { Dynamics } from "#ir/network";
import type { ImportOptions } from "../format.ts";
import type { ReaderName } from "./doctor/reader.ts";
import type { NirWriting } from "./write-network.ts";

/**
 * How a file is written for a reader that takes more for granted than NIR says.
 *
 * Source of what readers do: their importers, read in 2026; table in the README.
 */
export interface NirDialect {
  readonly name: string;
  /** Whose reader it is for, in words. */
  readonly readers: string;
  /** The same as the readers whose behaviour can be predicted; none: those that do as the specification says. */
  readonly readerNames: readonly ReaderName[];
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
  /** Layers without bias get one of zeros: the reader knows no Linear. */
  readonly needsBias?: boolean;
  /** Neurons that feed themselves do so through a Linear: the reader knows recurrence in that form only. */
  readonly needsRecurrentLayer?: boolean;
}

export const NIR_DIALECTS: readonly NirDialect[] = [
  {
    name: "spec",
    readers: "readers that go by the specification",
    readerNames: [],
    writing: { ifStep: "dt" },
    gain: "as-is",
    reading: { timeUnit: "s", ifStep: "dt" },
  },
  {
    name: "snntorch",
    readers: "snnTorch",
    readerNames: ["snntorch"],
    writing: { dtSeconds: 1e-4 },
    gain: "per-step",
    integrator: "euler",
    reading: { timeUnit: "s", dtSeconds: 1e-4, integrator: "euler", compare: ">", reset: "value" },
    needsRecurrentLayer: true,
  },
  {
    name: "norse",
    readers: "Norse",
    readerNames: ["norse"],
    writing: { dtSeconds: 1e-3 },
    gain: "one",
    integrator: "euler",
    reading: { timeUnit: "s", dtSeconds: 1e-3, integrator: "euler", compare: ">", reset: "value" },
  },
  {
    name: "steps",
    readers: "sinabs, Spyx and SpiNNaker 2",
    readerNames: ["sinabs", "spyx", "spinnaker2"],
    writing: { timeUnit: "steps" },
    gain: "per-step",
    reading: { timeUnit: "steps" },
    needsBias: true,
    needsRecurrentLayer: true,
  },
  {
    name: "spikingjelly",
    readers: "SpikingJelly",
    readerNames: ["spikingjelly"],
    writing: { dtSeconds: 1e-4, ifStep: "dt" },
    gain: "per-step",
    keepsGainOne: true,
    integrator: "euler",
    reading: {
      timeUnit: "s",
      dtSeconds: 1e-4,
      integrator: "euler",
      compare: ">=",
      reset: "value",
      ifStep: "dt",
    },
  },
];
