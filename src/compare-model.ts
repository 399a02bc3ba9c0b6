// The model as it was read beside the chip: changed spikes, NeuroBench columns, the model's own outputs.
import type { Network } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { changedSpikes } from "#report/changed-spikes";
import type { ChangedSpikes } from "#report/run-report";
import { createNeuroBenchCounter, type NeuroBenchColumns } from "#simulator/neurobench";
import { simulateModelReference } from "#simulator/reference-model";
import type { OnProgress } from "#util/progress";
import { ofMappedNeurons } from "./removed-neurons.ts";

export interface ModelComparison {
  readonly changedSpikes: readonly ChangedSpikes[];
  readonly neurobench: NeuroBenchColumns;
  /** What the model gives at the population that was asked for. */
  readonly output?: SpikeData;
}

/** The reference's recordings of so many samples are in memory at a time. */
const BATCH_SAMPLES = 64;

/**
 * Runs the model's reference on everything the chip ran, a batch of samples at a time.
 *
 * @param chip   recorded spikes of the chip, by population; only these are recorded of the model
 * @param mapped what the chip runs: neurons that were removed are not compared
 * @param output population of which the model's spikes are returned
 * @throws ToolchainError for everything wrong with the inputs
 */
export function compareWithModel(
  model: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  modelSteps: number,
  chip: Readonly<Record<string, SpikeData>>,
  mapped: Network,
  output?: string,
  onProgress?: OnProgress,
): ModelComparison {
  const names = new Set(model.populations.map((population) => population.name));
  const shared = Object.entries(chip).filter(([name]) => names.has(name));
  const samples = Math.max(...Object.values(inputs).map((data) => data.samples.length));
  const counter = createNeuroBenchCounter(model);
  const changes: ChangedSpikes[][] = [];
  const outputSamples: SpikeEvents[] = [];
  let outputData: SpikeData | undefined;
  for (let from = 0; from < samples; from += BATCH_SAMPLES) {
    const to = Math.min(samples, from + BATCH_SAMPLES);
    const recorded = simulateModelReference(
      model,
      inputs,
      {
        steps: modelSteps,
        samples: [from, to],
        record: shared.map(([name]) => name),
        observe: counter.observe,
      },
      (_, done) => onProgress?.("reference", from + done, samples),
    );
    const chipBatch = shared.map(([name, data]): [string, SpikeData] => [
      name,
      { ...data, samples: data.samples.slice(from, to) },
    ]);
    changes.push(changedSpikes(ofMappedNeurons(mapped, recorded), Object.fromEntries(chipBatch)));
    outputData = output === undefined ? undefined : recorded[output];
    for (const events of outputData?.samples ?? []) outputSamples.push(events);
  }
  return {
    changedSpikes: summed(changes),
    neurobench: counter.columns(),
    ...(outputData !== undefined && { output: { ...outputData, samples: outputSamples } }),
  };
}

/** Populations that gave spikes, not values, in every batch. */
function summed(batches: readonly (readonly ChangedSpikes[])[]): ChangedSpikes[] {
  return (batches[0] ?? []).flatMap(({ population }): ChangedSpikes[] => {
    const parts = batches.flatMap((batch) => batch.filter((change) => change.population === population));
    if (parts.length < batches.length) return [];
    const total = (field: "modelSpikes" | "chipSpikes" | "differing"): number =>
      parts.reduce((sum, part) => sum + part[field], 0);
    return [
      {
        population,
        modelSpikes: total("modelSpikes"),
        chipSpikes: total("chipSpikes"),
        differing: total("differing"),
      },
    ];
  });
}
