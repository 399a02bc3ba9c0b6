// The published settings of the large networks. They need their data, and days.
import type { ReadyRecipe } from "./ready-recipe.ts";

/** Mean of the three channels' usual mean and deviation. */
const CIFAR = { name: "direct", mean: 0.4734, deviation: 0.2516 };
const CROP_AND_FLIP = { cropPadding: 4, flip: true };
const GRAD_R_CIFAR = {
  seed: 2020,
  model: { builtin: "6conv-2fc" },
  data: { name: "cifar-10" },
  encoder: CIFAR,
  steps: 8,
  schedule: { name: "constant", rate: 1e-4 },
  epochs: 2048,
  batchSize: 16,
  augmentation: CROP_AND_FLIP,
};
const SEW_IMAGENET = {
  seed: 1,
  model: { builtin: "sew-resnet-18" },
  data: { name: "imagenet" },
  encoder: { name: "direct", mean: 0.449, deviation: 0.226 },
  steps: 4,
  loss: { name: "cross-entropy" },
  optimizer: { name: "sgd", momentum: 0.9 },
  schedule: { name: "cosine", rate: 0.1, per: "epoch" },
  epochs: 320,
  batchSize: 256,
};
/** Weight layers of the SEW network but the last one, which stays dense. */
const SEW_CONVOLUTIONS = [
  "conv1",
  ...[2, 3, 4, 5].flatMap((stage) =>
    [1, 2].flatMap((block) => [
      `conv${stage}-${block}a`,
      `conv${stage}-${block}b`,
      ...(stage > 2 && block === 1 ? [`conv${stage}-${block}d`] : []),
    ]),
  ),
];
const TET = { loss: { name: "tet", lambda: 0 }, schedule: { name: "cosine", rate: 1e-3 }, batchSize: 128 };

export const DEEP_RECIPES: readonly ReadyRecipe[] = [
  {
    summary: "6 conv + 2 FC on CIFAR-10",
    source: "Grad R, IJCAI 2021",
    recipe: { name: "grad-r-cifar10", ...GRAD_R_CIFAR, method: { name: "grad-r", alpha: 1e-3 } },
  },
  {
    summary: "6 conv + 2 FC on CIFAR-10, sine threshold to 1",
    source: "STDS, ICML 2022",
    recipe: { name: "stds-cifar10", ...GRAD_R_CIFAR, method: { name: "stds", threshold: 1 } },
  },
  {
    summary: "128C3-128C3-MP2-256C3-256C3-MP2-512C3-512C3-512-10 on CIFAR-10",
    source: "SD-SNN",
    recipe: {
      name: "sd-snn-cifar10",
      seed: 1,
      model: { builtin: "sd-snn-cifar" },
      data: { name: "cifar-10" },
      encoder: CIFAR,
      steps: 8,
      optimizer: { name: "adam", weightDecay: 0.01 },
      schedule: { name: "cosine", rate: (5e-3 * 50) / 1024, warmupEpochs: 5 },
      epochs: 600,
      batchSize: 50,
      augmentation: CROP_AND_FLIP,
      method: {
        name: "sd-snn",
        clipAfter: 5,
        linear: { initialRate: 3, rateScale: 0.5, lateScale: 0.0005, regrowAfter: 18 },
        conv: { initialRate: 0.5, deadLimit: 20 },
      },
      layers: ["conv1a", "conv1b", "conv2a", "conv2b", "conv3a", "conv3b", "fc1"],
    },
  },
  {
    summary: "15C3-AP2-40C3-AP2-300-11 on DVS-Gesture",
    source: "SD-SNN",
    recipe: {
      name: "sd-snn-dvs-gesture",
      seed: 1,
      model: { builtin: "sd-snn-conv", inputShape: [2, 128, 128], classes: 11 },
      data: { name: "dvs-gesture" },
      encoder: { name: "events", split: "number" },
      steps: 64,
      schedule: { name: "step", rate: 1e-3, everyEpochs: 40, factor: 0.1 },
      epochs: 300,
      batchSize: 4,
      method: { name: "sd-snn", linear: { initialRate: 60, quantile: 55, rateDivisor: 11 } },
      layers: ["conv2", "fc1"],
    },
  },
  {
    summary: "ResNet-19 on CIFAR-10, half of the weights from the start",
    source: "ESL-SNNs, AAAI 2023; what the paper leaves open is ours",
    recipe: {
      name: "esl-cifar10",
      seed: 1,
      model: { builtin: "resnet-19" },
      data: { name: "cifar-10" },
      encoder: CIFAR,
      steps: 2,
      ...TET,
      epochs: 300,
      augmentation: CROP_AND_FLIP,
      method: { name: "esl", density: 0.5 },
    },
  },
  {
    summary: "VGGSNN on DVS-CIFAR10, a tenth of the weights from the start",
    source: "ESL-SNNs, AAAI 2023; what the paper leaves open is ours",
    recipe: {
      name: "esl-dvs-cifar10",
      seed: 1,
      model: { builtin: "vggsnn" },
      data: { name: "dvs-cifar10", rescale: [48, 48] },
      encoder: { name: "events", split: "number" },
      steps: 10,
      ...TET,
      loss: { name: "tet", lambda: 1e-3 },
      epochs: 150,
      method: { name: "esl", density: 0.1 },
    },
  },
  {
    summary: "SEW-ResNet-18 of CIFAR size, thresholds that follow the learning rate, to 5 %",
    source: "LATS, ICLR 2023, on CIFAR-10 (ours)",
    recipe: {
      name: "lats-cifar10",
      ...SEW_IMAGENET,
      model: { builtin: "sew-resnet-18", inputShape: [3, 32, 32], classes: 10, stem: "cifar" },
      data: { name: "cifar-10" },
      encoder: CIFAR,
      batchSize: 64,
      augmentation: CROP_AND_FLIP,
      method: { name: "lats" },
      density: 0.05,
      layers: SEW_CONVOLUTIONS,
    },
  },
  {
    summary: "SEW-ResNet-18 on ImageNet, sine threshold to 0.6",
    source: "STDS, ICML 2022",
    recipe: {
      name: "stds-imagenet",
      ...SEW_IMAGENET,
      method: { name: "stds", threshold: 0.6 },
      layers: SEW_CONVOLUTIONS,
    },
  },
];
