import type { Command } from "commander";
import { addCommonOptions, addModelOptions, type ModelFlags } from "../options.ts";
import { inspectText, inspectNetwork, networkToText } from "#spinec";
import { readModel } from "../models.ts";
import { runCommand, type CommonFlags } from "../session.ts";

export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .argument("<file>", "a model (.nir) or a deployment (.spinec)")
    .description("what is in a file: nodes, shapes, neurons, synapses, density, time constants, what is odd")
    .option("--ir", "list every population and projection")
    .addHelpText(
      "after",
      "\nExamples:\n  $ spinec inspect model.nir\n  $ spinec inspect model.nir --time-unit ms --dt 1ms --json\n",
    );
  addCommonOptions(addModelOptions(command)).action(
    (file: string, flags: CommonFlags & ModelFlags & { ir?: boolean }) =>
      runCommand(flags, async (session) => {
        const network = await readModel(file, flags, session);
        const summary = inspectNetwork(network);
        return {
          text: [
            ...inspectText(summary),
            ...(flags.ir === true ? ["", ...networkToText(network).split("\n")] : []),
          ],
          json: { schema: "spinec/inspect/1", ...summary },
        };
      }),
  );
}
