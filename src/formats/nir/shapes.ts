import type { DiagnosticSink } from "#util/diagnostic";
import type { DepthFirst } from "./depth-first.ts";
import {
  batchAxis,
  implicitBroadcast,
  inputShapeAssumed,
  outputShapeIgnored,
  parameterShapes,
  reshaped,
  shapeMismatch,
  shapeUnknown,
  tooLarge,
} from "./diagnostics.ts";
import {
  coverage,
  endsWith,
  isArray,
  numbersOf,
  sameShape,
  shapeText,
  sizeOf,
  type Shape,
} from "./fields.ts";
import { convolutionOf, flattenedShape, outputShapeOf, poolingOf, weightShape } from "./geometry.ts";
import type { FlatGraph, FlatNode } from "./inline.ts";
import { nodeType } from "./nodes.ts";

/** Shapes of a node, or undefined where they could not be found (and a diagnostic says so). */
export interface NodeShapes {
  readonly input: Shape | undefined;
  readonly output: Shape | undefined;
}

/** Elements of one node; more is not a spiking network but a damaged file. */
export const MAX_ELEMENTS = 2 ** 27;

/**
 * Finds the shape of everything that flows, from the inputs on.
 *
 * Parameters decide; what arrives fills in where they say nothing (a convolution without input_shape,
 * scalar parameters); Input and Output shapes, which many writers get wrong, only count where nothing
 * else is known. Every departure from the letter of the file is reported, and every edge whose ends
 * disagree in size.
 *
 * @param broken nodes that have been reported already; they stay without shapes
 */
export function inferShapes(
  graph: FlatGraph,
  search: DepthFirst,
  broken: ReadonlySet<number>,
  sink: DiagnosticSink,
): NodeShapes[] {
  const { nodes, edges } = graph;
  const shapes: NodeShapes[] = nodes.map(() => ({ input: undefined, output: undefined }));
  const incoming: number[][] = nodes.map(() => []);
  const outgoing: number[][] = nodes.map(() => []);
  edges.from.forEach((from, edge) => {
    outgoing[from].push(edges.to[edge]);
    if (!search.closesCycle[edge]) incoming[edges.to[edge]].push(from);
  });

  for (const index of search.order) {
    if (broken.has(index)) continue;
    const node = nodes[index];
    const known = incoming[index].filter((from) => shapes[from].output !== undefined);
    const waits = incoming[index].length > 0 && known.length === 0;
    const wanted = (): Shape | undefined => firstExpectation(outgoing[index].map((to) => nodes[to]));
    const arriving =
      known.length > 0
        ? choose(
            node,
            known.map((from) => shapes[from].output as Shape),
          )
        : undefined;
    const found = waits
      ? expectedShape(node)
      : inputShape(
          node,
          arriving,
          wanted,
          outgoing[index].map((to) => nodes[to]),
          sink,
        );
    if (found === undefined) {
      if (!waits) sink.report(shapeUnknown(node));
      continue;
    }
    const output = outputShape(node, found, sink);
    const largest = Math.max(sizeOf(found), output === undefined ? 0 : sizeOf(output));
    if (largest > MAX_ELEMENTS) {
      sink.report(tooLarge({ node, shape: output ?? found, elements: largest, limit: MAX_ELEMENTS }));
      continue;
    }
    shapes[index] = { input: found, output };
  }
  checkEdges(graph, shapes, sink);
  return shapes;
}

/** Of several arriving shapes the one that the node's parameters ask for; the others fail at their edges. */
function choose(node: FlatNode, arriving: readonly Shape[]): Shape {
  const expected = expectedShape(node);
  return arriving.find((shape) => expected !== undefined && sameShape(shape, expected)) ?? arriving[0];
}

/** The input shape that a node's own parameters spell out, if they do. */
export function expectedShape(node: FlatNode): Shape | undefined {
  switch (node.type) {
    case "Linear":
    case "Affine": {
      const weight = weightShape(node);
      return weight === undefined || weight.length < 2
        ? undefined
        : [...weight.slice(0, -2), weight[weight.length - 1]];
    }
    case "Conv1d":
    case "Conv2d": {
      const convolution = convolutionOf(node);
      return convolution?.spatial === undefined
        ? undefined
        : [convolution.inChannels, ...convolution.spatial];
    }
    case "SumPool2d":
    case "AvgPool2d":
      return undefined;
    case "Flatten":
      return positiveShape(numbersOf(node.fields.input_type));
    case "Input":
    case "Output":
      return node.role === "inner" ? undefined : positiveShape(numbersOf(node.fields.shape));
    default: {
      const shape = parameterShape(node);
      return shape === undefined || sizeOf(shape) === 1 ? undefined : shape;
    }
  }
}

