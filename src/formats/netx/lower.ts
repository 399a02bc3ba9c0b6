import { synapseCount } from "#ir/connectivity";
import type { Connectivity, Network, Population, Projection } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import type { ImportOptions } from "../format.ts";
import * as messages from "./diagnostics.ts";
import { Fields, MAX_ELEMENTS } from "./fields.ts";
import { byDelay } from "./delays.ts";
import { readConvolution, readPool } from "./convolution.ts";
import { checkNeuronType, readNeuron, spread } from "./neuron.ts";
import { byPiece, type End, type Piece } from "./pieces.ts";
import type { NetxLayer } from "./read-file.ts";
import { storeWeights } from "./weights.ts";
import { plural } from "#util/units";

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
 * @param options `isWhole`: everything in the file could be read; else this only finds what else is wrong with it
 * @returns undefined if the sink received an error, now or before
 */
export function lowerNetx(
  layers: readonly NetxLayer[],
  { isWhole, ...options }: ImportOptions & { readonly isWhole: boolean },
  sink: DiagnosticSink,
): Network | undefined {
  for (const option of NOT_APPLICABLE)
    if (options[option] !== undefined) sink.report(messages.optionIgnored({ option }));
  const before = sink.diagnostics.length;
  const chain = new Chain(layers, options, sink);
  for (const layer of layers) chain.add(layer);
  if (!isWhole || sink.diagnostics.slice(before).some(({ severity }) => severity === "error"))
    return undefined;
  const network = chain.network();
  if (network === undefined) sink.report(messages.noNeurons({ types: layers.map(({ type }) => type) }));
  else for (const { path } of chain.unread()) sink.report(messages.layerUnread({ path }));
  return network;
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
  /** Of the layers that could be read, by their numbers; what follows another is checked by itself. */
  readonly #ends = new Map<number, End>();
  readonly #read = new Set<number>();
  #inputs: Network["inputs"] = [];
  #index = 0;

  constructor(layers: readonly NetxLayer[], options: ImportOptions, sink: DiagnosticSink) {
    this.#layers = layers;
    this.#options = options;
    this.#sink = sink;
  }

  add(layer: NetxLayer): void {
    this.#index = layer.index;
    const fields = new Fields(layer, this.#sink);
    const reader = LAYER_TYPES.get(layer.type);
    if (reader === undefined) {
      const facts = { path: layer.path, type: layer.type, known: [...LAYER_TYPES.keys()] };
      this.#sink.report(messages.layerUnsupported(facts));
      return;
    }
    if (!DELAYED_TYPES.has(layer.type) && fields.has("delay"))
      this.#sink.report(messages.delayUnsupported({ path: layer.path, type: layer.type }));
    const isKnownNeuron = checkNeuronType(fields);
    const end = reader(this, fields);
    if (isKnownNeuron && end !== undefined) this.#ends.set(layer.index, end);
  }

  /** undefined if no layer has neurons. */
  network(): Network | undefined {
    const { name = "netx", dtSeconds } = this.#options;
    const end = this.#ends.get(this.#index);
    if (end === undefined || this.#populations.every(({ model }) => model === "input")) return undefined;
    return {
      name,
      ...(dtSeconds !== undefined && { timestepNs: dtSeconds * 1e9 }),
      populations: this.#populations,
      projections: this.#projections,
      inputs: this.#inputs,
      outputs: [...new Set(end.pieces.map(({ population }) => population))].map((population, _, all) => ({
        name: all.length === 1 ? "output" : `output/${this.#populations[population].name}`,
        population,
      })),
    };
  }

  /** Layers that none reads, the last one aside. */
  unread(): readonly NetxLayer[] {
    return this.#layers.filter((layer) => !this.isLast(layer) && !this.#read.has(layer.index));
  }

  /** What the layer before gives to the one that is being read; undefined if there is none that could be read. */
  get end(): End | undefined {
    return this.endOf(this.#index - 1);
  }

  endOf(index: number): End | undefined {
    this.#read.add(index);
    return this.#ends.get(index);
  }

  isLast({ index }: NetxLayer): boolean {
    return index === this.#layers[this.#layers.length - 1].index;
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
    this.#inputs = [{ name: "input", population: end.pieces[0].population, drives: "bias" }];
    return end;
  }

  /** Lines that spikes come in on. */
  source(name: string, shape: readonly number[]): End {
    const size = elements(shape);
    this.#populations.push({ name, model: "input", shape, size, params: {} });
    this.#inputs = [{ name: "input", population: 0 }];
    return { pieces: [{ population: 0, size }], shape };
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
    const post = end.pieces[0].population;
    const join = (suffix: string, pre: number, connectivity: Connectivity, waitSteps: number): void => {
      const layer = { node: name, kind };
      const common = { pre, post, weightScale, delaySteps: 1 + waitSteps, layer, quantization };
      this.#projections.push({ name: `${name}${suffix}`, connectivity, ...common });
    };
    const forward = synapses.connectivity(store.matrices[0]);
    const perNeuron = spread(delays, shape);
    const parts = byPiece(forward, pre.pieces, MAX_ELEMENTS);
    if (parts === undefined || (perNeuron.length > 1 && synapseCount(forward) > MAX_ELEMENTS)) {
      fields.mismatch(
        parts === undefined ? "a layer in groups that reads a concat" : "a layer of different delays",
        `at most ${MAX_ELEMENTS} synapses`,
        String(synapseCount(forward)),
      );
      return undefined;
    }
    parts.forEach((part, p) => {
      const piece = parts.length === 1 ? "" : `/part${p}`;
      for (const { waitSteps, connectivity } of byDelay(part, perNeuron)) {
        const delay = perNeuron.length === 1 ? "" : `/delay${waitSteps}`;
        join(piece + delay, pre.pieces[p].population, connectivity, waitSteps);
      }
    });
    if (recurrent !== undefined) {
      const size = elements(shape);
      join("/recurrent", post, { kind: "dense", rows: size, cols: size, values: store.matrices[1] }, 0);
    }
    return end;
  }

  #neurons(name: string, shape: readonly number[], params: Population["params"]): End {
    const { resetIntervalSteps } = this.#options;
    // Lava staggers the resets, so that each layer forgets when the spikes of the last inference have passed.
    const rank = this.#populations.filter(({ model }) => model !== "input").length;
    const population = this.#populations.length;
    const size = elements(shape);
    this.#populations.push({
      name,
      model: "loihi-cuba",
      shape,
      size,
      params,
      ...(resetIntervalSteps !== undefined && {
        periodicReset: { intervalSteps: resetIntervalSteps, offsetSteps: rank % resetIntervalSteps },
      }),
    });
    return { pieces: [{ population, size }], shape };
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
  ["concat", readConcat],
]);

