// Settings as words of the command line.
import type { Settings } from "#compiler/explain/index";

/** Options that make the settings, in a fixed order; `--target` is not among them. */
export function wordsOf({
  packer,
  partitioner,
  effort,
  share,
  chips,
  weightBits,
  decayLevels,
  edits = {},
}: Settings): string[] {
  const one = (flag: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [flag, String(value)];
  return [
    ...one("--packer", packer),
    ...one("--partitioner", partitioner),
    ...one("--effort", effort),
    ...one("--share", share),
    ...one("--chips", chips),
    ...one("--weight-bits", weightBits),
    ...one("--decay-levels", decayLevels),
    ...one("--reset", edits.reset),
    ...(edits.prune ?? []).flatMap(({ layer, densityShare }) =>
      one("--prune", layer === undefined ? densityShare : `${layer}=${densityShare}`),
    ),
    ...(edits.channels ?? []).flatMap(({ population, channels }) =>
      one("--channels", `${population}=${channels}`),
    ),
    ...(edits.split ?? []).flatMap(({ population, parts }) => one("--split", `${population}=${parts}`)),
  ];
}

/** The words as a shell reads them. */
export function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./=:,+@%-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
