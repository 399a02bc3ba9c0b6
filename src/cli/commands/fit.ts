import { Option, type Command } from "commander";
import {
  TARGETS,
  fitModel,
  fitReportHtml,
  fitReportText,
  targetNames,
  type FitTarget,
  type MapOptions,
} from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { compileLine } from "../command-line.ts";
import { badOption } from "../diagnostics.ts";
import { addEditOptions, editOptionsOf, type EditFlags } from "../edit-options.ts";
import { expectWritable, writeAtomically } from "../io.ts";
import { chooseTarget, readInput, readModel } from "../models.ts";
import {
  addCommonOptions,
  addModelOptions,
  mapOptionsOf,
  wholeNumber,
  type MapFlags,
  type ModelFlags,
} from "../options.ts";
import { runCommand, type CommandResult, type CommonFlags, type Session } from "../session.ts";

interface FitFlags extends CommonFlags, ModelFlags, EditFlags, Omit<MapFlags, "target" | "profile"> {
  readonly targets?: string;
  readonly input?: string;
  readonly samples?: string;
  readonly rate?: string;
  readonly steps?: string;
  readonly changes?: boolean;
  readonly html?: string;
}

export function addFit(program: Command): void {
  const command = program
    .command("fit")
    .argument("<model>", "a model (.nir, .onnx, .net)")
    .description("try a model on every target: does it fit, why not, and what does it cost")
    .option("--targets <names>", "only these: names or target files, with commas between (default: all)")
    .option("--input <file>", "spikes for energy and time (default: random ones)")
    .option("--samples <count>", "use only the first samples of the input")
    .option("--rate <share>", "of random input: share of the lines that spike in a step", "0.1")
    .option("--steps <count>", "of random input: steps of one inference", "20")
    .option("--changes", "search for the smallest changes that make it fit (default: for a single target)")
    .option("--no-changes", "do not")
    .option("--chips <count>", "chips that may be used (default: as many as it takes)")
    .option("--packer <name>", "packing of synapse memory, for targets that have one of that name")
    .addOption(
      new Option("--share <when>", "whether populations may share a core (default: when-needed)").choices([
        "never",
        "when-needed",
        "always",
      ]),
    )
    .option("--weight-bits <bits>", "bits of a stored weight (default: all that a target has)")
    .option("--decay-levels <count>", "at most so many different decays in a population")
    .option("--html <file>", "also write the table as a page");
  addCommonOptions(addEditOptions(addModelOptions(command)))
    .addHelpText(
      "after",
      `
Every change that is proposed was compiled: its line makes the model fit as printed.

Examples:
  $ spinec fit model.nir
  $ spinec fit model.nir --targets loihi1 --chips 1           what would make it fit on one chip
  $ spinec fit model.nir --input test.npz --samples 10 --html fit.html
  $ spinec fit model.nir --targets loihi1,mine.json --changes --json
`,
    )
    .action((file: string, flags: FitFlags, given: Command) =>
      runCommand(flags, (session) => fitFile(file, flags, given, session)),
    );
}

async function fitFile(
  file: string,
  flags: FitFlags,
  given: Command,
  session: Session,
): Promise<CommandResult> {
  expectWritable(flags.html);
  const mapping: MapOptions = { ...mapOptionsOf({ ...flags, target: "" }), ...editOptionsOf(flags) };
  const assumed = {
    spikeShare: shareOf("--rate", flags.rate ?? "0.1"),
    steps: wholeNumber("--steps", flags.steps ?? "20", 1),
  };
  const shipped = TARGETS.map((target): FitTarget => ({ target }));
  const targets = flags.targets === undefined ? shipped : namesOf(flags.targets).map((name): FitTarget => {
    const { target, profile } = chooseTarget({ target: name }, session);
    return { target, profile, as: name };
  }); // prettier-ignore
  const network = await readModel(file, flags, session);
  const data =
    flags.input === undefined
      ? undefined
      : await readInput(
          { input: flags.input, ...(flags.samples !== undefined && { samples: flags.samples }) },
          network,
          session,
        );
  const output = `${file.replace(/\.[^./\\]+$/, "")}.spinec`;
  const report = fitModel(
    network,
    targets,
    {
      mapping,
      assumed,
      ...(data !== undefined && { inputs: data.inputs }),
      changes: (flags.changes ?? targets.length === 1) ? "all" : "none",
      others: shipped.filter(({ target }) => !targets.some((one) => one.target.name === target.name)),
      command: (options) => compileLine(file, output, given, options),
    },
    session.onProgress,
  );
  if (flags.html !== undefined) writeAtomically(flags.html, fitReportHtml(report));
  const result = { text: fitReportText(report), json: report };
  const hasBug = report.targets.some(({ reasons }) => reasons.some(({ code }) => code === "fit/bug"));
  return hasBug ? { ...result, exitCode: 3 } : result;
}

function namesOf(text: string): string[] {
  const names = targetNames(text);
  if (names.length > 0) return names;
  throw new ToolchainError([
    badOption({ option: "--targets", value: text, expected: "names or files with commas between" }),
  ]);
}

function shareOf(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new ToolchainError([badOption({ option, value: text, expected: "a share from 0 to 1" })]);
}
