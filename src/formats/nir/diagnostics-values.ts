// Messages about the fields of nodes, their values and the conventions of writers, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";
import { plural } from "#util/units";

interface Named {
  readonly name: string;
  readonly path: string;
  readonly type: string;
}

export function badField(facts: { node: Named; field: string; needs: string; found: string }): Diagnostic {
  const { node, field, needs, found } = facts;
  return {
    code: "nir/bad-field",
    severity: "error",
    message: `${field} of ${node.type} "${node.name}" needs ${needs}; the file has ${found}.`,
    subject: `${node.path}/${field}`,
    hint: "correct the field in the tool that wrote the file.",
    data: { field, needs, found },
  };
}

export function badStep(facts: { dtSeconds: number }): Diagnostic {
  const { dtSeconds } = facts;
  return {
    code: "nir/bad-step",
    severity: "error",
    message: `a step needs a length above 0 s; ${dtSeconds} s was given.`,
    hint: "give it in seconds: --dt 1e-3.",
    data: { dtSeconds: String(dtSeconds) },
  };
}

export function delayRounded(facts: { node: Named; delays: number; exampleSteps: number }): Diagnostic {
  const { node, delays, exampleSteps } = facts;
  return {
    code: "nir/delay-rounded",
    severity: "warning",
    message: `${plural(delays, "delay")} of "${node.name}" ${delays === 1 ? "is" : "are"} no whole number of steps (the first is ${tidy(exampleSteps)} steps), and rounded.`,
    subject: `${node.path}/delay`,
    hint: "choose a step that divides the delays with --dt.",
    data: { delays, exampleSteps },
  };
}

export function dtAssumed(facts: { dtSeconds: number }): Diagnostic {
  const { dtSeconds } = facts;
  return {
    code: "nir/dt-assumed",
    severity: "warning",
    message: `neither the file nor its writer says how long a step is; ${dtSeconds} s is assumed.`,
    subject: "/node",
    hint: "give the step that the network was trained with: --dt 1e-3 (in seconds).",
    data: { dtSeconds },
  };
}

export function extraField(facts: { node: Named; field: string; meant?: string }): Diagnostic {
  const { node, field, meant } = facts;
  const question = meant === undefined ? "it is ignored" : `did you mean "${meant}"?`;
  return {
    code: "nir/extra-field",
    severity: "warning",
    message: `${node.type} "${node.name}" has a field "${field}" that NIR does not know; ${question}${meant === undefined ? "." : ""}`,
    subject: `${node.path}/${field}`,
    hint: "move it below the node's metadata: the reference reader refuses the file as it is.",
    data: { field, ...(meant === undefined ? {} : { meant }) },
  };
}

export function fieldAssumed(facts: { node: Named; field: string; value: number | string }): Diagnostic {
  const { node, field, value } = facts;
  return {
    code: "nir/field-assumed",
    severity: "warning",
    message: `${node.type} "${node.name}" lacks ${field}; ${value} is assumed.`,
    subject: `${node.path}/${field}`,
    hint: "let check --fix write it: the reference reader refuses the file as it is.",
    data: { field, value },
  };
}

export function missingField(facts: { node: Named; field: string; present: readonly string[] }): Diagnostic {
  const { node, field, present } = facts;
  return {
    code: "nir/missing-field",
    severity: "error",
    message: `${node.type} "${node.name}" needs ${field}; there is ${present.length === 0 ? "no field at all" : present.join(", ")}.`,
    subject: `${node.path}/${field}`,
    hint: "export the model again with a current version of its framework.",
    data: { field, present },
  };
}

export function nonFinite(facts: {
  node: Named;
  field: string;
  elements: number;
  of: number;
  first: number;
  value: string;
}): Diagnostic {
  const { node, field, elements, of, first, value } = facts;
  return {
    code: "nir/non-finite",
    severity: "error",
    message: `${elements} of ${plural(of, "value")} of ${field} of ${node.type} "${node.name}" ${elements === 1 ? "is no finite number" : "are no finite numbers"}; the first is ${value} at index ${first}.`,
    subject: `${node.path}/${field}[${first}]`,
    hint: "the training has probably diverged; export an earlier checkpoint.",
    data: { field, elements, of, first, value },
  };
}

export function readerTrap(facts: { node: Named; field: string; what: string }): Diagnostic {
  const { node, field, what } = facts;
  return {
    code: "nir/reader-trap",
    severity: "warning",
    message: `${field} of ${node.type} "${node.name}" is well-formed, but the reference reader ${what} and refuses the file.`,
    subject: `${node.path}/${field}`,
    hint: "let check --fix write an equal form that every reader takes.",
    data: { field },
  };
}

export function resetAboveThreshold(facts: { node: Named; neurons: number; of: number }): Diagnostic {
  const { node, neurons, of } = facts;
  return {
    code: "nir/reset-above-threshold",
    severity: "warning",
    message: `${neurons} of ${plural(of, "neuron")} of "${node.name}" ${neurons === 1 ? "is" : "are"} reset above the threshold; once fired, a neuron then fires in every step.`,
    subject: `${node.path}/v_reset`,
    hint: "look at the sign of v_threshold and v_reset.",
    data: { neurons, of },
  };
}

