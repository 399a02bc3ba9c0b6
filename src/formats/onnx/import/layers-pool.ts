// Poolings and reductions. Means are linear; a maximum is a tournament of rectified differences.
import { expand, scaleConnectivity } from "#ir/connectivity";
import type { SharedKernel } from "#ir/network";
import { checkSynapses, pickMatrix } from "./builder.ts";
import { batchMixed } from "./diagnostics-nodes.ts";
import { axesOf, checkLimit, mismatch, refuseOperand } from "./shapes.ts";
import { flowOperand, indexTensor, relay, relu, type Layer, type LayerArgs } from "./layer.ts";
import { imageAxes, kernelOf } from "./layers-linear.ts";
import { Refusal } from "./refusal.ts";
import { elementsOf } from "./tensor.ts";
import { sampleSize, type Flow, type Layout } from "./values.ts";
import { outputExtent, windowOf, type Window } from "./window.ts";

export const averagePool: Layer = (args) => {
  const { attributes } = args;
  const x = flowOperand(args, 0);
  imageAxes(args, x);
  const image = x.dims.slice(2);
  const { window, declared, extents, output } = pooling(args, x);
  const channels = x.dims[1];
  const area = window.kernel.reduce((a, b) => a * b, 1);
  const withPadding = attributes.int("count_include_pad", 0) === 1;
  const counts = image.map((extent, axis) => tapCounts(extent, extents[axis], declared, axis, withPadding));
  const whole = counts.every((axis, i) => axis.every((count) => count === window.kernel[i]));
  const kernel = (weight: number): SharedKernel =>
    kernelOf(x, new Float64Array(channels * area).fill(weight), [channels, 1], channels, window, extents);
  if (whole) return relay(args, output, [{ pre: x.population, connectivity: kernel(1 / area) }]);
  const plane = elementsOf(extents);
  const width = extents.at(-1)!;
  const share = Float64Array.from({ length: channels * plane }, (_, i) => {
    const at = i % plane;
    const column = counts.at(-1)![at % width];
    return 1 / (counts.length === 1 ? column : counts[0][Math.floor(at / width)] * column);
  });
  checkSynapses(channels * plane * area, args.node);
  return relay(args, output, [
    { pre: x.population, connectivity: scaleConnectivity(kernel(1), undefined, share) },
  ]);
};

/** Along one axis, how many taps of each window count for the mean. */
function tapCounts(
  extent: number,
  windows: number,
  { kernel, stride, dilation, before, after }: Window,
  axis: number,
  withPadding: boolean,
): number[] {
  const low = withPadding ? -before[axis] : 0;
  const high = withPadding ? extent + after[axis] : extent;
  return Array.from({ length: windows }, (_, w) => {
    let count = 0;
    for (let tap = 0; tap < kernel[axis]; tap++) {
      const at = w * stride[axis] - before[axis] + tap * dilation[axis];
      if (at >= low && at < high) count++;
    }
    return Math.max(count, 1);
  });
}

export const globalAveragePool: Layer = (args) => {
  const x = flowOperand(args, 0);
  if (x.batchAxis !== 0 || x.dims.length < 3) throw new Refusal(batchMixed(args.node));
  return reduce(
    args,
    x,
    x.dims.slice(2).map((_, i) => i + 2),
    true,
    true,
  );
};

const reduction =
  (mean: boolean): Layer =>
  (args) => {
    const x = flowOperand(args, 0);
    const constants = args.operands.map((found) => (found?.kind === "constant" ? found.tensor : undefined));
    const axes = axesOf({ ...args, operands: constants }, x.dims.length);
    const keep = args.attributes.int("keepdims", 1) === 1;
    return reduce(args, x, axes ?? x.dims.map((_, axis) => axis), mean, keep);
  };
export const reduceMean: Layer = reduction(true);
export const reduceSum: Layer = reduction(false);

function reduce(args: LayerArgs, x: Flow, axes: readonly number[], mean: boolean, keep: boolean): Flow {
  if (axes.includes(x.batchAxis)) throw new Refusal(batchMixed(args.node));
  const kept = x.dims.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const dims = keep ? kept : kept.filter((_, axis) => !axes.includes(axis));
  const batchAxis = keep ? x.batchAxis : x.batchAxis - axes.filter((axis) => axis < x.batchAxis).length;
  const layout: Layout = { type: x.type, dims, batchAxis };
  const size = sampleSize(x);
  const factor = mean ? sampleSize(layout) / size : 1;
  const target = new Uint32Array(size);
  const single = x.dims.map((extent, axis) => (axis === x.batchAxis ? 1 : extent));
  const index = single.map(() => 0);
  for (let i = 0; i < size; i++) {
    let to = 0;
    single.forEach((extent, axis) => {
      if (!axes.includes(axis)) to = to * extent + index[axis];
    });
    target[i] = to;
    for (let axis = single.length - 1; axis >= 0 && ++index[axis] === single[axis]; axis--) index[axis] = 0;
  }
  const connectivity = {
    kind: "sparse" as const,
    rows: size,
    cols: sampleSize(layout),
    rowStart: Uint32Array.from({ length: size + 1 }, (_, row) => row),
    colIndex: target,
    values: new Float64Array(size).fill(factor),
  };
  return relay(args, layout, [{ pre: x.population, connectivity }]);
}

