import { hdf5Start } from "#formats/hdf5/superblock";
import type { Network } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import type { ImportOptions, Importer } from "../format.ts";
import { isNetx } from "../netx/read-file.ts";
import { lowerNir } from "./lower.ts";
import { NODE_TYPES } from "./nodes.ts";
import { readNirFile } from "./read-file.ts";

/** Reads the Neuromorphic Intermediate Representation (HDF5), whoever wrote it. */
export const nirImporter: Importer = {
  name: "nir",
  summary:
    "Neuromorphic Intermediate Representation (HDF5): snnTorch, SpikingJelly, Norse, sinabs, Spyx, Rockpool, ...",
  extensions: [".nir"],
  supports: {
    models: ["input", "relay", ...NODE_TYPES.flatMap(({ model }) => model ?? [])],
    connectivity: ["dense", "sparse", "kernel", "diagonal"],
    delays: true,
  },

  recognizes(bytes: Uint8Array): boolean {
    return hdf5Start(bytes) !== undefined && !isNetx(bytes);
  },

  async read(bytes: Uint8Array, options: ImportOptions, sink: DiagnosticSink): Promise<Network | undefined> {
    const file = await readNirFile(bytes, sink);
    return file === undefined ? undefined : lowerNir(file, options, sink);
  },
};
