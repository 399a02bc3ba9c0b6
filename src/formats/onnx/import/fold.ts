// Operators on constants. The same functions move the numbers of index tensors, which is how the importer learns
// what a Slice or a Transpose does to a layer's output.
import type { Attributes } from "./attributes.ts";
import { shapeText } from "./diagnostics.ts";
import type { GraphNode } from "./graph.ts";
import {
  type FoldArgs,
  allocate,
  axesOf,
  broadcastDims,
  broadcastTensor,
  checkLimit,
  gathered,
  mismatch,
  normalAxis,
  refuseOperand,
  required,
  reshaped,
  stridesOf,
} from "./shapes.ts";
import {
  denseData,
  elementType,
  elementsOf,
  isWhole,
  tensorOf,
  type ElementType,
  type Tensor,
} from "./tensor.ts";

/** Result of an operator whose operands are all known; undefined where the operator is not one of these. */
export function fold(args: FoldArgs): Tensor | undefined {
  const { operator } = args.node;
  const movement = MOVEMENTS[operator];
  if (movement !== undefined) return movement(args, required(args, 0));
  const binary = BINARY[operator];
  if (binary !== undefined)
    return broadcastTogether(args.node, required(args, 0), required(args, 1), binary, RESULT[operator]);
  const unary = UNARY[operator];
  if (unary !== undefined) {
    const x = required(args, 0);
    return tensorOf(x.type, x.dims, denseData(x).map(unary));
  }
  return OTHER[operator]?.(args);
}

/** Whether `fold` knows the operator. */
export const isFoldable = (operator: string): boolean =>
  operator in MOVEMENTS || operator in BINARY || operator in UNARY || operator in OTHER;

type Fold = (args: FoldArgs) => Tensor;
type Movement = (args: FoldArgs, x: Tensor) => Tensor;

const table = <T>(entries: Record<string, T>): Readonly<Record<string, T | undefined>> =>
  Object.assign(Object.create(null) as Record<string, T>, entries);

const BINARY = table<(a: number, b: number) => number>({
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Min: Math.min,
  Max: Math.max,
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
});

const RESULT = table<ElementType>({
  Equal: "bool",
  Greater: "bool",
  GreaterOrEqual: "bool",
  Less: "bool",
  LessOrEqual: "bool",
  And: "bool",
  Or: "bool",
});

const UNARY = table<(x: number) => number>({
  Identity: (x) => x,
  Neg: (x) => -x,
  Abs: Math.abs,
  Exp: Math.exp,
  Log: Math.log,
  Sqrt: Math.sqrt,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Reciprocal: (x) => 1 / x,
  Relu: (x) => Math.max(x, 0),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Tanh: Math.tanh,
  Softplus: (x) => Math.log1p(Math.exp(x)),
  Not: (x) => Number(x === 0),
});

const MOVEMENTS = table<Movement>({
  Reshape: (args, x) => ({ ...x, dims: reshaped(args, x.dims) }),
  Flatten({ attributes }, x) {
    const axis = attributes.int("axis", 1);
    const at = axis < 0 ? axis + x.dims.length : axis;
    if (!(at >= 0 && at <= x.dims.length))
      attributes.refuse("axis", String(axis), `one of 0 to ${x.dims.length}`);
    return { ...x, dims: [elementsOf(x.dims.slice(0, at)), elementsOf(x.dims.slice(at))] };
  },
  Squeeze(args, x) {
    const axes = axesOf(args, x.dims.length);
    const gone = (extent: number, axis: number): boolean =>
      axes === undefined ? extent === 1 : axes.includes(axis);
    x.dims.forEach((extent, axis) => {
      if (gone(extent, axis) && extent !== 1)
        args.attributes.refuse("axes", String(axis), `an axis of extent 1 of ${shapeText(x.dims)}`);
    });
    return { ...x, dims: x.dims.filter((extent, axis) => !gone(extent, axis)) };
  },
  Unsqueeze(args, x) {
    const added = axesOf(args, undefined) ?? [];
    const rank = x.dims.length + added.length;
    const axes = added.map((axis) => normalAxis(args.attributes, axis, rank, "axes"));
    const dims = [...x.dims];
    for (const axis of [...axes].sort((a, b) => a - b)) dims.splice(axis, 0, 1);
    return { ...x, dims };
  },
  Transpose({ attributes }, x) {
    const rank = x.dims.length;
    const perm = attributes.ints("perm") ?? x.dims.map((_, axis) => rank - 1 - axis);
    if (
      perm.length !== rank ||
      new Set(perm).size !== rank ||
      perm.some((axis) => !(axis >= 0 && axis < rank))
    )
      attributes.refuse("perm", perm.join(" "), `every axis from 0 to ${rank - 1} once`);
    const strides = stridesOf(x.dims);
    return gathered(
      x,
      perm.map((axis) => x.dims[axis]),
      perm.map((axis) => strides[axis]),
      0,
    );
  },
  Slice(args, x) {
    return sliced(args, x);
  },
  Gather(args, x) {
    const axis = normalAxis(args.attributes, args.attributes.int("axis", 0), x.dims.length, "axis");
    const indices = required(args, 1);
    const extent = x.dims[axis];
    const picks = Array.from(denseData(indices), (index) => (index < 0 ? index + extent : index));
    if (picks.some((index) => !(index >= 0 && index < extent && Number.isInteger(index))))
      refuseOperand(args.node, "indices", `whole numbers from ${-extent} to ${extent - 1}`, "others");
    const outer = elementsOf(x.dims.slice(0, axis));
    const inner = elementsOf(x.dims.slice(axis + 1));
    const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)];
    const source = denseData(x);
    const data = allocate(source, dims, args.node);
    let to = 0;
    for (let o = 0; o < outer; o++)
      for (const index of picks) {
        const from = (o * extent + index) * inner;
        for (let i = 0; i < inner; i++) data[to++] = source[from + i];
      }
    return { type: x.type, dims, data };
  },
  Expand(args, x) {
    const wanted = Array.from(denseData(required(args, 1)));
    const dims = broadcastDims(args.node, x.dims, wanted);
    return broadcastTensor(args.node, x, dims);
  },
});

