import type { Command } from "commander";
import { runModel, runReportHtml, runReportText } from "#spinec";
import { readDemo } from "../demo-files.ts";
import { addCommonOptions } from "../options.ts";
import { expectWritable, writeAtomically } from "../io.ts";
import { chooseTarget } from "../models.ts";
import { runCommand, type CommonFlags } from "../session.ts";

interface DemoFlags extends CommonFlags {
  readonly output: string;
}

export function addDemo(program: Command): void {
  const command = program
    .command("demo")
    .description("compile and simulate the bundled pruned digit classifier on loihi1")
    .option("-o, --output <file>", "the page with pictures", "spinec-report.html")
    .addHelpText("after", "\nExamples:\n  $ spinec demo\n  $ spinec demo --json > demo.json\n");
  addCommonOptions(command).action((flags: DemoFlags) =>
    runCommand(flags, async (session) => {
      expectWritable(flags.output);
      const { network, inputs, labels } = await readDemo(session);
      const { target, profile } = chooseTarget({ target: "loihi1" }, session);
      const { report, spikes } = runModel(
        network,
        target,
        profile,
        inputs,
        { compareDense: true, ...(labels !== undefined && { labels }) },
        session.sink,
        session.onProgress,
      );
      writeAtomically(flags.output, runReportHtml(report, spikes));
      return {
        text: [...runReportText(report), "", `The same with pictures: ${flags.output}`],
        json: report,
      };
    }),
  );
}
