import { formatCount, formatShare } from "#util/units";
import type { EnergySection, RunSection, TimeSection } from "./run-report.ts";
import { energyText, runText, timeText } from "./run-text.ts";
import { textTable } from "./text-table.ts";

/** What a simulation without a map report has to say. */
export interface SimulationReport {
  readonly schema: "spinec/simulate/1";
  readonly generator: string;
  readonly name: string;
  /** `float reference`, `integer reference` (models in the chip's integers), or the target. */
  readonly on: string;
  readonly samples: number;
  readonly modelSteps: number;
  readonly outputs: readonly { readonly name: string; readonly spikesPerInference: number }[];
  readonly accuracyShare?: number;
  /** On a chip only. */
  readonly run?: RunSection;
  readonly energy?: EnergySection;
  readonly time?: TimeSection;
}

/** A simulation's report for a terminal. */
export function simulationReportText(report: SimulationReport): string[] {
  const lines = [
    `${report.name} on ${report.on}: ${formatCount(report.samples)} inferences of ${report.modelSteps} steps`,
    ...textTable(
      [{ heading: "output" }, { heading: "spikes/inference", align: "right" }],
      report.outputs.map(({ name, spikesPerInference }) => [name, formatCount(spikesPerInference)]),
    ).map((line) => `  ${line}`),
  ];
  if (report.accuracyShare !== undefined) lines.push(`  accuracy ${formatShare(report.accuracyShare)}`);
  if (report.run !== undefined) lines.push("", ...runText(report.run));
  if (report.energy !== undefined) lines.push("", ...energyText(report.energy));
  if (report.time !== undefined) lines.push("", ...timeText(report.time));
  return lines;
}