const OTHER = table<Fold>({
  Constant({ attributes }) {
    const tensor = attributes.tensor("value");
    if (tensor !== undefined) return tensor;
    if (attributes.has("value_float")) return tensorOf("float", [], [attributes.float("value_float", 0)]);
    if (attributes.has("value_int")) return tensorOf("int64", [], [attributes.int("value_int", 0)]);
    const ints = attributes.ints("value_ints");
    if (ints !== undefined) return tensorOf("int64", [ints.length], ints);
    return attributes.refuse("value", "missing or of another kind", "a tensor or a number");
  },
  ConstantOfShape(args) {
    const dims = Array.from(denseData(required(args, 0)));
    if (dims.some((extent) => !(extent >= 0)))
      refuseOperand(args.node, "shape", "extents of at least 0", dims.join(" "));
    const value = args.attributes.tensor("value") ?? tensorOf("float", [1], [0]);
    const { type } = value;
    return { type, dims, data: allocate(value.data, dims, args.node).fill(denseData(value)[0]) };
  },
  Cast({ node, attributes, operands }) {
    const x = required({ node, operands }, 0);
    const to = elementType(attributes.int("to", 0));
    if (to === undefined)
      return attributes.refuse("to", String(attributes.int("to", 0)), "a type of numbers");
    const data = denseData(x);
    if (to === "bool")
      return tensorOf(
        to,
        x.dims,
        data.map((value) => Number(value !== 0)),
      );
    return tensorOf(to, x.dims, isWhole(to) ? data.map(Math.trunc) : data);
  },
  Clip({ node, attributes, operands }) {
    const x = required({ node, operands }, 0);
    const { low, high } = clipBounds(attributes, operands);
    return tensorOf(
      x.type,
      x.dims,
      denseData(x).map((value) => Math.min(Math.max(value, low), high)),
    );
  },
  Concat(args) {
    const parts = args.operands.map((_, i) => required(args, i));
    const [first] = parts;
    const axis = normalAxis(args.attributes, args.attributes.int("axis", 0), first.dims.length, "axis");
    for (const { dims } of parts)
      if (dims.length !== first.dims.length || dims.some((e, a) => a !== axis && e !== first.dims[a]))
        mismatch(args.node, "all but the joined axis have to agree", first.dims, dims);
    const dims = [...first.dims];
    dims[axis] = parts.reduce((sum, part) => sum + part.dims[axis], 0);
    const data = allocate(first.data, dims, args.node);
    const outer = elementsOf(dims.slice(0, axis));
    let to = 0;
    for (let o = 0; o < outer; o++)
      for (const part of parts) {
        const chunk = elementsOf(part.dims.slice(axis));
        data.set(denseData(part).subarray(o * chunk, (o + 1) * chunk), to);
        to += chunk;
      }
    return { type: first.type, dims, data };
  },
  ScatterElements(args) {
    const [x, indices, updates] = [0, 1, 2].map((i) => required(args, i));
    const axis = normalAxis(args.attributes, args.attributes.int("axis", 0), x.dims.length, "axis");
    const reduction = args.attributes.text("reduction", "none");
    if (reduction !== "none") args.attributes.refuse("reduction", reduction, "none");
    if (String(indices.dims) !== String(updates.dims) || indices.dims.length !== x.dims.length)
      mismatch(args.node, "each index needs one update", indices.dims, updates.dims);
    const data = denseData(x).slice();
    const strides = stridesOf(x.dims);
    const source = stridesOf(updates.dims);
    const values = denseData(updates);
    denseData(indices).forEach((index, i) => {
      let at = 0;
      for (let a = 0; a < strides.length; a++) {
        const place =
          a === axis ? (index < 0 ? index + x.dims[a] : index) : Math.floor(i / source[a]) % updates.dims[a];
        if (!(place >= 0 && place < x.dims[a] && Number.isInteger(place)))
          refuseOperand(args.node, "indices", `places in ${shapeText(x.dims)}`, String(place));
        at += place * strides[a];
      }
      data[at] = values[i];
    });
    return { type: x.type, dims: x.dims, data };
  },
  Where(args) {
    const [condition, yes, no] = [0, 1, 2].map((i) => required(args, i));
    const pick = broadcastTogether(args.node, condition, yes, (c, y) => (c !== 0 ? y : NaN), yes.type);
    const other = broadcastTogether(args.node, condition, no, (c, n) => (c !== 0 ? NaN : n), no.type);
    return broadcastTogether(args.node, pick, other, (y, n) => (Number.isNaN(y) ? n : y), yes.type);
  },
  Range(args) {
    const [start, limit, delta] = [0, 1, 2].map((i) => denseData(required(args, i))[0]);
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    checkLimit(args.node, [count]);
    return tensorOf(
      required(args, 0).type,
      [count],
      Array.from({ length: count }, (_, i) => start + i * delta),
    );
  },
  DequantizeLinear(args) {
    const [x, scale] = [required(args, 0), required(args, 1)];
    const zero = args.operands[2];
    const axis =
      x.dims.length < 2
        ? 0
        : normalAxis(args.attributes, args.attributes.int("axis", 1), x.dims.length, "axis");
    const inner = elementsOf(x.dims.slice(axis + 1));
    const data = denseData(x);
    const scales = denseData(scale);
    const zeros = zero && denseData(zero);
    if (scales.length !== 1 && scales.length !== x.dims[axis])
      mismatch(args.node, "one scale is needed, or one for each index of the axis", x.dims, scale.dims);
    const channel = (i: number): number => Math.floor(i / inner) % x.dims[axis];
    const at = (values: ArrayLike<number>, i: number): number => values[values.length === 1 ? 0 : channel(i)];
    return tensorOf(
      scale.type,
      x.dims,
      data.map((_, i) => (data[i] - (zeros === undefined ? 0 : at(zeros, i))) * at(scales, i)),
    );
  },
});

