import type { SpikeEvents } from "#ir/spikes";
import {
  crossEntropy,
  type Batch,
  type BatchGradient,
  type BatchOutput,
  type LearningRule,
  type TrainingEngine,
} from "./engine.ts";
import {
  accumulateWeightGradient,
  accumulateWeightGradientDense,
  differentiateNeurons,
  integrateAndFire,
  propagateGradient,
  propagateGradientDense,
  propagateSpikes,
  propagateSpikesDense,
  sortSpikesByNeuron,
} from "./kernels.ts";
import type { DenseLayer, SpikingMlp } from "./model.ts";
import type { Surrogate } from "./surrogate.ts";

/**
 * Training on plain typed arrays: work only where there is a spike and a synapse, so it becomes faster as
 * the network becomes sparser. Membranes are float64 as in the reference, weights float32 as in the file.
 */
export function createArrayEngine(): TrainingEngine {
  let workspace: Workspace | undefined;
  const prepare = (model: SpikingMlp, batch: Batch): Workspace => {
    if (workspace === undefined || !fits(workspace, model, batch.steps))
      workspace = createWorkspace(model, batch.steps);
    return workspace;
  };

  return {
    name: "arrays",

    forward(model, batch): Promise<BatchOutput> {
      const work = prepare(model, batch);
      const output = emptyOutput(model, batch);
      batch.samples.forEach((sample, n) => runSample(model, sample, n, work, output));
      return Promise.resolve(output);
    },

    backward(model, batch, rule): Promise<BatchGradient> {
      const work = prepare(model, batch);
      const output = emptyOutput(model, batch);
      work.layers.forEach((layer) => layer.weightGradient.fill(0));
      let lossSum = 0;
      batch.samples.forEach((sample, n) => {
        runSample(model, sample, n, work, output);
        lossSum += differentiateSample(model, batch, n, work, output, rule);
      });
      return Promise.resolve({
        ...output,
        loss: lossSum / batch.samples.length,
        gradients: work.layers.map(({ weightGradient }, l) =>
          maskedGradient(weightGradient, model.layers[l]),
        ),
      });
    },
  };
}

/** Measured on the demo network: there the lists begin to win. */
const LIST_BELOW_DENSITY = 0.3;

/** Buffers of one layer, reused for every sample. */
interface LayerWork {
  /** `[steps, outputs]`: current, then membrane before reset. */
  readonly potential: Float64Array;
  readonly slope: Float64Array;
  /** `[steps, outputs]`: dL/ds, then dL/dx. */
  readonly gradient: Float64Array;
  readonly scratch: Float64Array;
  readonly spikeStart: Uint32Array;
  readonly spikeIndex: Uint32Array;
  readonly weightGradient: Float64Array;
  /** Spikes of the pre neurons, by neuron. */
  readonly firstSpike: Uint32Array;
  readonly stepOfSpike: Uint32Array;
}

interface Workspace {
  readonly steps: number;
  readonly inputStart: Uint32Array;
  readonly layers: readonly LayerWork[];
  /** `[outputs]` of the last layer. */
  readonly countGradient: Float64Array;
}

function createWorkspace(model: SpikingMlp, steps: number): Workspace {
  const layers = model.layers.map(({ inputs, outputs }): LayerWork => ({
    potential: new Float64Array(steps * outputs),
    slope: new Float64Array(steps * outputs),
    gradient: new Float64Array(steps * outputs),
    scratch: new Float64Array(outputs),
    spikeStart: new Uint32Array(steps + 1),
    spikeIndex: new Uint32Array(steps * outputs),
    weightGradient: new Float64Array(inputs * outputs),
    firstSpike: new Uint32Array(inputs + 1),
    stepOfSpike: new Uint32Array(steps * inputs),
  }));
  const classes = model.layers[model.layers.length - 1].outputs;
  return { steps, inputStart: new Uint32Array(steps + 1), layers, countGradient: new Float64Array(classes) };
}

function fits(work: Workspace, model: SpikingMlp, steps: number): boolean {
  return (
    work.steps === steps &&
    work.layers.length === model.layers.length &&
    model.layers.every(
      ({ inputs, outputs }, l) =>
        work.layers[l].scratch.length === outputs &&
        work.layers[l].weightGradient.length === inputs * outputs,
    )
  );
}

function emptyOutput(model: SpikingMlp, batch: Batch): BatchOutput {
  const classes = model.layers[model.layers.length - 1].outputs;
  return {
    counts: new Float64Array(batch.samples.length * classes),
    layerSpikes: new Float64Array(model.layers.length),
  };
}

/** Forward pass of one sample; leaves membranes and spikes of every layer in the workspace. */
function runSample(
  model: SpikingMlp,
  sample: SpikeEvents,
  sampleIndex: number,
  work: Workspace,
  output: BatchOutput,
): void {
  const { steps } = work;
  startOfSteps(sample.step, steps, work.inputStart);
  let spikeStart = work.inputStart;
  let spikeIndex = sample.index;
  model.layers.forEach((layer, l) => {
    const { potential, scratch, ...own } = work.layers[l];
    const { rowStart, column } = synapsesOf(layer);
    const { weights, outputs } = layer;
    if (runsDense(layer)) propagateSpikesDense(spikeStart, spikeIndex, weights, outputs, steps, potential);
    else propagateSpikes(spikeStart, spikeIndex, rowStart, column, weights, outputs, steps, potential);
    output.layerSpikes[l] += integrateAndFire(
      potential,
      layer.outputs,
      steps,
      layer.tauSteps,
      layer.threshold,
      scratch,
      own.spikeStart,
      own.spikeIndex,
    );
    ({ spikeStart, spikeIndex } = own);
  });
  const classes = work.countGradient.length;
  for (let e = 0; e < spikeStart[steps]; e++) output.counts[sampleIndex * classes + spikeIndex[e]]++;
}

