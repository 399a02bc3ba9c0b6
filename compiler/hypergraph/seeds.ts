import type { AxonGraph } from "#ir/axon-graph";
import type { CoreCapacity } from "./capacity.ts";
import { fillEvenly, fillInOrder, type Incoming } from "./fill.ts";
import { greedyOverlap, type GreedyOptions } from "./greedy.ts";
import { bisection } from "./bisection.ts";
import { imageBlocks } from "./image-blocks.ts";
import type { Level } from "./level.ts";
import { tileOrder, type LayerShape } from "./tile-order.ts";

/** How long the search goes on: a seed and one short pass; several rounds; many of them. */
export type Effort = (typeof EFFORTS)[number];

export const EFFORTS = ["fast", "default", "best"] as const;

/** What a seed is made from. */
export interface SeedProblem {
  readonly graph: AxonGraph;
  readonly level: Level;
  readonly incoming: Incoming;
  readonly capacity: CoreCapacity;
  /** Layers with height and width, where they are known. */
  readonly shapes: readonly LayerShape[] | undefined;
  /** Cores to fill evenly; an order that needs more takes more. */
  readonly cores: number;
}

/** A first partition: all walls hold but for output entries, which depend on everybody's place. Those that are `rough` are a little over others too. */
export interface Seed {
  readonly name: string;
  /** The least effort that it is made at. */
  readonly from: Effort;
  /** Where layers have height and width, the others are hardly ever better. */
  readonly isForLayers: boolean;
  readonly isRough?: true;
  /** A seed that does not apply to a graph gives nothing. */
  readonly make: (problem: SeedProblem) => Cut | undefined;
}

export interface Cut {
  readonly coreOf: Uint16Array;
  readonly cores: number;
}

const sequential: Seed = {
  name: "sequential",
  from: "fast",
  isForLayers: true,
  make: ({ graph, incoming, capacity }) =>
    fillInOrder(
      graph,
      incoming,
      new Uint32Array(graph.neurons).map((_, n) => n),
      capacity,
    ),
};

const blocks: Seed = {
  name: "blocks",
  from: "fast",
  isForLayers: true,
  isRough: true,
  make: ({ graph, incoming, capacity, shapes, cores }) =>
    shapes && imageBlocks({ graph, incoming, capacity, shapes, cores }),
};

function tiles(groupSize: number, offset: number): Seed {
  return {
    name: `tiles of ${groupSize}${offset > 0 ? ` after ${offset}` : ""}`,
    from: groupSize === 2 && offset === 0 ? "default" : "best",
    isForLayers: true,
    make: ({ graph, incoming, capacity, shapes, cores }) =>
      shapes && fillEvenly(graph, incoming, tileOrder(shapes, groupSize, offset), capacity, cores),
  };
}

function greedy(name: string, from: Effort, options: GreedyOptions): Seed {
  return {
    name,
    from,
    isForLayers: false,
    make: ({ level, capacity }) => greedyOverlap(level, capacity, options),
  };
}

/** Every seed. To add one: a line here; the conformance suite runs on it at once. */
export const SEEDS: readonly Seed[] = [
  sequential,
  blocks,
  tiles(1, 0),
  tiles(2, 0),
  tiles(3, 0),
  tiles(4, 0),
  tiles(2, 1),
  tiles(3, 1),
  greedy("greedy by spikes", "fast", { alpha: 1, sourceCredit: 0, fill: 1, byRate: true }),
  {
    name: "bisection",
    from: "fast",
    isForLayers: false,
    isRough: true,
    make: bisection,
  },
  greedy("greedy with sources", "best", { alpha: 1, sourceCredit: 1, fill: 1, byRate: true }),
  greedy("greedy by axons", "best", { alpha: 1, sourceCredit: 0, fill: 1, byRate: false }),
];
