import type { Command } from "commander";
import {
  encodeSpikes,
  isDeploymentFile,
  mapModel,
  simulateDeploymentInThreads,
  simulateModel,
  simulationReportText,
  type Deployment,
  type InputData,
  type Profile,
  type SimulationOutcome,
  type Target,
} from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { badOption, runStopped } from "../diagnostics.ts";
import { expectWritable, readBytes, writeAtomically } from "../io.ts";
import {
  addCommonOptions,
  addInputOptions,
  addMapOptions,
  addModelOptions,
  chipOptionsOf,
  mapOptionsOf,
  wholeNumber,
  type InputFlags,
  type MapFlags,
  type ModelFlags,
} from "../options.ts";
import { chooseTarget, readDeployment, readInput, readModel } from "../models.ts";
import { addMappingOptions, mappingOptionsOf, type MappingFlags } from "../mapping-options.ts";
import { runCommand, type CommandResult, type CommonFlags, type Session } from "../session.ts";
import { catchSignals, exitCodeOf, listenToSimulation } from "../signals.ts";
import { WORKERS } from "../threads.ts";
import {
  addWatchOptions,
  expectInside,
  openWatchFiles,
  watchOptionsOf,
  type WatchFlags,
} from "../watch-options.ts";

interface SimulateFlags extends CommonFlags, ModelFlags, MapFlags, MappingFlags, InputFlags, WatchFlags {
  readonly outDelay?: string;
  readonly record?: string;
}

export function addSimulate(program: Command): void {
  const command = program
    .command("simulate")
    .argument("<file>", "a deployment (.spinec) or a model (.nir)")
    .description("run a deployment on its chip, or a model on the float reference (or on --target)")
    .option("--out-delay <steps>", "shift recordings of the float reference by that many steps")
    .option(
      "--record <names>",
      "populations that --spikes gets besides the outputs: names with commas, or all",
    );
  addCommonOptions(
    addWatchOptions(
      addInputOptions(addMappingOptions(addMapOptions(addModelOptions(command), { targetDefault: "" }))),
    ),
  )
    .addHelpText(
      "after",
      `
Examples:
  $ spinec simulate model.nir --input test.npz --spikes out.json       float reference
  $ spinec simulate model.spinec --input test.npz                      the chip
  $ spinec simulate model.nir --target loihi1 --input test.npz --json  compiled on the way
  $ spinec simulate model.spinec --input test.npz --timing detailed --trace trace.json --trace-steps 0:20
  $ spinec simulate model.spinec --input test.npz --record all --spikes raster.h5 --membrane lif1 --membrane-out v.h5
`,
    )
    .action((file: string, flags: SimulateFlags) =>
      runCommand(flags, (session) => simulateFile(file, flags, session)),
    );
}

async function simulateFile(file: string, flags: SimulateFlags, session: Session): Promise<CommandResult> {
  expectWritable(flags.spikes, flags.trace, flags.membraneOut);
  const steps = flags.steps === undefined ? undefined : wholeNumber("--steps", flags.steps, 1);
  if (isDeploymentFile(readBytes(file))) {
    const { deployment } = await readDeployment(file, session);
    const target = flags.target || deployment.target;
    const chip = chooseTarget({ ...flags, target }, session);
    const data = await readInput(flags, deployment, session);
    return simulateOnChip(deployment, chip, data, flags, session);
  }
  const network = await readModel(file, flags, session);
  if (!flags.target) expectNoChipOptions(flags);
  const data = await readInput(flags, network, session);
  if (flags.target) {
    const chip = chooseTarget(flags, session);
    const mapping = {
      ...mapOptionsOf(flags),
      ...mappingOptionsOf(flags, network, chip.profile, session),
      ...(steps !== undefined && { steps }),
    };
    const { compiled } = mapModel(network, chip.target, mapping, session.sink, session.onProgress);
    return simulateOnChip(compiled.deployment, chip, data, flags, session);
  }
  const outDelaySteps = flags.outDelay === undefined ? 0 : wholeNumber("--out-delay", flags.outDelay, 0);
  const { labels } = data;
  const outcome = simulateModel(
    network,
    data.inputs,
    {
      outDelaySteps,
      record: recordOf(flags),
      ...(steps !== undefined && { steps }),
      ...(labels !== undefined && { labels }),
    },
    session.onProgress,
  );
  await writeSpikes(outcome, flags, network.timestepNs);
  return { text: simulationReportText(outcome.report), json: outcome.report };
}

async function simulateOnChip(
  deployment: Deployment,
  { target, profile }: { readonly target: Target; readonly profile: Profile },
  { inputs, labels }: InputData,
  flags: SimulateFlags,
  session: Session,
): Promise<CommandResult> {
  const watch = watchOptionsOf(flags);
  const options = chipOptionsOf(flags);
  const ports = Object.values(inputs);
  const samples = Math.max(...ports.map((port) => port.samples.length));
  const longest = Math.max(...ports.map((port) => port.steps));
  const steps = flags.steps === undefined ? longest : wholeNumber("--steps", flags.steps, 1);
  if (watch !== undefined) expectInside(watch, flags, samples, steps);
  const files = openWatchFiles(flags, session);
  const signals = catchSignals();
  let outcome: SimulationOutcome;
  try {
    outcome = await simulateDeploymentInThreads(
      deployment,
      target,
      profile,
      inputs,
      {
        ...options,
        steps,
        record: recordOf(flags),
        workers: WORKERS,
        onTrace: files.onTrace,
        shouldStop: () => signals.caught() !== undefined,
        ...(labels !== undefined && { labels }),
        ...(watch !== undefined && { watch }),
      },
      listenToSimulation(signals, session.onProgress),
    );
    await files.keep(outcome, deployment.timestepNs);
  } finally {
    files.discard();
    await signals.release();
  }
  await writeSpikes(outcome, flags, deployment.timestepNs);
  const { report } = outcome;
  const result = { text: simulationReportText(report), json: report };
  if (signals.caught() === undefined) return result;
  session.sink.report(runStopped({ samples: report.samples, wanted: samples, leftOut: "" }));
  return { ...result, exitCode: exitCodeOf(signals.caught()) };
}

async function writeSpikes(
  outcome: SimulationOutcome,
  { spikes }: SimulateFlags,
  timestepNs: number | undefined,
): Promise<void> {
  if (spikes !== undefined) writeAtomically(spikes, await encodeSpikes(outcome.spikes, spikes, timestepNs));
}

function recordOf({ record }: SimulateFlags): "outputs" | "all" | readonly string[] {
  if (record === undefined) return "outputs";
  return record === "all" ? "all" : record.split(",");
}

/** A model's reference has no cores, no times and no threads. */
function expectNoChipOptions(flags: SimulateFlags): void {
  const given = [
    ["--timing", flags.timing],
    ["--rates", flags.rates],
    ["--threads", flags.threads],
    ["--trace", flags.trace],
    ["--membrane", flags.membrane],
  ] as const;
  const faults = given.flatMap(([option, value]) =>
    value === undefined
      ? []
      : [badOption({ option, value, expected: "given only for runs on a chip: add --target" })],
  );
  if (faults.length > 0) throw new ToolchainError(faults);
}
