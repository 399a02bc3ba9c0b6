import { sha256, toHex } from "#util/sha256";
import type { Profile, Target } from "./target.ts";

/**
 * What a target or a profile says, in 12 hexadecimal digits: equal for equal content, whatever the order of its fields. Of a
 * target without its profiles, which have hashes of their own.
 */
export function contentHash(content: Target | Profile): string {
  const kept = Object.entries(content).filter(([key]) => key !== "profiles" && key !== "defaultProfile");
  const text = JSON.stringify(sorted(Object.fromEntries(kept)));
  return toHex(sha256(new TextEncoder().encode(text))).slice(0, 12);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, field]) => [key, sorted(field)]),
  );
}
