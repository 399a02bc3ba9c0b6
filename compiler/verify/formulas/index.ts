import { entryListCounter } from "./entry-list.ts";
import type { WallCounter } from "./wall-counter.ts";

export type { CountContext, WallCounter } from "./wall-counter.ts";

/** To add one: a file beside this one, and a line here. */
export const WALL_COUNTERS: readonly WallCounter[] = [entryListCounter];
