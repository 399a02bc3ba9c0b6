import type { Diagnostic } from "#util/diagnostic";
import type { ImportOptions } from "../../format.ts";
import type { NirFile } from "../graph.ts";
import type { NirAnalysis } from "../lower.ts";

export const READER_NAMES = [
  "nir",
  "nirtorch",
  "snntorch",
  "norse",
  "sinabs",
  "spikingjelly",
  "rockpool",
  "spyx",
  "lava",
  "spinnaker2",
  "hxtorch",
] as const;
export type ReaderName = (typeof READER_NAMES)[number];

/** Another program that reads NIR files: what it refuses, what it loses, and what it computes. */
export interface Reader {
  /** What `check --for` takes. */
  readonly name: ReaderName;
  readonly title: string;
  /** The function that reads. */
  readonly call: string;
  /** `runs`: predictions are compared with real runs of it; `code`: they rest on its source alone. */
  readonly basis: "runs" | "code";
  /** For the table of the README. */
  readonly rule: ReaderRule;
  /** Reports what it refuses (errors), and what it loses or reads in another way (warnings). */
  check(view: FileView, report: Report): void;
  /** Absent: it computes nothing. Only called where `check` found no error. */
  readonly interpret?: (view: FileView) => Interpretation;
}

export interface ReaderRule {
  /** NIR types it takes. */
  readonly nodes: string;
  readonly step: string;
  /** One step of a LIF, in words or symbols. */
  readonly lif: string;
  readonly spike: string;
  readonly reset: string;
  readonly recurrence: string;
}

/** A file before the eyes of a reader. */
export interface FileView {
  readonly file: NirFile;
  /** What we make of it, with the user's options. */
  readonly analysis: NirAnalysis;
}

export type Report = (diagnostic: Diagnostic) => void;

/** What a reader works with in place of what the file says. */
export interface Interpretation {
  /** Everything that files leave open. */
  readonly options: Required<
    Pick<ImportOptions, "timeUnit" | "integrator" | "compare" | "current" | "reset" | "ifStep">
  > &
    Pick<ImportOptions, "dtSeconds" | "vMinThresholds">;
  /**
   * Parameters that it replaces, by field.
   *
   * @param type  NIR type
   * @param i     neuron of the layer
   * @param layer every field of the layer, in the file's numbers; absent ones at their default
   */
  neuron(type: string, i: number, layer: Layer): Readonly<Record<string, number>>;
}

export type Layer = Readonly<Record<string, Float64Array>>;
