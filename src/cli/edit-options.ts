import { Option, type Command } from "commander";
import type { MapOptions } from "#spinec";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import { badOption } from "./diagnostics.ts";

/** Options that change the network, so that it fits. */
export interface EditFlags {
  readonly prune?: readonly string[];
  readonly channels?: readonly string[];
  readonly split?: readonly string[];
  readonly partitioner?: string;
}

/** Options that may be given several times. */
const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

export function addEditOptions(command: Command): Command {
  const several = (flags: string, description: string): Option =>
    new Option(flags, description).argParser(collect);
  return command
    .option("--partitioner <name>", "how populations are cut into cores (default: what suits the target)")
    .addOption(
      several(
        "--prune <layer=density>",
        "keep this share of a layer's weights, the largest; a share alone prunes every layer; may be given several times",
      ),
    )
    .addOption(
      several(
        "--channels <name=count>",
        "keep the strongest channels (features) of a population; may be given several times",
      ),
    )
    .addOption(
      several(
        "--split <name=parts>",
        "make a population several, which computes the same; may be given several times",
      ),
    );
}

/** Throws `ToolchainError` with everything that cannot be read. */
export function editOptionsOf({
  prune,
  channels,
  split,
  partitioner,
}: EditFlags): Pick<MapOptions, "partitioner" | "edits"> {
  const faults: Diagnostic[] = [];
  const read = (
    option: string,
    expected: string,
    values: readonly string[] = [],
    needsName = true,
  ): { name: string | undefined; value: number }[] =>
    values.flatMap((text) => {
      const at = text.lastIndexOf("=");
      const name = at < 1 ? undefined : text.slice(0, at);
      const number = text.slice(at + 1).trim();
      const value = number === "" ? NaN : Number(number);
      if (!Number.isNaN(value) && at !== 0 && !(needsName && name === undefined)) return [{ name, value }];
      faults.push(badOption({ option, value: text, expected }));
      return [];
    });
  const densities = read("--prune", "LAYER=DENSITY or DENSITY, such as fc1=0.4", prune, false);
  const counts = read("--channels", "NAME=COUNT, such as conv1=16", channels);
  const parts = read("--split", "NAME=PARTS, such as conv1=2", split);
  if (faults.length > 0) throw new ToolchainError(faults);
  const edits = {
    ...(densities.length > 0 && {
      prune: densities.map(({ name, value }) => ({
        ...(name !== undefined && { layer: name }),
        densityShare: value,
      })),
    }),
    ...(counts.length > 0 && {
      channels: counts.map(({ name, value }) => ({ population: name!, channels: value })),
    }),
    ...(parts.length > 0 && { split: parts.map(({ name, value }) => ({ population: name!, parts: value })) }),
  };
  return {
    ...(partitioner !== undefined && { partitioner }),
    ...(Object.keys(edits).length > 0 && { edits }),
  };
}
