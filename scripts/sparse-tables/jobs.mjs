// Every training run behind the tables. One job is one run: same job, same weights.
import { deepMlp, mlp, residualNet } from "./networks.mjs";

const ADAM = { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
const constant = (rate) => ({ name: "constant", rate, warmupEpochs: 0 });
const cosine = (rate) => ({ name: "cosine", rate, warmupEpochs: 0, per: "step" });
const SEEDS = [0, 1, 2];

const MLP = {
  graph: mlp(),
  encoder: { name: "direct", mean: 0.1307, deviation: 0.3081 },
  steps: 8,
  loss: { name: "mse" },
  optimizer: ADAM,
  epochs: 30,
  batchSize: 128,
};
const DEEP = { ...MLP, graph: deepMlp(), encoder: { name: "rate-encode" }, steps: 12, epochs: 20 };
const CONV = {
  ...MLP,
  graph: residualNet(),
  encoder: { name: "rate-encode" },
  steps: 8,
  epochs: 12,
  batchSize: 64,
};

const ESL = { growth: "random", allocation: "erk", dropFraction: 0.3, everySteps: 40, stopShare: 0.75 };

/** [label, method, options, learning rate]; emergent densities by the knob that gives about 10, 5 and 2 %. */
const SPARSE = [
  ["dense", "dense", {}, constant(1e-3)],
  ...[0.1, 0.05, 0.02].flatMap((density) => [
    [`gmp ${density}`, "gmp", { density }, cosine(1e-3)],
    [`static-random ${density}`, "static-random", { density, allocation: "erk" }, constant(1e-3)],
    [`esl-random ${density}`, "esl", { ...ESL, density }, constant(1e-3)],
    [`esl-gradient ${density}`, "esl", { ...ESL, density, growth: "gradient" }, constant(1e-3)],
  ]),
  ...[0.045, 0.093, 0.26].map((alpha) => [`grad-r ${alpha}`, "grad-r", { alpha }, constant(1e-3)]),
  ...[0.12, 0.25, 0.75].map((d) => [`stds ${d}`, "stds", { threshold: d }, constant(1e-3)]),
  ...[0.12, 0.25, 0.7].map((d) => [`lats ${d}`, "lats", { threshold: d, schedule: "s-lats" }, cosine(2e-3)]),
];

/** The published claim that can be checked in minutes: the threshold has to follow the learning rate. */
const ORDERING = [0.2, 0.4].flatMap((d) =>
  ["s-lats", "sine", "linear"].map((schedule) => [
    `order-${schedule} ${d}`,
    "lats",
    { threshold: d, schedule },
    cosine(2e-3),
  ]),
);

const STRUCTURED = [
  ["dense", "dense", {}, cosine(2e-3)],
  [
    "sd-snn",
    "sd-snn",
    {
      window: 2,
      strict: true,
      linear: { initialRate: 50, regrowAfter: 2 },
      conv: { initialRate: 25, regrowAfter: 2 },
    },
    cosine(2e-3),
  ],
  ["channel 0.5", "channel", { parameters: 0.5 }, cosine(2e-3)],
  ["channel 0.2", "channel", { parameters: 0.2 }, cosine(2e-3)],
];

function jobsOf(table, base, data, rows, seeds = SEEDS) {
  return seeds.flatMap((seed) =>
    rows.map(([label, name, options, schedule]) => ({
      id: `${table}/${label.replace(" ", "-")}-seed${seed}`,
      table,
      label,
      data,
      options: { ...base, schedule, seed, method: { name, options } },
    })),
  );
}

/** What is cheap and what the tables cannot do without comes first: a partial set of results is already a page. */
export const JOBS = [
  ...jobsOf("mlp", MLP, "mnist-10k", SPARSE, [0, 1]),
  ...jobsOf("conv-mnist", CONV, "mnist-10k", STRUCTURED, [0]),
  ...jobsOf("conv-fashion", CONV, "fashion-mnist", STRUCTURED, [0]),
  ...jobsOf("deep", DEEP, "mnist-10k", SPARSE, [0]),
  ...jobsOf("order", MLP, "mnist-10k", ORDERING),
  ...jobsOf("mlp", MLP, "mnist-10k", SPARSE, [2]),
  ...[1, 2].flatMap((seed) => [
    ...jobsOf("conv-mnist", CONV, "mnist-10k", STRUCTURED, [seed]),
    ...jobsOf("conv-fashion", CONV, "fashion-mnist", STRUCTURED, [seed]),
    ...jobsOf("deep", DEEP, "mnist-10k", SPARSE, [seed]),
  ]),
];
