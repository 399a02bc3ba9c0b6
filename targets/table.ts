import { RESOURCES } from "#ir/block-graph";
import { actionsOfProfile } from "./actions.ts";
import type { Profile, Quantity, Target } from "./target.ts";

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
  const { mesh, noc, weights, neuron } = target;
  const plain = (name: string, text: string): string[] => [name, text, "", "", ""];
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
      ...RESOURCES.map((resource) => quantityRow(`${resource} of a core`, target.walls[resource])),
      quantityRow("words of an axon", target.maxWordsPerAxon),
      quantityRow("longest delay in steps", target.maxDelaySteps),
      plain("weights of one sign", `up to ${weights.maxMagnitude}`),
      plain("weights of both signs", `${weights.minMixed} and up`),
      plain("weight bits", weights.bits.join(", ")),
      plain("weight exponent", `${weights.exponentMin} to ${weights.exponentMax}`),
      plain("decay", `${neuron.decayBits} bits`),
      plain("threshold", `up to ${neuron.thresholdMantissaMax} x 2^${neuron.thresholdShift}`),
      plain("bias", `up to ${neuron.biasMantissaMax} x 2^${neuron.biasExponentMax}`),
      plain("state", `sign and ${neuron.stateBits} bits`),
      plain("neuron models", target.neuronModels.join(", ")),
      plain("reset modes", target.resetModes.join(", ")),
    ],
  };
}

function packerSection(target: Target): TableSection {
  return {
    title: "packers of synapse memory (the first is the default)",
    columns: ["packer", "encodings", "synapses per entry", "rounding", "formats", "source"],
    rows: target.packers.map((packer) => [
      packer.name,
      packer.encodings.join(", "),
      String(packer.maxEntriesPerHeader),
      packer.rounding,
      String(packer.maxFormats),
      packer.src.join(", "),
    ]),
  };
}

function profileSections(target: Target, profile: Profile): TableSection[] {
  const { name, errors, staticPower } = profile;
  const cell = (quantity: Quantity | null, action: keyof Profile["energy"]): string => {
    if (quantity !== null) return formatQuantity(quantity);
    return profile.inside?.[action] === undefined ? "unpriced" : "inside";
  };
  const notes = [
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
        ...profile.barrier.map(({ tiles, time }) => quantityRow(`barrier from ${tiles} tiles`, time)),
      ],
    },
    { title: `profile ${name}: what is left out`, columns: ["what", "note"], rows: notes },
  ];
}

function quantityRow(name: string, quantity: Quantity | null): string[] {
  if (quantity === null) return [name, "unknown", "", "", ""];
  return [name, formatQuantity(quantity), quantity.evidence, quantity.src.join(", "), quantity.note ?? ""];
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}
