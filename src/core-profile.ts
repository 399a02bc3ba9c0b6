import { blockedList, type CoreCapacity } from "#compiler/hypergraph/capacity";
import { z } from "zod";
import { ToolchainError, nearestName } from "#util/diagnostic";
import { badCoreProfile, unknownCoreProfile } from "./map-diagnostics.ts";

/** What one core holds, as plain data; null where there is no wall. See `CoreCapacity` for what counts. */
export interface CoreProfile {
  readonly name: string;
  readonly neurons: number;
  readonly axonsIn: number | null;
  readonly axonsOut: number | null;
  readonly synapseWords: number | null;
  /** Synapse lists are cut into blocks of 64; one of n takes ceil((bitsPerSynapse x n + headerBits) / 64) words. */
  readonly bitsPerSynapse: number;
  readonly headerBits: number;
}

/** Profiles by name. `loihi1` and `small` are those of the mapping benchmark. */
export const CORE_PROFILES: readonly CoreProfile[] = [
  {
    name: "loihi1",
    neurons: 1024,
    axonsIn: 4096,
    axonsOut: 4096,
    synapseWords: 16_384,
    bitsPerSynapse: 18,
    headerBits: 10,
  },
  {
    name: "small",
    neurons: 128,
    axonsIn: 1024,
    axonsOut: 1024,
    synapseWords: 1024,
    bitsPerSynapse: 18,
    headerBits: 10,
  },
];

const LARGEST = 2 ** 31 - 1;
const wall = z.int().min(1).max(LARGEST);
const SCHEMA = z.strictObject({
  name: z.string().default("own"),
  neurons: wall,
  axonsIn: wall.nullable().default(null),
  axonsOut: wall.nullable().default(null),
  synapseWords: wall.nullable().default(null),
  bitsPerSynapse: z.int().min(1).max(1024).default(18),
  headerBits: z.int().min(0).max(1024).default(10),
});

/** Names of the inline form. */
const INLINE: Readonly<Record<string, keyof CoreProfile>> = {
  neurons: "neurons",
  "axons-in": "axonsIn",
  "axons-out": "axonsOut",
  words: "synapseWords",
  "bits-per-synapse": "bitsPerSynapse",
  "header-bits": "headerBits",
};

/** The profile of a name, or of `neurons=128,axons-in=1024,...`. Throws `ToolchainError`. */
export function coreProfileNamed(text: string): CoreProfile {
  if (text.includes("=")) {
    const fields = text.split(",").map((pair): [string, number] => {
      const [name, value] = pair.split("=").map((part) => part.trim());
      if (!Object.hasOwn(INLINE, name) || value === undefined || value === "")
        throw new ToolchainError([
          badCoreProfile({ profile: text, where: pair.trim(), known: Object.keys(INLINE) }),
        ]);
      return [INLINE[name], Number(value)];
    });
    return checkedProfile(Object.fromEntries(fields), text);
  }
  const found = CORE_PROFILES.find(({ name }) => name === text);
  if (found !== undefined) return found;
  const known = CORE_PROFILES.map(({ name }) => name);
  const nearest = nearestName(text, known);
  throw new ToolchainError([
    unknownCoreProfile({ name: text, known, ...(nearest !== undefined && { nearest }) }),
  ]);
}

/** The profile in a JSON text. Throws `ToolchainError`. */
export function parseCoreProfile(json: string, fileName: string): CoreProfile {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    throw new ToolchainError([badCoreProfile({ profile: fileName, where: "JSON", known: FIELDS })]);
  }
  return checkedProfile(data, fileName);
}

const FIELDS = Object.keys(SCHEMA.shape);

function checkedProfile(data: unknown, profile: string): CoreProfile {
  const { success, data: checked, error } = SCHEMA.safeParse(data);
  if (success) return checked;
  const places = error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys : [issue.path.join(".") || "its fields"],
  );
  throw new ToolchainError(places.map((where) => badCoreProfile({ profile, where, known: FIELDS })));
}

export function capacityOf(profile: CoreProfile): CoreCapacity {
  const { name, neurons, axonsIn, axonsOut, synapseWords, bitsPerSynapse, headerBits } = profile;
  return {
    name,
    neurons,
    axonsIn: axonsIn ?? LARGEST,
    axonsOut: axonsOut ?? LARGEST,
    synapseWords: synapseWords ?? LARGEST,
    wordsOfList: blockedList(bitsPerSynapse, headerBits),
  };
}
