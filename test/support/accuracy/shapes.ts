// The published shapes, as driven networks.
import type { Network } from "#ir/network";
import { drivenNetwork, type DrivenLayer } from "./driven.ts";

const dense = (name: string, features: number, ...from: string[]): DrivenLayer => ({
  name,
  shape: [features],
  from,
});

/** "Aloha" keyword spotter: 390-256-256-29. */
export function keywordSpotter(): Network {
  return drivenNetwork(
    "390-256-256-29",
    [390],
    [dense("fc1", 256, "input"), dense("fc2", 256, "fc1"), dense("fc3", 29, "fc2")],
    1,
  );
}

/** Its scaled form: an input layer feeds parallel chains of ten layers, whose ends feed one layer. */
export function keywordChains(copies: number): Network {
  const chains = Array.from({ length: copies }, (_, copy) =>
    Array.from({ length: 10 }, (__, layer) =>
      dense(`copy${copy}/${layer}`, 256, layer === 0 ? "fc1" : `copy${copy}/${layer - 1}`),
    ),
  );
  const ends = chains.map((chain) => chain[9].name);
  return drivenNetwork(
    `390-256-${copies}x10x256-256-29`,
    [390],
    [dense("fc1", 256, "input"), ...chains.flat(), dense("join", 256, ...ends), dense("out", 29, "join")],
    2,
  );
}

/** The neurons of the sequential-MNIST LSNN (140 + 100 adaptive, 10 outputs) without their synapses. */
export function lsnnNeurons(): Network {
  return drivenNetwork("250 neurons", [80], [{ name: "neurons", shape: [250], from: [] }], 3);
}

const NO_PADDING = [0, 0, 0, 0] as const;

/** A convolution layer; `from` is the layer before, of the given channels and side. */
function conv(
  name: string,
  from: readonly [name: string, channels: number, side: number],
  channels: number,
  kernel: number,
  stride: number,
  padding: readonly [number, number, number, number] = NO_PADDING,
  groups = 1,
): DrivenLayer {
  const [source, inChannels, inSide] = from;
  const side = Math.floor((inSide + padding[0] + padding[1] - kernel) / stride) + 1;
  return {
    name,
    shape: [channels, side, side],
    from: [source],
    conv: {
      kernelShape: [channels, inChannels / groups, kernel, kernel],
      stride: [stride, stride],
      padding,
      groups,
    },
  };
}

/** 28x28, then 16 5x5 with stride 2, 32 3x3, 64 3x3 with stride 2, 10 4x4: 33,802 parameters with biases. */
export function nxtfMnist(): Network {
  return drivenNetwork(
    "16c5s2-32c3-64c3s2-10c4",
    [1, 28, 28],
    [
      conv("conv1", ["input", 1, 28], 16, 5, 2),
      conv("conv2", ["conv1", 16, 12], 32, 3, 1),
      conv("conv3", ["conv2", 32, 10], 64, 3, 2),
      conv("conv4", ["conv3", 64, 4], 10, 4, 1),
    ],
    7,
  );
}

/** Keeps the side with stride 1, and halves it with stride 2, as TensorFlow pads. */
const SAME: Readonly<Record<number, readonly [number, number, number, number]>> = {
  1: [1, 1, 1, 1],
  2: [0, 1, 0, 1],
};

/** Pairs of depth-wise and point-wise layers: stride of the first, channels of the second. */
const PAIRS = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
] as const;

/** The pseudo-MobileNet of NxTF's CIFAR tutorial: 76,810 neurons. */
export function pseudoMobileNet(): Network {
  const layers = [conv("conv", ["input", 3, 32], 32, 3, 2, SAME[2])];
  let before: readonly [string, number, number] = ["conv", 32, 16];
  PAIRS.forEach(([stride, channels], i) => {
    const [, inChannels, side] = before;
    const depthwise = conv(`dw${i}`, before, inChannels, 3, stride, SAME[stride], inChannels);
    const between = [depthwise.name, inChannels, side / stride] as const;
    layers.push(depthwise, conv(`pw${i}`, between, channels, 1, 1));
    before = [`pw${i}`, channels, side / stride];
  });
  layers.push(conv("pool", before, 256, 2, 2, NO_PADDING, 256), dense("out", 10, "pool"));
  return drivenNetwork("pseudo-MobileNet", [3, 32, 32], layers, 8);
}

/** Pairs of the MobileNet for 128 x 128 pixels: stride of the depth-wise layer, channels of the point-wise one. */
const LARGE_PAIRS = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
  [2, 512],
  ...Array.from({ length: 5 }, () => [1, 512] as const),
  [2, 1024],
  [1, 1024],
] as const;

/** MobileNet for 128 x 128 pixels: 27 convolutions, pooling, and a dense layer of 1,000; 4.2 million weights. */
export function mobileNet(): Network {
  const layers = [conv("conv", ["input", 3, 128], 32, 3, 2, SAME[2])];
  let before: readonly [string, number, number] = ["conv", 32, 64];
  LARGE_PAIRS.forEach(([stride, channels], i) => {
    const [, inChannels, side] = before;
    const depthwise = conv(`dw${i}`, before, inChannels, 3, stride, SAME[stride], inChannels);
    const between = [depthwise.name, inChannels, side / stride] as const;
    layers.push(depthwise, conv(`pw${i}`, between, channels, 1, 1));
    before = [`pw${i}`, channels, side / stride];
  });
  layers.push(conv("pool", before, 1024, 4, 4, NO_PADDING, 1024), dense("out", 1000, "pool"));
  return drivenNetwork("MobileNet", [3, 128, 128], layers, 9);
}
