// What Python's reference reader does with a NIR file, written from its rules alone (node constructors, type
// inference, edge check, its bugs included); nothing of the project's own reader is used.

/** A file as data; the project's `NirFile` fits. */
export interface OracleFile {
  readonly root: OracleGraph;
}

export interface OracleGraph {
  readonly nodes: readonly OracleNode[];
  readonly edges: readonly (readonly [string, string])[];
}

export interface OracleNode {
  readonly name: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, OracleField>>;
  readonly graph?: OracleGraph;
}

type OracleField =
  | string
  | readonly string[]
  | { readonly data: ArrayLike<number>; readonly shape: readonly number[]; readonly dtype: string };

type Shape = readonly number[];
interface Types {
  readonly input: Shape | undefined;
  readonly output: Shape | undefined;
}

/** Constructor arguments: required ones, and those with a default. `shape` and `input_type` name the types. */
const ARGUMENTS: Readonly<Record<string, { required: string; optional?: string }>> = {
  Input: { required: "shape" },
  Output: { required: "shape" },
  Linear: { required: "weight" },
  Affine: { required: "weight bias" },
  Scale: { required: "scale" },
  Conv1d: { required: "input_shape weight stride padding dilation groups bias" },
  Conv2d: { required: "input_shape weight stride padding dilation groups bias" },
  SumPool2d: { required: "kernel_size stride padding" },
  AvgPool2d: { required: "kernel_size stride padding" },
  Flatten: { required: "", optional: "input_type start_dim end_dim" },
  Delay: { required: "delay" },
  Threshold: { required: "threshold" },
  I: { required: "r" },
  IF: { required: "r v_threshold", optional: "v_reset" },
  LI: { required: "tau r v_leak" },
  LIF: { required: "tau r v_leak v_threshold", optional: "v_reset" },
  CubaLI: { required: "tau_syn tau_mem r v_leak", optional: "w_in" },
  CubaLIF: { required: "tau_syn tau_mem r v_leak v_threshold", optional: "v_reset w_in" },
  NIRGraph: { required: "" },
};

/** Every reason why `nir.read` with type check would refuse the file; empty: it reads. */
export function referenceFaults({ root }: OracleFile): string[] {
  return graphFaults(root, "");
}

/**
 * What the reference reader takes, but other readers are known to stumble over: duplicate edges, padding in words,
 * parameters that need broadcasting, nested graphs, ports that readers would have to add.
 */
export function riskyWriting({ root }: OracleFile): string[] {
  const risks: string[] = [];
  const seen = new Set<string>();
  for (const [from, to] of root.edges) {
    if (seen.has(`${from}\n${to}`)) risks.push(`duplicate edge ${from} -> ${to}`);
    seen.add(`${from}\n${to}`);
  }
  const sources = new Set(root.edges.map(([from]) => from));
  const targets = new Set(root.edges.map(([, to]) => to));
  for (const { name, type, fields, graph } of root.nodes) {
    if (graph !== undefined) risks.push(`${name} is a nested graph`);
    if (type === "NIRGraph") continue;
    const { required, optional = "" } = ARGUMENTS[type] ?? { required: "" };
    for (const field of words(`${required} ${optional}`))
      if (!(field in fields)) risks.push(`${name} leaves ${field} to its default`);
    if (typeof fields["padding"] === "string") risks.push(`${name} has padding in words`);
    if (!targets.has(name) && type !== "Input") risks.push(`${name} has no input`);
    if (!sources.has(name) && type !== "Output") risks.push(`${name} has no output`);
    const scalars = new Set(["start_dim", "end_dim", "groups"]);
    if (type === "Conv1d")
      for (const field of ["stride", "padding", "dilation", "input_shape"]) scalars.add(field);
    for (const [field, value] of Object.entries(fields))
      if (isArray(value) && value.shape.length === 0 && !scalars.has(field))
        risks.push(`${name}.${field} is a scalar`);
  }
  return risks;
}

