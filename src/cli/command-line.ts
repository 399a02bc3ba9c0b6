import type { Command } from "commander";

/** What a proposed line sets by itself, and what does not belong to `compile`. */
const NOT_REPEATED: readonly string[] = [
  "--target",
  "--targets",
  "--packer",
  "--partitioner",
  "--share",
  "--chips",
  "--weight-bits",
  "--decay-levels",
  "--prune",
  "--channels",
  "--split",
  "--output",
  "--changes",
  "--no-changes",
  "--input",
  "--samples",
  "--rate",
  "--steps",
  "--html",
  "--json",
  "--strict",
  "--quiet",
];
/** Things of one chip only. */
const OF_THE_TARGET: readonly string[] = ["--profile", "--placer"];

/**
 * `spinec compile` of a model with some options, and with all that was said on the command line beside them.
 *
 * @param given the command that was called
 */
export function compileLine(
  model: string,
  output: string,
  given: Command,
  options: readonly string[],
): string[] {
  const { target } = given.opts<{ target?: string }>();
  const isOther = target !== undefined && options[options.indexOf("--target") + 1] !== target;
  const said = given.options.flatMap((option): string[] => {
    const { long } = option;
    const name = option.attributeName();
    if (typeof long !== "string" || given.getOptionValueSource(name) !== "cli") return [];
    if (NOT_REPEATED.includes(long) || options.includes(long)) return [];
    if (isOther && OF_THE_TARGET.includes(long)) return [];
    const value: unknown = given.getOptionValue(name);
    if (typeof value === "boolean") return value === option.negate ? [] : [long];
    return (Array.isArray(value) ? value : [value]).flatMap((one) => [long, String(one)]);
  });
  return ["spinec", "compile", model, ...options, ...said, "-o", output];
}
