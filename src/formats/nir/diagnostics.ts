// Messages about the graph and its shapes, in alphabetical order. Those about fields, values and
// conventions are in diagnostics-values.ts, those about the file itself in diagnostics-file.ts.
import type { Diagnostic } from "#util/diagnostic";
import { shapeText, type Shape } from "./fields.ts";

interface Named {
  readonly name: string;
  readonly path: string;
}

interface Edge {
  readonly edge: readonly [from: string, to: string];
  /** Row in the edge list. */
  readonly position: number;
  /** Of the graph that holds the edge. */
  readonly path: string;
}

const edgeText = ({ edge }: Edge): string => `"${edge[0]}" -> "${edge[1]}"`;
const edgePath = ({ path, position }: Edge): string => `${path}/edges[${position}]`;

export function ambiguousPort(
  facts: Edge & { name: string; side: "from" | "to"; ports: readonly string[] },
): Diagnostic {
  const { name, side, ports } = facts;
  const what = side === "to" ? "Input" : "Output";
  const many = `has ${ports.length} (${ports.map((port) => `"${port}"`).join(", ")})`;
  return {
    code: "nir/ambiguous-port",
    severity: "error",
    message: `the edge ${edgeText(facts)} needs one ${what} node inside "${name}", but it ${ports.length === 0 ? "has none" : many}.`,
    subject: edgePath(facts),
    hint:
      ports.length === 0
        ? `add an ${what} node to the nested graph "${name}".`
        : `name the port in the edge: "${name}.${ports[0]}".`,
    data: { edge: facts.edge, ports },
  };
}

export function batchAxis(facts: { node: Named; declared: Shape; used: Shape }): Diagnostic {
  const { node, declared, used } = facts;
  return {
    code: "nir/batch-axis",
    severity: "warning",
    message: `"${node.name}" has shape ${shapeText(declared)}, but ${shapeText(used)} fits its neighbours; the axes in front are taken for batch or time and left out.`,
    subject: node.path,
    hint: "write shapes without batch and time axes, or let check --fix do it.",
    data: { declared, used },
  };
}

export function drivenInput(node: Named): Diagnostic {
  return {
    code: "nir/driven-input",
    severity: "warning",
    message: `edges lead to Input "${node.name}"; it passes on their sum, and an Input in front of it takes the data.`,
    subject: node.path,
    hint: "let the edges lead to the node behind the Input.",
  };
}

export function duplicateEdge(facts: Edge): Diagnostic {
  return {
    code: "nir/duplicate-edge",
    severity: "warning",
    message: `the edge ${edgeText(facts)} stands in the file more than once; it is counted once.`,
    subject: edgePath(facts),
    hint: "double the weights if the input was meant to count twice.",
    data: { edge: facts.edge },
  };
}

export function emptyGraph(): Diagnostic {
  return {
    code: "nir/empty-graph",
    severity: "error",
    message: "the graph has no nodes; a network needs at least one.",
    subject: "/node/nodes",
    hint: "export the model again and look whether its modules were traced.",
  };
}

export function flattenedSubgraph(facts: { name: string; path: string }): Diagnostic {
  const { name, path } = facts;
  return {
    code: "nir/flattened-subgraph",
    severity: "warning",
    message: `edges name "${name}", which is no node, but "${name}.input" and "${name}.output" are; edges to it go to the one and edges from it start at the other.`,
    subject: `${path}/edges`,
    hint: `write the edges to "${name}.input" and from "${name}.output", or let check --fix do it.`,
    data: { name },
  };
}

export function flattenRange(facts: { node: Named; input: Shape }): Diagnostic {
  const { node, input } = facts;
  return {
    code: "nir/flatten-range",
    severity: "error",
    message: `Flatten "${node.name}" needs 0 <= start_dim <= end_dim < ${input.length}, for ${shapeText(input)} arrives; its numbers are outside.`,
    subject: node.path,
    hint: "count axes without the batch: start_dim 0 and end_dim -1 flatten everything.",
    data: { input },
  };
}

