// Parts from cutting the plain graph in two again and again: finds what is near what where axons go to their neighbourhood.
import type { AxonGraph } from "#ir/axon-graph";
import { createRng, type Rng } from "#util/rng";
import { bisect } from "./bisect.ts";
import { coreLoads } from "./bounds.ts";
import type { CoreCapacity } from "./capacity.ts";
import type { Incoming } from "./fill.ts";
import { clusterTies, edgeTies, neuronTies, type Ties } from "./ties.ts";
import { clusterGraph, contractGraph, smoothParts, type WeightedGraph } from "./weighted-graph.ts";

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
/** Edges are numbered at both ends in 32 bits. */
const MOST_SYNAPSES = 2 ** 31;
/** Of more synapses, no graph is written out before nodes are so few, as a share of the neurons: less memory, more time. */
const WRITTEN_SYNAPSES = 2 ** 21;
const WRITTEN_SHARE = 1 / 4;

/**
 * @returns parts of about as many neurons each, as many as then about hold what they take in; a little over walls here and
 * there. Nothing where axons have hardly two targets in a core.
 */
export function bisection({
  graph,
  incoming,
  capacity,
  cores: fewest,
}: BisectionProblem): { readonly coreOf: Uint16Array; readonly cores: number } | undefined {
  const synapses = graph.target.length;
  if (synapses >= MOST_SYNAPSES) return undefined;
  const rng = createRng(1);
  let cores = Math.max(fewest, Math.ceil(synapses / (LIKELY_REUSE * capacity.axonsIn)));
  const { steps, coarsest } = coarser(graph, incoming, cores, capacity, rng);
  for (let guess = 1; ; guess++) {
    const coreOf = divide(steps, coarsest, graph.neurons / cores, cores, rng);
    const { lists, needed } = coreLoads(graph, coreOf, cores, capacity);
    if (synapses < LEAST_REUSE * lists) return undefined;
    const filled = Math.max(1, Math.ceil(needed / FULL));
    if (guess === GUESSES || Math.abs(filled - cores) <= NEAR * cores) return { coreOf, cores };
    cores = filled;
  }
}

interface Step {
  readonly ties: Ties;
  /** Of its nodes, in the next graph. */
  readonly clusterOf: Uint32Array;
}

/** Graphs, the first of neurons; `coarsest` is the one after the last step. */
function coarser(
  graph: AxonGraph,
  incoming: Incoming,
  cores: number,
  capacity: CoreCapacity,
  rng: Rng,
): { readonly steps: Step[]; readonly coarsest: WeightedGraph } {
  const steps: Step[] = [];
  const maxSize = Math.max(2, Math.min(capacity.neurons, graph.neurons / cores) * CLUSTER_SHARE);
  const { neurons, target } = graph;
  const mostWritten = target.length > WRITTEN_SYNAPSES ? WRITTEN_SHARE * neurons : neurons;
  let ties = neuronTies(graph, incoming);
  let edges = 2 * target.length;
  /** Of the neurons, as long as no graph is written out. */
  let clusterOfNeuron: Uint32Array | undefined;
  let coarsest: WeightedGraph | undefined;
  while (ties.nodes > CLUSTERS_PER_CORE * cores) {
    const { clusterOf, clusters } = clusterGraph(ties, maxSize, rng);
    if (clusters > STALLED * ties.nodes) break;
    steps.push({ ties, clusterOf });
    if (coarsest === undefined && clusters > mostWritten) {
      clusterOfNeuron = clusterOfNeuron?.map((cluster) => clusterOf[cluster]) ?? clusterOf;
      ties = clusterTies(graph, incoming, clusterOfNeuron, clusters);
      continue;
    }
    coarsest = contractGraph(ties, clusterOf, clusters, edges);
    ties = edgeTies(coarsest);
    edges = coarsest.neighbour.length;
  }
  coarsest ??= contractGraph(ties, identity(ties.nodes), ties.nodes, edges);
  return { steps, coarsest };
}

function identity(length: number): Uint32Array {
  return new Uint32Array(length).map((_, v) => v);
}

function divide(
  steps: readonly Step[],
  coarsest: WeightedGraph,
  meanSize: number,
  cores: number,
  rng: Rng,
): Uint16Array {
  const smoothing = { most: SLACK * meanSize, passes: PASSES, rng };
  let partOf = bisect(coarsest, cores, rng);
  smoothParts(edgeTies(coarsest), partOf, cores, smoothing);
  for (let l = steps.length - 1; l >= 0; l--) {
    const { ties, clusterOf } = steps[l];
    const coarse = partOf;
    partOf = clusterOf.map((cluster) => coarse[cluster]);
    smoothParts(ties, partOf, cores, smoothing);
  }
  return Uint16Array.from(partOf);
}
