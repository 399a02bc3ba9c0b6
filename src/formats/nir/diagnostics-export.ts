// Messages about files written for a certain reader, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";

export function decayIsFixed(facts: { dialect: string; decay: string }): Diagnostic {
  const { dialect, decay } = facts;
  return {
    code: "nir/decay-is-fixed",
    severity: "error",
    message: `the reader of the dialect "${dialect}" decays by ${decay === "euler" ? "1 - dt/tau" : "exp(-dt/tau)"}; --decay cannot change that.`,
    subject: "--decay",
    hint: "leave out --decay, or choose --dialect steps.",
    data: facts,
  };
}

export function decayNotPossible(facts: { name: string; field: string }): Diagnostic {
  const { name, field } = facts;
  return {
    code: "nir/decay-not-possible",
    severity: "error",
    message: `"${name}" loses all of its state in one step (${field} is 1 step or less), which no exponential decay does.`,
    subject: `network.populations["${name}"]`,
    hint: "leave out --decay, or choose a dialect whose reader computes by forward Euler.",
    data: facts,
  };
}

export function dialectNote(facts: {
  dialect: string;
  readers: string;
  changes: readonly string[];
}): Diagnostic {
  const { dialect, readers, changes } = facts;
  return {
    code: "nir/dialect",
    severity: "note",
    message: `written in the dialect "${dialect}", for ${readers}: ${changes.join(", ")}.`,
    hint: "choose another reader with --dialect.",
    data: facts,
  };
}

export function dynamicsInMetadata(facts: { what: readonly string[] }): Diagnostic {
  const { what } = facts;
  return {
    code: "nir/only-in-metadata",
    severity: "note",
    message: `NIR has no words for ${what.join(", ")}; that is in the metadata, which only spinec reads.`,
    hint: "tell the reader by its own options.",
    data: facts,
  };
}

export function readerDiffers(facts: {
  dialect: string;
  reader: string;
  title: string;
  verdict: string;
  reasons: readonly string[];
}): Diagnostic {
  const { reader, title, verdict, reasons } = facts;
  const what =
    verdict === "refuses" ? "is expected to refuse the file" : "is expected to compute something else";
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : "";
  return {
    code: "nir/reader-differs",
    severity: "warning",
    message: `${title} ${what}: ${reasons[0].replace(/\.$/, "")}${more}.`,
    hint: `\`spinec check FILE --for ${reader}\` says everything, and what to do.`,
    data: facts,
  };
}

export function shapesFlattened(facts: { nodes: readonly string[] }): Diagnostic {
  const { nodes } = facts;
  return {
    code: "nir/shapes-flattened",
    severity: "note",
    message: `NIR has no node from a vector to an image, so ${listed(nodes)} became vectors; the order of neurons is the same.`,
    subject: `/node/nodes/${nodes[0]}`,
    data: facts,
  };
}

export function startState(facts: { name: string }): Diagnostic {
  const { name } = facts;
  return {
    code: "nir/start-state",
    severity: "warning",
    message: `"${name}" starts from a state that is not zero, which NIR cannot say; its first steps will differ.`,
    subject: `network.populations["${name}"]`,
    hint: "leave out the first steps when you compare.",
    data: facts,
  };
}

export function strictReaderRefuses(facts: { reasons: readonly string[] }): Diagnostic {
  const { reasons } = facts;
  const more = reasons.length > 1 ? `, and ${reasons.length - 1} more` : "";
  return {
    code: "nir/strict-reader-refuses",
    severity: "warning",
    message: `the reference reader infers other shapes than are meant: ${reasons[0].replace(/\.$/, "")}${more}.`,
    subject: "/node/edges",
    hint: "load the file with type_check=False, which reads it as it is meant.",
    data: facts,
  };
}

/** The first names, and how many more there are. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return names.length > 5 ? `${shown.join(", ")} and ${names.length - 5} more` : shown.join(", ");
}
