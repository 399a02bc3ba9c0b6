// Everything that only moves numbers about: shapes, axes, slices, padding, joining.
import { pickMatrix, type NewProjection } from "./builder.ts";
import { batchMixed } from "./diagnostics-nodes.ts";
import { fold } from "./fold.ts";
import { axesOf, checkLimit, mismatch, normalAxis, refuseOperand, reshaped } from "./shapes.ts";
import {
  constantOperand,
  flowOperand,
  indexTensor,
  pickLayout,
  relay,
  requiredConstant,
  type Layer,
  type LayerArgs,
} from "./layer.ts";
import { Refusal } from "./refusal.ts";
import { denseData, elementsOf, type Tensor } from "./tensor.ts";
import { sampleSize, singleDims, type Flow, type Layout } from "./values.ts";

/** Reshape and Flatten: the samples of a batch have to stay whole. */
export const reshape: Layer = (args) => {
  const x = flowOperand(args, 0);
  const constants = args.operands.map((found) => (found?.kind === "constant" ? found.tensor : undefined));
  const foldArgs = { ...args, operands: constants };
  const dims =
    args.node.operator === "Flatten"
      ? fold({ ...foldArgs, operands: [shapeOnly(x)] })!.dims
      : reshaped(foldArgs, x.dims);
  if (x.batchAxis < 0) return { ...x, dims };
  const before = elementsOf(x.dims.slice(0, x.batchAxis));
  const batch = x.dims[x.batchAxis];
  const batchAxis = dims.findIndex(
    (extent, axis) => extent === batch && elementsOf(dims.slice(0, axis)) === before,
  );
  if (batchAxis < 0) throw new Refusal(batchMixed(args.node));
  return { ...x, dims, batchAxis };
};

/** Dimensions without numbers, for operators that only look at those. */
const shapeOnly = (x: Layout): Tensor => ({ type: x.type, dims: x.dims, data: new Float64Array(0) });

export const squeeze: Layer = (args) => {
  const x = flowOperand(args, 0);
  const foldArgs = withoutFirst(args);
  const axes =
    axesOf(foldArgs, x.dims.length) ??
    x.dims.flatMap((extent, axis) => (extent === 1 && axis !== x.batchAxis ? [axis] : []));
  for (const axis of axes)
    if (x.dims[axis] !== 1) args.attributes.refuse("axes", String(axis), "axes of extent 1");
  return withoutAxes(x, axes);
};

function withoutAxes(x: Flow, axes: readonly number[]): Flow {
  const dims = x.dims.filter((_, axis) => !axes.includes(axis));
  const gone = axes.includes(x.batchAxis);
  const batchAxis =
    gone || x.batchAxis < 0 ? -1 : x.batchAxis - axes.filter((axis) => axis < x.batchAxis).length;
  return { ...x, dims, batchAxis };
}

export const unsqueeze: Layer = (args) => {
  const x = flowOperand(args, 0);
  const added = axesOf(withoutFirst(args), undefined) ?? [];
  const rank = x.dims.length + added.length;
  const axes = added.map((axis) => normalAxis(args.attributes, axis, rank, "axes")).sort((a, b) => a - b);
  const dims = [...x.dims];
  let { batchAxis } = x;
  for (const axis of axes) {
    dims.splice(axis, 0, 1);
    if (batchAxis >= axis) batchAxis++;
  }
  return { ...x, dims, batchAxis };
};

function withoutFirst({ node, attributes, opset, operands }: LayerArgs): Parameters<typeof fold>[0] {
  const constants = operands.map((found) => (found?.kind === "constant" ? found.tensor : undefined));
  return { node, attributes, opset, operands: constants };
}

/** Transpose, Slice, Gather and Expand: where each number of the result comes from is found by moving indices. */
export const move: Layer = (args) => {
  const x = flowOperand(args, 0);
  const foldArgs = withoutFirst(args);
  args.operands.forEach((found, i) => {
    if (i > 0 && found?.kind === "flow")
      refuseOperand(args.node, `operand ${i + 1}`, "a constant", "the output of a layer");
  });
  const moved = fold({ ...foldArgs, operands: [indexTensor(x), ...foldArgs.operands.slice(1)] })!;
  const batchAxis = movedBatch(args, x, moved);
  if (batchAxis >= 0 && moved.dims[batchAxis] !== 1) throw new Refusal(batchMixed(args.node));
  const batch = x.batchAxis < 0 ? 1 : x.dims[x.batchAxis];
  const dims = moved.dims.map((extent, axis) => (axis === batchAxis ? batch : extent));
  const layout = { type: x.type, dims, batchAxis };
  const rows = sampleSize(x);
  if (moved.data.length === rows && moved.data.every((from, to) => from === to))
    return { kind: "flow", population: x.population, ...layout };
  if (moved.data.length === 0) mismatch(args.node, "nothing would be left", x.dims, moved.dims);
  return relay(args, layout, [{ pre: x.population, connectivity: pickMatrix(rows, moved.data, () => 1) }]);
};

