import { synapseCount } from "#ir/connectivity";
import type { Connectivity, Network, Population, Projection } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import type { ImportOptions } from "../format.ts";
import * as messages from "./diagnostics.ts";
import { Fields, MAX_ELEMENTS } from "./fields.ts";
import { byDelay } from "./delays.ts";
import { readConvolution, readPool } from "./convolution.ts";
import { checkNeuronType, readNeuron, spread } from "./neuron.ts";
import type { NetxLayer } from "./read-file.ts";
import { storeWeights } from "./weights.ts";

/** Options that say what other formats leave open, and this one does not. */
const NOT_APPLICABLE = [
  "timeUnit",
  "integrator",
  "compare",
  "current",
  "reset",
  "vMinThresholds",
  "ifStep",
  "feedbackT0",
] as const satisfies readonly (keyof ImportOptions)[];

/**
 * Turns a chain of layers into a network of the chip's integers, in Lava's timing: all layers run from the first
 * step on, and a spike takes one step from layer to layer (`delaySteps` 1, no start steps).
 *
 * @returns undefined if the sink received an error
 */
export function lowerNetx(
  layers: readonly NetxLayer[],
  options: ImportOptions,
  sink: DiagnosticSink,
): Network | undefined {
  for (const option of NOT_APPLICABLE)
    if (options[option] !== undefined) sink.report(messages.optionIgnored({ option }));
  const before = sink.diagnostics.length;
  const chain = new Chain(layers, options, sink);
  for (const layer of layers) chain.add(layer);
  if (sink.diagnostics.slice(before).some(({ severity }) => severity === "error")) return undefined;
  const network = chain.network();
  if (network === undefined) sink.report(messages.noNeurons({ types: layers.map(({ type }) => type) }));
  return network;
}

/** Where the chain has got to. */
interface End {
  readonly population: number;
  /** As the next layer sees it: flattening changes it. */
  readonly shape: readonly number[];
}

/** Weights of a layer before they are stored: those from the layer before, and its own. */
interface Synapses {
  readonly shape: readonly number[];
  readonly kind: "linear" | "conv";
  /** Mantissas of exponent 0, in the file's order. */
  readonly weights: ArrayLike<number>;
  readonly connectivity: (stored: Float32Array) => Connectivity;
  /** `[target, source]`. */
  readonly recurrent?: ArrayLike<number>;
}

class Chain {
  readonly #layers: readonly NetxLayer[];
  readonly #options: ImportOptions;
  readonly #sink: DiagnosticSink;
  readonly #populations: Population[] = [];
  readonly #projections: Projection[] = [];
  #inputs: Network["inputs"] = [];
  /** undefined after a layer that could not be read: what follows is checked by itself. */
  #end: End | undefined;

  constructor(layers: readonly NetxLayer[], options: ImportOptions, sink: DiagnosticSink) {
    this.#layers = layers;
    this.#options = options;
    this.#sink = sink;
  }

