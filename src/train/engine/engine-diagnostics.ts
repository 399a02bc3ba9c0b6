import type { Diagnostic } from "#util/diagnostic";

// Messages of the engines, in alphabetical order.

export function tensorflowMissing(facts: { package: string; reason: string }): Diagnostic {
  return {
    code: "train/tensorflow-missing",
    severity: "error",
    message: `the engine "tfjs" needs the package ${facts.package}, but it could not be loaded: ${facts.reason}.`,
    hint: `install it with "npm install ${facts.package}", or use the engine "wasm".`,
    data: facts,
  };
}

export function tensorflowNotStarted(facts: { package: string; backend: string }): Diagnostic {
  return {
    code: "train/tensorflow-not-started",
    severity: "error",
    message: `the engine "tfjs" needs the backend "${facts.backend}" of ${facts.package} to start, but it does not.`,
    hint: `set "wasmPath" to the folder of its ".wasm" files, or use the flavour "cpu".`,
    data: facts,
  };
}
