// Synthetic deployments of any size: random and layered networks whose neurons fire periodically, driven by biases.
// Weights are 1 and -1 at exponent 0, so they hardly move the periods.
import type { CoreProgram, Deployment, SynapseFormat } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { createRng, type Rng } from "#util/rng";

export interface BenchNetwork {
  readonly name: string;
  readonly deployment: Deployment;
  readonly inputs: Readonly<Record<string, SpikeData>>;
  readonly steps: number;
}

const NEURONS_PER_CORE = 1024;
/** Of a neuron without synapses that leaks: slow enough to fire all the same. */
const LEAK = { uDecay: 1023, vDecay: 8 };
const BIAS = 4000;

/** Sources of a layer reach targets of the next; `targetsOf` gives the ascending targets of one of them. */
interface Layer {
  readonly name: string;
  readonly size: number;
}
type Targets = (rng: Rng) => Uint32Array;

/** Every neuron reaches so many random others (or itself); each fires in `rate` of the steps. */
export function randomNetwork(
  neurons: number,
  targets: number,
  rate: number,
  steps: number,
  neuronsPerCore: number = NEURONS_PER_CORE,
): BenchNetwork {
  const rng = createRng(1);
  const seen = new Uint8Array(neurons);
  const pick: Targets = () => {
    const picked = new Uint32Array(targets);
    for (let i = 0; i < targets;) {
      const target = Math.floor(rng() * neurons);
      if (seen[target] === 1) continue;
      seen[target] = 1;
      picked[i++] = target;
    }
    for (const target of picked) seen[target] = 0;
    return picked.sort();
  };
  const cores = neuronsPerCore === NEURONS_PER_CORE ? "" : `, ${Math.ceil(neurons / neuronsPerCore)} cores`;
  const name = `random ${neurons} x ${targets}, ${100 * rate}%${cores}`;
  return {
    name,
    deployment: build(
      name,
      undefined,
      [{ name: "n", size: neurons }],
      [pick],
      rate,
      rng,
      true,
      neuronsPerCore,
    ),
    inputs: {},
    steps,
  };
}

/** Neurons and nothing else: at rest, firing periodically, or firing and leaking (current and membrane). */
export function loneNeurons(
  neurons: number,
  kind: "at rest" | "firing" | "leaking",
  rate: number,
  steps: number,
): BenchNetwork {
  const { deployment } = randomNetwork(neurons, 0, rate, steps);
  const values: Readonly<Record<string, number>> =
    kind === "at rest" ? { biasMantissa: 0, v0: 0 } : kind === "leaking" ? LEAK : {};
  const cores = deployment.cores.map((core) => ({
    ...core,
    groups: core.groups.map((group) => ({
      ...group,
      params: loihiCubaModel.params.map(({ name }, p) =>
        name in values ? new Int32Array(core.neurons).fill(values[name]) : group.params[p],
      ),
    })),
  }));
  const name = `${neurons} neurons ${kind}${kind === "at rest" ? "" : `, ${100 * rate}%`}`;
  return { name, deployment: { ...deployment, cores }, inputs: {}, steps };
}

/** Layers in a row; each synapse is there with probability `density`. The first layer is the host's, at the same rate. */
export function layeredNetwork(
  sizes: readonly number[],
  density: number,
  rate: number,
  steps: number,
): BenchNetwork {
  const rng = createRng(1);
  const [input, ...layers] = sizes.map((size, i) => ({ name: i === 0 ? "in" : `layer ${i}`, size }));
  const pickers = layers.map(({ size }): Targets => () => {
    const picked = new Uint32Array(size);
    let count = 0;
    for (let i = 0; i < size; i++) if (density === 1 || rng() < density) picked[count++] = i;
    return picked.slice(0, count);
  });
  const step: number[] = [];
  const index: number[] = [];
  for (let t = 0; t < steps; t++)
    for (let i = 0; i < input.size; i++)
      if (rng() < rate) {
        step.push(t);
        index.push(i);
      }
  const name = `${sizes.join("-")}, density ${100 * density}%, ${100 * rate}% rate`;
  const events = { step: Uint32Array.from(step), index: Uint32Array.from(index) };
  return {
    name,
    deployment: build(name, input, layers, pickers, rate, rng, false),
    inputs: { in: { steps, shape: [input.size], samples: [events] } },
    steps,
  };
}

const FORMAT: SynapseFormat = {
  projection: 0,
  encoding: "sparse",
  weightBits: 8,
  signMode: "mixed",
  weightExponent: 0,
  indexBits: 10,
  skipBits: 0,
  delayBits: 0,
};

