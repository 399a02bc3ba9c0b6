// Crowded meshes in the format of the golden cases, at round prices: cores are alike, so packets are ready at the same
// moment all the time, and what is received and sent at the same time differs in rounding only.
import type { Prices, SanafeGolden } from "./sanafe-golden.ts";

const TIMESTEPS = 8;
const NEURONS_PER_CORE = 16;
const INPUTS_PER_CORE = 6;

const LATENCY_S: Prices = {
  axon_in: 2e-9,
  synapse: 7e-10,
  dendrite: 3e-10,
  soma_access: 1.1e-9,
  soma_update: 1.7e-9,
  soma_spike: 4.3e-9,
  input_access: 6e-10,
  input_update: 2e-10,
  input_spike: 9e-10,
  axon_out: 3.1e-9,
  north: 6.5e-9,
  east: 4.1e-9,
  south: 6.7e-9,
  west: 4.3e-9,
};

export interface Crowd {
  readonly seed: number;
  readonly coresPerTile: number;
  readonly buffer: number;
  /** Cores that each neuron sends to, and targets there. */
  readonly destinations: number;
  readonly targets: number;
}

/** 4 x 4 tiles. */
export function crowdedGolden({ seed, coresPerTile, buffer, destinations, targets }: Crowd): SanafeGolden {
  const below = generator(seed);
  const tiles = Array.from({ length: 16 }, (_, id) => ({ id, x: Math.floor(id / 4), y: id % 4 }));
  const cores = tiles.length * coresPerTile;
  const core = Array.from({ length: cores * NEURONS_PER_CORE }, (_, n) => Math.floor(n / NEURONS_PER_CORE));
  const isInput = (n: number): boolean => n % NEURONS_PER_CORE < INPUTS_PER_CORE;
  const order = core.map(() => distinct(destinations, () => below(cores)));
  return {
    name: `crowded ${seed}`,
    timesteps: TIMESTEPS,
    arch: {
      mesh: { width: 4, height: 4, cores_per_tile: coresPerTile, link_buffer_size: buffer },
      tiles,
      energy_J: LATENCY_S,
      latency_s: LATENCY_S,
      sync_latency_by_mapped_tiles: { 0: 5e-8 },
      buffer: "before soma",
    },
    neurons: core.map((_, n) => ({
      model: isInput(n) ? "input" : "lif",
      params: isInput(n) ? {} : { threshold: 1 + below(64) / 64, leak_decay: 0.5 },
    })),
    synapse_columns: ["src", "dst", "weight"],
    synapses: order.flatMap((to, n) =>
      to.flatMap((c) =>
        distinct(targets, () => INPUTS_PER_CORE + below(NEURONS_PER_CORE - INPUTS_PER_CORE)).map((k) => [
          n,
          c * NEURONS_PER_CORE + k,
          (below(64) - 24) / 64,
        ]),
      ),
    ),
    core,
    inputs: Object.fromEntries(
      core.flatMap((_, n) =>
        isInput(n)
          ? [[n, Array.from({ length: TIMESTEPS }, (__, t) => t + 1).filter(() => below(5) < 2)]]
          : [],
      ),
    ),
    packet_order: Object.fromEntries(order.map((to, n) => [n, to])),
  };
}

function distinct(count: number, draw: () => number): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(draw());
  return [...drawn];
}

/** @returns whole numbers below `n`: a linear congruential generator (Numerical Recipes' constants) */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}
