import { nearestName, type Diagnostic } from "#util/diagnostic";
import { formatCount, plural } from "#util/units";

// Every message of the machine (`simulate`), one function each, in alphabetical order.

export function currentTooLarge(facts: { population: string; neuron: number; step: number }): Diagnostic {
  const { population, neuron, step } = facts;
  return {
    code: "simulate/current-too-large",
    severity: "error",
    message: `in step ${step} the input of neuron ${neuron} of "${population}" drives its current beyond 2^30, far outside the chip's 24-bit register, where the integer rules are not defined.`,
    subject: `deployment.populations["${population}"][${neuron}]`,
    hint: "use smaller weights or weight exponents, or fewer spikes per step.",
    data: { neuron, step },
  };
}

export function encodingsMixed(facts: { core: number }): Diagnostic {
  const { core } = facts;
  return {
    code: "simulate/encodings-mixed",
    severity: "error",
    message: `core ${core} holds dense, sparse and run-length lists and convolutions, and the simulator counts three of these kinds on a core.`,
    subject: `deployment.cores[${core}]`,
    hint: "put populations that are fed by convolutions on cores of their own.",
    data: { core },
  };
}

export function inputMissing(facts: { port: string; given: readonly string[] }): Diagnostic {
  const { port, given } = facts;
  return {
    code: "simulate/input-missing",
    severity: "error",
    message: `the network has an input "${port}", but there are no spikes for it (given: ${list(given)}).`,
    subject: `inputs["${port}"]`,
    hint: `give spikes for "${port}"; for silence, give data without events.`,
    data: { port, given },
  };
}

export function inputNotBias(facts: {
  port: string;
  sample: number;
  step: number;
  index: number;
  value: number;
  min: number;
  max: number;
}): Diagnostic {
  const { port, sample, step, index, value, min, max } = facts;
  return {
    code: "simulate/input-not-bias",
    severity: "error",
    message: `input "${port}" drives biases, whole numbers from ${min} to ${max}, but has the value ${value} at sample ${sample}, step ${step}, index ${index}.`,
    subject: `inputs["${port}"].samples[${sample}]`,
    hint: "scale the data to the chip's bias mantissas, and round them.",
    data: { port, sample, step, index, value: String(value), min, max },
  };
}

export function inputNotDriven(facts: { port: string; model: string }): Diagnostic {
  const { port, model } = facts;
  return {
    code: "simulate/input-not-driven",
    severity: "error",
    message: `input "${port}" is a population of "${model}" neurons on cores, but the host can only drive input neurons, or biases.`,
    subject: `deployment.inputs["${port}"]`,
    hint: 'give the population the model "input", or let the port drive biases.',
    data: { port, model },
  };
}

export function inputNotSpikes(facts: {
  port: string;
  sample: number;
  step: number;
  index: number;
  value: number;
}): Diagnostic {
  const { port, sample, step, index, value } = facts;
  return {
    code: "simulate/input-not-spikes",
    severity: "error",
    message: `input "${port}" has the value ${value} at sample ${sample}, step ${step}, index ${index}, but a chip takes spikes: whole numbers from 0, k meaning k spikes.`,
    subject: `inputs["${port}"].samples[${sample}]`,
    hint: "encode the data as spikes first (rate or latency coding), or scale it to whole numbers.",
    data: { port, sample, step, index, value: String(value) },
  };
}

export function inputOrder(facts: { port: string; sample: number; event: number }): Diagnostic {
  const { port, sample, event } = facts;
  return {
    code: "simulate/input-order",
    severity: "error",
    message: `event ${event} of sample ${sample} of input "${port}" comes before the one in front of it, but events are ordered by step.`,
    subject: `inputs["${port}"].samples[${sample}]`,
    hint: "sort the events by step, then index.",
    data: { port, sample, event },
  };
}

export function inputOutside(facts: {
  port: string;
  sample: number;
  step: number;
  index: number;
  steps: number;
  size: number;
}): Diagnostic {
  const { port, sample, step, index, steps, size } = facts;
  return {
    code: "simulate/input-outside",
    severity: "error",
    message: `input "${port}" has an event at step ${step}, index ${index} of sample ${sample}, but says it has ${plural(steps, "step")} of ${plural(size, "element")}.`,
    subject: `inputs["${port}"].samples[${sample}]`,
    hint: "count steps and indices from 0, and give the true number of steps.",
    data: { port, sample, step, index, steps, size },
  };
}

export function inputSeveralSpikes(facts: { port: string; largest: number }): Diagnostic {
  const { port, largest } = facts;
  return {
    code: "simulate/input-several-spikes",
    severity: "error",
    message: `input "${port}" asks for ${largest} spikes of one line in one step, but its lines are neurons on cores, which fire once in a step at most.`,
    subject: `inputs["${port}"]`,
    hint: "spread the spikes over steps.",
    data: { port, largest },
  };
}

export function inputShape(facts: {
  port: string;
  expected: readonly number[];
  given: readonly number[];
}): Diagnostic {
  const { port, expected, given } = facts;
  return {
    code: "simulate/input-shape",
    severity: "error",
    message: `input "${port}" takes [${expected.join(", ")}] per step, but the spikes given have [${given.join(", ")}].`,
    subject: `inputs["${port}"]`,
    hint: `give arrays of shape [samples, steps, ${expected.join(", ")}].`,
    data: { port, expected, given },
  };
}

export function inputUnknown(facts: { name: string; ports: readonly string[] }): Diagnostic {
  const { name, ports } = facts;
  const near = nearestName(name, ports);
  return {
    code: "simulate/input-unknown",
    severity: "error",
    message: `there are spikes for an input "${name}", but the network's inputs are ${list(ports)}.`,
    subject: `inputs["${name}"]`,
    hint: near === undefined ? `name one of ${list(ports)}.` : `did you mean "${near}"?`,
    data: { name, ports },
  };
}

