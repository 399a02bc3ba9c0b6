import type { Diagnostic } from "#util/diagnostic";
import { RESOURCE_TEXT } from "../diagnostics.ts";
import type { Shortage } from "../encode/measure.ts";

// Every violation that verification can find, one function each, in alphabetical order of their codes. All of
// them mean the same for the user: this deployment is not the model, or not legal; compile again and report it.

const HINT = "compile the model again; if the finding stays, report it as a bug together with the model.";
const OTHER_MODEL_HINT =
  "see whether this is the model that the deployment was compiled from, with the same options.";

function violation(
  what: string,
  message: string,
  subject: string,
  data: Readonly<Record<string, unknown>> = {},
  hint: string = HINT,
): Diagnostic {
  return { code: `verify/${what}`, severity: "error", message, subject, hint, data };
}

export function axonShared(facts: { core: number; axon: number }): Diagnostic {
  const { core, axon } = facts;
  return violation(
    "axon-shared",
    `input axon ${axon} of core ${core} is fed by more than one route, but a synapse list belongs to one source.`,
    coreSubject(core),
    facts,
  );
}

export function axonUnreferenced(facts: { core: number; axon: number }): Diagnostic {
  const { core, axon } = facts;
  return violation(
    "axon-unreferenced",
    `input axon ${axon} of core ${core} is fed by no route, so its synapses never act.`,
    coreSubject(core),
    facts,
  );
}

export function axonWordsDiffer(facts: {
  core: number;
  axon: number;
  stated: number;
  counted: number;
}): Diagnostic {
  const { core, axon, stated, counted } = facts;
  return violation(
    "axon-words-differ",
    `input axon ${axon} of core ${core} states ${stated} words, but its list takes ${counted}.`,
    coreSubject(core),
    facts,
  );
}

export function coreOutOfRange(facts: { core: number; cores: number; chips: number }): Diagnostic {
  const { core, cores, chips } = facts;
  return violation(
    "core-out-of-range",
    `core ${core} is used, but ${chips === 1 ? "one chip has" : `${chips} chips have`} cores 0 to ${cores - 1}.`,
    coreSubject(core),
    facts,
  );
}

export function coresNotAscending(facts: { core: number; previous: number }): Diagnostic {
  const { core, previous } = facts;
  return violation(
    "cores-not-ascending",
    `core ${core} is listed after core ${previous}, but cores ascend and each is listed once.`,
    coreSubject(core),
    facts,
  );
}

export function crossbarRow(facts: { core: number; axon: number; what: string }): Diagnostic {
  const { core, axon, what } = facts;
  return violation(
    "crossbar-row",
    `the row of input axon ${axon} of core ${core} ${what}.`,
    coreSubject(core),
    facts,
  );
}

export function delayDiffers(facts: SynapseFacts & { stored: number; expected: number }): Diagnostic {
  const { stored, expected } = facts;
  return violation(
    "delay-differs",
    `${synapse(facts)} acts after ${stored} steps, but the model says ${expected}.`,
    coreSubject(facts.core),
    { ...facts },
  );
}

export function entriesNotAscending(facts: { core: number; axon: number }): Diagnostic {
  const { core, axon } = facts;
  return violation(
    "entries-not-ascending",
    `the targets of input axon ${axon} of core ${core} do not ascend inside a run of one format.`,
    coreSubject(core),
    facts,
  );
}

export function exponentDiffers(facts: {
  core: number;
  projection: string;
  stored: number;
  expected: number;
}): Diagnostic {
  const { core, projection, stored, expected } = facts;
  return violation(
    "exponent-differs",
    `core ${core} scales weights of projection "${projection}" by 2^${stored}, but the model says 2^${expected}.`,
    coreSubject(core),
    facts,
  );
}

