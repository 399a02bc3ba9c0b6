import type { Command } from "commander";
import { basename } from "node:path";
import { checkFile, deploymentText, inspectText, isDeploymentFile, networkText, readNetwork } from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { readBytes } from "../io.ts";
import { readDeployment } from "../models.ts";
import { addCommonOptions, addModelOptions, importOptionsOf, type ModelFlags } from "../options.ts";
import { runCommand, type CommonFlags } from "../session.ts";

export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .argument("<file>", "a model (.nir) or a deployment (.spinec)")
    .description("what is in a file: nodes, shapes, neurons, synapses, density, time constants, what is odd")
    .option("--ir", "also list every population and projection of the network")
    .addHelpText(
      "after",
      "\nExamples:\n  $ spinec inspect model.nir\n  $ spinec inspect model.nir --time-unit ms --dt 1ms --json\n  $ spinec inspect model.spinec\n",
    );
  addCommonOptions(addModelOptions(command)).action(
    (file: string, flags: CommonFlags & ModelFlags & { ir?: boolean }) =>
      runCommand(flags, async (session) => {
        const bytes = readBytes(file);
        if (isDeploymentFile(bytes)) {
          const { deployment, meta, sha256 } = await readDeployment(file, session);
          return {
            text: deploymentText(deployment).trimEnd().split("\n"),
            json: { schema: "spinec/inspect-deployment/1", sha256, meta, deployment },
          };
        }
        const options = { name: basename(file), ...importOptionsOf(flags) };
        const { inspection, findings } = await checkFile(bytes, options);
        if (inspection === undefined) throw new ToolchainError(findings);
        for (const finding of findings) session.sink.report(finding);
        const listing: string[] = [];
        if (flags.ir === true) {
          const network = await readNetwork(bytes, options, session.sink);
          session.checkpoint();
          if (network !== undefined) listing.push("", ...networkText(network).trimEnd().split("\n"));
        }
        return {
          text: [...inspectText(basename(file), inspection), ...listing],
          json: { schema: "spinec/inspect/1", file: basename(file), ...inspection, findings },
        };
      }),
  );
}