/** max(a, b) = a + relu(b - a), tap after tap; a tap in the padding never wins. */
export const maxPool: Layer = (args) => {
  const { node } = args;
  const x = flowOperand(args, 0);
  imageAxes(args, x);
  if (node.outputs.length > 1 && node.outputs[1] !== "")
    refuseOperand(node, "output 2", "nothing: indices are not computed", "a name");
  const { window, extents, output } = pooling(args, x);
  const channels = x.dims[1];
  const area = window.kernel.reduce((a, b) => a * b, 1);
  checkSynapses(channels * elementsOf(extents) * area, node);
  const taps = Array.from({ length: area }, (_, tap) => {
    const one = new Float64Array(channels * area);
    for (let c = 0; c < channels; c++) one[c * area + tap] = 1;
    const pick = expand(kernelOf(x, one, [channels, 1], channels, window, extents));
    const source = new Int32Array(pick.cols).fill(-1);
    for (let r = 0; r < pick.rows; r++)
      for (let i = pick.rowStart[r]; i < pick.rowStart[r + 1]; i++) source[pick.colIndex[i]] = r;
    return source;
  });
  return tournament(args, x, output, taps);
};

export const reduceMax: Layer = (args) => {
  const x = flowOperand(args, 0);
  const constants = args.operands.map((found) => (found?.kind === "constant" ? found.tensor : undefined));
  const axes = axesOf({ ...args, operands: constants }, x.dims.length) ?? x.dims.map((_, axis) => axis);
  if (axes.includes(x.batchAxis)) throw new Refusal(batchMixed(args.node));
  const keep = args.attributes.int("keepdims", 1) === 1;
  const kept = x.dims.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const layout: Layout = {
    type: x.type,
    dims: keep ? kept : kept.filter((_, axis) => !axes.includes(axis)),
    batchAxis: keep ? x.batchAxis : x.batchAxis - axes.filter((axis) => axis < x.batchAxis).length,
  };
  const members = Array.from({ length: sampleSize(layout) }, (): number[] => []);
  const { dims, data } = indexTensor(x);
  const index = dims.map(() => 0);
  for (const at of data) {
    let to = 0;
    dims.forEach((extent, axis) => {
      if (!axes.includes(axis)) to = to * extent + index[axis];
    });
    members[to].push(at);
    for (let axis = dims.length - 1; axis >= 0 && ++index[axis] === dims[axis]; axis--) index[axis] = 0;
  }
  const rounds = members[0]?.length ?? 0;
  const taps = Array.from({ length: rounds }, (_, tap) => Int32Array.from(members, (list) => list[tap]));
  return tournament(args, x, layout, taps);
};

function tournament(args: LayerArgs, x: Flow, output: Layout, taps: readonly Int32Array[]): Flow {
  const rows = sampleSize(x);
  const entered = new Uint8Array(sampleSize(output));
  let best: Flow | undefined;
  for (const source of taps) {
    // Outputs that see their first number take it; the others take what is above the best so far.
    const first = source.map((from, to) => (from >= 0 && entered[to] === 0 ? from : -1));
    const rival = source.map((from, to) => (from >= 0 && entered[to] === 1 ? from : -1));
    first.forEach((from, to) => {
      if (from >= 0) entered[to] = 1;
    });
    const entrants = { pre: x.population, connectivity: pickMatrix(rows, first, () => 1) };
    if (best === undefined) {
      best = relay(args, output, [entrants]);
      continue;
    }
    const back = Int32Array.from(rival, (from, to) => (from >= 0 ? to : -1));
    const lead = relay(args, output, [
      { pre: x.population, connectivity: pickMatrix(rows, rival, () => 1) },
      { pre: best.population, connectivity: pickMatrix(back.length, back, () => -1) },
    ]);
    best = relay(args, output, [
      args.builder.wire(best.population),
      args.builder.wire(relu(args, lead).population),
      ...(first.some((from) => from >= 0) ? [entrants] : []),
    ]);
  }
  if (best === undefined || entered.includes(0))
    mismatch(args.node, "a window lies in the padding altogether", x.dims, output.dims);
  return best!;
}

/** The window as declared, and with the padding that windows over the edge need. */
function pooling(
  args: LayerArgs,
  x: Flow,
): { declared: Window; window: Window; extents: number[]; output: Layout } {
  const { node, attributes } = args;
  const image = x.dims.slice(2);
  const window = windowOf(args, image, undefined);
  const ceil = attributes.int("ceil_mode", 0) === 1;
  const extents = image.map((extent, axis) => outputExtent(extent, window, axis, ceil));
  if (extents.some((extent) => !(extent >= 1)))
    mismatch(node, "the window does not fit the image and its padding", image, window.kernel);
  checkLimit(node, [x.dims[1], ...extents]);
  // Windows may hang over the end: the kernel takes the rest as padding.
  const after = extents.map((count, axis) => {
    const reach = (count - 1) * window.stride[axis] + (window.kernel[axis] - 1) * window.dilation[axis] + 1;
    return Math.max(window.after[axis], reach - window.before[axis] - image[axis]);
  });
  const dims = [x.dims[0], x.dims[1], ...extents];
  return {
    declared: window,
    window: ceil ? { ...window, after } : window,
    extents,
    output: { type: x.type, dims, batchAxis: x.batchAxis },
  };
}
