import { formatShare, plural } from "#util/units";
import type { DetailSections } from "./detail-sections.ts";
import { detailTexts, warningTexts } from "./detail-text.ts";
import type { EnergySection, RunSection, TimeSection } from "./run-report.ts";
import { energyText } from "./energy-text.ts";
import { runText, timeText } from "./run-text.ts";
import { recordedText, type RecordedSection } from "./recorded.ts";
import { textTable } from "./text-table.ts";

/** What a simulation without a map report has to say. */
export interface SimulationReport extends DetailSections {
  readonly schema: "spinec/simulate/1";
  readonly generator: string;
  readonly name: string;
  /** `float reference`, `integer reference` (models in the chip's integers), or the target. */
  readonly on: string;
  readonly samples: number;
  readonly modelSteps: number;
  readonly outputs: readonly (RecordedSection & { readonly name: string })[];
  readonly accuracyShare?: number;
  /** On a chip only. */
  readonly run?: RunSection;
  readonly energy?: EnergySection;
  readonly time?: TimeSection;
}

/** A simulation's report for a terminal. */
export function simulationReportText(report: SimulationReport): string[] {
  const lines = [
    `${report.name} on ${report.on}: ${plural(report.samples, "inference")} of ${plural(report.modelSteps, "step")}`,
    ...textTable(
      [{ heading: "output" }, { heading: "spikes/inference", align: "right" }],
      report.outputs.map((output) => [output.name, recordedText(output)]),
    ).map((line) => `  ${line}`),
  ];
  if (report.accuracyShare !== undefined) lines.push(`  accuracy ${formatShare(report.accuracyShare)}`);
  lines.push(...warningTexts(report));
  if (report.run !== undefined) lines.push("", ...runText(report.run));
  if (report.energy !== undefined) lines.push("", ...energyText(report.energy));
  if (report.time !== undefined) lines.push("", ...timeText(report.time));
  lines.push(...detailTexts(report, report.time?.model));
  return lines;
}
