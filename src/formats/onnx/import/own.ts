// Files of our own: the network is rebuilt from the layout in the metadata and the initializers that it names.
import type { Connectivity, Network, Population, Projection } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import type { DiagnosticSink } from "#util/diagnostic";
import { METADATA, type OwnLayout, type OwnPopulation, type OwnProjection } from "../own-layout.ts";
import { ownLayout, tooLarge } from "./diagnostics.ts";
import { attempt, type Model } from "./graph.ts";
import { OWN_LAYOUT_SCHEMA } from "./own-schema.ts";
import { Refusal } from "./refusal.ts";
import { LARGEST_TENSOR, denseData, elementsOf, listedTensor, type Tensor } from "./tensor.ts";

/** True if the file says how its network is laid out. */
export const isOwn = ({ metadata }: Model): boolean => metadata.has(METADATA.layout);

/** The network that was exported; populations, projections and ports as they were. Reports what does not fit together. */
export function readOwn(model: Model, name: string | undefined, sink: DiagnosticSink): Network | undefined {
  const layout = attempt(() => parseLayout(model.metadata.get(METADATA.layout)!), sink);
  if (layout === undefined) return undefined;
  const tensors = new Tensors(model);
  const network = attempt(() => networkOf(layout, name ?? layout.name, tensors), sink);
  if (network === undefined) return undefined;
  validateNetwork(network, sink, { models: NEURON_MODELS });
  return sink.hasErrors ? undefined : network;
}

function parseLayout(text: string): OwnLayout {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal(ownLayout({ fault: "it is no JSON" }));
  }
  const parsed = OWN_LAYOUT_SCHEMA.safeParse(json);
  if (parsed.success) return json as OwnLayout;
  const [{ path, message }] = parsed.error.issues;
  throw new Refusal(ownLayout({ fault: `at ${path.map(String).join(".") || "its root"}: ${message}` }));
}

class Tensors {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  get(name: string): Tensor {
    const tensor = this.#model.graph.constants.get(name);
    if (tensor === undefined)
      throw new Refusal(ownLayout({ fault: `it names the initializer "${name}", which is missing` }));
    return tensor;
  }
}

function networkOf(layout: OwnLayout, name: string, tensors: Tensors): Network {
  checkSizes(layout);
  const populations = layout.populations.map((own) => populationOf(own, tensors));
  return {
    name,
    ...(layout.timestepNs !== undefined && { timestepNs: layout.timestepNs }),
    populations,
    projections: layout.projections.map((own) => projectionOf(own, tensors)),
    inputs: layout.inputs.map(({ name: port, population }) => ({ name: port, population })),
    outputs: layout.outputs.map(({ name: port, population }) => ({ name: port, population })),
  };
}

/** Nothing is allocated for sizes that do not belong together. */
function checkSizes({ populations, projections }: OwnLayout): void {
  const sizes = populations.map(({ shape }) => elementsOf(shape));
  const elements = sizes.reduce((total, size) => total + size, 0);
  if (elements > LARGEST_TENSOR)
    throw new Refusal(tooLarge({ what: "the network in the metadata", elements, limit: LARGEST_TENSOR }));
  for (const { name, pre, post, rows, cols, ones } of projections) {
    const fits =
      sizes[pre] === rows && sizes[post] === cols && (ones === undefined || ones === 1 || ones === rows);
    if (!fits) throw new Refusal(ownLayout({ fault: `"${name}" does not have the size of its populations` }));
  }
}

function populationOf(own: OwnPopulation, tensors: Tensors): Population {
  const { name, model, shape, params, bias, spread, dynamics, startStep, periodicReset, membraneQuantum } =
    own;
  const size = elementsOf(shape);
  const numbers = (param: string, tensor: string): Float64Array => {
    const values = Float64Array.from(denseData(tensors.get(tensor)));
    if (!spread.includes(param) || values.length === size) return values;
    // One number for all, or one for each channel.
    const repeat = Math.max(1, Math.floor(size / values.length));
    return Float64Array.from(
      { length: size },
      (_, i) => values[Math.min(Math.floor(i / repeat), values.length - 1)],
    );
  };
  return {
    name,
    model,
    shape,
    size,
    params: Object.fromEntries(
      Object.entries(params).map(([param, tensor]) => [param, numbers(param, tensor)]),
    ),
    ...(bias !== undefined && { bias: numbers("bias", bias) }),
    ...(dynamics !== undefined && { dynamics }),
    ...(startStep !== undefined && { startStep }),
    ...(periodicReset !== undefined && { periodicReset }),
    ...(membraneQuantum !== undefined && { membraneQuantum: Float64Array.from(membraneQuantum) }),
  };
}

