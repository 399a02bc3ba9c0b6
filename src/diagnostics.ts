// Messages of the flow as a whole: what stages need of each other.
import type { Diagnostic } from "#util/diagnostic";

export function exportNeedsModel(facts: { exporter: string; level: string }): Diagnostic {
  const { exporter, level } = facts;
  return {
    code: "export/needs-model",
    severity: "error",
    message: `the exporter "${exporter}" writes the ${level === "network" ? "model" : "quantized network"}, but the file is a deployment, which does not hold it.`,
    hint: "give the model that the deployment was compiled from.",
    data: facts,
  };
}

export function noMemory(facts: { synapses: number; cores: number; reason: string }): Diagnostic {
  const { synapses, cores, reason } = facts;
  return {
    code: "simulate/no-memory",
    severity: "error",
    message: `the memory that a simulation of ${synapses} synapses on ${cores} cores takes, some 4 to 10 bytes for each synapse and thread, is not to be had (${reason}).`,
    hint: "use fewer threads (--threads 1), or a machine with more memory.",
    data: facts,
  };
}

/** @param float64 whether the same network agrees when it is written in float64; undefined: not tried */
export function onnxDiffers(facts: {
  differingValues: number;
  values: number;
  outputs: readonly string[];
  float64: "agrees" | "differs" | undefined;
  check: object;
}): Diagnostic {
  const { differingValues, values, outputs, float64 } = facts;
  const cause =
    float64 === "agrees"
      ? " In float64 all of them are equal: single precision rounds membranes across a threshold."
      : "";
  return {
    code: "export/onnx-differs",
    severity: "error",
    message: `the graph was run, and ${differingValues} of ${values} values differ from the simulator's (${outputs.join(", ")}); no file was written.${cause}`,
    hint:
      float64 === "agrees"
        ? "write float64 with --double, or the file as it is with --no-verify."
        : "please report the model and the command: this should not happen; --no-verify writes the file as it is.",
    data: facts,
  };
}

export function onnxNothingFires(facts: { outputs: readonly string[] }): Diagnostic {
  return {
    code: "export/onnx-nothing-fires",
    severity: "warning",
    message: `the graph was run, but ${facts.outputs.join(", ")} gave nothing but zeros, in the simulator too: that says little.`,
    hint: "give input that makes the network fire with --verify-input FILE.",
    data: facts,
  };
}

export function onnxNotOurs(): Diagnostic {
  return {
    code: "export/onnx-not-ours",
    severity: "error",
    message:
      'the file was not written by the exporter "onnx", so nothing says which network it should equal.',
    hint: "check files of `export --to onnx`.",
    data: {},
  };
}

export function onnxNotRunnable(facts: { reason: string }): Diagnostic {
  return {
    code: "export/onnx-not-runnable",
    severity: "error",
    message: `the runtime does not take the file: ${facts.reason}`,
    hint: "use a newer onnxruntime, or write the file unchecked with --no-verify; in programs, give `externalData` too where there is any.",
    data: facts,
  };
}
