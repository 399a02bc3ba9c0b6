import { targetTable } from "./table.ts";
import type { Target } from "./target.ts";

/** A line of two targets' tables that is not the same; a cell is empty where a table has no such line. */
export interface TargetDifference {
  readonly section: string;
  readonly what: string;
  readonly first: string;
  readonly second: string;
}

/**
 * All that differs between two targets, in the order of their tables: walls, weights, neurons, packers, the prices and
 * times of their default profiles, and fields of the file that the tables leave out. How well a number is known is not compared.
 */
export function targetDifferences(first: Target, second: Target): TargetDifference[] {
  const [a, b] = [linesOf(first), linesOf(second)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .map((key) => {
      const [section, what] = key.split("\t");
      return { section, what, first: a.get(key) ?? "", second: b.get(key) ?? "" };
    })
    .filter((line) => line.first !== line.second)
    .sort((x, y) => ORDER.indexOf(x.section) - ORDER.indexOf(y.section));
}

const ORDER = ["structure", "packer", "energy", "time", "profile", "field"];

/** Fields of a target's file that its table leaves out. */
const OUTSIDE_TABLE = [
  /^\/noc\/(?!cast|bufferMessages)/,
  /^\/packers\/[1-9]/,
  /^\/weights\/(inputShift|mixedStep)/,
  /^\/neuron\/(decayBits|maxShift|linearMax)/,
  /^\/(passes|defaults|other profiles)/,
];
/** How well a number is known, and what else is said of it. */
const REMARKS = ["evidence", "source", "note", "scope", "caveats", "text"];

/** Values by their place in the file; of profiles, those that are not the default. */
function fieldsOf(target: Target): Map<string, string> {
  const fields = new Map<string, string>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value === "object" && value !== null) {
      for (const [key, part] of Object.entries(value))
        if (!REMARKS.includes(key)) visit(part, key === "value" ? path : `${path}/${key}`);
    } else if (value !== undefined && OUTSIDE_TABLE.some((pattern) => pattern.test(path)))
      fields.set(path.slice(1), String(value));
  };
  const others = target.profiles.filter(({ name }) => name !== target.defaultProfile);
  visit({ ...target, "other profiles": Object.fromEntries(others.map((one) => [one.name, one])) }, "");
  return fields;
}

/** By "section, tab, name of the line". */
function linesOf(target: Target): Map<string, string> {
  const profile = target.profiles.filter(({ name }) => name === target.defaultProfile);
  const lines = new Map<string, string>();
  const add = (section: string, what: string, text: string): void => {
    if (text !== "") lines.set(`${section}\t${what}`, text);
  };
  const [structure, packers, ...rest] = targetTable({
    ...target,
    packers: target.packers.slice(0, 1),
    profiles: profile,
  });
  for (const [what, text] of structure.rows) add("structure", what, text);
  for (const [i, heading] of packers.columns.entries())
    if (heading !== "source") add("packer", heading, packers.rows[0]?.[i] ?? "");
  add("profile", "name", profile[0]?.name ?? "none");
  add("profile", "law of time", profile[0]?.law ?? "none");
  for (const { columns, rows } of rest) {
    if (columns[0] === "action")
      for (const [what, energy, time] of rows) {
        add("energy", what, energy);
        add("time", what, time);
      }
    if (columns[0] === "what" && columns[1] === "value")
      for (const [what, text] of rows) add("profile", what, text);
  }
  for (const [what, text] of fieldsOf(target)) add("field", what, text);
  return lines;
}
