// A small spiking detector.
import { INPUT, type Layer, type LayerGraph, type Pair } from "../graph.ts";
import { NEURONS } from "../neurons.ts";
import { BOX_CHANNELS, type GridSpec } from "./grid.ts";

export interface DetectorSize {
  /** Of the picture, in pixels; multiples of 4. */
  readonly height: number;
  readonly width: number;
  /** Of the first stage; the second has twice as many. */
  readonly channels: number;
  readonly classes: number;
}

/**
 * Stem (stride 2), a residual stage, a second one (stride 2) with a convolution in its down-sampling branch, a neck that
 * joins both stages, and a real-valued grid head whose outputs are averaged over steps. Skip connections add spikes.
 */
export function detectionGraph({ height, width, channels, classes }: DetectorSize): LayerGraph {
  return {
    name: "grid detector",
    inputShape: [1, height, width],
    layers: [
      ...spikingConv("stem", INPUT, channels, 3, 2),
      ...spikingConv("stage1.body", "stem", channels, 3, 1),
      { name: "stage1", inputs: ["stem", "stage1.body"], op: "add" },
      ...spikingConv("stage2.body", "stage1", 2 * channels, 3, 2),
      ...spikingConv("stage2.down", "stage1", 2 * channels, 1, 2),
      { name: "stage2", inputs: ["stage2.body", "stage2.down"], op: "add" },
      { name: "stage1.pool", inputs: ["stage1"], op: "average-pool", kernel: [2, 2], stride: [2, 2] },
      { name: "joined", inputs: ["stage2", "stage1.pool"], op: "concat" },
      ...spikingConv("neck", "joined", 2 * channels, 3, 1),
      {
        name: "head",
        inputs: ["neck"],
        op: "conv2d",
        channels: BOX_CHANNELS + classes,
        kernel: [1, 1],
        stride: [1, 1],
        padding: [0, 0],
        groups: 1,
        bias: true,
      },
    ],
    output: "head",
  };
}

/** The grid of `detectionGraph`'s head. */
export function detectionGrid({ height, width, classes }: DetectorSize, anchorPixels: number): GridSpec {
  return { rows: height / 4, columns: width / 4, cellPixels: 4, anchorPixels, classes };
}

function spikingConv(name: string, input: string, channels: number, side: number, stride: number): Layer[] {
  const pair = (value: number): Pair => [value, value];
  return [
    {
      name: `${name}.conv`,
      inputs: [input],
      op: "conv2d",
      channels,
      kernel: pair(side),
      stride: pair(stride),
      padding: pair((side - 1) / 2),
      groups: 1,
      bias: false,
    },
    {
      name: `${name}.norm`,
      inputs: [`${name}.conv`],
      op: "batch-norm",
      epsilon: 1e-5,
      momentum: 0.1,
      gammaInit: 1,
    },
    { name, inputs: [`${name}.norm`], op: "neuron", neuron: NEURONS["lif-tet"] },
  ];
}
