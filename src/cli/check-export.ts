import { createHash } from "node:crypto";
import {
  checkInput,
  checkOnnx,
  exportModel,
  onnxCheckFindings,
  onnxCheckText,
  prepareModel,
  readNetwork,
  withOnnxCheck,
  DiagnosticSink,
  type CheckedInput,
  type ExportedFile,
  type ExportMapping,
  type Exporter,
  type ExportOptions,
  type Network,
  type OnnxCheck,
  type OnnxRuntime,
  type SpikeData,
} from "#spinec";
import { ToolchainError, invariant } from "#util/diagnostic";
import { badOption, onlyForOnnx, onnxRuntimeMissing, onnxUnchecked } from "./diagnostics.ts";
import { readBytes } from "./io.ts";
import { readInput } from "./models.ts";
import { loadOnnxRuntime } from "./onnx-runtime.ts";
import type { Session } from "./session.ts";

export interface CheckFlags {
  /** False: `--no-verify`. */
  readonly verify?: boolean;
  readonly verifyInput?: string;
}

/** What an export was made of. */
export interface CheckedExport {
  readonly network: Network;
  /** Called only where the file holds the quantized network. */
  readonly mapping: () => ExportMapping;
  readonly exporter: Exporter;
  readonly options: ExportOptions;
  readonly files: readonly ExportedFile[];
  /** Names that the files get. */
  readonly names: readonly string[];
}

export interface ExportCheck {
  /** With the check in its metadata where there was one. */
  readonly files: readonly ExportedFile[];
  readonly text: readonly string[];
  /** Null: the file was not run. */
  readonly check: (OnnxCheck & { readonly input: CheckedInput }) | null;
}

interface Feed {
  readonly inputs: Readonly<Record<string, SpikeData>>;
  readonly source: CheckedInput;
}

/** Refuses options of the check for exporters whose files nothing here can run, and both of them together. */
export function expectCheckable({ verify, verifyInput }: CheckFlags, exporter: Exporter): void {
  const given = [
    ...(verifyInput === undefined ? [] : ["--verify-input"]),
    ...(verify === false ? ["--no-verify"] : []),
  ];
  if (exporter.name !== "onnx" && given.length > 0)
    throw new ToolchainError(given.map((option) => onlyForOnnx({ option, exporter: exporter.name })));
  if (verifyInput !== undefined && verify === false)
    throw new ToolchainError([
      badOption({
        option: "--verify-input",
        value: verifyInput,
        expected: "no --no-verify beside it, which leaves the check out",
      }),
    ]);
}

/**
 * Runs what is to be written in onnxruntime-node and compares it with the simulator, on the input that was given or on random
 * input. Without onnxruntime-node this is said in a note, and the files are left as they are.
 *
 * @throws ToolchainError `export/onnx-differs` if it computes something else; `cli/onnxruntime-missing` if input was given
 */
export async function checkExport(
  { verify, verifyInput }: CheckFlags,
  made: CheckedExport,
  session: Session,
): Promise<ExportCheck> {
  if (verify === false) return { files: made.files, text: ["Not run: --no-verify"], check: null };
  const loaded = await loadOnnxRuntime();
  if ("reason" in loaded) {
    if (verifyInput !== undefined) throw new ToolchainError([onnxRuntimeMissing(loaded)]);
    session.sink.report(onnxUnchecked(loaded));
    return { files: made.files, text: ["Not run: there is no onnxruntime-node"], check: null };
  }
  const network = await exportedNetwork(made);
  const feed = await feedOf(verifyInput, network, made, session);
  const check = { ...(await run(made, network, feed, loaded.runtime, session)), input: feed.source };
  // In single precision, rounding may be all there is to a difference.
  const float64 =
    check.differingValues > 0 ? await inFloat64(made, feed, loaded.runtime, session) : undefined;
  for (const finding of onnxCheckFindings(check, float64)) session.sink.report(finding);
  session.checkpoint();
  const [first, ...others] = made.files;
  const files = [{ ...first, bytes: await withOnnxCheck(first.bytes, check, feed.source) }, ...others];
  return { files, text: onnxCheckText(check, feed.source), check };
}

async function run(
  { files, names }: CheckedExport,
  network: Network,
  { inputs }: Feed,
  runtime: OnnxRuntime,
  session: Session,
): Promise<OnnxCheck> {
  const externalData = files.slice(1).map(({ bytes }, index) => ({ path: names[index + 1], data: bytes }));
  return checkOnnx(
    files[0].bytes,
    network,
    inputs,
    runtime,
    externalData.length === 0 ? {} : { externalData },
    session.onProgress,
  );
}

async function feedOf(
  file: string | undefined,
  network: Network,
  { mapping, options }: CheckedExport,
  session: Session,
): Promise<Feed> {
  if (file === undefined) {
    const rules = options["semantics"] === "loihi1-int" ? (mapping().options.rules ?? "lava") : undefined;
    const { inputs, assumed } = checkInput(network, rules, session.onProgress);
    return { inputs, source: assumed };
  }
  const { inputs } = await readInput({ input: file }, network, session);
  const sha256 = createHash("sha256").update(readBytes(file)).digest("hex");
  return { inputs, source: { kind: "file", sha256 } };
}

/** Whether the same network agrees with the simulator in float64; undefined where that says nothing, or is not possible. */
async function inFloat64(
  made: CheckedExport,
  feed: Feed,
  runtime: OnnxRuntime,
  session: Session,
): Promise<"agrees" | "differs" | undefined> {
  const { network, exporter, options, mapping } = made;
  if (options["semantics"] === "loihi1-int" || options["double"] === "on") return undefined;
  try {
    const wide = { ...options, double: "on", external: "never" };
    const files = await exportModel(network, exporter, wide, mapping, {}, new DiagnosticSink());
    const wideMade = { ...made, options: wide, files, names: [] };
    const again = await run(wideMade, await exportedNetwork(wideMade), feed, runtime, session);
    return again.differingValues === 0 ? "agrees" : "differs";
  } catch (error) {
    if (error instanceof ToolchainError) return undefined;
    throw error;
  }
}

/** The model, or what the same options made of it: the integers of a chip, weights that were rounded. */
async function exportedNetwork({ network, mapping, options, files, names }: CheckedExport): Promise<Network> {
  // What there is to say was said when the file was made.
  const sink = new DiagnosticSink();
  if (options["semantics"] === "loihi1-int") {
    const { target, options: mapOptions } = mapping();
    return prepareModel(network, target, mapOptions, sink).quantized;
  }
  if (options["weights"] !== "int8") return network;
  const externalData = (location: string): Uint8Array | undefined => files[names.indexOf(location)]?.bytes;
  const rounded = await readNetwork(files[0].bytes, { format: "onnx", externalData }, sink);
  invariant(rounded !== undefined, "the importer reads what the exporter writes");
  return rounded;
}
