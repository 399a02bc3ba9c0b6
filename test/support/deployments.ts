// Deployments built by hand, synapse by synapse, for tests of everything below the compiler.
import type {
  CoreProgram,
  Deployment,
  IntegerRules,
  NeuronGroup,
  OutputPort,
  SynapseFormat,
} from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { loihiCubaModel } from "#neurons/loihi-cuba";

export interface DeploymentSpec {
  readonly rules?: IntegerRules;
  readonly inputs?: readonly { readonly name: string; readonly size: number; readonly startStep?: number }[];
  readonly populations: readonly PopulationSpec[];
  /** One projection for each. */
  readonly projections: readonly ProjectionSpec[];
  /** Names of populations; default all. */
  readonly outputs?: readonly (Omit<OutputPort, "population" | "readout"> & {
    readonly readout?: OutputPort["readout"];
  })[];
}

export interface PopulationSpec {
  readonly name: string;
  readonly size: number;
  readonly startStep?: number;
  /** By parameter of `loihi-cuba`: one number for all, or one each. The rest: no memory, threshold 1, no bias. */
  readonly params?: Readonly<Record<string, number | readonly number[]>>;
  /** Core of neuron i; default 0 for all. Compartments follow the order of populations, then neurons. */
  readonly core?: (neuron: number) => number;
}

export interface ProjectionSpec {
  /** Name of an input or a population. */
  readonly pre: string;
  readonly post: string;
  readonly weightExponent?: number;
  readonly encoding?: SynapseFormat["encoding"];
  readonly synapses: readonly SynapseSpec[];
}

export interface SynapseSpec {
  readonly pre: number;
  readonly post: number;
  readonly weight: number;
  readonly delaySteps?: number;
}

const DEFAULTS: Readonly<Record<string, number>> = { uDecay: 4095, thresholdMantissa: 1, vMin: -8_388_607 };

/** Every source (neuron or input line) has one axon in every core it reaches; the words of an axon are its synapses. */
export function deploymentOf(spec: DeploymentSpec): Deployment {
  const inputs = spec.inputs ?? [];
  const names = [...inputs, ...spec.populations].map(({ name }) => name);
  const homes = new Map<string, { core: number; compartment: number }[]>();
  const neurons = new Map<number, number>();
  for (const { name, size, core } of spec.populations) {
    const home = Array.from({ length: size }, (_, i) => {
      const at = core?.(i) ?? 0;
      const compartment = neurons.get(at) ?? 0;
      neurons.set(at, compartment + 1);
      return { core: at, compartment };
    });
    homes.set(name, home);
  }
  const coreIds = [...neurons.keys()].toSorted((a, b) => a - b);

  // Synapse lists: core -> source ("name index") -> entries.
  interface Entry {
    target: number;
    weight: number;
    format: number;
    delaySteps: number;
  }
  const lists = new Map(coreIds.map((core) => [core, new Map<string, Entry[]>()]));
  spec.projections.forEach(({ pre, post, synapses }, format) => {
    for (const { pre: from, post: to, weight, delaySteps = 1 } of synapses) {
      const { core, compartment } = homes.get(post)![to];
      const source = `${pre} ${from}`;
      const list = lists.get(core)!.get(source) ?? [];
      list.push({ target: compartment, weight, format, delaySteps });
      lists.get(core)!.set(source, list);
    }
  });
  for (const core of lists.values())
    for (const list of core.values()) list.sort((a, b) => a.format - b.format || a.target - b.target);
  const routesOf = (source: string): { core: number; axon: number }[] =>
    coreIds.flatMap((core) => {
      const axon = [...lists.get(core)!.keys()].indexOf(source);
      return axon < 0 ? [] : [{ core, axon }];
    });

  const formats = spec.projections.map(
    ({ weightExponent = 0, encoding = "sparse" }, projection): SynapseFormat => ({
      projection,
      encoding,
      weightBits: 8,
      signMode: "mixed",
      weightExponent,
      indexBits: encoding === "sparse" ? 10 : 0,
      skipBits: encoding === "run-length" ? 4 : 0,
      delayBits: 6,
    }),
  );

  const cores = coreIds.map((core): CoreProgram => {
    const axons = [...lists.get(core)!.values()];
    const entries = axons.flat();
    const sources: string[] = [];
    for (const { name } of spec.populations)
      homes.get(name)!.forEach((home, i) => {
        if (home.core === core) sources[home.compartment] = `${name} ${i}`;
      });
    return {
      core,
      neurons: neurons.get(core)!,
      groups: groupsOf(spec, homes, names, core),
      formats,
      axonStart: starts(axons),
      axonWords: Uint16Array.from(axons, (list) => list.length),
      target: Uint16Array.from(entries, (entry) => entry.target),
      weight: Int16Array.from(entries, (entry) => entry.weight),
      format: Uint8Array.from(entries, (entry) => entry.format),
      delaySteps: Uint8Array.from(entries, (entry) => entry.delaySteps),
      ...routing(sources.map(routesOf)),
    };
  });

  const indexOf = (name: string): number => names.indexOf(name);
  return {
    version: 1,
    network: "by hand",
    target: "loihi1",
    packer: "nxtf",
    rules: spec.rules ?? "lava",
    chips: 1,
    cores,
    populations: [
      ...inputs.map(({ name, size, startStep = 0 }) => ({
        name,
        shape: [size],
        startStep,
        core: new Uint32Array(),
        compartment: new Uint16Array(),
      })),
      ...spec.populations.map(({ name, size, startStep = 0 }) => ({
        name,
        shape: [size],
        startStep,
        core: Uint32Array.from(homes.get(name)!, (home) => home.core),
        compartment: Uint16Array.from(homes.get(name)!, (home) => home.compartment),
      })),
    ],
    inputs: inputs.map(({ name, size }) => ({
      name,
      population: indexOf(name),
      ...routing(Array.from({ length: size }, (_, i) => routesOf(`${name} ${i}`))),
    })),
    outputs: (spec.outputs ?? spec.populations.map(({ name }) => ({ name }))).map((output): OutputPort => ({
      readout: "spikes",
      ...output,
      population: indexOf(output.name),
    })),
  };
}

