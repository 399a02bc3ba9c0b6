import type { Diagnostic } from "#util/diagnostic";

// Every message of the passes and of `quantize`, one function each, in alphabetical order. A caller passes
// facts; the wording, the code and the hint live here and are tested as text.

const population = (name: string): string => `network.populations["${name}"]`;
const projection = (name: string): string => `network.projections["${name}"]`;

export function boundaryCompare(facts: {
  population: string;
  thresholdMantissa: number;
  share: number;
}): Diagnostic {
  const { thresholdMantissa, share } = facts;
  return {
    code: "quantize/compare",
    severity: "note",
    message: `"${facts.population}" fires at its threshold and the chip only above it; the threshold was set one unit lower (mantissa ${thresholdMantissa}), so a membrane up to ${percent(share)} below it may fire too.`,
    subject: population(facts.population),
    data: { population: facts.population, thresholdMantissa, share },
  };
}

export function decayOutOfRange(facts: {
  population: string;
  register: "uDecay" | "vDecay";
  neurons: number;
  wanted: number;
  got: number;
}): Diagnostic {
  const { register, neurons, wanted, got } = facts;
  return {
    code: "quantize/decay",
    severity: "warning",
    message: `${neurons} ${plural(neurons, "neuron")} of "${facts.population}" should lose a share of ${short(wanted)} per step (${register}), but the chip's nearest is ${short(got)}.`,
    subject: population(facts.population),
    hint: `choose another length of a step, so that time constants lie between 1 and 4096 steps.`,
    data: { population: facts.population, register, neurons, wanted, got },
  };
}

export function delayTooLong(facts: {
  projection: string;
  neededSteps: number;
  maxSteps: number;
  target: string;
}): Diagnostic {
  const { neededSteps, maxSteps, target } = facts;
  return {
    code: "passes/delay-too-long",
    severity: "error",
    message: `"${facts.projection}" needs a delay of ${neededSteps} steps, but a synapse of ${target} waits at most ${maxSteps}.`,
    subject: projection(facts.projection),
    hint: `shorten the delay by ${neededSteps - maxSteps} steps, or pass the spikes through a population of neurons halfway.`,
    data: { projection: facts.projection, neededSteps, maxSteps },
  };
}

export function deviates(facts: { population: string; deviation: string }): Diagnostic {
  return {
    code: "quantize/deviation",
    severity: "warning",
    message: `the chip cannot compute "${facts.population}" exactly as the model does: ${facts.deviation}`,
    subject: population(facts.population),
    data: { population: facts.population, deviation: facts.deviation },
  };
}

export function disconnected(facts: { projection: string; pre: string; post: string }): Diagnostic {
  const { pre, post } = facts;
  return {
    code: "passes/disconnected",
    severity: "warning",
    message: `"${facts.projection}" has no synapse left, so nothing goes from "${pre}" to "${post}" any more; it was dropped.`,
    subject: projection(facts.projection),
    hint: `lower the pruning rate of this layer if "${post}" should still hear "${pre}".`,
    data: { projection: facts.projection, pre, post },
  };
}

export function foldGrowth(facts: {
  projection: string;
  synapsesBefore: number;
  synapsesAfter: number;
}): Diagnostic {
  const { synapsesBefore, synapsesAfter } = facts;
  return {
    code: "passes/fold-growth",
    severity: "note",
    message: `folding the maps of "${facts.projection}" into one turned ${synapsesBefore} synapses into ${synapsesAfter}: the chip has no neurons that only add up.`,
    subject: projection(facts.projection),
    data: { projection: facts.projection, synapsesBefore, synapsesAfter },
  };
}

export function gradedOutput(facts: { population: string; model: string; post: string }): Diagnostic {
  const { model, post } = facts;
  return {
    code: "quantize/graded-output",
    severity: "error",
    message: `"${facts.population}" (${model}) sends values to "${post}", but the chip sends spikes only.`,
    subject: population(facts.population),
    hint: `give "${facts.population}" a threshold, or read it out instead of sending it on.`,
    data: { population: facts.population, model, post },
  };
}

export function lateBias(facts: { population: string; relay: string; steps: number }): Diagnostic {
  const { relay, steps } = facts;
  return {
    code: "passes/late-bias",
    severity: "warning",
    message: `the bias of "${relay}" reaches "${facts.population}" ${steps} ${plural(steps, "step")} late in the model, but acts from the first step on once "${relay}" is folded away.`,
    subject: population(facts.population),
    hint: `let ${steps} more ${plural(steps, "step")} of silence pass before the input, or move the bias of "${relay}" behind the delay.`,
    data: { population: facts.population, relay, steps },
  };
}

export function loopTooFast(facts: {
  populations: readonly string[];
  projection: string;
  steps: number;
}): Diagnostic {
  const { populations, steps } = facts;
  const loop = [...populations, populations[0]].map((name) => `"${name}"`).join(" -> ");
  return {
    code: "passes/loop-too-fast",
    severity: "warning",
    message: `the loop ${loop} takes fewer steps in the model than it has populations, and the chip needs one step for each: "${facts.projection}" acts ${steps} ${plural(steps, "step")} later on the chip.`,
    subject: projection(facts.projection),
    hint: `train with a delay of ${steps} more ${plural(steps, "step")} on "${facts.projection}"; model and chip then agree.`,
    data: { populations, projection: facts.projection, steps },
  };
}

