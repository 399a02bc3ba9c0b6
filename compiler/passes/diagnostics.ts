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

/** @param silent those of them that never fire; the others fire, but no output can hear it */
export function deadNeurons(facts: {
  population: string;
  neurons: number;
  of: number;
  silent: number;
}): Diagnostic {
  const { neurons, of, silent } = facts;
  const unheard = neurons - silent;
  const reasons = [
    ...(silent > 0 ? [`${silent} can never fire`] : []),
    ...(unheard > 0 ? [`${unheard} reach no output`] : []),
  ];
  return {
    code: "passes/dead-neurons",
    severity: "note",
    message: `${neurons} of the ${of} neurons of "${facts.population}" were removed: ${reasons.join(", ")}. What outputs do stays the same.`,
    subject: population(facts.population),
    hint: "--keep-dead keeps them.",
    data: facts,
  };
}

export function decayOutOfRange(facts: {
  population: string;
  register: "uDecay" | "vDecay";
  neurons: number;
  wanted: number;
  got: number;
  /** Of chips that have several. */
  kind?: string;
}): Diagnostic {
  const { register, neurons, wanted, got, kind } = facts;
  return {
    code: "quantize/decay",
    severity: "warning",
    message: `${neurons} ${plural(neurons, "neuron")} of "${facts.population}" should lose a share of ${short(wanted)} per step (${register}), but the chip's nearest is ${short(got)}${kind === undefined ? "" : ` (leak "${kind}")`}.`,
    subject: population(facts.population),
    hint:
      kind === "shift"
        ? `train with time constants that the chip has: shares lost per step of 1/2, 1/4, 1/8 ...`
        : `choose another length of a step, so that time constants lie between 1 and 4096 steps.`,
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

export function linearLeak(facts: {
  population: string;
  register: "uDecay" | "vDecay";
  neurons: number;
  share: number;
  amount: number;
  threshold: number;
}): Diagnostic {
  const { register, neurons, share, amount, threshold } = facts;
  const lost =
    amount === 0 ? `nothing: less than half a unit` : `${amount} of ${threshold} units of the threshold`;
  return {
    code: "quantize/linear-leak",
    severity: "warning",
    message: `${neurons} ${plural(neurons, "neuron")} of "${facts.population}" should lose a share of ${short(share)} per step (${register}), but the chip takes the same amount in each step (${lost}), which is right at half the threshold only.`,
    subject: population(facts.population),
    hint: `train with a linear leak, or with neurons that do not leak.`,
    data: { population: facts.population, register, neurons, share, amount, threshold },
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

export function missingInNeuron(facts: {
  population: string;
  target: string;
  what: "leak" | "synaptic-current" | "bias" | "leak-and-bias";
  neuron: number;
  value: number;
}): Diagnostic {
  const { what, neuron, target, value } = facts;
  const [needs, hint] = {
    leak: [
      `loses a share of ${short(value)} of its membrane per step, but neurons of ${target} do not leak`,
      `train with neurons that do not leak (IF)`,
    ],
    "synaptic-current": [
      `has a synaptic current that loses a share of ${short(value)} per step, but neurons of ${target} have none`,
      `train with neurons without synaptic current (LIF)`,
    ],
    bias: [
      `gets a constant input of ${short(value)} per step, but neurons of ${target} have no bias`,
      `train without bias, a leak potential of 0 and a reset to 0`,
    ],
    "leak-and-bias": [
      `leaks and gets a constant input of ${short(value)} per step, but neurons of ${target} have one register for both`,
      `train without bias, or with neurons that do not leak (IF)`,
    ],
  }[what];
  return {
    code: `quantize/no-${what}`,
    severity: "error",
    message: `neuron ${neuron} of "${facts.population}" ${needs}.`,
    subject: `${population(facts.population)}[${neuron}]`,
    hint: `${hint}, or choose another target.`,
    data: { population: facts.population, what, neuron, value },
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
    hint:
      reset === "value" || !has.includes("value")
        ? `train with a reset that ${target} has, or accept other spikes with --reset ${has[0]}.`
        : `train with a reset to a value, or accept other spikes with --reset value.`,
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

/** @param facts.values different weights into the neuron */
export function tooManyTypes(facts: {
  population: string;
  neuron: number;
  values: number;
  types: number;
  target: string;
}): Diagnostic {
  const { neuron, values, types, target } = facts;
  return {
    code: "passes/too-many-types",
    severity: "error",
    message: `neuron ${neuron} of "${facts.population}" has ${values} different weights, which are no sums of ${types} numbers, and a neuron of ${target} has one weight for each of ${types} types of axons.`,
    subject: population(facts.population),
    hint: `quantize to ${types} bits or fewer with --bits ${types}.`,
    data: { population: facts.population, neuron, values, types },
  };
}

export function unknownPass(facts: { pass: string; known: readonly string[] }): Diagnostic {
  const { pass, known } = facts;
  return {
    code: "passes/unknown-pass",
    severity: "error",
    message: `the target asks for a pass "${pass}", which there is not.`,
    hint: `name passes of these in "passes" of its file: ${known.map((name) => `"${name}"`).join(", ")}.`,
    data: { pass, known },
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
  /** Absent: u wraps around, v is cut off. */
  overflow?: "wrap" | "clamp";
}): Diagnostic {
  const { register, neuron, reached, limit, overflow = register === "u" ? "wrap" : "clamp" } = facts;
  const what = overflow === "wrap" ? "wraps around" : "is cut off";
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
