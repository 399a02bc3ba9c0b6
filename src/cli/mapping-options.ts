// Options of the search for a mapping, for every command that maps a model onto a chip.
import type { Command } from "commander";
import { basename } from "node:path";
import { readActivity, type MapOptions, type Network, type Profile } from "#spinec";
import { invariant } from "#util/diagnostic";
import { readBytes } from "./io.ts";
import type { Session } from "./session.ts";

export interface MappingFlags {
  readonly effort?: string;
  readonly objective?: string;
  readonly partitioner?: string;
  readonly placer?: string;
  readonly activity?: string;
  readonly keepDead?: boolean;
}

export function addMappingOptions(command: Command): Command {
  // Commands that change networks have it already.
  if (!command.options.some(({ long }) => long === "--partitioner"))
    command.option(
      "--partitioner <name>",
      "how populations are cut into cores, or auto (default: by effort)",
    );
  return command
    .option("--effort <level>", "how long to search for a mapping: fast, default or best (if absent: fast)")
    .option("--objective <what>", "what a mapping should make small: hops (if absent), step-time or energy")
    .option(
      "--placer <name>",
      "how cores are placed: in-order, spectral, anneal or matching (default: by effort)",
    )
    .option(
      "--activity <file>",
      "map by measured spikes, as written by --activity-out (default: all neurons alike)",
    )
    .option("--keep-dead", "keep neurons that never fire or that no output can hear");
}

/** Names are checked where they are used. Throws `ToolchainError` for activities of other networks. */
export function mappingOptionsOf(
  flags: MappingFlags,
  network: Network,
  profile: Profile,
  session: Session,
): Partial<MapOptions> {
  const { effort, objective, partitioner, placer, activity } = flags;
  return {
    // `compile` refuses what it does not know, and names what is near.
    ...(effort !== undefined && { effort: effort as NonNullable<MapOptions["effort"]> }),
    ...(objective !== undefined && { objective: objective as NonNullable<MapOptions["objective"]> }),
    ...(partitioner !== undefined && { partitioner }),
    ...(placer !== undefined && { placer }),
    ...(flags.keepDead === true && { keepDead: true }),
    ...(activity !== undefined && { spikesPerStep: activityFrom(activity, network, session) }),
    profile,
  };
}

function activityFrom(file: string, network: Network, session: Session): Record<string, Float64Array> {
  const text = new TextDecoder().decode(readBytes(file));
  const rates = readActivity(text, basename(file), network, session.sink);
  session.checkpoint();
  invariant(rates !== undefined, "a reader that reports no error returns rates");
  return rates;
}
