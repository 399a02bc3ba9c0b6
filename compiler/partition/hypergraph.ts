import type { Slice } from "#ir/block-graph";
import type { CoreCapacity } from "../hypergraph/capacity.ts";
import { fillEvenly, fillInOrder } from "../hypergraph/fill.ts";
import { greedyOverlap } from "../hypergraph/greedy.ts";
import { tileOrder, type LayerShape } from "../hypergraph/tile-order.ts";
import { available, countDistinct } from "../encode/measure.ts";
import { reorderForWords } from "../encode/reorder.ts";
import type { Workload } from "../encode/workload.ts";
import { axonGraphOf, type PopulationGraph } from "./axon-graph.ts";
import { arrange, fitExactly } from "./fit-exactly.ts";
import { incomingWithOutside, levelWithOutside } from "./graph-level.ts";
import { cutOf, piecesOf } from "./graph-pieces.ts";
import { listCapacity } from "./list-capacity.ts";
import { mapBlock, type MappedBlock } from "./mapped-block.ts";
import { slicesOf, type Effort, type PartitionContext, type Partitioner } from "./partitioner.ts";
import { isBetterCut, judgeCut, searchCut, type Cut, type CutProblem, type FoundCut } from "./search-cut.ts";
import { slicesOfNeurons } from "./slices.ts";
import { tiles } from "./tiles.ts";

/**
 * Any neuron on any core: starts at the pieces of `tiles` and other first cuts, and moves single neurons while that saves
 * cores or messages.
 *
 * Each population is cut by itself, its neurons about evenly; with `together`, all are cut as one, and a core may hold
 * neurons of several. Words are estimated by the lengths of lists while searching, and counted at the end: pieces that are
 * over a wall then give neurons away. What is not better than `tiles` is dropped.
 */
export const hypergraph: Partitioner = {
  name: "hypergraph",
  summary: "from tiles, neurons moved one by one while that saves cores or messages",
  cutsTogether: true,

  partition(workload, context) {
    const first = slicesOf(tiles.partition(workload, context));
    const { effort = "default", together = false } = context;
    if (effort === "fast" || first.length < 2 || context.misfits.all.length > 0) return first;
    const mapped = workload.mapped.flatMap((isMapped, p) => (isMapped ? [p] : []));
    const groups = together ? [mapped] : mapped.map((p) => [p]);
    return groups.flatMap((populations): (readonly Slice[])[] => {
      const own = first.filter(([{ population }]) => populations.includes(population));
      if (own.length < 2 || context.shouldStop?.() === true) return own;
      const names = populations.map((p) => workload.network.populations[p].name);
      context.onProgress?.(
        `search ${together ? "" : names[0]}`.trim(),
        populations[0],
        workload.mapped.length,
      );
      return cutGroup(workload, populations, own, effort, context);
    });
  },
};

/** First cuts of several populations fill so many more cores than their neurons need. */
const SPARE = 1.03;
/** How much more than its share of the neurons a core of a population may hold. */
const UNEVEN = 1.05;
/** Words are estimates: where blocks turn out to be over the wall, the search is repeated with so much less. */
const CAUTION = 0.97;

function cutGroup(
  workload: Workload,
  populations: readonly number[],
  own: readonly (readonly Slice[])[],
  effort: Effort,
  context: PartitionContext,
): (readonly Slice[])[] {
  const neurons = axonGraphOf(workload, populations, context.spikesPerStep);
  const { graph } = neurons;
  const blocks = own.map((slices) => inBestOrder(workload, mapBlock(workload, slices)));
  const isAlike = populations.length === 1 && isDense(neurons);
  if (isAlike && !configurationsBind(workload, blocks)) return [...own];
  const level = levelWithOutside(graph);
  const tiled = cutOf(neurons, own);
  const problemWith = (wordShare: number): CutProblem => ({
    graph,
    level,
    capacityOf: capacityFor(workload, blocks, graph.neurons, populations.length > 1, wordShare),
  });
  const search = { effort, rng: context.rng, shouldStop: context.shouldStop };
  const limits = available(workload);
  const fits = (slices: readonly Slice[]): boolean => arrange(workload, slices, limits).full <= 1;

  const problem = problemWith(1);
  const given = judgeCut(problem, tiled);
  let best: { readonly cut: FoundCut; readonly pieces: readonly (readonly Slice[])[] } = {
    cut: given,
    pieces: [...own],
  };
  const keep = (pieces: readonly (readonly Slice[])[]): void => {
    const cut = judgeCut(problem, cutOf(neurons, pieces));
    // What has been counted is legal, whatever the estimate says; output entries are settled for all alike.
    if (cut.cores <= own.length && isBetterCut({ ...cut, overload: 0 }, { ...best.cut, overload: 0 }))
      best = { cut, pieces };
  };
  for (const seed of seedsFor(workload, neurons, problem, populations, effort, tiled)) {
    if (context.shouldStop?.() === true) break;
    let found = searchCut(problem, seed, search);
    let pieces = piecesOf(neurons, found);
    if (!pieces.every(fits)) {
      found = searchCut(problemWith(CAUTION), found, search);
      pieces = piecesOf(neurons, found);
    }
    pieces = fitExactly(workload, pieces);
    keep(pieces);
  }
  // The search does not see configurations: where they bind, neurons that share them share cores.
  if (configurationsBind(workload, blocks))
    keep(fitExactly(workload, byConfiguration(workload, populations)));
  return [...best.pieces];
}

/** Lists are as short as they can be where it is about how many fit. */
function inBestOrder(workload: Workload, block: MappedBlock): MappedBlock {
  const better =
    workload.packer.formula === "entry-list"
      ? reorderForWords(workload, block.slices, block.measure)
      : undefined;
  return better === undefined ? block : { ...better, demand: better.measure.demand };
}

