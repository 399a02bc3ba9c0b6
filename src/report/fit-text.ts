import { formatCount, formatEnergyPj, formatShare, formatTimeNs, plural } from "#util/units";
import type { FitChange, FitCost, FitReason, FitReport, FitRow, FitVerdict } from "./fit-report.ts";
import { textTable } from "./text-table.ts";
import { RESOURCE_TEXT } from "./words.ts";

const VERDICT_TEXT: Readonly<Record<FitVerdict, string>> = {
  fits: "fits",
  "does-not-fit": "does not fit",
  refused: "cannot run it",
  "report-only": "cannot map",
  failed: "failed",
};

const BOUND_SIGN = { estimate: "", min: "≥ ", max: "≤ ", mixed: "≈ " } as const;

/** The table, why chips are out, and what would help. */
export function fitReportText(report: FitReport): string[] {
  const reasons = reasonsText(report);
  return [
    sizeText(report),
    inputText(report),
    "",
    ...fitTable(report.targets),
    ...notesText(report),
    ...(reasons.length === 0 ? [] : ["", "Why not:", ...reasons]),
  ];
}

export function sizeText({ name, neurons, synapses }: FitReport): string {
  return `${name}: ${plural(neurons, "neuron")}, ${plural(synapses, "synapse")}`;
}

/** Target by target: why not, and what would help; empty if it fits everywhere. */
export function reasonsText({ targets }: FitReport): string[] {
  return targets.filter(({ verdict }) => verdict !== "fits").flatMap(whyNot);
}

/** What energies and times are of. */
export function inputText({ input }: FitReport): string {
  if (input.kind === "given")
    return `Energy and time: of one inference of ${plural(input.steps, "step")}, mean of ${plural(input.samples, "sample")}.`;
  return `Energy and time: of ${plural(input.steps, "step")} of assumed input: each input line spikes in ${formatShare(input.spikeShare)} of the steps (random, seed ${input.seed}). --input gives real data.`;
}

export const FIT_COLUMNS = [
  { heading: "target" },
  { heading: "verdict" },
  { heading: "cores", align: "right" },
  { heading: "chips", align: "right" },
  { heading: "fullest, or what is missing" },
  { heading: "weights off", align: "right" },
  { heading: "dynamic energy", align: "right" },
  { heading: "time", align: "right" },
  { heading: "spikes/neuron/step", align: "right" },
  { heading: "profile" },
] as const;

/** The cells of a row, in the order of `FIT_COLUMNS`. */
export function fitCells(row: FitRow): string[] {
  const { target, status, verdict, map, cost, weightErrorShare, profile } = row;
  const name = status === "experimental" ? `${target} (experimental)` : target;
  if (map === null || cost === null)
    return [name, VERDICT_TEXT[verdict], "–", "–", missingText(row), "–", "–", "–", "–", profile];
  return [
    name,
    VERDICT_TEXT[verdict],
    formatCount(map.cores),
    formatCount(map.chips),
    map.worst === null ? "no walls" : useText(map.worst),
    weightErrorShare === null ? "–" : formatShare(weightErrorShare),
    energyCell(cost),
    cost.perInferenceNs === null ? "untimed" : formatTimeNs(cost.perInferenceNs),
    cost.spikesPerNeuronStep.toFixed(3),
    profile,
  ];
}

function fitTable(rows: readonly FitRow[]): string[] {
  return textTable(FIT_COLUMNS, rows.map(fitCells));
}

/** `+`: some of what happened has no price. */
function energyCell({ dynamicPj, bound, unpriced }: FitCost): string {
  if (dynamicPj === null) return "unpriced";
  return `${BOUND_SIGN[bound]}${formatEnergyPj(dynamicPj)}${unpriced.length === 0 ? "" : " +"}`;
}

/** What signs in the table mean. */
export function notesText({ targets }: FitReport): string[] {
  const isPartly = targets.some(
    ({ cost }) => cost !== null && cost.dynamicPj !== null && cost.unpriced.length > 0,
  );
  return isPartly ? ["+: some of what happened has no price in this profile, and is missing."] : [];
}

const resourceText = (resource: string): string =>
  (RESOURCE_TEXT as Readonly<Record<string, string>>)[resource] ??
  (resource === "wordsPerAxon" ? "words in one list" : resource);

function useText({
  resource,
  needed,
  available,
  share,
}: NonNullable<NonNullable<FitRow["map"]>["worst"]>): string {
  return `${resourceText(resource)} ${formatShare(share)} (${formatCount(needed)} of ${formatCount(available)})`;
}

/** The binding resource, or what stands in the way: the name of its code, which the reasons spell out. */
function missingText({ reasons }: FitRow): string {
  const reason = reasons.find(({ resource }) => resource !== null) ?? reasons[0];
  if (reason === undefined) return "–";
  const { code, resource, needed, available, population } = reason;
  if (resource === null || needed === null) return code.slice(code.indexOf("/") + 1).replaceAll("-", " ");
  if (code.startsWith("place/")) return `too few cores; "${population}" fills most`;
  const has = available === null ? "" : ` of ${formatCount(available)}`;
  return `${resourceText(resource)}: ${formatCount(needed)}${has}${population === null ? "" : ` ("${population}")`}`;
}

/** Kinds of reasons that are spelt out, one of each; the rest is counted. */
const MOST_REASONS = 3;

function whyNot({ target, reasons, changes }: FitRow): string[] {
  const kinds = [...new Set(reasons.map(({ code }) => code))];
  const more = kinds.length - MOST_REASONS;
  return [
    `  ${target}`,
    ...kinds
      .slice(0, MOST_REASONS)
      .flatMap((kind) => reasonLines(reasons.filter(({ code }) => code === kind))),
    ...(more > 0 ? [`    and ${plural(more, "more kind")} of reasons`] : []),
    ...(changes === null ? [] : changeLines(changes)),
  ];
}

function reasonLines([{ code, message, hint }, ...others]: readonly FitReason[]): string[] {
  const more = others.length === 0 ? "" : `, and ${formatCount(others.length)} more like this`;
  return [`    ${message} [${code}${more}]`, ...(hint === null ? [] : [`      hint: ${hint}`])];
}

/** Changes that were tried, smallest first. */
export function changeLines(changes: readonly FitChange[]): string[] {
  if (changes.length === 0) return ["    No change that was tried makes it fit."];
  return [
    "    It fits with one of these changes, smallest first:",
    ...changes.flatMap((change, c) => [
      `    ${c + 1}. ${changeText(change)}`,
      ...(change.command === null ? [] : [`       $ ${change.command}`]),
    ]),
  ];
}

/** `use 2 chips: 140 cores on 2 chips, weights off by 0.4 %, 1.2 µJ`. */
export function changeText({ text, cores, chips, weightErrorShare, dynamicPj }: FitChange): string {
  const energy = dynamicPj === null ? "unpriced" : formatEnergyPj(dynamicPj);
  return `${text}: ${plural(cores, "core")} on ${plural(chips, "chip")}, weights off by ${formatShare(weightErrorShare)}, ${energy}`;
}
