// Damage to single values of a JSON text, at any depth.
import { gunzipSync, gzipSync } from "node:zlib";
import type { Rng } from "#util/rng";
import { below, flipBytes, pick, type Mutator } from "./bytes.ts";

const VALUES: readonly unknown[] = [
  null,
  true,
  "",
  "x",
  0,
  -1,
  1,
  0.5,
  255,
  256,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e308,
  1e-320,
  [],
  {},
  [[]],
  [null],
  [-1],
  [2 ** 40],
  "NaN",
  "__proto__",
  { __proto__: 1 },
];

/** Replaces, deletes, doubles or renames one to three values. */
export const damageJson: Mutator = (bytes, rng) => {
  let root: unknown;
  try {
    root = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return flipBytes(bytes, rng);
  }
  const holder = { root };
  for (let n = 1 + below(rng, 3); n > 0; n--) damageOne(holder, rng);
  return new TextEncoder().encode(JSON.stringify(holder.root) ?? "");
};

/** The same inside gzip. */
export const damageJsonGz: Mutator = async (bytes, rng) => {
  let text: Uint8Array;
  try {
    text = gunzipSync(bytes);
  } catch {
    return flipBytes(bytes, rng);
  }
  return gzipSync(await damageJson(text, rng), { level: 1 });
};

function damageOne(holder: Record<string, unknown>, rng: Rng): void {
  let parent: Record<string, unknown> = holder;
  let key = "root";
  while (rng() < 0.85) {
    const value = parent[key];
    if (typeof value !== "object" || value === null) break;
    const keys = Object.keys(value);
    if (keys.length === 0) break;
    parent = value as Record<string, unknown>;
    key = pick(rng, keys);
  }
  const kind = below(rng, 8);
  if (kind === 0 && parent !== holder) {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else Reflect.deleteProperty(parent, key);
  } else if (kind === 1 && Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
  else if (kind === 2 && !Array.isArray(parent) && parent !== holder)
    parent[pick(rng, ["x", "constructor", `${key}_`])] = structuredClone(parent[key]);
  else if (kind === 3 && typeof parent[key] === "number")
    parent[key] = (parent[key] as number) * pick(rng, [-1, 2, 0.5, 1e6]);
  else if (kind === 4)
    parent[key] = Array.from({ length: below(rng, 60) }).reduce((inner) => [inner], parent[key]);
  else parent[key] = structuredClone(pick(rng, VALUES));
}
