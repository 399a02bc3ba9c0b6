import type { Graph } from "./graph.ts";

/** Node-link data as `networkx.node_link_graph` and D3 read them: a directed graph with parallel links. */
export function nodeLinkText({ name, attributes, nodes, links }: Graph): string {
  const counts = new Map<string, number>();
  const data = {
    directed: true,
    multigraph: true,
    graph: { name, ...attributes },
    nodes: nodes.map(({ id, group, attributes: own }) => ({
      id,
      ...(group === undefined ? {} : { group }),
      ...own,
    })),
    links: links.map(({ source, target, attributes: own }) => {
      const pair = JSON.stringify([source, target]);
      const key = counts.get(pair) ?? 0;
      counts.set(pair, key + 1);
      return { source, target, key, ...own };
    }),
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}
