import { nearestName, type DiagnosticSink } from "#util/diagnostic";
import { badExportOption, unknownExporter, unknownExportOption } from "./diagnostics.ts";
import type { ExportOptions, Exporter } from "./export.ts";
import { csvExporter } from "./csv/exporter.ts";
import { graphExporter } from "./graph/exporter.ts";
import { nirExporter } from "./nir/export.ts";
import { onnxExporter } from "./onnx/export/exporter.ts";
import { sanafeExporter } from "./sanafe/exporter.ts";

/** Every format that can be written. To add one: a file or folder beside this one, and a line. */
export const EXPORTERS: readonly Exporter[] = [
  nirExporter,
  onnxExporter,
  sanafeExporter,
  graphExporter,
  csvExporter,
];

/** The exporter of that name; reports an unknown one, with the nearest known name. */
export function findExporter(name: string, sink: DiagnosticSink): Exporter | undefined {
  const found = EXPORTERS.find((exporter) => exporter.name === name.toLowerCase());
  if (found !== undefined) return found;
  const known = EXPORTERS.map((exporter) => exporter.name);
  const nearest = nearestName(name, known);
  sink.report(unknownExporter({ name, known, ...(nearest === undefined ? {} : { nearest }) }));
  return undefined;
}

/** Reports every option that the exporter does not have, and every value that its option does not take. */
export function checkExportOptions(exporter: Exporter, options: ExportOptions, sink: DiagnosticSink): void {
  const known = exporter.options.map(({ name }) => name);
  for (const [name, value] of Object.entries(options)) {
    const spec = exporter.options.find((option) => option.name === name);
    if (spec === undefined) {
      const nearest = nearestName(name, known);
      const facts = { exporter: exporter.name, name, known };
      sink.report(unknownExportOption({ ...facts, ...(nearest === undefined ? {} : { nearest }) }));
      continue;
    }
    const choices = spec.choices ?? (spec.value === undefined ? ["on"] : undefined);
    if (choices?.includes(value) === false)
      sink.report(badExportOption({ exporter: exporter.name, name, value, choices }));
  }
}

/** The level that an exporter needs with these options: its own, or what an option asks for beyond it. */
export function neededLevel(exporter: Exporter, options: ExportOptions): Exporter["level"] {
  const needed = exporter.options.map(({ name, needs }) => needs?.[options[name] ?? ""]);
  const levels = [exporter.level, ...needed];
  return (["deployment", "quantized"] as const).find((level) => levels.includes(level)) ?? "network";
}
