import type { Diagnostic } from "#util/diagnostic";

// Every message of this layer, one function each, in alphabetical order.

export function dataDoesNotFit(facts: {
  what: string;
  pixels: number;
  labels: number;
  inputs: number;
}): Diagnostic {
  const { what, pixels, labels, inputs } = facts;
  return {
    code: "train/data-does-not-fit",
    severity: "error",
    message: `the ${what} images need ${inputs} pixels for each of ${labels} labels, ${inputs * labels} in all, but there are ${pixels}.`,
    hint: `give the model as many inputs as an image has pixels, and one label for every image.`,
    data: { pixels, labels, inputs },
  };
}

export function labelOutOfRange(facts: {
  what: string;
  image: number;
  label: number;
  classes: number;
}): Diagnostic {
  const { what, image, label, classes } = facts;
  return {
    code: "train/label-out-of-range",
    severity: "error",
    message: `image ${image} of the ${what} images has the label ${label}, but the last layer has ${classes} neurons, for labels 0 to ${classes - 1}.`,
    subject: `${what}.labels[${image}]`,
    hint: `give the last layer ${label + 1} neurons or more, or mend the label.`,
    data: { image, label, classes },
  };
}

export function lossNotANumber(facts: { epoch: number; step: number }): Diagnostic {
  return {
    code: "train/loss-not-a-number",
    severity: "error",
    message: `the loss needs to be a number, but in training step ${facts.step} (epoch ${facts.epoch}) it is not.`,
    hint: `lower the learning rate.`,
    data: facts,
  };
}

export function optionOutOfRange(facts: { option: string; needed: string; value: unknown }): Diagnostic {
  const { option, needed, value } = facts;
  return {
    code: "train/option-out-of-range",
    severity: "error",
    message: `the option "${option}" needs ${needed}, but is ${String(value)}.`,
    subject: option,
    hint: `set "${option}" to ${needed}.`,
    data: { option, value },
  };
}

export function rateCodedFieldMissing(facts: { field: string; needed: string; found: string }): Diagnostic {
  const { field, needed, found } = facts;
  return {
    code: "train/rate-coded-field",
    severity: "error",
    message: `the field "${field}" of a rate-coded image file needs ${needed}, but there is ${found}.`,
    subject: field,
    hint: `write the file with "encodeRateCodedImages", or mend the field.`,
    data: { field },
  };
}

export function rateCodedNotReadable(facts: { reason: string; bytes: number }): Diagnostic {
  return {
    code: "train/rate-coded-not-readable",
    severity: "error",
    message: `a rate-coded image file needs to be JSON, plain or gzip, but the ${facts.bytes} bytes are not: ${facts.reason}.`,
    hint: `check that the file is complete and of this kind.`,
    data: facts,
  };
}

export function silentLayer(facts: { layer: string; epoch: number; synapses: number }): Diagnostic {
  const { layer, epoch, synapses } = facts;
  return {
    code: "train/silent-layer",
    severity: "error",
    message: `layer "${layer}" needs to spike to learn, but with its ${synapses} synapses it was silent through all of epoch ${epoch}.`,
    subject: `model.layers["${layer}"]`,
    hint: `lower the final sparsity of "${layer}" and of the layers before it, or raise their initGains.`,
    data: { layer, epoch, synapses },
  };
}

export function tensorflowMissing(facts: { reason: string }): Diagnostic {
  return {
    code: "train/tensorflow-missing",
    severity: "error",
    message: `the engine "tfjs" needs the package @tensorflow/tfjs, but it could not be loaded: ${facts.reason}.`,
    hint: `install it with "npm install @tensorflow/tfjs", or use the engine "arrays".`,
    data: facts,
  };
}
