import { formatCount, formatShare } from "#util/units";
import type { EnergySection, RunSection, TimeSection } from "./run-report.ts";
import { energyText, runText, timeText } from "./run-text.ts";
import { textTable } from "./text-table.ts";

/** The part of a simulation's report that the text shows. */
interface SimulationFacts {
  readonly name: string;
  readonly on: string;
  readonly samples: number;
  readonly modelSteps: number;
  readonly outputs: readonly { readonly name: string; readonly spikesPerInference: number }[];
  readonly accuracyShare?: number;
  readonly run?: RunSection;
  readonly energy?: EnergySection;
  readonly time?: TimeSection;
}

/** A simulation's report for a terminal. */
export function simulationReportText(report: SimulationFacts): string[] {
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
