import type { Network } from "#ir/network";
import { NEURON_MODELS } from "#neurons/index";
import type { DiagnosticSink } from "#util/diagnostic";
import type { ImportOptions, Importer } from "../../format.ts";
import { describeForeign } from "../../nir/signature.ts";
import { decodeModel } from "../proto.ts";
import { convertAnn } from "./convert-ann.ts";
import { damaged, notOnnx } from "./diagnostics.ts";
import { rectifiers } from "./diagnostics-nodes.ts";
import { readModel } from "./graph.ts";
import { lowerModel } from "./lower.ts";
import { isOwn, readOwn } from "./own.ts";
import { looksLikeModel, wireFault } from "./wire.ts";

/** Reads ONNX: feed-forward networks, single steps and sequences of spiking ones, and our own exports. */
export const onnxImporter: Importer = {
  name: "onnx",
  summary:
    "ONNX: networks of PyTorch and others, layer by layer; spiking ones as one step, unrolled, or Scan",
  extensions: [".onnx"],
  // All of them in files of our own.
  supports: {
    models: NEURON_MODELS.filter(({ isOnCoresOnly }) => isOnCoresOnly !== true).map(({ name }) => name),
    connectivity: ["dense", "sparse", "kernel", "diagonal"],
    delays: true,
  },

  recognizes: looksLikeModel,

  async read(bytes: Uint8Array, options: ImportOptions, sink: DiagnosticSink): Promise<Network | undefined> {
    if (!looksLikeModel(bytes)) {
      sink.report(notOnnx(bytes.length === 0 ? { looksLike: "an empty file" } : describeForeign(bytes)));
      return undefined;
    }
    const fault = wireFault(bytes);
    const decoded = fault === undefined ? await decodeModel(bytes) : { fault };
    if ("fault" in decoded) {
      sink.report(damaged({ fault: decoded.fault }));
      return undefined;
    }
    const model = readModel(decoded.model, options.externalData, sink);
    if (model === undefined || sink.hasErrors) return undefined;
    if (isOwn(model)) return readOwn(model, options.name, sink);
    const name = options.name ?? (model.graph.name || "network");
    const network = lowerModel(model, { name, dropSoftmax: options.convert !== undefined }, sink);
    if (network === undefined || options.convert !== "ann") {
      const names = network?.populations.flatMap((each) => (each.model === "relu" ? [each.name] : [])) ?? [];
      if (names.length > 0 && options.convert === undefined) sink.report(rectifiers({ names }));
      return network;
    }
    const neurons = convertAnn(
      network,
      options.rateScales,
      typeof options.reset === "string" ? options.reset : "subtract",
      sink,
    );
    return sink.hasErrors ? undefined : neurons;
  },
};