/** The largest of a neuron's (or Scale's, Delay's) parameter shapes. */
export function parameterShape(node: FlatNode): Shape | undefined {
  let best: Shape | undefined;
  for (const { name } of nodeType(node.type)?.fields ?? []) {
    const field = node.fields[name];
    if (!isArray(field)) continue;
    if (best === undefined || sizeOf(field.shape) > sizeOf(best)) best = field.shape;
  }
  return best;
}

function firstExpectation(readers: readonly FlatNode[]): Shape | undefined {
  for (const reader of readers) {
    const shape = reader.type === "Output" ? undefined : expectedShape(reader);
    if (shape !== undefined) return shape;
  }
  for (const reader of readers) {
    const shape = expectedShape(reader) ?? (isScalar(reader) ? [1] : undefined);
    if (shape !== undefined) return shape;
  }
  return undefined;
}

function isScalar(node: FlatNode): boolean {
  const shape = nodeType(node.type)?.kind === "neuron" ? parameterShape(node) : undefined;
  return shape !== undefined && sizeOf(shape) === 1;
}

function positiveShape(values: readonly number[] | undefined): Shape | undefined {
  return values !== undefined && values.every((length) => Number.isInteger(length) && length > 0)
    ? values
    : undefined;
}

function inputShape(
  node: FlatNode,
  arriving: Shape | undefined,
  wanted: () => Shape | undefined,
  readers: readonly FlatNode[],
  sink: DiagnosticSink,
): Shape | undefined {
  switch (node.type) {
    case "Input":
      return node.role === "input" && arriving === undefined
        ? networkInputShape(node, wanted(), readers, sink)
        : portShape(node, arriving ?? positiveShape(numbersOf(node.fields.shape)) ?? wanted(), sink);
    case "Output":
      return portShape(node, arriving ?? positiveShape(numbersOf(node.fields.shape)) ?? wanted(), sink);
    case "Linear":
    case "Affine":
      return expectedShape(node);
    case "Conv1d":
    case "Conv2d":
      return convolutionInput(node, arriving, sink);
    case "SumPool2d":
    case "AvgPool2d":
      return withoutBatch(node, arriving, 3, sink);
    case "Flatten":
      return arriving ?? expectedShape(node);
    default:
      return elementwiseShape(node, arriving, wanted, sink);
  }
}

/** The declared shape, unless what reads the input shows that it carries a batch or time axis. */
function networkInputShape(
  node: FlatNode,
  wanted: Shape | undefined,
  readers: readonly FlatNode[],
  sink: DiagnosticSink,
): Shape | undefined {
  const declared = positiveShape(numbersOf(node.fields.shape));
  if (declared === undefined) return wanted;
  if (wanted !== undefined) {
    if (!endsWith(declared, wanted)) return declared;
    sink.report(batchAxis({ node, declared, used: wanted }));
    return wanted;
  }
  for (const reader of readers) {
    const channels = convolutionOf(reader);
    const rank = reader.type === "Conv1d" ? 2 : 3;
    if (channels === undefined || declared.length <= rank) continue;
    const used = declared.slice(declared.length - rank);
    if (used[0] !== channels.inChannels) continue;
    sink.report(batchAxis({ node, declared, used }));
    return used;
  }
  return declared;
}

/** Ports pass on what arrives; a declared shape that differs is named and not used. */
function portShape(node: FlatNode, used: Shape | undefined, sink: DiagnosticSink): Shape | undefined {
  const declared = numbersOf(node.fields.shape);
  if (used !== undefined && declared !== undefined && !sameShape(declared, used))
    sink.report(outputShapeIgnored({ node, declared, used }));
  return used;
}