export function implicitBroadcast(facts: { node: Named; own: Shape; used: Shape; way: string }): Diagnostic {
  const { node, own, used, way } = facts;
  return {
    code: "nir/broadcast",
    severity: "warning",
    message: `the parameters of "${node.name}" have shape ${shapeText(own)}, but ${shapeText(used)} arrives; they are used for ${way}.`,
    subject: node.path,
    hint: "write parameters in the full shape of the layer, or let check --fix do it.",
    data: { own, used },
  };
}

export function inputShapeAssumed(facts: { node: Named; used: Shape }): Diagnostic {
  const { node, used } = facts;
  return {
    code: "nir/input-shape-assumed",
    severity: "warning",
    message: `convolution "${node.name}" has no input_shape; ${shapeText(used)} arrives and is used.`,
    subject: `${node.path}/input_shape`,
    hint: "let check --fix write it.",
    data: { used },
  };
}

export function kernelTooLarge(facts: { node: Named; reach: Shape; padded: Shape }): Diagnostic {
  const { node, reach, padded } = facts;
  return {
    code: "nir/kernel-too-large",
    severity: "error",
    message: `the window of "${node.name}" covers ${shapeText(reach)}, but its input with padding is ${shapeText(padded)}.`,
    subject: node.path,
    hint: "add padding, or use a smaller kernel or dilation.",
    data: { reach, padded },
  };
}

export function missingPorts(facts: { added: readonly { port: string; node: string }[] }): Diagnostic {
  const { added } = facts;
  const shown = added.slice(0, 5).map(({ port, node }) => `"${port}" at "${node}"`);
  const more = added.length > shown.length ? `, and ${added.length - shown.length} more` : "";
  return {
    code: "nir/ports-added",
    severity: "warning",
    message: `nodes without input or output got Input and Output nodes: ${shown.join(", ")}${more}.`,
    subject: "/node/nodes",
    hint: "give every end of the graph an Input or Output node, or let check --fix do it.",
    data: { added },
  };
}

export function nestedTooDeep(facts: { node: Named; limit: number }): Diagnostic {
  const { node, limit } = facts;
  return {
    code: "nir/nested-too-deep",
    severity: "error",
    message: `"${node.name}" is a graph nested more than ${limit} levels deep; ${limit} are read.`,
    subject: node.path,
    hint: "flatten the graph before export.",
    data: { limit },
  };
}

export function noPort(facts: { type: "Input" | "Output" }): Diagnostic {
  const { type } = facts;
  return {
    code: type === "Input" ? "nir/no-input" : "nir/no-output",
    severity: "error",
    message: `the graph has no ${type} node, and none can be added: every node is part of a cycle.`,
    subject: "/node/nodes",
    hint: `add an ${type} node and an edge ${type === "Input" ? "from" : "to"} it.`,
  };
}

export function outputShapeIgnored(facts: {
  node: Named & { type: string };
  declared: Shape;
  used: Shape;
}): Diagnostic {
  const { node, declared, used } = facts;
  return {
    code: "nir/port-shape",
    severity: "warning",
    message: `${node.type} "${node.name}" says shape ${shapeText(declared)}, but ${shapeText(used)} arrives; what arrives is used.`,
    subject: `${node.path}/shape`,
    hint: "let check --fix write the shape that arrives.",
    data: { declared, used },
  };
}

export function parameterShapes(facts: { node: Named; shapes: readonly string[]; used: Shape }): Diagnostic {
  const { node, shapes, used } = facts;
  return {
    code: "nir/parameter-shapes",
    severity: "error",
    message: `the parameters of "${node.name}" need one shape, ${shapeText(used)}; there are ${shapes.join(", ")}.`,
    subject: node.path,
    hint: "write every parameter in the full shape of the layer.",
    data: { shapes, used },
  };
}

