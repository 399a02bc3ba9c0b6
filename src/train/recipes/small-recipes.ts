// Minutes on a laptop; the published settings on MNIST beside them take hours.
import type { ReadyRecipe } from "./ready-recipe.ts";

const MNIST = { name: "direct", mean: 0.1307, deviation: 0.3081 };
/** Grad R's augmentation of MNIST. */
const AFFINE = { turnDegrees: 30, translateShare: 0.15, scaleFrom: 0.85, scaleTo: 1.11 };
/** 784-800-10 on 10,000 digits, 30 epochs: the yardstick on which the methods are compared. */
const YARDSTICK = {
  seed: 1,
  model: { builtin: "mlp" },
  data: { name: "mnist-10k" },
  encoder: MNIST,
  steps: 8,
  schedule: { name: "cosine", rate: 1e-3 },
  epochs: 30,
  batchSize: 128,
};

export const SMALL_RECIPES: readonly ReadyRecipe[] = [
  {
    summary: "a first run: half a minute, digits, 10 % of the weights",
    source: "ours",
    recipe: {
      name: "demo",
      seed: 1,
      model: { builtin: "mlp", hidden: [128] },
      data: { name: "digits", limit: 4000, validation: 400 },
      encoder: { name: "rate-encode" },
      steps: 8,
      schedule: { name: "cosine", rate: 3e-3 },
      epochs: 8,
      batchSize: 50,
      method: { name: "gmp", density: 0.1 },
    },
  },
  {
    summary: "784-800-10 on 10,000 digits, dense: the yardstick",
    source: "ours",
    recipe: { name: "mlp-dense", ...YARDSTICK, method: { name: "dense" } },
  },
  {
    summary: "the same, gradual magnitude pruning to 5 %",
    source: "ours",
    recipe: { name: "mlp-gmp", ...YARDSTICK, method: { name: "gmp", density: 0.05 } },
  },
  {
    summary: "the same, thresholds that follow the learning rate, to 5 %",
    source: "LATS, ICLR 2023, on a small network",
    recipe: { name: "mlp-lats", ...YARDSTICK, method: { name: "lats" }, density: 0.05 },
  },
  {
    summary: "a tiny network with one residual ADD, dense",
    source: "ours",
    recipe: {
      name: "tiny-residual",
      seed: 1,
      model: { builtin: "tiny-residual" },
      data: { name: "mnist-10k" },
      encoder: { name: "rate-encode" },
      steps: 8,
      schedule: { name: "cosine", rate: 2e-3 },
      epochs: 20,
      batchSize: 64,
      method: { name: "dense" },
    },
  },
  {
    summary: "15C5-P2-40C5-P2-300-10 on MNIST, dense",
    source: "Wu et al. 2018",
    recipe: {
      name: "stbp-mnist",
      seed: 1,
      model: { builtin: "stbp-conv" },
      data: { name: "mnist" },
      encoder: { name: "rate" },
      steps: 8,
      schedule: { name: "constant", rate: 1e-3 },
      epochs: 100,
      batchSize: 50,
      method: { name: "dense" },
    },
  },
  {
    summary: "784-800-10 on MNIST as published",
    source: "Grad R, IJCAI 2021",
    recipe: {
      name: "grad-r-mnist",
      seed: 2020,
      model: { builtin: "mlp" },
      data: { name: "mnist" },
      encoder: MNIST,
      steps: 8,
      schedule: { name: "constant", rate: 1e-4 },
      epochs: 512,
      batchSize: 128,
      augmentation: AFFINE,
      method: { name: "grad-r", alpha: 1e-3 },
      checkpoint: { everyEpochs: 4 },
    },
  },
  {
    summary: "15C3-AP2-40C3-AP2-300-10 on MNIST as published",
    source: "SD-SNN",
    recipe: {
      name: "sd-snn-mnist",
      seed: 1,
      model: { builtin: "sd-snn-conv" },
      data: { name: "mnist" },
      encoder: { name: "rate" },
      steps: 20,
      schedule: { name: "step", rate: 1e-3, everyEpochs: 40, factor: 0.1 },
      epochs: 300,
      batchSize: 100,
      method: { name: "sd-snn" },
      layers: ["conv2", "fc1"],
    },
  },
];
