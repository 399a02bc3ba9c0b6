import type { Slice } from "#ir/block-graph";
import type { OnProgress } from "#util/progress";
import type { Rng } from "#util/rng";
import type { Workload } from "../encode/workload.ts";
import type { Misfits } from "./misfits.ts";

/** Cuts the populations of a network into pieces that fit into a core each. */
export interface Partitioner {
  readonly name: string;
  readonly summary: string;
  /**
   * Every neuron of the mapped populations in exactly one block, each block within the walls that depend on
   * what it holds. Output entries, which depend on the other blocks too, are settled afterwards for all
   * partitioners alike (`settleOutputs`).
   *
   * A neuron that fits into no core is left out and reported to `misfits`.
   */
  partition(workload: Workload, context: PartitionContext): (readonly Slice[])[];
}

export interface PartitionContext {
  readonly misfits: Misfits;
  readonly rng: Rng;
  readonly onProgress?: OnProgress | undefined;
}
