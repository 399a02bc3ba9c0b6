import { cycles } from "./cycles.ts";
import { deadline } from "./deadline.ts";
import { detailed } from "./detailed.ts";
import { maxAffine } from "./max-affine.ts";
import { noc } from "./noc.ts";
import { pipeline } from "./pipeline.ts";
import { simple } from "./simple.ts";
import type { TimingModel } from "./timing.ts";

/** Every timing model; the first is the default. To add one: a file beside this one, and a line here. */
export const TIMING_MODELS: readonly TimingModel[] = [
  simple,
  detailed,
  noc,
  maxAffine,
  cycles,
  deadline,
  pipeline,
];

/** The model of that name, or the default; undefined: there is none. */
export function findTiming(name: string = TIMING_MODELS[0].name): TimingModel | undefined {
  return TIMING_MODELS.find((model) => model.name === name);
}
