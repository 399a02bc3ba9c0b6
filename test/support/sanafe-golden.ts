// Golden cases in the format `sanafe-golden/1`, and how each becomes a deployment, a target, a profile and inputs of ours.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { CoreProgram, Deployment, NeuronGroup, SynapseFormat } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { CLOCKED_RESETS, CLOCKED_WEIGHT_UNIT } from "#neurons/clocked";
import { neuronModel } from "#neurons/index";
import type { Target } from "#targets/target";
import { sharedPath } from "./shared.ts";
import { goldenTarget } from "./sanafe-golden-target.ts";

export interface SanafeGolden {
  readonly name: string;
  readonly timesteps: number;
  readonly arch: {
    readonly mesh: {
      readonly width: number;
      readonly height: number;
      readonly cores_per_tile: number;
      readonly link_buffer_size: number;
    };
    readonly tiles: readonly { readonly id: number; readonly x: number; readonly y: number }[];
    readonly energy_J: Prices;
    readonly latency_s: Prices;
    readonly sync_latency_by_mapped_tiles: Readonly<Record<string, number>>;
    readonly buffer: string;
  };
  readonly neurons: readonly {
    readonly model: string;
    readonly params: Readonly<Record<string, number | string | boolean>>;
  }[];
  readonly synapse_columns: readonly string[];
  readonly synapses: readonly (readonly number[])[];
  readonly core: readonly number[];
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly packet_order: Readonly<Record<string, readonly number[]>>;
}

export const PRICES = [
  "axon_in",
  "synapse",
  "dendrite",
  "soma_access",
  "soma_update",
  "soma_spike",
  "input_access",
  "input_update",
  "input_spike",
  "axon_out",
  "north",
  "east",
  "south",
  "west",
] as const;
export type Prices = Readonly<Record<(typeof PRICES)[number], number>>;

export interface Expected {
  readonly spikes_per_timestep: readonly (readonly number[])[];
  readonly per_timestep: Readonly<Record<string, readonly number[]>>;
  readonly totals: Readonly<Record<string, number>> & { readonly energy: Readonly<Record<string, number>> };
  readonly potentials?: {
    readonly neurons: readonly number[];
    readonly rows: readonly (readonly number[])[];
  };
  readonly messages_detailed?: {
    readonly last_timestep: number;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly number[])[];
  };
}

/** Every case of the folder of golden cases, or of the one that SPINEC_SANAFE_GOLDEN names; undefined: it is not there. */
export function sanafeGoldenCases(): readonly (SanafeGolden & { readonly expected: Expected })[] | undefined {
  const folder = process.env["SPINEC_SANAFE_GOLDEN"] ?? sharedPath("golden/sanafe");
  if (folder === undefined) return undefined;
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as never);
}

/** A golden case as we run it. */
export interface GoldenSetup {
  readonly deployment: Deployment;
  readonly target: Target;
  readonly inputs: Readonly<Record<string, SpikeData>>;
  /** `[populations]`, ids of the neurons of each; the name of a population is their model in the case. */
  readonly idsOf: readonly (readonly number[])[];
  /** Our id of each core of the case. */
  readonly coreOf: (core: number) => number;
}

/** Our names: the models of the registry, and their parameters with the case's names and defaults. */
const MODELS: Readonly<
  Record<string, { readonly model: string; readonly params: Readonly<Record<string, string>> }>
> = {
  input: { model: "input", params: {} },
  lif: {
    model: "sanafe-lif",
    params: {
      threshold: "threshold",
      bias: "bias",
      vKeep: "leak_decay",
      uKeep: "input_decay",
      reset: "reset",
      reverseThreshold: "reverse_threshold",
      reverseReset: "reverse_reset",
      v0: "potential",
      resetMode: "reset_mode",
      reverseMode: "reverse_reset_mode",
      refractorySteps: "refractory_delay",
      alwaysUpdated: "force_update",
    },
  },
  truenorth: {
    model: "truenorth-lif",
    params: {
      threshold: "threshold",
      bias: "bias",
      leak: "leak",
      reset: "reset",
      reverseThreshold: "reverse_threshold",
      reverseReset: "reverse_reset",
      v0: "potential",
      leakTowardsZero: "leak_towards_zero",
      resetMode: "reset_mode",
      reverseMode: "reverse_reset_mode",
      alwaysUpdated: "force_update",
    },
  },
};
/** Of both models: a model ignores what is the other's. */
const KNOWN_PARAMS = new Set(Object.values(MODELS).flatMap(({ params }) => Object.values(params)));

