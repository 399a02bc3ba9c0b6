import type { Command } from "commander";
import { activityOf, encodeSpikes, runModelInThreads, runReportHtml, runReportText } from "#spinec";
import { runStopped } from "../diagnostics.ts";
import { expectWritable, writeAtomically } from "../io.ts";
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
import { chooseTarget, readInput, readModel } from "../models.ts";
import { stoppableMapping } from "../map-model.ts";
import { addMappingOptions, mappingOptionsOf, type MappingFlags } from "../mapping-options.ts";
import { runCommand, type CommandResult, type CommonFlags, type Session } from "../session.ts";
import { catchSignals, exitCodeOf, listenToSimulation } from "../signals.ts";
import { WORKERS } from "../threads.ts";

interface RunFlags extends CommonFlags, ModelFlags, MapFlags, MappingFlags, InputFlags {
  readonly reference: boolean;
  readonly compareDense?: boolean;
  readonly html?: string;
  readonly activityOut?: string;
}

export function addRun(program: Command): void {
  const command = program
    .command("run")
    .argument("<model>", "a model (.nir)")
    .description("compile, simulate and report in one go")
    .option("--compare-dense", "beside it, the same network with every pruned weight stored as a zero")
    .option("--no-reference", "skip the float reference (no changed spikes, no NeuroBench columns)")
    .option("--html <file>", "also write the report as a page with pictures")
    .option("--activity-out <file>", "also write how often each neuron fires, for --activity (.json)");
  addCommonOptions(addInputOptions(addMappingOptions(addMapOptions(addModelOptions(command)))))
    .addHelpText(
      "after",
      `
Examples:
  $ spinec run model.nir --target loihi1 --input test.npz
  $ spinec run model.nir --target loihi1 --profile davies2018 --input test.json.gz --labels labels.json --json
  $ spinec run model.nir --target mine.json --input test.npz --compare-dense --html report.html
  $ spinec run model.nir --target loihi1 --input test.npz --timing detailed --threads 2
  $ spinec run model.nir --target loihi1 --input test.npz --activity-out rates.json
  $ spinec compile model.nir --effort best --activity rates.json -o model.spinec

With --effort default or best, Ctrl-C first ends the search for a mapping, and the run goes on with the best so far.
Later, it ends the simulation, and the report is about the samples until then. A second one ends at once. (Exit code 130.)
`,
    )
    .action((file: string, flags: RunFlags) => runCommand(flags, (session) => runFile(file, flags, session)));
}

async function runFile(file: string, flags: RunFlags, session: Session): Promise<CommandResult> {
  expectWritable(flags.spikes, flags.html, flags.activityOut);
  const numbers = mapOptionsOf(flags);
  const chip = chipOptionsOf(flags);
  const steps = flags.steps === undefined ? undefined : wholeNumber("--steps", flags.steps, 1);
  const { target, profile } = chooseTarget(flags, session);
  const network = await readModel(file, flags, session);
  const mapping = { ...numbers, ...mappingOptionsOf(flags, network, profile, session) };
  const { inputs, labels } = await readInput(flags, network, session);
  const search = stoppableMapping();
  const signals = catchSignals();
  // Until there is something to simulate, signals are for the search.
  signals.listen(false);
  let run;
  try {
    run = await runModelInThreads(
      network,
      target,
      profile,
      inputs,
      {
        ...mapping,
        ...chip,
        reference: flags.reference,
        compareDense: flags.compareDense ?? false,
        workers: WORKERS,
        // Of all options, those of the mapping can go to a thread.
        map: (model, on, { keepZeros = false, steps: modelSteps = 1 }, ...to) =>
          search.map(model, on, { ...mapping, keepZeros, steps: modelSteps }, ...to),
        shouldStop: () => signals.caught() !== undefined,
        ...(steps !== undefined && { steps }),
        ...(labels !== undefined && { labels }),
      },
      session.sink,
      listenToSimulation(signals, session.onProgress),
    );
  } finally {
    await signals.release();
  }
  const { report, spikes } = run;
  if (flags.spikes !== undefined)
    writeAtomically(flags.spikes, await encodeSpikes(spikes, flags.spikes, network.timestepNs));
  if (flags.activityOut !== undefined)
    writeAtomically(flags.activityOut, `${JSON.stringify(activityOf(network, spikes, inputs))}\n`);
  if (flags.html !== undefined) writeAtomically(flags.html, runReportHtml(report, spikes));
  const result = { text: runReportText(report), json: report };
  if (signals.caught() === undefined) {
    const signal = search.caught();
    return signal === undefined ? result : { ...result, exitCode: exitCodeOf(signal) };
  }
  const wanted = Math.max(...Object.values(inputs).map((port) => port.samples.length));
  const leftOut = [
    ...(flags.reference ? ["the float reference"] : []),
    ...(flags.compareDense === true ? ["the unpruned twin"] : []),
  ];
  session.sink.report(
    runStopped({
      samples: report.run.samples,
      wanted,
      leftOut: leftOut.length === 0 ? "" : `, without ${leftOut.join(" and ")}`,
    }),
  );
  return { ...result, exitCode: exitCodeOf(signals.caught()) };
}
