// Sums, factors and rectifiers.
import type { NewProjection } from "./builder.ts";
import { pickMatrix } from "./builder.ts";
import { batchMixed } from "./diagnostics-nodes.ts";
import { clipBounds } from "./fold.ts";
import { broadcastDims, broadcastTensor, refuseOperand } from "./shapes.ts";
import {
  constantOperand,
  flowOperand,
  indexTensor,
  relay,
  relu,
  requiredConstant,
  spreadOver,
  type Layer,
  type LayerArgs,
} from "./layer.ts";
import { Refusal } from "./refusal.ts";
import { denseData, elementType, isWhole } from "./tensor.ts";
import { sampleSize, singleDims, type Flow, type Layout } from "./values.ts";

export const identityLayer: Layer = (args) => flowOperand(args, 0);

export const dropout: Layer = (args) => {
  const training = args.operands[2];
  if (training?.kind === "constant" && denseData(training.tensor)[0] !== 0)
    refuseOperand(args.node, "training mode", "false", "true");
  return flowOperand(args, 0);
};

export const cast: Layer = (args) => {
  const x = flowOperand(args, 0);
  const to = elementType(args.attributes.int("to", 0));
  if (to === undefined || (to !== x.type && isWhole(to))) {
    const found = to ?? String(args.attributes.int("to", 0));
    return args.attributes.refuse("to", found, `real numbers, as ${x.type} numbers would be rounded`);
  }
  return { ...x, type: to };
};

/** Add and Sub, of layers or constants. */
const sum =
  (sign: 1 | -1): Layer =>
  (args) => {
    const parts = args.operands.map((operand, i) => ({ operand, factor: i === 0 ? 1 : sign }));
    const flows = parts.flatMap(({ operand, factor }) =>
      operand?.kind === "flow" ? [{ flow: operand, factor }] : [],
    );
    const layout = commonLayout(
      args,
      flows.map(({ flow }) => flow),
    );
    let bias: Float64Array | undefined;
    parts.forEach(({ operand, factor }, position) => {
      if (operand === undefined) refuseOperand(args.node, `operand ${position + 1}`, "a tensor", "nothing");
      if (operand?.kind !== "constant") return;
      const values = spreadOver(args.node, requiredConstant(args, position, layout.type), layout);
      bias = values.map((value, i) => factor * value + (bias === undefined ? 0 : bias[i]));
    });
    return relay(
      args,
      layout,
      flows.map(({ flow, factor }) => spreadFlow(args, flow, layout, factor)),
      bias,
    );
  };
export const add: Layer = sum(1);
export const subtract: Layer = sum(-1);

/** Layout of flows added together, as broadcasting gives it. */
function commonLayout({ node, operands }: LayerArgs, flows: readonly Flow[]): Layout {
  let [{ dims }] = flows;
  for (const operand of operands)
    if (operand !== undefined)
      dims = broadcastDims(node, dims, operand.kind === "flow" ? operand.dims : operand.tensor.dims);
  const fromEnd = new Set(flows.map((flow) => (flow.batchAxis < 0 ? 0 : flow.dims.length - flow.batchAxis)));
  fromEnd.delete(0);
  const [only = 0] = fromEnd;
  if (fromEnd.size > 1) throw new Refusal(batchMixed(node));
  return { type: flows[0].type, dims, batchAxis: only === 0 ? -1 : dims.length - only };
}

function spreadFlow({ node, builder }: LayerArgs, flow: Flow, layout: Layout, factor: number): NewProjection {
  const rows = sampleSize(flow);
  if (rows === sampleSize(layout)) {
    const values = Float64Array.of(factor);
    return factor === 1
      ? builder.wire(flow.population)
      : { pre: flow.population, connectivity: { kind: "diagonal", rows, cols: rows, values } };
  }
  const source = broadcastTensor(node, indexTensor(flow), singleDims(layout)).data;
  return { pre: flow.population, connectivity: pickMatrix(rows, source, () => factor) };
}