const FORMAT: SynapseFormat = {
  projection: 0,
  encoding: "sparse",
  weightBits: 16,
  signMode: "mixed",
  weightExponent: 0,
  indexBits: 12,
  skipBits: 0,
  delayBits: 8,
};

export function goldenSetup(golden: SanafeGolden): GoldenSetup {
  const { neurons, core, arch, timesteps } = golden;
  const { height, cores_per_tile: perTile } = arch.mesh;
  const places = new Map(arch.tiles.map(({ id, x, y }) => [id, x * height + y]));
  const coreOf = (id: number): number => places.get(Math.floor(id / perTile))! * perTile + (id % perTile);

  const models = Object.keys(MODELS).filter((name) => neurons.some(({ model }) => model === name));
  const unknown = neurons.find(({ model }) => MODELS[model] === undefined);
  if (unknown !== undefined) throw new Error(`${golden.name}: neuron model "${unknown.model}"`);
  const idsOf = models.map((name) => neurons.flatMap(({ model }, id) => (model === name ? [id] : [])));

  const usedCores = [...new Set(core.map(coreOf))].toSorted((a, b) => a - b);
  const members = new Map(
    usedCores.map((id) => [id, neurons.flatMap((_, n) => (coreOf(core[n]) === id ? [n] : []))]),
  );
  const compartments = new Map([...members.values()].flatMap((list) => list.map((n, c) => [n, c] as const)));
  const lists = synapseLists(golden, coreOf);
  const axonsOf = new Map(
    [...lists].map(([to, list]) => [to, new Map([...list.keys()].map((source, axon) => [source, axon]))]),
  );
  const axonOf = (source: number, to: number): number => axonsOf.get(to)!.get(source)!;
  const destinations = new Map<number, number[]>();
  for (const [to, list] of lists)
    for (const source of list.keys())
      destinations.set(
        source,
        [...(destinations.get(source) ?? []), to].toSorted((a, b) => a - b),
      );
  for (const [source, order] of Object.entries(golden.packet_order))
    destinations.set(Number(source), order.map(coreOf));

  const deployment: Deployment = {
    version: 1,
    network: golden.name,
    target: "sanafe-golden",
    packer: "plain",
    rules: "lava",
    chips: 1,
    cores: usedCores.map((id): CoreProgram => {
      const own = members.get(id)!;
      const axons = [...(lists.get(id)?.values() ?? [])];
      const entries = axons.flat();
      const routes = own.map((n) => destinations.get(n) ?? []);
      return {
        core: id,
        neurons: own.length,
        groups: groupsOf(golden, own, models),
        formats: [FORMAT],
        axonStart: starts(axons),
        axonWords: Uint16Array.from(axons, (list) => Math.ceil(list.length / 2)),
        target: Uint16Array.from(entries, ({ to }) => compartments.get(to)!),
        weight: Int16Array.from(entries, ({ weight }) => storedWeight(weight)),
        format: new Uint8Array(entries.length),
        delaySteps: Uint8Array.from(entries, ({ delay }) => 1 + delay),
        routeStart: starts(routes),
        routeCore: Uint32Array.from(routes.flat()),
        routeAxon: Uint16Array.from(routes.flatMap((to, i) => to.map((dest) => axonOf(own[i], dest)))),
      };
    }),
    populations: models.map((name, p) => ({
      name,
      shape: [idsOf[p].length],
      startStep: 0,
      core: Uint32Array.from(idsOf[p], (n) => coreOf(core[n])),
      compartment: Uint16Array.from(idsOf[p], (n) => compartments.get(n)!),
    })),
    inputs: models.flatMap((name, p) =>
      name === "input"
        ? [
            {
              name,
              population: p,
              routeStart: new Uint32Array(idsOf[p].length + 1),
              routeCore: new Uint32Array(),
              routeAxon: new Uint16Array(),
            },
          ]
        : [],
    ),
    outputs: models.map((name, p) => ({ name, population: p, readout: "spikes" as const })),
  };
  const inputIds = idsOf[models.indexOf("input")];
  return {
    deployment,
    target: goldenTarget(golden),
    inputs: inputIds === undefined ? {} : { input: spikesOfInputs(golden.inputs, inputIds, timesteps) },
    idsOf,
    coreOf,
  };
}