export function resetAmbiguous(facts: { writer: string }): Diagnostic {
  const { writer } = facts;
  return {
    code: "nir/reset-ambiguous",
    severity: "note",
    message: `${writer} writes v_reset = 0 for neurons that reset to zero and for neurons that subtract the threshold alike; reset to the value is used, as NIR says.`,
    subject: "/node",
    hint: "use --reset subtract (or snntorch-subtract) if the network was trained so.",
    data: { writer },
  };
}

export function tauBelowStep(facts: {
  node: Named;
  field: string;
  neurons: number;
  of: number;
  smallestSteps: number;
}): Diagnostic {
  const { node, field, neurons, of, smallestSteps } = facts;
  return {
    code: "nir/tau-below-step",
    severity: "warning",
    message: `${neurons} of ${plural(of, "value")} of ${field} of "${node.name}" ${neurons === 1 ? "is" : "are"} shorter than one step (the smallest is ${tidy(smallestSteps)} steps); forward Euler overshoots there.`,
    subject: `${node.path}/${field}`,
    hint: "choose a shorter step with --dt, another unit with --time-unit, or --integrator exponential.",
    data: { field, neurons, of, smallestSteps },
  };
}

export function tauNotPositive(facts: {
  node: Named;
  field: string;
  neurons: number;
  of: number;
  first: number;
  value: number;
}): Diagnostic {
  const { node, field, neurons, of, first, value } = facts;
  return {
    code: "nir/tau-not-positive",
    severity: "error",
    message: `${neurons} of ${plural(of, "value")} of ${field} of ${node.type} "${node.name}" ${neurons === 1 ? "is" : "are"} not above 0; the first is ${value} at index ${first}.`,
    subject: `${node.path}/${field}[${first}]`,
    hint: "a neuron that keeps nothing from step to step has a time constant of one step; write that.",
    data: { field, neurons, of, first, value },
  };
}

export function thresholdNotPositive(facts: {
  node: Named;
  field: string;
  neurons: number;
  of: number;
}): Diagnostic {
  const { node, field, neurons, of } = facts;
  return {
    code: "nir/threshold-not-positive",
    severity: "warning",
    message: `${neurons} of ${of} thresholds of ${node.type} "${node.name}" are 0 or below; such neurons may fire without input.`,
    subject: `${node.path}/${field}`,
    hint: "look whether the thresholds were exported with the right sign.",
    data: { field, neurons, of },
  };
}

export function timeUnitAssumed(facts: { unit: string; smallest: number }): Diagnostic {
  const { unit, smallest } = facts;
  return {
    code: "nir/time-unit-assumed",
    severity: "warning",
    message: `the writer was not recognised and no time constant is below ${tidy(smallest)}; they are taken for ${unit}.`,
    subject: "/node",
    hint: "say it with --time-unit s, ms or steps.",
    data: { unit, smallest },
  };
}

export function unknownNodeType(facts: {
  node: Named;
  nearest?: string;
  known: readonly string[];
}): Diagnostic {
  const { node, nearest, known } = facts;
  const question = nearest === undefined ? "." : `; did you mean ${nearest}?`;
  return {
    code: "nir/unknown-node-type",
    severity: "error",
    message: `"${node.name}" is a ${node.type}, which NIR does not define${question}`,
    subject: `${node.path}/type`,
    hint: `express it with the types that NIR has: ${known.join(", ")}.`,
    data: { type: node.type, ...(nearest === undefined ? {} : { nearest }) },
  };
}

export function unknownResetNode(facts: {
  name: string;
  nearest?: string;
  known: readonly string[];
}): Diagnostic {
  const { name, nearest, known } = facts;
  const question = nearest === undefined ? "." : `; did you mean "${nearest}"?`;
  return {
    code: "nir/unknown-reset-node",
    severity: "error",
    message: `a reset mode is given for "${name}", but the file has no neuron node of that name${question}`,
    hint: `the neuron nodes are ${known.map((node) => `"${node}"`).join(", ")}.`,
    data: { name, ...(nearest === undefined ? {} : { nearest }) },
  };
}

export function writerNote(facts: {
  writer: string;
  evidence: string;
  conventions: string;
  remarks: readonly string[];
}): Diagnostic {
  const { writer, evidence, conventions, remarks } = facts;
  const who = writer === "unknown" ? "the writer was not recognised" : `looks like written by ${writer}`;
  return {
    code: "nir/writer",
    severity: "note",
    message: `${who} (${evidence}). Used: ${conventions}.${remarks.map((remark) => ` ${remark}`).join("")}`,
    subject: "/node",
    hint: "every one of these can be set: --dt, --time-unit, --integrator, --compare, --reset, --current, --v-min, --if-step.",
    data: { writer, evidence, conventions },
  };
}

/** At most six digits, no exponent where it is not needed. */
export function tidy(value: number): string {
  return String(Number(value.toPrecision(6)));
}
