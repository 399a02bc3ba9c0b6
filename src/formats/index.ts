import type { Network } from "#ir/network";
import { nearestName, type DiagnosticSink } from "#util/diagnostic";
import { optionNotUsed, unknownFormat, unrecognisedFile } from "./diagnostics.ts";
import type { ImportOptions, Importer } from "./format.ts";
import { netxImporter } from "./netx/importer.ts";
import { onnxImporter } from "./onnx/import/importer.ts";
import { nirImporter } from "./nir/importer.ts";
import { describeForeign } from "./nir/signature.ts";

export type { ImportOptions, Importer } from "./format.ts";
export { EXPORTERS, checkExportOptions, findExporter, neededLevel } from "./exporters.ts";
export type { ExportedFile, Exporter, ExportOptions, ExportOptionSpec, ExportSubject } from "./export.ts";
export {
  hashOf,
  isDeploymentFile,
  readDeploymentFile,
  writeDeploymentFile,
} from "./deployment-file/index.ts";
export { readNirFile } from "./nir/read-file.ts";
export { writeNirFile, type WriteNirOptions } from "./nir/write-file.ts";
export { networkToNir } from "./nir/write-network.ts";
export { readSpikeData } from "./spikes/read.ts";
export { writeSpikeData } from "./spikes/write.ts";
export { readNpz, writeNpz } from "./npz/npz.ts";

/** Every model format that can be read, most specific first. To add one: a file or folder here, and a line. */
export const FORMATS: readonly Importer[] = [netxImporter, nirImporter, onnxImporter];

export interface ReadOptions extends ImportOptions {
  /** Name in `FORMATS`; absent: the bytes decide. */
  readonly format?: string;
}

/** The importer of that name; reports an unknown one, with the nearest known name. */
export function findFormat(name: string, sink: DiagnosticSink): Importer | undefined {
  const known = FORMATS.map((format) => format.name);
  const found = FORMATS.find((format) => format.name === name.toLowerCase());
  if (found !== undefined) return found;
  const nearest = nearestName(name, known);
  sink.report(unknownFormat({ name, known, ...(nearest === undefined ? {} : { nearest }) }));
  return undefined;
}

/**
 * Reads a model file of any known format.
 *
 * @returns undefined if the sink received an error. Never throws for a fault of the file.
 */
export async function readNetwork(
  bytes: Uint8Array,
  options: ReadOptions,
  sink: DiagnosticSink,
): Promise<Network | undefined> {
  const importer =
    options.format === undefined
      ? FORMATS.find((format) => format.recognizes(bytes))
      : findFormat(options.format, sink);
  if (importer !== undefined) {
    if (options.resetIntervalSteps !== undefined && importer.name !== netxImporter.name)
      sink.report(optionNotUsed({ option: "resetIntervalSteps", format: importer.name }));
    if (options.convert !== undefined && importer.name !== onnxImporter.name)
      sink.report(optionNotUsed({ option: "convert", format: importer.name }));
    return importer.read(bytes, options, sink);
  }
  if (options.format === undefined)
    sink.report(unrecognisedFile({ ...describeForeign(bytes), known: FORMATS.map(({ name }) => name) }));
  return undefined;
}
