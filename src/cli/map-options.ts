// Options that say what is mapped onto what, for `map` and `compare`.
import { Option, type Command } from "commander";
import { basename } from "node:path";
import {
  coreProfileNamed,
  parseCoreProfile,
  readConnectivity,
  readPartition,
  type AxonGraph,
  type CoreProfile,
  type Partition,
} from "#spinec";
import { ToolchainError, invariant } from "#util/diagnostic";
import { badOption } from "./diagnostics.ts";
import { readBytes } from "./io.ts";
import type { Session } from "./session.ts";

export interface GraphFlags {
  readonly coreProfile: string;
  readonly hgrSource?: "first" | "last";
  readonly mesh?: string;
}

export function addGraphOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--core-profile <core>",
        "what a core holds: loihi1, small, a file (.json), or neurons=…,axons-in=…,axons-out=…,words=…",
      ).default("loihi1"),
    )
    .addOption(
      new Option(
        "--hgr-source <pin>",
        ".hgr: the pin of an edge that is its source (default: first)",
      ).choices(["first", "last"]),
    )
    .option("--mesh <columnsxrows>", "the mesh of cores (default: the smallest nearly square one)");
}

export function readGraph(file: string, { hgrSource }: GraphFlags, session: Session): AxonGraph {
  const options = { fileName: basename(file), ...(hgrSource !== undefined && { source: hgrSource }) };
  const graph = readConnectivity(readBytes(file), options, session.sink);
  session.checkpoint();
  invariant(graph !== undefined, "a reader that reports no error returns a graph");
  return graph;
}

export async function readPartitionOf(graph: AxonGraph, file: string, session: Session): Promise<Partition> {
  const options = { fileName: basename(file), neurons: graph.neurons };
  const partition = await readPartition(readBytes(file), options, session.sink);
  session.checkpoint();
  invariant(partition !== undefined, "a reader that reports no error returns a partition");
  return partition;
}

export function coreOf({ coreProfile }: GraphFlags): CoreProfile {
  if (!coreProfile.endsWith(".json")) return coreProfileNamed(coreProfile);
  return parseCoreProfile(new TextDecoder().decode(readBytes(coreProfile)), basename(coreProfile));
}

/** Cores are numbered in 16 bits; far more places than that only cost time. */
const MOST_SITES = 2 ** 18;

export function meshOf({
  mesh,
}: GraphFlags): { readonly columns: number; readonly rows: number } | undefined {
  if (mesh === undefined) return undefined;
  const numbers = /^([1-9]\d{0,4})x([1-9]\d{0,4})$/.exec(mesh);
  const [columns, rows] = [Number(numbers?.[1]), Number(numbers?.[2])];
  if (numbers !== null && columns * rows <= MOST_SITES) return { columns, rows };
  throw new ToolchainError([
    badOption({
      option: "--mesh",
      value: mesh,
      expected: `columns x rows, such as 16x16, of at most ${MOST_SITES} places`,
    }),
  ]);
}