/** Those with synapses, which is what a delay belongs to. */
const DELAYED_TYPES: ReadonlySet<string> = new Set(["dense", "dense_rec", "recurrent", "conv", "pool"]);

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
    fields.mismatch("the shape", `the ${plural(outputs, "neuron")} of outFeatures`, String(elements(shape)));
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
    fields.mismatch(
      "inFeatures",
      `the ${plural(elements(pre.shape), "neuron")} of the layer before`,
      String(inputs),
    );
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
    fields.mismatch("flatten", `the ${plural(size, "element")} before it`, String(elements(shape)));
    return undefined;
  }
  return { ...end, shape: [size] };
}

/** Classes as means over neurons: not a layer of the chip. */
function readAverage(chain: Chain, fields: Fields): End | undefined {
  const { path } = fields.layer;
  const shape = fields.shape();
  const { end } = chain;
  if (!chain.isLast(fields.layer)) {
    fields.sink.report(messages.averageInside({ path }));
    return undefined;
  }
  if (shape === undefined || end === undefined) return undefined;
  const neurons = elements(end.shape);
  const values = elements(shape);
  if (neurons % values !== 0) {
    fields.mismatch(
      "average",
      `a number of values that divides ${plural(neurons, "neuron")}`,
      String(values),
    );
    return undefined;
  }
  fields.sink.report(messages.averageLeftOut({ path, values, neurons }));
  return end;
}

/** Layers put one behind the other: channels where they have height and width, else neurons. */
function readConcat(chain: Chain, fields: Fields): End | undefined {
  const { path, index } = fields.layer;
  const shape = fields.shape();
  const layers = fields.array("layers")?.data;
  if (layers === undefined) return undefined;
  const wrong =
    layers.length === 0 || Array.from(layers).some((k) => !(Number.isInteger(k) && k >= 0 && k < index));
  if (wrong) {
    fields.sink.report(messages.concatLayers({ path, layers: Array.from(layers), index }));
    return undefined;
  }
  const ends = Array.from(layers, (k) => chain.endOf(k));
  if (shape === undefined || !ends.every((end) => end !== undefined)) return undefined;
  const neurons = ends.reduce((sum, end) => sum + elements(end.shape), 0);
  const [channels, height = 1, width = 1] = shape;
  const isFlat = height * width === 1;
  const fits = ends.every(({ shape: [, h = 1, w = 1] }) => isFlat || (h === height && w === width));
  if (!fits || channels * height * width !== neurons) {
    const shapes = ends.map((end) => end.shape.join(" x ")).join(" and ");
    fields.mismatch(
      "the shape",
      `the channels or neurons of ${shapes}, one behind the other`,
      shape.join(" x "),
    );
    return undefined;
  }
  return { pieces: ends.flatMap(({ pieces }): readonly Piece[] => pieces), shape };
}

const elements = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
