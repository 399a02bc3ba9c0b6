import type { CoreProgram } from "#ir/deployment";
import { expand } from "#ir/connectivity";
import type { Projection, SharedKernel } from "#ir/network";
import type { KernelPow2Packer } from "#targets/target";
import { invariant } from "#util/diagnostic";
import { axonWordsDiffer, formatUnknown, layerImpossible, memoryWordsDiffer } from "../diagnostics.ts";
import { compartmentsOf } from "./compartments.ts";
import type { WallCounter } from "./wall-counter.ts";

/** One convolution on a core: kernel and neuron memory by powers of two, and what the engine can do. */
export const kernelPow2Counter: WallCounter = {
  formula: "kernel-pow2",

  checkFormats(core, { packer, target, findings }) {
    core.formats.forEach((form, format) => {
      const unknown = (field: string, value: string | number): void =>
        findings.report(formatUnknown({ core: core.core, format, field, value, packer: packer.name }));
      if (form.encoding !== "kernel") unknown("encoding", form.encoding);
      if (!target.weights.bits.includes(form.weightBits)) unknown("weightBits", form.weightBits);
    });
  },

  count(core, context) {
    const { deployment, network, findings, packer } = context;
    invariant(packer.formula === "kernel-pow2", "the counter was chosen by the packer's formula");
    const compartments = compartmentsOf(deployment, core.core, core.neurons);
    const reaching = new Set(core.formats.map(({ projection }) => projection));
    let synapseWords = 0;
    const made = new Map<number, Plane>();
    for (const p of reaching) {
      const projection = network.projections[p];
      const engine = engineOf(projection, network.populations[projection.pre].shape, packer);
      for (const what of cannot(engine, packer))
        findings.report(layerImpossible({ core: core.core, projection: projection.name, what }));
      made.set(projection.post, { height: engine.outHeight, width: engine.outWidth });
      const pixels = engine.outHeight * engine.outWidth;
      const outChannels = new Set(compartments.of(projection.post).map((n) => Math.floor(n / pixels))).size;
      synapseWords += engine.inChannels * pow2(engine.tapsHigh * engine.tapsWide) * pow2(outChannels);
    }
    let neuronWords = 0;
    let biasWords = 0;
    network.populations.forEach(({ shape, params }, population) => {
      const own = compartments.of(population);
      if (own.length === 0) return;
      const { height, width } = made.get(population) ?? planeOf(shape);
      const channels = new Set(own.map((n) => Math.floor(n / (height * width)))).size;
      neuronWords += channels * pow2(height) * pow2(width);
      const bias = params["bias"] as Float64Array | undefined;
      if (bias?.some((value) => value !== 0) === true) biasWords += channels;
    });
    let longest = 0;
    for (let axon = 0; axon < core.axonWords.length; axon++) {
      const counted = entriesRead(core, axon);
      longest = Math.max(longest, counted);
      const stated = core.axonWords[axon];
      if (stated !== counted) findings.report(axonWordsDiffer({ core: core.core, axon, stated, counted }));
    }
    if (core.memoryWords !== synapseWords)
      findings.report(
        memoryWordsDiffer({ core: core.core, stated: core.memoryWords, counted: synapseWords }),
      );
    return { demand: { synapseWords, neuronWords, biasWords }, longest };
  },
};

/** A deployment states words in 16 bits. */
function entriesRead({ axonStart }: CoreProgram, axon: number): number {
  return Math.min(2 ** 16 - 1, axonStart[axon + 1] - axonStart[axon]);
}

interface Plane {
  readonly height: number;
  readonly width: number;
}

interface Engine {
  readonly inChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly tapsHigh: number;
  readonly tapsWide: number;
  readonly steps: readonly number[];
  readonly zeros: readonly number[];
}

function planeOf(shape: readonly number[]): Plane {
  if (shape.length === 3) return { height: shape[1], width: shape[2] };
  return { height: 1, width: shape.length === 2 ? shape[1] : 1 };
}

