import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
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
  /** The values it may take, the default first; absent: it is a switch. */
  readonly choices?: readonly string[];
}

/** Values by option name; switches are "on" or absent. */
export type ExportOptions = Readonly<Record<string, string>>;

export interface ExportSubject {
  /** The model as imported: one population for each node. */
  readonly network: Network;
  /** Integer weights, aligned; present for levels `quantized` and `deployment`. */
  readonly quantized?: Network;
  readonly deployment?: Deployment;
  /** Name and version of the program, for metadata. */
  readonly generator: string;
}

export interface ExportedFile {
  /** Appended to the chosen name without its extension: the first file has the exporter's extension, others such as `.weights.bin`. */
  readonly suffix: string;
  readonly bytes: Uint8Array;
}