function graphFaults(graph: OracleGraph, path: string): string[] {
  const faults: string[] = [];
  const types = new Map<string, Types>();
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  for (const node of graph.nodes) {
    const own = path + node.name;
    if (node.name === "" || node.name.includes("/")) faults.push(`${own}: "/" in the name`);
    faults.push(...argumentFaults(node, own));
    if (node.graph !== undefined) faults.push(...graphFaults(node.graph, `${own}/`));
    types.set(node.name, typesOf(node));
  }
  if (faults.length > 0) return faults;
  for (const [from, to] of graph.edges)
    for (const end of [from, to])
      if (!byName.has(end)) faults.push(`${path}: an edge to "${end}", which is not there`);
  if (faults.length > 0) return faults;
  addPorts(graph, types, byName);
  for (const type of ["Input", "Output"])
    if (![...byName.values()].some((node) => node.type === type)) faults.push(`${path}: no ${type}`);
  infer(graph, types, byName);
  for (const [from, to] of graph.edges) {
    const output = types.get(from)?.output;
    const input = types.get(to)?.input;
    if (output === undefined || input === undefined) faults.push(`${path}${from} -> ${to}: no type`);
    else if (!equal(output, input))
      faults.push(`${path}${from} [${output.join()}] -> ${to} [${input.join()}]`);
  }
  return faults;
}

/** Roots that are not Input, and leaves that are not Output, get ports of their own. */
function addPorts(graph: OracleGraph, types: Map<string, Types>, byName: Map<string, OracleNode>): void {
  const sources = new Set(graph.edges.map(([from]) => from));
  const targets = new Set(graph.edges.map(([, to]) => to));
  const add = (wanted: string, type: string, shape: Shape | undefined): void => {
    let name = wanted;
    for (let i = 0; byName.has(name); i++) name = `${wanted}_${i}`;
    byName.set(name, { name, type, fields: {} });
    types.set(name, { input: shape, output: shape });
  };
  for (const { name, type } of graph.nodes) {
    if (!targets.has(name) && type !== "Input") add(`input_${name}`, "Input", types.get(name)?.input);
    if (!sources.has(name) && type !== "Output") add(`output_${name}`, "Output", types.get(name)?.output);
  }
}

/** Pools and Flatten without a type take it from what arrives, in the order of a walk from the inputs. */
function infer(graph: OracleGraph, types: Map<string, Types>, byName: Map<string, OracleNode>): void {
  const next = new Map<string, string[]>();
  for (const [from, to] of graph.edges) next.set(from, [...(next.get(from) ?? []), to]);
  const ready = [...byName.values()].filter(({ type }) => type === "Input").map(({ name }) => name);
  const seen = new Set(ready);
  for (let name = ready.shift(); name !== undefined; name = ready.shift())
    for (const to of next.get(name) ?? []) {
      const post = byName.get(to) as OracleNode;
      if (types.get(to)?.input === undefined) types.set(to, arriving(post, types.get(name)?.output));
      if (!seen.has(to)) ready.push(to);
      seen.add(to);
    }
}

function arriving(node: OracleNode, shape: Shape | undefined): Types {
  if (shape === undefined) return { input: undefined, output: undefined };
  if (node.type === "SumPool2d" || node.type === "AvgPool2d") {
    const [kernel, stride, padding] = ["kernel_size", "stride", "padding"].map((name) => numbers(node, name));
    const spatial = shape
      .slice(1)
      .map((length, axis) => positions(length, at(padding, axis), 1, at(kernel, axis), at(stride, axis)));
    return { input: shape, output: [shape[0], ...spatial] };
  }
  if (node.type === "Flatten") return { input: shape, output: flattened(node, shape) };
  return { input: shape, output: shape };
}

