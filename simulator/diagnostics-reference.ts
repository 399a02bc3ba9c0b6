import { nearestName, type Diagnostic } from "#util/diagnostic";
import { plural } from "#util/units";

// Messages that only the reference simulators have, one function each, in alphabetical order. Those about
// inputs are the machine's (`diagnostics.ts`).

export function delayTooShort(facts: { projection: string; delaySteps: number }): Diagnostic {
  const { projection, delaySteps } = facts;
  return {
    code: "simulate/delay-too-short",
    severity: "error",
    message: `projection "${projection}" has a delay of ${plural(delaySteps, "step")}, but a chip delivers a spike after 1 step at the earliest.`,
    subject: `network.projections["${projection}"]`,
    hint: 'run the pass "align-delays" before, which gives every projection a delay of at least 1.',
    data: { projection, delaySteps },
  };
}

export function inputNotFinite(facts: {
  port: string;
  sample: number;
  step: number;
  index: number;
  value: number;
}): Diagnostic {
  const { port, sample, step, index, value } = facts;
  return {
    code: "simulate/input-not-finite",
    severity: "error",
    message: `input "${port}" has the value ${value} at sample ${sample}, step ${step}, index ${index}, but every value must be a finite number.`,
    subject: `inputs["${port}"].samples[${sample}]`,
    hint: "look where the data were made; replace missing values by 0.",
    data: { port, sample, step, index, value: String(value) },
  };
}

export function instantLoop(facts: { populations: readonly string[] }): Diagnostic {
  const { populations } = facts;
  return {
    code: "simulate/instant-loop",
    severity: "error",
    message: `${populations.map((name) => `"${name}"`).join(", ")} feed each other in the same step, so none of them can be computed first.`,
    subject: `network.populations["${populations[0]}"]`,
    hint: "give one projection of the loop a delay of at least one step.",
    data: { populations },
  };
}

export function labelsDiffer(facts: { labels: number; samples: number }): Diagnostic {
  const { labels, samples } = facts;
  return {
    code: "simulate/labels-differ",
    severity: "error",
    message: `labels and samples differ: ${plural(labels, "label")} for ${plural(samples, "sample")}.`,
    hint: "give one label for every sample.",
    data: { labels, samples },
  };
}

export function modelNotFloat(facts: { population: string; model: string }): Diagnostic {
  const { population, model } = facts;
  return {
    code: "simulate/model-not-float",
    severity: "error",
    message: `population "${population}" runs the neuron model "${model}", which the reference in real numbers does not have.`,
    subject: `network.populations["${population}"]`,
    hint: "simulate the network as it was before quantization.",
    data: { population, model },
  };
}

export function modelNotInteger(facts: {
  population: string;
  model: string;
  known: readonly string[];
}): Diagnostic {
  const { population, model, known } = facts;
  return {
    code: "simulate/model-not-integer",
    severity: "error",
    message: `population "${population}" runs the neuron model "${model}", but the integer reference runs ${known.map((name) => `"${name}"`).join(", ")} and inputs.`,
    subject: `network.populations["${population}"]`,
    hint: "quantize the network for a target before.",
    data: { population, model },
  };
}

export function populationUnknown(facts: { name: string; populations: readonly string[] }): Diagnostic {
  const { name, populations } = facts;
  const near = nearestName(name, populations);
  const first = populations.slice(0, 12).map((known) => `"${known}"`);
  const rest = populations.length > first.length ? ` and ${populations.length - first.length} more` : "";
  return {
    code: "simulate/record-unknown",
    severity: "error",
    message: `population "${name}" was to be recorded, but the network's populations are ${first.join(", ")}${rest}.`,
    hint: near === undefined ? 'name one of them, or record "all".' : `did you mean "${near}"?`,
    data: { name },
  };
}

export function weightNotInteger(facts: { projection: string; weight: number }): Diagnostic {
  const { projection, weight } = facts;
  return {
    code: "simulate/weight-not-integer",
    severity: "error",
    message: `projection "${projection}" stores the weight ${weight}, but the integer reference runs on whole numbers.`,
    subject: `network.projections["${projection}"]`,
    hint: "quantize the network for a target before.",
    data: { projection, weight },
  };
}
