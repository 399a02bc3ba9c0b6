import type { Diagnostic } from "#util/diagnostic";

// Every message about training data, one function each, in alphabetical order.

export function augmentationNeedsImages(facts: { shape: readonly number[] }): Diagnostic {
  return noPlane("augmentation", "[height, width] or [channels, height, width]", facts.shape);
}

export function dataAbsent(facts: {
  dataset: string;
  split: string;
  title: string;
  /** Paths inside the data folder, as the data set's own archive names them. */
  missing: readonly string[];
  source: string;
  address: string;
  /** Inside the data folder. */
  folder: string;
  debianPackage?: string | undefined;
}): Diagnostic {
  const { dataset, split, title, missing, source, address, folder, debianPackage } = facts;
  const shown = missing.slice(0, 3).join(", ");
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
  const install = debianPackage === undefined ? "" : `, or install the Debian package ${debianPackage}`;
  return {
    code: "train/data-absent",
    severity: "error",
    message: `the ${split} part of "${dataset}" (${title}) needs ${shown}${more} in the data folder, but ${missing.length === 1 ? "it is" : "they are"} not there.`,
    subject: dataset,
    hint: `fetch the data from ${source} (${address}) and put them into <data folder>/${folder}/${install}.`,
    data: { dataset, split, missing: [...missing], address },
  };
}

export function dataCountsDiffer(facts: {
  file: string;
  what: string;
  count: number;
  otherFile: string;
  otherWhat: string;
  otherCount: number;
}): Diagnostic {
  const { file, what, count, otherFile, otherWhat, otherCount } = facts;
  return {
    code: "train/data-counts-differ",
    severity: "error",
    message: `every sample needs both, but ${file} has ${count} ${what} and ${otherFile} has ${otherCount} ${otherWhat}.`,
    subject: otherFile,
    hint: "take both from the same release of the data set.",
    data: { file, count, otherFile, otherCount },
  };
}

export function dataCutShort(facts: {
  file: string;
  part: string;
  neededBytes: number;
  foundBytes: number;
}): Diagnostic {
  const { file, part, neededBytes, foundBytes } = facts;
  return {
    code: "train/data-cut-short",
    severity: "error",
    message: `${file} needs ${neededBytes} bytes up to the end of ${part}, but has ${foundBytes}.`,
    subject: file,
    hint: "fetch the file anew: it is not complete.",
    data: { file, neededBytes, foundBytes },
  };
}

export function dataEmpty(facts: { file: string; what: string }): Diagnostic {
  return {
    code: "train/data-empty",
    severity: "error",
    message: `${facts.file} needs one ${facts.what} or more, but has none.`,
    subject: facts.file,
    hint: "check that it is the right file, or fetch it anew.",
    data: { file: facts.file },
  };
}

export function dataEventOutOfRange(facts: {
  file: string;
  event: number;
  what: string;
  value: number;
  limit: number;
}): Diagnostic {
  const { file, event, what, value, limit } = facts;
  return {
    code: "train/data-event-out-of-range",
    severity: "error",
    message: `event ${event} of ${file} needs ${what} of 0 to ${limit - 1}, but has ${value}.`,
    subject: file,
    hint: "check that the file is of this data set, or fetch it anew.",
    data: { file, event, what, value, limit },
  };
}

export function dataLabelOutOfRange(facts: {
  file: string;
  sample: number;
  label: number;
  classes: number;
  /** The smallest label that the file may hold; 0 if absent. */
  first?: number;
}): Diagnostic {
  const { file, sample, label, classes, first = 0 } = facts;
  return {
    code: "train/data-label-out-of-range",
    severity: "error",
    message: `sample ${sample} of ${file} needs a label of ${first} to ${first + classes - 1}, but has ${label}.`,
    subject: file,
    hint: "check that the file is of this data set, or fetch it anew.",
    data: { file, sample, label, classes },
  };
}

export function dataNotReadable(facts: { file: string; reason: string; hint?: string }): Diagnostic {
  return {
    code: "train/data-not-readable",
    severity: "error",
    message: `${facts.file} cannot be read: ${facts.reason}.`,
    subject: facts.file,
    hint: facts.hint ?? "fetch the file anew, or check that it is of this kind.",
    data: { file: facts.file, reason: facts.reason },
  };
}

export function dataOptionOutOfRange(facts: { option: string; needed: string; value: unknown }): Diagnostic {
  const { option, needed, value } = facts;
  return {
    code: "train/data-option-out-of-range",
    severity: "error",
    message: `the option "${option}" needs ${needed}, but is ${String(value)}.`,
    subject: option,
    hint: `set "${option}" to ${needed}.`,
    data: { option, value: String(value) },
  };
}

export function dataSetUnknown(facts: {
  name: string;
  known: readonly string[];
  nearest: string | undefined;
}): Diagnostic {
  const { name, known, nearest } = facts;
  return {
    code: "train/data-set-unknown",
    severity: "error",
    message: `the data set needs to be one of ${known.join(", ")}, but is "${name}".`,
    subject: name,
    hint: nearest === undefined ? "take one of these names." : `did you mean "${nearest}"?`,
    data: { name },
  };
}

export function dataTrailingBytes(facts: {
  file: string;
  part: string;
  neededBytes: number;
  foundBytes: number;
}): Diagnostic {
  const { file, part, neededBytes, foundBytes } = facts;
  return {
    code: "train/data-trailing-bytes",
    severity: "error",
    message: `${file} needs to end after ${part}, at ${neededBytes} bytes, but has ${foundBytes}.`,
    subject: file,
    hint: "fetch the file anew: something was added to it, or its header is damaged.",
    data: { file, neededBytes, foundBytes },
  };
}

export function dataWrongFormat(facts: {
  file: string;
  format: string;
  needed: string;
  found: string;
}): Diagnostic {
  const { file, format, needed, found } = facts;
  return {
    code: "train/data-wrong-format",
    severity: "error",
    message: `${file} needs ${needed} to be ${format}, but has ${found}.`,
    subject: file,
    hint: "check that it is the right file, and that it was unpacked as far as its name says.",
    data: { file, format },
  };
}

export function motionNeedsGreyImages(facts: { shape: readonly number[] }): Diagnostic {
  return noPlane("the event camera model", "[height, width] or [1, height, width]", facts.shape);
}

function noPlane(what: string, needed: string, shape: readonly number[]): Diagnostic {
  return {
    code: "train/data-no-plane",
    severity: "error",
    message: `${what} needs images of shape ${needed}, but the data have the shape [${shape.join(", ")}].`,
    subject: what,
    hint: "leave it out, or take a data set of such images.",
    data: { shape: [...shape] },
  };
}

/** Bytes as a person compares them: `00 00 08 03`. */
export function hexBytes(bytes: Uint8Array): string {
  return bytes.length === 0
    ? "nothing"
    : Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
