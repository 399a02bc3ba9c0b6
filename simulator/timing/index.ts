import { simple } from "./simple.ts";
import type { TimingModel } from "./timing.ts";

/** Every timing model; the first is the default. To add one: a file beside this one, and a line here. */
export const TIMING_MODELS: readonly TimingModel[] = [simple];