function capacityFor(
  workload: Workload,
  blocks: readonly MappedBlock[],
  neurons: number,
  together: boolean,
  wordShare: number,
): (cores: number) => CoreCapacity {
  const full = listCapacity(workload, blocks, { wordShare, neurons: mostNeurons(workload, blocks) });
  if (together) return () => full;
  return (cores) => ({
    ...full,
    neurons: Math.min(full.neurons, Math.ceil((neurons / cores) * UNEVEN)),
  });
}

/** Where there are more configurations than a core has, no core is to hold more neurons than a piece of the first cut does on average. */
function mostNeurons(workload: Workload, blocks: readonly MappedBlock[]): number {
  if (!configurationsBind(workload, blocks)) return Infinity;
  return Math.ceil(blocks.reduce((sum, { demand }) => sum + demand.neurons, 0) / blocks.length);
}

function configurationsBind(workload: Workload, blocks: readonly MappedBlock[]): boolean {
  const limits = available(workload);
  const slices = blocks.flatMap((block) => block.slices);
  return (
    countDistinct(workload.neuronConfig, slices) > limits.neuronConfigs ||
    countDistinct(workload.thresholdConfig, slices) > limits.thresholdConfigs
  );
}

/** Neurons ordered by their configurations, a new piece wherever a core has no room for one more of them. */
function byConfiguration(workload: Workload, populations: readonly number[]): Slice[][] {
  const limits = available(workload);
  const { neuronConfig, thresholdConfig } = workload;
  const all = populations.flatMap((population) =>
    Array.from({ length: workload.network.populations[population].size }, (_, neuron) => ({
      population,
      neuron,
    })),
  );
  const configOf = ({ population, neuron }: (typeof all)[number]): number => neuronConfig[population][neuron];
  const thresholdOf = ({ population, neuron }: (typeof all)[number]): number =>
    thresholdConfig[population][neuron];
  // The sort is stable: neurons of a configuration stay in the order of the network.
  all.sort((a, b) => thresholdOf(a) - thresholdOf(b) || configOf(a) - configOf(b));
  const pieces: (typeof all)[] = [];
  const configs = new Set<number>();
  const thresholds = new Set<number>();
  for (const entry of all) {
    configs.add(configOf(entry));
    thresholds.add(thresholdOf(entry));
    const last = pieces.at(-1);
    const hasRoom =
      last !== undefined &&
      last.length < limits.neurons &&
      configs.size <= limits.neuronConfigs &&
      thresholds.size <= limits.thresholdConfigs;
    if (hasRoom) {
      last.push(entry);
      continue;
    }
    pieces.push([entry]);
    configs.clear();
    thresholds.clear();
    configs.add(configOf(entry));
    thresholds.add(thresholdOf(entry));
  }
  return pieces.map((piece) =>
    slicesOfNeurons(piece.sort((a, b) => a.population - b.population || a.neuron - b.neuron)),
  );
}

/** First cuts, the most promising of each kind. */
function seedsFor(
  workload: Workload,
  neurons: PopulationGraph,
  problem: CutProblem,
  populations: readonly number[],
  effort: Effort,
  tiled: Cut,
): Cut[] {
  const { graph, level, capacityOf } = problem;
  const incoming = incomingWithOutside(graph);
  const all = { ...graph, neurons: graph.neurons + (graph.outside ?? 0) };
  const capacity = capacityOf(tiled.cores);
  const trimmed = ({ coreOf, cores }: Cut): Cut => ({ coreOf: coreOf.slice(0, graph.neurons), cores });
  const shapes = populations.map((p) =>
    layerShape(workload.network.populations[p].shape, neurons.firstOf[p]),
  );
  const seeds: Cut[] = [tiled];
  const cores =
    populations.length === 1 ? tiled.cores : Math.ceil((graph.neurons / capacity.neurons) * SPARE);
  const hasImages = shapes.some(({ height, width }) => height * width > 1);
  if (hasImages) {
    const groupSizes = populations.length === 1 ? [1] : [1, 2, 3];
    for (const size of groupSizes)
      seeds.push(trimmed(fillEvenly(all, incoming, tileOrder(shapes, size), capacity, cores)));
  } else if (populations.length > 1) {
    const order = Uint32Array.from({ length: graph.neurons }, (_, n) => n);
    seeds.push(trimmed(fillInOrder(all, incoming, order, capacity)));
  }
  if (!hasImages || effort === "best")
    seeds.push(greedyOverlap(level, capacity, { alpha: 1, sourceCredit: 0, fill: 1, byRate: true }));
  return seeds
    .map((cut) => judgeCut(problem, cut))
    .sort((a, b) => (isBetterCut(a, b) ? -1 : isBetterCut(b, a) ? 1 : 0))
    .slice(0, effort === "best" ? 2 : 1);
}

function layerShape(shape: readonly number[], first: number): LayerShape {
  const [channels, height, width] =
    shape.length === 3
      ? shape
      : shape.length === 2
        ? [shape[0], 1, shape[1]]
        : [shape.reduce((a, b) => a * b, 1), 1, 1];
  return { first, channels, height, width };
}

/** Whether every source reaches every neuron: all cuts into equally many pieces are alike. */
function isDense({ graph }: PopulationGraph): boolean {
  const { neurons, axonStart, target } = graph;
  let sources = 0;
  for (let n = 0; n + 1 < axonStart.length; n++) if (axonStart[n + 1] > axonStart[n]) sources++;
  return target.length === sources * neurons;
}