export function fieldTooNarrow(facts: {
  core: number;
  format: number;
  field: string;
  bits: number;
  value: number;
}): Diagnostic {
  const { core, format, field, bits, value } = facts;
  return violation(
    "field-too-narrow",
    `synapse format ${format} of core ${core} has ${bits} bits for the ${field}, which do not hold ${value}.`,
    coreSubject(core),
    facts,
  );
}

export function formatUnknown(facts: {
  core: number;
  format: number;
  field: string;
  value: string | number;
  packer: string;
}): Diagnostic {
  const { core, format, field, value, packer } = facts;
  return violation(
    "format-unknown",
    `synapse format ${format} of core ${core} has ${field} ${value}, which packer "${packer}" does not know.`,
    coreSubject(core),
    facts,
  );
}

export function headerDiffers(facts: { field: string; stated: unknown; expected: unknown }): Diagnostic {
  const { field, stated, expected } = facts;
  return violation(
    "header-differs",
    `the deployment states ${field} ${text(stated)}, but the model or the target says ${text(expected)}.`,
    `deployment.${field}`,
    facts,
    OTHER_MODEL_HINT,
  );
}

export function layerImpossible(facts: { core: number; projection: string; what: string }): Diagnostic {
  const { core, projection, what } = facts;
  return violation(
    "layer-impossible",
    `core ${core} cannot run projection "${projection}" as a layer: it has ${what}.`,
    coreSubject(core),
    facts,
  );
}

export function listSharedWrongly(facts: {
  core: number;
  axon: number;
  list: number;
  what: string;
}): Diagnostic {
  const { core, axon, list, what } = facts;
  return violation(
    "list-shared-wrongly",
    `input axon ${axon} of core ${core} cannot share list ${list}: ${what}.`,
    coreSubject(core),
    facts,
  );
}

export function malformed(facts: { core: number; what: string }): Diagnostic {
  return violation(
    "malformed-core",
    `core ${facts.core} contradicts itself: ${facts.what}.`,
    coreSubject(facts.core),
    { ...facts },
  );
}

export function memoryWordsDiffer(facts: {
  core: number;
  stated: number | undefined;
  counted: number;
}): Diagnostic {
  const { core, stated, counted } = facts;
  return violation(
    "memory-words-differ",
    `core ${core} states ${text(stated)} as its words of synapse memory, but they are ${counted}.`,
    coreSubject(core),
    { ...facts },
  );
}

export function neuronMisplaced(facts: {
  population: string;
  neuron: number;
  core: number;
  compartment: number;
  what: string;
}): Diagnostic {
  const { population, neuron, core, compartment, what } = facts;
  return violation(
    "neuron-misplaced",
    `neuron ${neuron} of "${population}" should be compartment ${compartment} of core ${core}, but ${what}.`,
    `deployment.populations["${population}"][${neuron}]`,
    facts,
  );
}

export function overChipMemory(facts: {
  chip: number;
  what: "words" | "routes";
  needed: number;
  available: number;
}): Diagnostic {
  const { chip, what, needed, available } = facts;
  const text = what === "words" ? "words of synapse memory" : "entries of the routing table";
  return violation(
    "over-chip-memory",
    `the cores of chip ${chip} need ${needed} ${text}, but it has ${available}.`,
    `deployment.cores[chip ${chip}]`,
    facts,
  );
}

export function outOfReach(facts: { core: number; what: string }): Diagnostic {
  const { core, what } = facts;
  return violation("out-of-reach", `on core ${core} ${what}.`, coreSubject(core), facts);
}

export function overWall(facts: {
  core: number;
  resource: Shortage;
  needed: number;
  available: number;
}): Diagnostic {
  const { core, resource, needed, available } = facts;
  return violation(
    "over-wall",
    `core ${core} needs ${needed} ${RESOURCE_TEXT[resource]}, but a core has ${available}.`,
    coreSubject(core),
    facts,
  );
}