  add(layer: NetxLayer): void {
    const fields = new Fields(layer, this.#sink);
    const reader = LAYER_TYPES.get(layer.type);
    if (reader === undefined) {
      const facts = { path: layer.path, type: layer.type, known: [...LAYER_TYPES.keys()] };
      this.#sink.report(messages.layerUnsupported(facts));
      this.#end = undefined;
      return;
    }
    const isKnownNeuron = checkNeuronType(fields);
    const end = reader(this, fields);
    this.#end = isKnownNeuron ? end : undefined;
  }

  /** undefined if no layer has neurons. */
  network(): Network | undefined {
    const { name = "netx", dtSeconds } = this.#options;
    const end = this.#end;
    if (end === undefined || this.#populations.every(({ model }) => model === "input")) return undefined;
    return {
      name,
      ...(dtSeconds !== undefined && { timestepNs: dtSeconds * 1e9 }),
      populations: this.#populations,
      projections: this.#projections,
      inputs: this.#inputs,
      outputs: [{ name: "output", population: end.population }],
    };
  }

  get end(): End | undefined {
    return this.#end;
  }

  isLast({ index }: NetxLayer): boolean {
    return index === this.#layers.length - 1;
  }

  input(fields: Fields): End | undefined {
    const { path, index } = fields.layer;
    if (index > 0) {
      this.#sink.report(messages.inputInside({ path }));
      return undefined;
    }
    const shape = fields.shape();
    if (shape === undefined) return undefined;
    const name = `input${index}`;
    if (!fields.hasNeuron()) return this.source(name, shape);
    const params = readNeuron(fields, shape);
    const affine = (field: string, fallback: number): number | undefined =>
      fields.wholesOr(field, fallback, { what: field, lengths: [1], min: -Infinity, max: Infinity })?.[0];
    const weight = affine("weight", 1);
    const bias = affine("bias", 0);
    if (params === undefined || weight === undefined || bias === undefined) return undefined;
    this.#sink.report(messages.biasEncoder({ path, weight, bias }));
    const end = this.#neurons(name, shape, params);
    this.#inputs = [{ name: "input", population: end.population, drives: "bias" }];
    return end;
  }

  /** Lines that spikes come in on. */
  source(name: string, shape: readonly number[]): End {
    this.#populations.push({ name, model: "input", shape, size: elements(shape), params: {} });
    this.#inputs = [{ name: "input", population: 0 }];
    return { population: 0, shape };
  }

  /** Neurons, and the synapses that reach them. */
  layer(fields: Fields, synapses: Synapses, pre: End | undefined): End | undefined {
    const { shape, kind, weights, recurrent } = synapses;
    const { path, type, index } = fields.layer;
    const params = readNeuron(fields, shape);
    const delays = fields.wholesOr("delay", 0, {
      what: "the delay",
      lengths: [1, shape[0]],
      min: 0,
      max: MAX_DELAY,
    });
    if (recurrent !== undefined && delays?.some((delay) => delay > 0) === true) {
      this.#sink.report(messages.delayedLoop({ path }));
      return undefined;
    }
    if (params === undefined || delays === undefined || pre === undefined) return undefined;
    const name = `${type}${index}`;
    const end = this.#neurons(name, shape, params);
    const store = storeWeights(recurrent === undefined ? [weights] : [weights, recurrent]);
    const { clipped, rounded, range, quantization, weightScale } = store;
    if (clipped > 0) this.#sink.report(messages.weightsClipped({ path, weights: clipped, ...range }));
    if (rounded > 0) this.#sink.report(messages.lowestBitLost({ path, weights: rounded }));
    const join = (suffix: string, from: number, connectivity: Connectivity, waitSteps: number): void => {
      const layer = { node: name, kind };
      const post = end.population;
      const common = { pre: from, post, weightScale, delaySteps: 1 + waitSteps, layer, quantization };
      this.#projections.push({ name: `${name}${suffix}`, connectivity, ...common });
    };
    const forward = synapses.connectivity(store.matrices[0]);
    const perNeuron = spread(delays, shape);
    if (perNeuron.length > 1 && synapseCount(forward) > MAX_ELEMENTS) {
      fields.mismatch(
        "a layer of different delays",
        `at most ${MAX_ELEMENTS} synapses`,
        String(synapseCount(forward)),
      );
      return undefined;
    }
    for (const { waitSteps, connectivity } of byDelay(forward, perNeuron))
      join(perNeuron.length === 1 ? "" : `/delay${waitSteps}`, pre.population, connectivity, waitSteps);
    if (recurrent !== undefined) {
      const size = elements(shape);
      const own = { kind: "dense", rows: size, cols: size, values: store.matrices[1] } as const;
      join("/recurrent", end.population, own, 0);
    }
    return end;
  }

  #neurons(name: string, shape: readonly number[], params: Population["params"]): End {
    const { resetIntervalSteps } = this.#options;
    // Lava staggers the resets, so that each layer forgets when the spikes of the last inference have passed.
    const rank = this.#populations.filter(({ model }) => model !== "input").length;
    const population = this.#populations.length;
    this.#populations.push({
      name,
      model: "loihi-cuba",
      shape,
      size: elements(shape),
      params,
      ...(resetIntervalSteps !== undefined && {
        periodicReset: { intervalSteps: resetIntervalSteps, offsetSteps: rank % resetIntervalSteps },
      }),
    });
    return { population, shape };
  }
}

/** Reads one type of layer; what it returns is where the chain goes on, undefined if anything is wrong. */
type LayerReader = (chain: Chain, fields: Fields) => End | undefined;

