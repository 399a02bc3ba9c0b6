export { buildRunReport, type RunReport } from "./run-report.ts";
export { runReportText } from "./run-text.ts";
export { runReportHtml } from "./run-html.ts";
export { buildCompileReport, compileReportText, type CompileReport } from "./compile-report.ts";
export { simulationReportText } from "./simulation-text.ts";
export { changedSpikes } from "./changed-spikes.ts";
export { textTable, type Column } from "./text-table.ts";
export { JSON_SCHEMAS, jsonSchemas } from "./schema.ts";
