import type { AxonGraph } from "#ir/axon-graph";
import type { DiagnosticSink } from "#util/diagnostic";

export interface ConnectivityOptions {
  /** `.hgr` only, which knows no direction: the pin that is the source. Default: the first. */
  readonly source?: "first" | "last";
}

/** A file of bare connectivity. Bytes in, graph out. */
export interface ConnectivityFormat {
  readonly name: string;
  readonly summary: string;
  readonly extensions: readonly string[];
  /** True if the bytes look like this format; must not throw. */
  recognizes(bytes: Uint8Array): boolean;
  /** Undefined if the sink received an error. Never throws for a fault of the file. */
  read(bytes: Uint8Array, options: ConnectivityOptions, sink: DiagnosticSink): AxonGraph | undefined;
  write(graph: AxonGraph, sink: DiagnosticSink): Uint8Array;
}

/** Believed of any file, however short. */
const ALWAYS_BELIEVED = 2 ** 20;

/** Neurons that a file may claim to have: isolated ones take no bytes, and arrays are made for all of them. */
export function believedNeurons(bytes: Uint8Array): number {
  return Math.max(ALWAYS_BELIEVED, bytes.length);
}
