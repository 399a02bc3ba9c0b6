// Schemas of what a run on a chip cost and waited for, part by part.
import { z } from "zod";
import { BOUNDS, WORK } from "#simulator/bottleneck-retime";
import { count, orNull, share, text } from "./schema-sections.ts";

export const attribution = z.strictObject({
  populations: z.array(
    z.strictObject({
      name: text,
      neurons: count,
      dynamicPj: count,
      share,
      spikes: count,
      updates: count,
      messages: count,
      synapticOperations: count,
    }),
  ),
  cores: z.array(
    z.strictObject({
      core: count,
      chip: count,
      x: count,
      y: count,
      dynamicPj: count,
      synapticOperations: count,
    }),
  ),
  links: z.array(
    z.strictObject({
      chip: count,
      x: count,
      y: count,
      direction: z.enum(["east", "west", "north", "south"]),
      leavesChip: z.boolean(),
      messages: count,
      dynamicPj: orNull(count),
    }),
  ),
});

const boundShare = z.record(z.enum(BOUNDS), share);
export const bottleneck = z.strictObject({
  law: text,
  steps: count,
  idleShare: share,
  meanStepNs: count,
  bounds: z.array(
    z.strictObject({
      bound: z.enum(BOUNDS),
      stepShare: share,
      liftedStepNs: count,
      imbalance: orNull(count),
      workIn: z.enum(["ns", "actions"]),
    }),
  ),
  cores: z.array(z.strictObject({ core: count, population: text, stepShare: share, boundShare })),
  populations: z.array(
    z.strictObject({
      name: text,
      cores: count,
      stepShare: share,
      boundShare,
      workShare: z.record(z.enum(WORK), share),
    }),
  ),
});

export const stateEvents = z.array(
  z.strictObject({
    kind: z.enum(["input-wrap", "current-wrap", "drive-wrap", "membrane-high", "membrane-low"]),
    count,
    first: z.strictObject({ sample: count, step: count, population: text, neuron: count }),
  }),
);

/** Of reports of a run on a chip. */
export const details = {
  attribution: attribution.exactOptional(),
  bottleneck: bottleneck.exactOptional(),
  stateEvents: stateEvents.exactOptional(),
  stoppedAfter: count.exactOptional(),
};
