import type { z } from "zod";
import type { Diagnostic, DiagnosticSink } from "#util/diagnostic";
import { checkTarget } from "./check.ts";
import { missingField, notJson, unknownField, wrongType, wrongValue } from "./diagnostics.ts";
import { loihi1 } from "./loihi1/index.ts";
import { targetSchema } from "./schema.ts";
import { NOC_OPTIONS, type Target } from "./target.ts";

/** The target as the text of a file that `parseTarget` reads. */
export function targetToJson(target: Target): string {
  return `${JSON.stringify(target, null, 2)}\n`;
}

/**
 * A target from the text of a JSON file, fit for use; or undefined, with every fault in the sink (`targets/...`,
 * each with the JSON pointer of its place). Rules between numbers are checked once the shape is right.
 */
export function parseTarget(text: string, sink: DiagnosticSink): Target | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    sink.report(notJson({ reason: (error as SyntaxError).message }));
    return undefined;
  }
  const parsed = targetSchema.safeParse(json);
  const faults = parsed.success
    ? checkTarget(parsed.data)
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

/** Names to suggest for a misspelt one: all that occur in a complete target. */
const KNOWN_FIELDS: readonly string[] = [
  ...new Set([...fieldsOf(loihi1), "op", "bound", "band", "hopClasses", ...NOC_OPTIONS]),
];

function fieldsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  return Object.entries(value).flatMap(([key, field]) => [key, ...fieldsOf(field)]);
}