/** Where the batch axis went. */
function movedBatch({ node, attributes, operands }: LayerArgs, x: Flow, moved: Tensor): number {
  if (x.batchAxis < 0) return -1;
  const rank = x.dims.length;
  switch (node.operator) {
    case "Transpose": {
      const perm = attributes.ints("perm") ?? x.dims.map((_, axis) => rank - 1 - axis);
      return perm.indexOf(x.batchAxis);
    }
    case "Gather": {
      const axis = normalAxis(attributes, attributes.int("axis", 0), rank, "axis");
      if (axis === x.batchAxis) throw new Refusal(batchMixed(node));
      const indices = operands[1];
      const added = (indices?.kind === "constant" ? indices.tensor.dims.length : 0) - 1;
      return axis < x.batchAxis ? x.batchAxis + added : x.batchAxis;
    }
    default:
      return x.batchAxis + moved.dims.length - rank;
  }
}

/** Constant padding. */
export const pad: Layer = (args) => {
  const { node, attributes, operands, opset } = args;
  const x = flowOperand(args, 0);
  const mode = attributes.text("mode", "constant");
  if (mode !== "constant") attributes.refuse("mode", mode, "constant");
  const given = operands[1]?.kind === "constant" ? Array.from(denseData(operands[1].tensor)) : undefined;
  const list = (opset < 11 ? (attributes.ints("pads") ?? attributes.ints("paddings")) : given) ?? [];
  const axes =
    operands[3]?.kind === "constant" ? Array.from(denseData(operands[3].tensor)) : x.dims.map((_, i) => i);
  if (list.length !== 2 * axes.length)
    attributes.refuse("pads", `${list.length} numbers`, `${2 * axes.length}: two for each axis`);
  const before = x.dims.map(() => 0);
  const after = x.dims.map(() => 0);
  axes.forEach((axis, i) => {
    before[axis < 0 ? axis + x.dims.length : axis] = list[i];
    after[axis < 0 ? axis + x.dims.length : axis] = list[i + axes.length];
  });
  if (x.batchAxis >= 0 && (before[x.batchAxis] !== 0 || after[x.batchAxis] !== 0))
    throw new Refusal(batchMixed(node));
  if ([...before, ...after].every((count) => count === 0)) return x;
  const dims = x.dims.map((extent, axis) => before[axis] + extent + after[axis]);
  if (dims.some((extent) => !(extent >= 1))) mismatch(node, "nothing would be left", x.dims, dims);
  const layout = { type: x.type, dims, batchAxis: x.batchAxis };
  const single = singleDims(layout);
  checkLimit(node, single);
  const inside = singleDims(x);
  const source = new Int32Array(elementsOf(single));
  const index = single.map(() => 0);
  for (let to = 0; to < source.length; to++) {
    let from = 0;
    single.forEach((_, axis) => {
      const at = index[axis] - before[axis];
      from = from < 0 || at < 0 || at >= inside[axis] ? -1 : from * inside[axis] + at;
    });
    source[to] = from;
    for (let axis = single.length - 1; axis >= 0 && ++index[axis] === single[axis]; axis--) index[axis] = 0;
  }
  const constant = constantOperand(args, 2, x.type);
  const value = constant === undefined ? attributes.float("value", 0) : denseData(constant)[0];
  const bias = value === 0 ? undefined : Float64Array.from(source, (from) => (from < 0 ? value : 0));
  return relay(
    args,
    layout,
    [{ pre: x.population, connectivity: pickMatrix(sampleSize(x), source, () => 1) }],
    bias,
  );
};

export const concat: Layer = (args) => {
  const { node, operands, attributes } = args;
  const flows = operands.filter((found) => found?.kind === "flow");
  const [first] = flows;
  const axis = normalAxis(attributes, attributes.int("axis", 0), first.dims.length, "axis");
  if (flows.some((flow) => flow.batchAxis !== first.batchAxis) || axis === first.batchAxis)
    throw new Refusal(batchMixed(node));
  const parts = operands.map((found, i) => {
    if (found === undefined) return refuseOperand(node, `operand ${i + 1}`, "a tensor", "nothing");
    const dims = found.kind === "flow" ? singleDims(found) : found.tensor.dims;
    const same = dims.length === first.dims.length;
    if (!same || singleDims(first).some((extent, a) => a !== axis && dims[a] !== extent))
      mismatch(node, "all but the joined axis have to agree", first.dims, dims);
    if (found.kind === "constant") requiredConstant(args, i, first.type);
    return { found, dims };
  });
  const dims = [...first.dims];
  dims[axis] = parts.reduce((total, part) => total + part.dims[axis], 0);
  const layout = { ...pickLayout(first), dims };
  const single = singleDims(layout);
  checkLimit(node, single);
  const inner = elementsOf(single.slice(axis + 1));
  const block = single[axis] * inner;
  const size = elementsOf(single);
  let bias: Float64Array | undefined;
  let offset = 0;
  const incoming: NewProjection[] = [];
  for (const { found, dims: partDims } of parts) {
    const chunk = partDims[axis] * inner;
    const source = Int32Array.from({ length: size }, (_, to) => {
      const at = (to % block) - offset;
      return at >= 0 && at < chunk ? Math.floor(to / block) * chunk + at : -1;
    });
    offset += chunk;
    if (found.kind === "flow")
      incoming.push({ pre: found.population, connectivity: pickMatrix(sampleSize(found), source, () => 1) });
    else {
      const values = denseData(found.tensor);
      bias ??= new Float64Array(size);
      for (let to = 0; to < size; to++) if (source[to] >= 0) bias[to] = values[source[to]];
    }
  }
  return relay(args, layout, incoming, bias);
};