/** Backward pass of the sample that `runSample` has just run. Returns its loss. */
function differentiateSample(
  model: SpikingMlp,
  batch: Batch,
  sampleIndex: number,
  work: Workspace,
  output: BatchOutput,
  rule: LearningRule,
): number {
  const { steps, countGradient } = work;
  const classes = countGradient.length;
  const counts = output.counts.subarray(sampleIndex * classes, (sampleIndex + 1) * classes);
  const loss = crossEntropy(counts, batch.labels[sampleIndex], rule.countGain, countGradient);
  const last = work.layers[work.layers.length - 1];
  for (let i = 0; i < steps * classes; i++)
    last.gradient[i] = countGradient[i % classes] / batch.samples.length;

  for (let l = model.layers.length - 1; l >= 0; l--) {
    const { outputs, tauSteps, threshold } = model.layers[l];
    const { potential, slope, gradient, scratch } = work.layers[l];
    slopes(potential, threshold, rule.surrogate, slope);
    const { detachReset } = rule;
    differentiateNeurons(
      potential,
      slope,
      outputs,
      steps,
      tauSteps,
      threshold,
      detachReset,
      gradient,
      scratch,
    );
    const spikeStart = l === 0 ? work.inputStart : work.layers[l - 1].spikeStart;
    const spikeIndex = l === 0 ? batch.samples[sampleIndex].index : work.layers[l - 1].spikeIndex;
    differentiateSynapses(
      model.layers[l],
      work.layers[l],
      spikeStart,
      spikeIndex,
      steps,
      work.layers[l - 1]?.gradient,
    );
  }
  return loss;
}

/** From dL/dx of a layer to dL/dW, and to dL/ds of the pre neurons if they are neurons. */
function differentiateSynapses(
  layer: DenseLayer,
  work: LayerWork,
  spikeStart: Uint32Array,
  spikeIndex: Uint32Array,
  steps: number,
  preGradient: Float64Array | undefined,
): void {
  const { inputs, outputs, weights } = layer;
  const { gradient, weightGradient, firstSpike, stepOfSpike } = work;
  const { rowStart, column } = synapsesOf(layer);
  sortSpikesByNeuron(spikeStart, spikeIndex, inputs, steps, firstSpike, stepOfSpike);
  if (runsDense(layer)) {
    accumulateWeightGradientDense(firstSpike, stepOfSpike, inputs, outputs, gradient, weightGradient);
    if (preGradient) propagateGradientDense(weights, inputs, outputs, steps, gradient, preGradient);
  } else {
    accumulateWeightGradient(
      firstSpike,
      stepOfSpike,
      rowStart,
      column,
      inputs,
      outputs,
      gradient,
      weightGradient,
    );
    if (preGradient)
      propagateGradient(rowStart, column, weights, inputs, outputs, steps, gradient, preGradient);
  }
}

function slopes(
  potential: Float64Array,
  threshold: number,
  { derivative }: Surrogate,
  slope: Float64Array,
): void {
  for (let i = 0; i < potential.length; i++) slope[i] = derivative(potential[i] - threshold);
}

/** `starts` `[steps + 1]` receives where each step begins in the ascending list `step`. */
function startOfSteps(step: Uint32Array, steps: number, starts: Uint32Array): void {
  let e = 0;
  for (let t = 0; t < steps; t++) {
    starts[t] = e;
    while (e < step.length && step[e] === t) e++;
  }
  starts[steps] = e;
}

/** Zeros in a fuller layer cost less than a list of its synapses. */
function runsDense(layer: DenseLayer): boolean {
  return synapsesOf(layer).column.length > LIST_BELOW_DENSITY * layer.mask.length;
}

/** Clears, in place, what the dense loops computed for synapses that do not exist. */
function maskedGradient(gradient: Float64Array, { mask }: DenseLayer): Float64Array {
  for (let i = 0; i < mask.length; i++) if (mask[i] === 0) gradient[i] = 0;
  return gradient;
}

interface Synapses {
  readonly rowStart: Uint32Array;
  readonly column: Uint32Array;
}

const synapsesByMask = new WeakMap<Uint8Array, Synapses>();

/** The layer's synapses by pre neuron; computed once for every mask. */
function synapsesOf({ mask, inputs, outputs }: DenseLayer): Synapses {
  const known = synapsesByMask.get(mask);
  if (known !== undefined) return known;
  const rowStart = new Uint32Array(inputs + 1);
  const column = new Uint32Array(mask.reduce((sum, alive) => sum + alive, 0));
  let next = 0;
  for (let row = 0; row < inputs; row++) {
    rowStart[row] = next;
    for (let col = 0; col < outputs; col++) if (mask[row * outputs + col] !== 0) column[next++] = col;
  }
  rowStart[inputs] = next;
  const synapses = { rowStart, column };
  synapsesByMask.set(mask, synapses);
  return synapses;
}
