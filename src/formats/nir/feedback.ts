import type { NirAnalysis } from "./lower.ts";

/**
 * The edges that a file's cycles are cut at, as pairs of names, with nodes that only pass on left out.
 *
 * @param nameOf name of a node; undefined for a node that is passed through
 */
export function feedbackPairs(
  { graph, search }: Pick<NirAnalysis, "graph" | "search">,
  nameOf: (index: number) => string | undefined,
): readonly string[] {
  const { from, to } = graph.edges;
  const before: number[][] = graph.nodes.map(() => []);
  const behind: number[][] = graph.nodes.map(() => []);
  from.forEach((source, edge) => {
    before[to[edge]].push(source);
    behind[source].push(to[edge]);
  });
  const ends = (start: number, neighbours: readonly (readonly number[])[]): string[] => {
    const seen = new Set<number>();
    const stack = [start];
    const found: string[] = [];
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (seen.has(index)) continue;
      seen.add(index);
      const name = nameOf(index);
      if (name === undefined) stack.push(...neighbours[index]);
      else found.push(name);
    }
    return found;
  };
  const pairs = from.flatMap((source, edge) => {
    if (!search.closesCycle[edge]) return [];
    const sinks = ends(to[edge], behind);
    return ends(source, before).flatMap((a) => sinks.map((b) => `${a} -> ${b}`));
  });
  return [...new Set(pairs)].sort();
}
