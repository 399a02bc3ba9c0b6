import type { Deployment } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { createFloorline } from "#simulator/bottleneck";
import { simulate, type SimulateOptions } from "#simulator/simulate";
import { defaultTiming } from "#simulator/timing/default-timing";
import { findTiming } from "#simulator/timing/index";
import type { Profile, Target } from "#targets/target";
import type { OnProgress } from "#util/progress";
import { withMemoryFor } from "./simulate-memory.ts";
import type { SampleRun } from "./simulate-threads.ts";

/** All samples in this thread, and what binds each step. Throws as `simulate` does. */
export function simulateHere(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: Pick<SimulateOptions, "steps" | "record" | "timing" | "rates">,
  onProgress?: OnProgress,
): SampleRun {
  const timing = findTiming(options.timing ?? defaultTiming(profile, options.rates));
  const floorline =
    timing === undefined ? undefined : createFloorline(deployment, target, profile, timing, options.rates);
  const observed = floorline === undefined ? options : { ...options, observeCounts: floorline.observe };
  const run = withMemoryFor(deployment, () =>
    simulate(deployment, target, profile, inputs, observed, onProgress),
  );
  return floorline === undefined ? { run } : { run, floorline: floorline.tally() };
}
