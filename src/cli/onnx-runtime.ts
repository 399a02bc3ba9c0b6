import type { OnnxRuntime } from "#spinec";

/** onnxruntime-node, which the user installs, or why it cannot be loaded. */
export async function loadOnnxRuntime(): Promise<
  { readonly runtime: OnnxRuntime } | { readonly reason: string }
> {
  try {
    return { runtime: (await import("onnxruntime-node")) as unknown as OnnxRuntime };
  } catch (error) {
    return { reason: error instanceof Error ? error.message.split("\n")[0] : String(error) };
  }
}
