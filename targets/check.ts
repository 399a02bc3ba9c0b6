import { RESOURCES } from "#ir/block-graph";
import type { Diagnostic } from "#util/diagnostic";
import {
  barrierOrder,
  duplicateName,
  foreignProfile,
  insidePriced,
  mixedScopes,
  noNote,
  noSource,
  packerFields,
  unknownDefaultProfile,
  unknownSource,
  wrongNumber,
  wrongUnit,
} from "./diagnostics.ts";
import { ENERGY_UNITS, POWER_UNITS, TIME_UNITS } from "./quantity.ts";
import {
  LAW_RATES,
  NOC_OPTIONS,
  PRICED_ACTIONS,
  type EntryListPacker,
  type Profile,
  type Quantity,
  type RatedLaw,
  type Target,
  type Unit,
} from "./target.ts";

/** A quantity, where it stands, and what it may be. */
interface Place {
  readonly path: string;
  readonly quantity: Quantity;
  readonly units: readonly Unit[];
  readonly isWall: boolean;
}

/** The rules that no type can state. Empty: the target may be used. */
export function checkTarget(target: Target): Diagnostic[] {
  return [
    ...placesOf(target).flatMap((place) => checkQuantity(place, target.sources)),
    ...checkMesh(target),
    ...checkNames("packer", "/packers", target.packers),
    ...checkNames("profile", "/profiles", target.profiles),
    ...target.packers.flatMap((packer, i) => checkPacker(packer, `/packers/${i}`, target.sources)),
    ...target.profiles.flatMap((profile, i) => checkProfile(profile, `/profiles/${i}`, target)),
    ...checkDefaults(target),
  ];
}

function placesOf(target: Target): Place[] {
  const places: Place[] = [];
  const add = (path: string, quantity: Quantity | null, units: readonly Unit[], isWall = false): void => {
    if (quantity !== null) places.push({ path, quantity, units, isWall });
  };
  add("/mesh/maxChips", target.mesh.maxChips, ["count"], true);
  add("/mesh/chipCrossingEntries", target.mesh.chipCrossingEntries, ["count"]);
  add("/noc/bufferMessages", target.noc?.bufferMessages ?? null, ["count"], true);
  for (const field of NOC_OPTIONS) {
    const isTime = field.endsWith("Ns");
    const isCycles = field.endsWith("Cycles");
    add(`/noc/${field}`, target.noc?.[field] ?? null, isTime ? TIME_UNITS : ["count"], !isTime && !isCycles);
  }
  for (const resource of RESOURCES) {
    add(`/walls/${resource}`, target.walls[resource], [resource === "synapseWords" ? "word" : "count"], true);
  }
  add("/maxWordsPerAxon", target.maxWordsPerAxon, ["word"], true);
  add("/maxDelaySteps", target.maxDelaySteps, ["count"], true);
  target.profiles.forEach((profile, i) => {
    const at = `/profiles/${i}`;
    for (const action of PRICED_ACTIONS) {
      add(`${at}/energy/${action}`, profile.energy[action], ENERGY_UNITS);
      add(`${at}/time/${action}`, profile.time[action], TIME_UNITS);
    }
    for (const law of Object.keys(LAW_RATES) as RatedLaw[]) {
      for (const [rate, quantity] of Object.entries(profile.laws?.[law] ?? {}) as [string, Quantity][]) {
        add(`${at}/laws/${law}/${rate}`, quantity, rateUnits(rate));
      }
    }
    profile.barrier.forEach(({ time }, k) => add(`${at}/barrier/${k}/time`, time, TIME_UNITS));
    for (const part of ["chip", "core", "io"] as const) {
      add(`${at}/staticPower/${part}`, profile.staticPower[part], POWER_UNITS);
    }
  });
  return places;
}

function rateUnits(rate: string): readonly Unit[] {
  if (/Ns(?=$|Per)/.test(rate) || /SynapseNs$/.test(rate)) return TIME_UNITS;
  return rate.endsWith("Bits") ? ["bit"] : ["count"];
}

function checkQuantity({ path, quantity, units, isWall }: Place, sources: Target["sources"]): Diagnostic[] {
  const { value, unit, evidence, src, note } = quantity;
  const found: Diagnostic[] = [];
  if (!units.includes(unit)) found.push(wrongUnit({ path, unit, allowed: units }));
  if (isWall && !(Number.isInteger(value) && value > 0)) {
    found.push(wrongNumber({ path: `${path}/value`, value, expected: "a positive integer" }));
  } else if (!(Number.isFinite(value) && value >= 0)) {
    found.push(wrongNumber({ path: `${path}/value`, value, expected: "0 or more" }));
  }
  const explains = note !== undefined && note.trim() !== "";
  if (NEEDS_NOTE.includes(evidence) && !explains) found.push(noNote({ path, evidence }));
  if (evidence !== "assumed" && src.length === 0) found.push(noSource({ path, evidence }));
  return [...found, ...checkSources(`${path}/src`, src, sources)];
}

