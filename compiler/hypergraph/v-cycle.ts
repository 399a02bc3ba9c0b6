import type { Rng } from "#util/rng";
import { Assignment } from "./assignment.ts";
import type { CoreCapacity } from "./capacity.ts";
import { coarsen } from "./coarsen.ts";
import { contract } from "./contract.ts";
import type { Level } from "./level.ts";
import { refine } from "./refine.ts";

export interface VCycleOptions {
  readonly cores: number;
  /** Walls are taken times this on all levels. */
  readonly relax: number;
  readonly rng: Rng;
  readonly shouldStop?: () => boolean;
}

/** Coarsening ends at so many clusters per core, or where hardly any are joined. */
const CLUSTERS_PER_CORE = 30;
const SHARE = 0.4;
const STALLED = 0.9;

/**
 * Refines a partition by moving clusters: neurons of a core that belong together are joined, level by level, and from
 * the coarsest level on each is refined. Groups change cores that single neurons would not leave.
 *
 * @returns `[nodes]` cores, inside the walls times `relax` where they were before
 */
export function vCycle(
  finest: Level,
  capacity: CoreCapacity,
  coreOf: Uint16Array,
  { cores, relax, rng, shouldStop }: VCycleOptions,
): Uint16Array {
  const steps: { readonly level: Level; readonly clusterOf: Uint32Array }[] = [];
  let level = finest;
  let parts = coreOf;
  while (level.nodes > CLUSTERS_PER_CORE * cores) {
    const coarser = coarsen(level, {
      maxSize: Math.max(2, capacity.neurons / 16),
      maxAxonsIn: capacity.axonsIn / 4,
      rng,
      share: SHARE,
      parts,
    });
    if (coarser.level.nodes > STALLED * level.nodes) break;
    steps.push({ level, clusterOf: coarser.clusterOf });
    const coarse = new Uint16Array(coarser.level.nodes);
    for (let v = 0; v < parts.length; v++) coarse[coarser.clusterOf[v]] = parts[v];
    level = coarser.level;
    parts = coarse;
  }
  const stop = shouldStop && { shouldStop };
  for (const { level: finer, clusterOf } of steps.reverse()) {
    refine(new Assignment(level, capacity, parts, cores), { relax, passes: 2, rng, ...stop });
    const coarse = parts;
    parts = Uint16Array.from(clusterOf, (cluster) => coarse[cluster]);
    level = finer;
  }
  return parts;
}

/**
 * The same with clusters that are given, none of them on two cores.
 *
 * @param clusterOf `[nodes]`, from 0 on without gaps
 */
export function refineClusters(
  level: Level,
  capacity: CoreCapacity,
  coreOf: Uint16Array,
  clusterOf: Uint32Array,
  { cores, relax, rng, shouldStop }: VCycleOptions,
): Uint16Array {
  const clusters = clusterOf.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
  const coarse = new Uint16Array(clusters);
  for (let v = 0; v < coreOf.length; v++) coarse[clusterOf[v]] = coreOf[v];
  const state = new Assignment(contract(level, clusterOf, clusters), capacity, coarse, cores);
  refine(state, { relax, passes: 3, rng, patience: 0.1, ...(shouldStop && { shouldStop }) });
  return Uint16Array.from(clusterOf, (cluster) => state.coreOf[cluster]);
}