export function manyDecays(facts: {
  population: string;
  pairs: number;
  perCore: number;
  target: string;
}): Diagnostic {
  const { pairs, perCore, target } = facts;
  return {
    code: "quantize/many-decays",
    severity: "note",
    message: `"${facts.population}" has ${pairs} different pairs of decays, and a core of ${target} holds ${perCore}: it will be spread over more cores than it has neurons for.`,
    subject: population(facts.population),
    hint: `--decay-levels ${perCore} merges the nearest of them.`,
    data: { population: facts.population, pairs, perCore },
  };
}

export function notFinite(facts: { population: string; quantity: string }): Diagnostic {
  return {
    code: "quantize/not-finite",
    severity: "error",
    message: `the ${facts.quantity} of "${facts.population}" is not a finite number once written for the chip.`,
    subject: population(facts.population),
    hint: `check its time constants and resistance: a time constant must be above 0.`,
    data: { population: facts.population, quantity: facts.quantity },
  };
}

export function relayLeft(facts: { population: string }): Diagnostic {
  return {
    code: "quantize/relay-left",
    severity: "error",
    message: `"${facts.population}" only adds up (relay), and a core holds nothing but neurons.`,
    subject: population(facts.population),
    hint: `run the pass "fold-linear-chains" first.`,
    data: { population: facts.population },
  };
}

export function relayLoop(facts: { populations: readonly string[] }): Diagnostic {
  const { populations } = facts;
  const loop = [...populations, populations[0]].map((name) => `"${name}"`).join(" -> ");
  return {
    code: "passes/relay-loop",
    severity: "error",
    message: `the loop ${loop} has no neuron in it: it feeds a sum back into itself, and a core holds nothing but neurons.`,
    subject: population(populations[0]),
    hint: `put a leaky integrator in the place of the loop.`,
    data: { populations },
  };
}

export function resetUnsupported(facts: {
  population: string;
  reset: string;
  target: string;
  has: readonly string[];
}): Diagnostic {
  const { reset, target, has } = facts;
  return {
    code: "quantize/reset-unsupported",
    severity: "error",
    message: `"${facts.population}" resets by "${reset}", but ${target} has ${has.map((mode) => `"${mode}"`).join(", ")} only.`,
    subject: population(facts.population),
    hint: `train with a reset to a value, or accept other spikes with --reset value.`,
    data: { population: facts.population, reset, has },
  };
}

export function signNeedsBit(facts: {
  projection: string;
  weightBits: number;
  usedBits: number;
}): Diagnostic {
  const { weightBits, usedBits } = facts;
  return {
    code: "quantize/sign-bit",
    severity: "note",
    message: `"${facts.projection}" has weights of both signs, which ${weightBits} ${plural(weightBits, "bit")} cannot hold; ${usedBits} bits were used.`,
    subject: projection(facts.projection),
    data: { projection: facts.projection, weightBits, usedBits },
  };
}

export function thresholdNotPositive(facts: {
  population: string;
  neuron: number;
  threshold: number;
}): Diagnostic {
  const { neuron, threshold } = facts;
  return {
    code: "quantize/threshold-not-positive",
    severity: "error",
    message: `neuron ${neuron} of "${facts.population}" fires ${short(-threshold)} below its reset value, but the chip needs a threshold above it.`,
    subject: `${population(facts.population)}[${neuron}]`,
    hint: `raise the threshold of "${facts.population}" or lower its reset value.`,
    data: { population: facts.population, neuron, threshold },
  };
}

export function unsupportedBits(facts: {
  weightBits: number;
  target: string;
  has: readonly number[];
}): Diagnostic {
  const { weightBits, target, has } = facts;
  return {
    code: "quantize/weight-bits",
    severity: "error",
    message: `weights of ${weightBits} ${plural(weightBits, "bit")} were asked for, but ${target} stores ${has.join(", ")}.`,
    hint: `choose one of ${has.join(", ")} for "weightBits".`,
    data: { weightBits, has },
  };
}

export function unsupportedModel(facts: { population: string; model: string; target: string }): Diagnostic {
  const { model, target } = facts;
  return {
    code: "quantize/unsupported-model",
    severity: "error",
    message: `"${facts.population}" is of model "${model}", which cannot be written as the neuron of ${target}.`,
    subject: population(facts.population),
    hint: `replace it by a neuron that can (list them with "formats" and "targets").`,
    data: { population: facts.population, model },
  };
}

export function worstCaseOverflow(facts: {
  population: string;
  register: "u" | "v";
  neuron: number;
  reached: number;
  limit: number;
}): Diagnostic {
  const { register, neuron, reached, limit } = facts;
  const what = register === "u" ? "wraps around" : "is cut off";
  return {
    code: "quantize/worst-case-overflow",
    severity: "warning",
    message: `register ${register} of neuron ${neuron} of "${facts.population}" would reach ${Math.round(reached)} if every synapse of one sign were active in each step, but it holds ${limit} and then ${what}.`,
    subject: `${population(facts.population)}[${neuron}]`,
    hint: `prune the neuron's inputs or shorten its time constants; if the input is sparse, a run without overflow is likely.`,
    data: { population: facts.population, register, neuron, reached, limit },
  };
}

function plural(count: number, word: string): string {
  return count === 1 ? word : `${word}s`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function percent(share: number): string {
  return `${short(100 * share)} %`;
}
