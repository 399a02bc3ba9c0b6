// Synaptic operations, counted by fan-out, against a loop over every spike and every synapse.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createExecutor } from "#train/engine/executor";
import { createReferenceBackend } from "#train/engine/reference";
import { type Layer, type LayerGraph, planGraph } from "#train/graph";
import { NEURONS } from "#train/neurons";
import { createOperationCounter } from "#train/operations";
import { createParameters, parameterOf } from "#train/parameters";
import { createRandom } from "#train/random";

const STEPS = 3;
const BATCH = 2;
const NEURON = NEURONS["if-sj"];

function conv(
  name: string,
  from: string,
  channels: number,
  more: Partial<Extract<Layer, { op: "conv2d" }>> = {},
): Layer {
  return {
    name,
    inputs: [from],
    op: "conv2d",
    channels,
    kernel: [3, 3],
    stride: [1, 1],
    padding: [1, 1],
    groups: 1,
    bias: false,
    ...more,
  };
}

const GRAPH: LayerGraph = {
  name: "counted",
  inputShape: [2, 7, 6],
  layers: [
    conv("c1", "input", 4, { stride: [2, 1], groups: 2 }),
    { name: "n1", inputs: ["c1"], op: "neuron", neuron: NEURON },
    conv("c2", "n1", 4),
    { name: "n2", inputs: ["c2"], op: "neuron", neuron: NEURON },
    { name: "sum", inputs: ["n1", "n2"], op: "add" },
    conv("c3", "sum", 3, { kernel: [1, 1], padding: [0, 0] }),
    { name: "n3", inputs: ["c3"], op: "neuron", neuron: NEURON },
    { name: "p", inputs: ["n3"], op: "average-pool", kernel: [2, 2], stride: [2, 2] },
    { name: "f", inputs: ["p"], op: "flatten" },
    { name: "l", inputs: ["f"], op: "linear", features: 5, bias: true },
    { name: "n4", inputs: ["l"], op: "neuron", neuron: NEURON },
  ],
  output: "n4",
};

/** Every spike meets every synapse, one by one. */
function bruteForce(
  x: ArrayLike<number>,
  images: number,
  shape: readonly number[],
  layer: Layer,
  outShape: readonly number[],
  w: ArrayLike<number>,
): number {
  let operations = 0;
  if (layer.op === "linear") {
    for (let r = 0; r < images; r++)
      for (let o = 0; o < layer.features; o++)
        for (let i = 0; i < shape[0]; i++) if (w[o * shape[0] + i] !== 0) operations += x[r * shape[0] + i];
    return operations;
  }
  assert.equal(layer.op, "conv2d");
  if (layer.op !== "conv2d") return 0;
  const [channels, height, width] = shape;
  const groupIn = channels / layer.groups;
  const groupOut = layer.channels / layer.groups;
  for (let r = 0; r < images; r++)
    for (let o = 0; o < layer.channels; o++)
      for (let oy = 0; oy < outShape[1]; oy++)
        for (let ox = 0; ox < outShape[2]; ox++)
          for (let i = 0; i < groupIn; i++)
            for (let ky = 0; ky < layer.kernel[0]; ky++)
              for (let kx = 0; kx < layer.kernel[1]; kx++) {
                const y = oy * layer.stride[0] - layer.padding[0] + ky;
                const z = ox * layer.stride[1] - layer.padding[1] + kx;
                if (y < 0 || z < 0 || y >= height || z >= width) continue;
                if (w[((o * groupIn + i) * layer.kernel[0] + ky) * layer.kernel[1] + kx] === 0) continue;
                const c = Math.floor(o / groupOut) * groupIn + i;
                operations += x[((r * channels + c) * height + y) * width + z];
              }
  return operations;
}

function setUp(staticInput: boolean): {
  counted: ReturnType<typeof createOperationCounter>["layers"];
  expected: ReadonlyMap<string, number>;
} {
  const backend = createReferenceBackend();
  const plan = planGraph(GRAPH, staticInput);
  const random = createRandom(3);
  const parameters = createParameters(plan, backend, random);
  for (const { role, value } of parameters.list)
    if (role === "weight")
      for (let i = 0; i < value.length; i++) value[i] = random.next() < 0.4 ? 0 : 6 * value[i] + 0.2;
  const executor = createExecutor({
    plan,
    parameters,
    backend,
    steps: STEPS,
    maxBatch: BATCH,
    learns: false,
  });
  for (let i = 0; i < executor.input.length; i++) executor.input[i] = random.next() < 0.5 ? 0 : 1;
  executor.forward(BATCH, { training: false, seed: 0 });
  const counter = createOperationCounter(
    plan,
    parameters,
    backend,
    backend.allocate(200),
    STEPS,
    !staticInput,
  );
  counter.count(executor, executor.input, BATCH);
  const expected = new Map<string, number>();
  plan.layers.forEach(({ layer, inputs, inputShapes, outputShape }) => {
    const weight = parameterOf(parameters, layer.name, "weight")?.value;
    if (!weight) return;
    const x = inputs[0] < 0 ? executor.input : executor.activation(inputs[0]);
    expected.set(layer.name, bruteForce(x, STEPS * BATCH, inputShapes[0], layer, outputShape, weight));
  });
  return { counted: counter.layers, expected };
}

describe("synaptic operations", () => {
  test("by fan-out equal a loop over spikes and synapses, with stride, padding, groups, zeros and sums of spikes", () => {
    const { counted, expected } = setUp(false);
    for (const { layer, kind, operations } of counted) {
      assert.equal(kind, "synaptic");
      if (layer !== "l") assert.equal(operations, expected.get(layer), layer);
      assert.ok(operations > 0, `${layer} sees spikes`);
    }
  });

  test("count the events that went into an average, not the average", () => {
    const { counted, expected } = setUp(false);
    const dense = counted.find((l) => l.layer === "l")?.operations ?? 0;
    assert.ok(Math.abs(dense - 4 * (expected.get("l") ?? 0)) < 1e-6);
  });

  test("are multiplications, once for all steps, where the input is a still image", () => {
    const first = setUp(true).counted.find((l) => l.layer === "c1");
    assert.equal(first?.kind, "multiply");
    const plan = planGraph(GRAPH, true);
    const random = createRandom(3);
    const parameters = createParameters(plan, createReferenceBackend(), random);
    for (const { role, value } of parameters.list)
      if (role === "weight") for (let i = 0; i < value.length; i++) value[i] = random.next() < 0.4 ? 0 : 1;
    const weight = parameterOf(parameters, "c1", "weight")?.value ?? [];
    const ones = new Float64Array(BATCH * 2 * 7 * 6).fill(1);
    const { layer, inputShapes, outputShape } = plan.layers[0];
    assert.equal(first.operations, bruteForce(ones, BATCH, inputShapes[0], layer, outputShape, weight));
  });
});
