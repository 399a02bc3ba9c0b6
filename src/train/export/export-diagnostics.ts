import type { Diagnostic } from "#util/diagnostic";

// Messages about turning a trained model into a network of neurons, in alphabetical order.

export function exportAnalogInput(facts: { model: string; values: number }): Diagnostic {
  return {
    code: "train/export-analog-input",
    severity: "note",
    message: `"${facts.model}" was trained on images as they are: its input sends ${facts.values} real values in every step, which simulators take and chips do not.`,
    hint: `export with a rate-encoded input for chips that take spikes only.`,
    data: facts,
  };
}

export function exportInputCoding(facts: { model: string }): Diagnostic {
  return {
    code: "train/export-input-coding",
    severity: "error",
    message: `"${facts.model}" was trained on spikes, but is to be exported with a rate-encoded input, which is for models that were trained on images as they are.`,
    hint: `leave the input's coding out: these spikes are what the network takes.`,
    data: facts,
  };
}

export function exportInputDeviation(facts: { mean: number; deviation: number }): Diagnostic {
  const { mean, deviation } = facts;
  return {
    code: "train/export-input-deviation",
    severity: "error",
    message: `a rate-encoded input needs the finite mean and the deviation above 0 that images were normalised with, but gets ${mean} and ${deviation}.`,
    hint: `give the mean and deviation of the training run's encoder.`,
    data: facts,
  };
}

export function exportMaxPoolOfInput(facts: { layer: string }): Diagnostic {
  return {
    code: "train/export-max-pool-input",
    severity: "error",
    message: `the max-pool layer "${facts.layer}" needs inputs of 0 and 1, and nothing says that the data are.`,
    subject: `model.layers["${facts.layer}"]`,
    hint: `say that the input is binary if it is, or use average pooling.`,
    data: facts,
  };
}

export function exportMaxPoolOfValues(facts: { layer: string; input: string }): Diagnostic {
  const { layer, input } = facts;
  return {
    code: "train/export-max-pool",
    severity: "error",
    message: `the max-pool layer "${layer}" needs spikes of 0 and 1, but "${input}" gives other values; neurons compute a maximum of spikes only.`,
    subject: `model.layers["${layer}"]`,
    hint: `put "${layer}" behind the neurons, or use average pooling.`,
    data: facts,
  };
}

export function exportMaxPoolNeurons(facts: { layer: string; neurons: number }): Diagnostic {
  const { layer, neurons } = facts;
  return {
    code: "train/export-max-pool-neurons",
    severity: "note",
    message: `the max-pool layer "${layer}" became ${neurons} neurons that fire when any neuron of their window does: the same spikes, a population more.`,
    subject: `model.layers["${layer}"]`,
    data: facts,
  };
}

export function exportNotFinite(facts: { name: string; count: number }): Diagnostic {
  const { name, count } = facts;
  return {
    code: "train/export-not-finite",
    severity: "error",
    message: `"${name}" holds ${count} ${count === 1 ? "number that is" : "numbers that are"} not finite; a network needs finite ones.`,
    subject: `model.values["${name}"]`,
    hint: `take a checkpoint from before the training diverged, and lower the learning rate.`,
    data: facts,
  };
}

export function exportRateEncoded(facts: { model: string; mean: number; deviation: number }): Diagnostic {
  const { model, mean, deviation } = facts;
  return {
    code: "train/export-rate-encoded",
    severity: "note",
    message: `"${model}" was trained on images as they are and gets the spikes of their rate code instead, normalisation (mean ${mean}, deviation ${deviation}) included in the first weights: an approximation, so its spikes and its accuracy are not those of the training.`,
    hint: `measure the accuracy of the exported network, or train with the encoder "rate-encode".`,
    data: facts,
  };
}

export function exportReadout(facts: { layer: string; op: string; population: string }): Diagnostic {
  const { layer, op, population } = facts;
  return {
    code: "train/export-readout",
    severity: "note",
    message: `the last layer "${layer}" (${op}) gives values, so "${population}" was added: neurons that never fire and whose membrane is that value in each step. The class is the one with the largest sum over the steps.`,
    subject: `model.layers["${layer}"]`,
    data: facts,
  };
}

export function exportRelu(facts: { layer: string }): Diagnostic {
  return {
    code: "train/export-relu",
    severity: "note",
    message: `the relu layer "${facts.layer}" stays a rectifier that sends values: simulators take it, chips do not.`,
    subject: `model.layers["${facts.layer}"]`,
    hint: `use a neuron layer in its place for a chip.`,
    data: facts,
  };
}
