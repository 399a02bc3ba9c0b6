import { ToolchainError, type DiagnosticSink } from "#util/diagnostic";
import type { ExportedFile, Exporter, ExportOptions, ExportSubject } from "../export.ts";
import { networkToNir } from "./write-network.ts";
import { writeNirFile } from "./write-file.ts";

/** Writes the Neuromorphic Intermediate Representation (HDF5), so that the reader of choice computes the same. */
export const nirExporter: Exporter = {
  name: "nir",
  summary: "Neuromorphic Intermediate Representation (HDF5), in the dialect of its reader",
  extensions: [".nir"],
  level: "network",
  options: [
    { name: "gzip", summary: "compress the arrays (gzip, as the reference writer does)" },
    {
      name: "quantized",
      summary: "the integer network of --target: its weights as real numbers, the integers in the metadata",
      needs: { on: "quantized" },
    },
  ],

  async write(
    { network }: ExportSubject,
    options: ExportOptions,
    sink: DiagnosticSink,
  ): Promise<readonly ExportedFile[] | undefined> {
    try {
      const file = networkToNir(network);
      const bytes = await writeNirFile(file, { compression: options["gzip"] === "on" ? "gzip" : "none" });
      return [{ suffix: ".nir", bytes }];
    } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
      for (const diagnostic of error.diagnostics) sink.report(diagnostic);
      return undefined;
    }
  },
};
