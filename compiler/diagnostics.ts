import type { Demand } from "#ir/block-graph";
import { nearestName, type Diagnostic } from "#util/diagnostic";
import type { Shortage } from "./encode/measure.ts";
import type { Binding } from "./explain/binding.ts";

// Every message of the mapping stages, one function each, in alphabetical order of their codes. A caller passes
// facts; the wording, the code and the hint live here and are tested as text.

/** How a resource is called in a sentence: "needs 5000 input axons". */
export const RESOURCE_TEXT: Readonly<Record<Shortage, string>> = {
  neurons: "compartments",
  synapseWords: "words of synapse memory",
  axonsIn: "input axons",
  axonsOut: "output-table entries",
  synapseFormats: "synapse formats",
  neuronConfigs: "neuron configurations",
  thresholdConfigs: "threshold configurations",
  neuronWords: "words of neuron memory",
  biasWords: "words of bias memory",
  populations: "layers",
  synapses: "synapses",
  inputLines: "input lines",
  outputLines: "read-out neurons",
  fanIn: "synapses into one neuron",
  fanOut: "synapses out of one neuron",
  destinationsOfNeuron: "destinations of one neuron",
  destinationCores: "destination cores",
  wordsPerAxon: "words in one synapse list",
};

export function chipsOutOfRange(facts: { chips: number; maxChips: number; target: string }): Diagnostic {
  const { chips, maxChips, target } = facts;
  return {
    code: "compile/chips-out-of-range",
    severity: "error",
    message: `${chips} chips were asked for, but a ${target} system has 1 to ${maxChips}.`,
    hint: `give a whole number from 1 to ${maxChips} with --chips.`,
    data: { chips, maxChips },
  };
}

export function delayOutOfRange(facts: { projection: string; delaySteps: number; max: number }): Diagnostic {
  const { projection, delaySteps, max } = facts;
  return {
    code: "compile/delay-out-of-range",
    severity: "error",
    message: `projection "${projection}" has a delay of ${delaySteps} steps, but the chip delivers after 1 to ${max} steps.`,
    subject: `network.projections["${projection}"].delaySteps`,
    hint:
      delaySteps < 1 ? `run the pass "align-delays" before compiling.` : `shorten the delay to ${max} steps.`,
    data: { delaySteps, max },
  };
}

/** Energy is asked for, and links have no price: hops stand in for it. */
export function linksNotPriced(facts: { target: string; profile: string }): Diagnostic {
  const { target, profile } = facts;
  return {
    code: "compile/links-not-priced",
    severity: "warning",
    message: `profile "${profile}" of ${target} has no price for links, so cores are placed for few hops instead of little energy.`,
    hint: "choose a profile with prices for hops, or the objective hops.",
    data: { target, profile },
  };
}

export function modelNotOnTarget(facts: {
  population: string;
  model: string;
  target: string;
  models: readonly string[];
}): Diagnostic {
  const { population, model, target, models } = facts;
  return {
    code: "compile/model-not-on-target",
    severity: "error",
    message: `population "${population}" is of model "${model}", but cores of ${target} run ${listed(models)}.`,
    subject: `network.populations["${population}"]`,
    hint: "quantize the network for this target before compiling.",
    data: { model, models },
  };
}

export function neuronOverCapacity(facts: {
  neuron: number;
  resource: "axonsIn" | "synapseWords";
  needed: number;
  limit: number;
  core: string;
}): Diagnostic {
  const { neuron, resource, needed, limit, core } = facts;
  return {
    code: "compile/neuron-over-capacity",
    severity: "error",
    message: `neuron ${neuron} needs ${needed} ${RESOURCE_TEXT[resource]}, but a core of "${core}" has ${limit}.`,
    subject: `neurons[${neuron}]`,
    hint: "prune the inputs of this neuron, or map onto larger cores.",
    data: { neuron, resource, needed, limit },
  };
}

export function notQuantized(facts: { projection: string }): Diagnostic {
  const { projection } = facts;
  return {
    code: "compile/not-quantized",
    severity: "error",
    message: `projection "${projection}" has real weights, but the chip stores integers.`,
    subject: `network.projections["${projection}"]`,
    hint: "quantize the network for this target before compiling.",
  };
}

