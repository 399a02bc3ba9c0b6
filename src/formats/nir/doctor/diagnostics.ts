// What is said about other programs that read a file, in alphabetical order. `says` is what the program itself
// prints, as far as it is known.
import { tidy } from "../diagnostics-values.ts";
import { shapeText, type Shape } from "../fields.ts";
import type { Diagnostic } from "#util/diagnostic";
import { plural } from "#util/units";

interface Node {
  readonly name: string;
  readonly path: string;
  readonly type: string;
}

const FIX = "let check --fix write an equal file that it takes.";

export function biasDropped(facts: { reader: string; node: Node; neurons: number }): Diagnostic {
  const { reader, node, neurons } = facts;
  return {
    code: "reader/bias-dropped",
    severity: "warning",
    message: `${reader} leaves out the bias of "${node.name}"; ${neurons} of its values are not 0.`,
    subject: `${node.path}/bias`,
    hint: "train without the bias of recurrent weights, or move it to the layer in front.",
    data: { reader, node: node.name, neurons },
  };
}

export function branchDropped(facts: {
  reader: string;
  node: Node;
  followed: string;
  dropped: readonly string[];
}): Diagnostic {
  const { reader, node, followed, dropped } = facts;
  return {
    code: "reader/branch-dropped",
    severity: "warning",
    message: `${reader} reads a single chain: behind "${node.name}" it follows "${followed}" and leaves out ${quoted(dropped)}.`,
    subject: node.path,
    hint: "choose another reader; this one knows no branches.",
    data: { reader, node: node.name, followed, dropped },
  };
}

export function compareDiffers(facts: { reader: string; theirs: string; ours: string }): Diagnostic {
  const { reader, theirs, ours } = facts;
  return {
    code: "reader/compare-differs",
    severity: "note",
    message: `${reader} fires when v ${theirs} threshold, the file's writer when v ${ours} threshold; it matters where membranes meet the threshold exactly.`,
    hint: "look for weights and thresholds that are whole numbers or small fractions.",
    data: { reader, theirs, ours },
  };
}

export function constructorRefuses(facts: {
  reader: string;
  node: Node;
  problem: string;
  says: string;
}): Diagnostic {
  const { reader, node, problem, says } = facts;
  return {
    code: "reader/node-refused",
    severity: "error",
    message: `${reader} refuses ${node.type} "${node.name}": ${problem}.`,
    subject: node.path,
    hint: FIX,
    data: { reader, node: node.name, problem, says },
  };
}

export function decayDiffers(facts: {
  reader: string;
  what: "membrane" | "synaptic current";
  nodes: readonly string[];
  neurons: number;
  theirs: number;
  ours: number;
}): Diagnostic {
  const { reader, what, nodes, neurons, theirs, ours } = facts;
  return {
    code: "reader/decay-differs",
    severity: "warning",
    message: `in one step ${reader} keeps ${tidy(theirs)} of the ${what} where the file's writer keeps ${tidy(ours)} (${plural(neurons, "neuron")} of ${quoted(nodes)}).`,
    hint: "give it the step length of the file, or export the file in the step and integrator that it assumes.",
    data: { reader, what, nodes, neurons, theirs, ours },
  };
}

export function dimensionsDropped(facts: {
  reader: string;
  node: Node;
  field: string;
  value: string;
}): Diagnostic {
  const { reader, node, field, value } = facts;
  return {
    code: "reader/field-dropped",
    severity: "warning",
    message: `${reader} does not look at ${field} of ${node.type} "${node.name}", which is ${value}.`,
    subject: `${node.path}/${field}`,
    hint: "write the layer without it, or choose another reader.",
    data: { reader, node: node.name, field, value },
  };
}

export function duplicateEdgesDropped(facts: { reader: string; edges: number }): Diagnostic {
  const { reader, edges } = facts;
  return {
    code: "reader/duplicate-edges",
    severity: "note",
    message: `${reader} counts each edge once and prints a warning; ${plural(edges, "edge")} ${edges === 1 ? "stands" : "stand"} in the file again.`,
    subject: "/node/edges",
    hint: "let check --fix remove them.",
    data: { reader, edges },
  };
}

