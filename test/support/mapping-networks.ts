// The five networks that mapping is measured on, made from seeds: the same bytes everywhere (test/formats/connectivity.test.ts).
import type { AxonGraph } from "#ir/axon-graph";
import { invariant } from "#util/diagnostic";

export interface MappingNetwork {
  readonly name: string;
  readonly summary: string;
  readonly coreProfile: "loihi1" | "small";
  /** Channels, height, width of each layer, where there are layers with places. */
  readonly shapes?: readonly (readonly [number, number, number])[];
  readonly make: () => AxonGraph;
}

/** Splitmix with 32 bits of state. */
class Draws {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  share(): number {
    return this.bits() / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor((this.bits() * limit) / 2 ** 32);
  }

  /** Sum of twelve uniform numbers less 6: nearly normal, without a logarithm that machines round differently. */
  normal(): number {
    let sum = 0;
    for (let draw = 0; draw < 12; draw++) sum += this.bits();
    return sum / 2 ** 32 - 6;
  }

  /** Spikes in a window, log-normal with a coefficient of variation of 1.58, from 1 to 4095. */
  spikes(median: number): number {
    return Math.min(4095, Math.max(1, Math.round(median * Math.exp(1.1188 * this.normal()))));
  }
}

function graphOf(targets: readonly number[][], rate: Float64Array, layer: Uint32Array): AxonGraph {
  const neurons = targets.length;
  const axonStart = new Uint32Array(neurons + 1);
  for (let n = 0; n < neurons; n++) axonStart[n + 1] = axonStart[n] + targets[n].length;
  const target = new Uint32Array(axonStart[neurons]);
  targets.forEach((list, n) => {
    target.set(Uint32Array.from(list).sort(), axonStart[n]);
  });
  return { neurons, axonStart, target, rate, layer };
}

/** Layers one after the other; a neuron's rate is drawn before its synapses. */
function perceptron(seed: number): AxonGraph {
  const draws = new Draws(seed);
  const sizes = [784, 800, 10];
  const medians = [24, 12, 6];
  const neurons = 1594;
  const targets: number[][] = [];
  const rate = new Float64Array(neurons);
  const layer = new Uint32Array(neurons);
  let next = 0;
  sizes.forEach((size, l) => {
    next += size;
    for (let i = 0; i < size; i++) {
      const n = targets.length;
      rate[n] = draws.spikes(medians[l]);
      layer[n] = l;
      const list: number[] = [];
      for (let j = 0; j < (sizes[l + 1] ?? 0); j++) if (draws.share() < 0.1) list.push(next + j);
      targets.push(list);
    }
  });
  return graphOf(targets, rate, layer);
}

const CONV_MEDIANS = [24, 16, 14, 12, 10, 8, 8, 6, 5, 4];
const CONV_SHAPES: readonly (readonly [number, number, number])[] = [
  [3, 32, 32],
  [32, 32, 32],
  [32, 32, 32],
  [64, 16, 16],
  [64, 16, 16],
  [128, 8, 8],
  [128, 8, 8],
  [256, 4, 4],
  [512, 1, 1],
  [10, 1, 1],
];
const CONV_DENSITIES = [0.3, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05];
const CONV_LAYERS = CONV_DENSITIES.length;

/** @param by what is kept or removed: single taps of 3 x 3 kernels, or whole kernels */
function convolutions(seed: number, by: "tap" | "kernel"): AxonGraph {
  const draws = new Draws(seed);
  const first = [0];
  for (const [channels, height, width] of CONV_SHAPES)
    first.push(first[first.length - 1] + channels * height * width);
  const neurons = first[CONV_SHAPES.length];
  const targets: number[][] = Array.from({ length: neurons }, () => []);
  const rate = new Float64Array(neurons);
  const layer = new Uint32Array(neurons);
  CONV_SHAPES.forEach((_, l) => {
    for (let n = first[l]; n < first[l + 1]; n++) {
      rate[n] = draws.spikes(CONV_MEDIANS[l]);
      layer[n] = l;
    }
  });
  for (let l = 0; l < CONV_LAYERS; l++) {
    const [channelsIn] = CONV_SHAPES[l];
    const [channelsOut] = CONV_SHAPES[l + 1];
    for (let out = 0; out < channelsOut; out++)
      for (let c = 0; c < channelsIn; c++)
        for (const tap of keptTaps(draws, CONV_DENSITIES[l], by)) {
          const source = { shape: CONV_SHAPES[l], first: first[l], channel: c };
          const sink = { shape: CONV_SHAPES[l + 1], first: first[l + 1], channel: out };
          joinTap(targets, source, sink, tap);
        }
  }
  const join = (from: number, density: number): void => {
    for (let n = first[from]; n < first[from + 1]; n++)
      for (let to = first[from + 1]; to < first[from + 2]; to++)
        if (draws.share() < density) targets[n].push(to);
  };
  join(CONV_LAYERS, 0.05);
  join(CONV_LAYERS + 1, 0.5);
  return graphOf(targets, rate, layer);
}