export function parameterDiffers(facts: {
  population: string;
  neuron: number;
  parameter: string;
  stored: number;
  expected: number;
}): Diagnostic {
  const { population, neuron, parameter, stored, expected } = facts;
  return violation(
    "parameter-differs",
    `${parameter} of neuron ${neuron} of "${population}" is ${stored} on the core, but the model says ${expected}.`,
    `deployment.populations["${population}"][${neuron}]`,
    facts,
  );
}

export function populationDiffers(facts: { population: string; what: string }): Diagnostic {
  const { population, what } = facts;
  return violation(
    "population-differs",
    `population "${population}" is not as in the model: ${what}.`,
    `deployment.populations["${population}"]`,
    facts,
    OTHER_MODEL_HINT,
  );
}

export function portDiffers(facts: { port: string; what: string }): Diagnostic {
  const { port, what } = facts;
  return violation(
    "port-differs",
    `port "${port}" is not as in the model: ${what}.`,
    `deployment port "${port}"`,
    facts,
  );
}

export function routeLeadsNowhere(facts: {
  from: string;
  core: number;
  axon: number;
  what: string;
}): Diagnostic {
  const { from, core, axon, what } = facts;
  return violation(
    "route-leads-nowhere",
    `a route of ${from} leads to input axon ${axon} of core ${core}, but ${what}.`,
    coreSubject(core),
    facts,
  );
}

/** Where a synapse is in the model, and the core that holds it. */
export interface SynapseFacts {
  readonly core: number;
  readonly projection: string;
  readonly pre: number;
  readonly post: number;
}

/** @param facts.what about the population that stands in, as the rest of a sentence */
export function standInDiffers(facts: { population: string; what: string }): Diagnostic {
  const { population, what } = facts;
  return violation(
    "stand-in-differs",
    `"${population}", which stands in for other neurons, ${what}.`,
    `network.populations["${population}"]`,
    facts,
  );
}

export function synapseForeign(facts: {
  core: number;
  axon: number;
  projection: string;
  what: string;
}): Diagnostic {
  const { core, axon, projection, what } = facts;
  return violation(
    "synapse-foreign",
    `input axon ${axon} of core ${core} holds synapses of projection "${projection}", but ${what}.`,
    coreSubject(core),
    facts,
  );
}

export function synapseInvented(facts: SynapseFacts & { weight: number }): Diagnostic {
  return violation(
    "synapse-invented",
    `${synapse(facts)} is stored with weight ${facts.weight}, but the model has no such synapse.`,
    coreSubject(facts.core),
    { ...facts },
  );
}

export function synapseMissing(facts: Omit<SynapseFacts, "core"> & { weight: number }): Diagnostic {
  return violation(
    "synapse-missing",
    `${synapse(facts)} has weight ${facts.weight} in the model, but no core stores it.`,
    `network.projections["${facts.projection}"]`,
    facts,
  );
}

export function synapseTwice(facts: SynapseFacts): Diagnostic {
  return violation("synapse-twice", `${synapse(facts)} is stored more than once.`, coreSubject(facts.core), {
    ...facts,
  });
}

export function typeWeight(facts: {
  core: number;
  compartment: number;
  type: number;
  what: string;
}): Diagnostic {
  const { core, compartment, type, what } = facts;
  return violation(
    "type-weight",
    `compartment ${compartment} of core ${core} has for axon type ${type} ${what}.`,
    coreSubject(core),
    facts,
  );
}

export function weightDiffers(facts: SynapseFacts & { stored: number; expected: number }): Diagnostic {
  const { stored, expected } = facts;
  return violation(
    "weight-differs",
    `${synapse(facts)} is stored with weight ${stored}, but the model says ${expected}.`,
    coreSubject(facts.core),
    { ...facts },
  );
}

function synapse({ projection, pre, post }: Omit<SynapseFacts, "core">): string {
  return `the synapse ${pre} -> ${post} of projection "${projection}"`;
}

function coreSubject(core: number): string {
  return `deployment.cores[core ${core}]`;
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
