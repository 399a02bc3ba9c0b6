import type { AxonGraph } from "#ir/axon-graph";
import type { DiagnosticSink } from "#util/diagnostic";
import { unknownConnectivity } from "./diagnostics.ts";
import type { ConnectivityFormat, ConnectivityOptions } from "./format.ts";
import { hgr } from "./hgr.ts";
import { snn } from "./snn.ts";
import { snnc } from "./snnc.ts";

/** Every file of bare connectivity, most specific first. To add one: a file here, and a line. */
export const CONNECTIVITY_FORMATS: readonly ConnectivityFormat[] = [snnc, snn, hgr];

/**
 * Reads a file of bare connectivity; its name decides on the format, or else its bytes.
 *
 * @returns undefined if the sink received an error. Never throws for a fault of the file.
 */
export function readConnectivity(
  bytes: Uint8Array,
  { fileName, ...options }: ConnectivityOptions & { readonly fileName: string },
  sink: DiagnosticSink,
): AxonGraph | undefined {
  const format = formatNamed(fileName) ?? CONNECTIVITY_FORMATS.find((each) => each.recognizes(bytes));
  if (format !== undefined) return format.read(bytes, options, sink);
  const known = CONNECTIVITY_FORMATS.flatMap(({ extensions }) => extensions);
  sink.report(unknownConnectivity({ file: fileName, known }));
  return undefined;
}

/** The format that the ending of a name stands for. */
export function formatNamed(fileName: string): ConnectivityFormat | undefined {
  const name = fileName.toLowerCase();
  return CONNECTIVITY_FORMATS.find(({ extensions }) => extensions.some((ending) => name.endsWith(ending)));
}
