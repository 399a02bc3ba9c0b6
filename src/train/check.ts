import type { DiagnosticSink } from "#util/diagnostic";
import type { LabelledImages } from "./datasets/images.ts";
import { dataDoesNotFit, labelOutOfRange, optionOutOfRange } from "./diagnostics.ts";
import type { SpikingMlp } from "./model.ts";
import type { TrainingOptions } from "./trainer.ts";

/** Reports every option that training cannot work with. */
export function checkOptions(options: TrainingOptions, model: SpikingMlp, sink: DiagnosticSink): void {
  const expect = (holds: boolean, option: string, needed: string, value: unknown): void => {
    if (!holds) sink.report(optionOutOfRange({ option, needed, value }));
  };
  for (const option of ["epochs", "batchSize", "steps"] as const) {
    const value = options[option];
    expect(Number.isInteger(value) && value >= 1, option, "a whole number from 1", value);
  }
  expect(Number.isInteger(options.seed), "seed", "a whole number", options.seed);
  expect(options.learningRate > 0, "learningRate", "a number above 0", options.learningRate);
  expect(options.weightDecay >= 0, "weightDecay", "a number from 0", options.weightDecay);
  expect(options.rule.countGain > 0, "rule.countGain", "a number above 0", options.rule.countGain);

  const { pruning } = options;
  if (!pruning) return;
  const layers = model.layers.length;
  const shares = pruning.finalSparsity;
  expect(shares.length === layers, "pruning.finalSparsity", `${layers} shares, one per layer`, shares.length);
  shares.forEach((share, l) =>
    expect(share >= 0 && share < 1, `pruning.finalSparsity[${l}]`, "a share from 0 to below 1", share),
  );
  const { beginShare, endShare, everySteps } = pruning;
  expect(beginShare >= 0 && beginShare < 1, "pruning.beginShare", "a share from 0 to below 1", beginShare);
  expect(
    endShare > beginShare && endShare <= 1,
    "pruning.endShare",
    `a share above ${beginShare}, up to 1`,
    endShare,
  );
  expect(
    Number.isInteger(everySteps) && everySteps >= 1,
    "pruning.everySteps",
    "a whole number from 1",
    everySteps,
  );
}

/** Reports images that the model has no inputs or no outputs for. */
export function checkImages(
  images: LabelledImages,
  what: "training" | "validation",
  model: SpikingMlp,
  sink: DiagnosticSink,
): void {
  const { inputs } = model.layers[0];
  const classes = model.layers[model.layers.length - 1].outputs;
  const labels = images.labels.length;
  if (labels === 0 || images.pixels.length !== inputs * labels)
    sink.report(dataDoesNotFit({ what, pixels: images.pixels.length, labels, inputs }));
  const image = images.labels.findIndex((label) => label >= classes);
  if (image >= 0) sink.report(labelOutOfRange({ what, image, label: images.labels[image], classes }));
}
