// `spinec inspect` for formats that have no inspection of their own: the network that the importer makes of a file.
import { FORMATS } from "#formats/index";
import type { ImportOptions } from "#formats/format";
import { inspectNetwork, type NetworkSummary, type Spread } from "#ir/summary";
import { keyValueLines, textTable } from "#report/text-table";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";
import { formatCount, formatShare, formatTimeNs } from "#util/units";

export interface NetworkInspection extends NetworkSummary {
  /** Name in `FORMATS`. */
  readonly format: string;
}

/**
 * The network in a file, and what its importer found.
 *
 * @returns undefined if the bytes are of no format, or of NIR, which has a file inspection (`checkFile`)
 */
export async function inspectOther(
  bytes: Uint8Array,
  options: ImportOptions,
): Promise<{ summary?: NetworkInspection; findings: readonly Diagnostic[] } | undefined> {
  const importer = FORMATS.find((format) => format.recognizes(bytes));
  if (importer === undefined || importer.name === "nir") return undefined;
  const sink = new DiagnosticSink();
  const network = await importer.read(bytes, options, sink);
  if (network === undefined) return { findings: sink.diagnostics };
  return { summary: { format: importer.name, ...inspectNetwork(network) }, findings: sink.diagnostics };
}

/** The same for a terminal. */
export function networkInspectionText(name: string, summary: NetworkInspection): string[] {
  const { format, neurons, weights, nonzeroWeights, synapses, densityShare, timestepNs } = summary;
  const ports = (list: NetworkSummary["inputs"]): string =>
    list.map((port) => `${port.name} (${port.shape.join("x")})`).join(", ") || "none";
  return [
    `${name}: ${format}, ${formatCount(neurons)} neurons, ${formatCount(weights)} weights`,
    ...keyValueLines([
      ["inputs", ports(summary.inputs)],
      ["outputs", ports(summary.outputs)],
      ["one step", timestepNs === undefined ? "not said" : formatTimeNs(timestepNs)],
      ["nonzero weights", `${formatCount(nonzeroWeights)} (${formatShare(densityShare)})`],
      ["synapses", formatCount(synapses)],
    ]),
    "",
    ...textTable(
      [
        { heading: "population" },
        { heading: "model" },
        { heading: "shape" },
        { heading: "neurons", align: "right" },
        { heading: "weights", align: "right" },
        { heading: "density", align: "right" },
        { heading: "parameters (min / median / max)" },
      ],
      summary.populations.map((population) => populationCells(summary, population)),
    ),
  ];
}

function populationCells(
  { projections }: NetworkSummary,
  { name, model, shape, size, params }: NetworkSummary["populations"][number],
): string[] {
  const incoming = projections.filter(({ post, layer }) => post === name && layer !== undefined);
  const sum = (key: "weights" | "nonzeroWeights"): number =>
    incoming.reduce((total, projection) => total + projection[key], 0);
  const weights = sum("weights");
  return [
    name,
    model,
    shape.join("x"),
    formatCount(size),
    weights === 0 ? "" : formatCount(weights),
    weights === 0 ? "" : formatShare(sum("nonzeroWeights") / weights),
    Object.entries(params)
      .map(([param, values]) => `${param} ${spread(values)}`)
      .join(", "),
  ];
}

function spread({ min, median, max }: Spread): string {
  const text = (value: number): string => String(Number(value.toPrecision(4)));
  return min === max ? text(min) : `${text(min)} / ${text(median)} / ${text(max)}`;
}
