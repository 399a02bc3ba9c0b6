// Learn a sparse spiking network in a few seconds, and ask what it costs on Loihi 1, beside the same network dense.
import { findProfile, findTarget, runModel, textTable } from "spinec";
import { DiagnosticSink } from "spinec";
import {
  ADAM,
  createTrainingRun,
  createWasmBackend,
  generatedDigits,
  NEURONS,
  rateEncodeAll,
  trainedModelOf,
  trainedModelToNetwork,
  type LayerGraph,
  type TrainingOptions,
} from "spinec/train";

const digits = { side: 14, classes: 10, noise: 40 };
const training = generatedDigits({ ...digits, samples: 1500, seed: 1 });
const test = generatedDigits({ ...digits, samples: 200, seed: 2 });

const neuron = { ...NEURONS["lif-sj"], gain: 1, compare: ">" } as const;
const graph: LayerGraph = {
  name: "196-96-48-10",
  inputShape: [196],
  layers: [
    { name: "fc1", inputs: ["input"], op: "linear", features: 96, bias: false },
    { name: "lif1", inputs: ["fc1"], op: "neuron", neuron },
    { name: "fc2", inputs: ["lif1"], op: "linear", features: 48, bias: false },
    { name: "lif2", inputs: ["fc2"], op: "neuron", neuron },
    { name: "fc3", inputs: ["lif2"], op: "linear", features: 10, bias: false },
    { name: "lif3", inputs: ["fc3"], op: "neuron", neuron },
  ],
  output: "lif3",
};
const methods: readonly TrainingOptions["method"][] = [
  { name: "dense", options: {} },
  { name: "gmp", options: { density: 0.1 } },
  { name: "lats", options: { threshold: 0.2 } }, // density comes about: the threshold follows the learning rate
];

const sink = new DiagnosticSink();
const target = findTarget("loihi1", sink)!;
const profile = findProfile(target, undefined, sink)!;
const steps = 10;
const inputs = { input: rateEncodeAll(test.pixels, [196], steps) };

const rows: string[][] = [];
for (const method of methods) {
  const run = createTrainingRun(
    {
      graph,
      encoder: { name: "rate-encode" },
      steps,
      loss: { name: "mse" },
      optimizer: ADAM,
      schedule: { name: "cosine", rate: 4e-3, warmupEpochs: 0, per: "step" },
      epochs: 12,
      batchSize: 50,
      seed: 1,
      method,
    },
    training,
    await createWasmBackend(),
  );
  while (run.stepsDone < run.totalSteps) run.step();
  const { network } = trainedModelToNetwork(trainedModelOf(run.plan, run.parameters), { name: method.name });
  await run.dispose();
  const { report } = runModel(network, target, profile, inputs, { labels: test.labels }, sink);
  rows.push([
    method.name,
    `${(100 * report.model.densityShare).toFixed(1)} %`,
    `${(100 * report.accuracy!.chipShare).toFixed(1)} %`,
    String(report.map.synapseWords),
    (report.energy.dynamicPj / 1e6).toFixed(3),
  ]);
}
const right = ["density", "accuracy on the chip", "synapse words", "energy in µJ"].map((heading) => ({
  heading,
  align: "right" as const,
}));
console.log(textTable([{ heading: "method" }, ...right], rows).join("\n"));
