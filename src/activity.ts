// How often each neuron fires: written by a run, read by the mapping of the next compilation.
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import type { DiagnosticSink } from "#util/diagnostic";
import { activityOfAnother, activityUnreadable } from "./diagnostics.ts";

/** Mean spikes of every neuron and input line in a step, by population. */
export interface Activity {
  readonly schema: "spinec/activity/1";
  /** Only to tell files apart; what has to agree are populations and sizes. */
  readonly network: string;
  readonly samples: number;
  readonly steps: number;
  readonly populations: Readonly<Record<string, readonly number[]>>;
}

/**
 * The activity of a run. Populations whose membranes were read have none.
 *
 * @param spikes by population
 * @param inputs by input port
 */
export function activityOf(
  network: Network,
  spikes: Readonly<Record<string, SpikeData>>,
  inputs: Readonly<Record<string, SpikeData>>,
): Activity {
  const recorded = Object.entries(spikes);
  const samples = recorded.reduce((least, [, data]) => Math.min(least, data.samples.length), Infinity);
  const ports = network.inputs.flatMap(({ name, population, drives }) => {
    const data = inputs[name] as SpikeData | undefined;
    if (data === undefined || drives !== undefined) return [];
    return [[network.populations[population].name, data] as const];
  });
  const all = [...ports, ...recorded];
  return {
    schema: "spinec/activity/1",
    network: network.name,
    samples: Number.isFinite(samples) ? samples : 0,
    steps: all.reduce((most, [, data]) => Math.max(most, data.steps), 0),
    populations: Object.fromEntries(all.map(([name, data]) => [name, Array.from(meanSpikes(data, samples))])),
  };
}

/** Spikes count by their value where it is a whole number; other values are no spikes. */
function meanSpikes({ steps, shape, samples }: SpikeData, finished: number): Float64Array {
  const mean = new Float64Array(shape.reduce((size, extent) => size * extent, 1));
  const counted = samples.slice(0, finished);
  for (const { index, value } of counted)
    for (let i = 0; i < index.length; i++) {
      const spikes = value === undefined ? 1 : value[i];
      if (Number.isInteger(spikes) && spikes > 0) mean[index[i]] += spikes;
    }
  const observed = Math.max(1, counted.length * steps);
  return mean.map((total) => total / observed);
}

/**
 * Reads an activity file for a network, as `compile` wants it: by population, `[size]`.
 *
 * @returns undefined if it cannot be read or is of another network; the sink says why
 */
export function readActivity(
  text: string,
  fileName: string,
  network: Network,
  sink: DiagnosticSink,
): Readonly<Record<string, Float64Array>> | undefined {
  const file = parse(text);
  const given = file?.["populations"];
  if (file?.["schema"] !== "spinec/activity/1" || typeof given !== "object" || given === null) {
    sink.report(activityUnreadable({ file: fileName, schema: String(file?.["schema"] ?? "none") }));
    return undefined;
  }
  const rates: Record<string, Float64Array> = {};
  for (const [name, values] of Object.entries(given)) {
    const size = network.populations.find((population) => population.name === name)?.size;
    const isRate = (value: unknown): boolean => typeof value === "number" && value >= 0 && value < Infinity;
    if (!Array.isArray(values) || !values.every(isRate))
      sink.report(activityUnreadable({ file: fileName, schema: "spinec/activity/1", population: name }));
    else if (size === undefined || values.length !== size)
      sink.report(
        activityOfAnother({
          file: fileName,
          network: network.name,
          population: name,
          found: values.length,
          expected: size,
        }),
      );
    else rates[name] = Float64Array.from(values as number[]);
  }
  return sink.hasErrors ? undefined : rates;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