/** Every type that can be read. */
const LAYER_TYPES: ReadonlyMap<string, LayerReader> = new Map<string, LayerReader>([
  ["input", (chain, fields) => chain.input(fields)],
  ["dense", readDense],
  ["dense_rec", readDense],
  ["recurrent", readDense],
  ["conv", (chain, fields) => readWindowed(chain, fields, readConvolution)],
  ["pool", (chain, fields) => readWindowed(chain, fields, readPool)],
  ["flatten", readFlatten],
  ["average", readAverage],
]);

/** The longest that lava-dl trains: the chip's delay field has 6 bits. */
const MAX_DELAY = 62;

function readDense(chain: Chain, fields: Fields): End | undefined {
  const { type, path } = fields.layer;
  const outputs = fields.count("outFeatures", "the number of outputs");
  const inputs = fields.count("inFeatures", "the number of inputs");
  const weight = fields.weights("weight");
  const own = type === "recurrent" ? "recWeight" : "weight_rec";
  const recurrent = type === "dense" ? undefined : fields.weights(own);
  if (type === "recurrent") fields.sink.report(messages.recurrentType({ path }));
  if (outputs === undefined || inputs === undefined || weight === undefined) return undefined;
  const shape = fields.has("shape") ? fields.shape() : [outputs];
  if (shape !== undefined && elements(shape) !== outputs)
    fields.mismatch("the shape", `the ${outputs} neurons of outFeatures`, String(elements(shape)));
  if (weight.data.length !== outputs * inputs) {
    fields.mismatch("the weight", `${outputs} x ${inputs} (out x in) numbers`, String(weight.data.length));
    return undefined;
  }
  if (recurrent !== undefined && recurrent.data.length !== outputs * outputs) {
    const needed = `${outputs} x ${outputs} numbers`;
    fields.mismatch("the recurrent weight", needed, String(recurrent.data.length));
    return undefined;
  }
  if (type !== "dense" && recurrent === undefined) return undefined;
  const pre = fields.layer.index === 0 ? chain.source("input", [inputs]) : chain.end;
  if (pre !== undefined && elements(pre.shape) !== inputs) {
    fields.mismatch("inFeatures", `the ${elements(pre.shape)} neurons of the layer before`, String(inputs));
    return undefined;
  }
  return chain.layer(
    fields,
    {
      shape: [outputs],
      kind: "linear",
      weights: weight.data,
      connectivity: (values) => ({ kind: "dense", rows: inputs, cols: outputs, values }),
      ...(recurrent !== undefined && { recurrent: recurrent.data }),
    },
    pre,
  );
}

function readWindowed(chain: Chain, fields: Fields, read: typeof readConvolution): End | undefined {
  const { path, type, index } = fields.layer;
  if (index === 0) fields.sink.report(messages.inputShapeMissing({ path, type }));
  const kernel = read(fields, chain.end?.shape);
  if (kernel === undefined) return undefined;
  const synapses = {
    shape: kernel.outputShape,
    kind: "conv",
    weights: kernel.weights,
    connectivity: (weights: Float32Array) => ({ ...kernel, weights }),
  } as const;
  return chain.layer(fields, synapses, chain.end);
}

function readFlatten(chain: Chain, fields: Fields): End | undefined {
  const shape = fields.shape();
  const { end } = chain;
  if (shape === undefined || end === undefined) return undefined;
  const size = elements(end.shape);
  if (elements(shape) !== size) {
    fields.mismatch("flatten", `the ${size} elements before it`, String(elements(shape)));
    return undefined;
  }
  return { ...end, shape: [size] };
}

/** Classes as means over neurons: not a layer of the chip. */
function readAverage(chain: Chain, fields: Fields): End | undefined {
  const { path, type } = fields.layer;
  const shape = fields.shape();
  if (!chain.isLast(fields.layer)) {
    const known = [...LAYER_TYPES.keys()].filter((name) => name !== type);
    fields.sink.report(messages.layerUnsupported({ path, type: "average, inside the chain,", known }));
    return undefined;
  }
  const { end } = chain;
  if (shape === undefined || end === undefined) return undefined;
  const neurons = elements(end.shape);
  const values = elements(shape);
  if (neurons % values !== 0) {
    fields.mismatch("average", `a number of values that divides ${neurons} neurons`, String(values));
    return undefined;
  }
  fields.sink.report(messages.averageLeftOut({ path, values, neurons }));
  return end;
}

const elements = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
