import { nearestName, type Diagnostic } from "#util/diagnostic";
import {
  noNote,
  noScope,
  noSource,
  unknownOp,
  unknownSource,
  wrongNumber,
  wrongUnit,
} from "./diagnostics.ts";
import { OPERATING_POINT, type Quantity, type Unit } from "./target.ts";

/** A quantity, where it stands, and what it may be. */
export interface Place {
  readonly path: string;
  readonly quantity: Quantity;
  readonly units: readonly Unit[];
  /** A positive integer. */
  readonly isWall: boolean;
  readonly needsScope: boolean;
}

type Sources = Readonly<Record<string, string>>;

export function checkQuantity(
  { path, quantity, units, isWall, needsScope }: Place,
  sources: Sources,
): Diagnostic[] {
  const { value, unit, evidence, src, note, scope, op } = quantity;
  const found: Diagnostic[] = [];
  if (!units.includes(unit)) found.push(wrongUnit({ path, unit, allowed: units }));
  if (isWall && !(Number.isInteger(value) && value > 0)) {
    found.push(wrongNumber({ path: `${path}/value`, value, expected: "a positive integer" }));
  } else if (!(Number.isFinite(value) && value >= 0)) {
    found.push(wrongNumber({ path: `${path}/value`, value, expected: "0 or more" }));
  }
  if (needsScope && scope === undefined) found.push(noScope({ path }));
  const known: readonly string[] = OPERATING_POINT;
  for (const key of Object.keys(op ?? {})) {
    const near = nearestName(key, known);
    if (!known.includes(key))
      found.push(unknownOp({ path: `${path}/op/${key}`, key, known, ...(near !== undefined && { near }) }));
  }
  const explains = note !== undefined && note.trim() !== "";
  if (NEEDS_NOTE.includes(evidence) && !explains) found.push(noNote({ path, evidence }));
  if (evidence !== "assumed" && src.length === 0) found.push(noSource({ path, evidence }));
  return [...found, ...checkSources(`${path}/src`, src, sources)];
}

/** A number that was not read off a source has to say where it comes from. */
const NEEDS_NOTE: readonly Quantity["evidence"][] = ["derived", "scaled", "assumed"];

export function checkSources(path: string, src: readonly string[], sources: Sources): Diagnostic[] {
  const known = Object.keys(sources);
  return src.flatMap((text, i) => {
    const source = text.split("#")[0];
    return known.includes(source) ? [] : [unknownSource({ path: `${path}/${i}`, source, known })];
  });
}
