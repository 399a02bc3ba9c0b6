// Messages of the flow as a whole: what stages need of each other.
import type { Diagnostic } from "#util/diagnostic";

/** @param expected neurons of the population in the network; undefined: it has no such population */
export function activityOfAnother(facts: {
  file: string;
  network: string;
  population: string;
  found: number;
  expected: number | undefined;
}): Diagnostic {
  const { file, network, population, found, expected } = facts;
  const has = expected === undefined ? "none of that name" : `one of ${expected}`;
  return {
    code: "activity/other-network",
    severity: "error",
    message: `"${file}" has rates of ${found} neurons of "${population}", but "${network}" has ${has}.`,
    subject: `activity.populations["${population}"]`,
    hint: "record it again with this model: spinec run MODEL --input DATA --activity-out FILE.",
    data: { file, population, found, ...(expected !== undefined && { expected }) },
  };
}

/** @param population whose rates are no list of numbers of at least 0; undefined: it is no such file at all */
export function activityUnreadable(facts: { file: string; schema: string; population?: string }): Diagnostic {
  const { file, schema, population } = facts;
  const what =
    population === undefined
      ? `holds no activity (its schema is ${schema}, that of activities "spinec/activity/1")`
      : `has rates of "${population}" that are no list of numbers of at least 0`;
  return {
    code: "activity/unreadable",
    severity: "error",
    message: `"${file}" ${what}.`,
    hint: "record one with: spinec run MODEL --input DATA --activity-out FILE.",
    data: facts,
  };
}

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
