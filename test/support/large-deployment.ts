// Deployments far larger than any model at hand, made in memory: what a mesh of a user's own size would hold.
import type { CoreProgram, Deployment } from "#ir/deployment";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { loihi1 } from "#targets/loihi1/index";
import type { Profile, Quantity, Target } from "#targets/target";
import { createRng, type Rng } from "#util/rng";

export interface LargeDeployment {
  readonly deployment: Deployment;
  readonly target: Target;
  readonly profile: Profile;
  readonly synapses: number;
  readonly neurons: number;
}

export interface LargeOptions {
  /** At least so many. */
  readonly synapses: number;
  readonly seed?: number;
  readonly neuronsPerCore?: number;
  /** Cores that each neuron sends to. */
  readonly fanOutCores?: number;
  /** Synapses of one message. */
  readonly synapsesPerAxon?: number;
}

const NEURONS = 1024;
const FAN_OUT = 4;
const PER_AXON = 244;
const WORD_BITS = 64;
const SYNAPSE_BITS = 18;
const LARGEST_WEIGHT = 4;

/**
 * Every core holds one population; a neuron sends to some cores, its own included, and meets random synapses there. Biases
 * make a neuron fire every few dozen steps, from phases of its own, and synapses of both signs shift that. Same options, same
 * deployment.
 */
export function largeDeployment(options: LargeOptions): LargeDeployment {
  const { seed = 1, neuronsPerCore = NEURONS, fanOutCores = FAN_OUT, synapsesPerAxon = PER_AXON } = options;
  const perAxon = Math.min(synapsesPerAxon, neuronsPerCore);
  const coreCount = Math.max(
    fanOutCores,
    Math.ceil(options.synapses / (neuronsPerCore * fanOutCores * perAxon)),
  );
  const rng = createRng(seed);
  const shape = { neurons: neuronsPerCore, fanOutCores, perAxon, coreCount };
  const cores = Array.from({ length: coreCount }, (_, core) => coreProgram(core, shape, rng));
  const target = meshFor(coreCount, shape.neurons * fanOutCores);
  const deployment: Deployment = {
    version: 1,
    network: `random ${coreCount} x ${neuronsPerCore}`,
    target: target.name,
    packer: "nxtf",
    rules: "lava",
    chips: 1,
    cores,
    populations: cores.map(({ core }) => ({
      name: `core${core}`,
      shape: [neuronsPerCore],
      startStep: 0,
      core: new Uint32Array(neuronsPerCore).fill(core),
      compartment: Uint16Array.from({ length: neuronsPerCore }, (_, i) => i),
    })),
    inputs: [],
    outputs: [{ name: "core0", population: 0, readout: "spikes" }],
  };
  return {
    deployment,
    target,
    profile: target.profiles[0],
    synapses: coreCount * neuronsPerCore * fanOutCores * perAxon,
    neurons: coreCount * neuronsPerCore,
  };
}

interface Shape {
  readonly neurons: number;
  readonly fanOutCores: number;
  readonly perAxon: number;
  readonly coreCount: number;
}

/** Neuron n of core c sends to cores c, c + 1, ..., there to axon n + (how many cores on) x neurons. */
function coreProgram(
  core: number,
  { neurons, fanOutCores, perAxon, coreCount }: Shape,
  rng: Rng,
): CoreProgram {
  const axons = neurons * fanOutCores;
  const synapses = axons * perAxon;
  const target = new Uint16Array(synapses);
  const weight = new Int16Array(synapses);
  // Ascending and never the same: one of each stretch.
  const stretch = neurons / perAxon;
  for (let s = 0; s < synapses; s++) {
    const place = s % perAxon;
    const begin = Math.floor(place * stretch);
    const end = Math.max(begin + 1, Math.floor((place + 1) * stretch));
    target[s] = begin + Math.floor(rng() * (end - begin));
    weight[s] = 2 * (1 + Math.floor(rng() * LARGEST_WEIGHT)) * (rng() < 0.5 ? -1 : 1);
  }
  const routes = neurons * fanOutCores;
  return {
    core,
    neurons,
    groups: [
      {
        population: core,
        model: loihiCubaModel.name,
        begin: 0,
        end: neurons,
        params: parameters(neurons, rng),
      },
    ],
    formats: [
      {
        projection: 0,
        encoding: "sparse",
        weightBits: 8,
        signMode: "mixed",
        weightExponent: 0,
        indexBits: 10,
        skipBits: 0,
        delayBits: 0,
      },
    ],
    axonStart: Uint32Array.from({ length: axons + 1 }, (_, a) => a * perAxon),
    axonWords: new Uint16Array(axons).fill(Math.ceil((perAxon * SYNAPSE_BITS) / WORD_BITS)),
    target,
    weight,
    format: new Uint8Array(synapses),
    delaySteps: new Uint8Array(synapses).fill(1),
    routeStart: Uint32Array.from({ length: neurons + 1 }, (_, n) => n * fanOutCores),
    routeCore: Uint32Array.from({ length: routes }, (_, r) => (core + (r % fanOutCores)) % coreCount),
    routeAxon: Uint16Array.from(
      { length: routes },
      (_, r) => Math.floor(r / fanOutCores) + (r % fanOutCores) * neurons,
    ),
  };
}

const THRESHOLD = 600;
/** Of v: 2^6 times the mantissa. */
const LARGEST_START = THRESHOLD * 64;

function parameters(neurons: number, rng: Rng): Int32Array[] {
  const values: Readonly<Record<string, () => number>> = {
    uDecay: () => 4095,
    vDecay: () => 0,
    thresholdMantissa: () => THRESHOLD,
    biasMantissa: () => 500 + Math.floor(rng() * 1500),
    vMin: () => -(2 ** 23 - 1),
    v0: () => Math.floor(rng() * LARGEST_START),
  };
  return loihiCubaModel.params.map(({ name }) =>
    Int32Array.from({ length: neurons }, values[name] ?? (() => 0)),
  );
}

/** A Loihi with as many tiles as that takes, and as many axons. */
function meshFor(cores: number, axons: number): Target {
  const { coresPerTile } = loihi1.mesh;
  const tiles = Math.ceil(cores / coresPerTile);
  const columns = Math.ceil(Math.sqrt(tiles));
  const name = "large-mesh";
  const count = (value: number): Quantity => ({
    value,
    unit: "count",
    evidence: "assumed",
    src: [],
    note: "as large as the deployment",
  });
  return {
    ...loihi1,
    name,
    mesh: { ...loihi1.mesh, columns, rows: Math.ceil(tiles / columns) },
    walls: { ...loihi1.walls, axonsIn: count(axons), axonsOut: count(axons), synapseWords: null },
    profiles: loihi1.profiles.map((profile) => ({ ...profile, target: name })),
  };
}
