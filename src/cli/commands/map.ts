import { Option, type Command } from "commander";
import { basename } from "node:path";
import {
  coreMapSvg,
  mapPicture,
  mapReportText,
  readPlacement,
  writePartition,
  writePlacement,
  type ConnectivityMapOptions,
  type CorePlaces,
  type MapObjective,
} from "#spinec";
import { ToolchainError, invariant } from "#util/diagnostic";
import { badOption, mapStopped } from "../diagnostics.ts";
import { expectWritable, readBytes, writeAllAtomically } from "../io.ts";
import {
  addGraphOptions,
  coreOf,
  meshOf,
  readGraph,
  readPartitionOf,
  type GraphFlags,
} from "../map-options.ts";
import { createMapProgress } from "../map-progress.ts";
import { mapInThread } from "../map-thread.ts";
import { chooseTarget } from "../models.ts";
import { addCommonOptions, ratesOf, wholeNumber } from "../options.ts";
import { runCommand, type CommandResult, type CommonFlags, type Session } from "../session.ts";
import { catchSignals, exitCodeOf } from "../signals.ts";

interface MapFileFlags extends CommonFlags, GraphFlags {
  readonly effort: "fast" | "default" | "best";
  readonly seed: string;
  readonly threads?: string;
  readonly cores?: string;
  readonly shapes?: string;
  readonly objective: MapObjective;
  readonly target: string;
  readonly profile?: string;
  readonly rateSteps?: string;
  readonly maxCores?: string;
  readonly rates?: string;
  readonly partition?: string;
  readonly placement?: string;
  readonly tables?: boolean;
  readonly out?: string;
  readonly placementOut?: string;
  readonly svg?: string;
}