/** What the engine would have to do, with the largest squares summed in front that leave the weights as they are. */
function engineOf({ connectivity }: Projection, pre: readonly number[], { pools }: KernelPow2Packer): Engine {
  const bySize = [...pools].sort((a, b) => b - a);
  if (connectivity.kind === "kernel") {
    const pool = bySize.find((side) => comesInSquares(connectivity, side)) ?? 1;
    const [inChannels, height, width] = connectivity.inputShape;
    const [outChannels, outHeight, outWidth] = connectivity.outputShape;
    const [, , rows, columns] = connectivity.kernelShape;
    const steps = [
      outHeight > 1 ? connectivity.stride[0] / pool : 1,
      outWidth > 1 ? connectivity.stride[1] / pool : 1,
    ];
    return {
      inChannels,
      inHeight: Math.ceil(height / pool),
      inWidth: Math.ceil(width / pool),
      outChannels,
      outHeight,
      outWidth,
      tapsHigh: ((rows - 1) * connectivity.dilation[0] + 1) / pool,
      tapsWide: ((columns - 1) * connectivity.dilation[1] + 1) / pool,
      steps,
      zeros: connectivity.padding.map((count) => Math.ceil(count / pool)),
    };
  }
  // Anything else is a kernel as large as the image: rows of the matrix that belong to one square have to be equal.
  const matrix = expand(connectivity);
  const { height, width } = planeOf(pre);
  const text = (row: number): string => {
    const [begin, end] = [matrix.rowStart[row], matrix.rowStart[row + 1]];
    return `${matrix.colIndex.subarray(begin, end).join()};${matrix.values.subarray(begin, end).join()}`;
  };
  const pool =
    bySize.find((side) => {
      if (side === 1) return true;
      const [high, wide] = [height - (height % side), width - (width % side)];
      if (high === 0 || wide === 0) return false;
      for (let row = 0; row < matrix.rows; row++) {
        const [y, x] = [Math.floor(row / width) % height, row % width];
        const corner = row - (y % side) * width - (x % side);
        if (y >= high || x >= wide ? text(row) !== ";" : text(row) !== text(corner)) return false;
      }
      return true;
    }) ?? 1;
  const [tapsHigh, tapsWide] =
    pool === 1 ? [height, width] : [Math.floor(height / pool), Math.floor(width / pool)];
  return {
    inChannels: matrix.rows / (height * width),
    inHeight: tapsHigh,
    inWidth: tapsWide,
    outChannels: matrix.cols,
    outHeight: 1,
    outWidth: 1,
    tapsHigh,
    tapsWide,
    steps: [1, 1],
    zeros: [0],
  };
}

/** Whether a kernel says the same if every tap takes the sum of a square of pixels. */
function comesInSquares(kernel: SharedKernel, side: number): boolean {
  if (side === 1) return true;
  const { weights, stride, padding, dilation, inputShape } = kernel;
  const [outChannels, perGroup, rows, columns] = kernel.kernelShape;
  if (dilation[0] * dilation[1] !== 1 || Math.min(inputShape[1], inputShape[2]) < side) return false;
  if ([rows, columns, ...stride, padding[0], padding[2]].some((length) => length % side > 0)) return false;
  for (let square = 0; square < (rows / side) * (columns / side); square++) {
    const top = Math.floor(square / (columns / side)) * side;
    const left = (square % (columns / side)) * side;
    for (let filter = 0; filter < outChannels * perGroup; filter++) {
      const values = new Set<number>();
      for (let place = 0; place < side * side; place++)
        values.add(
          weights[(filter * rows + top + Math.floor(place / side)) * columns + left + (place % side)],
        );
      if (values.size > 1) return false;
    }
  }
  return true;
}

function cannot(engine: Engine, packer: KernelPow2Packer): string[] {
  const rules: readonly (readonly [string, readonly number[], number])[] = [
    ["channels", [engine.inChannels, engine.outChannels], packer.maxChannels],
    ["pixels on a side of the input", [engine.inHeight, engine.inWidth], packer.maxInputSide],
    ["pixels on a side of the output", [engine.outHeight, engine.outWidth], packer.maxOutputSide],
    ["taps on a side", [engine.tapsHigh, engine.tapsWide], packer.maxKernelSide],
    ["zeros of padding", engine.zeros, packer.maxPadding],
  ];
  const broken = rules.flatMap(([what, values, most]) =>
    Math.max(...values) > most ? [`${Math.max(...values)} ${what}, and ${most} is the most`] : [],
  );
  const odd = engine.steps.filter((step) => !packer.strides.includes(step));
  return odd.length === 0 ? broken : [...broken, `a stride of ${odd[0]}`];
}

/** By counting up. */
function pow2(least: number): number {
  let power = 1;
  while (power < least) power *= 2;
  return power;
}
