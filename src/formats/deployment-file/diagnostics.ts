import type { Diagnostic } from "#util/diagnostic";
import { plural } from "#util/units";

// Every message about deployment files, one function each, in alphabetical order.

export function damaged(facts: { path: string; fault: string }): Diagnostic {
  const { path, fault } = facts;
  return {
    code: "deployment/damaged",
    severity: "error",
    message: `the deployment file cannot be read at ${path}: ${fault}.`,
    subject: path,
    hint: "compile the model again, or fetch the file again if it was sent.",
    data: { path, fault },
  };
}

export function hashMismatch(facts: { part: string; expected: string; found: string }): Diagnostic {
  const { part, expected, found } = facts;
  return {
    code: "deployment/hash-mismatch",
    severity: "error",
    message: `the deployment file has changed since it was written: its ${part} should have the SHA-256 ${expected}, but has ${found}.`,
    hint: "compile the model again, or fetch the file again if it was sent.",
    data: { part, expected, found },
  };
}

export function notOurs(facts: { bytes: number }): Diagnostic {
  const { bytes } = facts;
  return {
    code: "deployment/not-ours",
    severity: "error",
    message: `a file of ${plural(bytes, "byte")} that is no deployment: one begins with the words "spinec deployment".`,
    hint: 'give a file that "spinec compile" wrote; models are compiled first.',
    data: { bytes },
  };
}

export function otherVersion(facts: {
  version: number;
  read: readonly number[];
  generator: string;
}): Diagnostic {
  const { version, read, generator } = facts;
  return {
    code: "deployment/version",
    severity: "error",
    message: `the deployment file has format version ${version}${generator === "" ? "" : `, written by ${generator}`}, but this program reads versions ${read.join(" and ")}.`,
    hint: "compile the model again with this program, or use the program that wrote the file.",
    data: { version, read, generator },
  };
}
