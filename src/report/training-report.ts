import { formatCount, formatShare } from "#util/units";
import { textTable } from "./text-table.ts";

/** What a finished training run gave: `spinec train --json`, and `report.json` in its folder. */
export interface TrainingReport {
  readonly schema: "spinec/train/1";
  readonly generator: string;
  readonly name: string;
  /** As it was written, with what the command line changed. */
  readonly recipe: Readonly<Record<string, unknown>>;
  readonly data: {
    readonly name: string;
    readonly trainingSamples: number;
    readonly validationSamples: number;
    readonly testSamples: number;
  };
  readonly epochs: number;
  readonly optimizerSteps: number;
  /** Of the last epoch, while the weights changed. */
  readonly training: { readonly loss: number; readonly accuracyShare: number };
  readonly validation?: { readonly loss: number; readonly accuracyShare: number };
  readonly test?: { readonly loss: number; readonly accuracyShare: number };
  readonly density: {
    readonly share: number;
    readonly nonzero: number;
    readonly weights: number;
    readonly layers: readonly {
      readonly layer: string;
      readonly nonzero: number;
      readonly weights: number;
    }[];
  };
  /** Of the test samples, or of those that were watched. */
  readonly spikesPerSample: readonly {
    readonly layer: string;
    readonly spikes: number;
    readonly neurons: number;
  }[];
  readonly operationsPerSample: readonly {
    readonly layer: string;
    readonly kind: "synaptic" | "multiply";
    readonly operations: number;
  }[];
  /** Where the density had to be searched. */
  readonly search?: {
    readonly option: string;
    readonly value: number;
    readonly targetShare: number;
    readonly probes: readonly { readonly value: number; readonly densityShare: number }[];
  };
  /** Of the network that was written, where channels were taken out. */
  readonly removedWeights?: number;
  /** Names in the run's folder. */
  readonly files: readonly string[];
  /** Of the process that finished the run. */
  readonly seconds: number;
}

/** The same for people. */
export function trainingReportText(report: TrainingReport): string[] {
  const { data, density, training, validation, test, search } = report;
  const operations = new Map(report.operationsPerSample.map((entry) => [entry.layer, entry]));
  return [
    `${report.name}: ${formatCount(report.epochs)} epochs on ${data.name}, ${formatCount(data.trainingSamples)} samples, ${report.seconds.toFixed(1)} s`,
    `accuracy: ${formatShare(training.accuracyShare)} of the training samples (last epoch, while learning)`,
    ...(validation === undefined
      ? []
      : [
          `          ${formatShare(validation.accuracyShare)} of ${formatCount(data.validationSamples)} watched samples`,
        ]),
    ...(test === undefined
      ? []
      : [`          ${formatShare(test.accuracyShare)} of ${formatCount(data.testSamples)} test samples`]),
    `density:  ${formatShare(density.share)}, ${formatCount(density.nonzero)} of ${formatCount(density.weights)} prunable weights`,
    ...(search === undefined
      ? []
      : [
          `          searched for ${formatShare(search.targetShare)}: ${search.option} = ${Number(search.value.toPrecision(4))} after ${search.probes.length} runs`,
        ]),
    ...(report.removedWeights === undefined
      ? []
      : [
          `          ${formatCount(report.removedWeights)} weights of dead channels were taken out of the files`,
        ]),
    "",
    ...textTable(
      [
        { heading: "layer" },
        { heading: "weights", align: "right" },
        { heading: "left", align: "right" },
        { heading: "density", align: "right" },
        { heading: "operations per sample", align: "right" },
      ],
      density.layers.map(({ layer, nonzero, weights }) => {
        const work = operations.get(layer);
        return [
          layer,
          formatCount(weights),
          formatCount(nonzero),
          formatShare(nonzero / weights),
          work === undefined
            ? "–"
            : `${formatCount(Math.round(work.operations))} ${work.kind === "synaptic" ? "additions" : "multiplications"}`,
        ];
      }),
    ),
  ];
}
