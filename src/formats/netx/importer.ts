import type { Network } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import type { ImportOptions, Importer } from "../format.ts";
import { lowerNetx } from "./lower.ts";
import { isNetx, readNetxFile } from "./read-file.ts";

/** Reads the network exchange files of Intel's Lava (lava-dl, netx), which hold the integers of Loihi. */
export const netxImporter: Importer = {
  name: "netx",
  summary:
    "Lava network exchange (HDF5): layers with the chip's integer weights and neurons, of lava-dl SLAYER",
  extensions: [".net"],
  supports: {
    models: ["input", "loihi-cuba"],
    connectivity: ["dense", "sparse", "kernel"],
    delays: true,
  },

  recognizes: isNetx,

  async read(bytes: Uint8Array, options: ImportOptions, sink: DiagnosticSink): Promise<Network | undefined> {
    const before = sink.diagnostics.length;
    const layers = await readNetxFile(bytes, sink);
    const isWhole = sink.diagnostics.slice(before).every(({ severity }) => severity !== "error");
    return layers === undefined ? undefined : lowerNetx(layers, { ...options, isWhole }, sink);
  },
};
