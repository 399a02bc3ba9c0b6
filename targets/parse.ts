import type { z } from "zod";
import type { Diagnostic, DiagnosticSink } from "#util/diagnostic";
import { checkProfileFile, checkTarget } from "./check.ts";
import { fromMemory, missingField, notJson, unknownField, wrongType, wrongValue } from "./diagnostics.ts";
import { loihi1 } from "./loihi1/index.ts";
import { profileFileSchema, targetSchema, type ProfileFile } from "./schema.ts";
import { NOC_OPTIONS, type Profile, type Target } from "./target.ts";

/** The target as the text of a file that `parseTarget` reads. */
export function targetToJson(target: Target): string {
  return `${JSON.stringify(target, null, 2)}\n`;
}

/** A profile as the text of a file that `parseProfile` reads, with the sources that its numbers name. */
export function profileToJson(profile: Profile, target: Target): string {
  const text = JSON.stringify(profile);
  const used = Object.entries(target.sources).filter(([key]) => new RegExp(`"${key}["#]`).test(text));
  const file: ProfileFile = { schema: 1, profile, sources: Object.fromEntries(used) };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * A target from the text of a JSON file, fit for use; or undefined, with every fault in the sink (`targets/...`,
 * each with the JSON pointer of its place). Rules between numbers are checked once the shape is right.
 */
export function parseTarget(text: string, sink: DiagnosticSink): Target | undefined {
  const json = jsonOf(text, sink);
  return json && parseWith(targetSchema, json.value, checkTarget, sink);
}

/**
 * A profile from a file of its own: `{ "schema": 1, "profile": {...}, "sources": {...} }`, as `profileToJson` writes it. With
 * `target`, it has to belong to that one; its numbers may then name the target's sources too.
 */
export function parseProfile(text: string, sink: DiagnosticSink, target?: Target): Profile | undefined {
  const json = jsonOf(text, sink);
  return json && parseProfileJson(json.value, sink, target);
}

function parseProfileJson(json: unknown, sink: DiagnosticSink, target?: Target): Profile | undefined {
  const check = (file: ProfileFile): Diagnostic[] =>
    checkProfileFile({ ...file, sources: { ...target?.sources, ...file.sources } }, target);
  return parseWith(profileFileSchema, json, check, sink)?.profile;
}

/** What a file holds: a target, or a profile (which has no mesh). */
export type ParsedFile =
  | { readonly kind: "target"; readonly target: Target }
  | { readonly kind: "profile"; readonly profile: Profile };

/** A target or a profile from the text of a file, whichever it is; faults as by `parseTarget` and `parseProfile`. */
export function parseTargetOrProfile(
  text: string,
  sink: DiagnosticSink,
  of?: Target,
): ParsedFile | undefined {
  const json = jsonOf(text, sink);
  if (json === undefined) return undefined;
  if (typeof json.value === "object" && json.value !== null && "profile" in json.value) {
    const profile = parseProfileJson(json.value, sink, of);
    return profile && { kind: "profile", profile };
  }
  const target = parseWith(targetSchema, json.value, checkTarget, sink);
  return target && { kind: "target", target };
}

function jsonOf(text: string, sink: DiagnosticSink): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    sink.report(notJson({ reason: (error as SyntaxError).message }));
    return undefined;
  }
}

function parseWith<T>(
  schema: z.ZodType<T>,
  json: unknown,
  check: (parsed: T) => Diagnostic[],
  sink: DiagnosticSink,
): T | undefined {
  const parsed = schema.safeParse(json);
  const faults = parsed.success
    ? check(parsed.data)
    : parsed.error.issues.flatMap((issue) => explainIssue(issue, json));
  for (const fault of faults) sink.report(fault);
  return parsed.success && faults.length === 0 ? parsed.data : undefined;
}

function explainIssue(issue: z.core.$ZodIssue, json: unknown): Diagnostic[] {
  const path = issue.path.map((key) => `/${escapePointer(String(key))}`).join("");
  const value = issue.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((field) => unknownField({ path, field, known: KNOWN_FIELDS }));
    case "invalid_type": {
      const expected = TYPE_TEXT[issue.expected] ?? `of type ${issue.expected}`;
      if (value === undefined) return [missingField({ path, expected })];
      return [wrongType({ path, expected, actual: typeText(value) })];
    }
    case "invalid_value": {
      if (value === "memory" && path.endsWith("/evidence")) return [fromMemory({ path })];
      const allowed = issue.values.map((option) => JSON.stringify(option)).join(", ");
      if (value === undefined) return [missingField({ path, expected: allowed })];
      return [wrongValue({ path, value: JSON.stringify(value), allowed: `may be ${allowed}` })];
    }
    case "too_small":
      return [
        wrongValue({ path, value: JSON.stringify(value), allowed: `has to be ${issue.minimum} or more` }),
      ];
    default:
      return [wrongValue({ path, value: JSON.stringify(value), allowed: issue.message })];
  }
}

const TYPE_TEXT: Readonly<Record<string, string>> = {
  number: "a number",
  int: "an integer",
  string: "a text",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
};

function typeText(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return `the number ${value}`;
  return TYPE_TEXT[typeof value];
}

/** JSON pointers write "~" as "~0" and "/" as "~1". */
function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Names to suggest for a misspelt one: all that occur in a complete target, and those that are optional. */
const KNOWN_FIELDS: readonly string[] = [
  ...new Set([
    ...fieldsOf(loihi1),
    ...["op", "bound", "band", "hopClasses", "laws", "base", "energyFactor", "timeFactor"],
    ...["status", "caveats", "die", "chipMemory", "budgets", "coreClasses", "passes", "defaults"],
    ...NOC_OPTIONS,
  ]),
];

function fieldsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  return Object.entries(value).flatMap(([key, field]) => [key, ...fieldsOf(field)]);
}
