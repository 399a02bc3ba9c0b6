import type { DiagnosticSink } from "#util/diagnostic";
import { badParameter, unknownParameter } from "./diagnostics.ts";
import type { Target } from "./target.ts";

/** Chips that differ in a few numbers: `NAME:key=value,key=value`. */
export interface TargetFamily {
  readonly name: string;
  readonly parameters: readonly FamilyParameter[];
  /** The chip with these numbers; `name` is what it is called. */
  readonly build: (values: FamilyValues, name: string) => Target;
  /** Numbers that do not go together: which one, and what it would have to be. */
  readonly refuses?: (
    values: FamilyValues,
  ) => { readonly key: string; readonly expected: string } | undefined;
}

/** A whole number, both ends included. */
export interface FamilyParameter {
  readonly key: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly meaning: string;
}

export type FamilyValues = Readonly<Record<string, number>>;

/** The chip of a family with the parameters of `text` ("rows=64,cols=64"), others as they are; reports `targets/...`. */
export function memberOf(family: TargetFamily, text: string, sink: DiagnosticSink): Target | undefined {
  const known = family.parameters.map(({ key }) => key);
  const given = new Map<string, string>();
  let faults = 0;
  const fault = (key: string, expected: string): void => {
    faults++;
    sink.report(
      badParameter({ family: family.name, key, value: given.get(key) ?? "", expected, parameters: known }),
    );
  };
  for (const pair of text.split(",")) {
    const [key, ...parts] = pair.split("=").map((part) => part.trim());
    const value = parts.join("=");
    if (!known.includes(key)) {
      faults++;
      sink.report(unknownParameter({ name: key, family: family.name, known }));
    } else if (given.has(key)) fault(key, "given once");
    else given.set(key, value);
  }
  const values = defaultsOf(family);
  for (const { key, min, max } of family.parameters) {
    const written = given.get(key);
    if (written === undefined) continue;
    const value = Number(written);
    if (written !== "" && Number.isSafeInteger(value) && value >= min && value <= max) values[key] = value;
    else fault(key, `a whole number from ${min} to ${max}`);
  }
  if (faults > 0) return undefined;
  const refused = family.refuses?.(values);
  if (refused !== undefined) {
    given.set(refused.key, String(values[refused.key]));
    fault(refused.key, refused.expected);
    return undefined;
  }
  return family.build(values, nameOf(family, values));
}

/** The chip whose parameters nobody gave. */
export function defaultOf(family: TargetFamily): Target {
  return family.build(defaultsOf(family), family.name);
}

function defaultsOf({ parameters }: TargetFamily): Record<string, number> {
  return Object.fromEntries(parameters.map(({ key, value }) => [key, value]));
}

/** The parameters that are not as they would be anyway, in the family's order: equal chips have equal names. */
function nameOf({ name, parameters }: TargetFamily, values: FamilyValues): string {
  const changed = parameters.filter(({ key, value }) => values[key] !== value);
  return changed.length === 0
    ? name
    : `${name}:${changed.map(({ key }) => `${key}=${values[key]}`).join(",")}`;
}

/** Names of targets in a list: commas part them, but for those between the parameters of one. */
export function targetNames(list: string): string[] {
  const names: string[] = [];
  for (const part of list.split(",")) {
    const isParameter = part.includes("=") && !part.includes(":") && names.length > 0;
    if (isParameter) names.push(`${names.pop()!},${part.trim()}`);
    else if (part.trim() !== "") names.push(part.trim());
  }
  return names;
}
