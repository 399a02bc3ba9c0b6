// Every message about nodes of an ONNX graph, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";
import { list, shapeText } from "./diagnostics.ts";

/** A node as messages name it. */
export interface NodeName {
  readonly name: string;
  readonly operator: string;
}

export function activationRounding(facts: { nodes: readonly string[] }): Diagnostic {
  return {
    code: "onnx/activation-rounding",
    severity: "warning",
    message: `${facts.nodes.length} nodes round activations to integers (${list(facts.nodes)}); the network keeps real numbers there.`,
    hint: "expect outputs to differ by about one step of that rounding.",
    data: facts,
  };
}

export function attributeValue(
  facts: NodeName & { attribute: string; needed: string; found: string },
): Diagnostic {
  const { attribute, needed, found } = facts;
  return {
    code: "onnx/attribute",
    severity: "error",
    message: `${title(facts)} has ${attribute} = ${found}, and needs ${needed}.`,
    subject: place(facts),
    hint: "export the model again, or repair the attribute.",
    data: { node: facts.name, operator: facts.operator, attribute, needed, found },
  };
}

export function batchMixed(facts: NodeName): Diagnostic {
  return {
    code: "onnx/batch-mixed",
    severity: "error",
    message: `${title(facts)} mixes the samples of a batch, and a network sees one sample at a time.`,
    subject: place(facts),
    hint: "export the model with the batch as a dynamic first axis.",
    data: { node: facts.name, operator: facts.operator },
  };
}

export function converted(facts: {
  layers: readonly (readonly [string, number])[];
  fromData: boolean;
}): Diagnostic {
  const { layers, fromData } = facts;
  const text = list(layers.map(([name, scale]) => `${name} ${Number(scale.toPrecision(3))}`));
  const source = fromData ? "what calibration data reach" : "the bounds that the weights allow";
  return {
    code: "onnx/converted",
    severity: fromData ? "note" : "warning",
    message: `${layers.length} rectifiers became integrate-and-fire neurons; a spike stands for ${source}: ${text}.`,
    hint: fromData
      ? "simulate some tens of steps with the same input in each."
      : "calibrate with data (--calibrate FILE), or simulate hundreds of steps: bounds are far above what is reached.",
    data: facts,
  };
}

export function initialState(facts: { state: string }): Diagnostic {
  return {
    code: "onnx/initial-state",
    severity: "error",
    message: `the state "${facts.state}" does not start at 0, and neurons start at rest.`,
    subject: `tensors["${facts.state}"]`,
    hint: "export the model with zeros as initial states.",
    data: facts,
  };
}

export function lastStep(facts: { outputs: readonly string[] }): Diagnostic {
  return {
    code: "onnx/last-step",
    severity: "note",
    message: `${list(facts.outputs)}: the file gives what is left after the last step, and the network gives it in every step.`,
    hint: "read the last step of these outputs.",
    data: facts,
  };
}

export function neuronUnknown(facts: {
  outputs: readonly string[];
  states: readonly string[];
  reason: string;
}): Diagnostic {
  const { outputs, states, reason } = facts;
  const state = states.length === 0 ? "" : ` with the states ${list(states)}`;
  return {
    code: "onnx/neuron-unknown",
    severity: "error",
    message: `what computes ${list(outputs)}${state} behaves like none of the known neurons: ${reason}.`,
    subject: `tensors["${outputs[0]}"]`,
    hint: "use neurons with a leak, a threshold and a reset (see the table of patterns in the formats README), or export NIR.",
    data: facts,
  };
}

export function notFinite(facts: NodeName & { element: number; found: number }): Diagnostic {
  return {
    code: "onnx/not-finite",
    severity: "error",
    message: `${title(facts)} has a constant with element ${facts.element} = ${facts.found}, and needs finite numbers.`,
    subject: place(facts),
    hint: "look for a division by zero or an overflow in the training, and export again.",
    data: { node: facts.name, operator: facts.operator, element: facts.element, found: String(facts.found) },
  };
}

export function nothingToConvert(): Diagnostic {
  return {
    code: "onnx/nothing-to-convert",
    severity: "warning",
    message: "the network has no rectifier, so there is nothing to convert.",
    hint: "leave --convert out.",
  };
}

export function operand(facts: NodeName & { operand: string; needed: string; found: string }): Diagnostic {
  const { operand: which, needed, found } = facts;
  return {
    code: "onnx/operand",
    severity: "error",
    message: `${title(facts)} has ${found} as its ${which}, and needs ${needed}.`,
    subject: place(facts),
    hint: "export the model in a form that has it, or replace the operator.",
    data: { node: facts.name, operator: facts.operator, operand: which, needed, found },
  };
}