/** What the constructor would raise. */
function argumentFaults(node: OracleNode, path: string): string[] {
  const known = ARGUMENTS[node.type];
  if (known === undefined) return [`${path}: unknown type ${node.type}`];
  const required = words(known.required);
  const all = [...required, ...words(known.optional ?? "")];
  const faults = [
    ...required.filter((name) => !(name in node.fields)).map((name) => `${path}: ${name} is missing`),
    ...Object.keys(node.fields)
      .filter((name) => !all.includes(name))
      .map((name) => `${path}: unexpected ${name}`),
  ];
  if (faults.length > 0) return faults;
  const weight = shapeOf(node, "weight");
  if ((node.type === "Linear" || node.type === "Affine") && (weight?.length ?? 0) < 2)
    faults.push(`${path}: weights must have two axes`);
  const padding = node.fields["padding"];
  if (typeof padding === "string" && padding !== "same" && padding !== "valid")
    faults.push(`${path}: padding "${padding}"`);
  if (isNeuron(node.type)) {
    const shapes = Object.keys(node.fields)
      .filter((name) => name !== "w_in")
      .map((name) => shapeOf(node, name));
    if (shapes.some((shape) => shape === undefined || !equal(shape, shapes[0] ?? [])))
      faults.push(`${path}: parameters of different shapes`);
  }
  return faults;
}

const isNeuron = (type: string): boolean => ["I", "IF", "LI", "LIF", "CubaLI", "CubaLIF"].includes(type);

/** Types that the constructor sets. */
function typesOf(node: OracleNode): Types {
  const same = (shape: Shape | undefined): Types => ({ input: shape, output: shape });
  const weight = shapeOf(node, "weight") ?? [];
  switch (node.type) {
    case "Input":
    case "Output":
      return same(numbers(node, "shape"));
    case "Linear":
    case "Affine": {
      const lead = weight.slice(0, -2);
      return { input: [...lead, weight[weight.length - 1]], output: [...lead, weight[weight.length - 2]] };
    }
    case "Conv1d":
    case "Conv2d": {
      // The channels of one group stand for all, and the first side of the kernel for both.
      const spatial = numbers(node, "input_shape");
      const padding = node.fields["padding"];
      const [stride, dilation] = ["stride", "dilation"].map((name) => numbers(node, name));
      const output = spatial.map((length, axis) => {
        if (padding === "same") return length;
        const each = padding === "valid" ? 0 : at(numbers(node, "padding"), axis);
        return positions(length, each, at(dilation, axis), weight[2], at(stride, axis));
      });
      return { input: [weight[1], ...spatial], output: [weight[0], ...output] };
    }
    case "SumPool2d":
    case "AvgPool2d":
      return same(undefined);
    case "Flatten": {
      if (!("input_type" in node.fields)) return same(undefined);
      const input = numbers(node, "input_type");
      return { input, output: flattened(node, input) };
    }
    case "NIRGraph": {
      const port = (type: string): Shape | undefined => {
        const ports = node.graph?.nodes.filter((inner) => inner.type === type) ?? [];
        return ports.length === 1 ? numbers(ports[0], "shape") : undefined;
      };
      return { input: port("Input"), output: port("Output") };
    }
    case "Scale":
      return same(shapeOf(node, "scale"));
    case "Delay":
      return same(shapeOf(node, "delay"));
    case "Threshold":
      return same(shapeOf(node, "threshold"));
    default:
      return same(shapeOf(node, node.type === "I" || node.type === "IF" ? "r" : "v_leak"));
  }
}

function flattened(node: OracleNode, input: Shape): Shape {
  const start = at(numbers(node, "start_dim"), 0, 1);
  const last = at(numbers(node, "end_dim"), 0, -1);
  const end = last < 0 ? input.length + last : last;
  return [
    ...input.slice(0, start),
    input.slice(start, end + 1).reduce((product, length) => product * length, 1),
    ...input.slice(end + 1),
  ];
}

function positions(
  length: number,
  padding: number,
  dilation: number,
  kernel: number,
  stride: number,
): number {
  return Math.floor((length + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1);
}

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

const isArray = (field: OracleField | undefined): field is Exclude<OracleField, string | readonly string[]> =>
  typeof field === "object" && "data" in field;

function shapeOf(node: OracleNode, name: string): Shape | undefined {
  const field = node.fields[name];
  return isArray(field) ? field.shape : undefined;
}

function numbers(node: OracleNode, name: string): number[] {
  const field = node.fields[name];
  return isArray(field) ? Array.from(field.data) : [];
}

const at = (values: readonly number[], axis: number, fallback = 0): number =>
  values.length === 1 ? values[0] : (values[axis] ?? fallback);

const equal = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i]);
