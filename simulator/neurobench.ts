import { expand, nonzeroWeightCount, synapseCount, weightCount } from "#ir/connectivity";
import type { Network, Population } from "#ir/network";
import { neuronModel } from "#neurons/index";
import type { StepView } from "./reference-float.ts";

/** The columns of a NeuroBench table; per sample means the mean over the samples of the run. */
export interface NeuroBenchColumns {
  readonly samples: number;
  readonly steps: number;
  readonly synopsPerSample: SynopsPerSample;
  readonly layers: readonly NeuroBenchLayer[];
  /** Zero weights / weights, over the trained layers, without biases. */
  readonly connectionSparsity: number;
  /** Silent outputs / outputs of the spiking populations; a neuron with several spikes in a step counts once. */
  readonly activationSparsity: number;
  readonly populations: readonly NeuroBenchPopulation[];
  /**
   * Spiking populations: every neuron in the first step, then those whose membrane, after the reset and in single
   * precision as frameworks hold it, differs from the step before.
   */
  readonly membraneUpdatesPerSample: number;
  /** Weights and biases of the trained layers; zeros count. */
  readonly parameters: number;
  /** Numbers that describe the neurons: one for each parameter of a population, or one per neuron where they differ. */
  readonly neuronParameters: number;
  /** Both kinds of parameters in 4 bytes each, stored densely, whatever the pruning. */
  readonly footprintBytes: number;
}

export interface SynopsPerSample {
  /** Pairs of a nonzero input and a nonzero weight, in calls whose inputs were all 0, 1 or -1. */
  readonly effectiveAcs: number;
  /** The same in all other calls. */
  readonly effectiveMacs: number;
  /** All pairs, as if nothing were zero; padding is no pair. */
  readonly dense: number;
}

export interface NeuroBenchLayer extends SynopsPerSample {
  /** Name of the node in the model's file. */
  readonly node: string;
  readonly weights: number;
  readonly nonzeroWeights: number;
}

export interface NeuroBenchPopulation {
  readonly name: string;
  readonly spikesPerSample: number;
  readonly activationSparsity: number;
}

export interface NeuroBenchCounter {
  /** To be given to `simulateReference` as `observe`. */
  readonly observe: (view: StepView) => void;
  /** What was seen so far. */
  readonly columns: () => NeuroBenchColumns;
}

interface LayerCount {
  readonly projection: number;
  /** `[rows]`, nonzero synapses of each input. */
  readonly fanOut: Uint32Array;
  /** `[steps so far]`, over all samples: a call takes the whole batch of one step. */
  readonly pairs: number[];
  readonly binary: boolean[];
}

interface PopulationCount {
  readonly index: number;
  readonly membrane: number;
  readonly before: Float64Array;
  spikes: number;
  active: number;
  updates: number;
}

const BYTES_PER_PARAMETER = 4;

/**
 * Counts NeuroBench's workload metrics during a float reference run of a model as it was imported: with a relay
 * for every layer, so that a layer sees the sum of its inputs.
 *
 * Differs from NeuroBench on purpose in one thing: it counts what PyTorch happens to store (parameters that
 * snnTorch learns, its scalar buffers), here `parameters` and `footprintBytes` count what the model says.
 *
 * Source: the metric definitions of NeuroBench 2 (Yik et al., 2025), as observed on its implementation.
 */
export function createNeuroBenchCounter(network: Network): NeuroBenchCounter {
  const layers = network.projections.flatMap(({ layer, connectivity }, projection): LayerCount[] => {
    if (layer === undefined) return [];
    const { rowStart, rows } = expand(connectivity);
    const fanOut = Uint32Array.from({ length: rows }, (_, r) => rowStart[r + 1] - rowStart[r]);
    return [{ projection, fanOut, pairs: [], binary: [] }];
  });
  const spiking = network.populations.flatMap(({ model, size }, index): PopulationCount[] => {
    const { output, state } = neuronModel(model);
    if (output !== "spikes") return [];
    const before = new Float64Array(size);
    return [{ index, membrane: state.indexOf("v"), before, spikes: 0, active: 0, updates: 0 }];
  });
  const seen = { samples: new Set<number>(), steps: 0 };

  return {
    observe(view) {
      seen.samples.add(view.sample);
      seen.steps = Math.max(seen.steps, view.step + 1);
      for (const layer of layers) countCall(layer, view);
      for (const population of spiking) countStep(population, view);
    },
    columns: () => columnsOf(network, layers, spiking, seen.samples.size, seen.steps),
  };
}