/** Bounds of Clip: attributes before opset 11, operands since. */
export function clipBounds(
  attributes: Attributes,
  operands: readonly (Tensor | undefined)[],
): { low: number; high: number } {
  return {
    low: operands[1] === undefined ? attributes.float("min", -Infinity) : denseData(operands[1])[0],
    high: operands[2] === undefined ? attributes.float("max", Infinity) : denseData(operands[2])[0],
  };
}

function broadcastTogether(
  node: GraphNode,
  left: Tensor,
  right: Tensor,
  combine: (a: number, b: number) => number,
  type: ElementType = left.type,
): Tensor {
  const dims = broadcastDims(node, left.dims, right.dims);
  const a = broadcastTensor(node, left, dims).data;
  const b = broadcastTensor(node, right, dims).data;
  const whole = isWhole(type) && node.operator === "Div";
  return tensorOf(
    type,
    dims,
    Float64Array.from(a, (value, i) => {
      const result = combine(value, b[i]);
      return whole ? Math.trunc(result) : result;
    }),
  );
}

function sliced(args: FoldArgs, x: Tensor): Tensor {
  const { attributes, node, operands, opset } = args;
  const asOperands = opset >= 10;
  const list = (position: number, name: string): number[] | undefined => {
    if (!asOperands) return attributes.ints(name);
    const tensor = operands[position];
    return tensor && Array.from(denseData(tensor));
  };
  const starts = list(1, "starts") ?? attributes.refuse("starts", "missing", "one number for each axis");
  const ends = list(2, "ends") ?? attributes.refuse("ends", "missing", "one number for each axis");
  const axes = (list(3, "axes") ?? starts.map((_, i) => i)).map((axis) =>
    normalAxis(attributes, axis, x.dims.length, "axes"),
  );
  const steps = list(4, "steps") ?? starts.map(() => 1);
  const strides = stridesOf(x.dims);
  const dims = [...x.dims];
  const jumps = [...strides];
  let offset = 0;
  axes.forEach((axis, i) => {
    const extent = x.dims[axis];
    const step = steps[i];
    if (step === 0 || step === undefined || ends[i] === undefined)
      attributes.refuse("steps", String(step), "a number other than 0 for each axis");
    const clamp = (value: number, low: number, high: number): number =>
      Math.min(Math.max(value < 0 ? value + extent : value, low), high);
    const begin = step > 0 ? clamp(starts[i], 0, extent) : clamp(starts[i], 0, extent - 1);
    const end = step > 0 ? clamp(ends[i], 0, extent) : clamp(ends[i], -1, extent - 1);
    dims[axis] = Math.max(0, Math.ceil((end - begin) / step));
    jumps[axis] = strides[axis] * step;
    offset += begin * strides[axis];
  });
  checkLimit(node, dims);
  return gathered(x, dims, jumps, offset);
}