export function reshaped(facts: { from: Named; output: Shape; to: Named; input: Shape }): Diagnostic {
  const { from, output, to, input } = facts;
  return {
    code: "nir/reshaped",
    severity: "warning",
    message: `"${from.name}" gives ${shapeText(output)} and "${to.name}" takes ${shapeText(input)}; the elements are joined in C order.`,
    subject: to.path,
    hint: "put a Flatten node between them if a flattening was meant.",
    data: { from: from.name, output, to: to.name, input },
  };
}

export function sameWithStride(facts: { node: Named; stride: Shape; output: Shape }): Diagnostic {
  const { node, stride, output } = facts;
  return {
    code: "nir/same-with-stride",
    severity: "warning",
    message: `"${node.name}" pads "same" with stride ${shapeText(stride)}, which PyTorch refuses and the reference reader takes for an unchanged size; the output is ${shapeText(output)}.`,
    subject: `${node.path}/padding`,
    hint: "write the padding as numbers, or let check --fix do it.",
    data: { stride, output },
  };
}

export function shapeMismatch(facts: { from: Named; output: Shape; to: Named; input: Shape }): Diagnostic {
  const { from, output, to, input } = facts;
  return {
    code: "nir/shape-mismatch",
    severity: "error",
    message: `"${from.name}" gives ${shapeText(output)}, but "${to.name}" takes ${shapeText(input)}.`,
    subject: to.path,
    hint: "compare the two layers in the framework that wrote the file; one of them was exported with another size.",
    data: { from: from.name, output, to: to.name, input },
  };
}

export function shapeUnknown(node: Named & { type: string }): Diagnostic {
  return {
    code: "nir/shape-unknown",
    severity: "error",
    message: `the input shape of ${node.type} "${node.name}" follows neither from its fields nor from what arrives.`,
    subject: node.path,
    hint: "write the shape into the Input node, or input_shape into the convolution.",
  };
}

export function tooLarge(facts: { node: Named; shape: Shape; elements: number; limit: number }): Diagnostic {
  const { node, shape, elements, limit } = facts;
  return {
    code: "nir/too-large",
    severity: "error",
    message: `"${node.name}" has ${elements} elements in shape ${shapeText(shape)}; ${limit} are the most that one node may have.`,
    subject: node.path,
    hint: "look at the shape fields of the file; a number in them is probably damaged.",
    data: { shape, elements, limit },
  };
}

export function unconnectedNode(node: Named): Diagnostic {
  return {
    code: "nir/unconnected-node",
    severity: "warning",
    message: `no edge leads to or from "${node.name}"; it has no effect.`,
    subject: node.path,
    hint: "remove the node, or add the edges it lacks.",
  };
}

export function unknownEdgeNode(facts: Edge & { name: string; nearest?: string }): Diagnostic {
  const { name, nearest } = facts;
  const question = nearest === undefined ? "." : `; did you mean "${nearest}"?`;
  return {
    code: "nir/unknown-edge-node",
    severity: "error",
    message: `the edge ${edgeText(facts)} names "${name}", but there is no such node${question}`,
    subject: edgePath(facts),
    hint: "correct the edge, or add the node.",
    data: { edge: facts.edge, name, ...(nearest === undefined ? {} : { nearest }) },
  };
}

export function unreachable(facts: { nodes: readonly Named[] }): Diagnostic {
  const { nodes } = facts;
  const shown = nodes.slice(0, 5).map((node) => `"${node.name}"`);
  const more = nodes.length > shown.length ? ` and ${nodes.length - shown.length} more` : "";
  return {
    code: "nir/unreachable",
    severity: "warning",
    message: `no input leads to ${shown.join(", ")}${more}; only their own bias or leak can make them fire.`,
    subject: nodes[0].path,
    hint: "add the edge from the input side, or remove them.",
    data: { nodes: nodes.map((node) => node.name) },
  };
}
