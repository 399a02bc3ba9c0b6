import type { AxonGraph } from "#ir/axon-graph";
import { invariant, ToolchainError } from "#util/diagnostic";
import { neuronOverCapacity } from "../diagnostics.ts";
import { oversizedNeuron } from "./bounds.ts";
import type { CoreCapacity } from "./capacity.ts";
import { evaluatePartition } from "./evaluate.ts";
import { incomingOf } from "./fill.ts";
import { inferShapes } from "./infer-shapes.ts";
import { finestLevel, type Level } from "./level.ts";
import { EFFORTS, SEEDS, type Cut, type Effort, type SeedProblem } from "./seeds.ts";
import type { LayerShape } from "./tile-order.ts";

export interface PortfolioOptions {
  readonly effort: Effort;
  readonly cores?: number;
  readonly shapes?: readonly LayerShape[];
  readonly score?: (coreOf: Uint16Array, cores: number) => number;
  readonly shouldStop?: () => boolean;
  /** Made already, perhaps elsewhere: by the names of `seedTasks`. Those that are missing are made. */
  readonly seeds?: readonly NamedCut[];
}

export interface NamedCut extends Cut {
  readonly name: string;
}

/** What one core more than wanted may save, as a share of the cost times the share of the cores. */
export const CORE_PRICE = 2;
/** Seeds are made to fill so many more cores than the neurons need: room to move. */
export const SPARE = 1.025;
/** Seeds that cut more than this, as a multiple of the least, are not looked at more closely. */
const FAR = 2;

/** What seeds are made from, for one graph. */
export function seedProblem(
  graph: AxonGraph,
  capacity: CoreCapacity,
  { cores, shapes }: Pick<PortfolioOptions, "cores" | "shapes">,
): SeedProblem {
  const incoming = incomingOf(graph);
  const oversized = oversizedNeuron(graph, incoming, capacity);
  if (oversized !== undefined)
    throw new ToolchainError([
      neuronOverCapacity({ ...oversized, limit: capacity[oversized.resource], core: capacity.name }),
    ]);
  let level: Level | undefined;
  const wanted = cores ?? Math.ceil((graph.neurons / capacity.neurons) * SPARE);
  return {
    graph,
    // Most seeds of layered graphs do without.
    get level() {
      return (level ??= finestLevel(graph, incoming));
    },
    incoming,
    capacity,
    shapes: shapes ?? inferShapes(graph, incoming),
    cores: wanted,
  };
}

/**
 * Names of the seeds that `partitionGraph` would make: each may be made by `makeSeed` on its own, in another thread, in any order,
 * and be given back as `seeds`. The partition is the same.
 */
export function seedTasks({ shapes }: SeedProblem, effort: Effort): readonly string[] {
  return SEEDS.filter(
    ({ from, isForLayers }) =>
      (effort === "best" || shapes === undefined || isForLayers) &&
      EFFORTS.indexOf(from) <= EFFORTS.indexOf(effort),
  ).map(({ name }) => name);
}

/** @returns undefined where the seed does not apply to the graph */
export function makeSeed(problem: SeedProblem, name: string): NamedCut | undefined {
  const cut = SEEDS.find((seed) => seed.name === name)?.make(problem);
  return cut === undefined || cut.cores >= 2 ** 15 ? undefined : { ...cut, name };
}

/** The seed with the lowest cost for its cores. */
export function chooseSeed(
  problem: SeedProblem,
  { effort, score, shouldStop, seeds = [] }: PortfolioOptions,
  note: (stage: string, cores: number, cutSpikes: number) => void,
): Cut {
  const { graph, capacity } = problem;
  const made: (NamedCut & { readonly cutSpikes: number })[] = [];
  for (const name of seedTasks(problem, effort)) {
    if (made.length > 0 && shouldStop?.() === true) break;
    const cut = seeds.find((seed) => seed.name === name) ?? makeSeed(problem, name);
    if (cut === undefined) continue;
    const { cutSpikes } = evaluatePartition(graph, cut.coreOf, capacity);
    note(name, cut.cores, cutSpikes);
    made.push({ ...cut, cutSpikes });
  }
  const least = made.reduce((lowest, { cutSpikes }) => Math.min(lowest, cutSpikes), Infinity);
  const near = made.filter(({ cutSpikes }) => cutSpikes <= FAR * least);
  let best: Cut | undefined;
  let lowest = Infinity;
  for (const cut of near) {
    const cost = score === undefined || near.length === 1 ? cut.cutSpikes : score(cut.coreOf, cut.cores);
    const price = cost * (1 + (CORE_PRICE * Math.max(0, cut.cores - problem.cores)) / problem.cores);
    if (best !== undefined && price >= lowest) continue;
    lowest = price;
    best = cut;
  }
  invariant(best !== undefined, "there are seeds for every graph");
  return best;
}
