import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Dataset } from "#train/dataset";
import { createReferenceBackend } from "#train/engine/reference";
import { createWasmBackend } from "#train/engine/wasm/backend";
import { planGraph, sizeOf, weightShape, type LayerGraph } from "#train/graph";
import { createParameters } from "#train/parameters";
import { createRandom } from "#train/random";
import { recipeOf, recipeToOptions } from "#train/recipe";
import { RECIPES } from "#train/recipes/index";
import { NETWORKS } from "#train/recipes/networks";
import { createTrainingRun } from "#train/run";

/** Weights by layer, without biases. */
function weightsOf(graph: LayerGraph): Map<string, number> {
  const plan = planGraph(graph, false);
  return new Map(
    plan.layers.flatMap((planned) => {
      const shape = weightShape(planned);
      return shape === undefined ? [] : [[planned.layer.name, sizeOf(shape)] as const];
    }),
  );
}
const total = (weights: Map<string, number>): number => [...weights.values()].reduce((a, b) => a + b, 0);

const graphOf = (builtin: string, options: object = {}): LayerGraph => {
  const network = NETWORKS.find(({ name }) => name === builtin);
  assert.ok(network !== undefined, builtin);
  return network.build(network.options.parse(options));
};

describe("the ready networks", () => {
  /** Sums of the published layer sizes. */
  const published: [string, object, number][] = [
    ["mlp", {}, 784 * 800 + 800 * 10],
    ["stbp-conv", {}, 15 * 25 + 40 * 15 * 25 + 300 * 640 + 3000],
    ["sd-snn-conv", {}, 596_535],
    ["sd-snn-conv", { inputShape: [2, 32, 32] }, 2 * 135 + 5400 + 300 * 2560 + 3000],
    ["sd-snn-conv", { inputShape: [2, 128, 128], classes: 11 }, 2 * 135 + 5400 + 300 * 40_960 + 3300],
    ["6conv-2fc", {}, 36_715_264],
    ["vggsnn", {}, 9_263_232],
    ["resnet-19", {}, 12_687_232],
    // The 11,689,512 parameters of ResNet-18 without 9,600 of normalisations and 1,000 biases.
    ["sew-resnet-18", {}, 11_689_512 - 9_600 - 1_000],
    ["tiny-residual", {}, 72 + 2 * 576 + 1152 + 1440],
  ];
  test.each(published)("%s %o has as many weights as published", (name, options, weights) => {
    assert.equal(total(weightsOf(graphOf(name, options))), weights);
  });

  test("sd-snn-conv: its two prunable layers hold 593,400 weights, the linear one 588,000", () => {
    const weights = weightsOf(graphOf("sd-snn-conv"));
    assert.equal(weights.get("fc1"), 588_000);
    assert.equal((weights.get("conv2") ?? 0) + 588_000, 593_400);
  });

  test("sd-snn-cifar: its linear layer reads 32,768 features", () => {
    assert.equal(weightsOf(graphOf("sd-snn-cifar")).get("fc1"), 32_768 * 512);
  });

  test("sew-resnet-18: identities join spikes, and the last pool is global", () => {
    const plan = planGraph(graphOf("sew-resnet-18"), true);
    const adds = plan.layers.filter(({ layer }) => layer.op === "add");
    assert.equal(adds.length, 8);
    for (const { inputs } of adds)
      for (const input of inputs) assert.match(plan.layers[input].layer.op, /^(neuron|add|max-pool)$/);
    assert.deepEqual(plan.layers.find(({ layer }) => layer.name === "pool")?.outputShape, [512, 1, 1]);
  });

  test("resnet-19: every ADD is followed by its neurons, in eight blocks", () => {
    const { layers } = graphOf("resnet-19");
    const adds = layers.filter(({ op }) => op === "add").map(({ name }) => name);
    assert.equal(adds.length, 8);
    for (const add of adds)
      assert.ok(
        layers.some(({ op, inputs }) => op === "neuron" && inputs.includes(add)),
        add,
      );
  });

  const small: Readonly<Record<string, object>> = {
    mlp: { hidden: [12] },
    "stbp-conv": {},
    "sd-snn-conv": { channels: [3, 4], hidden: 10 },
    "tiny-residual": { channels: 3 },
    "6conv-2fc": { width: 4, hidden: 12 },
    "sd-snn-cifar": { width: 3, hidden: 8, linearNeuron: { name: "lif-bc", threshold: 0.05 } },
    vggsnn: { width: 2 },
    "resnet-19": { width: 4, hidden: 6 },
    "sew-resnet-18": { width: 3, classes: 10, inputShape: [3, 64, 64] },
  };
  test.each(NETWORKS)("$name learns: one step changes its numbers", async ({ name }) => {
    const json = { ...STEP, model: { builtin: name, ...small[name] } };
    const recipe = recipeOf(json);
    const backend = await createWasmBackend();
    const run = createTrainingRun(recipeToOptions(recipe), noise(recipe.graph), backend);
    const before = run.parameters.list.map(({ value }) => value.slice());
    const { loss } = run.step();
    assert.ok(loss > 0);
    const changed = run.parameters.list.filter(({ value }, i) => value.some((v, j) => v !== before[i][j]));
    // Layers before neurons far from their threshold do not learn yet.
    assert.ok(changed.length > 0, name);
    await run.dispose();
  });
});

const STEP = {
  name: "step",
  data: { name: "generated-digits" },
  encoder: { name: "direct" },
  steps: 2,
  loss: { name: "cross-entropy" },
  schedule: { name: "constant", rate: 0.01 },
  epochs: 1,
  batchSize: 3,
};

function noise({ inputShape }: LayerGraph): Dataset {
  const random = createRandom(1);
  const pixels = Uint8Array.from({ length: 6 * sizeOf(inputShape) }, () => 256 * random.next());
  return {
    kind: "images",
    name: "noise",
    shape: inputShape,
    pixels,
    labels: Uint8Array.of(0, 1, 2, 3, 4, 5),
    classes: 10,
  };
}

describe("the ready recipes", () => {
  test("every one is right, and has a name of its own", () => {
    const names = RECIPES.map(({ recipe }) => recipeOf(recipe).name);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(
      names,
      RECIPES.map(({ recipe }) => recipe.name),
    );
  });

  test("there is one for every ready network", () => {
    const used = new Set(RECIPES.map(({ recipe }) => (recipe.model as { builtin?: string }).builtin));
    assert.deepEqual(
      NETWORKS.map(({ name }) => name).filter((name) => !used.has(name)),
      [],
    );
  });

  test.each(["tiny-residual", "demo"])("%s creates parameters for all of its layers", (name) => {
    const found = RECIPES.find(({ recipe }) => recipe.name === name);
    assert.ok(found !== undefined);
    const { graph } = recipeOf(found.recipe);
    const { list } = createParameters(planGraph(graph, false), createReferenceBackend(), createRandom(1));
    const counted = list
      .filter(({ role }) => role === "weight")
      .reduce((sum, { value }) => sum + value.length, 0);
    assert.equal(counted, total(weightsOf(graph)));
  });
});
