import { isComparison, isElementwise } from "./expression.ts";
import type { Graph, GraphPort } from "./graph.ts";
import type { StatePair } from "./interpret.ts";

/**
 * Inputs that hold what an output gave in the step before, as exporters of single steps write them.
 *
 * An input and an output are a pair if their names differ only in words for direction (`mem_in`, `mem_out`) and
 * their extents agree. The graph is taken for a step only if some pair is joined by operators that work element
 * by element, as a membrane is; without such a pair every input is an input.
 */
export function findStates(graph: Graph): StatePair[] {
  const pairs = graph.inputs.flatMap((input): StatePair[] => {
    const stem = stemOf(input.name);
    const matches = graph.outputs.filter(
      (output) => stem !== "" && stemOf(output.name) === stem && sameExtents(input, output),
    );
    return matches.length === 1 ? [{ input: input.name, output: matches[0].name }] : [];
  });
  return pairs.some((pair) => joinedElementwise(graph, pair)) ? pairs : [];
}

const DIRECTIONS =
  /^(in|out|input|output|prev|previous|next|new|old|initial|final|updated|last|t|t0|t1|0|n|1)$/;

/** The name in lower case, without words that say where a tensor goes. */
function stemOf(name: string): string {
  const words = name
    .replace(/([a-z])(In|Out|Prev|Next|New|Old)\b/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.filter((word) => word !== "" && !DIRECTIONS.test(word)).join(".");
}

const sameExtents = (a: GraphPort, b: GraphPort): boolean =>
  a.dims === undefined ||
  b.dims === undefined ||
  (a.dims.length === b.dims.length &&
    a.dims.every(
      (extent, axis) =>
        typeof extent === "string" || typeof b.dims![axis] === "string" || extent === b.dims![axis],
    ));

function joinedElementwise({ nodes }: Graph, { input, output }: StatePair): boolean {
  const reached = new Set([input]);
  for (const { operator, inputs, outputs } of nodes)
    if (
      inputs.some((name) => reached.has(name)) &&
      (isElementwise(operator) || isComparison(operator) || operator === "Cast")
    )
      for (const name of outputs) reached.add(name);
  return reached.has(output);
}
