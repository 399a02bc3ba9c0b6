import type { Command } from "commander";
import { basename } from "node:path";
import {
  compareDeploymentFiles,
  compareMaps,
  comparisonText,
  differentGraphs,
  isDeploymentFile,
  mapConnectivity,
  parseMapReport,
  type Comparison,
  type MapReport,
} from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { badOption } from "../diagnostics.ts";
import { readBytes } from "../io.ts";
import {
  addGraphOptions,
  coreOf,
  meshOf,
  readGraph,
  readPartitionOf,
  type GraphFlags,
} from "../map-options.ts";
import { readDeployment } from "../models.ts";
import { addCommonOptions } from "../options.ts";
import { runCommand, type CommonFlags, type Session } from "../session.ts";

interface CompareFlags extends CommonFlags, GraphFlags {
  readonly graph?: string;
}

export function addCompare(program: Command): void {
  const command = program
    .command("compare")
    .argument("<a>", "a deployment (.spinec), a report of `spinec map --json`, or a partition")
    .argument("<b>", "another of the same kind")
    .description("two maps side by side: cores, traffic, hops, how full cores are")
    .option("--graph <file>", "what partitions are of: they are judged and placed first");
  addCommonOptions(addGraphOptions(command))
    .addHelpText(
      "after",
      `
Examples:
  $ spinec compare before.spinec after.spinec
  $ spinec compare a.json b.json --json
  $ spinec compare ours.txt theirs.txt --graph net.snnc --core-profile loihi1
`,
    )
    .action((a: string, b: string, flags: CompareFlags) =>
      runCommand(flags, async (session) => {
        const comparison = await compareFiles([a, b], flags, session);
        return { text: comparisonText(comparison), json: comparison };
      }),
    );
}

async function compareFiles(
  files: readonly [string, string],
  flags: CompareFlags,
  session: Session,
): Promise<Comparison> {
  const names = files.map((file) => basename(file)) as [string, string];
  const areDeployments = files.map((file) => isDeploymentFile(readBytes(file)));
  if (areDeployments[0] !== areDeployments[1]) {
    const value = files[areDeployments[0] ? 1 : 0];
    throw new ToolchainError([
      badOption({ option: "compare", value, expected: "two deployments, or two maps" }),
    ]);
  }
  if (areDeployments[0]) {
    const first = await readDeployment(files[0], session);
    return compareDeploymentFiles(names, [first, await readDeployment(files[1], session)]);
  }
  const first = await reportOf(files[0], flags, session);
  const second = await reportOf(files[1], flags, session);
  for (const what of ["neurons", "synapses"] as const)
    if (first.graph[what] !== second.graph[what])
      session.sink.report(
        differentGraphs({
          first: names[0],
          second: names[1],
          what: `${first.graph[what]} ${what} against ${second.graph[what]}`,
        }),
      );
  return compareMaps(names, [first, second]);
}

/** Of a report as it is; of a partition, judged and placed. */
async function reportOf(file: string, flags: CompareFlags, session: Session): Promise<MapReport> {
  const name = basename(file);
  if (flags.graph === undefined || /\.json$/i.test(name))
    return parseMapReport(new TextDecoder().decode(readBytes(file)), name);
  const graph = readGraph(flags.graph, flags, session);
  const partition = await readPartitionOf(graph, file, session);
  const mesh = meshOf(flags);
  const options = { name, core: coreOf(flags), partition, ...(mesh !== undefined && { mesh }) };
  return mapConnectivity(graph, options, session.sink).report;
}
