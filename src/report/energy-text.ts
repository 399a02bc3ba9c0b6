import { EVIDENCE } from "#targets/target";
import { formatCount, formatEnergyPj, formatShare } from "#util/units";
import type { BandSection, EnergySection } from "./sections.ts";
import { keyValueLines, textTable, type Column } from "./text-table.ts";
import { ACTION_TEXT } from "./words.ts";

const right = (heading: string): Column => ({ heading, align: "right" });
const left = (heading: string): Column => ({ heading });
const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

const BOUND_TEXT = {
  estimate: "",
  min: "at least ",
  max: "at most ",
  mixed: "about (bounds of both kinds) ",
} as const;

/** `1.1 µJ to 1.4 µJ`; "?" on a side that nobody published. */
export function bandText(band: BandSection | undefined): string {
  if (band === undefined || (band.lowPj === null && band.highPj === null)) return "–";
  const side = (pj: number | null): string => (pj === null ? "?" : formatEnergyPj(pj));
  return `${side(band.lowPj)} to ${side(band.highPj)}`;
}

/** Limits of the dynamic energy, and what they rest on. */
export function dynamicBandText({ dynamicBand, publishedError, withoutBand }: EnergySection): string {
  const parts: string[] = [];
  const band = bandText(dynamicBand);
  if (publishedError !== undefined && band !== "–")
    parts.push(
      `published error ${formatShare(publishedError.energyShare)}, an average and no guarantee: ${publishedError.note}`,
    );
  if (withoutBand !== undefined && withoutBand.length > 0)
    parts.push(`no full published band: ${withoutBand.map((action) => ACTION_TEXT[action]).join(", ")}`);
  return `${band === "–" ? "unknown" : band}${parts.length === 0 ? "" : ` (${parts.join("; ")})`}`;
}

export function energyText(energy: EnergySection): string[] {
  const hasBands = energy.terms.some(({ band }) => bandText(band) !== "–");
  const rows = energy.terms.map((term) => [
    ACTION_TEXT[term.action],
    formatCount(term.count),
    `${term.bound === "min" ? "≥ " : term.bound === "max" ? "≤ " : ""}${formatEnergyPj(term.pricePj)}`,
    formatEnergyPj(term.energyPj),
    ...(hasBands ? [bandText(term.band)] : []),
    energy.dynamicPj === 0 ? "–" : formatShare(term.energyPj / energy.dynamicPj),
    term.evidence,
  ]);
  const lines = [
    energy.terms.length === 0
      ? `Energy per inference: unpriced (profile ${energy.profile})`
      : `Energy per inference: ${BOUND_TEXT[energy.bound]}${formatEnergyPj(energy.dynamicPj)} dynamic (profile ${energy.profile})`,
    ...indent(
      textTable(
        [
          left("term"),
          right("count"),
          right("price"),
          right("energy"),
          ...(hasBands ? [right("low to high")] : []),
          right("share"),
          left("evidence"),
        ],
        rows,
      ),
    ),
  ];
  const shares = EVIDENCE.filter((kind) => energy.evidenceShare[kind] > 0).map(
    (kind) => `${formatShare(energy.evidenceShare[kind])} ${kind}`,
  );
  const pairs: [string, string][] = [
    ["evidence", shares.length === 0 ? "nothing was priced" : shares.join(", ")],
  ];
  if (shares.length > 0 && energy.dynamicBand !== undefined)
    pairs.push(["low to high", dynamicBandText(energy)]);
  if (energy.terms.length > 0 && typeof energy.dynamicPjPerSynapticOperation === "number")
    pairs.push([
      "per synaptic operation",
      `${formatEnergyPj(energy.dynamicPjPerSynapticOperation)} (all dynamic energy)`,
    ]);
  if (energy.staticPower === null) pairs.push(["static power", "unpriced"]);
  else {
    const { mw, evidence, source } = energy.staticPower;
    const staticText =
      energy.staticPj === null ? "unknown, the profile has no times" : formatEnergyPj(energy.staticPj);
    pairs.push([
      "static power",
      `${staticText} (${mw} mW while the chip runs; ${evidence}, ${source.join(", ")})`,
    ]);
    if (energy.totalPj !== null) {
      const band = bandText(energy.totalBand);
      pairs.push(["with static", `${formatEnergyPj(energy.totalPj)}${band === "–" ? "" : ` (${band})`}`]);
    }
  }
  if (energy.inside.length > 0)
    pairs.push([
      "priced elsewhere",
      energy.inside.map(({ action, where }) => `${ACTION_TEXT[action]} (${where})`).join(", "),
    ]);
  pairs.push([
    "unpriced",
    energy.unpriced.length === 0
      ? "nothing that was counted"
      : energy.unpriced.map(({ action, count }) => `${formatCount(count)} ${ACTION_TEXT[action]}`).join(", "),
  ]);
  return [...lines, ...keyValueLines(pairs)];
}
