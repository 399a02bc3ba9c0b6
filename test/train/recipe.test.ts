import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { METHODS } from "#train/methods/index";
import { parseRecipe, recipeOf, recipeToOptions, type Recipe } from "#train/recipe";
import { recipeJsonSchema } from "#train/recipe-schema";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";

type Json = Record<string, unknown>;

/** The smallest recipe there is, with changes. */
const recipe = (changes: Json = {}): Json => ({
  name: "small",
  model: {
    inputShape: [4],
    layers: [
      { op: "linear", features: 2 },
      { op: "neuron", neuron: "lif-sj" },
    ],
  },
  data: { name: "generated-digits" },
  encoder: { name: "direct" },
  steps: 2,
  schedule: { name: "constant", rate: 0.01 },
  epochs: 3,
  batchSize: 5,
  ...changes,
});

function faultsOf(json: unknown): readonly Diagnostic[] {
  try {
    recipeOf(json);
  } catch (error) {
    assert.ok(error instanceof ToolchainError, String(error));
    return error.diagnostics;
  }
  return [];
}

/** `code at place` of every fault. */
const placesOf = (json: unknown): string[] =>
  faultsOf(json).map(({ code, subject }) => `${code.replace("train/", "")} at ${subject ?? "-"}`);

const layers = (...list: unknown[]): Json => recipe({ model: { inputShape: [1, 8, 8], layers: list } });
const without = (name: string): Json =>
  Object.fromEntries(Object.entries(recipe()).filter(([field]) => field !== name));