/** A number that was not read off a source has to say where it comes from. */
const NEEDS_NOTE: readonly Quantity["evidence"][] = ["derived", "scaled", "assumed"];

function checkSources(path: string, src: readonly string[], sources: Target["sources"]): Diagnostic[] {
  const known = Object.keys(sources);
  return src.flatMap((text, i) => {
    const source = text.split("#")[0];
    return known.includes(source) ? [] : [unknownSource({ path: `${path}/${i}`, source, known })];
  });
}

function checkMesh({ mesh, wordBits }: Target): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const key of ["columns", "rows", "coresPerTile"] as const) {
    if (mesh[key] < 1)
      found.push(wrongNumber({ path: `/mesh/${key}`, value: mesh[key], expected: "1 or more" }));
  }
  if (wordBits !== 64) {
    found.push(
      wrongNumber({
        path: "/wordBits",
        value: wordBits,
        expected: "64 (the word of the entry-list formula)",
      }),
    );
  }
  return found;
}

function checkNames(kind: string, path: string, items: readonly { readonly name: string }[]): Diagnostic[] {
  return items.flatMap(({ name }, i) =>
    items.findIndex((item) => item.name === name) < i
      ? [duplicateName({ path: `${path}/${i}/name`, kind, name })]
      : [],
  );
}

function checkPacker(packer: EntryListPacker, path: string, sources: Target["sources"]): Diagnostic[] {
  const found = checkSources(`${path}/src`, packer.src, sources);
  const wrong = (key: keyof EntryListPacker, problem: string, hint: string): void => {
    found.push(packerFields({ path: `${path}/${key}`, packer: packer.name, problem, hint }));
  };
  if (packer.encodings.length === 0) wrong("encodings", "has no encoding", "list at least one.");
  if (packer.encodings.includes("run-length") !== packer.skipBits.length > 0) {
    wrong(
      "skipBits",
      "needs skip widths if it has run-length lists, and none otherwise",
      "list widths, or take the encoding out.",
    );
  }
  for (const key of ["indexBits", "weightBits", "skipBits"] as const) {
    if (packer[key].some((width, i) => i > 0 && width <= packer[key][i - 1])) {
      wrong(key, `lists its ${key} out of order`, "sort them from narrow to wide, without doubles.");
    }
  }
  if (!packer.indexBits.some((width) => width > 0))
    wrong("indexBits", "has no index field", "list a width above 0.");
  if (!packer.weightBits.some((width) => width > 0))
    wrong("weightBits", "has no weight field", "list a width above 0.");
  const largest = 2 ** (packer.headerBits - FORMAT_ID_BITS);
  if (packer.maxEntriesPerHeader < 1 || packer.maxEntriesPerHeader > largest) {
    wrong(
      "maxEntriesPerHeader",
      `wants ${packer.maxEntriesPerHeader} synapses in an entry, but a header of ${packer.headerBits} bits counts up to ${largest}`,
      `choose 1 to ${largest}.`,
    );
  }
  if (packer.maxFormats < 1) wrong("maxFormats", "uses no format slot", "set it to 1 or more.");
  return found;
}

/** The header holds the format's id and the synapse count. */
const FORMAT_ID_BITS = 4;

function checkProfile(profile: Profile, path: string, target: Target): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (profile.target !== target.name) {
    found.push(
      foreignProfile({
        path: `${path}/target`,
        profile: profile.name,
        of: profile.target,
        target: target.name,
      }),
    );
  }
  const tiles = profile.barrier.map((entry) => entry.tiles);
  if (tiles[0] !== 1 || tiles.some((count, i) => i > 0 && count <= tiles[i - 1])) {
    found.push(barrierOrder({ path: `${path}/barrier`, tiles }));
  }
  for (const action of PRICED_ACTIONS) {
    if (profile.inside?.[action] === undefined) continue;
    if (profile.energy[action] !== null || profile.time[action] !== null) {
      found.push(insidePriced({ path: `${path}/inside/${action}`, action }));
    }
  }
  const priced = PRICED_ACTIONS.filter((action) => (profile.energy[action]?.value ?? 0) !== 0);
  const allIn = priced.filter((action) => profile.energy[action]!.scope === "all-in");
  const perTerm = priced.filter((action) => profile.energy[action]!.scope !== "all-in");
  if (allIn.length > 0 && perTerm.length > 0) {
    found.push(mixedScopes({ path: `${path}/energy`, allIn, perTerm }));
  }
  return found;
}

function checkDefaults(target: Target): Diagnostic[] {
  const known = target.profiles.map((profile) => profile.name);
  const found: Diagnostic[] = [];
  if (!known.includes(target.defaultProfile)) {
    found.push(unknownDefaultProfile({ name: target.defaultProfile, known }));
  }
  if (target.packers.length === 0) {
    found.push(wrongNumber({ path: "/packers", value: 0, expected: "one packer or more" }));
  }
  return found;
}
