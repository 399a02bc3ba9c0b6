import { isArray, sameShape, type Shape } from "../fields.ts";
import { perAxis } from "../geometry.ts";
import type { NirGraph, NirNode } from "../graph.ts";
import { nodeType } from "../nodes.ts";
import {
  constructorRefuses,
  edgeRefused,
  graphRefused,
  typeMismatch,
  unsupportedNode,
} from "./diagnostics.ts";
import type { Report } from "./reader.ts";

/** Fields that NIR asks for and the reference reader has a default for. */
const PYTHON_DEFAULTS = new Set(["start_dim", "end_dim"]);

interface Types {
  input: Shape | undefined;
  output: Shape | undefined;
}

/**
 * What `nir.read` of Python (1.0.7 and 1.0.8) refuses: fields it does not know or misses, parameters of
 * different shapes, and edges whose ends are not exactly equal in shape.
 *
 * Its own mistakes are kept: the channels of one group count for all, the height of a kernel for its width,
 * "same" for an unchanged size.
 *
 * @param reader   whose name the messages bear: every importer written in Python reads through it
 * @param typeCheck false: as `nir.read(type_check=False)`, which still checks nested graphs
 */
export function reportStrictFaults(root: NirGraph, reader: string, typeCheck: boolean, report: Report): void {
  for (const node of root.nodes) constructNode(node, reader, report);
  if (typeCheck) checkTypes(root, reader, report);
}

function constructNode(node: NirNode, reader: string, report: Report): void {
  if (node.name.includes("/")) {
    const problem = 'HDF5 takes the "/" in its name for a folder';
    report(constructorRefuses({ reader, node, problem, says: "KeyError: 'type'" }));
    return;
  }
  if (node.graph !== undefined) {
    for (const inner of node.graph.nodes) constructNode(inner, reader, report);
    checkTypes(node.graph, reader, report);
    return;
  }
  const definition = nodeType(node.type);
  if (definition === undefined) {
    report(
      unsupportedNode({ reader, node, takes: "the types of the specification", says: "AssertionError" }),
    );
    return;
  }
  for (const { name, presence } of definition.fields) {
    if (presence === "optional" || PYTHON_DEFAULTS.has(name) || node.fields[name] !== undefined) continue;
    const says = `missing 1 required positional argument: '${name}'`;
    report(constructorRefuses({ reader, node, problem: `${name} is missing`, says }));
  }
  for (const field of Object.keys(node.fields)) {
    if (definition.fields.some(({ name }) => name === field)) continue;
    const says = `got an unexpected keyword argument '${field}'`;
    report(
      constructorRefuses({ reader, node, problem: `it has a field "${field}" that NIR does not know`, says }),
    );
  }
  if (definition.kind !== "neuron") return;
  const shapes = parameterShapes(node);
  if (shapes.some((shape) => !sameShape(shape, shapes[0]))) {
    const problem = "its parameters have different shapes";
    report(constructorRefuses({ reader, node, problem, says: "All parameters must have the same shape" }));
  }
}

/** Shapes that must be equal: `w_in` is spread, and so is a `v_reset` of zeros. */
function parameterShapes({ type, fields }: NirNode): Shape[] {
  return (nodeType(type)?.fields ?? []).flatMap(({ name }) => {
    const field = fields[name];
    if (!isArray(field) || name === "w_in") return [];
    return name === "v_reset" && field.data.every((value) => value === 0) ? [] : [field.shape];
  });
}

function checkTypes({ nodes, edges }: NirGraph, reader: string, report: Report): void {
  const types = new Map(nodes.map((node) => [node.name, constructedTypes(node)]));
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const missing = new Set(edges.flat().filter((name) => !types.has(name)));
  for (const [from, to] of edges) {
    const lost = [from, to].find((name) => missing.has(name));
    if (lost === undefined) continue;
    report(
      edgeRefused({ reader, from, to, problem: `there is no node "${lost}"`, says: `KeyError: '${lost}'` }),
    );
  }
  for (const node of nodes) {
    if (node.graph === undefined) continue;
    for (const type of ["Input", "Output"] as const) {
      const count = node.graph.nodes.filter((inner) => inner.type === type).length;
      if (count < 2 || !edges.some((edge) => edge[type === "Input" ? 1 : 0] === node.name)) continue;
      const problem = `the nested graph "${node.name}" has ${count} ${type} nodes`;
      report(graphRefused({ reader, problem, says: "multiple input/output types not supported" }));
    }
  }
  spreadTypes(edges, types, byName);
  for (const [from, to] of edges) {
    const output = types.get(from)?.output;
    const input = types.get(to)?.input;
    if (output === undefined || input === undefined || sameShape(output, input)) continue;
    report(typeMismatch({ reader, from, output, to, input }));
  }
}