interface Entry {
  readonly to: number;
  readonly weight: number;
  readonly delay: number;
}

/** By receiving core and source. */
function synapseLists(
  { synapses, synapse_columns: columns, core }: SanafeGolden,
  coreOf: (id: number) => number,
): Map<number, Map<number, Entry[]>> {
  const [from, to, weight, delay] = ["src", "dst", "weight", "delay"].map((name) => columns.indexOf(name));
  const lists = new Map<number, Map<number, Entry[]>>();
  for (const row of synapses) {
    const at = coreOf(core[row[to]]);
    const list = lists.get(at) ?? new Map<number, Entry[]>();
    lists.set(at, list);
    const entries = list.get(row[from]) ?? [];
    list.set(row[from], entries);
    entries.push({ to: row[to], weight: row[weight], delay: delay < 0 ? 0 : row[delay] });
  }
  for (const list of lists.values()) for (const entries of list.values()) entries.sort((a, b) => a.to - b.to);
  return lists;
}

function storedWeight(weight: number): number {
  const stored = weight / CLOCKED_WEIGHT_UNIT;
  if (!Number.isInteger(stored) || Math.abs(stored) >= 2 ** 15)
    throw new Error(`weight ${weight} does not fit 16 bits of 64ths`);
  return stored;
}

/** Runs of neurons of one model, in the order of their ids. */
function groupsOf({ name, neurons }: SanafeGolden, own: readonly number[], models: string[]): NeuronGroup[] {
  const groups: NeuronGroup[] = [];
  let begin = 0;
  while (begin < own.length) {
    const { model } = neurons[own[begin]];
    let end = begin + 1;
    while (end < own.length && neurons[own[end]].model === model) end++;
    const ours = MODELS[model];
    const params = own.slice(begin, end).map((n) => neurons[n].params);
    for (const key of params.flatMap((values) => Object.keys(values)))
      if (!KNOWN_PARAMS.has(key)) throw new Error(`${name}: parameter "${key}"`);
    groups.push({
      population: models.indexOf(model),
      model: ours.model,
      begin,
      end,
      params: neuronModel(ours.model).params.map((spec) => {
        const values = params.map((given) => paramValue(given[ours.params[spec.name]] ?? spec.default!));
        return spec.isReal ? Float64Array.from(values) : Int32Array.from(values);
      }),
    });
    begin = end;
  }
  return groups;
}

/** Words are reset modes, or "true" and "false". */
function paramValue(given: number | string | boolean): number {
  if (given === "true" || given === "false") return Number(given === "true");
  return typeof given === "string" ? (CLOCKED_RESETS as readonly string[]).indexOf(given) : Number(given);
}

/** Steps of a case count from 1. */
function spikesOfInputs(
  inputs: SanafeGolden["inputs"],
  ids: readonly number[],
  timesteps: number,
): SpikeData {
  const events = ids
    .flatMap((id, index) => (inputs[id] ?? []).map((step) => ({ step: step - 1, index })))
    .toSorted((a, b) => a.step - b.step || a.index - b.index);
  return {
    steps: timesteps,
    shape: [ids.length],
    samples: [
      {
        step: Uint32Array.from(events, ({ step }) => step),
        index: Uint32Array.from(events, ({ index }) => index),
      },
    ],
  };
}

function starts(lists: readonly (readonly unknown[])[]): Uint32Array {
  const result = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => (result[i + 1] = result[i] + list.length));
  return result;
}
