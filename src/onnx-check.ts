// The proof of an ONNX export: run the file, and compare every value with the reference simulator's.
import { METADATA, type OwnLayout, type OwnState } from "#formats/onnx/own-layout";
import { decodeModel } from "#formats/onnx/proto";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { simulateReference } from "#simulator/reference-float";
import { pipelineDepth, simulateIntegerReference } from "#simulator/reference-integer";
import { ToolchainError } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { onnxNotOurs, onnxNotRunnable } from "./diagnostics.ts";
import { Tally, type BatchExtent, type OnnxOutputCheck } from "./onnx-tally.ts";

/** The part of onnxruntime-node and onnxruntime-web that a check needs. */
export interface OnnxRuntime {
  readonly Tensor: new (type: ElementType, data: Elements, dims: readonly number[]) => OnnxTensor;
  readonly InferenceSession: {
    create(model: Uint8Array, options?: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
  /** Versions of the packages: `common`, and `node` or `web`. */
  readonly env?: { readonly versions?: Readonly<Record<string, string | undefined>> };
}

export interface OnnxSession {
  run(feeds: Readonly<Record<string, OnnxTensor>>): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

export interface OnnxTensor {
  readonly data: ArrayLike<unknown>;
}

type Elements = Float32Array | Float64Array | Int32Array | BigInt64Array;
type ElementType = "float32" | "float64" | "int32" | "int64";

export interface OnnxCheckOptions {
  /** Steps of one sample; default: the longest input's. */
  readonly steps?: number;
  /** Only the first samples. Default: all. */
  readonly samples?: number;
  /** Tensors that lie beside the model, under the name that it knows. */
  readonly externalData?: readonly { readonly path: string; readonly data: Uint8Array }[];
}

/** What a run of the file gave, next to the reference simulator. */
export interface OnnxCheck {
  readonly schema: "spinec/onnx-check/1";
  readonly graph: OwnLayout["graph"];
  readonly semantics: OwnLayout["semantics"];
  /** Name and version of the runtime. */
  readonly runtime: string;
  readonly samples: number;
  /** Of one sample; those of the chip for the integer graph. */
  readonly steps: number;
  readonly outputs: readonly OnnxOutputCheck[];
  /** Over all outputs; 0: the file computes what the simulator does. */
  readonly differingValues: number;
}

/** Values of one batch are at most so many. */
const BATCH_VALUES = 2 ** 23;
/** Relative error that rounding may leave in a value; a spike more or less is far beyond. */
const TOLERANCE = { float: 1e-4, double: 1e-9, int32: 0 } as const;

/**
 * Runs a file of the `onnx` exporter and compares its outputs with the float reference, or with the integer
 * reference where the file is an integer graph: then bit for bit.
 *
 * @param network what was exported: the model, or the quantized network of an integer graph
 * @param inputs  by input port of the network
 * @param runtime onnxruntime-node or onnxruntime-web
 * @throws ToolchainError `export/onnx-…` where the file is not ours or does not run; and for faults of the inputs
 */
export async function checkOnnx(
  bytes: Uint8Array,
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  runtime: OnnxRuntime,
  options: OnnxCheckOptions = {},
  onProgress?: OnProgress,
): Promise<OnnxCheck> {
  const file = await ownFile(bytes);
  const { layout, type } = file;
  const modelSteps = options.steps ?? Math.max(...Object.values(inputs).map((data) => data.steps));
  const available = Math.min(...Object.values(inputs).map((data) => data.samples.length));
  const samples = Math.min(options.samples ?? available, available);
  const isInteger = layout.semantics === "loihi1-int";
  const steps = isInteger ? modelSteps + pipelineDepth(network) : modelSteps;
  const recorded = (
    isInteger
      ? simulateIntegerReference(network, inputs, {
          steps,
          rules: layout.rules ?? "lava",
          membranesOf: layout.outputs.flatMap(({ population, readout }) =>
            readout === "membrane" ? [network.populations[population].name] : [],
          ),
          samples: [0, samples],
        })
      : simulateReference(network, inputs, { steps, samples: [0, samples] })
  ).recorded;

  const session = await opened(bytes, runtime, options);
  const outputs = layout.outputs.map((port) => ({ port, tally: new Tally(port.name, TOLERANCE[type]) }));
  const perSample = steps * Math.max(1, ...network.populations.map(({ size }) => size));
  const batch = Math.max(1, Math.floor(BATCH_VALUES / perSample));
  try {
    for (let from = 0; from < samples; from += batch) {
      onProgress?.("check", from, samples);
      const count = Math.min(batch, samples - from);
      const run = new BatchRun(network, layout, type, runtime, session, { from, count, steps });
      const results = await running(() => run.outputs(inputs));
      outputs.forEach(({ port, tally }, o) => {
        const { name, size } = network.populations[port.population];
        tally.add(results[o], recorded[name], size, { from, count, steps });
      });
    }
  } finally {
    await session.release();
  }
  onProgress?.("check", samples, samples);
  const checks = outputs.map(({ tally }) => tally.result());
  return {
    schema: "spinec/onnx-check/1",
    graph: layout.graph,
    semantics: layout.semantics,
    runtime: runtimeName(runtime),
    samples,
    steps,
    outputs: checks,
    differingValues: checks.reduce((sum, { differingValues }) => sum + differingValues, 0),
  };
}

function runtimeName({ env }: OnnxRuntime): string {
  const { node, web, common } = env?.versions ?? {};
  if (node !== undefined) return `onnxruntime-node ${node}`;
  if (web !== undefined) return `onnxruntime-web ${web}`;
  return `onnxruntime ${common ?? "of an unknown version"}`;
}

type FlowType = keyof typeof TOLERANCE;

/** What the file says of itself. */
async function ownFile(bytes: Uint8Array): Promise<{ layout: OwnLayout; type: FlowType }> {
  const decoded = await decodeModel(bytes);
  const entries = "model" in decoded ? (decoded.model.metadataProps ?? []) : [];
  const text = entries.find(({ key }) => key === METADATA.layout)?.value;
  if (!("model" in decoded) || !text) throw new ToolchainError([onnxNotOurs()]);
  const element = decoded.model.graph?.input?.[0]?.type?.tensorType?.elemType;
  const type = element === 1 ? "float" : element === 11 ? "double" : "int32";
  return { layout: JSON.parse(text) as OwnLayout, type };
}

async function opened(
  bytes: Uint8Array,
  runtime: OnnxRuntime,
  { externalData }: OnnxCheckOptions,
): Promise<OnnxSession> {
  return running(() =>
    runtime.InferenceSession.create(bytes, {
      // Only errors: what can be optimised is nobody's concern here.
      logSeverityLevel: 3,
      ...(externalData !== undefined && { externalData }),
    }),
  );
}

/** What the runtime does; its errors become a diagnostic. */
async function running<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new ToolchainError([
      onnxNotRunnable({ reason: error instanceof Error ? error.message : String(error) }),
    ]);
  }
}

/** One batch of samples through the session. */
class BatchRun {
  readonly #network: Network;
  readonly #layout: OwnLayout;
  readonly #type: FlowType;
  readonly #runtime: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #extent: BatchExtent;

