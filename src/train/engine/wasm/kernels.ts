import { KERNELS_BASE64 } from "./kernels.generated.ts";

/** A kernel: part [begin, end) of its outermost range, then addresses and numbers. */
export type Kernel = (begin: number, end: number, ...rest: readonly number[]) => void;

/** The exports of `assembly/index.ts`. */
export const KERNEL_NAMES = [
  "pack",
  "gemmBlocks",
  "convForward",
  "convInputGradient",
  "convWeightGradient",
  "poolForward",
  "poolBackward",
  "addBias",
  "channelSums",
  "channelMoments",
  "channelGradients",
  "normalize",
  "normalizeGradient",
  "neuronForward",
  "neuronBackward",
  "relu",
  "reluGradient",
  "dropout",
  "add",
  "scale",
  "softThreshold",
  "copyBlocks",
  "sumShards",
  "adam",
  "sgd",
] as const;

export type KernelName = (typeof KERNEL_NAMES)[number];

let compiled: Promise<WebAssembly.Module> | undefined;

/** Compiled once, for all engines and threads. */
export function compileKernels(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(Uint8Array.from(atob(KERNELS_BASE64), (c) => c.charCodeAt(0)));
  return compiled;
}

export async function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<Readonly<Record<KernelName, Kernel>>> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports as Readonly<Record<KernelName, Kernel>>;
}
