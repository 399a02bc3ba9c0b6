import type { Deployment } from "#ir/deployment";
import { ToolchainError } from "#util/diagnostic";
import { noMemory } from "./diagnostics.ts";

/** Does work that needs memory for a deployment. Throws `ToolchainError` `simulate/no-memory` where it is not to be had. */
export function withMemoryFor<Result>({ cores }: Deployment, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!isMemoryFault(error)) throw error;
    const synapses = cores.reduce((sum, { target }) => sum + target.length, 0);
    throw new ToolchainError([noMemory({ synapses, cores: cores.length, reason: error.message })]);
  }
}

/** As engines say it, of array buffers, typed arrays and memories of WebAssembly. */
function isMemoryFault(error: unknown): error is RangeError {
  return error instanceof RangeError && /alloc|array length|array buffer|memory/i.test(error.message);
}