export function addMap(program: Command): void {
  const command = program
    .command("map")
    .argument("<file>", "bare connectivity: .snnc, .snn (AxonCUDA), .hgr (hMETIS)")
    .description(
      "cut bare connectivity into cores, place them on a mesh, and say how far from the bounds that is",
    );
  addGraphOptions(command)
    .addOption(
      new Option("--effort <level>", "how long to search")
        .choices(["fast", "default", "best"])
        .default("default"),
    )
    .option("--seed <number>", "same seed, same map", "1")
    .option(
      "--threads <count>",
      "threads for the first partitions; never changes the map (default: all processors where it pays)",
    )
    .option("--cores <count>", "cores that are wanted (default: few, but not at any price)")
    .option(
      "--shapes <CxHxW,...>",
      "shapes of all layers in the order of their neurons; one without places is a number",
    )
    .addOption(
      new Option(
        "--objective <what>",
        "what is made small: step-time evens out the work of cores, all others are of the placement",
      )
        .choices(["hops", "tree", "busiest-link", "step-time", "energy"])
        .default("hops"),
    )
    .option(
      "--rate-steps <count>",
      "steps that the file's rates were counted over: the report then says how long a step takes",
    )
    .option("--max-cores <count>", "step-time: cores that may be used (default: no more than it takes)")
    .addOption(
      new Option(
        "--target <target>",
        "whose times and prices count: a target's name, or a target file (.json)",
      ).default("loihi1"),
    )
    .option("--profile <name>", "calibration profile: what actions cost (default: the target's)")
    .option(
      "--rates <name=value,...>",
      "rates of the profile's law of time, in place of its own; units are in their names",
    )
    .option("--partition <file>", "judge this partition instead: a core in each line, or .u16.gz")
    .option(
      "--placement <file>",
      "judge this placement of the partition: `column row` of each core in a line",
    )
    .option("--tables", "also count the entries of multicast tables (keys and masks, XY trees)")
    .option("--out <file>", "write the core of each neuron, one in each line")
    .option("--placement-out <file>", "write the place of each core: `column row`")
    .option("--svg <file>", "write a picture: how full the cores are, how busy the links");
  addCommonOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ spinec map net.snnc --core-profile loihi1 --out parts.txt --svg map.svg
  $ spinec map net.hgr --core-profile neurons=1024,axons-in=4096 --effort best --json > map.json
  $ spinec map net.snnc --shapes 3x32x32,32x32x32,512,10 --objective tree
  $ spinec map net.snnc --objective step-time --rate-steps 256 --max-cores 128
  $ spinec map net.snnc --partition others.txt                       somebody else's, judged and placed

Ctrl-C gives the best legal map so far (exit code 130); a second one ends at once.
`,
    )
    .action((file: string, flags: MapFileFlags) =>
      runCommand(flags, (session) => mapFile(file, flags, session)),
    );
}

async function mapFile(file: string, flags: MapFileFlags, session: Session): Promise<CommandResult> {
  expectWritable(flags.out, flags.placementOut, flags.svg);
  if (flags.placement !== undefined && flags.partition === undefined)
    throw new ToolchainError([
      badOption({
        option: "--placement",
        value: flags.placement,
        expected: "a file only beside --partition",
      }),
    ]);
  const mesh = meshOf(flags);
  const options: ConnectivityMapOptions = {
    name: basename(file),
    core: coreOf(flags),
    effort: flags.effort,
    seed: wholeNumber("--seed", flags.seed, 0),
    objective: flags.objective,
    tables: flags.tables ?? false,
    timing: {
      ...chooseTarget(flags, session),
      ...(flags.rateSteps !== undefined && { rateSteps: wholeNumber("--rate-steps", flags.rateSteps, 1) }),
      ...(flags.maxCores !== undefined && { maxCores: wholeNumber("--max-cores", flags.maxCores, 1) }),
      ...(flags.rates !== undefined && { rates: ratesOf(flags.rates) }),
    },
    ...(mesh !== undefined && { mesh }),
    ...(flags.cores !== undefined && { cores: wholeNumber("--cores", flags.cores, 1) }),
    ...(flags.shapes !== undefined && { shapes: shapesOf(flags.shapes) }),
  };
  const graph = readGraph(file, flags, session);
  const partition =
    flags.partition === undefined ? undefined : await readPartitionOf(graph, flags.partition, session);
  const placement =
    flags.placement === undefined || partition === undefined
      ? undefined
      : placesOf(flags.placement, partition.cores, mesh?.columns, session);

  const threads = flags.threads === undefined ? undefined : wholeNumber("--threads", flags.threads, 1);
  const signals = catchSignals();
  const progress = createMapProgress();
  let mapped;
  try {
    const given = {
      ...options,
      ...(partition !== undefined && { partition }),
      ...(placement !== undefined && { placement }),
    };
    mapped = await mapInThread({ graph, options: given }, threads, signals, progress.onProgress);
  } finally {
    progress.stop();
    await signals.release();
  }
  const { result: map, diagnostics } = mapped;
  for (const diagnostic of diagnostics) session.sink.report(diagnostic);
  const { report, coreOf: cores, places } = map;
  writeAllAtomically([
    ...(flags.out === undefined ? [] : [{ path: flags.out, content: writePartition(cores) }]),
    ...(flags.placementOut === undefined
      ? []
      : [{ path: flags.placementOut, content: writePlacement(places) }]),
    ...(flags.svg === undefined ? [] : [{ path: flags.svg, content: coreMapSvg(mapPicture(report)) }]),
  ]);
  const answer = { text: mapReportText(report), json: report };
  const signal = signals.caught();
  if (signal === undefined) return answer;
  session.sink.report(mapStopped({ cores: report.partition.cores }));
  return { ...answer, exitCode: exitCodeOf(signal) };
}

function placesOf(file: string, cores: number, columns: number | undefined, session: Session): CorePlaces {
  const across = columns ?? Math.ceil(Math.sqrt(cores));
  const places = readPlacement(readBytes(file), { cores, columns: across }, session.sink);
  session.checkpoint();
  invariant(places !== undefined, "a reader that reports no error returns places");
  return places;
}

function shapesOf(text: string): (readonly [number, number, number])[] {
  return text.split(",").map((part) => {
    const numbers = part.trim().split("x").map(Number);
    const isRight =
      (numbers.length === 1 || numbers.length === 3) &&
      numbers.every((n) => Number.isSafeInteger(n) && n > 0);
    if (!isRight)
      throw new ToolchainError([
        badOption({
          option: "--shapes",
          value: part,
          expected: "channels x height x width, or neurons, such as 3x32x32,10",
        }),
      ]);
    return [numbers[0], numbers[1] ?? 1, numbers[2] ?? 1] as const;
  });
}
