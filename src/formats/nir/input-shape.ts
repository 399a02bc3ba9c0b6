import type { DiagnosticSink } from "#util/diagnostic";
import {
  batchAxis,
  implicitBroadcast,
  inputShapeAssumed,
  outputShapeIgnored,
  parameterShapes,
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
import { convolutionOf, weightShape } from "./geometry.ts";
import type { FlatNode } from "./inline.ts";
import { nodeType } from "./nodes.ts";

/** Of several arriving shapes the one that the node's parameters ask for; the others fail at their edges. */
function choose(node: FlatNode, arriving: readonly Shape[]): Shape | undefined {
  const expected = expectedShape(node);
  return arriving.find((shape) => expected !== undefined && sameShape(shape, expected)) ?? arriving.at(0);
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
function parameterShape(node: FlatNode): Shape | undefined {
  let best: Shape | undefined;
  for (const { name } of nodeType(node.type)?.fields ?? []) {
    const field = node.fields[name];
    if (!isArray(field)) continue;
    if (best === undefined || sizeOf(field.shape) > sizeOf(best)) best = field.shape;
  }
  return best;
}

/** The shape that one of the readers asks for; ports, whose shapes are often wrong, only where nobody else does. */
function askedShape(readers: readonly FlatNode[]): Shape | undefined {
  const ports = readers.filter(({ type }) => type === "Input" || type === "Output");
  const others = readers.filter((reader) => !ports.includes(reader));
  return (
    firstOf(others, expectedShape) ?? firstOf(ports, (port) => positiveShape(numbersOf(port.fields.shape)))
  );
}

/** The same, and one element for a neuron with scalar parameters, which takes anything. */
function firstExpectation(readers: readonly FlatNode[]): Shape | undefined {
  return askedShape(readers) ?? (readers.some(isScalar) ? [1] : undefined);
}

function firstOf<T, R>(list: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of list) {
    const found = find(item);
    if (found !== undefined) return found;
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

/** What is known where a node stands. */
export interface Surroundings {
  /** Shapes of what leads to the node, as far as they are known. */
  readonly arriving: readonly Shape[];
  /** Nodes that the node leads to. */
  readonly readers: readonly FlatNode[];
}

/**
 * The shape that a node takes in: its own word, what arrives, or (for the first nodes of a graph) what its
 * readers ask for. Reports what had to be assumed; undefined if nothing tells.
 */
export function inputShape(node: FlatNode, around: Surroundings, sink: DiagnosticSink): Shape | undefined {
  const { readers } = around;
  const arriving = choose(node, around.arriving);
  const wanted = (): Shape | undefined => firstExpectation(readers);
  switch (node.type) {
    case "Input":
      return node.role === "input" && arriving === undefined
        ? networkInputShape(node, readers, sink)
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
  readers: readonly FlatNode[],
  sink: DiagnosticSink,
): Shape | undefined {
  const declared = positiveShape(numbersOf(node.fields.shape));
  if (declared === undefined) return firstExpectation(readers);
  const asked = askedShape(readers);
  if (asked !== undefined) {
    if (!endsWith(declared, asked)) return declared;
    sink.report(batchAxis({ node, declared, used: asked }));
    return asked;
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
