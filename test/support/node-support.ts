// Which format carries what: importers say it, exporters are asked by giving them a small network of each kind.
import { NODE_TYPES } from "#formats/nir/nodes";
import { lowerNir } from "#formats/nir/lower";
import type { NirArray, NirFile, NirNode } from "#formats/nir/graph";
import { loihi1 } from "#targets/loihi1/index";
import type { Connectivity, Network } from "#ir/network";
import { NEURON_MODELS } from "#neurons/index";
import { DiagnosticSink, ToolchainError, invariant } from "#util/diagnostic";
import { EXPORTERS, FORMATS, exportModel, type Exporter, type ExportOptions } from "../../src/index.ts";
import { edge, input, loihiCuba, network, oneToOne, randomSparse } from "./networks.ts";
import { createRng } from "#util/rng";

/** One row of the table: what a NIR node becomes, or what NIR has no node for. */
interface Kind {
  readonly nir: string;
  readonly ours: string;
  /** What an importer must be able to give. */
  readonly needs: {
    readonly model?: string;
    readonly connectivity?: Connectivity["kind"];
    readonly delays?: true;
  };
  readonly examples: readonly Network[];
}

const ROWS: readonly (readonly [type: string, needs: Kind["needs"]])[] = [
  ["Linear, Affine", { connectivity: "dense" }],
  ["Conv1d, Conv2d", { connectivity: "kernel" }],
  ["SumPool2d, AvgPool2d", { connectivity: "kernel" }],
  ["Scale, Flatten", { connectivity: "diagonal" }],
  ["Delay", { delays: true }],
];

/** Table rows: NIR node, our name, then one cell for each importer and exporter. */
export async function nodeSupportTable(): Promise<{ heading: string[]; rows: string[][] }> {
  const heading = [
    "NIR node",
    "becomes",
    ...FORMATS.map(({ name }) => `read ${name}`),
    ...EXPORTERS.map(({ name }) => `write ${name}`),
  ];
  const rows = await Promise.all(
    kinds().map(async ({ nir, ours, needs, examples }) => {
      const read = FORMATS.map(({ supports }) => {
        const { model, connectivity, delays } = needs;
        const hasModel = model === undefined || supports.models.includes(model);
        const hasForm = connectivity === undefined || supports.connectivity.includes(connectivity);
        return mark(hasModel && hasForm && (delays !== true || supports.delays));
      });
      const written = await Promise.all(EXPORTERS.map((exporter) => writing(exporter, examples)));
      return [nir, ours, ...read, ...written];
    }),
  );
  return { heading, rows };
}

const mark = (isThere: boolean): string => (isThere ? "yes" : "–");

/** "yes", what option it takes to write these networks, or "–". */
async function writing(exporter: Exporter, examples: readonly Network[]): Promise<string> {
  if (await areWritten(exporter, {}, examples)) return mark(true);
  // Options that write another form of the network than the plain one.
  for (const { name, needs = {} } of exporter.options)
    for (const choice of Object.keys(needs))
      if (await areWritten(exporter, { [name]: choice }, examples))
        return `yes, \`--${name}${choice === "on" ? "" : ` ${choice}`}\``;
  return mark(false);
}

async function areWritten(
  exporter: Exporter,
  options: ExportOptions,
  examples: readonly Network[],
): Promise<boolean> {
  const written = await Promise.all(examples.map((example) => isWritten(exporter, options, example)));
  return written.every(Boolean);
}

async function isWritten(exporter: Exporter, options: ExportOptions, example: Network): Promise<boolean> {
  const mapping = () => ({ target: loihi1, options: {} });
  try {
    const files = await exportModel(example, exporter, options, mapping, {}, new DiagnosticSink());
    return files.length > 0;
  } catch (error) {
    if (error instanceof ToolchainError) return false;
    throw error;
  }
}

function kinds(): Kind[] {
  const maps = ROWS.map(([nir, needs]): Kind => {
    const ours = needs.connectivity === undefined ? "edge with a delay" : `\`relay\`, ${needs.connectivity}`;
    return { nir, ours, needs, examples: nir.split(", ").map(example) };
  });
  const neurons = NODE_TYPES.filter(({ kind }) => kind === "neuron").map(({ type, model = "" }): Kind => ({
    nir: type,
    ours: `\`${model}\``,
    needs: { model },
    examples: [example(type)],
  }));
  const known = new Set(neurons.map(({ needs }) => needs.model));
  const others = NEURON_MODELS.filter(
    ({ name, isOnCoresOnly }) =>
      !known.has(name) && name !== "input" && name !== "relay" && isOnCoresOnly !== true,
  ).map(({ name }): Kind => ({
    nir: "",
    ours: `\`${name}\``,
    needs: { model: name },
    examples: [otherExample(name)],
  }));
  const recurrent: Kind = {
    nir: "cycles",
    ours: "edge with a delay",
    needs: { delays: true },
    examples: [lowered(cycle())],
  };
  const sparse: Kind = {
    nir: "",
    ours: "sparse",
    needs: { connectivity: "sparse" },
    examples: [sparseExample()],
  };
  return [...maps, sparse, recurrent, ...neurons, ...others];
}

const SIDE = 4;

