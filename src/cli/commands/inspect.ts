import type { Command } from "commander";
import { basename } from "node:path";
import {
  coreMapSvg,
  deploymentPicture,
  checkFile,
  deploymentText,
  inspectText,
  isDeploymentFile,
  networkInspectionText,
  networkText,
  readNetwork,
} from "#spinec";
import { ToolchainError, invariant } from "#util/diagnostic";
import { filesBeside } from "../beside.ts";
import { badOption } from "../diagnostics.ts";
import { expectWritable, readBytes, writeAtomically } from "../io.ts";
import { chooseTarget, importingOf, readDeployment } from "../models.ts";
import { addCommonOptions, addModelOptions, type ModelFlags } from "../options.ts";
import { runCommand, type CommonFlags } from "../session.ts";

interface InspectFlags {
  readonly ir?: boolean;
  readonly svg?: string;
  readonly target?: string;
}

export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .argument("<file>", "a model (.nir, .net, .onnx) or a deployment (.spinec)")
    .description("what is in a file: nodes, shapes, neurons, synapses, density, time constants, what is odd")
    .option(
      "--svg <file>",
      "deployments: write a picture of the chip: how full the cores are, how busy the links",
    )
    .option(
      "--target <target>",
      "deployments: with --svg, a target file (.json) in place of the target's name",
    )
    .option("--ir", "also list every population and projection of the network")
    .addHelpText(
      "after",
      "\nExamples:\n  $ spinec inspect model.nir\n  $ spinec inspect model.nir --time-unit ms --dt 1ms --json\n  $ spinec inspect model.spinec --svg map.svg\n",
    );
  addCommonOptions(addModelOptions(command)).action(
    (file: string, flags: CommonFlags & ModelFlags & InspectFlags) =>
      runCommand(flags, async (session) => {
        expectWritable(flags.svg);
        const bytes = readBytes(file);
        if (isDeploymentFile(bytes)) {
          const { deployment, meta, sha256 } = await readDeployment(file, session);
          if (flags.svg !== undefined) {
            const { target } = chooseTarget({ target: flags.target ?? deployment.target }, session);
            writeAtomically(flags.svg, coreMapSvg(deploymentPicture(deployment, target)));
          }
          return {
            text: deploymentText(deployment).trimEnd().split("\n"),
            json: { schema: "spinec/inspect-deployment/1", sha256, meta, deployment },
          };
        }
        if (flags.svg !== undefined)
          throw new ToolchainError([
            badOption({ option: "--svg", value: flags.svg, expected: "a file only for deployments" }),
          ]);
        const options = {
          name: basename(file),
          ...(await importingOf(file, flags, session)),
          externalData: filesBeside(file),
        };
        const { inspection, summary, findings } = await checkFile(bytes, options);
        if (inspection === undefined && summary === undefined) throw new ToolchainError(findings);
        for (const finding of findings) session.sink.report(finding);
        const listing: string[] = [];
        if (flags.ir === true) {
          const network = await readNetwork(bytes, options, session.sink);
          session.checkpoint();
          if (network !== undefined) listing.push("", ...networkText(network).trimEnd().split("\n"));
        }
        const name = basename(file);
        if (inspection !== undefined)
          return {
            text: [...inspectText(name, inspection), ...listing],
            json: { schema: "spinec/inspect/1", file: name, ...inspection, findings },
          };
        invariant(summary !== undefined, "a file without an inspection of its own has a summary");
        return {
          text: [...networkInspectionText(name, summary), ...listing],
          json: { schema: "spinec/inspect-network/1", file: name, ...summary, findings },
        };
      }),
  );
}
