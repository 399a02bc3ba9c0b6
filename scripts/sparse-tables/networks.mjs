// The three networks of the tables, as layer graphs.
import { NEURONS } from "../../dist/src/train/neurons.js";

/** Layers in a row, each reading the one before it unless it says otherwise. */
export function chain(name, inputShape, layers) {
  let before = "input";
  const named = layers.map((layer) => {
    const result = { inputs: [before], ...layer };
    before = layer.name;
    return result;
  });
  return { name, inputShape, layers: named, output: before };
}

const linear = (name, features) => ({ name, op: "linear", features, bias: false });
const neuron = (name, kind) => ({ name, op: "neuron", neuron: kind });
const conv = (name, channels, stride, more = {}) => ({
  name,
  op: "conv2d",
  channels,
  kernel: [3, 3],
  stride: [stride, stride],
  padding: [1, 1],
  groups: 1,
  bias: false,
  ...more,
});
const norm = (name) => ({ name, op: "batch-norm", epsilon: 1e-5, momentum: 0.1, gammaInit: 1 });
const pool = (name) => ({ name, op: "average-pool", kernel: [2, 2], stride: [2, 2] });

/** 784-800-10 of the literature: two weight layers, 635,200 weights. */
export function mlp() {
  const lif = NEURONS["lif-sj"];
  return chain(
    "784-800-10",
    [784],
    [linear("fc1", 800), neuron("lif1", lif), linear("fc2", 10), neuron("lif2", lif)],
  );
}

/** Hard reset, `>`, input not divided by tau: what a chip with 12-bit decays does exactly. */
const CHIP_LIF = { ...NEURONS["lif-sj"], gain: 1, compare: ">" };

/** 784-256-128-10: three weight layers, all of them fed by spikes, 234,752 weights. */
export function deepMlp() {
  return chain(
    "784-256-128-10",
    [784],
    [
      linear("fc1", 256),
      neuron("lif1", CHIP_LIF),
      linear("fc2", 128),
      neuron("lif2", CHIP_LIF),
      linear("fc3", 10),
      neuron("lif3", CHIP_LIF),
    ],
  );
}

/** A stem, one residual block whose ADD sums spikes, one more stage, a hidden layer: five weight layers. */
export function residualNet() {
  return chain(
    "8C3s2-[8C3-8C3+]-P2-16C3-P2-64-10",
    [1, 28, 28],
    [
      conv("stem", 8, 2),
      norm("stemNorm"),
      neuron("stemLif", CHIP_LIF),
      conv("block1", 8, 1),
      norm("block1Norm"),
      neuron("block1Lif", CHIP_LIF),
      conv("block2", 8, 1),
      norm("block2Norm"),
      neuron("block2Lif", CHIP_LIF),
      { name: "sum", op: "add", inputs: ["block2Lif", "stemLif"] },
      pool("pool1"),
      conv("stage", 16, 1),
      norm("stageNorm"),
      neuron("stageLif", CHIP_LIF),
      pool("pool2"),
      { name: "flat", op: "flatten" },
      linear("fc1", 64),
      neuron("fc1Lif", CHIP_LIF),
      linear("fc2", 10),
      neuron("fc2Lif", CHIP_LIF),
    ],
  );
}
