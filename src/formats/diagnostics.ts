// Messages about formats as such, in alphabetical order. Each format has its own for what is inside.
import type { Diagnostic } from "#util/diagnostic";

export function badExportOption(facts: {
  exporter: string;
  name: string;
  value: string;
  choices: readonly string[];
}): Diagnostic {
  const { exporter, name, value, choices } = facts;
  const isSwitch = choices.length === 1 && choices[0] === "on";
  return {
    code: "formats/bad-export-option",
    severity: "error",
    message: `--${name} of the exporter "${exporter}" was given "${value}", but ${isSwitch ? "is a switch" : `takes ${choices.join(", ")}`}.`,
    subject: `--${name}`,
    hint: isSwitch ? "give it without a value." : `choose one of ${choices.join(", ")}.`,
    data: facts,
  };
}

export function unknownExporter(facts: {
  name: string;
  nearest?: string;
  known: readonly string[];
}): Diagnostic {
  const { name, nearest, known } = facts;
  const question = nearest === undefined ? "." : `; did you mean "${nearest}"?`;
  return {
    code: "formats/unknown-exporter",
    severity: "error",
    message: `nothing writes a format "${name}"${question}`,
    hint: `choose one of ${known.join(", ")}.`,
    data: { name, known, ...(nearest === undefined ? {} : { nearest }) },
  };
}

export function unknownExportOption(facts: {
  exporter: string;
  name: string;
  nearest?: string;
  known: readonly string[];
}): Diagnostic {
  const { exporter, name, nearest, known } = facts;
  const question = nearest === undefined ? "." : `; did you mean --${nearest}?`;
  const list = known.map((option) => `--${option}`).join(", ");
  return {
    code: "formats/unknown-export-option",
    severity: "error",
    message: `the exporter "${exporter}" has no option --${name}${question}`,
    subject: `--${name}`,
    hint: known.length === 0 ? "it has no options." : `it has ${list}.`,
    data: { exporter, name, known, ...(nearest === undefined ? {} : { nearest }) },
  };
}

export function optionNotUsed(facts: { option: string; format: string }): Diagnostic {
  const { option, format } = facts;
  return {
    code: "formats/option-not-used",
    severity: "warning",
    message: `the option ${option} has no meaning for files of format "${format}" and was not used.`,
    hint: "leave the option out.",
    data: { option, format },
  };
}

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
