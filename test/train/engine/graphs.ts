// Small networks that between them have every layer and every neuron.
import type { Layer, LayerGraph, LayerOp } from "#train/graph";
import { NEURONS } from "#train/neurons";
import type { NeuronName } from "#train/neurons";

export interface Sample {
  readonly name: string;
  readonly graph: LayerGraph;
  readonly staticInput: boolean;
}

export const NAMES = Object.keys(NEURONS) as NeuronName[];

export const neuron = (name: NeuronName): LayerOp => ({ op: "neuron", neuron: NEURONS[name] });
const linear = (features: number, bias = true): LayerOp => ({ op: "linear", features, bias });
const norm: LayerOp = { op: "batch-norm", epsilon: 1e-2, momentum: 0.1, gammaInit: 1.3 };
const conv = (channels: number, more: Partial<Extract<LayerOp, { op: "conv2d" }>> = {}): LayerOp => ({
  op: "conv2d",
  channels,
  kernel: [3, 3],
  stride: [1, 1],
  padding: [1, 1],
  groups: 1,
  bias: false,
  ...more,
});

/** One after the other; layers are called l0, l1, … */
function chain(inputShape: readonly number[], ops: readonly LayerOp[]): LayerGraph {
  const layers = ops.map((op, i): Layer => ({
    ...op,
    name: `l${i}`,
    inputs: [i === 0 ? "input" : `l${i - 1}`],
  }));
  return { name: "chain", inputShape, layers, output: `l${ops.length - 1}` };
}

/** Named layers, each with what it reads. */
function web(inputShape: readonly number[], entries: Record<string, [LayerOp, ...string[]]>): LayerGraph {
  const layers = Object.entries(entries).map(([name, [op, ...inputs]]): Layer => ({ ...op, name, inputs }));
  return { name: "web", inputShape, layers, output: layers[layers.length - 1].name };
}

const flatten: LayerOp = { op: "flatten" };
const add: LayerOp = { op: "add" };
const concat: LayerOp = { op: "concat" };

/** Two layers of each neuron, on frames and on one image for all steps. */
export const NEURON_SAMPLES: readonly Sample[] = NAMES.flatMap((name) =>
  [true, false].map((staticInput) => ({
    name: `${name}, ${staticInput ? "direct input" : "frames"}`,
    graph: chain([5], [linear(6), neuron(name), linear(4, false), neuron(name)]),
    staticInput,
  })),
);

export const LAYER_SAMPLES: readonly Sample[] = [
  {
    name: "strided, padded and grouped convolutions",
    graph: chain(
      [2, 6, 5],
      [
        conv(4, { kernel: [3, 2], stride: [2, 1], padding: [1, 0], groups: 2, bias: true }),
        neuron("lif-tet"),
        conv(6, { kernel: [2, 3], stride: [1, 2], padding: [0, 2], groups: 2 }),
        neuron("lif-tet"),
        flatten,
        linear(3),
      ],
    ),
    staticInput: false,
  },
  {
    name: "batch normalization before and after spikes, direct input",
    graph: chain(
      [1, 4, 4],
      [
        conv(3),
        norm,
        neuron("lif-wu"),
        conv(2),
        norm,
        neuron("lif-tet"),
        flatten,
        linear(4, false),
        norm,
        neuron("lif-tet"),
      ],
    ),
    staticInput: true,
  },
  {
    name: "average and max pooling that leave a rest, then voting",
    graph: chain(
      [2, 7, 6],
      [
        conv(3),
        neuron("lif-tet"),
        { op: "average-pool", kernel: [2, 2], stride: [2, 1] },
        conv(4),
        { op: "max-pool", kernel: [2, 2], stride: [1, 2] },
        neuron("lif-tet"),
        flatten,
        linear(6),
        neuron("lif-tet"),
        { op: "voting", groupSize: 3 },
      ],
    ),
    staticInput: true,
  },
  {
    name: "dropout",
    graph: chain(
      [7],
      [
        linear(12),
        neuron("lif-tet"),
        { op: "dropout", rate: 0.4 },
        linear(6),
        { op: "dropout", rate: 0.25 },
        neuron("lif-tet"),
      ],
    ),
    staticInput: false,
  },
  {
    name: "addition and concatenation of spikes and of static currents",
    graph: web([2, 4, 3], {
      stem: [conv(3), "input"],
      first: [neuron("lif-tet"), "stem"],
      body: [conv(3, { bias: true }), "first"],
      second: [neuron("lif-tet"), "body"],
      residual: [add, "second", "first", "stem"],
      wide: [concat, "residual", "stem", "second"],
      head: [conv(2, { kernel: [2, 2], padding: [0, 0] }), "wide"],
      spikes: [neuron("lif-tet"), "head"],
      flat: [flatten, "spikes"],
      tail: [linear(3), "flat"],
      again: [linear(3), "flat"],
      sum: [add, "tail", "again"],
      output: [neuron("lif-tet"), "sum"],
    }),
    staticInput: true,
  },
  {
    name: "one layer read twice by one",
    graph: web([4], {
      first: [linear(5), "input"],
      spikes: [neuron("lif-tet"), "first"],
      twice: [add, "spikes", "spikes"],
      both: [concat, "twice", "spikes"],
      output: [linear(3), "both"],
    }),
    staticInput: false,
  },
  {
    name: "a learnt leak after a convolution",
    graph: chain(
      [1, 3, 3],
      [conv(3, { bias: true }), neuron("plif-bc"), flatten, linear(4), neuron("plif-bc")],
    ),
    staticInput: true,
  },
  {
    name: "rectifiers and no neuron at all",
    graph: chain([2, 4, 4], [conv(3), norm, { op: "relu" }, flatten, linear(6), { op: "relu" }, linear(3)]),
    staticInput: true,
  },
];