export function parameterOutOfRange(facts: {
  population: string;
  parameter: string;
  neuron: number;
  value: number;
  min: number;
  max: number;
}): Diagnostic {
  const { population, parameter, neuron, value, min, max } = facts;
  return {
    code: "compile/parameter-out-of-range",
    severity: "error",
    message: `${parameter} of neuron ${neuron} of "${population}" is ${value}, but the register holds whole numbers from ${min} to ${max}.`,
    subject: `network.populations["${population}"].params.${parameter}[${neuron}]`,
    hint: "quantize the network for this target before compiling.",
    data: { parameter, neuron, value, min, max },
  };
}

/** What a mapping can be asked for by name. */
export type ChoiceStage = "partitioner" | "placer" | "router" | "effort" | "objective";

export function unknownChoice(facts: {
  stage: ChoiceStage;
  name: string;
  known: readonly string[];
}): Diagnostic {
  const { stage, name, known } = facts;
  const near = nearestName(name, known);
  return {
    code: `compile/unknown-${stage}`,
    severity: "error",
    message: `there is no ${stage} "${name}"; there is ${listed(known)}.`,
    hint: near === undefined ? `choose one of ${listed(known)}.` : `did you mean "${near}"?`,
    data: { name, known },
  };
}

export function weightOutOfRange(facts: {
  projection: string;
  value: number;
  weightBits: number;
  signMode: string;
}): Diagnostic {
  const { projection, value, weightBits, signMode } = facts;
  return {
    code: "compile/weight-out-of-range",
    severity: "error",
    message: `projection "${projection}" has a weight of ${value}, which is no stored weight of ${weightBits} bits and sign mode "${signMode}".`,
    subject: `network.projections["${projection}"].connectivity`,
    hint: "quantize the network for this target before compiling.",
    data: { value, weightBits, signMode },
  };
}

/** A population that has to be on one core, in one piece. */
export function layerDoesNotFit(facts: {
  population: string;
  target: string;
  faults: readonly string[];
  shortages: readonly { resource: Shortage; needed: number; available: number }[];
  changes: readonly string[];
}): Diagnostic {
  const { population, target, faults, shortages, changes } = facts;
  const needs = shortages.map(({ resource, needed, available }) =>
    needed > available
      ? `${needed} ${RESOURCE_TEXT[resource]}, and the largest core has ${available}`
      : `${needed} ${RESOURCE_TEXT[resource]}, and no core that has enough of everything else has so many`,
  );
  const why = [...faults, ...needs].join("; ");
  return {
    code: "partition/layer-does-not-fit",
    severity: "error",
    message: `"${population}" has to be on one core of ${target} and does not fit into any: ${faults.length > 0 ? "" : "it needs "}${why}.`,
    subject: `network.populations["${population}"]`,
    hint: `${[...changes, "choose a target whose cores take parts of a layer"].join(", or ")}.`,
    data: { population, faults, shortages, changes },
  };
}

/** More blocks than there are cores that are large enough for them, though each would fit by itself. */
export function noMatching(facts: {
  target: string;
  blocks: number;
  cores: number;
  demands: readonly Demand[];
}): Diagnostic {
  const { target, blocks, cores, demands } = facts;
  const words = demands.map(({ synapseWords, neuronWords }) => ({ synapseWords, neuronWords }));
  const largest = words
    .map(({ synapseWords, neuronWords }) => `${synapseWords} of synapse and ${neuronWords} of neuron memory`)
    .join(", ");
  return {
    code: "place/no-matching",
    severity: "error",
    message: `${blocks} layers fit only into the same ${cores} cores of ${target}: they need words ${largest}.`,
    hint: "make one of these layers smaller, so that it fits into another core.",
    data: { blocks, cores, words },
  };
}