export function edgeRefused(facts: {
  reader: string;
  from: string;
  to: string;
  problem: string;
  says: string;
}): Diagnostic {
  const { reader, from, to, problem, says } = facts;
  return {
    code: "reader/edge-refused",
    severity: "error",
    message: `${reader} refuses the edge "${from}" -> "${to}": ${problem}.`,
    subject: "/node/edges",
    hint: FIX,
    data: { reader, from, to, problem, says },
  };
}

export function flattensBatch(facts: { reader: string; node: Node; startDim: number }): Diagnostic {
  const { reader, node, startDim } = facts;
  return {
    code: "reader/flatten-batch",
    severity: "note",
    message: `${reader} does not shift start_dim ${startDim} of Flatten "${node.name}" behind its batch axis, so samples of a batch are joined.`,
    subject: `${node.path}/start_dim`,
    hint: "run it with samples one by one and without a batch axis.",
    data: { reader, node: node.name, startDim },
  };
}

export function gainDiffers(facts: {
  reader: string;
  nodes: readonly string[];
  neurons: number;
  factor: number;
}): Diagnostic {
  const { reader, nodes, neurons, factor } = facts;
  return {
    code: "reader/gain-differs",
    severity: "warning",
    message: `for ${reader} one input is worth ${tidy(factor)} times what it is by the file, measured in thresholds (${plural(neurons, "neuron")} of ${quoted(nodes)}).`,
    hint: "fold the gain into the weights before export, so that r is what this reader takes for granted.",
    data: { reader, nodes, neurons, factor },
  };
}

export function graphRefused(facts: { reader: string; problem: string; says: string }): Diagnostic {
  const { reader, problem, says } = facts;
  return {
    code: "reader/graph-refused",
    severity: "error",
    message: `${reader} refuses the graph: ${problem}.`,
    subject: "/node",
    hint: FIX,
    data: { reader, problem, says },
  };
}

export function leakDiffers(facts: {
  reader: string;
  nodes: readonly string[];
  neurons: number;
  theirs: number;
  ours: number;
}): Diagnostic {
  const { reader, nodes, neurons, theirs, ours } = facts;
  return {
    code: "reader/leak-differs",
    severity: "warning",
    message: `${reader} lets ${plural(neurons, "neuron")} of ${quoted(nodes)} leak by ${tidy(theirs)} thresholds a step, the file by ${tidy(ours)}.`,
    hint: "set v_leak to 0 and use a bias in its place.",
    data: { reader, nodes, neurons, theirs, ours },
  };
}

export function nestedRefused(facts: { reader: string; node: Node; why: string; says: string }): Diagnostic {
  const { reader, node, why, says } = facts;
  return {
    code: "reader/nested-graph",
    severity: "error",
    message: `${reader} stops at the nested graph "${node.name}": ${why}.`,
    subject: node.path,
    hint: "let check --fix take nested graphs apart.",
    data: { reader, node: node.name, says },
  };
}

export function nodeSkipped(facts: { reader: string; node: Node; why: string }): Diagnostic {
  const { reader, node, why } = facts;
  return {
    code: "reader/node-skipped",
    severity: "warning",
    message: `${reader} leaves out ${node.type} "${node.name}" without a word: ${why}.`,
    subject: node.path,
    hint: "express it with nodes that the reader knows, or choose another reader.",
    data: { reader, node: node.name, type: node.type },
  };
}

export function notHomogeneous(facts: {
  reader: string;
  node: Node;
  field: string;
  values: number;
  says: string;
}): Diagnostic {
  const { reader, node, field, values, says } = facts;
  return {
    code: "reader/not-uniform",
    severity: "error",
    message: `${reader} needs one ${field} for all neurons of ${node.type} "${node.name}"; there are ${values} different ones.`,
    subject: `${node.path}/${field}`,
    hint: `train with one ${field} for each layer, or choose another reader.`,
    data: { reader, node: node.name, field, values, says },
  };
}

export function quantized(facts: { reader: string; rule: string }): Diagnostic {
  const { reader, rule } = facts;
  return {
    code: "reader/quantized",
    severity: "warning",
    message: `${reader} computes in few bits: ${rule}.`,
    hint: "scale the weights to its range first, and compare spikes before you trust it.",
    data: { reader, rule },
  };
}

