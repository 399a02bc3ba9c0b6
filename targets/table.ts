import { RESOURCES } from "#ir/block-graph";
import { actionsOfProfile } from "./actions.ts";
import { contentHash } from "./content-hash.ts";
import type { Factor, Profile, ProfileBase, Quantity, Target } from "./target.ts";
import { neuronRows } from "./neuron-limits.ts";

/** A table ready to print: every cell is text. */
export interface TableSection {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Everything that is known about a target, for `targets show` and the report. */
export function targetTable(target: Target): TableSection[] {
  return [
    structureSection(target),
    packerSection(target),
    ...target.profiles.flatMap((profile) => profileSections(target, profile)),
  ].concat({
    title: "sources",
    columns: ["key", "source"],
    rows: Object.entries(target.sources).map(([key, text]) => [key, text]),
  });
}

/** Value with unit, and the sign of a one-sided bound: "≥ 23.6 pJ". */
export function formatQuantity({ value, unit, bound }: Quantity): string {
  const sign = bound === "min" ? "≥ " : bound === "max" ? "≤ " : "";
  const text = value.toLocaleString("en-US", { maximumFractionDigits: 6 });
  return `${sign}${text}${unit === "count" ? "" : ` ${unit}`}`;
}

function structureSection(target: Target): TableSection {
  const {
    mesh,
    noc,
    weights,
    neuron,
    die,
    chipMemory,
    budgets = {},
    coreClasses = [],
    caveats = [],
  } = target;
  const plain = (name: string, text: string): string[] => [name, text, "", "", ""];
  const known = (name: string, quantity: Quantity | null | undefined): string[][] =>
    quantity === null || quantity === undefined ? [] : [quantityRow(name, quantity)];
  const { bits, maxMagnitude, minMixed, exponentMin, exponentMax } = weights;
  return {
    title: `${target.name}: ${target.title}`,
    columns: ["limit", "value", "evidence", "source", "note"],
    rows: [
      plain("mesh", `${mesh.columns} x ${mesh.rows} tiles of ${mesh.coresPerTile} cores, ${mesh.tileOrder}`),
      quantityRow("chips of a system", mesh.maxChips),
      quantityRow("output entries of a chip crossing", mesh.chipCrossingEntries),
      plain("hops counted", mesh.hopClasses === "directions" ? "by direction" : "by axis"),
      plain("messages", noc?.cast ?? "unknown"),
      quantityRow("messages in the buffer of a link", noc?.bufferMessages ?? null),
      ...known("clock", die?.clock),
      ...known("area", die?.area),
      ...known("memory", die?.memory),
      ...known("synapse words of a chip", chipMemory?.words),
      ...known("routing entries of a chip", chipMemory?.routes),
      ...RESOURCES.map((resource) => quantityRow(`${resource} of a core`, target.walls[resource])),
      ...RESOURCES.flatMap((resource) =>
        known(`${resource} of a core, no wall but a budget`, budgets[resource]),
      ),
      ...coreClasses.flatMap((own) =>
        RESOURCES.flatMap((resource) =>
          known(`${resource} of core ${own.cores.join(", ")} (${own.name})`, own.walls[resource]),
        ),
      ),
      quantityRow("words of an axon", target.maxWordsPerAxon),
      plain("bits of a word", String(target.wordBits)),
      quantityRow("longest delay in steps", target.maxDelaySteps),
      plain("weights of one sign", `up to ${maxMagnitude}`),
      plain("weights of both signs", `${minMixed} and up`),
      plain("weight bits", bits.join(", ")),
      plain("weight exponent", `${exponentMin} to ${exponentMax}`),
      ...neuronRows(neuron).map(([name, text]) => plain(name, text)),
      plain("neuron models", target.neuronModels.join(", ")),
      plain("reset modes", target.resetModes.join(", ")),
      plain("status", target.status ?? "supported"),
      ...caveats.map((text, i) => plain(`caveat ${i + 1}`, text)),
    ],
  };
}

const PACKER_COLUMNS: readonly string[] = ["name", "formula", "maxFormats", "title", "src"];

function packerSection(target: Target): TableSection {
  return {
    title: "packers of synapse memory (the first is the default)",
    columns: ["packer", "formula", "fields", "formats", "source"],
    rows: target.packers.map((packer) => {
      const { name, formula, maxFormats, src } = packer;
      const fields = Object.entries(packer).filter(([key]) => !PACKER_COLUMNS.includes(key));
      return [name, formula, fieldsText(Object.fromEntries(fields)), String(maxFormats), src.join(", ")];
    }),
  };
}

/** `headerBits 10, skipBits 2 3 4 5`: whatever fields a formula has. */
function fieldsText(fields: object): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key} ${fieldText(value)}`)
    .join(", ");
}

function fieldText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(" ");
  if (typeof value === "object" && value !== null)
    return "unit" in value ? formatQuantity(value as Quantity) : `(${fieldsText(value)})`;
  return String(value);
}

function profileSections(target: Target, profile: Profile): TableSection[] {
  const { name, errors, staticPower } = profile;
  const cell = (quantity: Quantity | null, action: keyof Profile["energy"]): string => {
    if (quantity !== null) return formatQuantity(quantity);
    return profile.inside?.[action] === undefined ? "unpriced" : "inside";
  };
  const { base } = profile;
  const notes = [
    ["law of time", profile.law],
    ["content hash", contentHash(profile)],
    ...(base === undefined
      ? []
      : [["taken from", `${base.target}, profile ${base.profile}${factorText(base)}`]]),
    ...profile.unpriced.map((text) => ["unpriced", text]),
    ...Object.entries(profile.inside ?? {}).map(([action, where]) => [action, `inside ${where}`]),
    ...(errors === undefined
      ? []
      : [
          [
            "published error",
            `energy ${percent(errors.energyShare)}, latency ${percent(errors.latencyShare)}: ${errors.note}`,
          ],
        ]),
  ];
  return [
    {
      title: `profile ${name}: ${profile.title} (${profile.kind})`,
      columns: ["action", "energy", "time", "evidence", "source", "note"],
      rows: actionsOfProfile(target, profile).map((action) => {
        const known = [profile.energy[action], profile.time[action]].filter((quantity) => quantity !== null);
        const unique = (texts: readonly string[]): string => [...new Set(texts)].join("; ");
        return [
          action,
          cell(profile.energy[action], action),
          cell(profile.time[action], action),
          unique(known.map((quantity) => quantity.evidence)),
          unique(known.flatMap((quantity) => quantity.src)),
          unique(known.flatMap((quantity) => quantity.note ?? [])),
        ];
      }),
    },
    {
      title: `profile ${name}: power at rest, and barrier by tiles in use`,
      columns: ["what", "value", "evidence", "source", "note"],
      rows: [
        ...(["chip", "core", "io"] as const).map((part) =>
          quantityRow(`power of a ${part}`, staticPower[part]),
        ),
        ...Object.entries(profile.laws ?? {}).flatMap(([law, rates]) =>
          Object.entries(rates).map(([rate, quantity]) => quantityRow(`${rate} of the law ${law}`, quantity)),
        ),
        ...profile.barrier.map(({ tiles, time }) => quantityRow(`barrier from ${tiles} tiles`, time)),
      ],
    },
    { title: `profile ${name}: what is left out`, columns: ["what", "note"], rows: notes },
  ];
}

function factorText({ energyFactor, timeFactor }: ProfileBase): string {
  const text = (what: string, factor: Factor | undefined): string => {
    if (factor === undefined) return "";
    const values =
      typeof factor === "number"
        ? String(factor)
        : Object.entries(factor)
            .map(([action, value]) => `${action} ${value}`)
            .join(", ");
    return `; ${what} times ${values}`;
  };
  return `${text("energy", energyFactor)}${text("time", timeFactor)}`;
}

function quantityRow(name: string, quantity: Quantity | null): string[] {
  if (quantity === null) return [name, "unknown", "", "", ""];
  return [name, formatQuantity(quantity), quantity.evidence, quantity.src.join(", "), quantity.note ?? ""];
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
