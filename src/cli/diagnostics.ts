import type { Diagnostic } from "#util/diagnostic";

// Messages about the world outside: files, disks, terminals.

export function cannotRead(facts: { path: string; reason: string }): Diagnostic {
  return {
    code: "cli/cannot-read",
    severity: "error",
    message: `the file "${facts.path}" could not be read: ${facts.reason}.`,
    subject: facts.path,
    hint: "check the path and the permissions.",
    data: facts,
  };
}

export function cannotWrite(facts: { path: string; reason: string }): Diagnostic {
  return {
    code: "cli/cannot-write",
    severity: "error",
    message: `the file "${facts.path}" could not be written: ${facts.reason}; nothing was left half written.`,
    subject: facts.path,
    hint: "choose another place, or make room.",
    data: facts,
  };
}

export function fileTooLarge(facts: { path: string; bytes: number; limitBytes: number }): Diagnostic {
  const { path, bytes, limitBytes } = facts;
  return {
    code: "cli/file-too-large",
    severity: "error",
    message: `the file "${path}" has ${bytes} bytes; at most ${limitBytes} bytes can be read at once.`,
    subject: path,
    hint: "split the data, or store it compressed.",
    data: facts,
  };
}

export function badOption(facts: { option: string; value: string; expected: string }): Diagnostic {
  const { option, value, expected } = facts;
  return {
    code: "cli/bad-option",
    severity: "error",
    message: `${option} was given "${value}", but takes ${expected}.`,
    subject: option,
    hint: "see the command's --help for examples.",
    data: facts,
  };
}

export function labelsNotAList(facts: { path: string }): Diagnostic {
  const { path } = facts;
  return {
    code: "cli/labels-not-a-list",
    severity: "error",
    message: `"${path}" holds no labels: they are a JSON list of whole numbers from 0 on, or an object with such a list as "labels".`,
    subject: path,
    hint: "give one class index for every sample, such as [7, 2, 1].",
    data: facts,
  };
}

export function labelsDoNotMatch(facts: { path: string; labels: number; samples: number }): Diagnostic {
  const { path, labels, samples } = facts;
  return {
    code: "cli/labels-do-not-match",
    severity: "error",
    message: `"${path}" has ${labels} labels, but the input has ${samples} samples.`,
    subject: path,
    hint: "give one class index for every sample.",
    data: facts,
  };
}

export function mapStopped(facts: { cores: number }): Diagnostic {
  return {
    code: "cli/map-stopped",
    severity: "note",
    message: `stopped by a signal: this is the best legal map until then, on ${facts.cores} cores.`,
    data: facts,
  };
}

export function mappingStopped(facts: { cores: number }): Diagnostic {
  return {
    code: "cli/mapping-stopped",
    severity: "note",
    message: `the search was stopped by a signal: this is the best legal mapping until then, on ${facts.cores} ${facts.cores === 1 ? "core" : "cores"}.`,
    data: facts,
  };
}

export function nothingToCheck(): Diagnostic {
  return {
    code: "cli/nothing-to-check",
    severity: "error",
    message: "there is nothing to check: no file was given.",
    hint: "name files or targets, or check everything that comes with spinec: spinec targets check --all",
  };
}

export function oneFileOnly(facts: { files: readonly string[] }): Diagnostic {
  const { files } = facts;
  return {
    code: "cli/one-file-only",
    severity: "error",
    message: `export takes one file, and was given ${files.length}: ${files.join(", ")}.`,
    subject: files[1],
    hint: "call it once for each file; the name of the result comes after -o.",
    data: facts,
  };
}

export function runExists(facts: { folder: string }): Diagnostic {
  const { folder } = facts;
  return {
    code: "cli/run-exists",
    severity: "error",
    message: `the folder "${folder}" is not empty, and nothing in it is overwritten without being told to.`,
    subject: folder,
    hint: "go on with the run in it (--resume), choose another folder (--out), or replace the run in it (--force).",
    data: facts,
  };
}

export function runMissing(facts: { folder: string }): Diagnostic {
  const { folder } = facts;
  return {
    code: "cli/run-missing",
    severity: "error",
    message: `there is no run in the folder "${folder}" to go on with.`,
    subject: folder,
    hint: "name its folder with --out, or leave --resume out.",
    data: facts,
  };
}

export function checkpointMissing(facts: { folder: string }): Diagnostic {
  const { folder } = facts;
  return {
    code: "cli/checkpoint-missing",
    severity: "note",
    message: `the run in "${folder}" was stopped before its first checkpoint, so it starts from the beginning.`,
    subject: folder,
    data: facts,
  };
}

