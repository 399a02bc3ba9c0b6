import type { Backend } from "./engine/backend.ts";
import { createReferenceBackend } from "./engine/reference.ts";
import { createTfjsBackend } from "./engine/tfjs.ts";
import { createWasmBackend } from "./engine/wasm/backend.ts";
import type { EngineName } from "./recipe.ts";

/**
 * @param threads for `wasm` only; never changes a result
 * @throws ToolchainError `train/tensorflow-missing`
 */
export async function createEngine(engine: EngineName, threads: number): Promise<Backend> {
  switch (engine) {
    case "wasm":
      return createWasmBackend({ threads });
    case "tfjs":
      return createTfjsBackend();
    case "reference":
      return createReferenceBackend();
  }
}
