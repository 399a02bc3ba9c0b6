// Messages about constructs that are well-formed and still stop or mislead other readers, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";

interface Node {
  readonly name: string;
  readonly path: string;
  readonly type: string;
}

export function cycleForm(facts: { edges: readonly string[] }): Diagnostic {
  const { edges } = facts;
  return {
    code: "nir/cycle-form",
    severity: "note",
    message: `the cycle closed by ${edges.slice(0, 3).join(", ")}${edges.length > 3 ? ` and ${edges.length - 3} more` : ""} is not a pair of neurons and recurrent weights.`,
    subject: "/node/edges",
    hint: "write recurrence as LIF or CubaLIF ⇄ Linear or Affine, with nothing else at the weights.",
    data: { edges },
  };
}

export function dottedEdge(facts: {
  edge: readonly [from: string, to: string];
  position: number;
  path: string;
  name: string;
}): Diagnostic {
  const { edge, position, path, name } = facts;
  return {
    code: "nir/dotted-edge",
    severity: "warning",
    message: `the edge "${edge[0]}" -> "${edge[1]}" reaches into a nested graph with "${name}"; the reference reader refuses it.`,
    subject: `${path}/edges[${position}]`,
    hint: "let check --fix take nested graphs apart.",
    data: { edge, name },
  };
}

export function inputThroughRecurrence(node: Node): Diagnostic {
  return {
    code: "nir/input-through-recurrence",
    severity: "warning",
    message: `in the recurrent layer "${node.name}" the input only arrives through the recurrent weights, as Spyx writes it; it is computed so.`,
    subject: node.path,
    hint: "if Spyx wrote it, let the edge from the Input lead to the neurons.",
    data: { node: node.name },
  };
}

export function leakLevel(facts: { node: Node; example: number }): Diagnostic {
  const { node, example } = facts;
  return {
    code: "nir/leak-level",
    severity: "note",
    message: `v_leak of ${node.type} "${node.name}" is not 0 everywhere; one value is ${example}.`,
    subject: `${node.path}/v_leak`,
    hint: "shift membrane, threshold and reset so that v_leak is 0, or use a bias.",
    data: { node: node.name, example },
  };
}

export function mixedParameters(facts: {
  node: Node;
  fields: readonly string[];
  readers: readonly string[];
}): Diagnostic {
  const { node, fields, readers } = facts;
  return {
    code: "nir/mixed-parameters",
    severity: "note",
    message: `the neurons of ${node.type} "${node.name}" differ in ${fields.join(", ")}.`,
    subject: node.path,
    hint: "see check --for all: some readers take one value for each layer.",
    data: { node: node.name, fields, readers },
  };
}

export function nestedGraph(node: Node): Diagnostic {
  return {
    code: "nir/nested-graph",
    severity: "note",
    message: `"${node.name}" is a graph inside the graph.`,
    subject: node.path,
    hint: "let check --fix take it apart.",
    data: { node: node.name },
  };
}

export function optionalField(facts: { node: Node; field: string; value: number | string }): Diagnostic {
  const { node, field, value } = facts;
  return {
    code: "nir/optional-field",
    severity: "note",
    message: `${node.type} "${node.name}" lacks ${field}, as older writers leave it; ${value} is meant.`,
    subject: `${node.path}/${field}`,
    hint: "let check --fix write it.",
    data: { field, value },
  };
}

export function scalarWindow(facts: {
  node: Node;
  fields: readonly string[];
  readers: readonly string[];
}): Diagnostic {
  const { node, fields, readers } = facts;
  return {
    code: "nir/scalar-window",
    severity: "warning",
    message: `${fields.join(" and ")} of ${node.type} "${node.name}" ${fields.length === 1 ? "is a single number" : "are single numbers"}; snnTorch and Norse refuse the file.`,
    subject: `${node.path}/${fields[0]}`,
    hint: "write [height, width], or let check --fix do it.",
    data: { fields, readers },
  };
}

export function severalInputs(facts: { names: readonly string[] }): Diagnostic {
  const { names } = facts;
  return {
    code: "nir/several-inputs",
    severity: "note",
    message: `the graph has ${names.length} Input nodes: ${names.map((name) => `"${name}"`).join(", ")}.`,
    subject: "/node/nodes",
    hint: "join them into one Input with Linear nodes behind it.",
    data: { names },
  };
}
