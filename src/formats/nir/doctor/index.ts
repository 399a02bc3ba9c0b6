import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";
import type { ImportOptions } from "../../format.ts";
import type { NirFile } from "../graph.ts";
import { analyseNir, lowerNir } from "../lower.ts";
import type { Network } from "#ir/network";
import { reportDifferences } from "./differences.ts";
import { asRead } from "./interpret.ts";
import type { FileView, Reader, ReaderName } from "./reader.ts";
import { hxtorchReader } from "./readers/hxtorch.ts";
import { lavaReader } from "./readers/lava.ts";
import { nirReader } from "./readers/nir.ts";
import { nirtorchReader } from "./readers/nirtorch.ts";
import { norseReader } from "./readers/norse.ts";
import { rockpoolReader } from "./readers/rockpool.ts";
import { sinabsReader } from "./readers/sinabs.ts";
import { snntorchReader } from "./readers/snntorch.ts";
import { spikingjellyReader } from "./readers/spikingjelly.ts";
import { spinnaker2Reader } from "./readers/spinnaker2.ts";
import { spyxReader } from "./readers/spyx.ts";

/** Every program whose reading of a file can be predicted. To add one: a file in `readers`, a name in `READER_NAMES`, a line here. */
export const READERS: readonly Reader[] = [
  nirReader,
  nirtorchReader,
  snntorchReader,
  norseReader,
  sinabsReader,
  spikingjellyReader,
  rockpoolReader,
  spyxReader,
  lavaReader,
  spinnaker2Reader,
  hxtorchReader,
];

/** `refuses`: it stops with an error; `differs`: it reads, and computes something else; `reads`: as it is meant. */
export type Verdict = "refuses" | "differs" | "reads";

export interface ReaderReport {
  readonly reader: ReaderName;
  readonly title: string;
  readonly verdict: Verdict;
  /** Errors: why it refuses. Warnings: what differs. Notes: what hardly matters. */
  readonly findings: readonly Diagnostic[];
}

/**
 * Predicts what another program makes of a file: whether it reads it, and what it then computes in a step,
 * compared with what the file's own writer computes.
 *
 * @param options what the user says about the file; they decide what "its own writer" means
 */
export function examineFor(reader: Reader, file: NirFile, options: ImportOptions = {}): ReaderReport {
  const sink = new DiagnosticSink();
  const view: FileView = { file, analysis: analyseNir(file, options, new DiagnosticSink()) };
  const report = (diagnostic: Diagnostic): void => sink.report(diagnostic);
  reader.check(view, report);
  const interpretation = sink.hasErrors ? undefined : reader.interpret?.(view);
  if (interpretation !== undefined) {
    const theirs = analyseNir(asRead(file, interpretation), interpretation.options, new DiagnosticSink());
    reportDifferences(view.analysis, theirs, reader.title, report);
  }
  const verdict = sink.hasErrors
    ? "refuses"
    : sink.diagnostics.some(({ severity }) => severity === "warning")
      ? "differs"
      : "reads";
  return { reader: reader.name, title: reader.title, verdict, findings: sink.diagnostics };
}

/**
 * The network that another program would compute: its step, its gains, its reset.
 *
 * @returns undefined if it refuses the file, computes nothing, or no network can be made of the file
 */
export function networkAsReadBy(
  reader: Reader,
  file: NirFile,
  options: ImportOptions = {},
): Network | undefined {
  if (examineFor(reader, file, options).verdict === "refuses" || reader.interpret === undefined)
    return undefined;
  const view: FileView = { file, analysis: analyseNir(file, options, new DiagnosticSink()) };
  const interpretation = reader.interpret(view);
  return lowerNir(asRead(file, interpretation), interpretation.options, new DiagnosticSink());
}

/** The reader of that name, or undefined. */
export function findReader(name: string): Reader | undefined {
  return READERS.find((reader) => reader.name === name);
}
