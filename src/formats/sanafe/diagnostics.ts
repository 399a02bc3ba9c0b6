// Every message of this exporter, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";
import { plural } from "#util/units";

export function delayTooLong(facts: { steps: number; limitSteps: number }): Diagnostic {
  const { steps, limitSteps } = facts;
  return {
    code: "sanafe/delay-too-long",
    severity: "error",
    message: `the longest synaptic delay is ${steps} steps, but dendrites of SANA-FE hold ${limitSteps}.`,
    hint: `shorten the delays of the model to ${limitSteps} steps.`,
    data: facts,
  };
}

/** Where SANA-FE's arithmetic parts from the chip's. */
const ASPECTS = {
  "bias-input": "has no input that writes biases, and leaves neurons with the bias that the deployment gives",
  "current-not-rounded": "keeps fractions of the decaying synaptic current, which the chip cuts off",
  "initial-state":
    "starts neurons at rest, where the deployment gives them a current or a membrane to start with",
  "input-lost-while-refractory":
    "drops what arrives in the refractory time, which the chip adds to the current",
  "periodic-reset": "does not make neurons forget at regular times, as the deployment does",
  "start-step":
    "starts neurons with a bias in step 0, where the deployment holds them until their start step",
  "sum-not-rounded": "keeps fractions of inputs with a negative weight exponent, which the chip rounds down",
} as const;
export type Aspect = keyof typeof ASPECTS;

export function differs(facts: { aspect: Aspect; populations: readonly string[] }): Diagnostic {
  const { aspect, populations } = facts;
  return {
    code: `sanafe/${aspect}`,
    severity: "warning",
    message: `SANA-FE ${ASPECTS[aspect]}: ${populations.map((name) => `"${name}"`).join(", ")}.`,
    hint: "expect other spikes there; energies and times of equal spikes are the same.",
    data: { populations },
  };
}

export function inputsAreUnits(facts: { tile: number; coreInTile: number; lines: number }): Diagnostic {
  const { tile, coreInTile, lines } = facts;
  return {
    code: "sanafe/inputs-are-units",
    severity: "note",
    message: `the ${lines} input lines became neurons of a core that costs nothing, ${tile}.${coreInTile}; hops of their messages are charged from its tile.`,
    hint: "give each its spike train, for instance `spikes: [1, 0, 1]` in place of `log_spikes: false`, in the network file.",
    data: facts,
  };
}

export function otherNeuronModel(facts: { model: string; known: string }): Diagnostic {
  const { model, known } = facts;
  return {
    code: "sanafe/neuron-model",
    severity: "error",
    message: `the deployment has neurons of the model "${model}", but only "${known}" can be written for SANA-FE.`,
    hint: `choose a target whose cores run "${known}".`,
    data: facts,
  };
}

export function pricesNotCarried(facts: {
  profile: string;
  zero: readonly string[];
  left: readonly string[];
}): Diagnostic {
  const { profile, zero, left } = facts;
  const parts = [
    ...(zero.length === 0
      ? []
      : [`written as 0 because an energy or a time is not published: ${zero.join(", ")}`]),
    ...(left.length === 0 ? [] : [`without a place in its architecture: ${left.join(", ")}`]),
  ];
  return {
    code: "sanafe/prices-not-carried",
    severity: "note",
    message: `prices of the profile "${profile}" that SANA-FE does not get: ${parts.join("; ")}.`,
    data: facts,
  };
}

export function severalChips(facts: { chips: number }): Diagnostic {
  return {
    code: "sanafe/several-chips",
    severity: "error",
    message: `the deployment spans ${facts.chips} chips, but an architecture of SANA-FE is one mesh.`,
    hint: "compile for one chip.",
    data: facts,
  };
}

export function synapsesPricedAlike(facts: { synapses: number }): Diagnostic {
  return {
    code: "sanafe/synapses-priced-alike",
    severity: "warning",
    message: `SANA-FE has one synapse unit for each receiving neuron: ${plural(facts.synapses, "synapse")} ${facts.synapses === 1 ? "is" : "are"} charged as the encoding of most others of their neuron.`,
    data: facts,
  };
}
