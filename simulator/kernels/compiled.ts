import { KERNELS_BASE64 } from "./kernels.generated.ts";
import {
  KERNEL_ARRAYS,
  KERNEL_NUMBERS,
  type KernelMemory,
  type KernelNumbers,
  type Kernels,
} from "./tables.ts";

/** The compiled kernels reach 4 GiB. */
export const COMPILED_BYTES_MAX: number = 2 ** 32 - 2 ** 16;

type Exports = Kernels & { setup(table: number): void };

let compiled: WebAssembly.Module | undefined;
let isRefused = false;

/** Compiled once; undefined where there is no WebAssembly, or none with vectors. */
function compiledKernels(): WebAssembly.Module | undefined {
  if (compiled !== undefined || isRefused) return compiled;
  try {
    compiled = new WebAssembly.Module(Uint8Array.from(atob(KERNELS_BASE64), (c) => c.charCodeAt(0)));
  } catch {
    isRefused = true;
  }
  return compiled;
}

/** Memory that the compiled kernels can work on; undefined where there are none, or not that much memory. */
export function compiledMemory(bytes: number): WebAssembly.Memory | undefined {
  if (bytes > COMPILED_BYTES_MAX || compiledKernels() === undefined) return undefined;
  const pages = Math.max(1, Math.ceil(bytes / 65_536));
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch {
    return undefined;
  }
}

/** @param table where in the memory there is room for all places and numbers, 32 bits each */
export function createCompiledKernels(
  memory: WebAssembly.Memory,
  arrays: KernelMemory,
  numbers: KernelNumbers,
  table: Uint32Array,
): Kernels {
  table.set([
    ...KERNEL_ARRAYS.map((name) => arrays[name].byteOffset),
    ...KERNEL_NUMBERS.map((name) => numbers[name]),
  ]);
  const { exports } = new WebAssembly.Instance(compiledKernels()!, { env: { memory } });
  const kernels = exports as unknown as Exports;
  kernels.setup(table.byteOffset);
  return kernels;
}
