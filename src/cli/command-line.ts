import type { ModelFlags } from "./options.ts";

/** Options of a model that have to be repeated so that a printed command reads it the same way. */
const WORDS: readonly (readonly [keyof ModelFlags, string])[] = [
  ["dt", "--dt"],
  ["timeUnit", "--time-unit"],
  ["integrator", "--integrator"],
  ["compare", "--compare"],
  ["reset", "--reset"],
  ["current", "--current"],
  ["vMin", "--v-min"],
  ["ifStep", "--if-step"],
  ["feedbackT0", "--feedback-t0"],
  ["resetInterval", "--reset-interval"],
  ["convert", "--convert"],
  ["calibrate", "--calibrate"],
];

/** `spinec compile` of a model with some options; what they set is not taken from the flags. */
export function compileLine(
  model: string,
  output: string,
  flags: ModelFlags,
  options: readonly string[],
): string[] {
  const own = WORDS.flatMap(([key, word]) => {
    const value = flags[key];
    return value === undefined || options.includes(word) ? [] : [word, value];
  });
  return ["spinec", "compile", model, ...options, ...own, "-o", output];
}
