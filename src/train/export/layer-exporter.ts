import type { Network, Population } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import { sizeOf, type GraphPlan, type PlannedLayer } from "../graph.ts";
import type { TrainedModel } from "../trained-model.ts";
import { absorbNormalisations, neededLayers, type Absorbed } from "./absorb.ts";
import { channelsOf, composed, isZero, normalisation, spread, type Affine } from "./affine.ts";
import {
  exportMaxPoolNeurons,
  exportMaxPoolOfInput,
  exportMaxPoolOfValues,
  exportReadout,
  exportRelu,
} from "./export-diagnostics.ts";
import { connectivityOf, layoutOf, type Planned } from "./layer-form.ts";
import { NetworkBuilder } from "./network-builder.ts";
import { anyOfPopulation, neuronPopulation, readoutPopulation } from "./neuron.ts";
import {
  channelKernel,
  flattened,
  Materialiser,
  partBounds,
  signalOf,
  type Part,
  type Signal,
} from "./signal.ts";
import { foldedBias, foldedWeights, offsetSums } from "./weights.ts";

export interface InputForm {
  readonly isBinary: boolean;
  /** Of pixels from 0 to 1, where the input population sends those and the layers want them normalised. */
  readonly normalisation: { readonly mean: number; readonly deviation: number } | undefined;
}

/** Walks a planned graph once, layer by layer. */
export class LayerExporter {
  readonly #plan: GraphPlan;
  readonly #model: TrainedModel;
  readonly #sink: DiagnosticSink;
  readonly #builder = new NetworkBuilder();
  readonly #materialiser = new Materialiser(this.#builder);
  readonly #needed: ReadonlySet<number>;
  readonly #absorbed: Absorbed;
  readonly #input: Signal;
  readonly #signals = new Map<number, Signal>();

  constructor(plan: GraphPlan, model: TrainedModel, sink: DiagnosticSink, input: InputForm) {
    this.#plan = plan;
    this.#model = model;
    this.#sink = sink;
    this.#needed = neededLayers(plan);
    this.#absorbed = absorbNormalisations(plan, this.#needed, (index) => this.#normalisationOf(index));
    const { inputShape } = plan.graph;
    const population = this.#builder.add("input", inputShape, { model: "input" });
    this.#input = withNormalisation(signalOf(population, inputShape, input.isBinary), input.normalisation);
  }

