import {
  checkOnnx,
  onnxCheckText,
  prepareModel,
  DiagnosticSink,
  type ExportedFile,
  type ExportMapping,
  type Exporter,
  type ExportOptions,
  type Network,
  type OnnxCheck,
} from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { badOption } from "./diagnostics.ts";
import { readInput } from "./models.ts";
import { loadOnnxRuntime } from "./onnx-runtime.ts";
import type { InputFlags } from "./options.ts";
import type { CommandResult, Session } from "./session.ts";

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

/** Refuses `--verify-input` for exporters whose files nothing here can run. */
export function expectCheckable(input: string, exporter: Exporter | undefined): void {
  if (exporter?.name === "onnx") return;
  throw new ToolchainError([
    badOption({ option: "--verify-input", value: input, expected: "a file only with --to onnx" }),
  ]);
}

/** Runs what was written in onnxruntime, and compares it with the simulator; exit code 1 if they differ. */
export async function checkExport(
  input: string,
  made: CheckedExport,
  session: Session,
): Promise<{ readonly check: OnnxCheck } & Pick<CommandResult, "text" | "exitCode">> {
  const runtime = await loadOnnxRuntime();
  const network = exportedNetwork(made);
  const flags: InputFlags = { input };
  const { inputs } = await readInput(flags, network, session);
  const externalData = made.files
    .slice(1)
    .map(({ bytes }, index) => ({ path: made.names[index + 1], data: bytes }));
  const check = await checkOnnx(
    made.files[0].bytes,
    network,
    inputs,
    runtime,
    externalData.length === 0 ? {} : { externalData },
    session.onProgress,
  );
  return { check, text: onnxCheckText(check), ...(check.differingValues > 0 && { exitCode: 1 as const }) };
}

/** The model, or the integers that the same options gave. */
function exportedNetwork({ network, mapping, options }: CheckedExport): Network {
  if (options["semantics"] !== "loihi1-int") return network;
  const { target, options: mapOptions } = mapping();
  // What there is to say was said when the file was made.
  return prepareModel(network, target, mapOptions, new DiagnosticSink()).quantized;
}
