import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { ImageData } from "#train/dataset";
import { createReferenceBackend } from "#train/engine/reference";
import type { LayerGraph } from "#train/graph";
import { METHODS } from "#train/methods/index";
import { NEURONS } from "#train/neurons";
import { ADAM } from "#train/optimizer";
import type { TrainingOptions } from "#train/options";
import { createRandom } from "#train/random";
import { createTrainingRun, type TrainingRun } from "#train/run";
import { ToolchainError } from "#util/diagnostic";

const CLASSES = 3;
const SIZE = 16;

/** Images of 4 x 4 pixels: each class lights its own rows, with noise. */
function stripes(samples: number, seed: number): ImageData {
  const random = createRandom(seed);
  const labels = Uint8Array.from({ length: samples }, (_, i) => i % CLASSES);
  const pixels = Uint8Array.from({ length: samples * SIZE }, (_, i) => {
    const row = Math.floor((i % SIZE) / 4);
    const lit = row === labels[Math.floor(i / SIZE)];
    return Math.floor(255 * (lit ? 0.6 + 0.4 * random.next() : 0.3 * random.next()));
  });
  return { kind: "images", name: "stripes", shape: [1, 4, 4], pixels, labels, classes: CLASSES };
}

const neuron = (name: string, from: string): LayerGraph["layers"][number] => ({
  name,
  inputs: [from],
  op: "neuron",
  neuron: NEURONS["lif-sj"],
});
const linear = (name: string, from: string, features: number): LayerGraph["layers"][number] => ({
  name,
  inputs: [from],
  op: "linear",
  features,
  bias: true,
});
const GRAPH: LayerGraph = {
  name: "small",
  inputShape: [SIZE],
  layers: [
    linear("fc1", "input", 12),
    { name: "bn", inputs: ["fc1"], op: "batch-norm", epsilon: 1e-5, momentum: 0.1, gammaInit: 1 },
    neuron("n1", "bn"),
    { name: "drop", inputs: ["n1"], op: "dropout", rate: 0.1 },
    linear("fc2", "drop", CLASSES),
    neuron("n2", "fc2"),
  ],
  output: "n2",
};

const OPTIONS: TrainingOptions = {
  graph: GRAPH,
  encoder: { name: "direct", mean: 0.3, deviation: 0.3 },
  steps: 4,
  loss: { name: "mse" },
  optimizer: ADAM,
  schedule: { name: "cosine", rate: 0.02, warmupEpochs: 0, per: "step" },
  epochs: 6,
  batchSize: 8,
  seed: 7,
  method: { name: "dense", options: {} },
};

const DATA = stripes(60, 1);
const TEST = stripes(45, 2);

function create(changes: Partial<TrainingOptions> = {}, data: ImageData = DATA): TrainingRun {
  return createTrainingRun({ ...OPTIONS, ...changes }, data, createReferenceBackend());
}

function finish(run: TrainingRun): TrainingRun {
  while (run.stepsDone < run.totalSteps) run.step();
  return run;
}

function codeOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ToolchainError) return error.diagnostics.map((d) => d.code);
    throw error;
  }
  return [];
}

