import type { Command } from "commander";
import { verifyModel } from "#spinec";
import { addCommonOptions } from "../options.ts";
import { chooseTarget, notesOf, readDeployment, readModelWith } from "../models.ts";
import { runCommand, type CommonFlags } from "../session.ts";

export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .argument("<deployment>", "a deployment (.spinec)")
    .argument("<model>", "the model it was compiled from")
    .option("--target <target>", "a target file, where the deployment was compiled for one of your own")
    .description("prove that a deployment is the quantized model and is legal for its target")
    .addHelpText(
      "after",
      "\nThe options of the compilation are in the deployment.\n\nExamples:\n  $ spinec verify model.spinec model.nir\n",
    );
  addCommonOptions(command).action(
    (deploymentFile: string, modelFile: string, flags: CommonFlags & { target?: string }) =>
      runCommand(flags, async (session) => {
        const { deployment, meta } = await readDeployment(deploymentFile, session);
        const { target } = chooseTarget({ target: flags.target ?? deployment.target }, session);
        const { importing, mapping } = notesOf(meta);
        const network = await readModelWith(modelFile, importing, session);
        const report = verifyModel(deployment, network, target, mapping, session.sink, session.onProgress);
        session.checkpoint();
        return {
          text: [
            `${deploymentFile} is ${modelFile} on ${target.name}: ${report.synapses} synapses, ${report.neurons} neurons and ${report.routes} routes`,
            `on ${report.cores} cores were read back and are equal, and every core is within the limits.`,
          ],
          json: { schema: "spinec/verify/1", ...report },
        };
      }),
  );
}