function convolutionInput(
  node: FlatNode,
  arriving: Shape | undefined,
  sink: DiagnosticSink,
): Shape | undefined {
  const convolution = convolutionOf(node);
  if (convolution === undefined) return undefined;
  if (convolution.spatial !== undefined) return [convolution.inChannels, ...convolution.spatial];
  const used = withoutBatch(node, arriving, node.type === "Conv1d" ? 2 : 3, sink);
  if (used === undefined) return undefined;
  sink.report(inputShapeAssumed({ node, used: used.slice(1) }));
  return [convolution.inChannels, ...used.slice(1)];
}

function withoutBatch(
  node: FlatNode,
  arriving: Shape | undefined,
  rank: number,
  sink: DiagnosticSink,
): Shape | undefined {
  if (arriving === undefined || arriving.length === rank) return arriving;
  const extra = arriving.slice(0, arriving.length - rank);
  if (arriving.length < rank || extra.some((length) => length !== 1)) return undefined;
  const used = arriving.slice(-rank);
  sink.report(batchAxis({ node, declared: arriving, used }));
  return used;
}

/** Neurons, Scale and Delay: the parameters' own shape, or what arrives if they are scalars or per channel. */
function elementwiseShape(
  node: FlatNode,
  arriving: Shape | undefined,
  wanted: () => Shape | undefined,
  sink: DiagnosticSink,
): Shape | undefined {
  const own = parameterShape(node);
  if (own === undefined) return undefined;
  let used: Shape = own;
  if (arriving === undefined) {
    if (sizeOf(own) === 1) used = wanted() ?? [1];
  } else if (sizeOf(arriving) === sizeOf(own)) {
    used = own.length === 0 || isBatched(own, arriving) ? arriving : own;
    if (own.length > 0 && !sameShape(own, used)) sink.report(batchAxis({ node, declared: own, used }));
  } else {
    const way = coverage(own, arriving);
    if (way !== undefined) {
      used = arriving;
      sink.report(
        implicitBroadcast({ node, own, used, way: way === "one" ? "all elements" : "every channel" }),
      );
    }
  }
  checkParameters(node, used, sink);
  return used;
}

const isBatched = (own: Shape, arriving: Shape): boolean => endsWith(own, arriving);

/** Parameters of one node that no shape reconciles. */
function checkParameters(node: FlatNode, used: Shape, sink: DiagnosticSink): void {
  const shapes: string[] = [];
  let fits = true;
  for (const { name } of nodeType(node.type)?.fields ?? []) {
    const field = node.fields[name];
    if (!isArray(field)) continue;
    shapes.push(`${name} ${shapeText(field.shape)}`);
    if (coverage(field.shape, used) === undefined) fits = false;
  }
  if (!fits) sink.report(parameterShapes({ node, shapes, used }));
}

function outputShape(node: FlatNode, input: Shape, sink: DiagnosticSink): Shape | undefined {
  switch (node.type) {
    case "Linear":
    case "Affine": {
      const weight = weightShape(node);
      return weight === undefined ? undefined : [...weight.slice(0, -2), weight[weight.length - 2]];
    }
    case "Conv1d":
    case "Conv2d":
    case "SumPool2d":
    case "AvgPool2d": {
      const window = node.type.startsWith("Conv") ? convolutionOf(node) : poolingOf(node, input[0]);
      return window === undefined ? undefined : outputShapeOf(node, window, input, sink);
    }
    case "Flatten":
      return flattenedShape(node, input, sink);
    default:
      return input;
  }
}

/** Every edge: what leaves its source must be as large as what its sink takes. */
function checkEdges(graph: FlatGraph, shapes: readonly NodeShapes[], sink: DiagnosticSink): void {
  const { nodes, edges } = graph;
  edges.from.forEach((from, edge) => {
    const to = edges.to[edge];
    const output = shapes[from].output;
    const input = shapes[to].input;
    if (output === undefined || input === undefined) return;
    const facts = { from: nodes[from], output, to: nodes[to], input };
    if (sizeOf(output) !== sizeOf(input)) sink.report(shapeMismatch(facts));
    else if (!sameShape(output, input) && nodes[to].type !== "Output" && !onlyOnes(output, input))
      sink.report(reshaped(facts));
  });
}

/** Shapes that differ in axes of length 1 only. */
function onlyOnes(a: Shape, b: Shape): boolean {
  const bare = (shape: Shape): Shape => shape.filter((length) => length !== 1);
  return sameShape(bare(a), bare(b));
}
