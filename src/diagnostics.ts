// Messages of the flow as a whole: what stages need of each other.
import type { Diagnostic } from "#util/diagnostic";

export function exportNeedsModel(facts: { exporter: string; level: string }): Diagnostic {
  const { exporter, level } = facts;
  return {
    code: "export/needs-model",
    severity: "error",
    message: `the exporter "${exporter}" writes the ${level === "network" ? "model" : "quantized network"}, but the file is a deployment, which does not hold it.`,
    hint: "give the model that the deployment was compiled from.",
    data: facts,
  };
}

export function onnxNotOurs(): Diagnostic {
  return {
    code: "export/onnx-not-ours",
    severity: "error",
    message:
      'the file was not written by the exporter "onnx", so nothing says which network it should equal.',
    hint: "check files of `export --to onnx`.",
    data: {},
  };
}

export function onnxNotRunnable(facts: { reason: string }): Diagnostic {
  return {
    code: "export/onnx-not-runnable",
    severity: "error",
    message: `the runtime does not take the file: ${facts.reason}`,
    hint: "give the file of large tensors too, where there is one; else use a newer onnxruntime.",
    data: facts,
  };
}
