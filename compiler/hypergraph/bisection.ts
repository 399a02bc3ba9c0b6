// Parts from cutting the plain graph in two again and again: finds what is near what where axons go to their neighbourhood.
import type { AxonGraph } from "#ir/axon-graph";
import { createRng, type Rng } from "#util/rng";
import { bisect } from "./bisect.ts";
import { coreLoads } from "./bounds.ts";
import type { CoreCapacity } from "./capacity.ts";
import type { Incoming } from "./fill.ts";
import {
  clusterGraph,
  contractGraph,
  neuronGraph,
  smoothParts,
  type WeightedGraph,
} from "./weighted-graph.ts";

export interface BisectionProblem {
  readonly graph: AxonGraph;
  readonly incoming: Incoming;
  readonly capacity: CoreCapacity;
  /** Cores that neurons need; more where what is found needs more. */
  readonly cores: number;
}

/** Coarsening ends at so many clusters for each core. */
const CLUSTERS_PER_CORE = 24;
const STALLED = 0.9;
/** A cluster holds at most this share of a core's neurons. */
const CLUSTER_SHARE = 1 / 16;
const PASSES = 6;
/** Parts may be so much larger than they would be on average. */
const SLACK = 1.05;
/** Cores are taken to be filled so far, and guessed again if they are not, within this. */
const FULL = 0.97;
const NEAR = 0.03;
const GUESSES = 3;
/** Targets of an axon in a core: what the first guess takes, and what is worth the search. */
const LIKELY_REUSE = 5;
const LEAST_REUSE = 2;
/** Some 40 bytes a synapse. */
const MOST_SYNAPSES = 2 ** 25;

/**
 * @returns parts of about as many neurons each, as many as then about hold what they take in; a little over walls here and
 * there. Nothing where axons have hardly two targets in a core, and for graphs whose copy would take too much memory.
 */
export function bisection({
  graph,
  incoming,
  capacity,
  cores: fewest,
}: BisectionProblem): { readonly coreOf: Uint16Array; readonly cores: number } | undefined {
  const synapses = graph.target.length;
  if (synapses > MOST_SYNAPSES) return undefined;
  const rng = createRng(1);
  let cores = Math.max(fewest, Math.ceil(synapses / (LIKELY_REUSE * capacity.axonsIn)));
  const levels = coarser(neuronGraph(graph, incoming), cores, capacity, rng);
  for (let guess = 1; ; guess++) {
    const coreOf = divide(levels, cores, rng);
    const { lists, needed } = coreLoads(graph, coreOf, cores, capacity);
    if (synapses < LEAST_REUSE * lists) return undefined;
    const filled = Math.max(1, Math.ceil(needed / FULL));
    if (guess === GUESSES || Math.abs(filled - cores) <= NEAR * cores) return { coreOf, cores };
    cores = filled;
  }
}

interface Step {
  readonly graph: WeightedGraph;
  /** Of its nodes, in the next graph; the last has none. */
  readonly clusterOf?: Uint32Array;
}

function coarser(finest: WeightedGraph, cores: number, capacity: CoreCapacity, rng: Rng): Step[] {
  const steps: Step[] = [];
  let graph = finest;
  const meanSize = finest.nodes / cores;
  const maxSize = Math.max(2, Math.min(capacity.neurons, meanSize) * CLUSTER_SHARE);
  while (graph.nodes > CLUSTERS_PER_CORE * cores) {
    const { clusterOf, clusters } = clusterGraph(graph, maxSize, rng);
    if (clusters > STALLED * graph.nodes) break;
    steps.push({ graph, clusterOf });
    graph = contractGraph(graph, clusterOf, clusters);
  }
  return [...steps, { graph }];
}

function divide(levels: readonly Step[], cores: number, rng: Rng): Uint16Array {
  let partOf = bisect(levels[levels.length - 1].graph, cores, rng);
  for (let l = levels.length - 1; l >= 0; l--) {
    const { graph, clusterOf } = levels[l];
    const coarse = partOf;
    if (clusterOf !== undefined) partOf = Uint16Array.from(clusterOf, (cluster) => coarse[cluster]);
    smoothParts(graph, partOf, cores, { most: (SLACK * levels[0].graph.nodes) / cores, passes: PASSES, rng });
  }
  return partOf;
}