describe("a recipe", () => {
  test("it fills in what goes without saying", () => {
    const { optimizer, loss, method, checkpoint, evaluateEveryEpochs, engine, seed, data } =
      recipeOf(recipe());
    assert.deepEqual(
      { optimizer, loss, method, checkpoint, evaluateEveryEpochs, engine, seed, data },
      {
        optimizer: { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
        loss: { name: "mse" },
        method: { name: "dense", options: {} },
        checkpoint: { everyEpochs: 1 },
        evaluateEveryEpochs: 1,
        engine: "wasm",
        seed: 1,
        data: { name: "generated-digits", validation: 0 },
      },
    );
  });

  test("it reads layers from a short list: each from the one before, kernels as one number or two", () => {
    const { graph } = recipeOf(
      layers(
        { op: "conv2d", channels: 3, kernel: 3, padding: [1, 0], name: "first" },
        { op: "neuron", neuron: { name: "lif-wu", threshold: 0.7 } },
        { op: "average-pool", kernel: [2, 1] },
        { op: "conv2d", channels: 3, kernel: 1, inputs: ["average-pool1"] },
        { op: "add", inputs: ["conv2d2", "average-pool1"] },
        { op: "flatten" },
        { op: "linear", features: 2, bias: true },
      ),
    );
    assert.deepEqual(graph.layers[0], {
      name: "first",
      inputs: ["input"],
      op: "conv2d",
      channels: 3,
      kernel: [3, 3],
      stride: [1, 1],
      padding: [1, 0],
      groups: 1,
      bias: false,
    });
    assert.deepEqual(
      graph.layers.slice(1).map(({ name, inputs }) => [name, ...inputs]),
      [
        ["neuron1", "first"],
        ["average-pool1", "neuron1"],
        ["conv2d2", "average-pool1"],
        ["add1", "conv2d2", "average-pool1"],
        ["flatten1", "add1"],
        ["linear1", "flatten1"],
      ],
    );
    const [, neuron, pool] = graph.layers;
    assert.ok(neuron.op === "neuron" && pool.op === "average-pool");
    assert.deepEqual(
      [neuron.neuron.threshold, neuron.neuron.keep, neuron.neuron.surrogate],
      [0.7, 0.2, "rectangle"],
    );
    assert.deepEqual(pool.stride, [2, 1]);
    assert.equal(graph.output, "linear1");
  });

  test("it keeps 1 - gain of the membrane where the leak is learnt", () => {
    const { graph } = recipeOf(
      layers(
        { op: "flatten" },
        { op: "linear", features: 2 },
        { op: "neuron", neuron: { name: "plif-bc", gain: 0.2 } },
      ),
    );
    const neuron = graph.layers[2];
    assert.ok(neuron.op === "neuron");
    assert.equal(neuron.neuron.keep, 0.8);
  });

  test("it takes a ready network with its options", () => {
    const { graph } = recipeOf(
      recipe({ model: { builtin: "mlp", inputShape: [9], hidden: [5, 4], neuron: "if-sj" } }),
    );
    assert.deepEqual(
      graph.layers.flatMap((layer) => (layer.op === "linear" ? [layer.features] : [])),
      [5, 4, 10],
    );
  });

  test("it hands the trainer everything but the data", () => {
    const parsed = recipeOf(
      recipe({ method: { name: "gmp", density: 0.2 }, layers: ["linear1"], augmentation: { flip: true } }),
    );
    const { graph, encoder, steps, loss, optimizer, schedule, epochs, batchSize, seed, augmentation } =
      parsed;
    assert.deepEqual(recipeToOptions(parsed), {
      graph,
      encoder,
      steps,
      loss,
      optimizer,
      schedule,
      epochs,
      batchSize,
      seed,
      augmentation,
      method: { ...parsed.method, layers: ["linear1"] },
    });
    assert.equal(parsed.method.options.density, 0.2);
    assert.equal(parsed.augmentation?.flip, true);
  });

  test("its text may be broken JSON, and may name its schema", () => {
    assert.throws(() => parseRecipe("{"), /train\/recipe-not-json/);
    assert.equal(parseRecipe(JSON.stringify({ $schema: "recipe-1.json", ...recipe() })).name, "small");
  });
});

describe("the density of a recipe", () => {
  const withDensity = (density: unknown, method: Json): Recipe => recipeOf(recipe({ density, method }));

  test("it is the option of a method that takes one", () => {
    for (const method of METHODS.filter(({ density }) => density.kind === "exact")) {
      assert.ok(method.density.kind === "exact");
      const { options } = withDensity(0.3, { name: method.name }).method;
      assert.equal(options[method.density.option], 0.3, method.name);
    }
  });

  test("it starts a search where a knob has to be turned", () => {
    for (const method of METHODS.filter(({ density }) => density.kind === "emergent")) {
      assert.ok(method.density.kind === "emergent");
      const { knob } = method.density;
      const parsed = withDensity({ target: 0.3, maxProbes: 4 }, { name: method.name });
      assert.deepEqual(parsed.search, { knob, target: 0.3, tolerance: 0.1, maxProbes: 4 }, method.name);
      assert.ok(!(knob in parsed.method.options));
      assert.equal(recipeToOptions(parsed, 0.25).method.options[knob], 0.25);
    }
  });

  test("it cannot be asked of a method that keeps all weights, nor twice, nor searched at 1", () => {
    const conflict = ["recipe-conflict at recipe.density"];
    assert.deepEqual(placesOf(recipe({ density: 0.5, method: { name: "dense" } })), conflict);
    assert.deepEqual(placesOf(recipe({ density: 0.5, method: { name: "gmp", density: 0.4 } })), conflict);
    assert.deepEqual(placesOf(recipe({ density: 0.5, method: { name: "stds", threshold: 1 } })), conflict);
    assert.deepEqual(placesOf(recipe({ density: 1, method: { name: "stds" } })), conflict);
    assert.deepEqual(placesOf(recipe({ density: 1 })), []);
  });
});

describe("the faults of a recipe", () => {
  const cases: [string, unknown, string[]][] = [
    ["a list", [], ["recipe-wrong-type at -"]],
    ["null", null, ["recipe-wrong-type at -"]],
    ["an unknown field", recipe({ sed: 1 }), ["recipe-unknown-field at -"]],
    ["no epochs", without("epochs"), ["recipe-missing-field at recipe.epochs"]],
    ["no model", without("model"), ["recipe-missing-field at recipe.model"]],
    ["no data", without("data"), ["recipe-missing-field at recipe.data"]],
    ["a name with a slash", recipe({ name: "../x" }), ["recipe-wrong-value at recipe.name"]],
    ["half an epoch", recipe({ epochs: 1.5 }), ["recipe-wrong-type at recipe.epochs"]],
    ["no steps at all", recipe({ steps: 0 }), ["recipe-wrong-value at recipe.steps"]],
    ["a batch in words", recipe({ batchSize: "ten" }), ["recipe-wrong-type at recipe.batchSize"]],
    ["a negative seed", recipe({ seed: -1 }), ["recipe-wrong-value at recipe.seed"]],
    ["an unknown engine", recipe({ engine: "gpu" }), ["recipe-unknown-name at recipe.engine"]],
    [
      "an unknown encoder",
      recipe({ encoder: { name: "rates" } }),
      ["recipe-unknown-name at recipe.encoder.name"],
    ],
    ["an encoder in one word", recipe({ encoder: "rate" }), ["recipe-wrong-type at recipe.encoder"]],
    [
      "a deviation of zero",
      recipe({ encoder: { name: "direct", deviation: 0 } }),
      ["recipe-wrong-value at recipe.encoder.deviation"],
    ],
    ["an unknown loss", recipe({ loss: { name: "hinge" } }), ["recipe-unknown-name at recipe.loss.name"]],
    [
      "a loss with a stranger's field",
      recipe({ loss: { name: "mse", gain: 2 } }),
      ["recipe-unknown-field at recipe.loss"],
    ],
    [
      "an unknown optimizer",
      recipe({ optimizer: { name: "adamw" } }),
      ["recipe-unknown-name at recipe.optimizer.name"],
    ],
    [
      "a beta of one",
      recipe({ optimizer: { name: "adam", beta1: 1 } }),
      ["recipe-wrong-value at recipe.optimizer.beta1"],
    ],
    [
      "a schedule without a rate",
      recipe({ schedule: { name: "cosine" } }),
      ["recipe-missing-field at recipe.schedule.rate"],
    ],
    [
      "a step schedule without steps",
      recipe({ schedule: { name: "step", rate: 1 } }),
      ["recipe-missing-field at recipe.schedule.everyEpochs"],
    ],
    [
      "a warm-up as long as the run",
      recipe({ schedule: { name: "constant", rate: 1, warmupEpochs: 3 } }),
      ["recipe-conflict at recipe.schedule.warmupEpochs"],
    ],
    [
      "sizes that end before they begin",
      recipe({ augmentation: { scaleFrom: 1.2, scaleTo: 1.1 } }),
      ["recipe-conflict at recipe.augmentation.scaleFrom"],
    ],
    [
      "an unknown ready network",
      recipe({ model: { builtin: "mpl" } }),
      ["recipe-unknown-name at recipe.model.builtin"],
    ],
    [
      "a ready network that is a number",
      recipe({ model: { builtin: 3 } }),
      ["recipe-wrong-type at recipe.model.builtin"],
    ],
    [
      "a ready network's option",
      recipe({ model: { builtin: "mlp", hiden: [3] } }),
      ["recipe-unknown-field at recipe.model"],
    ],
    ["no layers", layers(), ["recipe-wrong-value at recipe.model.layers"]],
    ["an unknown layer", layers({ op: "conv" }), ["recipe-unknown-name at recipe.model.layers[0].op"]],
    ["a layer without a kind", layers({}), ["recipe-missing-field at recipe.model.layers[0].op"]],
    [
      "a kernel in words",
      layers({ op: "max-pool", kernel: "big" }),
      ["recipe-wrong-type at recipe.model.layers[0].kernel"],
    ],
    [
      "a kernel of three",
      layers({ op: "max-pool", kernel: [1, 2, 3] }),
      ["recipe-wrong-value at recipe.model.layers[0].kernel"],
    ],
    [
      "a kernel of zero",
      layers({ op: "max-pool", kernel: 0 }),
      ["recipe-wrong-value at recipe.model.layers[0].kernel"],
    ],
    [
      "an unknown neuron",
      layers({ op: "neuron", neuron: "lif" }),
      ["recipe-unknown-name at recipe.model.layers[0].neuron"],
    ],
    [
      "a misspelt number of a neuron",
      layers({ op: "neuron", neuron: { name: "lif-sj", treshold: 1 } }),
      ["recipe-unknown-field at recipe.model.layers[0].neuron"],
    ],
    [
      "nothing to learn",
      layers({ op: "neuron", neuron: "lif-sj" }),
      ["recipe-conflict at recipe.model.layers"],
    ],
    [
      "shapes that do not fit",
      layers({ op: "linear", features: 3 }),
      ['graph-shape at model.layers["linear1"]'],
    ],
    [
      "an input that is not there",
      layers({ op: "flatten", inputs: ["imput"] }, { op: "linear", features: 2 }),
      ['graph-input-missing at model.layers["flatten1"]'],
    ],
    ["an unknown method", recipe({ method: { name: "gpm" } }), ["recipe-unknown-name at recipe.method.name"]],
    ["a method without a name", recipe({ method: {} }), ["recipe-missing-field at recipe.method.name"]],
    ["a method in one word", recipe({ method: "gmp" }), ["recipe-wrong-type at recipe.method"]],
    [
      "a method's option that there is not",
      recipe({ method: { name: "dense", density: 1 } }),
      ["recipe-unknown-field at recipe.method"],
    ],
    [
      "a layer to prune that is not there",
      recipe({ layers: ["linear2"] }),
      ["recipe-unknown-name at recipe.layers[0]"],
    ],
    [
      "a density above one",
      recipe({ density: 1.5, method: { name: "gmp" } }),
      ["recipe-wrong-value at recipe.density"],
    ],
    [
      "checkpoints every no steps",
      recipe({ checkpoint: { everySteps: 0 } }),
      ["recipe-wrong-value at recipe.checkpoint.everySteps"],
    ],
  ];
  test.each(cases)("it refuses %s", (_, json, places) => {
    assert.deepEqual(placesOf(json), places);
  });

  test("they come all at once, from every part", () => {
    const json = recipe({
      epochs: -1,
      schedule: { name: "cosin", rate: 1 },
      method: { name: "gmp", density: 2 },
      model: { inputShape: [0], layers: [{ op: "conv" }, { op: "neuron", neuron: "lif" }] },
      color: "red",
    });
    assert.deepEqual(placesOf(json), [
      "recipe-unknown-name at recipe.schedule.name",
      "recipe-wrong-value at recipe.epochs",
      "recipe-unknown-field at -",
      "recipe-wrong-value at recipe.model.inputShape[0]",
      "recipe-unknown-name at recipe.model.layers[0].op",
      "recipe-unknown-name at recipe.model.layers[1].neuron",
      "recipe-wrong-value at recipe.method.density",
    ]);
  });

  const meant: [string, Json, string][] = [
    ["batchsize", recipe({ batchsize: 5 }), "batchSize"],
    ["everyStep", recipe({ method: { name: "gmp", density: 0.5, everyStep: 3 } }), "everySteps"],
    ["cosin", recipe({ schedule: { name: "cosin", rate: 1 } }), "cosine"],
    ["conv", layers({ op: "conv" }), "conv2d"],
    ["gpm", recipe({ method: { name: "gpm" } }), "gmp"],
    ["liner1", recipe({ layers: ["liner1"] }), "linear1"],
  ];
  test.each(meant)("they ask whether %s was meant to be something else", (_, json, right) => {
    assert.deepEqual(
      faultsOf(json).map(({ hint }) => hint),
      [`did you mean "${right}"?`],
    );
  });

  test("they are whole sentences with what is there, and data for machines", () => {
    const faults = cases.flatMap(([, json]) => faultsOf(json));
    for (const { message, hint, data } of faults) {
      assert.match(message, /^(["a-z]).*\.$/s);
      assert.match(hint ?? "", /[.?]$/);
      assert.doesNotMatch(`${message} ${hint}`, /\bundefined\b|\[object|NaN/);
      assert.deepEqual(JSON.parse(JSON.stringify(data)), data);
    }
  });
});

test("the JSON schema knows every method, with its options, and every layer", () => {
  const text = JSON.stringify(recipeJsonSchema());
  for (const { name } of METHODS) assert.ok(text.includes(`"const":"${name}"`), name);
  for (const word of ["everySteps", "average-pool", "sew-resnet-18", "rate-encode"])
    assert.ok(text.includes(word), word);
});
