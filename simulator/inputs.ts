import type { SpikeData } from "#ir/spikes";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import type { DiagnosticSink } from "#util/diagnostic";
import { inputNotFinite } from "./diagnostics-reference.ts";
import {
  inputMissing,
  inputNotBias,
  inputNotSpikes,
  inputOrder,
  inputOutside,
  inputShape,
  inputUnknown,
  noSamples,
  samplesDiffer,
  stepsMissing,
  stepsTooMany,
} from "./diagnostics.ts";

/** Model steps of one sample, and of all samples together: more would not fit into memory as they are recorded. */
const MAX_STEPS = 1_000_000;
const MAX_STEPS_IN_ALL = 30_000_000;

/** What a bias mantissa can hold. */
const { min: BIAS_MIN, max: BIAS_MAX } = loihiCubaModel.params.find(({ name }) => name === "biasMantissa")!;

/** How long to run, and over which samples. */
export interface RunLength {
  /** Model steps of one sample. */
  readonly steps: number;
  /** Samples [from, to) of the input. */
  readonly from: number;
  readonly to: number;
  /** `[input ports]`, largest number of spikes on one line in one step; 0 for ports that drive biases. */
  readonly largestValue: readonly number[];
}

/** What takes the data: a network or a deployment. */
export interface Receiver {
  readonly inputs: readonly {
    readonly name: string;
    readonly population: number;
    readonly drives?: "bias";
  }[];
  readonly populations: readonly { readonly shape: readonly number[] }[];
}

/**
 * Checks the data for every input port; every fault goes to the sink, one for each sample at most.
 *
 * @param values real numbers, or only whole numbers from 0 (spikes); ports that drive biases take bias mantissas
 */
export function checkInputs(
  receiver: Receiver,
  inputs: Readonly<Record<string, SpikeData>>,
  options: { readonly steps?: number; readonly samples?: readonly [from: number, to: number] },
  values: "real" | "spikes",
  sink: DiagnosticSink,
): RunLength {
  const ports = receiver.inputs.map((port) => port.name);
  const given = Object.keys(inputs);
  for (const name of given) if (!ports.includes(name)) sink.report(inputUnknown({ name, ports }));

  let steps = 0;
  let first: { name: string; samples: number } | undefined;
  const largestValue = receiver.inputs.map(({ name, population, drives }) => {
    if (!given.includes(name)) {
      sink.report(inputMissing({ port: name, given }));
      return 0;
    }
    const data = inputs[name];
    const samples = data.samples.length;
    first ??= { name, samples };
    if (samples !== first.samples)
      sink.report(samplesDiffer({ port: name, samples, other: first.name, otherSamples: first.samples }));
    steps = Math.max(steps, data.steps);

    const expected = receiver.populations[population].shape;
    if (!sameShape(expected, data.shape)) {
      sink.report(inputShape({ port: name, expected, given: data.shape }));
      return 0;
    }
    return checkEvents(name, data, drives ?? values, sink);
  });

  if (options.steps === undefined && first === undefined) sink.report(stepsMissing());
  const available = first?.samples ?? 1;
  const [from, to] = options.samples ?? [0, available];
  if (from < 0 || to > available || from > to) sink.report(noSamples({ from, to, available }));
  const length = options.steps ?? steps;
  const isCount = Number.isSafeInteger(length) && length >= 0;
  if (!isCount || length > MAX_STEPS || length * (to - from) > MAX_STEPS_IN_ALL) {
    const limits = { max: MAX_STEPS, maxInAll: MAX_STEPS_IN_ALL };
    sink.report(stepsTooMany({ steps: length, samples: to - from, ...limits }));
  }
  return { steps: length, from, to, largestValue };
}

/** Axes of length 1 do not count: they change no element's place. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const [left, right] = [a, b].map((shape) => shape.filter((extent) => extent !== 1));
  return left.length === right.length && left.every((extent, axis) => extent === right[axis]);
}

/** @returns largest sum of values on one line in one step; stops at the first fault of a sample */
function checkEvents(
  port: string,
  data: SpikeData,
  values: "real" | "spikes" | "bias",
  sink: DiagnosticSink,
): number {
  const { steps } = data;
  const size = data.shape.reduce((product, length) => product * length, 1);
  const lastStep = new Float64Array(size).fill(-1);
  const sum = new Float64Array(size);
  let largest = 0;
  data.samples.forEach((events, sample) => {
    lastStep.fill(-1);
    for (let e = 0; e < events.step.length; e++) {
      const step = events.step[e];
      const index = events.index[e];
      const value = events.value === undefined ? 1 : events.value[e];
      const place = { port, sample, step, index };
      if (step >= steps || !(index < size)) sink.report(inputOutside({ ...place, steps, size }));
      else if (e > 0 && step < events.step[e - 1]) sink.report(inputOrder({ port, sample, event: e }));
      else if (values === "spikes" && (!Number.isInteger(value) || value < 0))
        sink.report(inputNotSpikes({ ...place, value }));
      else if (values === "bias" && !(Number.isInteger(value) && value >= BIAS_MIN && value <= BIAS_MAX))
        sink.report(inputNotBias({ ...place, value, min: BIAS_MIN, max: BIAS_MAX }));
      else if (!Number.isFinite(value)) sink.report(inputNotFinite({ ...place, value }));
      else {
        if (values === "bias") continue;
        sum[index] = lastStep[index] === step ? sum[index] + value : value;
        lastStep[index] = step;
        if (sum[index] > largest) largest = sum[index];
        continue;
      }
      return;
    }
  });
  return largest;
}