  constructor(
    network: Network,
    layout: OwnLayout,
    type: FlowType,
    runtime: OnnxRuntime,
    session: OnnxSession,
    extent: BatchExtent,
  ) {
    this.#network = network;
    this.#layout = layout;
    this.#type = type;
    this.#runtime = runtime;
    this.#session = session;
    this.#extent = extent;
  }

  /** One array `[steps, count, size]` for each output port. */
  async outputs(inputs: Readonly<Record<string, SpikeData>>): Promise<ArrayLike<number>[]> {
    const { steps, count } = this.#extent;
    const ports = this.#layout.inputs.map(({ name, tensor, population }) => ({
      tensor,
      shape: this.#network.populations[population].shape,
      data: this.#dense(inputs[name], population),
    }));
    if (this.#layout.graph === "sequence") {
      const feeds = ports.map(({ tensor, shape, data }) => [
        tensor,
        this.#tensor(this.#type, data, [steps, count, ...shape]),
      ]);
      const results = await this.#session.run(Object.fromEntries(feeds) as Record<string, OnnxTensor>);
      return this.#layout.outputs.map(({ tensor }) => results[tensor].data as ArrayLike<number>);
    }
    let states = this.#layout.states.map((state) => this.#zeros(state));
    const sizes = this.#layout.outputs.map(({ population }) => this.#network.populations[population].size);
    const outputs = sizes.map((size) => new Float64Array(steps * count * size));
    for (let step = 0; step < steps; step++) {
      const feeds: Record<string, OnnxTensor> = {};
      for (const { tensor, shape, data } of ports) {
        const perStep = data.length / steps;
        const now = data.subarray(step * perStep, (step + 1) * perStep);
        feeds[tensor] = this.#tensor(this.#type, now, [count, ...shape]);
      }
      this.#layout.states.forEach(({ input }, s) => (feeds[input] = states[s]));
      const results = await this.#session.run(feeds);
      states = this.#layout.states.map(({ output }) => results[output]);
      this.#layout.outputs.forEach(({ tensor }, o) => {
        outputs[o].set(results[tensor].data as ArrayLike<number>, step * count * sizes[o]);
      });
    }
    return outputs;
  }

  /** Events of the batch as `[steps, count, size]`, in the steps of the graph. */
  #dense(data: SpikeData, population: number): Float64Array {
    const { from, count, steps } = this.#extent;
    const { size, startStep = 0 } = this.#network.populations[population];
    const dense = new Float64Array(steps * count * size);
    for (let s = 0; s < count; s++) {
      const { step, index, value } = data.samples[from + s];
      for (let e = 0; e < step.length; e++) {
        const at = step[e] + startStep;
        if (at < steps) dense[(at * count + s) * size + index[e]] += value === undefined ? 1 : value[e];
      }
    }
    return dense;
  }

  #zeros({ type, shape }: OwnState): OnnxTensor {
    const dims = [this.#extent.count, ...shape];
    return this.#tensor(type, new Float64Array(dims.reduce((product, extent) => product * extent, 1)), dims);
  }

  #tensor(type: OwnState["type"], values: Float64Array, dims: readonly number[]): OnnxTensor {
    const { Tensor } = this.#runtime;
    switch (type) {
      case "float":
        return new Tensor("float32", Float32Array.from(values), dims);
      case "double":
        return new Tensor("float64", values, dims);
      case "int32":
        return new Tensor("int32", Int32Array.from(values), dims);
      case "int64":
        return new Tensor(
          "int64",
          BigInt64Array.from(values, (value) => BigInt(value)),
          dims,
        );
    }
  }
}
