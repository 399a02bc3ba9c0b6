// `spinec inspect` and `spinec check` as functions: what is in a file, and what is odd about it.
import { withConcern } from "#formats/nir/doctor/concerns";
import { READER_NAMES } from "#formats/nir/doctor/reader";
import { inspectNir, type NirInspection } from "#formats/nir/findings";
import type { NirFile } from "#formats/nir/graph";
import { readNirFile } from "#formats/nir/read-file";
import { repairedFile } from "#formats/nir/repair";
import { writeNirFile } from "#formats/nir/write-file";
import { keyValueLines, textTable, type Column } from "#report/text-table";
import type { ImportOptions } from "#formats/format";
import type { Spread } from "#ir/summary";
import { DiagnosticSink, formatDiagnostic, type Diagnostic } from "#util/diagnostic";
import { formatCount, formatShare, formatTimeNs } from "#util/units";
import { inspectOther, type NetworkInspection } from "./inspect-network.ts";

/** What could be learnt of a file, and every finding; no inspection where the file cannot be read at all. */
export interface FileCheck {
  readonly inspection?: NirInspection;
  /** Of formats other than NIR, in place of `inspection`. */
  readonly summary?: NetworkInspection;
  readonly findings: readonly Diagnostic[];
}

/** Reads a NIR file as far as it goes, and others as their importer does. Never throws for a fault of the file. */
export async function checkFile(bytes: Uint8Array, options: ImportOptions): Promise<FileCheck> {
  const other = await inspectOther(bytes, options);
  if (other !== undefined) return other;
  const sink = new DiagnosticSink();
  const file = await readNirFile(bytes, sink);
  if (file === undefined) return { findings: sink.diagnostics };
  const inspection = inspectNir(file, options);
  const findings = [...sink.diagnostics.map(withConcern), ...inspection.findings];
  return { inspection, findings: refineFixable(file, findings) };
}

/** `fixable` stays on findings that a repaired file really is without. */
function refineFixable(file: NirFile, findings: readonly Diagnostic[]): readonly Diagnostic[] {
  if (!findings.some(({ data }) => data?.["fixable"] === true)) return findings;
  const repaired = repairedFile(file, new DiagnosticSink());
  const left = new Set(repaired && inspectNir(repaired).findings.map(({ code }) => code));
  return findings.map((finding) => {
    const { code, data } = finding;
    if (data?.["fixable"] !== true || (repaired !== undefined && !left.has(code))) return finding;
    return { ...finding, data: { ...data, fixable: false } };
  });
}

/** A finding for a terminal: the message, why it matters, and which readers it concerns. */
export function findingText(finding: Diagnostic): string {
  const why = finding.data?.["why"];
  const readers = finding.data?.["readers"];
  if (typeof why !== "string") return formatDiagnostic(finding);
  const names = Array.isArray(readers) ? readers : [];
  const whom =
    names.length === READER_NAMES.length
      ? " (all readers)"
      : names.length === 0
        ? ""
        : ` (${names.join(", ")})`;
  return `${formatDiagnostic(finding)}\n  why: ${why}${whom}`;
}

/**
 * The file with everything repaired that has one reasonable repair: full-shape parameters, explicit padding, missing
 * shapes, one edge for duplicates, Input and Output nodes.
 *
 * @returns undefined if the file cannot be read or repaired; the sink says why
 */
export async function fixFile(bytes: Uint8Array, sink: DiagnosticSink): Promise<Uint8Array | undefined> {
  const file = await readNirFile(bytes, sink);
  const repaired = file && repairedFile(file, sink);
  return repaired && writeNirFile(repaired);
}

const right = (heading: string): Column => ({ heading, align: "right" });

/** The inspection for a terminal. */
export function inspectText(name: string, inspection: NirInspection): string[] {
  const { nodes, writer, timeUnit, dtSeconds } = inspection;
  const weights = nodes.reduce((sum, node) => sum + (node.weights ?? 0), 0);
  const nonzero = nodes.reduce((sum, node) => sum + (node.nonzeroWeights ?? 0), 0);
  const neurons = nodes.reduce((sum, node) => sum + (node.neurons ?? 0), 0);
  const shape = (extents: readonly number[] | undefined): string =>
    extents === undefined ? "?" : extents.join("x") || "1";
  const rows = nodes.map((node) => [
    node.name,
    node.type,
    `${shape(node.input)} → ${shape(node.output)}`,
    node.neurons === undefined ? "" : formatCount(node.neurons),
    node.weights === undefined ? "" : formatCount(node.weights),
    node.densityShare === undefined ? "" : formatShare(node.densityShare),
    node.timeConstants
      .map(({ field, inFile, inSteps }) => `${field} ${spread(inFile)} = ${spread(inSteps)} steps`)
      .join(", "),
    node.odd.join(" "),
  ]);
  const lines = [
    `${name}: NIR${inspection.version === undefined ? "" : ` (written with ${inspection.version})`}, ${formatCount(neurons)} neurons, ${formatCount(weights)} weights`,
    ...keyValueLines([
      ["writer", writer.writer],
      ["time constants in", timeUnit],
      ["one step", dtSeconds === undefined ? "one unit of the file's time" : formatTimeNs(dtSeconds * 1e9)],
      [
        "nonzero weights",
        weights === 0 ? "none" : `${formatCount(nonzero)} (${formatShare(nonzero / weights)})`,
      ],
      ["edges", formatCount(inspection.edges)],
      ["feedback", inspection.feedback.length === 0 ? "none" : inspection.feedback.join(", ")],
    ]),
    "",
    ...textTable(
      [
        { heading: "node" },
        { heading: "type" },
        { heading: "shape" },
        right("neurons"),
        right("weights"),
        right("density"),
        { heading: "time constants (min / median / max)" },
        { heading: "odd" },
      ],
      rows,
    ),
  ];
  return lines;
}

function spread({ min, median, max }: Spread): string {
  const text = (value: number): string => String(Number(value.toPrecision(4)));
  return min === max ? text(min) : `${text(min)} / ${text(median)} / ${text(max)}`;
}