/** Fills in what construction leaves open (pools, Flatten), along the edges, until nothing changes. */
function spreadTypes(
  edges: NirGraph["edges"],
  types: ReadonlyMap<string, Types>,
  nodes: ReadonlyMap<string, NirNode>,
): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const [from, to] of edges) {
      const source = types.get(from);
      const sink = types.get(to);
      const node = nodes.get(to);
      if (source?.output === undefined || sink === undefined || node === undefined) continue;
      if (sink.input !== undefined && sink.output !== undefined) continue;
      sink.input ??= source.output;
      sink.output ??= outputOf(node, sink.input);
      changed = sink.output !== undefined || changed;
    }
  }
}

function constructedTypes(node: NirNode): Types {
  const { type, fields, graph } = node;
  if (graph !== undefined) {
    const portShape = (port: string): Shape | undefined => {
      const found = graph.nodes.filter((inner) => inner.type === port);
      return found.length === 1 ? numbers(found[0], "shape") : undefined;
    };
    return { input: portShape("Input"), output: portShape("Output") };
  }
  switch (type) {
    case "Input":
    case "Output": {
      const shape = numbers(node, "shape");
      return { input: shape, output: shape };
    }
    case "Linear":
    case "Affine": {
      const weight = shapeOf(node, "weight");
      if (weight === undefined || weight.length < 2) return { input: undefined, output: undefined };
      const lead = weight.slice(0, -2);
      const [outs, ins] = weight.slice(-2);
      return { input: [...lead, ins], output: [...lead, outs] };
    }
    case "Conv1d":
    case "Conv2d": {
      const weight = shapeOf(node, "weight");
      const spatial = numbers(node, "input_shape");
      if (weight === undefined || spatial === undefined) return { input: undefined, output: undefined };
      const input = [weight[1], ...spatial];
      return { input, output: outputOf(node, input) };
    }
    case "SumPool2d":
    case "AvgPool2d":
      return { input: undefined, output: undefined };
    case "Flatten": {
      const input = numbers(node, "input_type");
      return { input, output: input === undefined ? undefined : outputOf(node, input) };
    }
    default: {
      const first = nodeType(type)?.fields.find(({ name }) => isArray(fields[name]))?.name;
      const shape = first === undefined ? undefined : shapeOf(node, first);
      return { input: shape, output: shape };
    }
  }
}

function outputOf(node: NirNode, input: Shape): Shape | undefined {
  const { type, fields } = node;
  switch (type) {
    case "Conv1d":
    case "Conv2d": {
      const weight = shapeOf(node, "weight");
      return weight === undefined ? undefined : window(node, input, weight[0], weight[2]);
    }
    case "SumPool2d":
    case "AvgPool2d":
      return window(node, input, input[0], undefined);
    case "Flatten": {
      const start = isArray(fields.start_dim) ? fields.start_dim.data[0] : 1;
      const end = isArray(fields.end_dim) ? fields.end_dim.data[0] : -1;
      const last = end === -1 ? input.length - 1 : end;
      const joined = input.slice(start, last + 1).reduce((a, b) => a * b, 1);
      return [...input.slice(0, start), joined, ...input.slice(last + 1)];
    }
    default:
      return input;
  }
}

/** As the reference computes it: one kernel length for every axis of a convolution. */
function window(
  node: NirNode,
  input: Shape,
  channels: number,
  kernel: number | undefined,
): Shape | undefined {
  const { fields, type } = node;
  const spatial = input.slice(1);
  const axes = spatial.length;
  const lengths = kernel === undefined ? perAxis(fields.kernel_size, axes, 1) : spatial.map(() => kernel);
  const stride = perAxis(fields.stride, axes, 1);
  const dilation = type.startsWith("Conv") ? perAxis(fields.dilation, axes, 1) : spatial.map(() => 1);
  const { padding } = fields;
  const zeros = padding === "valid" || padding === "same" ? spatial.map(() => 0) : perAxis(padding, axes, 0);
  if (lengths === undefined || stride === undefined || dilation === undefined || zeros === undefined)
    return undefined;
  if (padding === "same") return [channels, ...spatial];
  return [
    channels,
    ...spatial.map(
      (length, a) => Math.floor((length + 2 * zeros[a] - dilation[a] * (lengths[a] - 1) - 1) / stride[a]) + 1,
    ),
  ];
}

function shapeOf(node: NirNode, field: string): Shape | undefined {
  const value = node.fields[field];
  return isArray(value) ? value.shape : undefined;
}

function numbers(node: NirNode, field: string): Shape | undefined {
  const value = node.fields[field];
  return isArray(value) ? Array.from(value.data) : undefined;
}
