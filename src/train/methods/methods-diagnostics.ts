import { type Diagnostic, nearestName } from "#util/diagnostic";

// What can be wrong with the choice of a sparse method, in alphabetical order.

export function densityNotReached(facts: {
  target: number;
  tolerance: number;
  nearestKnob: number;
  nearestDensity: number;
  lowestKnob: number;
  highestKnob: number;
  probes: number;
  /** Why no more was tried. */
  cause: "no-more-probes" | "jump";
}): Diagnostic {
  const { target, tolerance, nearestKnob, nearestDensity, lowestKnob, highestKnob, probes, cause } = facts;
  const got = `the nearest of ${probes} probes, at ${short(nearestKnob)}, gave ${percent(nearestDensity)}`;
  const range = `between ${short(lowestKnob)} and ${short(highestKnob)}`;
  return {
    code: "train/density-not-reached",
    severity: "error",
    message: `the search needs a density of ${percent(target)}, give or take ${percent(tolerance)} of it, but ${got}${
      cause === "jump" ? `, and ${range} the density jumps over the target` : ` (tried: ${range})`
    }.`,
    hint:
      cause === "jump"
        ? `ask for a density of ${percent(nearestDensity)}, train for more steps, or choose a method with an exact density ("gmp", "esl").`
        : `allow more probes, start the search nearer, or choose a method with an exact density ("gmp", "esl").`,
    data: facts,
  };
}

export function densityProbeNotANumber(facts: { knob: number; density: number }): Diagnostic {
  return {
    code: "train/density-probe",
    severity: "error",
    message: `a probe of the density search needs to give a density from 0 to 1, but at ${short(facts.knob)} it gave ${facts.density}.`,
    hint: `return the share of nonzero prunable weights, 0 for a network that died.`,
    data: { knob: facts.knob, density: String(facts.density) },
  };
}

export function methodUnknown(facts: { name: string; known: readonly string[] }): Diagnostic {
  const { name, known } = facts;
  const near = nearestName(name, known);
  return {
    code: "train/method-unknown",
    severity: "error",
    message: `there is no sparse method "${name}".`,
    subject: `method.name`,
    hint: near === undefined ? `name one of: ${known.join(", ")}.` : `did you mean "${near}"?`,
    data: { name, known },
  };
}

export function pruningStartsTooLate(facts: { startEpoch: number; epochs: number }): Diagnostic {
  const { startEpoch, epochs } = facts;
  return {
    code: "train/pruning-starts-too-late",
    severity: "error",
    message: `pruning needs to start before training ends, but it starts at epoch ${startEpoch} (counted from 0) of ${epochs}.`,
    subject: `method.options.pruningStartEpoch`,
    hint: `set "pruningStartEpoch" to ${Math.max(0, Math.ceil(epochs) - 1)} or less, or train for more epochs.`,
    data: facts,
  };
}

export function searchOptionOutOfRange(facts: { option: string; needed: string; value: number }): Diagnostic {
  const { option, needed, value } = facts;
  return {
    code: "train/density-search-option",
    severity: "error",
    message: `the density search needs ${needed} as "${option}", but it is ${value}.`,
    subject: option,
    hint: `set "${option}" to ${needed}.`,
    data: { option, value: String(value) },
  };
}

export function weightsWithoutSign(facts: { parameter: string; zeros: number; weights: number }): Diagnostic {
  const { parameter, zeros, weights } = facts;
  return {
    code: "train/weights-without-sign",
    severity: "error",
    message: `Grad R fixes the sign of every weight at the start, but ${zeros} of the ${weights} initial weights of "${parameter}" are exactly 0.`,
    subject: parameter,
    hint: `draw those weights again, or choose a method that needs no sign ("stds", "lats").`,
    data: facts,
  };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function percent(share: number): string {
  return `${short(100 * share)} %`;
}
