import assert from "node:assert/strict";
import { test } from "vitest";
import * as diagnostics from "#train/diagnostics";
import { formatDiagnostic } from "#util/diagnostic";

test("the messages of training read like this", () => {
  const texts = [
    diagnostics.dataDoesNotFit({ what: "training", pixels: 100, labels: 3, inputs: 36 }),
    diagnostics.lossNotANumber({ epoch: 2, step: 31 }),
    diagnostics.optionOutOfRange({ option: "epochs", needed: "a whole number from 1", value: 0.5 }),
    diagnostics.silentLayer({ layer: "fc2", epoch: 4, synapses: 12 }),
    diagnostics.tensorflowMissing({ reason: "not found" }),
  ].map(formatDiagnostic);
  assert.deepEqual(texts, [
    [
      "error[train/data-does-not-fit]: the training images need 36 pixels for each of 3 labels, 108 in all, but there are 100.",
      "  try: give the model as many inputs as an image has pixels, and one label for every image.",
    ].join("\n"),
    [
      "error[train/loss-not-a-number]: the loss needs to be a number, but in training step 31 (epoch 2) it is not.",
      "  try: lower the learning rate.",
    ].join("\n"),
    [
      'error[train/option-out-of-range]: the option "epochs" needs a whole number from 1, but is 0.5.',
      "  at epochs",
      '  try: set "epochs" to a whole number from 1.',
    ].join("\n"),
    [
      'error[train/silent-layer]: layer "fc2" needs to spike to learn, but with its 12 synapses it was silent through all of epoch 4.',
      '  at model.layers["fc2"]',
      '  try: lower the final sparsity of "fc2" and of the layers before it, or raise their initGains.',
    ].join("\n"),
    [
      'error[train/tensorflow-missing]: the engine "tfjs" needs the package @tensorflow/tfjs, but it could not be loaded: not found.',
      '  try: install it with "npm install @tensorflow/tfjs", or use the engine "arrays".',
    ].join("\n"),
  ]);
});
