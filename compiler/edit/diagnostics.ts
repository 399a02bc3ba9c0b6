import { nearestName, type Diagnostic } from "#util/diagnostic";

// Messages about changes of a network that were asked for, in alphabetical order of their codes.

export function channelsOutOfRange(facts: { population: string; channels: number; has: number }): Diagnostic {
  const { population, channels, has } = facts;
  return {
    code: "edit/channels-out-of-range",
    severity: "error",
    message: `${channels} channels of "${population}" were to be kept, but it has ${has}.`,
    subject: `network.populations["${population}"]`,
    hint: `give a whole number from 1 to ${has}.`,
    data: facts,
  };
}

export function densityOutOfRange(facts: { layer: string; densityShare: number }): Diagnostic {
  const { layer, densityShare } = facts;
  return {
    code: "edit/density-out-of-range",
    severity: "error",
    message: `${layer} was to be pruned to a density of ${densityShare}, but a density is a share above 0 and up to 1.`,
    hint: "give a share such as 0.4: two fifths of the weights stay.",
    data: facts,
  };
}

/** @param why what stands against it, as the end of a sentence */
export function fixedPopulation(facts: { population: string; why: string }): Diagnostic {
  const { population, why } = facts;
  return {
    code: "edit/fixed-population",
    severity: "error",
    message: `"${population}" cannot be split or lose channels: ${why}.`,
    subject: `network.populations["${population}"]`,
    hint: "change the populations before it, or prune its weights.",
    data: facts,
  };
}

export function partsOutOfRange(facts: { population: string; parts: number; channels: number }): Diagnostic {
  const { population, parts, channels } = facts;
  return {
    code: "edit/parts-out-of-range",
    severity: "error",
    message: `"${population}" was to be split in ${parts}, but it has ${channels} channels.`,
    subject: `network.populations["${population}"]`,
    hint: channels < 2 ? "leave it whole." : `give a whole number from 2 to ${channels}.`,
    data: facts,
  };
}

export function unknownLayer(facts: { layer: string; known: readonly string[] }): Diagnostic {
  const { layer, known } = facts;
  return {
    code: "edit/unknown-layer",
    severity: "error",
    message: `there is no trained layer "${layer}"; ${known.length === 0 ? "the model has none" : `there is ${listed(known)}`}.`,
    hint: instead(layer, known),
    data: facts,
  };
}

export function unknownPopulation(facts: { population: string; known: readonly string[] }): Diagnostic {
  const { population, known } = facts;
  return {
    code: "edit/unknown-population",
    severity: "error",
    message: `there is no population "${population}"; there is ${listed(known)}.`,
    hint: instead(population, known),
    data: facts,
  };
}

function instead(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? "leave the option out." : `choose one of ${listed(known)}.`;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
