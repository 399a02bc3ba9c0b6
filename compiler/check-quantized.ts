import type { Network, Population, Projection, WeightQuantization } from "#ir/network";
import { findNeuronModel } from "#neurons/index";
import type { Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import {
  delayOutOfRange,
  modelNotOnTarget,
  notQuantized,
  parameterOutOfRange,
  weightOutOfRange,
} from "./diagnostics.ts";

/** Reports what keeps a network from being mapped as it is: everything that `quantize` and `align-delays` see to. */
export function checkQuantized(network: Network, target: Target, sink: DiagnosticSink): void {
  for (const population of network.populations) checkPopulation(population, target, sink);
  for (const projection of network.projections) checkProjection(projection, target, sink);
}

function checkPopulation(
  { name, model, size, params }: Population,
  target: Target,
  sink: DiagnosticSink,
): void {
  if (model === "input") return;
  const spec = findNeuronModel(model);
  if (spec === undefined || !target.neuronModels.includes(model)) {
    sink.report(
      modelNotOnTarget({ population: name, model, target: target.name, models: target.neuronModels }),
    );
    return;
  }
  for (const { name: parameter, min, max, default: fallback, isReal } of spec.params) {
    const values = params[parameter] as Float64Array | undefined;
    if (values === undefined && fallback !== undefined) continue;
    const wrong =
      values?.findIndex((value) => !((isReal || Number.isInteger(value)) && value >= min && value <= max)) ??
      0;
    if (wrong < 0 || wrong >= size) continue;
    const value = values?.[wrong] ?? NaN;
    sink.report(parameterOutOfRange({ population: name, parameter, neuron: wrong, value, min, max }));
  }
}

function checkProjection(projection: Projection, target: Target, sink: DiagnosticSink): void {
  const { name, delaySteps, quantization, connectivity } = projection;
  const max = target.maxDelaySteps.value;
  if (!(Number.isInteger(delaySteps) && delaySteps >= 1 && delaySteps <= max))
    sink.report(delayOutOfRange({ projection: name, delaySteps, max }));
  if (quantization === undefined) {
    sink.report(notQuantized({ projection: name }));
    return;
  }
  const values = connectivity.kind === "kernel" ? connectivity.weights : connectivity.values;
  const { weightBits, signMode } = quantization;
  for (let i = 0; i < values.length; i++) {
    if (isStorable(values[i], quantization, target)) continue;
    sink.report(weightOutOfRange({ projection: name, value: values[i], weightBits, signMode }));
    return;
  }
}

/** Whether a weight is in the range of its sign mode, and on its grid: each bit less doubles the step, and so do mixed signs where they cost a bit. */
function isStorable(
  value: number,
  { signMode, weightBits, axonType }: WeightQuantization,
  { weights }: Target,
): boolean {
  // One of the numbers that add up to a weight: verification knows how wide they are.
  if (axonType !== undefined) return Number.isInteger(value);
  const fullBits = weights.bits[weights.bits.length - 1];
  const step = 2 ** (fullBits - weightBits) * (signMode === "mixed" ? (weights.mixedStep ?? 2) : 1);
  const min = signMode === "mixed" ? weights.minMixed : signMode === "excitatory" ? 0 : -weights.maxMagnitude;
  const max = signMode === "inhibitory" ? 0 : weights.maxMagnitude;
  return value % step === 0 && value >= min && value <= max;
}
