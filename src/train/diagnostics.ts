import type { Diagnostic } from "#util/diagnostic";

// Messages about rate-coded image files, in alphabetical order; other messages stand beside their code.

export function rateCodedFieldMissing(facts: { field: string; needed: string; found: string }): Diagnostic {
  const { field, needed, found } = facts;
  return {
    code: "train/rate-coded-field",
    severity: "error",
    message: `the field "${field}" of a rate-coded image file needs ${needed}, but there is ${found}.`,
    subject: field,
    hint: `write the file with "encodeRateCodedImages", or mend the field.`,
    data: { field },
  };
}

export function rateCodedNotReadable(facts: { reason: string; bytes: number }): Diagnostic {
  return {
    code: "train/rate-coded-not-readable",
    severity: "error",
    message: `a rate-coded image file needs to be JSON, plain or gzip, but the ${facts.bytes} bytes are not: ${facts.reason}.`,
    hint: `check that the file is complete and of this kind.`,
    data: facts,
  };
}