function countCall(layer: LayerCount, { step, carried }: StepView): void {
  const { fanOut, pairs, binary } = layer;
  pairs[step] ??= 0;
  binary[step] ??= true;
  const input = carried(layer.projection);
  if (input === undefined) return;
  for (let r = 0; r < input.length; r++) {
    if (input[r] === 0) continue;
    pairs[step] += fanOut[r];
    if (input[r] !== 1 && input[r] !== -1) binary[step] = false;
  }
}

function countStep(population: PopulationCount, { step, outputs, states }: StepView): void {
  const output = outputs[population.index];
  for (const spikes of output) {
    if (spikes === 0) continue;
    population.spikes += spikes;
    population.active++;
  }
  if (population.membrane < 0) return;
  const { before } = population;
  const membrane = states[population.index][population.membrane];
  for (let i = 0; i < membrane.length; i++) {
    const now = Math.fround(membrane[i]);
    if (step === 0 || now !== before[i]) population.updates++;
    before[i] = now;
  }
}

function columnsOf(
  network: Network,
  layers: readonly LayerCount[],
  spiking: readonly PopulationCount[],
  samples: number,
  steps: number,
): NeuroBenchColumns {
  const perSample = (count: number): number => (samples === 0 ? 0 : count / samples);
  const sparsity = (nonzero: number, all: number): number => (all === 0 ? 0 : 1 - nonzero / all);
  const layerColumns = layers.map(({ projection, pairs, binary }): NeuroBenchLayer => {
    const { layer, connectivity } = network.projections[projection];
    const sum = (wanted: boolean): number =>
      pairs.reduce((total, count, step) => total + (binary[step] === wanted ? count : 0), 0);
    return {
      node: layer!.node,
      effectiveAcs: perSample(sum(true)),
      effectiveMacs: perSample(sum(false)),
      dense: synapseCount(connectivity) * steps,
      weights: weightCount(connectivity),
      nonzeroWeights: nonzeroWeightCount(connectivity),
    };
  });
  const total = (key: Exclude<keyof NeuroBenchLayer, "node">): number =>
    layerColumns.reduce((sum, layer) => sum + layer[key], 0);
  const outputsOf = ({ index }: PopulationCount): number => network.populations[index].size * steps * samples;
  const sumOf = (count: (population: PopulationCount) => number): number =>
    spiking.reduce((sum, population) => sum + count(population), 0);

  const parameters = total("weights") + biases(network, layers);
  const neuronParameters = sumOf(({ index }) => distinctParameters(network.populations[index]));
  return {
    samples,
    steps,
    synopsPerSample: {
      effectiveAcs: total("effectiveAcs"),
      effectiveMacs: total("effectiveMacs"),
      dense: total("dense"),
    },
    layers: layerColumns,
    connectionSparsity: sparsity(total("nonzeroWeights"), total("weights")),
    activationSparsity: sparsity(
      sumOf(({ active }) => active),
      sumOf(outputsOf),
    ),
    populations: spiking.map((population) => ({
      name: network.populations[population.index].name,
      spikesPerSample: perSample(population.spikes),
      activationSparsity: sparsity(population.active, outputsOf(population)),
    })),
    membraneUpdatesPerSample: perSample(sumOf(({ updates }) => updates)),
    parameters,
    neuronParameters,
    footprintBytes: BYTES_PER_PARAMETER * (parameters + neuronParameters),
  };
}

/** Biases of the trained layers: one for each output of a linear layer, one for each channel of a convolution. */
function biases(network: Network, layers: readonly LayerCount[]): number {
  return layers.reduce((sum, { projection }) => {
    const { post, connectivity } = network.projections[projection];
    const { bias } = network.populations[post];
    if (bias === undefined) return sum;
    return sum + (connectivity.kind === "kernel" ? connectivity.outputShape[0] : bias.length);
  }, 0);
}

function distinctParameters({ params }: Population): number {
  return Object.values(params).reduce(
    (sum, values) => sum + (values.every((value) => value === values[0]) ? 1 : values.length),
    0,
  );
}
