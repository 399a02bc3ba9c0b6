// What zod found wrong with a recipe, in the words of this program.
import type { z } from "zod";
import type { Diagnostic } from "#util/diagnostic";
import {
  recipeMissingField,
  recipeUnknownField,
  recipeUnknownName,
  recipeWrongType,
  recipeWrongValue,
} from "./recipe-diagnostics.ts";

type Path = readonly PropertyKey[];

/** `model.layers[3].kernel` */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

/**
 * All faults of `value`, which stands at `base` in the recipe.
 *
 * @param fields names that objects of this schema have, for "did you mean"
 */
export function explainIssues(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  base: Path,
  fields: readonly string[],
): Diagnostic[] {
  return issues.flatMap((issue) => explainIssue(issue, value, base, fields));
}

function explainIssue(
  issue: z.core.$ZodIssue,
  root: unknown,
  base: Path,
  fields: readonly string[],
): Diagnostic[] {
  const path = pathText([...base, ...issue.path]);
  const value = valueAt(root, issue.path);
  const found = describe(value);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((field) => recipeUnknownField({ path, field, known: fields }));
    case "invalid_union":
      return explainUnion(issue, value, [...base, ...issue.path], fields);
    case "invalid_type": {
      const expected = TYPES[issue.expected] ?? `of type ${issue.expected}`;
      if (value === undefined) return [recipeMissingField({ path, expected })];
      return [recipeWrongType({ path, expected, found })];
    }
    case "invalid_value":
      return [explainChoice(path, value, issue.values.map(String), typeof issue.values[0])];
    case "too_small":
    case "too_big":
      return [recipeWrongValue({ path, expected: boundText(issue), found })];
    default:
      return [recipeWrongValue({ path, expected: issue.message, found })];
  }
}

function explainChoice(
  path: string,
  value: unknown,
  known: readonly string[],
  type: string = "string",
): Diagnostic {
  const kind = path.slice(path.lastIndexOf(".") + 1).replace(/\[\d+\]$/, "");
  if (value === undefined) return recipeMissingField({ path, expected: listText(known) });
  if (type === "string" && typeof value === "string")
    return recipeUnknownName({ path, name: value, kind: kind === "name" ? "choice" : kind, known });
  return recipeWrongValue({ path, expected: listText(known), found: describe(value) });
}

/** A value that may have several forms: the faults of the form that was meant, or all forms if none was. */
function explainUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  value: unknown,
  path: Path,
  fields: readonly string[],
): Diagnostic[] {
  const known = (issue as { options?: readonly unknown[] }).options;
  if (known !== undefined) return [explainChoice(pathText(path), value, known.map(String))];
  const meant = issue.errors.find((faults) => faults.every((fault) => !isOfOtherForm(fault)));
  if (meant !== undefined) return explainIssues(meant, value, path, fields);
  const choices = issue.errors.flat().find((fault) => fault.code === "invalid_value");
  if (choices !== undefined && typeof value === "string")
    return [explainChoice(pathText(path), value, choices.values.map(String))];
  const forms = issue.errors.map(([fault]) => formText(fault));
  const expected = [...new Set(forms)].join(" or ");
  if (value === undefined) return [recipeMissingField({ path: pathText(path), expected })];
  return [recipeWrongType({ path: pathText(path), expected, found: describe(value) })];
}

/** True if the fault says that another kind of thing is wanted in this place. */
function isOfOtherForm(fault: z.core.$ZodIssue): boolean {
  return fault.path.length === 0 && (fault.code === "invalid_type" || fault.code === "invalid_value");
}

function formText(fault: z.core.$ZodIssue): string {
  if (fault.code === "invalid_type") return TYPES[fault.expected] ?? fault.expected;
  if (fault.code === "invalid_value") return listText(fault.values.map(String));
  return fault.code === "too_small" || fault.code === "too_big" ? boundText(fault) : fault.message;
}

function boundText(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [limit, side] =
    issue.code === "too_small" ? [issue.minimum, "least"] : ([issue.maximum, "most"] as const);
  if (issue.origin === "array" || issue.origin === "tuple") return `a list of at ${side} ${limit}`;
  if (issue.origin === "string") return `a text of at ${side} ${limit} characters`;
  if (issue.inclusive === true) return `a number of at ${side} ${limit}`;
  return `a number ${side === "least" ? "above" : "below"} ${limit}`;
}

const TYPES: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
  tuple: "a list of two",
};

function listText(known: readonly string[]): string {
  return known.length === 1 ? `"${known[0]}"` : `one of: ${known.join(", ")}`;
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) => (at === null ? undefined : (at as Record<PropertyKey, unknown> | undefined)?.[key]),
    root,
  );
}

function describe(value: unknown): string {
  if (value === undefined) return "not there";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Names of all fields of a JSON schema, at every depth. */
export function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  if (Array.isArray(schema)) return [...new Set(schema.flatMap(fieldsOf))];
  const own = (schema as { properties?: object }).properties;
  const below = Object.values(schema).flatMap(fieldsOf);
  return [...new Set([...Object.keys(own ?? {}), ...below])];
}
