import type { Demand } from "#ir/block-graph";
import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { Packer, Target } from "#targets/target";
import type { Findings } from "../findings.ts";

/**
 * Counts what one kind of core needs, from the deployment alone: one file in this folder, one line in `WALL_COUNTERS`.
 * Written without the code that the compiler counts with.
 */
export interface WallCounter {
  readonly formula: Packer["formula"];
  /** What `formats` and the entries of the core state that such memory cannot hold. */
  checkFormats(core: CoreProgram, context: CountContext): void;
  /**
   * Words of synapse memory, and whatever else this kind of core counts; reports axons whose stated words are wrong.
   *
   * @returns `longest`: words of the longest list
   */
  count(core: CoreProgram, context: CountContext): { demand: Partial<Demand>; longest: number };
}

export interface CountContext {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly target: Target;
  readonly packer: Packer;
  readonly findings: Findings;
}
