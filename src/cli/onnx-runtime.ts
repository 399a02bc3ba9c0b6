import type { OnnxRuntime } from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { onnxRuntimeMissing } from "./diagnostics.ts";

/** onnxruntime-node, which the user installs; throws `ToolchainError` with `cli/onnxruntime-missing`. */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return (await import("onnxruntime-node")) as unknown as OnnxRuntime;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new ToolchainError([onnxRuntimeMissing({ reason })]);
  }
}