function keptTaps(draws: Draws, density: number, by: "tap" | "kernel"): number[] {
  const all = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  if (by === "tap") return all.filter(() => draws.share() < density);
  return draws.share() < density ? all : [];
}

interface Plane {
  readonly shape: readonly [number, number, number];
  readonly first: number;
  readonly channel: number;
}

/** Synapses of one tap of a 3 x 3 kernel with padding 1, over the whole image. */
function joinTap(targets: number[][], source: Plane, sink: Plane, tap: number): void {
  const [, height, width] = source.shape;
  const [, rows, columns] = sink.shape;
  const stride = height / rows;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const y = row * stride + Math.floor(tap / 3) - 1;
      const x = column * stride + (tap % 3) - 1;
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      targets[source.first + (source.channel * height + y) * width + x].push(
        sink.first + (sink.channel * rows + row) * columns + column,
      );
    }
}

/** Every neuron reaches so many others, all equally likely. */
function uniform(seed: number, neurons: number, fanOut: number): AxonGraph {
  const draws = new Draws(seed);
  const targets: number[][] = [];
  const rate = new Float64Array(neurons);
  for (let n = 0; n < neurons; n++) {
    const list = new Set<number>();
    while (list.size < fanOut) {
      const other = draws.below(neurons);
      if (other !== n) list.add(other);
    }
    targets.push([...list]);
    rate[n] = draws.spikes(16);
  }
  return graphOf(targets, rate, new Uint32Array(neurons));
}

/** A square of neurons: nine of ten targets are near (normal), the others anywhere. The numbers say nothing about the place. */
function smallWorld(seed: number, side: number, fanOut: number): AxonGraph {
  const draws = new Draws(seed);
  const neurons = side * side;
  const numberOf = Uint32Array.from({ length: neurons }, (_, place) => place);
  for (let i = neurons - 1; i > 0; i--) {
    const j = draws.below(i + 1);
    [numberOf[i], numberOf[j]] = [numberOf[j], numberOf[i]];
  }
  const targets: number[][] = Array.from({ length: neurons }, () => []);
  for (let place = 0; place < neurons; place++) {
    const reached = new Set<number>();
    while (reached.size < fanOut) {
      const other = draws.share() < 0.1 ? draws.below(neurons) : nearby(draws, place, side);
      if (other >= 0 && other !== place) reached.add(other);
    }
    targets[numberOf[place]] = Array.from(reached, (other) => numberOf[other]);
  }
  const rate = Float64Array.from({ length: neurons }, () => draws.spikes(16));
  return graphOf(targets, rate, new Uint32Array(neurons));
}

/** -1 outside the square. */
function nearby(draws: Draws, place: number, side: number): number {
  const x = (place % side) + Math.round(6 * draws.normal());
  const y = Math.floor(place / side) + Math.round(6 * draws.normal());
  return x < 0 || y < 0 || x >= side || y >= side ? -1 : y * side + x;
}

export const MAPPING_NETWORKS: readonly MappingNetwork[] = [
  {
    name: "mlp10",
    summary: "perceptron 784-800-10, 10 % of the weights",
    coreProfile: "small",
    make: () => perceptron(101),
  },
  {
    name: "convu",
    summary: "convolutions of 32 x 32 images, 5 % of the kernel taps",
    coreProfile: "loihi1",
    shapes: CONV_SHAPES,
    make: () => convolutions(202, "tap"),
  },
  {
    name: "convc",
    summary: "the same, 5 % of the kernels",
    coreProfile: "loihi1",
    shapes: CONV_SHAPES,
    make: () => convolutions(203, "kernel"),
  },
  {
    name: "rand16k",
    summary: "recurrent, 16,384 neurons with 64 random targets each",
    coreProfile: "loihi1",
    make: () => uniform(303, 16_384, 64),
  },
  {
    name: "sw64k",
    summary: "small world, 65,536 neurons with 64 targets each, numbers shuffled",
    coreProfile: "loihi1",
    make: () => smallWorld(404, 256, 64),
  },
];

/** Three of the kinds above, drawn from another seed: nothing was tuned on them. */
export function freshNetworks(seed: number): readonly MappingNetwork[] {
  const [, convolved, , uniformly, smallWorldly] = MAPPING_NETWORKS;
  return [
    { ...convolved, name: `convu-${seed}`, make: () => convolutions(seed, "tap") },
    { ...uniformly, name: `rand16k-${seed}`, make: () => uniform(seed + 1, 16_384, 64) },
    { ...smallWorldly, name: `sw64k-${seed}`, make: () => smallWorld(seed + 2, 256, 64) },
  ];
}

export function mappingNetwork(name: string): MappingNetwork {
  const found = MAPPING_NETWORKS.find((network) => network.name === name);
  invariant(found !== undefined, `there is a network "${name}"`);
  return found;
}
