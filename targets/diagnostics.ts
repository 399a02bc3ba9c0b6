import type { Diagnostic } from "#util/diagnostic";
import { nearestName } from "#util/diagnostic";

// Every message of this layer, one function each, in alphabetical order. Places in a target are JSON pointers.

export function barrierOrder(facts: { path: string; tiles: readonly number[] }): Diagnostic {
  return fault({
    code: "targets/barrier-order",
    message: `the barrier table needs tile counts from 1 up, each larger than the one before, but has ${facts.tiles.join(", ") || "none"}.`,
    path: facts.path,
    hint: "sort the entries by their tile count and start with 1.",
    data: { tiles: facts.tiles },
  });
}

export function duplicateName(facts: { path: string; kind: string; name: string }): Diagnostic {
  return fault({
    code: "targets/duplicate-name",
    message: `there are two ${facts.kind}s called "${facts.name}".`,
    path: facts.path,
    hint: "rename one of them.",
    data: { name: facts.name },
  });
}

export function foreignProfile(facts: {
  path: string;
  profile: string;
  of: string;
  target: string;
}): Diagnostic {
  const { path, profile, of, target } = facts;
  return fault({
    code: "targets/foreign-profile",
    message: `profile "${profile}" says that it belongs to "${of}", but stands in "${target}".`,
    path,
    hint: `set it to "${target}".`,
    data: { profile, of, target },
  });
}

export function insidePriced(facts: { path: string; action: string }): Diagnostic {
  return fault({
    code: "targets/inside-priced",
    message: `"${facts.action}" has a price of its own and is also listed as inside another price.`,
    path: facts.path,
    hint: `take "${facts.action}" out of "inside", or set its energy and time to null.`,
    data: { action: facts.action },
  });
}

export function missingField(facts: { path: string; expected: string }): Diagnostic {
  return fault({
    code: "targets/missing-field",
    message: `"${facts.path}" is missing; it has to be ${facts.expected}.`,
    path: facts.path,
    hint: "add it (null, where nothing is known and null is allowed).",
    data: { expected: facts.expected },
  });
}

export function mixedScopes(facts: {
  path: string;
  allIn: readonly string[];
  perTerm: readonly string[];
}): Diagnostic {
  const { path, allIn, perTerm } = facts;
  return fault({
    code: "targets/mixed-scopes",
    message: `the energy of ${quoted(allIn)} is all-in, and that of ${quoted(perTerm)} comes on top of it; they would be counted twice.`,
    path,
    hint: "keep the all-in price and set the others to null, or the other way round.",
    data: { allIn, perTerm },
  });
}

export function notJson(facts: { reason: string }): Diagnostic {
  return {
    code: "targets/not-json",
    severity: "error",
    message: `the target is not JSON: ${facts.reason}.`,
    hint: 'start from a target that is (print one with "targets show loihi1").',
    data: { reason: facts.reason },
  };
}

export function noNote(facts: { path: string; evidence: string }): Diagnostic {
  return fault({
    code: "targets/no-note",
    message: `the number is ${facts.evidence} and does not say how.`,
    path: facts.path,
    hint: `add a "note" with the reasoning.`,
    data: { evidence: facts.evidence },
  });
}

export function noSource(facts: { path: string; evidence: string }): Diagnostic {
  return fault({
    code: "targets/no-source",
    message: `the number is ${facts.evidence} and names no source.`,
    path: facts.path,
    hint: `add a key of "sources" to "src", or call the number assumed and explain it in "note".`,
    data: { evidence: facts.evidence },
  });
}

export function packerFields(facts: {
  path: string;
  packer: string;
  problem: string;
  hint: string;
}): Diagnostic {
  return fault({
    code: "targets/packer-fields",
    message: `packer "${facts.packer}" ${facts.problem}.`,
    path: facts.path,
    hint: facts.hint,
    data: { packer: facts.packer },
  });
}