/** @param alsoInPopulation other neurons of the population with the same shortage */
export function neuronDoesNotFit(facts: {
  population: string;
  neuron: number;
  alsoInPopulation: number;
  resource: Shortage;
  needed: number;
  available: number;
  target: string;
  changes: readonly string[];
  /** Why relays do not help. */
  relays?: string;
}): Diagnostic {
  const { population, neuron, alsoInPopulation, resource, needed, available, target, changes } = facts;
  const relays = facts.relays === undefined ? "" : `; ${facts.relays}`;
  const others =
    alsoInPopulation === 0
      ? ""
      : ` (${alsoInPopulation} more ${alsoInPopulation === 1 ? "neuron" : "neurons"} of "${population}" need too many, this one needs most)`;
  return {
    code: "partition/neuron-does-not-fit",
    severity: "error",
    message: `neuron ${neuron} of "${population}" alone needs ${needed} ${RESOURCE_TEXT[resource]}, but a core of ${target} has ${available}${others}${relays}.`,
    subject: `network.populations["${population}"][${neuron}]`,
    hint: `${changes.join(", or ")}.`,
    data: { population, neuron, neurons: alsoInPopulation + 1, resource, needed, available, changes },
  };
}

/** Where neurons reach more cores than their own core has entries for. */
export function relaysAdded(facts: { population: string; neurons: number; relays: number }): Diagnostic {
  const { population, neurons, relays } = facts;
  return {
    code: "partition/relays-added",
    severity: "note",
    message: `${neurons} ${neurons === 1 ? "neuron" : "neurons"} of "${population}" reach too many cores for one output table: ${relays} ${relays === 1 ? "relay repeats" : "relays repeat"} their spikes a step later.`,
    subject: `network.populations["${population}"]`,
    data: facts,
  };
}

/** @param facts.region neurons that share a core: "hidden neurons", "read-out neurons" */
export function regionFull(facts: {
  region: string;
  resource: Shortage;
  needed: number;
  available: number;
  target: string;
}): Diagnostic {
  const { region, resource, needed, available, target } = facts;
  return {
    code: "partition/region-full",
    severity: "error",
    message: `the ${region} of the network need ${needed} ${RESOURCE_TEXT[resource]}, but ${target} has ${available} for them.`,
    hint:
      resource === "synapses"
        ? `prune the synapses to about ${Math.floor((100 * available) / needed)} % of today's.`
        : `take ${needed - available} of them away, or choose a larger target.`,
    data: { region, resource, needed, available },
  };
}

/** @param facts.what about the read-out or the hidden neurons, as a whole clause */
export function wrongRegion(facts: {
  population: string;
  what: string;
  target: string;
  change: string;
}): Diagnostic {
  const { population, what, target, change } = facts;
  return {
    code: "partition/wrong-region",
    severity: "error",
    message: `on ${target} ${what}.`,
    subject: `network.populations["${population}"]`,
    hint: `${change}.`,
    data: { population, what },
  };
}

export function noRoomForBlocks(facts: {
  blocks: number;
  cores: number;
  chips: number;
  chipsNeeded: number;
  target: string;
  changes: readonly string[];
  /** What fills the cores of each population, the population with most cores first. */
  binding?: readonly Binding[];
  /** Why relays do not help. */
  relays?: string;
}): Diagnostic {
  const { blocks, cores, chips, chipsNeeded, target, changes, binding = [] } = facts;
  const relays = facts.relays === undefined ? "" : `; ${facts.relays}`;
  const have = chips === 1 ? `one chip of ${target} has` : `${chips} chips of ${target} have`;
  return {
    code: "place/no-room",
    severity: "error",
    message: `the network needs ${blocks} cores, but ${have} ${cores}${binding.length < 2 ? "" : `; ${mostText(binding[0])}`}${relays}.`,
    hint: `${changes.join(", or ")}.`,
    data: { blocks, cores, chips, chipsNeeded, changes, binding },
  };
}

const mostText = ({ population, cores, resource, needed, available }: Binding): string =>
  available === null
    ? `"${population}" takes ${cores} of them`
    : `"${population}" takes ${cores} of them, its fullest with ${needed} of ${available} ${RESOURCE_TEXT[resource]}`;

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
