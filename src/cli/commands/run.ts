import type { Command } from "commander";
import { runModel, runReportHtml, runReportText, encodeSpikes } from "#spinec";
import { expectWritable, writeAtomically } from "../io.ts";
import {
  addCommonOptions,
  addInputOptions,
  addMapOptions,
  addModelOptions,
  mapOptionsOf,
  wholeNumber,
  type InputFlags,
  type MapFlags,
  type ModelFlags,
} from "../options.ts";
import { chooseTarget, readInput, readModel } from "../models.ts";
import { runCommand, type CommonFlags } from "../session.ts";

interface RunFlags extends CommonFlags, ModelFlags, MapFlags, InputFlags {
  readonly reference: boolean;
  readonly compareDense?: boolean;
  readonly html?: string;
}

export function addRun(program: Command): void {
  const command = program
    .command("run")
    .argument("<model>", "a model (.nir)")
    .description("compile, simulate and report in one go")
    .option("--compare-dense", "beside it, the same network with every pruned weight stored as a zero")
    .option("--no-reference", "skip the float reference (no changed spikes, no NeuroBench columns)")
    .option("--html <file>", "also write the report as a page with pictures")
    .addHelpText(
      "after",
      `
Examples:
  $ spinec run model.nir --target loihi1 --input test.npz
  $ spinec run model.nir --target loihi1 --profile davies2018 --input test.json.gz --labels labels.json --json
  $ spinec run model.nir --target mine.json --input test.npz --compare-dense --html report.html
`,
    );
  addCommonOptions(addInputOptions(addMapOptions(addModelOptions(command)))).action(
    (file: string, flags: RunFlags) =>
      runCommand(flags, async (session) => {
        expectWritable(flags.spikes, flags.html);
        const mapping = mapOptionsOf(flags);
        const steps = flags.steps === undefined ? undefined : wholeNumber("--steps", flags.steps, 1);
        const { target, profile } = chooseTarget(flags, session);
        const network = await readModel(file, flags, session);
        const { inputs, labels } = await readInput(flags, network, session);
        const { report, spikes } = runModel(
          network,
          target,
          profile,
          inputs,
          {
            ...mapping,
            reference: flags.reference,
            compareDense: flags.compareDense ?? false,
            ...(flags.timing !== undefined && { timing: flags.timing }),
            ...(steps !== undefined && { steps }),
            ...(labels !== undefined && { labels }),
          },
          session.sink,
          session.onProgress,
        );
        if (flags.spikes !== undefined)
          writeAtomically(flags.spikes, await encodeSpikes(spikes, flags.spikes, network.timestepNs));
        if (flags.html !== undefined) writeAtomically(flags.html, runReportHtml(report));
        return { text: runReportText(report), json: report };
      }),
  );
}