export function unknownDefaultProfile(facts: { name: string; known: readonly string[] }): Diagnostic {
  const { name, known } = facts;
  return fault({
    code: "targets/unknown-default-profile",
    message: `the default profile "${name}" is none of the profiles; there are: ${known.join(", ") || "none"}.`,
    path: "/defaultProfile",
    hint: suggestion(name, known),
    data: { name, known },
  });
}

export function unknownField(facts: { path: string; field: string; known: readonly string[] }): Diagnostic {
  const { path, field, known } = facts;
  const near = nearestName(field, known);
  return fault({
    code: "targets/unknown-field",
    message: `"${path || "/"}" has a field "${field}", which means nothing there.`,
    path: `${path}/${field}`,
    hint: near === undefined || near === field ? "take it out." : `did you mean "${near}"?`,
    data: { field },
  });
}

export function unknownPacker(facts: { name: string; target: string; known: readonly string[] }): Diagnostic {
  return unknownName("targets/unknown-packer", `packer of ${facts.target}`, facts.name, facts.known);
}

export function unknownProfile(facts: {
  name: string;
  target: string;
  known: readonly string[];
}): Diagnostic {
  return unknownName("targets/unknown-profile", `profile of ${facts.target}`, facts.name, facts.known);
}

export function unknownSource(facts: { path: string; source: string; known: readonly string[] }): Diagnostic {
  const { path, source, known } = facts;
  return fault({
    code: "targets/unknown-source",
    message: `"${source}" is not a key of "sources"; there are: ${known.join(", ") || "none"}.`,
    path,
    hint: suggestion(source, known),
    data: { source, known },
  });
}

export function unknownTarget(facts: { name: string; known: readonly string[] }): Diagnostic {
  return unknownName("targets/unknown-target", "target", facts.name, facts.known);
}

export function wrongNumber(facts: { path: string; value: number; expected: string }): Diagnostic {
  return fault({
    code: "targets/wrong-number",
    message: `the number has to be ${facts.expected}, but is ${facts.value}.`,
    path: facts.path,
    hint: `set it to ${facts.expected}.`,
    data: { value: facts.value },
  });
}

export function wrongType(facts: { path: string; expected: string; actual: string }): Diagnostic {
  return fault({
    code: "targets/wrong-type",
    message: `"${facts.path || "/"}" has to be ${facts.expected}, but is ${facts.actual}.`,
    path: facts.path || "/",
    hint: `replace it by ${facts.expected}.`,
    data: { expected: facts.expected, actual: facts.actual },
  });
}

export function wrongUnit(facts: { path: string; unit: string; allowed: readonly string[] }): Diagnostic {
  const { path, unit, allowed } = facts;
  return fault({
    code: "targets/wrong-unit",
    message: `the number is in ${unit}, but belongs in ${allowed.join(" or ")}.`,
    path,
    hint: `convert it to ${allowed[0]}.`,
    data: { unit, allowed },
  });
}

export function wrongValue(facts: { path: string; value: string; allowed: string }): Diagnostic {
  return fault({
    code: "targets/wrong-value",
    message: `"${facts.path}" is ${facts.value}, but ${facts.allowed}.`,
    path: facts.path,
    hint: "replace it.",
    data: { value: facts.value },
  });
}

function fault(facts: {
  code: string;
  message: string;
  path: string;
  hint: string;
  data: Readonly<Record<string, unknown>>;
}): Diagnostic {
  const { code, message, path, hint, data } = facts;
  return { code, severity: "error", message, subject: path, hint, data };
}

function unknownName(code: string, kind: string, name: string, known: readonly string[]): Diagnostic {
  return {
    code,
    severity: "error",
    message: `there is no ${kind} called "${name}"; known: ${known.join(", ")}.`,
    hint: suggestion(name, known),
    data: { name, known },
  };
}

function suggestion(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? `choose one of: ${known.join(", ")}.` : `did you mean "${near}"?`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