/** Mul and Div by a constant. */
const scaling =
  (divide: boolean): Layer =>
  (args) => {
    const { node, operands } = args;
    const at = operands[0]?.kind === "flow" ? 0 : 1;
    const flow = flowOperand(args, at);
    if (operands[1 - at]?.kind === "flow")
      refuseOperand(node, "operands", "one layer and one constant", "two layers");
    if (divide && at === 1) refuseOperand(node, "operand 2", "a constant", "the output of a layer");
    const constant = requiredConstant(args, 1 - at, flow.type);
    const layout = commonLayout(args, [flow]);
    const factors = spreadOver(node, constant, layout).map((value) => (divide ? 1 / value : value));
    const rows = sampleSize(flow);
    const same = factors.every((factor) => factor === factors[0]);
    if (rows === factors.length)
      return relay(args, layout, [
        {
          pre: flow.population,
          connectivity: { kind: "diagonal", rows, cols: rows, values: same ? factors.slice(0, 1) : factors },
        },
      ]);
    const source = broadcastTensor(node, indexTensor(flow), singleDims(layout)).data;
    return relay(args, layout, [
      { pre: flow.population, connectivity: pickMatrix(rows, source, (c) => factors[c]) },
    ]);
  };
export const multiply: Layer = scaling(false);
export const divide: Layer = scaling(true);

export const negate: Layer = (args) => {
  const x = flowOperand(args, 0);
  return relay(args, x, [scaled(x, -1)]);
};

export const rectify: Layer = (args) => relu(args, flowOperand(args, 0));

/** x for x > 0, else alpha x: alpha x + (1 - alpha) relu(x). */
export const leakyRelu: Layer = (args) => {
  const x = flowOperand(args, 0);
  const alpha = args.attributes.float("alpha", 0.01);
  return relay(args, x, [scaled(x, alpha), scaled(relu(args, x), 1 - alpha)]);
};

/** low + relu(x - low) - relu(x - high). */
export const clip: Layer = (args) => {
  const x = flowOperand(args, 0);
  const bounds = [undefined, constantOperand(args, 1, x.type), constantOperand(args, 2, x.type)];
  const { low, high } = clipBounds(args.attributes, bounds);
  const above = (bound: number): Flow =>
    relu(args, bound === 0 ? x : relay(args, x, [args.builder.wire(x.population)], filled(x, -bound)));
  if (low === -Infinity && high === Infinity) return x;
  if (low === -Infinity) return relay(args, x, [args.builder.wire(x.population), scaled(above(high), -1)]);
  const floor = above(low);
  if (high === Infinity) return low === 0 ? floor : relay(args, x, [scaled(floor, 1)], filled(x, low));
  return relay(args, x, [scaled(floor, 1), scaled(above(high), -1)], filled(x, low));
};

/** Max and Min with a constant, which are rectifiers; of two layers, a + relu(b - a). */
const extreme =
  (sign: 1 | -1): Layer =>
  (args) => {
    const { node, operands } = args;
    if (operands.length !== 2) refuseOperand(node, "operands", "two of them", `${operands.length}`);
    const at = operands[0]?.kind === "flow" ? 0 : 1;
    const a = flowOperand(args, at);
    const layout = commonLayout(
      args,
      operands.flatMap((found) => (found?.kind === "flow" ? [found] : [])),
    );
    const other = operands[1 - at];
    const base = relay(args, layout, [spreadFlow(args, a, layout, 1)]);
    if (other?.kind === "flow") {
      const lead = relay(args, layout, [spreadFlow(args, other, layout, sign), scaled(base, -sign)]);
      return relay(args, layout, [scaled(base, 1), scaled(relu(args, lead), sign)]);
    }
    const bound = spreadOver(node, requiredConstant(args, 1 - at, a.type), layout);
    const lead = relay(
      args,
      layout,
      [scaled(base, sign)],
      bound.map((value) => -sign * value),
    );
    return relay(args, layout, [scaled(relu(args, lead), sign)], bound);
  };
export const maximum: Layer = extreme(1);
export const minimum: Layer = extreme(-1);

export const absolute: Layer = (args) => {
  const x = flowOperand(args, 0);
  const mirrored = relay(args, x, [scaled(x, -1)]);
  return relay(args, x, [scaled(relu(args, x), 1), scaled(relu(args, mirrored), 1)]);
};

function scaled(flow: Flow, factor: number): NewProjection {
  const size = sampleSize(flow);
  return {
    pre: flow.population,
    connectivity: { kind: "diagonal", rows: size, cols: size, values: Float64Array.of(factor) },
  };
}

const filled = (layout: Layout, value: number): Float64Array =>
  new Float64Array(sampleSize(layout)).fill(value);
