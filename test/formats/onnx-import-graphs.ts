// Small ONNX files made by the tests, and what onnxruntime computes from them.
import { InferenceSession, Tensor } from "onnxruntime-node";
import {
  DATA_TYPE,
  attribute,
  encodeModel,
  tensor,
  type AttributeValue,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "#formats/onnx/proto";
import { createRng } from "#util/rng";

export type Attributes = Readonly<Record<string, AttributeValue>>;

export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
  domain = "",
): NodeProto {
  return {
    name: outputs[0],
    opType,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ...(domain !== "" && { domain }),
  };
}

export const port = (name: string, dims: readonly (number | string)[], type = "float"): ValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: DATA_TYPE[type as "float"],
      shape: {
        dim: dims.map((extent) => (typeof extent === "string" ? { dimParam: extent } : { dimValue: extent })),
      },
    },
  },
});

export const floats = (name: string, dims: readonly number[], values: readonly number[]): TensorProto =>
  tensor(name, "float", dims, Float32Array.from(values));

export const ints = (
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): TensorProto => tensor(name, "int64", dims, BigInt64Array.from(values, BigInt));

/** Numbers between -1 and 1, always the same for the same seed. */
export function randoms(count: number, seed: number): number[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => Math.fround(2 * rng() - 1));
}

export const randomTensor = (name: string, dims: readonly number[], seed: number): TensorProto =>
  floats(
    name,
    dims,
    randoms(
      dims.reduce((a, b) => a * b, 1),
      seed,
    ),
  );

export interface ModelParts {
  readonly graph: GraphProto;
  readonly opset?: number;
  readonly functions?: FunctionProto[];
  readonly domains?: readonly string[];
}

export const modelOf = ({ graph, opset = 13, functions = [], domains = [] }: ModelParts): ModelProto => ({
  irVersion: 8,
  producerName: "test",
  graph: { name: "g", ...graph },
  opsetImport: [{ domain: "", version: opset }, ...domains.map((domain) => ({ domain, version: 1 }))],
  functions,
});

export const bytesOf = (parts: ModelParts): Promise<Uint8Array> => encodeModel(modelOf(parts));

/** What onnxruntime gives for one feed of float tensors. */
export async function runtimeOutputs(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, { readonly dims: readonly number[]; readonly data: readonly number[] }>>,
): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: "disabled",
    logSeverityLevel: 3,
  });
  const outputs = await session.run(
    Object.fromEntries(
      Object.entries(feeds).map(([name, { dims, data }]) => [
        name,
        new Tensor("float32", Float32Array.from(data), [...dims]),
      ]),
    ),
  );
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [name, Array.from(value.data as Float32Array)]),
  );
}
