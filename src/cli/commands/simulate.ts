import type { Command } from "commander";
import {
  isDeploymentFile,
  mapModel,
  simulateDeployment,
  simulateModel,
  simulationReportText,
  encodeSpikes,
} from "#spinec";
import { expectWritable, readBytes, writeAtomically } from "../io.ts";
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
import { chooseTarget, readDeployment, readInput, readModel } from "../models.ts";
import { runCommand, type CommonFlags } from "../session.ts";

interface SimulateFlags extends CommonFlags, ModelFlags, MapFlags, InputFlags {
  readonly outDelay?: string;
}

export function addSimulate(program: Command): void {
  const command = program
    .command("simulate")
    .argument("<file>", "a deployment (.spinec) or a model (.nir)")
    .description("run a deployment on its chip, or a model on the float reference (or on --target)")
    .option("--out-delay <steps>", "shift recordings of the float reference by that many steps")
    .addHelpText(
      "after",
      `
Examples:
  $ spinec simulate model.nir --input test.npz --spikes out.json       float reference
  $ spinec simulate model.spinec --input test.npz                      the chip
  $ spinec simulate model.nir --target loihi1 --input test.npz --json  compiled on the way
`,
    );
  addCommonOptions(addInputOptions(addMapOptions(addModelOptions(command), { targetDefault: "" }))).action(
    (file: string, flags: SimulateFlags) =>
      runCommand(flags, async (session) => {
        expectWritable(flags.spikes);
        const steps = flags.steps === undefined ? undefined : wholeNumber("--steps", flags.steps, 1);
        const common = {
          ...(steps !== undefined && { steps }),
          ...(flags.timing !== undefined && { timing: flags.timing }),
        };
        let outcome;
        let timestepNs: number | undefined;
        if (isDeploymentFile(readBytes(file))) {
          const { deployment } = await readDeployment(file, session);
          timestepNs = deployment.timestepNs;
          const { target, profile } = chooseTarget(
            { ...flags, target: flags.target || deployment.target },
            session,
          );
          const { inputs, labels } = await readInput(flags, deployment, session);
          outcome = simulateDeployment(
            deployment,
            target,
            profile,
            inputs,
            { ...common, ...(labels !== undefined && { labels }) },
            session.onProgress,
          );
        } else {
          const network = await readModel(file, flags, session);
          timestepNs = network.timestepNs;
          const { inputs, labels } = await readInput(flags, network, session);
          const options = { ...common, ...(labels !== undefined && { labels }) };
          if (flags.target) {
            const { target, profile } = chooseTarget(flags, session);
            const mapping = { ...mapOptionsOf(flags), ...(steps !== undefined && { steps }) };
            const { compiled } = mapModel(network, target, mapping, session.sink, session.onProgress);
            outcome = simulateDeployment(
              compiled.deployment,
              target,
              profile,
              inputs,
              options,
              session.onProgress,
            );
          } else {
            const outDelaySteps =
              flags.outDelay === undefined ? 0 : wholeNumber("--out-delay", flags.outDelay, 0);
            outcome = simulateModel(network, inputs, { ...options, outDelaySteps }, session.onProgress);
          }
        }
        if (flags.spikes !== undefined)
          writeAtomically(flags.spikes, await encodeSpikes(outcome.spikes, flags.spikes, timestepNs));
        return { text: simulationReportText(outcome.report), json: outcome.report };
      }),
  );
}
