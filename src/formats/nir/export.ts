import type { Network } from "#ir/network";
import { ToolchainError, invariant, type Diagnostic, type DiagnosticSink } from "#util/diagnostic";
import type { ExportedFile, Exporter, ExportOptions, ExportSubject } from "../export.ts";
import { toDialect } from "./export-dialect.ts";
import { NIR_DIALECTS } from "./dialects.ts";
import { dequantized, withIntegers } from "./dequantize.ts";
import { decayIsFixed, shapesFlattened, strictReaderRefuses } from "./diagnostics-export.ts";
import { reportStrictFaults } from "./doctor/strict.ts";
import { withFlatShapes } from "./flat-shapes.ts";
import type { NirField, NirFile } from "./graph.ts";
import { writeNirFile } from "./write-file.ts";
import { networkToNir } from "./write-network.ts";

/** Writes the Neuromorphic Intermediate Representation (HDF5), so that the reader of choice computes the same. */
export const nirExporter: Exporter = {
  name: "nir",
  summary: "Neuromorphic Intermediate Representation (HDF5), in the dialect of its reader",
  extensions: [".nir"],
  level: "network",
  options: [
    {
      name: "dialect",
      summary:
        "the reader: the specification, snnTorch and Lava, Norse, sinabs and Spyx and SpiNNaker 2, SpikingJelly",
      choices: NIR_DIALECTS.map(({ name }) => name),
    },
    {
      name: "decay",
      summary:
        "where the dialect leaves it open (spec, steps): tau is rewritten for a reader that decays by 1 - 1/tau (Spyx) or exp(-1/tau) (sinabs)",
      choices: ["model", "euler", "exponential"],
    },
    {
      name: "quantized",
      summary: "the network as --target computes it: weights in real numbers, integers in the metadata",
      needs: { on: "quantized" },
    },
    { name: "gzip", summary: "compress the arrays (gzip, as the reference writer does)" },
    { name: "masks", summary: "add a mask of the weights that are left (not zero) to each layer's metadata" },
  ],

  async write(
    subject: ExportSubject,
    options: ExportOptions,
    sink: DiagnosticSink,
  ): Promise<readonly ExportedFile[] | undefined> {
    try {
      const file =
        options["quantized"] === "on"
          ? quantizedFileOf(subject, options, sink)
          : nirFileOf(subject.network, options, sink);
      if (file === undefined) return undefined;
      const metadata: Record<string, NirField> = {
        ...file.root.metadata,
        spinec_generator: subject.generator,
      };
      const compression = options["gzip"] === "on" ? "gzip" : "none";
      const bytes = await writeNirFile({ ...file, root: { ...file.root, metadata } }, { compression });
      return [{ suffix: ".nir", bytes }];
    } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
      for (const diagnostic of error.diagnostics) sink.report(diagnostic);
      return undefined;
    }
  },
};

/** The file as data, before it becomes bytes. Throws `ToolchainError` for what NIR cannot say at all. */
export function nirFileOf(
  network: Network,
  options: ExportOptions,
  sink: DiagnosticSink,
): NirFile | undefined {
  const dialect = NIR_DIALECTS.find(({ name }) => name === options["dialect"]) ?? NIR_DIALECTS[0];
  const decay = options["decay"];
  const isRewritten = decay === "euler" || decay === "exponential";
  if (isRewritten && dialect.integrator !== undefined) {
    sink.report(decayIsFixed({ dialect: dialect.name, decay: dialect.integrator }));
    return undefined;
  }
  const { network: shaped, flattened } = withFlatShapes(network);
  if (flattened.length > 0) sink.report(shapesFlattened({ nodes: flattened }));
  const file = toDialect(
    shaped,
    isRewritten ? { ...dialect, integrator: decay } : dialect,
    { masks: options["masks"] === "on" },
    sink,
  );
  if (file !== undefined) checkStrictReader(file, sink);
  return file;
}

function quantizedFileOf(
  { quantized, target, rules }: ExportSubject,
  options: ExportOptions,
  sink: DiagnosticSink,
): NirFile | undefined {
  invariant(quantized !== undefined, "the option asks for the quantized network");
  const network = dequantized(quantized, sink);
  const file = nirFileOf(network, options, sink);
  if (file === undefined) return undefined;
  const plain = networkToNir(withFlatShapes(network).network);
  const nodes = withIntegers(file.root.nodes, plain.root.nodes, quantized);
  const metadata = {
    ...file.root.metadata,
    ...(target !== undefined && { spinec_target: target.name }),
    spinec_rules: rules ?? "lava",
  };
  return { ...file, root: { ...file.root, nodes, metadata } };
}

/** Says what the reference reader would refuse: oblong kernels that zeros cannot make square, shapes without axes. */
function checkStrictReader({ root }: NirFile, sink: DiagnosticSink): void {
  const refused: Diagnostic[] = [];
  reportStrictFaults(root, "nir", true, (diagnostic) => refused.push(diagnostic));
  if (refused.length > 0)
    sink.report(strictReaderRefuses({ reasons: refused.map(({ message }) => message) }));
}