/** Input, the node between maps that keep shapes simple, and a LIF neuron behind it unless it is one itself. */
function example(type: string): Network {
  const isSpatial = /^(Conv|SumPool|AvgPool)/.test(type);
  const flat = isSpatial ? SIDE * SIDE : SIDE;
  if (type === "Flatten") return flattened();
  const shape = isSpatial ? (type === "Conv1d" ? [1, flat] : [1, SIDE, SIDE]) : [SIDE];
  const out = type === "Conv1d" ? [1, flat] : type.includes("Pool") ? [1, SIDE / 2, SIDE / 2] : shape;
  const neuron = neuronNode("LIF", out);
  const nodes: Record<string, NirNode> = {
    input: node("Input", { shape: numbers(shape) }),
    x: NODE_TYPES.some((entry) => entry.type === type && entry.kind === "neuron")
      ? neuronNode(type, shape)
      : mapNode(type),
    n: neuron,
    output: node("Output", { shape: numbers(out) }),
  };
  return lowered(
    fileOf(nodes, [
      ["input", "x"],
      ["x", "n"],
      ["n", "output"],
    ]),
  );
}

function flattened(): Network {
  const nodes = {
    input: node("Input", { shape: numbers([2, 2]) }),
    x: node("Flatten", { start_dim: filled(0, []), end_dim: filled(-1, []) }),
    n: neuronNode("LIF", [SIDE]),
    output: node("Output", { shape: numbers([SIDE]) }),
  };
  return lowered(
    fileOf(nodes, [
      ["input", "x"],
      ["x", "n"],
      ["n", "output"],
    ]),
  );
}

function cycle(): NirFile {
  const nodes = {
    input: node("Input", { shape: numbers([SIDE]) }),
    n: neuronNode("LIF", [SIDE]),
    back: mapNode("Linear"),
    output: node("Output", { shape: numbers([SIDE]) }),
  };
  return fileOf(nodes, [
    ["input", "n"],
    ["n", "back"],
    ["back", "n"],
    ["n", "output"],
  ]);
}

function mapNode(type: string): NirNode {
  const fields: Record<string, Record<string, NirArray>> = {
    Linear: { weight: filled(0.5, [SIDE, SIDE]) },
    Affine: { weight: filled(0.5, [SIDE, SIDE]), bias: filled(0.1, [SIDE]) },
    Scale: { scale: filled(0.5, [SIDE]) },
    Delay: { delay: filled(2e-4, [SIDE]) },
    Conv1d: { weight: filled(0.5, [1, 1, 3]), padding: numbers([1]) },
    Conv2d: { weight: filled(0.5, [1, 1, 3, 3]), padding: numbers([1, 1]) },
    AvgPool2d: { kernel_size: numbers([2, 2]), stride: numbers([2, 2]), padding: numbers([0, 0]) },
    SumPool2d: { kernel_size: numbers([2, 2]), stride: numbers([2, 2]), padding: numbers([0, 0]) },
  };
  return node(type, fields[type]);
}

const NEURON_VALUES: Readonly<Record<string, number>> = {
  tau: 1e-3,
  tau_syn: 1e-3,
  tau_mem: 2e-3,
  r: 1,
  v_leak: 0,
  v_threshold: 1,
  v_reset: 0,
  threshold: 1,
  w_in: 1,
};

function neuronNode(type: string, shape: readonly number[]): NirNode {
  const known = NODE_TYPES.find((entry) => entry.type === type);
  invariant(known !== undefined, `NIR has a node "${type}"`);
  return node(
    type,
    Object.fromEntries(known.fields.map(({ name }) => [name, filled(NEURON_VALUES[name], shape)])),
  );
}

function sparseExample(): Network {
  const synapses = randomSparse(createRng(1), SIDE, SIDE, 0.5, () => 0.5);
  return network([input("in", SIDE), ...lifOf()], [edge("in", "n", synapses)]);
}

const lifOf = () => [{ ...example("LIF").populations.filter(({ model }) => model === "lif")[0], name: "n" }];

/** Models that NIR has no node for. */
function otherExample(model: string): Network {
  const chip = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;
  if (model === "loihi-cuba")
    return network(
      [input("in", SIDE), loihiCuba("n", SIDE)],
      [edge("in", "n", oneToOne(SIDE, 2), { quantization: chip, delaySteps: 1 })],
    );
  const population = { name: "n", model, shape: [SIDE], size: SIDE, params: {} };
  return network(
    [input("in", SIDE), population, ...lifOf().map((lif) => ({ ...lif, name: "m" }))],
    [edge("in", "n", oneToOne(SIDE)), edge("n", "m", oneToOne(SIDE))],
  );
}

function lowered(file: NirFile): Network {
  const sink = new DiagnosticSink();
  const result = lowerNir(file, { name: "example", dtSeconds: 1e-4 }, sink);
  sink.throwIfErrors();
  invariant(result !== undefined, "an example is a network");
  return result;
}

const node = (type: string, fields: Readonly<Record<string, NirArray>>): NirNode => ({
  name: "",
  path: "",
  type,
  fields,
  metadata: {},
});

const fileOf = (
  nodes: Readonly<Record<string, NirNode>>,
  edges: readonly (readonly [string, string])[],
): NirFile => ({
  root: {
    nodes: Object.entries(nodes)
      .map(([name, content]) => ({ ...content, name, path: `/node/nodes/${name}` }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    edges,
    metadata: {},
  },
});

const numbers = (values: readonly number[]): NirArray => ({
  data: Float64Array.from(values),
  shape: [values.length],
  dtype: "float64",
});

const filled = (value: number, shape: readonly number[]): NirArray => ({
  data: new Float64Array(shape.reduce((size, extent) => size * extent, 1)).fill(value),
  shape,
  dtype: "float64",
});