export function rateScaleUnused(facts: { names: readonly string[] }): Diagnostic {
  return {
    code: "onnx/rate-scale-unused",
    severity: "error",
    message: `scales are given for ${list(facts.names)}, and the network has no such rectifiers.`,
    hint: "calibrate with the model itself.",
    data: facts,
  };
}

export function rectifiers(facts: { names: readonly string[] }): Diagnostic {
  return {
    code: "onnx/rectifiers",
    severity: "note",
    message: `${list(facts.names)}: rectifiers, which pass values on; the network runs as it is, but on no chip.`,
    hint: "read it with --convert ann to make spiking neurons of them.",
    data: facts,
  };
}

export function shapeMismatch(
  facts: NodeName & { what: string; left: readonly number[]; right: readonly number[] },
): Diagnostic {
  const { what, left, right } = facts;
  return {
    code: "onnx/shape-mismatch",
    severity: "error",
    message: `${title(facts)} joins ${shapeText(left)} and ${shapeText(right)}: ${what}.`,
    subject: place(facts),
    hint: "compare the shapes of the layers on both sides.",
    data: { node: facts.name, operator: facts.operator, left, right },
  };
}

export function softmaxDropped(facts: NodeName): Diagnostic {
  return {
    code: "onnx/softmax-dropped",
    severity: "note",
    message: `${title(facts)} is left out: it keeps the order of the classes, and neurons do without it.`,
    subject: place(facts),
    data: { node: facts.name, operator: facts.operator },
  };
}

export function statesTaken(facts: { pairs: readonly (readonly [string, string])[] }): Diagnostic {
  return {
    code: "onnx/states",
    severity: "note",
    message: `the graph computes one step; its states are ${list(facts.pairs.map(([from, to]) => `${to} → ${from}`))}, and start at 0.`,
    data: facts,
  };
}

export function typeMismatch(facts: NodeName & { left: string; right: string }): Diagnostic {
  return {
    code: "onnx/type-mismatch",
    severity: "error",
    message: `${title(facts)} joins ${facts.left} and ${facts.right} numbers, and needs one type.`,
    subject: place(facts),
    hint: "put a Cast between them.",
    data: { node: facts.name, operator: facts.operator, left: facts.left, right: facts.right },
  };
}

export function unknownOperator(facts: {
  domain: string;
  operator: string;
  nodes: readonly string[];
}): Diagnostic {
  const { domain, operator, nodes } = facts;
  const from = domain === "" ? "ai.onnx" : domain;
  return {
    code: "onnx/unknown-operator",
    severity: "error",
    message: `${nodes.length === 1 ? "node" : `${nodes.length} nodes`} ${quoted(nodes)} ask${nodes.length === 1 ? "s" : ""} for the operator ${operator} of ${from}, which the file does not define and ONNX does not know.`,
    subject: `nodes["${nodes[0]}"]`,
    hint: "export the model with standard operators, or with the function's body inside the file.",
    data: facts,
  };
}

export function unrolledUnknown(facts: { output: string; reason: string }): Diagnostic {
  return {
    code: "onnx/unrolled-unknown",
    severity: "error",
    message: `"${facts.output}" seems to be computed step by step, but its steps are not alike: ${facts.reason}.`,
    subject: `tensors["${facts.output}"]`,
    hint: "export one step of the network, with its states as inputs and outputs.",
    data: facts,
  };
}

export function unrolledTaken(facts: { steps: number; input: string; output: string }): Diagnostic {
  const { steps, input, output } = facts;
  return {
    code: "onnx/unrolled",
    severity: "note",
    message: `the graph holds ${steps} equal steps from "${input}" to "${output}"; the network is one of them.`,
    hint: `simulate ${steps} steps to compute what the file computes.`,
    data: facts,
  };
}

export function unsupportedOperator(facts: {
  operator: string;
  nodes: readonly string[];
  advice?: string;
}): Diagnostic {
  const { operator, nodes, advice } = facts;
  return {
    code: "onnx/unsupported-operator",
    severity: "error",
    message: `${operator} cannot be expressed with populations and projections (${nodes.length === 1 ? "node" : `${nodes.length} nodes:`} ${quoted(nodes)}).`,
    subject: `nodes["${nodes[0]}"]`,
    hint: advice ?? `replace ${operator} and train again, or export the part of the model without it.`,
    data: { operator, nodes },
  };
}

export const title = ({ name, operator }: NodeName): string =>
  name === "" ? `a ${operator} node` : `${operator} node "${name}"`;

const place = ({ name }: NodeName): string => `nodes["${name}"]`;

const quoted = (names: readonly string[]): string => list(names.map((name) => `"${name}"`));
