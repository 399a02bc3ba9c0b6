// Messages about formats as such, in alphabetical order. Each format has its own for what is inside.
import type { Diagnostic } from "#util/diagnostic";

export function unknownFormat(facts: {
  name: string;
  nearest?: string;
  known: readonly string[];
}): Diagnostic {
  const { name, nearest, known } = facts;
  const question = nearest === undefined ? "." : `; did you mean "${nearest}"?`;
  return {
    code: "formats/unknown-format",
    severity: "error",
    message: `there is no format "${name}"${question}`,
    hint: `choose one of ${known.join(", ")}, or leave the choice to the bytes of the file.`,
    data: { name, known, ...(nearest === undefined ? {} : { nearest }) },
  };
}

export function unrecognisedFile(facts: {
  looksLike: string;
  advice: string;
  known: readonly string[];
}): Diagnostic {
  const { looksLike, advice, known } = facts;
  return {
    code: "formats/unrecognised-file",
    severity: "error",
    message: `the file looks like ${looksLike}, and not like a model in any format that can be read (${known.join(", ")}).`,
    hint: advice,
    data: { looksLike, known },
  };
}
