import type { Command } from "commander";
import { basename, extname } from "node:path";
import {
  GENERATOR,
  TARGETS,
  changeText,
  compileReport,
  compileReportText,
  fitModel,
  writeDeploymentFile,
  type MapOptions,
  type Network,
  type Profile,
  type Target,
} from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { compileLine } from "../command-line.ts";
import { fittingChange } from "../diagnostics.ts";
import { addEditOptions, editOptionsOf, type EditFlags } from "../edit-options.ts";
import { expectWritable, writeAtomically } from "../io.ts";
import {
  addCommonOptions,
  addMapOptions,
  addModelOptions,
  addRequiredOption,
  mapOptionsOf,
  type MapFlags,
  type ModelFlags,
} from "../options.ts";
import { chooseTarget, deploymentNotes, importingOf, readModelWith } from "../models.ts";
import { addMappingOptions, mappingOptionsOf, type MappingFlags } from "../mapping-options.ts";
import { stoppableMapping } from "../map-model.ts";
import { runCommand, type CommonFlags, type Session } from "../session.ts";
import { exitCodeOf } from "../signals.ts";

interface CompileFlags extends CommonFlags, ModelFlags, MapFlags, MappingFlags, EditFlags {
  readonly output: string;
  readonly keepZeros?: boolean;
  readonly changes: boolean;
}

export function addCompile(program: Command): void {
  const command = program
    .command("compile")
    .argument("<model>", "a model (.nir)")
    .description("map a model onto the cores of a target and write the deployment")
    .option("--keep-zeros", "store pruned weights as zeros: the unpruned-equivalent map")
    .option("--no-changes", "if it does not fit, do not search for what would make it fit")
    .addHelpText(
      "after",
      "\nExamples:\n  $ spinec compile model.nir --target loihi1 -o model.spinec\n  $ spinec compile big.nir --target loihi1 --chips 4 -o big.spinec --json\n\nWith --effort default or best, Ctrl-C gives the best legal mapping so far (exit code 130); a second one ends at once.\n",
    );
  addRequiredOption(command, "-o, --output <file>", "the deployment file to write (.spinec)");
  addCommonOptions(addMappingOptions(addEditOptions(addMapOptions(addModelOptions(command))))).action(
    (file: string, flags: CompileFlags, given: Command) =>
      runCommand(flags, async (session) => {
        expectWritable(flags.output);
        const importing = await importingOf(file, flags, session);
        const chosen: MapOptions = {
          ...mapOptionsOf(flags),
          ...editOptionsOf(flags),
          ...(flags.keepZeros === true && { keepZeros: true }),
        };
        const { target, profile } = chooseTarget(flags, session);
        const network = await readModelWith(
          file,
          { ...importing, name: basename(file, extname(file)) },
          session,
        );
        const mapping = { ...chosen, ...mappingOptionsOf(flags, network, profile, session) };
        const search = stoppableMapping();
        let mapped;
        try {
          mapped = await search.map(network, target, mapping, session.sink, session.onProgress);
        } catch (error) {
          const isHeard = flags.quiet !== true || flags.json === true;
          if (flags.changes && isHeard && isMisfit(error))
            proposeChanges({ file, flags, given, network, target, profile, mapping }, session);
          throw error;
        }
        const notes = deploymentNotes({ ...importing, name: network.name }, mapping);
        const bytes = writeDeploymentFile(mapped.compiled.deployment, { generator: GENERATOR, notes });
        writeAtomically(flags.output, bytes);
        const report = compileReport(network, mapped, target, bytes.length, mapping);
        const signal = search.caught();
        return {
          text: [...compileReportText(report), "", `Written: ${flags.output}`],
          json: report,
          ...(signal !== undefined && { exitCode: exitCodeOf(signal) }),
        };
      }),
  );
}

/** Whether another way to map, another network or another chip could help; options and files are for the user to mend. */
function isMisfit(error: unknown): boolean {
  return (
    error instanceof ToolchainError &&
    error.diagnostics.every(
      ({ code, severity }) => severity !== "error" || /^(partition|place|route|passes|quantize)\//.test(code),
    ) &&
    !error.diagnostics.some(({ code }) => code === "quantize/unsupported-bits")
  );
}

/** Notes with the smallest changes that make it fit, each of which was compiled. */
function proposeChanges(
  failed: {
    readonly file: string;
    readonly flags: CompileFlags;
    readonly given: Command;
    readonly network: Network;
    readonly target: Target;
    readonly profile: Profile;
    readonly mapping: MapOptions;
  },
  session: Session,
): void {
  const { file, flags, given, network, target, profile, mapping } = failed;
  const [row] = fitModel(
    network,
    [{ target, profile, as: flags.target }],
    {
      mapping: { chips: 1, ...mapping },
      changes: "all",
      others: TARGETS.filter(({ name }) => name !== target.name).map((other) => ({ target: other })),
      command: (options) => compileLine(file, flags.output, given, options),
    },
    session.onProgress,
  ).targets;
  for (const change of row.changes ?? [])
    session.sink.report(
      fittingChange({ text: changeText(change), command: change.command ?? "", options: change.options }),
    );
}
