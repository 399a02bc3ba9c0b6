import type { Diagnostic } from "#util/diagnostic";
import { nearestName } from "#util/diagnostic";

// Every message of this layer, one function each, in alphabetical order. Places in a target are JSON pointers.

export function badFactor(facts: { path: string; profile: string; problem: string }): Diagnostic {
  return fault({
    code: "targets/no-factor",
    message: `profile "${facts.profile}" is scaled, but its base ${facts.problem}.`,
    path: facts.path,
    hint: 'add "energyFactor" or "timeFactor": a number above 0, or numbers by action.',
    data: { profile: facts.profile },
  });
}

export function badParameter(facts: {
  family: string;
  key: string;
  value: string;
  expected: string;
  parameters: readonly string[];
}): Diagnostic {
  const { family, key, value, expected, parameters } = facts;
  return {
    code: "targets/bad-parameter",
    severity: "error",
    message: `"${key}" of ${family} has to be ${expected}, but is ${value === "" ? "left out" : value}; parameters: ${parameters.join(", ")}.`,
    hint: `write ${family}:${key}=… with ${expected}.`,
    data: { family, key, value, parameters },
  };
}

export function barrierOrder(facts: { path: string; tiles: readonly number[] }): Diagnostic {
  return fault({
    code: "targets/barrier-order",
    message: `the barrier table needs tile counts from 1 up, each larger than the one before, but has ${facts.tiles.join(", ") || "none"}.`,
    path: facts.path,
    hint: "sort the entries by their tile count and start with 1.",
    data: { tiles: facts.tiles },
  });
}

export function caveats(facts: { target: string; status: string; texts: readonly string[] }): Diagnostic {
  const { target, status, texts } = facts;
  return {
    code: "targets/caveats",
    severity: "note",
    message: `${target} is ${status === "experimental" ? "an experimental target" : "mapped with these reservations"}: ${sentences(texts)}`,
    subject: target,
    hint: `targets show ${target} --table says how each number is known.`,
    data: { target, status, caveats: texts },
  };
}

export function coreClassFault(facts: { path: string; name: string; problem: string }): Diagnostic {
  return fault({
    code: "targets/core-class",
    message: `core class "${facts.name}" ${facts.problem}.`,
    path: facts.path,
    hint: "list every core of a chip in one class at most.",
    data: { name: facts.name },
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

export function fromMemory(facts: { path: string }): Diagnostic {
  return fault({
    code: "targets/from-memory",
    message: "the number is from memory: nobody can check it.",
    path: facts.path,
    hint: 'look it up and name the source, or call it "assumed" and give the reasoning in "note".',
    data: {},
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

export function noBase(facts: { path: string; profile: string; kind: string }): Diagnostic {
  return fault({
    code: "targets/no-base",
    message: `profile "${facts.profile}" is ${facts.kind} and does not say from which profile.`,
    path: facts.path,
    hint: 'add "base" with the target and the profile that its prices come from.',
    data: { profile: facts.profile, kind: facts.kind },
  });
}

export function noParameters(facts: {
  name: string;
  family: string;
  families: readonly string[];
}): Diagnostic {
  const { name, family, families } = facts;
  return {
    code: "targets/no-parameters",
    severity: "error",
    message: `"${family}" is one chip and takes no parameters; those that do: ${families.join(", ")}.`,
    hint: `write ${family}, or change its numbers in a file of your own (targets show ${family}).`,
    data: { name, families },
  };
}

export function notJson(facts: { reason: string }): Diagnostic {
  return {
    code: "targets/not-json",
    severity: "error",
    message: `the file is not JSON: ${facts.reason}.`,
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

export function noScope(facts: { path: string }): Diagnostic {
  return fault({
    code: "targets/no-scope",
    message: "the price does not say what it covers.",
    path: facts.path,
    hint: 'add "scope": per-term, incremental, all-in or floor.',
    data: {},
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

export function reportOnly(facts: { target: string; reasons: readonly string[] }): Diagnostic {
  const { target, reasons } = facts;
  return {
    code: "targets/report-only",
    severity: "error",
    message: `no network can be mapped onto ${target}: ${sentences(reasons)}`,
    hint: `see what is published with "targets show ${target} --table", or choose another target.`,
    data: { target, reasons },
  };
}

export function silentLaw(facts: {
  path: string;
  profile: string;
  law: string;
  missing: readonly string[];
}): Diagnostic {
  const { path, profile, law, missing } = facts;
  return fault({
    code: "targets/silent-law",
    message: `profile "${profile}" goes by the law "${law}", lacks ${missing.join(", ")}, and does not say so.`,
    path,
    hint: 'add them to "laws", or a line to "unpriced".',
    data: { profile, law, missing },
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

export function unknownOp(facts: {
  path: string;
  key: string;
  known: readonly string[];
  near?: string;
}): Diagnostic {
  const { path, key, known, near } = facts;
  return fault({
    code: "targets/unknown-op",
    message: `an operating point has no "${key}"; it may state ${known.join(", ")}.`,
    path,
    hint: near === undefined ? "take it out, or say it in the note." : `did you mean "${near}"?`,
    data: { key, known },
  });
}

export function unknownPacker(facts: { name: string; target: string; known: readonly string[] }): Diagnostic {
  return unknownName("targets/unknown-packer", `packer of ${facts.target}`, facts.name, facts.known);
}

export function unknownParameter(facts: {
  name: string;
  family: string;
  known: readonly string[];
}): Diagnostic {
  return unknownName("targets/unknown-parameter", `parameter of ${facts.family}`, facts.name, facts.known);
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
  const { hint, ...rest } = unknownName("targets/unknown-target", "target", facts.name, facts.known);
  return { ...rest, hint: `${hint} A target of your own is given as its file, which ends in .json.` };
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

function sentences(texts: readonly string[]): string {
  return texts.map((text) => (text.endsWith(".") ? text : `${text}.`)).join(" ");
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
