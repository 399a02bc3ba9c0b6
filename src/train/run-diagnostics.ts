import type { Diagnostic } from "#util/diagnostic";

// What can go wrong with a training run, in alphabetical order.

export function checkpointOfAnotherRun(facts: { what: string; needed: string; found: string }): Diagnostic {
  return {
    code: "train/checkpoint-of-another-run",
    severity: "error",
    message: `the checkpoint does not belong to this run: its ${facts.what} is ${facts.found}, but the recipe needs ${facts.needed}.`,
    hint: `resume with the recipe that wrote the checkpoint, or start anew in another folder.`,
    data: facts,
  };
}

export function dataShapeMismatch(facts: {
  data: string;
  shape: readonly number[];
  needed: readonly number[];
}): Diagnostic {
  const { data, shape, needed } = facts;
  return {
    code: "train/data-shape",
    severity: "error",
    message: `the model needs samples of shape [${needed.join(", ")}], but those of "${data}" are [${shape.join(", ")}].`,
    subject: "model.inputShape",
    hint: `set the model's input shape to [${shape.join(", ")}] (the number of values may stay: [784] and [1, 28, 28] are the same).`,
    data: { data, shape, needed },
  };
}

export function deadLayer(facts: {
  layer: string;
  weights: number;
  epoch: number;
  step: number;
}): Diagnostic {
  const { layer, weights, epoch, step } = facts;
  return {
    code: "train/dead-layer",
    severity: "error",
    message: `layer "${layer}" has none of its ${weights} weights left after step ${step} (epoch ${epoch}): no spike passes it, no gradient comes back, nothing can regrow.`,
    subject: `model.layers["${layer}"]`,
    hint: `prune less: lower the method's threshold or penalty, or ask for a higher density.`,
    data: facts,
  };
}

export function encoderNeeds(facts: {
  encoder: string;
  needed: string;
  data: string;
  found: string;
}): Diagnostic {
  const { encoder, needed, data, found } = facts;
  return {
    code: "train/encoder-does-not-fit",
    severity: "error",
    message: `the encoder "${encoder}" needs ${needed}, but "${data}" has ${found}.`,
    subject: "encoder",
    hint: `take "events" for event streams, and "direct", "rate" or "rate-encode" for images.`,
    data: facts,
  };
}

export function labelsDoNotFit(facts: { data: string; classes: number; outputs: number }): Diagnostic {
  const { data, classes, outputs } = facts;
  return {
    code: "train/classes-do-not-fit",
    severity: "error",
    message: `"${data}" has ${classes} classes, but the model reads out ${outputs} numbers.`,
    subject: "model.output",
    hint: `give the last layer ${classes} outputs.`,
    data: facts,
  };
}

export function lossNotANumber(facts: { epoch: number; step: number; learningRate: number }): Diagnostic {
  return {
    code: "train/loss-not-a-number",
    severity: "error",
    message: `the loss needs to be a number, but in training step ${facts.step} (epoch ${facts.epoch}, learning rate ${facts.learningRate}) it is not.`,
    hint: `lower the learning rate.`,
    data: facts,
  };
}

export function methodOptions(facts: { method: string; option: string; fault: string }): Diagnostic {
  const { method, option, fault } = facts;
  return {
    code: "train/method-option",
    severity: "error",
    message: `the method "${method}" does not take its options as they are${option === "" ? "" : ` ("${option}")`}: ${fault}.`,
    subject: option === "" ? "method" : `method.${option}`,
    hint: `mend the option; "spinec train --list" names the options of every method.`,
    data: facts,
  };
}

export function noSamples(facts: { data: string }): Diagnostic {
  return {
    code: "train/no-samples",
    severity: "error",
    message: `"${facts.data}" needs at least one sample, but has none.`,
    subject: "data",
    hint: `raise the limit, or choose other data.`,
    data: facts,
  };
}

export function silentLayer(facts: { layer: string; epochs: number; epoch: number }): Diagnostic {
  return {
    code: "train/silent-layer",
    severity: "error",
    message: `the neurons of "${facts.layer}" gave no spike at the end of ${facts.epochs} epochs in a row, the last one epoch ${facts.epoch}.`,
    subject: `model.layers["${facts.layer}"]`,
    hint: `prune less, lower the threshold of "${facts.layer}", or add batch normalisation before it.`,
    data: facts,
  };
}

export function unknownLayer(facts: { layer: string; known: readonly string[] }): Diagnostic {
  return {
    code: "train/unknown-layer",
    severity: "error",
    message: `"${facts.layer}" is to be pruned, but the model has no weight layer of this name.`,
    subject: "method.layers",
    hint: `name some of: ${facts.known.join(", ")}.`,
    data: facts,
  };
}

export function weightsNotFinite(facts: {
  parameter: string;
  epoch: number;
  step: number;
  learningRate: number;
}): Diagnostic {
  return {
    code: "train/weights-not-finite",
    severity: "error",
    message: `the numbers of "${facts.parameter}" need to be finite, but after training step ${facts.step} (epoch ${facts.epoch}, learning rate ${facts.learningRate}) they are not.`,
    subject: facts.parameter,
    hint: `lower the learning rate.`,
    data: facts,
  };
}
