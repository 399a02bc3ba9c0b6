import { crossbarCounter } from "./crossbar.ts";
import { entryListCounter } from "./entry-list.ts";
import { kernelPow2Counter } from "./kernel-pow2.ts";
import { packedKernelCounter } from "./packed-kernel.ts";
import { slotTableCounter } from "./slot-table.ts";
import { rowCounters } from "./rows.ts";
import type { WallCounter } from "./wall-counter.ts";

export type { WallCounter } from "./wall-counter.ts";

/** To add one: a file beside this one, and a line here. */
export const WALL_COUNTERS: readonly WallCounter[] = [
  entryListCounter,
  crossbarCounter,
  slotTableCounter,
  packedKernelCounter,
  kernelPow2Counter,
  ...rowCounters,
];