/** Spikes of one sample from a list of `[step, index]` or `[step, index, value]`. */
export function spikesOf(
  steps: number,
  size: number,
  events: readonly (readonly [step: number, index: number, value?: number])[],
): SpikeData {
  const sorted = events.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  return {
    steps,
    shape: [size],
    samples: [
      {
        step: Uint32Array.from(sorted, ([step]) => step),
        index: Uint32Array.from(sorted, ([, index]) => index),
        ...(sorted.some(([, , value]) => value !== undefined)
          ? { value: Float64Array.from(sorted, ([, , value]) => value ?? 1) }
          : {}),
      },
    ],
  };
}

function groupsOf(
  spec: DeploymentSpec,
  homes: ReadonlyMap<string, readonly { core: number; compartment: number }[]>,
  names: readonly string[],
  core: number,
): NeuronGroup[] {
  return spec.populations.flatMap(({ name, params }) => {
    const members = homes
      .get(name)!
      .map((home, neuron) => ({ ...home, neuron }))
      .filter((home) => home.core === core);
    if (members.length === 0) return [];
    const begin = members[0].compartment;
    return {
      population: names.indexOf(name),
      model: "loihi-cuba",
      begin,
      end: begin + members.length,
      params: loihiCubaModel.params.map((param) => {
        const value = params?.[param.name] ?? DEFAULTS[param.name] ?? 0;
        return Int32Array.from(members, ({ neuron }) => (typeof value === "number" ? value : value[neuron]));
      }),
    };
  });
}

function routing(
  routes: readonly (readonly { core: number; axon: number }[])[],
): Pick<CoreProgram, "routeStart" | "routeCore" | "routeAxon"> {
  return {
    routeStart: starts(routes),
    routeCore: Uint32Array.from(routes.flat(), ({ core }) => core),
    routeAxon: Uint16Array.from(routes.flat(), ({ axon }) => axon),
  };
}

function starts(lists: readonly (readonly unknown[])[]): Uint32Array {
  const result = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => (result[i + 1] = result[i] + list.length));
  return result;
}
