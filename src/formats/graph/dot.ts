import type { Graph, GraphNode } from "./graph.ts";

/** The graph in the DOT language of Graphviz. */
export function dotText({ name, nodes, links }: Graph): string {
  const groups = [...new Set(nodes.map(({ group }) => group))];
  const body = groups.flatMap((group, index) => {
    const members = nodes.filter((node) => node.group === group).map(nodeLine);
    if (group === undefined) return members.map((line) => `  ${line}`);
    return [
      `  subgraph cluster_${index} {`,
      `    label=${quoted(group)};`,
      ...members.map((line) => `    ${line}`),
      "  }",
    ];
  });
  const arrows = links.map(
    ({ source, target, text }) => `  ${quoted(source)} -> ${quoted(target)} [label=${quoted(text)}];`,
  );
  return [`digraph ${quoted(name)} {`, "  node [shape=box];", ...body, ...arrows, "}", ""].join("\n");
}

const nodeLine = ({ id, lines }: GraphNode): string => `${quoted(id)} [label=${quoted(...lines)}];`;

/** In DOT a quote is escaped, and "\n" ends a line of a label; a backslash would begin one of its own escapes. */
function quoted(...lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    line
      .replaceAll("\\", "\\\\")
      .replaceAll('"', '\\"')
      .replaceAll(/[\r\n]+/g, " "),
  );
  return `"${escaped.join("\\n")}"`;
}
