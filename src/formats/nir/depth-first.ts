/** Edges as two parallel lists of node indices. */
export interface EdgeList {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export interface DepthFirst {
  /** Every node once; along every edge that closes no cycle, the source stands before the sink. */
  readonly order: readonly number[];
  /** Per edge: true if it closes a cycle. */
  readonly closesCycle: readonly boolean[];
  /** Per node: true if a root leads to it. */
  readonly reached: readonly boolean[];
}

/**
 * Visits a directed graph depth first and finds the edges that close its cycles.
 *
 * Starts at the roots in the given order, then at whatever is left in node order; follows the edges of
 * a node in ascending order of their sinks, so that the order of edges in a file does not matter. The
 * search keeps its own stack: a chain may be as long as memory allows.
 */
export function depthFirst(nodes: number, edges: EdgeList, roots: readonly number[]): DepthFirst {
  const outgoing: number[][] = Array.from({ length: nodes }, () => []);
  edges.from.forEach((from, edge) => outgoing[from].push(edge));
  for (const list of outgoing) list.sort((a, b) => edges.to[a] - edges.to[b]);

  const state = new Uint8Array(nodes); // 0 new, 1 on the path, 2 done
  const next = new Uint32Array(nodes);
  const closesCycle = new Array<boolean>(edges.from.length).fill(false);
  const finished: number[] = [];

  const visit = (start: number): void => {
    if (state[start] !== 0) return;
    const path = [start];
    state[start] = 1;
    while (path.length > 0) {
      const node = path[path.length - 1];
      if (next[node] === outgoing[node].length) {
        state[node] = 2;
        finished.push(node);
        path.pop();
        continue;
      }
      const edge = outgoing[node][next[node]++];
      const sink = edges.to[edge];
      if (state[sink] === 1) closesCycle[edge] = true;
      else if (state[sink] === 0) {
        state[sink] = 1;
        path.push(sink);
      }
    }
  };

  for (const root of roots) visit(root);
  const reached = Array.from(state, (value) => value !== 0);
  for (let node = 0; node < nodes; node++) visit(node);
  return { order: finished.reverse(), closesCycle, reached };
}
