import { anneal, spectral } from "./by-traffic.ts";
import { inOrder } from "./in-order.ts";
import { matching } from "./matching.ts";
import type { Placer } from "./placer.ts";

/** Every placer; the first is the default. To add one: a file beside this one, and a line here. */
export const PLACERS: readonly Placer[] = [inOrder, spectral, anneal, matching];
