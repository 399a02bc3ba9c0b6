import type { DiagnosticSink } from "#util/diagnostic";
import type { DepthFirst } from "./depth-first.ts";
import { reshaped, shapeMismatch, shapeUnknown, tooLarge } from "./diagnostics.ts";
import { sameShape, sizeOf, type Shape } from "./fields.ts";
import { convolutionOf, flattenedShape, outputShapeOf, poolingOf, weightShape } from "./geometry.ts";
import type { FlatGraph, FlatNode } from "./inline.ts";
import { expectedShape, inputShape } from "./input-shape.ts";

/** Shapes of a node, or undefined where they could not be found (and a diagnostic says so). */
export interface NodeShapes {
  readonly input: Shape | undefined;
  readonly output: Shape | undefined;
}

/** Elements of one node; more is not a spiking network but a damaged file. */
const MAX_ELEMENTS = 2 ** 27;

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
    const readers = outgoing[index].map((to) => nodes[to]);
    const shapesHere = known.map((from) => shapes[from].output as Shape);
    const found = waits ? expectedShape(node) : inputShape(node, { arriving: shapesHere, readers }, sink);
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
