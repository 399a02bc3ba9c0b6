// Every message of the ONNX exporter, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";

export function delayedOutput(facts: { output: string; hardwareSteps: number }): Diagnostic {
  const { output, hardwareSteps } = facts;
  return {
    code: "onnx-export/hardware-steps",
    severity: "note",
    message: `steps are those of the chip: what goes in at step t comes out of "${output}" from step t + ${hardwareSteps} on.`,
    subject: `network.outputs["${output}"]`,
    hint: `feed ${hardwareSteps} steps of zeros after the input.`,
    data: facts,
  };
}

export function inputDrivesBias(facts: { input: string }): Diagnostic {
  return {
    code: "onnx-export/input-drives-bias",
    severity: "error",
    message: `input "${facts.input}" sets the bias registers of its neurons, for which the graph has no input.`,
    subject: `network.inputs["${facts.input}"]`,
    hint: "export a network whose inputs send spikes.",
    data: facts,
  };
}

export function instantLoop(facts: { populations: readonly string[] }): Diagnostic {
  const names = facts.populations.map((name) => `"${name}"`).join(", ");
  return {
    code: "onnx-export/instant-loop",
    severity: "error",
    message: `${names} feed each other within one step, so there is no order to compute them in.`,
    hint: "give one projection of the loop a delay of at least 1 step.",
    data: facts,
  };
}

export function modelWithoutForm(facts: {
  population: string;
  model: string;
  semantics: "float" | "loihi1-int";
}): Diagnostic {
  const { population, model, semantics } = facts;
  return {
    code: "onnx-export/model-without-form",
    severity: "error",
    message: `population "${population}" is of model "${model}", which has no form in ${semantics === "float" ? "a graph of real numbers" : "a graph of Loihi 1's integers"}.`,
    subject: `network.populations["${population}"]`,
    hint:
      model === "loihi-cuba"
        ? "export with --semantics loihi1-int."
        : "export the network with another neuron model in its place.",
    data: facts,
  };
}

export function noInput(): Diagnostic {
  return {
    code: "onnx-export/no-input",
    severity: "error",
    message: "the network has no input, but the graph takes the number of steps and samples from one.",
    hint: "add an input port to the network.",
    data: {},
  };
}

export function numberTooLarge(facts: { tensor: string }): Diagnostic {
  return {
    code: "onnx-export/number-too-large",
    severity: "error",
    message: `"${facts.tensor}" holds a number beyond 3.4e38, which float32 cannot hold.`,
    hint: "export with --double.",
    data: facts,
  };
}

export function startStepInModel(facts: { population: string; startStep: number }): Diagnostic {
  const { population, startStep } = facts;
  return {
    code: "onnx-export/start-step",
    severity: "error",
    message: `population "${population}" starts at step ${startStep}, but a graph of real numbers starts everything at step 0.`,
    subject: `network.populations["${population}"].startStep`,
    hint: "export the model as it was imported, or with --semantics loihi1-int.",
    data: facts,
  };
}

export function tooLarge(facts: { bytes: number; limitBytes: number }): Diagnostic {
  const { bytes, limitBytes } = facts;
  return {
    code: "onnx-export/too-large",
    severity: "error",
    message: `the model needs ${bytes} bytes in one file, but a file of this format may have ${limitBytes}.`,
    hint: "export with --dense --external always, which moves every large tensor to a file of its own.",
    data: facts,
  };
}

export function weightNotWhole(facts: { projection: string; weight: number }): Diagnostic {
  const { projection, weight } = facts;
  return {
    code: "onnx-export/weight-not-whole",
    severity: "error",
    message: `projection "${projection}" has the weight ${weight}, but integer graphs take whole weights only.`,
    subject: `network.projections["${projection}"]`,
    hint: "quantize the network first.",
    data: facts,
  };
}

export function weightsFileName(facts: { path: string; bytes: number }): Diagnostic {
  const { path, bytes } = facts;
  return {
    code: "onnx-export/weights-file-name",
    severity: "note",
    message: `${bytes} bytes of tensors are in a file of their own, which the model looks for under the name "${path}".`,
    hint: "keep the two files side by side, and rename neither.",
    data: facts,
  };
}

export function weightsRounded(facts: { projections: number; worst: string; snrDb: number }): Diagnostic {
  const { projections, worst, snrDb } = facts;
  return {
    code: "onnx-export/weights-rounded",
    severity: "note",
    message: `the weights of ${projections} projections were rounded to 8 bits with a scale for each post neuron or channel; the largest error is in "${worst}", ${snrDb.toFixed(1)} dB below its weights.`,
    data: facts,
  };
}
