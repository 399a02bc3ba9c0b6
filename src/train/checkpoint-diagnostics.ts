import type { Diagnostic } from "#util/diagnostic";

// What can be wrong with a checkpoint or a trained-model file, in alphabetical order.

export function checkpointDamaged(facts: { kind: string; reason: string }): Diagnostic {
  const { kind, reason } = facts;
  return {
    code: "train/checkpoint-damaged",
    severity: "error",
    message: `the ${kind} needs to be whole, but ${reason}.`,
    hint: `take the copy before it, or write it anew.`,
    data: facts,
  };
}

export function checkpointNotOurs(facts: { kind: string; bytes: number }): Diagnostic {
  const { kind, bytes } = facts;
  return {
    code: "train/checkpoint-not-ours",
    severity: "error",
    message: `the ${kind} needs to begin with the mark of spinec's training files, but these ${bytes} bytes do not.`,
    hint: `name a file that "spinec train" wrote.`,
    data: facts,
  };
}

export function checkpointOtherKind(facts: { needed: string; found: string }): Diagnostic {
  const { needed, found } = facts;
  return {
    code: "train/checkpoint-other-kind",
    severity: "error",
    message: `the file needs to be a ${needed}, but it is a ${found}.`,
    hint: `name the file that holds the ${needed}.`,
    data: facts,
  };
}

export function checkpointVersion(facts: { kind: string; needed: number; found: number }): Diagnostic {
  const { kind, needed, found } = facts;
  return {
    code: "train/checkpoint-version",
    severity: "error",
    message: `the ${kind} has format version ${found}, but this program reads version ${needed}.`,
    hint: `use the version of spinec that wrote it.`,
    data: facts,
  };
}

export function trainedModelField(facts: { field: string; needed: string }): Diagnostic {
  const { field, needed } = facts;
  return {
    code: "train/trained-model-field",
    severity: "error",
    message: `the field "${field}" of a trained-model file needs to be ${needed}, but is not.`,
    subject: field,
    hint: `write the file anew with "spinec train".`,
    data: facts,
  };
}
