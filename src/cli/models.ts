import { basename, extname } from "node:path";
import {
  findProfile,
  findTarget,
  parseProfile,
  parseTarget,
  rateScales,
  readDeploymentFile,
  readInputData,
  readNetwork,
  type Deployment,
  type DeploymentFile,
  type DeploymentMeta,
  type ImportOptions,
  type InputData,
  type MapOptions,
  type Network,
  type Profile,
  type Target,
} from "#spinec";
import { DiagnosticSink, ToolchainError, invariant, type Diagnostic } from "#util/diagnostic";
import { filesBeside } from "./beside.ts";
import { badOption, labelsDoNotMatch, labelsNotAList } from "./diagnostics.ts";
import { readBytes } from "./io.ts";
import { importOptionsOf, wholeNumber, type InputFlags, type ModelFlags } from "./options.ts";
import type { Session } from "./session.ts";

/** Reads a model file; ends the stage if anything is wrong with it. */
export async function readModel(file: string, flags: ModelFlags, session: Session): Promise<Network> {
  return readModelWith(file, await importingOf(file, flags, session), session);
}

/** Import options of the flags, calibrated where that is asked for: all that is needed to read the model again. */
export async function importingOf(file: string, flags: ModelFlags, session: Session): Promise<ImportOptions> {
  const options = importOptionsOf(flags);
  if (flags.calibrate === undefined) return options;
  if (options.convert === undefined)
    throw new ToolchainError([
      badOption({
        option: "--calibrate",
        value: flags.calibrate,
        expected: "a file only together with --convert ann",
      }),
    ]);
  const sink = new DiagnosticSink();
  const reading = { ...options, convert: "values" as const, externalData: filesBeside(file) };
  const values = await readNetwork(readBytes(file), reading, sink);
  sink.throwIfErrors();
  invariant(values !== undefined, "a reader that reports no error returns a network");
  const { inputs } = await readInput({ input: flags.calibrate }, values, session);
  return { ...options, rateScales: rateScales(values, inputs, session.onProgress) };
}

/** The same with options that are read already. The network is named after the file. */
export async function readModelWith(
  file: string,
  options: ImportOptions,
  session: Session,
): Promise<Network> {
  const name = basename(file, extname(file));
  const externalData = filesBeside(file);
  const network = await readNetwork(readBytes(file), { name, ...options, externalData }, session.sink);
  session.checkpoint();
  invariant(network !== undefined, "a reader that reports no error returns a network");
  return network;
}

/** What `verify` needs to prepare a model again: kept in the deployment file's notes. */
export function deploymentNotes(importing: ImportOptions, mapping: MapOptions): Record<string, string> {
  // What only decides where neurons sit is read back from the deployment itself.
  const withoutSearch = { ...mapping, profile: undefined, spikesPerStep: undefined, shouldStop: undefined };
  return { import: JSON.stringify(importing), map: JSON.stringify(withoutSearch) };
}

export function notesOf(meta: DeploymentMeta): { importing: ImportOptions; mapping: MapOptions } {
  const parse = (text: string | undefined): object =>
    text === undefined ? {} : (JSON.parse(text) as object);
  return { importing: parse(meta.notes?.["import"]), mapping: parse(meta.notes?.["map"]) };
}

export async function readDeployment(file: string, session: Session): Promise<DeploymentFile> {
  const read = await readDeploymentFile(readBytes(file), session.sink);
  session.checkpoint();
  invariant(read !== undefined, "a reader that reports no error returns a deployment");
  return read;
}

/** What a reader finds in a file, under the file's name. */
function ofFile<Result>(file: string, sink: DiagnosticSink, read: (sink: DiagnosticSink) => Result): Result {
  const found = new DiagnosticSink();
  const result = read(found);
  for (const finding of found.diagnostics) sink.report(underName(file, finding));
  return result;
}

/** A finding whose subject begins with the name of what it was found in. */
export function underName(name: string, finding: Diagnostic): Diagnostic {
  const { subject } = finding;
  return { ...finding, subject: subject === undefined || subject === name ? name : `${name} ${subject}` };
}

/** The target of that name (`NAME`, `NAME:key=value,...`) or file (`.json`); ends the stage if there is none. */
export function targetNamed(name: string, session: Pick<Session, "sink" | "checkpoint">): Target {
  const target = name.endsWith(".json")
    ? ofFile(name, session.sink, (sink) => parseTarget(new TextDecoder().decode(readBytes(name)), sink))
    : findTarget(name, session.sink);
  session.checkpoint();
  invariant(target !== undefined, "a target that cannot be found is reported");
  return target;
}

/** The target's profile of that name, or the one in a file (`.json`); by default its default one. */
export function profileNamed(target: Target, name: string | undefined, session: Session): Profile {
  const profile = name?.endsWith(".json")
    ? ofFile(name, session.sink, (sink) =>
        parseProfile(new TextDecoder().decode(readBytes(name)), sink, target),
      )
    : findProfile(target, name, session.sink);
  session.checkpoint();
  invariant(profile !== undefined, "a profile that cannot be found is reported");
  return profile;
}

/** A target, and one of its profiles or one of a file. */
export function chooseTarget(
  flags: { readonly target: string; readonly profile?: string },
  session: Session,
): { target: Target; profile: Profile } {
  const target = targetNamed(flags.target, session);
  return { target, profile: profileNamed(target, flags.profile, session) };
}

/** Input data for the ports of a model or a deployment, and labels where there are any. */
export async function readInput(
  flags: InputFlags,
  receiver: Network | Deployment,
  session: Session,
): Promise<InputData> {
  invariant(flags.input !== undefined, "--input is a required option");
  const limit = flags.samples === undefined ? undefined : wholeNumber("--samples", flags.samples, 1);
  const ports = receiver.inputs.map(({ name, population }) => ({
    name,
    shape: receiver.populations[population].shape,
  }));
  const data = await readInputData(
    readBytes(flags.input),
    { fileName: basename(flags.input), ports },
    session.sink,
  );
  session.checkpoint();
  invariant(data !== undefined, "a reader that reports no error returns data");
  const samples = Math.max(...Object.values(data.inputs).map((port) => port.samples.length));
  const labels = flags.labels === undefined ? data.labels : readLabels(flags.labels, samples, session);
  if (limit === undefined || limit >= samples)
    return labels === undefined ? { inputs: data.inputs } : { inputs: data.inputs, labels };
  const inputs = Object.fromEntries(
    Object.entries(data.inputs).map(([name, port]) => [
      name,
      { ...port, samples: port.samples.slice(0, limit) },
    ]),
  );
  return labels === undefined ? { inputs } : { inputs, labels: Array.from(labels).slice(0, limit) };
}

function readLabels(file: string, samples: number, session: Session): number[] {
  let labels: unknown;
  try {
    labels = JSON.parse(new TextDecoder().decode(readBytes(file)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const list = Array.isArray(labels) ? labels : (labels as { labels?: unknown } | null | undefined)?.labels;
  const isList = Array.isArray(list) && list.every((label) => Number.isSafeInteger(label) && label >= 0);
  const valid = isList ? (list as number[]) : [];
  if (!isList) session.sink.report(labelsNotAList({ path: file }));
  else if (valid.length !== samples)
    session.sink.report(labelsDoNotMatch({ path: file, labels: valid.length, samples }));
  session.checkpoint();
  return valid;
}
