import assert from "node:assert/strict";
import * as ort from "onnxruntime-node";
import type { ExportedFile, ExportOptions, ExportSubject } from "#formats/export";
import { onnxExporter } from "#formats/onnx/export/exporter";
import { decodeModel, type ModelProto } from "#formats/onnx/proto";
import type { Network } from "#ir/network";
import { DiagnosticSink, formatDiagnostic, type Diagnostic } from "#util/diagnostic";
import type { OnnxRuntime } from "../../src/onnx-check.ts";

/** The runtime, as the check sees it. */
export const runtime = ort as unknown as OnnxRuntime;

/** What the exporter writes; fails on errors. An integer graph gets the network as its quantized form. */
export async function onnxFilesOf(
  network: Network,
  options: ExportOptions = {},
  rest: Partial<ExportSubject> = {},
): Promise<{ files: readonly ExportedFile[]; bytes: Uint8Array; diagnostics: readonly Diagnostic[] }> {
  const sink = new DiagnosticSink();
  const subject = { network, quantized: network, generator: "spinec 0.0.0", ...rest };
  const files = await onnxExporter.write(subject, options, sink);
  assert.ok(files !== undefined, sink.diagnostics.map(formatDiagnostic).join("\n"));
  return { files, bytes: files[0].bytes, diagnostics: sink.diagnostics };
}

export async function decoded(bytes: Uint8Array): Promise<ModelProto> {
  const result = await decodeModel(bytes);
  assert.ok("model" in result);
  return result.model;
}

/** The network with every population as an output: what a check then compares is every spike and value. */
export function watchedEverywhere(network: Network): Network {
  return { ...network, outputs: network.populations.map(({ name }, population) => ({ name, population })) };
}
