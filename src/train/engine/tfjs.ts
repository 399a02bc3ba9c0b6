import { ToolchainError } from "#util/diagnostic";
import type { Backend, Floats } from "./backend.ts";
import { tensorflowMissing, tensorflowNotStarted } from "./engine-diagnostics.ts";
import { convolutionFunctions } from "./tfjs-conv.ts";
import { linearFunctions } from "./tfjs-linear.ts";
import { tfjsNeuronFunctions } from "./tfjs-neuron.ts";
import { normalizationFunctions } from "./tfjs-normalize.ts";
import { pointwiseFunctions } from "./tfjs-pointwise.ts";
import { poolFunctions } from "./tfjs-pool.ts";
import { createTensors } from "./tfjs-tensors.ts";
import type { Tensorflow } from "./tfjs-tensors.ts";

export type TfjsFlavour = "node" | "wasm" | "cpu";

export interface TfjsOptions {
  /** `auto`: the native library if installed, else WebAssembly if installed, else plain JavaScript. */
  readonly flavour?: "auto" | TfjsFlavour;
  /** Folder, ending in "/", of the `.wasm` files of @tensorflow/tfjs-backend-wasm, where they are not found by themselves. */
  readonly wasmPath?: string;
}

interface Loaded {
  readonly tf: Tensorflow;
  readonly flavour: TfjsFlavour;
  /** TensorFlow's own name. */
  readonly backend: string;
}

/**
 * The interface on TensorFlow.js tensors, its packages being optional. Gradients are TensorFlow's own wherever it has
 * them, so that this is a second opinion on the other backends as well as a fallback.
 *
 * @throws ToolchainError `train/tensorflow-missing`, `train/tensorflow-not-started`
 */
export async function createTfjsBackend(options: TfjsOptions = {}): Promise<Backend> {
  const { tf, flavour, backend } = await load(options);
  const tensors = createTensors(tf, backend);
  return {
    name: `tfjs-${flavour}`,
    threads: 1,
    allocate: (length): Floats => new Float32Array(length),
    dispose: () => undefined, // no tensor outlives its operation
    ...linearFunctions(tensors),
    ...convolutionFunctions(tensors, { hasFilterGradient: flavour !== "wasm" }),
    ...poolFunctions(tensors),
    ...normalizationFunctions(tensors),
    ...tfjsNeuronFunctions(tensors),
    ...pointwiseFunctions(tensors),
  };
}

async function load({ flavour = "auto", wasmPath }: TfjsOptions): Promise<Loaded> {
  if (flavour === "node") return loadNode();
  if (flavour === "wasm") return loadWasm(wasmPath);
  if (flavour === "cpu") return loadCpu();
  for (const attempt of [loadNode, () => loadWasm(wasmPath)]) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ToolchainError)) throw error;
    }
  }
  return loadCpu();
}

async function loadNode(): Promise<Loaded> {
  const name: string = "@tensorflow/tfjs-node"; // a string, not a literal: bundlers and the compiler must not look for it
  const tf = await loadPackage(name, () => import(/* @vite-ignore */ name) as Promise<Tensorflow>);
  return start(tf, "node", "tensorflow", name);
}

async function loadCpu(): Promise<Loaded> {
  return start(await loadTensorflow(), "cpu", "cpu", "@tensorflow/tfjs");
}

async function loadWasm(wasmPath: string | undefined): Promise<Loaded> {
  const tf = await loadTensorflow();
  const name = "@tensorflow/tfjs-backend-wasm";
  const wasm = await loadPackage(name, () => import("@tensorflow/tfjs-backend-wasm"));
  const path = wasmPath ?? wasmFolder();
  if (path !== undefined && !("wasm" in tf.engine().registry)) wasm.setWasmPaths(path);
  return start(tf, "wasm", "wasm", name);
}

function loadTensorflow(): Promise<Tensorflow> {
  return loadPackage("@tensorflow/tfjs", () => import("@tensorflow/tfjs"));
}

/** Where the package keeps its binaries, if the platform can resolve packages (a browser fetches them from beside the page). */
function wasmFolder(): string | undefined {
  try {
    return new URL("../wasm-out/", import.meta.resolve("@tensorflow/tfjs-backend-wasm")).href;
  } catch {
    return undefined;
  }
}

async function loadPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new ToolchainError([tensorflowMissing({ package: name, reason })]);
  }
}

async function start(
  tf: Tensorflow,
  flavour: TfjsFlavour,
  backend: string,
  packageName: string,
): Promise<Loaded> {
  tf.enableProdMode(); // else it prints advice to install another backend
  const started = await loadPackage(packageName, () => tf.setBackend(backend));
  if (!started) throw new ToolchainError([tensorflowNotStarted({ package: packageName, backend })]);
  return { tf, flavour, backend };
}