export function recurrenceDiffers(facts: { reader: string; node: Node; why: string }): Diagnostic {
  const { reader, node, why } = facts;
  return {
    code: "reader/recurrence-differs",
    severity: "warning",
    message: `${reader} computes the recurrent layer "${node.name}" in another way: ${why}.`,
    subject: node.path,
    hint: "compare spikes before you trust it.",
    data: { reader, node: node.name, why },
  };
}

export function resetDiffers(facts: {
  reader: string;
  nodes: readonly string[];
  theirs: string;
  ours: string;
}): Diagnostic {
  const { reader, nodes, theirs, ours } = facts;
  return {
    code: "reader/reset-differs",
    severity: "warning",
    message: `${reader} resets by "${theirs}" where the file's writer resets by "${ours}" (${quoted(nodes)}).`,
    hint: "train with the reset that the reader has.",
    data: { reader, nodes, theirs, ours },
  };
}

export function resetValueDiffers(facts: {
  reader: string;
  nodes: readonly string[];
  neurons: number;
  theirs: number;
  ours: number;
}): Diagnostic {
  const { reader, nodes, neurons, theirs, ours } = facts;
  return {
    code: "reader/reset-value-differs",
    severity: "warning",
    message: `${reader} resets ${plural(neurons, "neuron")} of ${quoted(nodes)} to ${tidy(theirs)} thresholds, the file to ${tidy(ours)}.`,
    hint: "use v_reset 0.",
    data: { reader, nodes, neurons, theirs, ours },
  };
}

export function severalPorts(facts: {
  reader: string;
  type: "Input" | "Output";
  names: readonly string[];
  severity: "error" | "warning";
  says: string;
}): Diagnostic {
  const { reader, type, names, severity, says } = facts;
  return {
    code: "reader/several-ports",
    severity,
    message: `${reader} is made for one ${type} node; there are ${names.length}: ${quoted(names)}.`,
    subject: "/node/nodes",
    hint: `join them into one ${type} node.`,
    data: { reader, type, names, says },
  };
}

export function timeUnitDiffers(facts: { reader: string; theirs: string; ours: string }): Diagnostic {
  const { reader, theirs, ours } = facts;
  return {
    code: "reader/time-unit-differs",
    severity: "warning",
    message: `${reader} takes time constants for ${theirs}; those of this file are in ${ours}.`,
    hint: `multiply the time constants so that they are in ${theirs}.`,
    data: { reader, theirs, ours },
  };
}

export function typeMismatch(facts: {
  reader: string;
  from: string;
  output: Shape;
  to: string;
  input: Shape;
}): Diagnostic {
  const { reader, from, output, to, input } = facts;
  return {
    code: "reader/type-mismatch",
    severity: "error",
    message: `${reader} wants equal shapes: "${from}" gives ${shapeText(output)}, but "${to}" takes ${shapeText(input)}.`,
    subject: "/node/edges",
    hint: FIX,
    data: { reader, from, output, to, input, says: `type mismatch: ${from}.output` },
  };
}

export function unsupportedNode(facts: {
  reader: string;
  node: Node;
  takes: string;
  says: string;
}): Diagnostic {
  const { reader, node, takes, says } = facts;
  return {
    code: "reader/unsupported-node",
    severity: "error",
    message: `${reader} has nothing for ${node.type} "${node.name}"; it takes ${takes}.`,
    subject: `${node.path}/type`,
    hint: "express it with those types, or choose another reader.",
    data: { reader, node: node.name, type: node.type, says },
  };
}

export function valueRefused(facts: {
  reader: string;
  node: Node;
  field: string;
  needs: string;
  found: string;
  says: string;
}): Diagnostic {
  const { reader, node, field, needs, found, says } = facts;
  return {
    code: "reader/value-refused",
    severity: "error",
    message: `${reader} needs ${field} of ${node.type} "${node.name}" to be ${needs}; the file has ${found}.`,
    subject: `${node.path}/${field}`,
    hint: "rescale the layer so that it is, or choose another reader.",
    data: { reader, node: node.name, field, needs, found, says },
  };
}

/** Up to three names. */
function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${name}"`);
  return names.length > 3 ? `${shown.join(", ")} and ${names.length - 3} more` : shown.join(", ");
}
