import type { Slice } from "#ir/block-graph";
import type { Network } from "#ir/network";
import type { OnProgress } from "#util/progress";
import type { Rng } from "#util/rng";
import type { Workload } from "../encode/workload.ts";
import type { Misfits } from "./misfits.ts";

/** Cuts the populations of a network into pieces that fit into a core each. */
export interface Partitioner {
  readonly name: string;
  readonly summary: string;
  /** Cuts nothing: what does not fit in one piece is refused as a whole. */
  readonly keepsWhole?: true;
  /** Whether it heeds `together`: then it is asked again where cores run out. */
  readonly cutsTogether?: true;
  /**
   * Every neuron of the mapped populations in exactly one block, each block within the walls that depend on
   * what it holds. Output entries, which depend on the other blocks too, are settled afterwards for all
   * partitioners alike (`settleOutputs`).
   *
   * A neuron that fits into no core is left out and reported to `misfits`.
   */
  partition(workload: Workload, context: PartitionContext): Partition;
}

export type Partition = readonly (readonly Slice[])[] | RewrittenPartition;

/**
 * Pieces of another network that does the same: chips on which a neuron reaches one or two places need copies of neurons
 * or relays, and how many depends on the cut. What comes after sees this network only.
 */
export interface RewrittenPartition {
  readonly network: Network;
  readonly slices: readonly (readonly Slice[])[];
}

export function isRewritten(partition: Partition): partition is RewrittenPartition {
  return "network" in partition;
}

/** The pieces, of whatever network. */
export function slicesOf(partition: Partition): readonly (readonly Slice[])[] {
  return isRewritten(partition) ? partition.slices : partition;
}

export interface PartitionContext {
  readonly misfits: Misfits;
  readonly rng: Rng;
  readonly onProgress?: OnProgress | undefined;
  /** For partitioners that search: how long. `default` if absent. */
  readonly effort?: Effort | undefined;
  /** Whether neurons of different populations may share a core; false if absent. Whole blocks are put together afterwards. */
  readonly together?: boolean | undefined;
  /** Expected spikes per step of each neuron, by population name, `[size]`; 1 where absent. */
  readonly spikesPerStep?: Readonly<Record<string, Float64Array>> | undefined;
  /** Asked now and then; once it says yes, the best legal pieces so far are returned. */
  readonly shouldStop?: (() => boolean) | undefined;
}

/** How long a search goes on. */
export const EFFORTS = ["fast", "default", "best"] as const;
export type Effort = (typeof EFFORTS)[number];