function build(
  name: string,
  input: Layer | undefined,
  layers: readonly Layer[],
  targets: readonly Targets[],
  rate: number,
  rng: Rng,
  isRecurrent: boolean,
  neuronsPerCore: number = NEURONS_PER_CORE,
): Deployment {
  const firstCore: number[] = [];
  let cores = 0;
  for (const { size } of layers) {
    firstCore.push(cores);
    cores += Math.ceil(size / neuronsPerCore);
  }
  // Lists by receiving core, in the order of the sources.
  const lists = Array.from({ length: cores }, () => ({
    starts: [0],
    target: [] as Uint16Array[],
    length: 0,
  }));
  const route = (to: number, reached: Uint32Array): { core: number; axon: number }[] => {
    const routes: { core: number; axon: number }[] = [];
    for (let from = 0; from < reached.length;) {
      const tile = Math.floor(reached[from] / neuronsPerCore);
      let end = from;
      while (end < reached.length && reached[end] < (tile + 1) * neuronsPerCore) end++;
      const core = firstCore[to] + tile;
      const list = lists[core];
      list.target.push(Uint16Array.from(reached.subarray(from, end), (t) => t % neuronsPerCore));
      list.length += end - from;
      list.starts.push(list.length);
      routes.push({ core, axon: list.starts.length - 2 });
      from = end;
    }
    return routes;
  };
  const inputRoutes = input === undefined ? [] : each(input.size, () => route(0, targets[0](rng)));
  const neuronRoutes = layers.map(({ size }, layer) => {
    const to = isRecurrent ? layer : layer + 1;
    return each(size, () => (to < layers.length ? route(to, targets[to](rng)) : []));
  });

  const period = Math.round(1 / rate);
  const threshold = Math.round((BIAS * (period - 0.5)) / 64);
  const programs = layers.flatMap(({ size }, layer) =>
    each(Math.ceil(size / neuronsPerCore), (tile): CoreProgram => {
      const core = firstCore[layer] + tile;
      const begin = tile * neuronsPerCore;
      const neurons = Math.min(neuronsPerCore, size - begin);
      const { starts, target, length } = lists[core];
      const values: Readonly<Record<string, (i: number) => number>> = {
        uDecay: () => 4095,
        thresholdMantissa: () => threshold,
        biasMantissa: () => BIAS,
        vMin: () => -8_388_607,
        v0: () => BIAS * Math.floor(rng() * (period - 1)),
      };
      const all = new Uint16Array(length);
      let at = 0;
      for (const list of target) {
        all.set(list, at);
        at += list.length;
      }
      return {
        core,
        neurons,
        groups: [
          {
            population: layer + (input === undefined ? 0 : 1),
            model: "loihi-cuba",
            begin: 0,
            end: neurons,
            params: loihiCubaModel.params.map((param) =>
              Int32Array.from({ length: neurons }, (_, i) => values[param.name]?.(i) ?? 0),
            ),
          },
        ],
        formats: [FORMAT],
        axonStart: Uint32Array.from(starts),
        axonWords: Uint16Array.from(target, (list) => Math.ceil((list.length * 18 + 10) / 64)),
        target: all,
        weight: Int16Array.from(all, () => (rng() < 0.5 ? -1 : 1)),
        format: new Uint8Array(length),
        delaySteps: new Uint8Array(length).fill(1),
        ...routing(neuronRoutes[layer].slice(begin, begin + neurons)),
      };
    }),
  );
  const populations = layers.map(({ name: layer, size }, l) => ({
    name: layer,
    shape: [size],
    startStep: 0,
    core: Uint32Array.from({ length: size }, (_, i) => firstCore[l] + Math.floor(i / neuronsPerCore)),
    compartment: Uint16Array.from({ length: size }, (_, i) => i % neuronsPerCore),
  }));
  const hosts = input === undefined ? [] : [input];
  const nowhere = { startStep: 0, core: new Uint32Array(), compartment: new Uint16Array() };
  return {
    version: 1,
    network: name,
    target: "loihi1",
    packer: "nxtf",
    rules: "lava",
    chips: 1,
    cores: programs,
    populations: [
      ...hosts.map((host) => ({ name: host.name, shape: [host.size], ...nowhere })),
      ...populations,
    ],
    inputs: hosts.map((host) => ({ name: host.name, population: 0, ...routing(inputRoutes) })),
    outputs: [
      {
        name: layers[layers.length - 1].name,
        population: hosts.length + layers.length - 1,
        readout: "spikes" as const,
      },
    ],
  };
}

function each<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function routing(
  routes: readonly (readonly { core: number; axon: number }[])[],
): Pick<CoreProgram, "routeStart" | "routeCore" | "routeAxon"> {
  const routeStart = new Uint32Array(routes.length + 1);
  routes.forEach((list, i) => (routeStart[i + 1] = routeStart[i] + list.length));
  return {
    routeStart,
    routeCore: Uint32Array.from(routes.flat(), ({ core }) => core),
    routeAxon: Uint16Array.from(routes.flat(), ({ axon }) => axon),
  };
}