export function checkpointUnusable(facts: { path: string; used: string; reason: string }): Diagnostic {
  const { path, used, reason } = facts;
  return {
    code: "cli/checkpoint-unusable",
    severity: "warning",
    message: `"${path}" cannot be used (${reason}), so the run goes on from the checkpoint before it, "${used}".`,
    subject: path,
    hint: "nothing needs to be done; some steps are computed a second time.",
    data: facts,
  };
}

export function trainingStopped(facts: { steps: number; checkpoint: string; command: string }): Diagnostic {
  const { steps, checkpoint, command } = facts;
  return {
    code: "cli/training-stopped",
    severity: "note",
    message: `stopped after ${steps} steps; everything is kept in "${checkpoint}".`,
    subject: checkpoint,
    hint: `go on with: ${command}`,
    data: facts,
  };
}

export function unknownOption(facts: {
  option: string;
  exporter: string;
  known: readonly string[];
}): Diagnostic {
  const { option, exporter, known } = facts;
  const list = known.length === 0 ? "has no options of its own" : `has ${known.join(", ")}`;
  return {
    code: "cli/unknown-option",
    severity: "error",
    message: `export knows no "${option}"; the exporter "${exporter}" ${list}.`,
    subject: option,
    hint: "see `spinec export --help`.",
    data: facts,
  };
}

export function onlyForOnnx(facts: { option: string; exporter: string }): Diagnostic {
  return {
    code: "cli/only-for-onnx",
    severity: "error",
    message: `${facts.option} is about running the file, and of all exporters only "onnx" writes one that can be run; this is "${facts.exporter}".`,
    subject: facts.option,
    hint: "leave the option out.",
    data: facts,
  };
}

export function onnxRuntimeMissing(facts: { reason: string }): Diagnostic {
  return {
    code: "cli/onnxruntime-missing",
    severity: "error",
    message: `--verify-input runs the file in onnxruntime-node, which could not be loaded: ${facts.reason}.`,
    subject: "--verify-input",
    hint: "install it with `npm install onnxruntime-node`, or leave the option out.",
    data: facts,
  };
}

export function onnxUnchecked(facts: { reason: string }): Diagnostic {
  return {
    code: "cli/onnx-unchecked",
    severity: "note",
    message: `the file was not run: onnxruntime-node could not be loaded (${facts.reason}).`,
    hint: "install it with `npm install onnxruntime-node`, and every export is run and compared with the simulator.",
    data: facts,
  };
}

export function runStopped(facts: { samples: number; wanted: number; leftOut: string }): Diagnostic {
  const { samples, wanted, leftOut } = facts;
  return {
    code: "cli/run-stopped",
    severity: "note",
    message: `stopped after ${samples} of ${wanted} samples; everything reported is about these${leftOut}.`,
    hint: "run it again for the rest, or ask for fewer with --samples.",
    data: facts,
  };
}

export function traceCut(facts: { path: string; events: number; sample: number; step: number }): Diagnostic {
  const { path, events, sample, step } = facts;
  return {
    code: "cli/trace-cut",
    severity: "warning",
    message: `the trace "${path}" is full after ${events} events: it ends before step ${step} of sample ${sample}.`,
    subject: path,
    hint: "choose fewer steps with --trace-steps, or fewer samples with --trace-samples.",
    data: facts,
  };
}

export function traceLinksLeftOut(facts: { path: string; links: number }): Diagnostic {
  const { path, links } = facts;
  return {
    code: "cli/trace-links-left-out",
    severity: "note",
    message: `the trace "${path}" has counters for the first links that carried messages; ${links} more have none.`,
    subject: path,
    data: facts,
  };
}

export function traceMessagesLeftOut(facts: { path: string; messages: number; limit: number }): Diagnostic {
  const { path, messages, limit } = facts;
  return {
    code: "cli/trace-messages-left-out",
    severity: "note",
    message: `the trace "${path}" shows the first ${limit} messages of a step; ${messages} more are counted in it, not drawn.`,
    subject: path,
    data: facts,
  };
}

/** @param text what is changed, and what that gives */
export function fittingChange(facts: {
  text: string;
  command: string;
  options: readonly string[];
}): Diagnostic {
  const { text, command } = facts;
  return {
    code: "cli/fitting-change",
    severity: "note",
    message: `it fits if you ${text}.`,
    hint: command,
    data: facts,
  };
}
