// `spinec check --for` as functions: what other programs make of a NIR file.
import {
  READERS,
  examineFor,
  networkAsReadBy,
  type ReaderReport,
  type Verdict,
} from "#formats/nir/doctor/index";
import type { Reader, ReaderName } from "#formats/nir/doctor/reader";
import { readNirFile } from "#formats/nir/read-file";
import { lowerNir } from "#formats/nir/lower";
import type { ImportOptions } from "#formats/format";
import type { Network } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { textTable } from "#report/text-table";
import { simulateReference } from "#simulator/reference-float";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
import { formatCount } from "#util/units";

/** What a reader makes of a file, and with sample data how far its spikes are from the file's own. */
export interface Reading extends ReaderReport {
  /** By spiking population; absent without data, and where it refuses the file or computes nothing. */
  readonly changed?: readonly ChangedReading[];
}

export interface ChangedReading {
  readonly population: string;
  readonly ownSpikes: number;
  readonly readerSpikes: number;
  /** Events (a neuron in a step) that the two do not share. */
  readonly differing: number;
}

/** Data to run both readings on. */
export interface ReadingSample {
  readonly inputs: Readonly<Record<string, SpikeData>>;
  readonly steps?: number;
}

/** Names that `check --for` takes, and `all`. */
export const READER_CHOICES: readonly string[] = [...READERS.map(({ name }) => name), "all"];

/**
 * Predicts what other programs make of a NIR file.
 *
 * @param readers names; "all" for every reader there is
 * @returns empty if the file cannot be read at all
 */
export async function readingsOf(
  bytes: Uint8Array,
  readers: ReaderName | "all",
  options: ImportOptions,
  sample?: ReadingSample,
): Promise<readonly Reading[]> {
  const file = await readNirFile(bytes, new DiagnosticSink());
  if (file === undefined) return [];
  const chosen = READERS.filter(({ name }) => readers === "all" || name === readers);
  const own = sample && lowerNir(file, options, new DiagnosticSink());
  return chosen.map((reader: Reader): Reading => {
    const report = examineFor(reader, file, options);
    const theirs = own && networkAsReadBy(reader, file, options);
    if (sample === undefined || own === undefined || theirs === undefined) return report;
    return { ...report, changed: compareSpikes(own, theirs, sample) };
  });
}

const SPIKING = new Set(["if", "lif", "cuba-lif", "threshold"]);

function compareSpikes(own: Network, theirs: Network, { inputs, steps }: ReadingSample): ChangedReading[] {
  const record = own.populations.filter(({ model }) => SPIKING.has(model)).map(({ name }) => name);
  const options = { record, ...(steps === undefined ? {} : { steps }) };
  const [mine, his] = [own, theirs].map((network) => simulateReference(network, inputs, options).recorded);
  return record.map((population) => {
    const pairs = mine[population].samples.map((events, s) => [events, his[population].samples[s]] as const);
    return {
      population,
      ownSpikes: pairs.reduce((sum, [events]) => sum + total(events), 0),
      readerSpikes: pairs.reduce((sum, [, events]) => sum + total(events), 0),
      differing: pairs.reduce((sum, [a, b]) => sum + differing(a, b), 0),
    };
  });
}

const total = ({ index, value }: SpikeEvents): number =>
  value === undefined ? index.length : value.reduce((sum, x) => sum + x, 0);

/** Both ordered by step, then index. */
function differing(a: SpikeEvents, b: SpikeEvents): number {
  let [i, j, count] = [0, 0, 0];
  while (i < a.index.length || j < b.index.length) {
    const order =
      i === a.index.length ? 1 : j === b.index.length ? -1 : a.step[i] - b.step[j] || a.index[i] - b.index[j];
    if (order !== 0 || (a.value?.[i] ?? 1) !== (b.value?.[j] ?? 1)) count++;
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  return count;
}

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  refuses: "refuses the file",
  differs: "reads it in another way",
  reads: "reads it as it is meant",
};

/** One reader's report for a terminal: its findings, how it steps, the verdict. */
export function readingText(reading: Reading): string[] {
  const { title, verdict, findings, changed } = reading;
  const rule = READERS.find(({ name }) => name === reading.reader)?.rule;
  const lines = findings.map(formatDiagnostic);
  if (rule !== undefined && rule.lif !== "–")
    lines.push(`${title}: step ${rule.step}; LIF ${rule.lif}; spike ${rule.spike}; reset ${rule.reset}`);
  for (const { population, ownSpikes, readerSpikes, differing: events } of changed ?? [])
    lines.push(
      `  ${population}: ${formatCount(ownSpikes)} spikes by the file, ${formatCount(readerSpikes)} for ${title}, ${formatCount(events)} differ`,
    );
  lines.push(`${title} ${VERDICT_WORDS[verdict]}`);
  return lines;
}

/** All readers as a table: verdict, and the first reason for it. */
export function readingsTable(readings: readonly Reading[]): string[] {
  const withSpikes = readings.some(({ changed }) => changed !== undefined);
  const rows = readings.map(({ title, reader, verdict, findings, changed }) => {
    const severity = verdict === "refuses" ? "error" : "warning";
    const reasons = findings.filter((finding) => finding.severity === severity);
    const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : "";
    const events = changed?.reduce((sum, entry) => sum + entry.differing, 0);
    return [
      reader,
      title,
      verdict,
      ...(withSpikes ? [events === undefined ? "–" : formatCount(events)] : []),
      reasons.length === 0 ? "" : `${reasons[0].message}${more}`,
    ];
  });
  return textTable(
    [
      { heading: "reader" },
      { heading: "name" },
      { heading: "verdict" },
      ...(withSpikes ? [{ heading: "differing spikes", align: "right" as const }] : []),
      { heading: "why" },
    ],
    rows,
  );
}