describe("a training run", () => {
  for (const encoder of [OPTIONS.encoder, { name: "rate" }, { name: "rate-encode" }] as const)
    test(`learns stripes with the encoder ${encoder.name}`, () => {
      const run = create({ encoder, epochs: 15 });
      assert.ok(run.evaluate(TEST).accuracy < 0.9);
      const { accuracy, samples } = finish(run).evaluate(TEST);
      assert.equal(samples, 45);
      assert.ok(accuracy > 0.95, `accuracy ${accuracy}`);
    });

  test("leaves out the incomplete batch", () => {
    assert.equal(create().stepsPerEpoch, 7);
    assert.equal(create({ batchSize: 1000 }).stepsPerEpoch, 1);
  });

  test("is repeatable by its seed, and another seed is another run", () => {
    const weights = (seed: number): unknown => finish(create({ seed })).save().values;
    assert.deepEqual(weights(3), weights(3));
    assert.notDeepEqual(weights(3), weights(4));
  });

  test("gives the same evaluation for every size of batch, and again after more evaluations", () => {
    const encoder = { name: "rate" } as const;
    const large = create({ encoder, batchSize: 8 });
    const small = create({ encoder, batchSize: 7 });
    small.restore({ ...large.save(), totalSteps: small.totalSteps });
    assert.deepEqual(small.evaluate(TEST).spikesPerSample, large.evaluate(TEST).spikesPerSample);
    assert.deepEqual(large.evaluate(TEST), large.evaluate(TEST));
  });

  for (const method of METHODS)
    test(`goes on from a checkpoint as if nothing had happened: ${method.name}`, () => {
      const options: Partial<TrainingOptions> = {
        method: { name: method.name, options: smallOptions(method.name) },
        encoder: { name: "rate" },
      };
      const whole = create(options);
      const saves = new Map<number, ReturnType<TrainingRun["save"]>>();
      while (whole.stepsDone < whole.totalSteps) {
        if ([0, 3, 7, 20].includes(whole.stepsDone)) saves.set(whole.stepsDone, whole.save());
        whole.step();
      }
      for (const [stepsDone, state] of saves) {
        const resumed = create(options);
        resumed.step(); // what was done before the restore must leave no trace
        resumed.restore(state);
        assert.equal(resumed.stepsDone, stepsDone);
        assert.deepEqual(finish(resumed).save(), whole.save(), `from step ${stepsDone}`);
      }
    });

  test("refuses a checkpoint of another run, and says what differs", () => {
    const state = create({ seed: 1 }).save();
    assert.deepEqual(
      codeOf(() => create({ seed: 2 }).restore(state)),
      ["train/checkpoint-of-another-run"],
    );
    const { values, ...rest } = create().save();
    const lost = { ...(values as object), "fc1.weight": new Float32Array(3) };
    assert.deepEqual(
      codeOf(() => create().restore({ ...rest, values: lost })),
      ["train/checkpoint-of-another-run"],
    );
  });

  test("stops at numbers that are not finite", () => {
    const schedule = { name: "constant", rate: 1e42, warmupEpochs: 0 } as const;
    const run = create({ schedule, optimizer: { name: "sgd", momentum: 0.9, weightDecay: 0 } });
    const codes = codeOf(() => finish(run));
    assert.equal(
      codes.length > 0 && codes.every((c) => /not-finite|not-a-number/.test(c)),
      true,
      String(codes),
    );
  });

  test("names a dead layer and stops", () => {
    const codes = codeOf(() =>
      finish(create({ epochs: 40, method: { name: "stds", options: { threshold: 50 } } })),
    );
    assert.deepEqual([...new Set(codes)], ["train/dead-layer"]);
  });

  test("names a silent layer and stops", () => {
    const silent = { ...NEURONS["lif-sj"], threshold: 1e6 };
    const layers = GRAPH.layers.map((l) =>
      l.name === "n1" ? { ...l, op: "neuron" as const, neuron: silent } : l,
    );
    assert.deepEqual(
      codeOf(() => finish(create({ graph: { ...GRAPH, layers }, epochs: 40 }))),
      ["train/silent-layer"],
    );
  });

  test("remembers across a restore how long a layer has been silent", () => {
    const silent = { ...NEURONS["lif-sj"], threshold: 1e6 };
    const layers = GRAPH.layers.map((l) =>
      l.name === "n1" ? { ...l, op: "neuron" as const, neuron: silent } : l,
    );
    const options = { graph: { ...GRAPH, layers } };
    const run = create(options);
    while (run.stepsDone < 2 * run.stepsPerEpoch) run.step();
    const state = run.save();
    assert.equal((state.silentEpochs as Uint32Array)[0], 2);
    const restored = create(options);
    restored.restore(state);
    assert.deepEqual(restored.save(), state);
  });

  test("drops other units in every step", () => {
    const layers = GRAPH.layers.map((l) =>
      l.name === "drop" ? { ...l, op: "dropout" as const, rate: 0.5 } : l,
    );
    const seeds = new Set<number>();
    const backend = createReferenceBackend();
    const dropout = backend.dropout.bind(backend);
    const watched = {
      ...backend,
      dropout: (...args: Parameters<typeof dropout>) => (seeds.add(args[3]), dropout(...args)),
    };
    const run = createTrainingRun({ ...OPTIONS, graph: { ...GRAPH, layers } }, DATA, watched);
    for (let n = 0; n < 10; n++) run.step();
    assert.equal(seeds.size, 10);
  });

  test("tells every misfit of model, data and encoder", () => {
    assert.deepEqual(
      codeOf(() =>
        create({
          graph: { ...GRAPH, inputShape: [20] },
          encoder: { name: "events", split: "time", binary: true },
        }),
      ),
      ["train/data-shape", "train/encoder-does-not-fit"],
    );
    assert.deepEqual(
      codeOf(() => create({}, { ...DATA, classes: 4 })),
      ["train/classes-do-not-fit"],
    );
    assert.deepEqual(
      codeOf(() => create({}, { ...DATA, pixels: new Uint8Array(), labels: new Uint8Array() })),
      ["train/no-samples"],
    );
    assert.deepEqual(
      codeOf(() => create({ method: { name: "dense", options: {}, layers: ["fc9"] } })),
      ["train/unknown-layer"],
    );
    assert.deepEqual(
      codeOf(() => create({ method: { name: "dens", options: {} } })),
      ["train/method-unknown"],
    );
    assert.deepEqual(
      codeOf(() => create({ method: { name: "stds", options: { threshold: "x" } } })),
      ["train/method-option"],
    );
  });

  test("prunes only the layers that are named", () => {
    const run = finish(create({ method: { name: "gmp", options: { density: 0.25 }, layers: ["fc1"] } }));
    const { layers, total } = run.density();
    assert.deepEqual(
      layers.map((l) => l.layer),
      ["fc1"],
    );
    assert.equal(total, 0.25);
    assert.ok(run.parameters.list.find((p) => p.name === "fc2.weight")?.value.every((w) => w !== 0));
  });
});

/** Settings under which a method does something in 42 steps. */
function smallOptions(name: string): Readonly<Record<string, unknown>> {
  switch (name) {
    case "gmp":
      return { density: 0.3, everySteps: 5 };
    case "static-random":
      return { density: 0.5 };
    case "esl":
      return { density: 0.5, everySteps: 5 };
    case "grad-r":
      return { alpha: 0.3 };
    case "stds":
    case "lats":
      return { threshold: 0.2 };
    case "sd-snn":
      return { window: 1 };
    case "channel":
      return { parameters: 0.6 };
    default:
      return {};
  }
}
