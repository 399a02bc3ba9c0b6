import type { Command } from "commander";
import { basename, extname } from "node:path";
import { GENERATOR, compileReport, compileReportText, mapModel, writeDeploymentFile } from "#spinec";
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
import { runCommand, type CommonFlags } from "../session.ts";

interface CompileFlags extends CommonFlags, ModelFlags, MapFlags {
  readonly output: string;
  readonly keepZeros?: boolean;
}

export function addCompile(program: Command): void {
  const command = program
    .command("compile")
    .argument("<model>", "a model (.nir)")
    .description("map a model onto the cores of a target and write the deployment")
    .option("--keep-zeros", "store pruned weights as zeros: the unpruned-equivalent map")
    .addHelpText(
      "after",
      "\nExamples:\n  $ spinec compile model.nir --target loihi1 -o model.spinec\n  $ spinec compile big.nir --target loihi1 --chips 4 -o big.spinec --json\n",
    );
  addRequiredOption(command, "-o, --output <file>", "the deployment file to write (.spinec)");
  addCommonOptions(addMapOptions(addModelOptions(command))).action((file: string, flags: CompileFlags) =>
    runCommand(flags, async (session) => {
      expectWritable(flags.output);
      const importing = await importingOf(file, flags, session);
      const mapping = { ...mapOptionsOf(flags), ...(flags.keepZeros === true && { keepZeros: true }) };
      const { target } = chooseTarget(flags, session);
      const network = await readModelWith(
        file,
        { ...importing, name: basename(file, extname(file)) },
        session,
      );
      const mapped = mapModel(network, target, mapping, session.sink, session.onProgress);
      const notes = deploymentNotes({ ...importing, name: network.name }, mapping);
      const bytes = writeDeploymentFile(mapped.compiled.deployment, { generator: GENERATOR, notes });
      writeAtomically(flags.output, bytes);
      const report = compileReport(network, mapped, target, bytes.length);
      return { text: [...compileReportText(report), "", `Written: ${flags.output}`], json: report };
    }),
  );
}