  run(name: string): Network {
    this.#plan.layers.forEach((planned, index) => {
      if (this.#needed.has(index)) this.#signals.set(index, this.#export(planned, index));
    });
    return this.#builder.network(name, this.#input.parts[0].population, this.#output());
  }

  #signal(index: number): Signal {
    return index < 0 ? this.#input : (this.#signals.get(index) as Signal);
  }

  #values(layer: string, role: string): Float32Array {
    return this.#model.values[`${layer}.${role}`];
  }

  #normalisationOf(index: number): Affine {
    const { layer } = this.#plan.layers[index] as Planned<"batch-norm">;
    const { name, epsilon } = layer;
    return normalisation(
      this.#values(name, "gamma"),
      this.#values(name, "beta"),
      this.#model.statistics[name],
      epsilon,
    );
  }

  #export(planned: PlannedLayer, index: number): Signal {
    const inputs = planned.inputs.map((from) => this.#signal(from));
    const [input] = inputs;
    const { layer, outputShape } = planned;
    switch (layer.op) {
      case "linear":
      case "conv2d":
        return this.#weighted(planned as Planned<"linear" | "conv2d">, index, input);
      case "average-pool":
        return this.#averagePool(planned as Planned<"average-pool">, input);
      case "max-pool":
        return this.#maxPool(planned as Planned<"max-pool">, input);
      case "batch-norm":
        return this.#absorbed.layers.has(index) ? input : withAffine(input, this.#normalisationOf(index));
      case "neuron": {
        const leak = layer.neuron.learnableLeak ? this.#values(layer.name, "leak")[0] : undefined;
        return this.#populations(layer.name, input, neuronPopulation(layer.neuron, leak), true);
      }
      case "relu":
        this.#sink.report(exportRelu({ layer: layer.name }));
        return this.#populations(layer.name, input, { model: "relu", params: {} }, input.isBinary);
      case "dropout":
        return input;
      case "add":
        return this.#add(layer.name, inputs);
      case "concat":
        return {
          shape: outputShape,
          parts: inputs.flatMap(({ parts }) => parts),
          isBinary: inputs.every(({ isBinary }) => isBinary),
        };
      case "flatten":
        return flattened(input);
      case "voting":
        return this.#voting(planned as Planned<"voting">, input);
    }
  }

  /** One relay with bias behind the weights of each part, and their sum. */
  #weighted(planned: Planned<"linear" | "conv2d">, index: number, input: Signal): Signal {
    const { layer, outputShape } = planned;
    const { name } = layer;
    const layout = layoutOf(planned);
    const weights = this.#values(name, "weight");
    const source = layout.groups === 1 ? input : this.#unsplit(input, name);
    const isPadded = layer.op === "conv2d" && (layer.padding[0] > 0 || layer.padding[1] > 0);
    const after = this.#absorbed.after.get(index);
    const bounds = partBounds(source);
    // With several groups there is one part, and its channels are those of all groups.
    const ranges = source.parts.map((_, k): [number, number] =>
      layout.groups === 1 ? [bounds[k], bounds[k + 1]] : [0, layout.inPerGroup],
    );
    const parts = source.parts.map((part, k): Part => {
      // Zeros around an image are not offset, so an offset cannot become a bias there.
      if (!isPadded || part.affine === undefined || isZero(part.affine.offset)) return part;
      const population = this.#materialiser.part(part, source.shape, partName(`${name}.in`, source, k));
      return { population, channels: part.channels };
    });
    const offsets = parts.flatMap(({ affine }, k) =>
      affine === undefined || isZero(affine.offset)
        ? []
        : [offsetSums(weights, layout, ranges[k], affine.offset)],
    );
    const bias = foldedBias(
      layout.outChannels,
      layer.bias ? this.#values(name, "bias") : undefined,
      offsets,
      after,
    );
    const pixels = sizeOf(outputShape.slice(1));
    const relays = parts.map((part, k) => {
      const relay = this.#builder.relay(
        partName(name, source, k),
        outputShape,
        k > 0 || bias === undefined ? undefined : spread(bias, pixels),
      );
      const folded = foldedWeights(weights, layout, ranges[k], part.affine?.scale, after?.scale);
      const partShape = [part.channels, ...source.shape.slice(1)];
      this.#builder.join(part.population, relay, connectivityOf(planned, folded, partShape), {
        node: this.#builder.populations[relay].name,
        kind: layer.op === "conv2d" ? "conv" : "linear",
      });
      return relay;
    });
    if (relays.length === 1) return signalOf(relays[0], outputShape, false);
    const sum = this.#builder.relay(name, outputShape);
    for (const relay of relays) this.#builder.copy(relay, sum);
    return signalOf(sum, outputShape, false);
  }

  /** A signal in one part, factors and offsets of its channels still to be applied if it had one part already. */
  #unsplit(input: Signal, name: string): Signal {
    if (input.parts.length === 1) return input;
    return signalOf(this.#materialiser.whole(input, `${name}.in`), input.shape, input.isBinary);
  }

  #averagePool({ layer, outputShape }: Planned<"average-pool">, input: Signal): Signal {
    const { name, kernel, stride } = layer;
    const share = 1 / (kernel[0] * kernel[1]);
    const parts = input.parts.map((part, k): Part => {
      const shape = [part.channels, ...input.shape.slice(1)];
      const pooled = [part.channels, ...outputShape.slice(1)];
      const relay = this.#builder.relay(partName(name, input, k), pooled);
      const weights = new Float64Array(part.channels).fill(share);
      this.#builder.join(part.population, relay, channelKernel(shape, weights, kernel, stride, pooled));
      return { ...part, population: relay };
    });
    return { shape: outputShape, parts, isBinary: false };
  }

  #maxPool({ layer, inputs, outputShape }: Planned<"max-pool">, input: Signal): Signal {
    const { name, kernel, stride } = layer;
    if (!input.isBinary) {
      const fault =
        inputs[0] < 0
          ? exportMaxPoolOfInput({ layer: name })
          : exportMaxPoolOfValues({ layer: name, input: layer.inputs[0] });
      this.#sink.report(fault);
    } else this.#sink.report(exportMaxPoolNeurons({ layer: name, neurons: sizeOf(outputShape) }));
    const parts = input.parts.map((part, k): Part => {
      const { channels } = part;
      const source = this.#materialiser.part(part, input.shape, partName(`${name}.in`, input, k));
      const shape = [channels, ...input.shape.slice(1)];
      const pooled = [channels, ...outputShape.slice(1)];
      const sum = this.#builder.relay(partName(`${name}.sum`, input, k), pooled);
      const ones = new Float64Array(channels).fill(1);
      this.#builder.join(source, sum, channelKernel(shape, ones, kernel, stride, pooled));
      const population = this.#builder.add(partName(name, input, k), pooled, anyOfPopulation());
      this.#builder.copy(sum, population);
      return { population, channels };
    });
    return { shape: outputShape, parts, isBinary: true };
  }

  /** A population for each part, fed one to one. */
  #populations(
    name: string,
    input: Signal,
    rest: Pick<Population, "model" | "params" | "dynamics">,
    isBinary: boolean,
  ): Signal {
    const parts = input.parts.map((part, k): Part => {
      const { channels } = part;
      const source = this.#materialiser.part(part, input.shape, partName(`${name}.in`, input, k));
      const shape = [channels, ...input.shape.slice(1)];
      const population = this.#builder.add(partName(name, input, k), shape, rest);
      this.#builder.copy(source, population);
      return { population, channels };
    });
    return { shape: input.shape, parts, isBinary };
  }

  #add(name: string, inputs: readonly Signal[]): Signal {
    const times = new Map<number, number>();
    inputs.forEach((input, i) => {
      const source = this.#materialiser.whole(input, `${name}.in${i}`);
      times.set(source, (times.get(source) ?? 0) + 1);
    });
    const relay = this.#builder.relay(name, inputs[0].shape);
    for (const [source, count] of times) this.#builder.copy(source, relay, count);
    return signalOf(relay, inputs[0].shape, false);
  }

  #voting({ layer, outputShape }: Planned<"voting">, input: Signal): Signal {
    const { name, groupSize } = layer;
    const source = this.#materialiser.whole(input, `${name}.in`);
    const relay = this.#builder.relay(name, outputShape);
    const rows = sizeOf(input.shape);
    this.#builder.join(source, relay, {
      kind: "sparse",
      rows,
      cols: outputShape[0],
      rowStart: Uint32Array.from({ length: rows + 1 }, (_, r) => r),
      colIndex: Uint32Array.from({ length: rows }, (_, r) => Math.floor(r / groupSize)),
      values: new Float64Array(rows).fill(1 / groupSize),
    });
    return signalOf(relay, outputShape, false);
  }

  /** The population that is read out: the last neurons, or neurons that show the value of a last layer without any. */
  #output(): number {
    const { layer, outputShape } = this.#plan.layers[this.#plan.output];
    const signal = this.#signal(this.#plan.output);
    const [{ population, affine }] = signal.parts;
    const isOne = signal.parts.length === 1 && affine === undefined;
    if (isOne && signal.isBinary && this.#builder.populations[population].model !== "input")
      return population;
    const source = this.#materialiser.whole(signal, `${layer.name}.values`);
    const readout = this.#builder.add(`${layer.name}.readout`, outputShape, readoutPopulation());
    this.#builder.copy(source, readout);
    const { name } = this.#builder.populations[readout];
    this.#sink.report(exportReadout({ layer: layer.name, op: layer.op, population: name }));
    return readout;
  }
}

/** `name`, or `name.k` where a layer is in several parts. */
function partName(name: string, { parts }: Signal, k: number): string {
  return parts.length === 1 ? name : `${name}.${k}`;
}

function withAffine(signal: Signal, affine: Affine): Signal {
  const bounds = partBounds(signal);
  const parts = signal.parts.map((part, k) => ({
    ...part,
    affine: composed(part.affine, channelsOf(affine, bounds[k], bounds[k + 1])),
  }));
  return { ...signal, parts, isBinary: false };
}

function withNormalisation(signal: Signal, normalisation: InputForm["normalisation"]): Signal {
  if (normalisation === undefined) return signal;
  const { mean, deviation } = normalisation;
  const [channels] = signal.shape;
  return withAffine(signal, {
    scale: new Float64Array(channels).fill(1 / deviation),
    offset: new Float64Array(channels).fill(-mean / deviation),
  });
}
