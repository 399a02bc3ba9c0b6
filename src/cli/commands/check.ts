import { Option, type Command } from "commander";
import { basename } from "node:path";
import {
  READER_CHOICES,
  checkFile,
  findingText,
  fixFile,
  readNetwork,
  readingText,
  readingsOf,
  readingsTable,
  type ImportOptions,
  type ReaderName,
  type ReadingSample,
} from "#spinec";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { badOption } from "../diagnostics.ts";
import { filesBeside } from "../beside.ts";
import { expectWritable, readBytes, writeAtomically } from "../io.ts";
import { importingOf, readInput } from "../models.ts";
import {
  addCommonOptions,
  addModelOptions,
  wholeNumber,
  type InputFlags,
  type ModelFlags,
} from "../options.ts";
import { runCommand, type CommonFlags, type Session } from "../session.ts";

interface CheckFlags extends CommonFlags, ModelFlags, Pick<InputFlags, "input" | "samples" | "steps"> {
  readonly fix?: string;
  readonly for?: ReaderName | "all";
}

export function addCheck(program: Command): void {
  const command = program
    .command("check")
    .argument("<file>", "a model (.nir, .net, .onnx)")
    .description(
      "findings with codes: units, reset, duplicate edges, shapes, unsupported nodes; and what other readers make of it",
    )
    .addOption(
      new Option(
        "--for <reader>",
        "predict whether this reader takes the file, and what it then computes; all: a table",
      ).choices(READER_CHOICES),
    )
    .option("--input <file>", "with --for: sample data, to count the spikes that differ")
    .option("--samples <count>", "use only the first samples")
    .option("--steps <count>", "steps of one sample (default: what the input holds)")
    .option("--fix <file>", "write the file with everything repaired that has one reasonable repair")
    .addHelpText(
      "after",
      `
The exit code is 1 if there is an error (with --strict: a warning), or if the reader of --for refuses the file.

Examples:
  $ spinec check model.nir
  $ spinec check old.nir --fix repaired.nir
  $ spinec check model.nir --for norse
  $ spinec check model.nir --for all --input test.npz --samples 5
`,
    );
  addCommonOptions(addModelOptions(command)).action((file: string, flags: CheckFlags) =>
    runCommand(flags, async (session) => {
      expectWritable(flags.fix);
      checkCombination(flags);
      const bytes = readBytes(file);
      const options = {
        name: basename(file),
        ...(await importingOf(file, flags, session)),
        externalData: filesBeside(file),
      };
      const { findings, summary } = await checkFile(bytes, options);
      if (summary !== undefined) expectNir(flags);
      const count = (severity: string): number => findings.filter((f) => f.severity === severity).length;
      const errors = count("error") + (flags.strict === true ? count("warning") : 0);
      const text = findings.map(findingText);
      const readings =
        flags.for === undefined
          ? undefined
          : await readingsOf(bytes, flags.for, options, await sampleOf(bytes, flags, options, session));
      if (readings !== undefined && readings.length > 0)
        text.push("", ...(flags.for === "all" ? readingsTable(readings) : readings.flatMap(readingText)), "");
      if (flags.fix !== undefined) {
        const repaired = await fixFile(bytes, session.sink);
        session.checkpoint();
        if (repaired !== undefined) {
          writeAtomically(flags.fix, repaired);
          text.push(`Repaired: ${flags.fix}`);
        }
      }
      text.push(
        `${basename(file)}: ${counted(count("error"), "error")}, ${counted(count("warning"), "warning")}, ${counted(count("note"), "note")}`,
      );
      const refused = flags.for !== "all" && readings?.some(({ verdict }) => verdict === "refuses") === true;
      return {
        text,
        json: {
          schema: "spinec/check/1",
          file: basename(file),
          findings,
          ...(readings === undefined ? {} : { readings }),
        },
        exitCode: errors > 0 || refused ? 1 : 0,
      };
    }),
  );
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

function checkCombination(flags: CheckFlags): void {
  const faults: ToolchainError["diagnostics"][number][] = [];
  const needs = (option: string, value: string | undefined, isThere: boolean, expected: string): void => {
    if (value !== undefined && !isThere) faults.push(badOption({ option, value, expected }));
  };
  const { input, samples, steps } = flags;
  needs(
    "--input",
    input,
    flags.for !== undefined,
    "a file only together with --for, whose reading is run on it",
  );
  const withInput = "a number only together with --input, whose samples it counts";
  needs("--samples", samples, input !== undefined, withInput);
  needs("--steps", steps, input !== undefined, withInput);
  if (faults.length > 0) throw new ToolchainError(faults);
}

/** Other readers, and repairs, are about NIR only. Throws `ToolchainError` where they were asked for. */
function expectNir({ for: reader, fix }: CheckFlags): void {
  const faults = Object.entries({ "--for": reader, "--fix": fix }).flatMap(([option, value]) =>
    value === undefined ? [] : [badOption({ option, value, expected: "only NIR files" })],
  );
  if (faults.length > 0) throw new ToolchainError(faults);
}

/** Data for both readings; undefined without --input, and where no network can be made of the file. */
async function sampleOf(
  bytes: Uint8Array,
  flags: CheckFlags,
  options: ImportOptions,
  session: Session,
): Promise<ReadingSample | undefined> {
  if (flags.input === undefined) return undefined;
  const network = await readNetwork(bytes, options, new DiagnosticSink());
  if (network === undefined) return undefined;
  const { inputs } = await readInput(flags, network, session);
  return { inputs, ...(flags.steps === undefined ? {} : { steps: wholeNumber("--steps", flags.steps, 1) }) };
}