function projectionOf(own: OwnProjection, tensors: Tensors): Projection {
  const { name, pre, post, weightScale, delaySteps, beforeStart, layer, quantization } = own;
  return {
    name,
    pre,
    post,
    connectivity: connectivityOf(own, tensors),
    weightScale,
    delaySteps,
    ...(beforeStart !== undefined && { beforeStart }),
    ...(layer !== undefined && { layer }),
    ...(quantization !== undefined && { quantization }),
  };
}

/** One to one with weight 1, for which a file holds no numbers. */
function onesOf({ name, kind, rows, cols, ones = 0 }: OwnProjection): Connectivity {
  if (kind !== "diagonal" || (ones !== 1 && ones !== rows))
    throw new Refusal(ownLayout({ fault: `"${name}" names no initializer for its weights` }));
  return { kind, rows, cols, values: new Float64Array(ones).fill(1) };
}

function connectivityOf(own: OwnProjection, tensors: Tensors): Connectivity {
  const { kind, rows, cols, kernel } = own;
  if (own.weights === undefined) return onesOf(own);
  if (kind === "diagonal" && own.ones !== undefined)
    return { kind, rows, cols, values: new Float64Array(own.ones).fill(1) };
  if (own.weights === undefined) throw new Refusal(ownLayout({ fault: `"${own.name}" names no weights` }));
  const tensor = weightsOf(own, own.weights, tensors);
  const scales = own.scales === undefined ? undefined : denseData(tensors.get(own.scales));
  switch (kind) {
    case "dense": {
      const data = checked(own, denseData(tensor), rows * cols);
      const single = data instanceof Float32Array && scales === undefined;
      const values = single ? new Float32Array(rows * cols) : new Float64Array(rows * cols);
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++) values[c * rows + r] = dequantized(data[r * cols + c], scales, c);
      return { kind, rows, cols, values };
    }
    case "sparse":
      return sparseOf(own, tensor, scales);
    case "diagonal": {
      const values = Float64Array.from(denseData(tensor), (value, i) => dequantized(value, scales, i));
      return { kind, rows, cols, values };
    }
    case "kernel": {
      if (kernel === undefined)
        throw new Refusal(ownLayout({ fault: `the kernel of "${own.name}" has no shape` }));
      const count = kernel.kernelShape.reduce((product, extent) => product * extent, 1);
      const data = checked(own, denseData(tensor), count);
      const perChannel = count / kernel.kernelShape[0];
      const weights =
        scales === undefined
          ? data
          : Float64Array.from(data, (value, i) => dequantized(value, scales, Math.floor(i / perChannel)));
      return { kind, rows, cols, weights, ...kernel };
    }
  }
}

/** The initializer of the weights; those that are listed get their places. */
function weightsOf(
  { name, rows, cols, kernel, indices }: OwnProjection,
  weights: string,
  tensors: Tensors,
): Tensor {
  const stored = tensors.get(weights);
  if (indices === undefined) return stored;
  const dims = kernel === undefined ? [rows, cols] : kernel.kernelShape;
  return listedTensor(name, dims, stored, tensors.get(indices));
}

/** A weight as the graph has it: what DequantizeLinear gives is float32. */
const dequantized = (integer: number, scales: ArrayLike<number> | undefined, i: number): number =>
  scales === undefined ? integer : Math.fround(integer * scales[scales.length === 1 ? 0 : i]);

function sparseOf(own: OwnProjection, tensor: Tensor, scales: ArrayLike<number> | undefined): Connectivity {
  const { rows, cols } = own;
  const at: number[] = [];
  const stored: number[] = [];
  if (tensor.sparse !== undefined) {
    for (let i = 0; i < tensor.sparse.index.length; i++) {
      if (tensor.sparse.value[i] === 0) continue;
      at.push(tensor.sparse.index[i]);
      stored.push(tensor.sparse.value[i]);
    }
  } else {
    const data = checked(own, tensor.data, rows * cols);
    for (let i = 0; i < data.length; i++)
      if (data[i] !== 0) {
        at.push(i);
        stored.push(data[i]);
      }
  }
  const rowStart = new Uint32Array(rows + 1);
  const colIndex = Uint32Array.from(at, (place) => place % cols);
  for (const place of at) {
    const row = Math.floor(place / cols);
    if (row >= rows)
      throw new Refusal(ownLayout({ fault: `"${own.name}" has a weight outside ${rows} x ${cols}` }));
    rowStart[row + 1]++;
  }
  for (let r = 0; r < rows; r++) rowStart[r + 1] += rowStart[r];
  const values = Float64Array.from(stored, (value, i) => dequantized(value, scales, colIndex[i]));
  return { kind: "sparse", rows, cols, rowStart, colIndex, values };
}

function checked<A extends Float32Array | Float64Array>({ name }: OwnProjection, data: A, needed: number): A {
  if (data.length !== needed)
    throw new Refusal(
      ownLayout({ fault: `"${name}" needs ${needed} weights, and its initializer has ${data.length}` }),
    );
  return data;
}
