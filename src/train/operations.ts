// Synaptic operations of an inference: one spike over one surviving synapse.
import type { Backend, Floats } from "./engine/backend.ts";
import type { Executor } from "./engine/executor.ts";
import type { GraphPlan, PlannedLayer } from "./graph.ts";
import { sizeOf } from "./graph.ts";
import { parameterOf, type Parameters } from "./parameters.ts";

/**
 * - `synaptic`: the input is spikes; operations = Σ over steps and neurons of spikes · surviving synapses that leave the neuron.
 *   Behind average pooling a value of 1/area is one event; behind a residual ADD a value of 2 is two.
 * - `multiply`: the input is real numbers; operations = surviving synapses used, once if the input is the same in all steps.
 */
export type OperationKind = "synaptic" | "multiply";

export interface LayerOperations {
  readonly layer: string;
  readonly kind: OperationKind;
  /** Sum over all samples seen. */
  operations: number;
}

/** Adds up the operations of batches as they come. */
export interface OperationCounter {
  readonly layers: readonly LayerOperations[];
  /** After a forward pass of `batch` samples. */
  count(executor: Executor, input: Floats, batch: number): void;
}

/** Weights must not change while the counter is in use; `scratch` has a place for every unit of the widest layer. Method: methods.md 8, by fan-out per neuron; equal to the brute-force count. */
export function createOperationCounter(
  plan: GraphPlan,
  parameters: Parameters,
  backend: Backend,
  scratch: Floats,
  steps: number,
  inputIsSpikes: boolean,
): OperationCounter {
  const events = eventsPerUnit(plan, inputIsSpikes);
  const counted = plan.layers.flatMap((planned, index) => {
    const weight = parameterOf(parameters, planned.layer.name, "weight");
    if (weight === undefined) return [];
    const from = planned.inputs[0];
    const perUnit = from < 0 ? (inputIsSpikes ? 1 : undefined) : events[from];
    const kind: OperationKind = perUnit === undefined ? "multiply" : "synaptic";
    const fanOut = fanOutOf(planned, weight.value);
    const sums = scratch.subarray(0, fanOut.length);
    const result: LayerOperations = { layer: planned.layer.name, kind, operations: 0 };
    return [{ index, from, perUnit, fanOut, sums, planned, result }];
  });
  return {
    layers: counted.map(({ result }) => result),
    count: (executor, input, batch) => {
      for (const { from, perUnit, fanOut, sums, planned, result } of counted) {
        if (perUnit === undefined) {
          const times = planned.isStatic ? 1 : steps;
          result.operations += batch * times * fanOut.reduce((sum, n) => sum + n, 0);
          continue;
        }
        const x = from < 0 ? input : executor.activation(from);
        const rows = (planned.isStatic ? 1 : steps) * batch;
        backend.channelSums(x.subarray(0, rows * fanOut.length), sums, rows, fanOut.length, 1);
        for (let i = 0; i < fanOut.length; i++) result.operations += sums[i] * perUnit * fanOut[i];
      }
    },
  };
}

/** For every layer: how many events a value of 1 at its output stands for; undefined where the output is not spikes. */
function eventsPerUnit(plan: GraphPlan, inputIsSpikes: boolean): readonly (number | undefined)[] {
  const result: (number | undefined)[] = [];
  for (const { layer, inputs } of plan.layers) {
    const before = inputs.map((i) => (i < 0 ? (inputIsSpikes ? 1 : undefined) : result[i]));
    const same = before.every((events) => events === before[0]) ? before[0] : undefined;
    switch (layer.op) {
      case "neuron":
        result.push(1);
        break;
      case "average-pool":
        result.push(before[0] === undefined ? undefined : before[0] * layer.kernel[0] * layer.kernel[1]);
        break;
      case "voting":
        result.push(before[0] === undefined ? undefined : before[0] * layer.groupSize);
        break;
      case "max-pool":
      case "flatten":
      case "dropout":
      case "add":
      case "concat":
        result.push(same);
        break;
      case "linear":
      case "conv2d":
      case "batch-norm":
      case "relu":
        result.push(undefined);
    }
  }
  return result;
}

/** Surviving synapses that leave each input unit; border units of a convolution have fewer. */
export function fanOutOf(planned: PlannedLayer, weight: Floats): Float64Array {
  const { layer, inputShapes, outputShape } = planned;
  const fanOut = new Float64Array(sizeOf(inputShapes[0]));
  if (layer.op === "linear") {
    for (let i = 0; i < weight.length; i++) if (weight[i] !== 0) fanOut[i % fanOut.length]++;
    return fanOut;
  }
  if (layer.op !== "conv2d") return fanOut;
  const [inChannels, inHeight, inWidth] = inputShapes[0];
  const [outChannels, outHeight, outWidth] = outputShape;
  const [kernelHeight, kernelWidth] = layer.kernel;
  const groupIn = inChannels / layer.groups;
  const groupOut = outChannels / layer.groups;
  // Alive kernel taps of every input channel and place, over the output channels that see it.
  const taps = new Float64Array(inChannels * kernelHeight * kernelWidth);
  const kernelSize = kernelHeight * kernelWidth;
  for (let o = 0; o < outChannels; o++) {
    const first = Math.floor(o / groupOut) * groupIn;
    for (let i = 0; i < groupIn * kernelSize; i++)
      if (weight[o * groupIn * kernelSize + i] !== 0) taps[first * kernelSize + i]++;
  }
  for (let c = 0; c < inChannels; c++)
    for (let ky = 0; ky < kernelHeight; ky++)
      for (let kx = 0; kx < kernelWidth; kx++) {
        const alive = taps[(c * kernelHeight + ky) * kernelWidth + kx];
        if (alive === 0) continue;
        for (let oy = 0; oy < outHeight; oy++) {
          const y = oy * layer.stride[0] - layer.padding[0] + ky;
          if (y < 0 || y >= inHeight) continue;
          for (let ox = 0; ox < outWidth; ox++) {
            const x = ox * layer.stride[1] - layer.padding[1] + kx;
            if (x >= 0 && x < inWidth) fanOut[(c * inHeight + y) * inWidth + x] += alive;
          }
        }
      }
  return fanOut;
}
