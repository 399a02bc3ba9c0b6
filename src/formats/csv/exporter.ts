import type { ExportedFile, Exporter, ExportOptions, ExportSubject } from "../export.ts";
import { deploymentAndTarget } from "../deployment-target.ts";
import type { DiagnosticSink } from "#util/diagnostic";
import { coreRows, routeRows, synapseRows } from "./rows.ts";
import { csvText } from "./text.ts";

const TABLES = { cores: coreRows, routes: routeRows, synapses: synapseRows } as const;

/** Writes the map as a table: its cores, its routes, or every stored synapse. */
export const csvExporter: Exporter = {
  name: "csv",
  summary: "the core map as a table (RFC 4180): one row for each core, route or synapse",
  extensions: [".csv"],
  level: "deployment",
  options: [{ name: "what", summary: "what a row is", choices: ["cores", "routes", "synapses"] }],

  write(
    subject: ExportSubject,
    options: ExportOptions,
    sink: DiagnosticSink,
  ): Promise<readonly ExportedFile[] | undefined> {
    const mapped = deploymentAndTarget(subject, sink);
    if (mapped === undefined) return Promise.resolve(undefined);
    const rowsOf = TABLES[(options["what"] ?? "cores") as keyof typeof TABLES];
    const text = csvText(rowsOf(mapped.deployment, mapped.target));
    return Promise.resolve([{ suffix: ".csv", bytes: new TextEncoder().encode(text) }]);
  },
};