export function listTooLong(facts: {
  core: number;
  axon: number;
  synapses: number;
  most: number;
}): Diagnostic {
  const { core, axon, synapses, most } = facts;
  return {
    code: "simulate/list-too-long",
    severity: "error",
    message: `input axon ${axon} of core ${core} has ${plural(synapses, "synapse")}, but the simulator holds ${most} in one list.`,
    hint: "spread the neurons of the core over several cores.",
    data: { core, axon, synapses, most },
  };
}

export function modelUnknown(facts: {
  population: string;
  model: string;
  known: readonly string[];
}): Diagnostic {
  const { population, model, known } = facts;
  return {
    code: "simulate/model-unknown",
    severity: "error",
    message: `population "${population}" runs the neuron model "${model}", but the simulator of deployments runs ${list(known)}.`,
    subject: `deployment.populations["${population}"]`,
    hint: "quantize the network for the target before compiling it.",
    data: { population, model, known },
  };
}

export function noSamples(facts: { from: number; to: number; available: number }): Diagnostic {
  const { from, to, available } = facts;
  return {
    code: "simulate/no-samples",
    severity: "error",
    message: `samples ${from} to ${to} (not included) were asked for, but the input has ${available}.`,
    hint: `choose a range inside 0 to ${available}.`,
    data: { from, to, available },
  };
}

export function profileOfOtherTarget(facts: {
  profile: string;
  profileTarget: string;
  target: string;
}): Diagnostic {
  const { profile, profileTarget, target } = facts;
  return {
    code: "simulate/profile-of-other-target",
    severity: "error",
    message: `profile "${profile}" prices ${profileTarget}, but the simulation runs on ${target}.`,
    hint: `choose a profile of ${target} ("spinec targets show ${target}" lists them).`,
    data: { profile, profileTarget, target },
  };
}

export function recordUnknown(facts: { name: string; populations: readonly string[] }): Diagnostic {
  const { name, populations } = facts;
  const near = nearestName(name, populations);
  return {
    code: "simulate/record-unknown",
    severity: "error",
    message: `population "${name}" was to be recorded, but the populations on cores are ${list(populations)}.`,
    hint:
      near === undefined ? `name one of ${list(populations)}, or record "all".` : `did you mean "${near}"?`,
    data: { name, populations },
  };
}

export function resetUnknown(facts: { population: string; model: string }): Diagnostic {
  const { population, model } = facts;
  return {
    code: "simulate/reset-unknown",
    severity: "error",
    message: `population "${population}" is to be reset periodically, which the simulator does for "loihi-cuba", but its model is "${model}".`,
    subject: `deployment.populations["${population}"]`,
    hint: "leave the periodic reset out, or use loihi-cuba neurons.",
    data: { population, model },
  };
}

export function samplesDiffer(facts: {
  port: string;
  samples: number;
  other: string;
  otherSamples: number;
}): Diagnostic {
  const { port, samples, other, otherSamples } = facts;
  return {
    code: "simulate/samples-differ",
    severity: "error",
    message: `input "${port}" has ${plural(samples, "sample")}, but input "${other}" has ${otherSamples}.`,
    subject: `inputs["${port}"]`,
    hint: "give all inputs the same number of samples.",
    data: { port, samples, other, otherSamples },
  };
}

export function stepsMissing(): Diagnostic {
  return {
    code: "simulate/steps-missing",
    severity: "error",
    message:
      "the network has no input whose length could say how many steps to run, and no number of steps was given.",
    hint: 'give the number of steps ("--steps N").',
  };
}

export function stepsTooMany(facts: {
  steps: number;
  samples: number;
  max: number;
  maxInAll: number;
}): Diagnostic {
  const { steps, samples, max, maxInAll } = facts;
  return {
    code: "simulate/steps-too-many",
    severity: "error",
    message: `a run needs a whole number of steps, at most ${formatCount(max)} for each sample and ${formatCount(maxInAll)} in all, but ${plural(samples, "sample")} of ${plural(steps, "step")} ${samples === 1 ? "was" : "were"} asked for.`,
    hint: 'run fewer steps ("--steps N") or fewer samples ("--samples N").',
    data: { steps, samples, max, maxInAll },
  };
}

export function sumTooLarge(facts: {
  core: number;
  messages: number;
  largestValue: number;
  largestSum: number;
}): Diagnostic {
  const { core, messages, largestValue, largestSum } = facts;
  return {
    code: "simulate/sum-too-large",
    severity: "error",
    message: `core ${core} may get ${plural(messages, "message")} in one step with weights up to ${largestValue}, which could sum to more than the ${largestSum} that the simulator holds.`,
    hint: "give the input fewer spikes per line and step, or use smaller weight exponents.",
    data: { core, messages, largestValue, largestSum },
  };
}

export function targetDiffers(facts: { deployment: string; target: string }): Diagnostic {
  const { deployment, target } = facts;
  return {
    code: "simulate/target-differs",
    severity: "error",
    message: `the deployment was compiled for ${deployment}, but the simulation runs on ${target}.`,
    hint: `simulate it on ${deployment}, or compile the model for ${target}.`,
    data: { deployment, target },
  };
}

export function timingUnknown(facts: { name: string; known: readonly string[] }): Diagnostic {
  const { name, known } = facts;
  const near = nearestName(name, known);
  return {
    code: "simulate/timing-unknown",
    severity: "error",
    message: `there is no timing model "${name}"; there are ${list(known)}.`,
    hint: near === undefined ? `name one of ${list(known)}.` : `did you mean "${near}"?`,
    data: { name, known },
  };
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");
}
