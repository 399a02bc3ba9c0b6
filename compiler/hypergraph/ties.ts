// What a node of a plain graph is tied to, and how much: all that quick divisions ask of a graph.
import type { AxonGraph } from "#ir/axon-graph";
import type { Incoming } from "./fill.ts";
import type { WeightedGraph } from "./weighted-graph.ts";

/** A plain graph with weights, undirected. */
export interface Ties {
  readonly nodes: number;
  /** `[nodes]`, neurons of a node. */
  readonly size: Uint32Array;
  /**
   * Adds a node's weights to the sums of its neighbours' labels. Labels whose sum was 0 are appended to `seen`; whoever asks sets the
   * sums back.
   *
   * @param labelOf `[nodes]`
   * @param sums    `[labels]`
   * @param seen    `[labels]`, of which the first `many` are taken
   * @returns how many are taken afterwards
   */
  readonly gather: (
    node: number,
    labelOf: Uint32Array,
    sums: Float64Array,
    seen: Uint32Array,
    many: number,
  ) => number;
}

/** Neurons as nodes, synapses as edges that weigh what travels along them; the synapses are not copied. */
export function neuronTies(
  { neurons, axonStart, target, rate }: AxonGraph,
  { inStart, inSource }: Incoming,
): Ties {
  return {
    nodes: neurons,
    size: new Uint32Array(neurons).fill(1),
    gather(node, labelOf, sums, seen, many) {
      let taken = many;
      const own = rate[node];
      if (own > 0)
        for (let s = axonStart[node]; s < axonStart[node + 1]; s++) {
          if (target[s] === node) continue;
          const label = labelOf[target[s]];
          if (sums[label] === 0) seen[taken++] = label;
          sums[label] += own;
        }
      for (let i = inStart[node]; i < inStart[node + 1]; i++) {
        const source = inSource[i];
        const weight = rate[source];
        if (source === node || weight === 0) continue;
        const label = labelOf[source];
        if (sums[label] === 0) seen[taken++] = label;
        sums[label] += weight;
      }
      return taken;
    },
  };
}

/**
 * Clusters of neurons as nodes, tied by the synapses of their neurons: `contractGraph` without a graph. Takes the time of all synapses
 * whenever all nodes are looked at, and no memory for any. With a cluster for each neuron it would be `neuronTies`, which has one
 * look-up less for each synapse.
 *
 * @param clusterOf `[neurons]`, from 0 on without gaps
 */
export function clusterTies(
  { axonStart, target, rate }: AxonGraph,
  { inStart, inSource }: Incoming,
  clusterOf: Uint32Array,
  clusters: number,
): Ties {
  const { first, member } = membersOf(clusterOf, clusters);
  return {
    nodes: clusters,
    size: Uint32Array.from({ length: clusters }, (_, c) => first[c + 1] - first[c]),
    gather(node, labelOf, sums, seen, many) {
      let taken = many;
      for (let m = first[node]; m < first[node + 1]; m++) {
        const n = member[m];
        const own = rate[n];
        if (own > 0)
          for (let s = axonStart[n]; s < axonStart[n + 1]; s++) {
            const other = clusterOf[target[s]];
            if (other === node) continue;
            const label = labelOf[other];
            if (sums[label] === 0) seen[taken++] = label;
            sums[label] += own;
          }
        for (let i = inStart[n]; i < inStart[n + 1]; i++) {
          const source = inSource[i];
          const weight = rate[source];
          const other = clusterOf[source];
          if (other === node || weight === 0) continue;
          const label = labelOf[other];
          if (sums[label] === 0) seen[taken++] = label;
          sums[label] += weight;
        }
      }
      return taken;
    },
  };
}

/** Nodes cluster by cluster; inside a cluster as they were. */
export function membersOf(
  clusterOf: Uint32Array,
  clusters: number,
): { readonly first: Uint32Array; readonly member: Uint32Array } {
  const first = new Uint32Array(clusters + 1);
  for (const c of clusterOf) first[c + 1]++;
  for (let c = 0; c < clusters; c++) first[c + 1] += first[c];
  const member = new Uint32Array(clusterOf.length);
  const next = first.slice(0, clusters);
  for (let v = 0; v < clusterOf.length; v++) member[next[clusterOf[v]]++] = v;
  return { first, member };
}

export function edgeTies({ nodes, size, start, neighbour, weight }: WeightedGraph): Ties {
  return {
    nodes,
    size,
    gather(node, labelOf, sums, seen, many) {
      let taken = many;
      for (let e = start[node]; e < start[node + 1]; e++) {
        const label = labelOf[neighbour[e]];
        if (sums[label] === 0) seen[taken++] = label;
        sums[label] += weight[e];
      }
      return taken;
    },
  };
}
