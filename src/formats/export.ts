import type { Deployment, IntegerRules } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { Profile, Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";

/** Writes one file format. Network or deployment in, bytes out: no file system here, so browsers can use it. */
export interface Exporter {
  /** What `--to` takes. */
  readonly name: string;
  readonly summary: string;
  /** Lower case, with the dot; the first is what a written file gets. */
  readonly extensions: readonly string[];
  /** The level it writes: the model as imported, the quantized network, or the deployment. */
  readonly level: "network" | "quantized" | "deployment";
  /** Options it understands, for `--help` and for refusing the others. */
  readonly options: readonly ExportOptionSpec[];
  /**
   * Reports every fault to the sink, all at once; undefined if nothing could be written. What was chosen or lost on
   * the way is reported as notes and warnings.
   */
  write(
    subject: ExportSubject,
    options: ExportOptions,
    sink: DiagnosticSink,
  ): Promise<readonly ExportedFile[] | undefined>;
}

export interface ExportOptionSpec {
  readonly name: string;
  readonly summary: string;
  /** The values it may take, the default first; absent: it is a switch, or free text if `value` says so. */
  readonly choices?: readonly string[];
  /** What free text stands for, such as `name`; only without `choices`. */
  readonly value?: string;
  /** Values (a switch: "on") for which the exporter needs more than its own level. */
  readonly needs?: Readonly<Record<string, "quantized" | "deployment">>;
}

/** Values by option name; switches are "on" or absent. */
export type ExportOptions = Readonly<Record<string, string>>;

export interface ExportSubject {
  /**
   * The model as imported: one population for each node. Of a deployment file: the populations and ports that
   * the deployment names, without projections.
   */
  readonly network: Network;
  /** Integer weights, aligned; present for levels `quantized` and `deployment`. */
  readonly quantized?: Network;
  readonly deployment?: Deployment;
  /** What the deployment is for; absent: exporters look it up by the name that the deployment gives. */
  readonly target?: Target;
  /** Absent: the target's default. */
  readonly profile?: Profile;
  /** Whose integer arithmetic the quantized network is meant for; absent: the deployment's, or Lava's. */
  readonly rules?: IntegerRules;
  /** Name that the files will have, without folder and extension, for files that refer to each other. */
  readonly baseName?: string;
  /** Name and version of the program, for metadata. */
  readonly generator: string;
}

export interface ExportedFile {
  /** Appended to the chosen name without its extension: the first file has the exporter's extension, others such as `.weights.bin`. */
  readonly suffix: string;
  readonly bytes: Uint8Array;
}
