import type { Network } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { DiagnosticSink } from "#util/diagnostic";
import { inputNotFinite } from "./diagnostics-reference.ts";
import {
  inputMissing,
  inputNotSpikes,
  inputOrder,
  inputOutside,
  inputShape,
  inputUnknown,
  noSamples,
  samplesDiffer,
  stepsMissing,
} from "./diagnostics.ts";

/** How long a reference runs, and over which samples. */
export interface ReferenceLength {
  readonly steps: number;
  /** Samples [from, to) of the input. */
  readonly from: number;
  readonly to: number;
}

/**
 * Checks the data for every input port of a network; every fault goes to the sink, one for each sample at most.
 *
 * @param values real numbers, or only whole numbers from 0 (spikes)
 */
export function checkReferenceInputs(
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  options: { readonly steps?: number; readonly samples?: readonly [from: number, to: number] },
  values: "real" | "spikes",
  sink: DiagnosticSink,
): ReferenceLength {
  const ports = network.inputs.map((port) => port.name);
  const given = Object.keys(inputs);
  for (const name of given) if (!ports.includes(name)) sink.report(inputUnknown({ name, ports }));

  let steps = 0;
  let first: { name: string; samples: number } | undefined;
  for (const { name, population } of network.inputs) {
    if (!given.includes(name)) {
      sink.report(inputMissing({ port: name, given }));
      continue;
    }
    const data = inputs[name];
    const samples = data.samples.length;
    first ??= { name, samples };
    if (samples !== first.samples)
      sink.report(samplesDiffer({ port: name, samples, other: first.name, otherSamples: first.samples }));
    steps = Math.max(steps, data.steps);
    const expected = network.populations[population].shape;
    if (sameShape(expected, data.shape)) checkEvents(name, data, values, sink);
    else sink.report(inputShape({ port: name, expected, given: data.shape }));
  }

  if (options.steps === undefined && first === undefined) sink.report(stepsMissing());
  const available = first?.samples ?? 1;
  const [from, to] = options.samples ?? [0, available];
  if (from < 0 || to > available || from > to) sink.report(noSamples({ from, to, available }));
  return { steps: options.steps ?? steps, from, to };
}

/** Axes of length 1 do not count: they change no element's place. */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const [left, right] = [a, b].map((shape) => shape.filter((extent) => extent !== 1));
  return left.length === right.length && left.every((extent, axis) => extent === right[axis]);
}

function checkEvents(port: string, data: SpikeData, values: "real" | "spikes", sink: DiagnosticSink): void {
  const { steps } = data;
  const size = data.shape.reduce((product, extent) => product * extent, 1);
  data.samples.forEach((events, sample) => {
    for (let e = 0; e < events.step.length; e++) {
      const step = events.step[e];
      const index = events.index[e];
      const value = events.value === undefined ? 1 : events.value[e];
      const place = { port, sample, step, index };
      if (step >= steps || !(index < size)) sink.report(inputOutside({ ...place, steps, size }));
      else if (e > 0 && step < events.step[e - 1]) sink.report(inputOrder({ port, sample, event: e }));
      else if (!Number.isFinite(value)) sink.report(inputNotFinite({ ...place, value }));
      else if (values === "spikes" && (!Number.isInteger(value) || value < 0))
        sink.report(inputNotSpikes({ ...place, value }));
      else continue;
      return;
    }
  });
}

/** Reads the events of one sample, step by step. */
export interface InputFeed {
  /** Adds the values of a step to `target`, `[size]`. Steps are asked for in ascending order. */
  readonly add: (step: number, target: Float64Array) => void;
}

/** A feed of one sample; data that end earlier are followed by zeros. */
export function feedOf(events: SpikeEvents): InputFeed {
  let next = 0;
  return {
    add(step, target) {
      while (next < events.step.length && events.step[next] < step) next++;
      for (; next < events.step.length && events.step[next] === step; next++) {
        target[events.index[next]] += events.value === undefined ? 1 : events.value[next];
      }
    },
  };
}
