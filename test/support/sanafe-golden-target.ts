// The chip of a golden case, with its prices.
import { RESOURCES } from "#ir/block-graph";
import {
  PRICED_ACTIONS,
  type PricedAction,
  type Profile,
  type Quantity,
  type Target,
  type Unit,
} from "#targets/target";
import type { Prices, SanafeGolden } from "./sanafe-golden.ts";

/** Where the peer books an energy; their sum is the total. */
export const PARTS = ["synapse", "dendrite", "soma", "network"] as const;
export type Part = (typeof PARTS)[number];

/** What the peer charges for each of our actions, by part; "every" neuron only if the dendrite is visited in each step. */
const CHARGES: Readonly<Partial<Record<PricedAction, Partial<Record<Part | "every", keyof Prices>>>>> = {
  synapseSparse: { synapse: "synapse", dendrite: "dendrite" },
  neuronAccess: { soma: "soma_access", every: "dendrite" },
  neuronUpdate: { soma: "soma_update" },
  spikeOut: { soma: "soma_spike" },
  inputAccess: { soma: "input_access", every: "dendrite" },
  inputUpdate: { soma: "input_update" },
  inputSpike: { soma: "input_spike" },
  messageOut: { network: "axon_out" },
  messageIn: { network: "axon_in" },
  hopEast: { network: "east" },
  hopWest: { network: "west" },
  hopNorth: { network: "north" },
  hopSouth: { network: "south" },
  hopTile: {},
  synapseWordRead: {},
};

export function goldenTarget({ arch }: SanafeGolden): Target {
  const { width, height, cores_per_tile: coresPerTile, link_buffer_size: buffer } = arch.mesh;
  const profiles = [goldenProfile(arch, PARTS), ...PARTS.map((part) => goldenProfile(arch, [part]))];
  return {
    schema: 1,
    name: "sanafe-golden",
    title: "chip of a golden case",
    vendor: "none",
    paradigm: "stepped",
    sources: {},
    mesh: {
      columns: width,
      rows: height,
      coresPerTile,
      tileOrder: "column-major",
      maxChips: given(1, "count"),
      chipCrossingEntries: given(0, "count"),
      hopClasses: "directions",
    },
    noc: { cast: "unicast", bufferMessages: given(buffer, "count") },
    walls: Object.fromEntries(RESOURCES.map((resource) => [resource, null])) as Target["walls"],
    maxWordsPerAxon: null,
    wordBits: 64,
    packers: [
      {
        formula: "entry-list",
        name: "plain",
        title: "two synapses in a word",
        src: [],
        headerBits: 10,
        maxEntriesPerHeader: 60,
        indexBits: [12],
        weightBits: [16],
        skipBits: [],
        encodings: ["sparse"],
        startIndexInDense: false,
        rounding: "per-entry",
        maxFormats: 1,
      },
    ],
    weights: {
      maxMagnitude: 2 ** 15 - 1,
      minMixed: -(2 ** 15) + 1,
      bits: [16],
      exponentMin: 0,
      exponentMax: 0,
      inputShift: 0,
    },
    neuron: {
      model: "loihi-cuba",
      decayBits: 0,
      thresholdMantissaMax: 0,
      thresholdShift: 0,
      biasMantissaMax: 0,
      biasExponentMax: 0,
      stateBits: 0,
    },
    maxDelaySteps: given(255, "count"),
    neuronModels: ["input", "sanafe-lif", "truenorth-lif"],
    resetModes: ["value", "subtract"],
    profiles,
    defaultProfile: profiles[0].name,
  };
}

/** Prices of the given parts only; times are always complete. */
function goldenProfile(arch: SanafeGolden["arch"], parts: readonly Part[]): Profile {
  const inside = arch.buffer === "inside dendrite";
  const priced = (prices: Prices, of: readonly Part[], factor: number, unit: Unit): Profile["energy"] =>
    Object.fromEntries(
      PRICED_ACTIONS.map((action) => {
        const charges = CHARGES[action];
        if (charges === undefined) return [action, null];
        const keys = of.map((part) => charges[part]);
        if (inside && of.includes("dendrite")) keys.push(charges.every);
        const sum = keys.reduce((total, key) => total + (key === undefined ? 0 : prices[key]), 0);
        return [action, given(sum * factor, unit)];
      }),
    ) as Profile["energy"];
  return {
    name: parts.length === 1 ? parts[0] : "all",
    target: "sanafe-golden",
    title: `prices of a golden case: ${parts.join(", ")}`,
    kind: "simulated",
    energy: priced(arch.energy_J, parts, 1e12, "pJ"),
    time: priced(arch.latency_s, PARTS, 1e9, "ns"),
    barrier: barrierOf(arch.sync_latency_by_mapped_tiles),
    law: "max-core",
    staticPower: { chip: null, core: null, io: null },
    unpriced: [],
  };
}

/** Our tables begin with one tile; theirs take the last entry not above the count, or the first. */
function barrierOf(table: Readonly<Record<string, number>>): Profile["barrier"] {
  const entries = Object.entries(table)
    .map(([tiles, seconds]) => ({ tiles: Number(tiles), time: given(seconds * 1e9, "ns") }))
    .toSorted((a, b) => a.tiles - b.tiles);
  const { time } = entries.findLast(({ tiles }) => tiles <= 1) ?? entries[0];
  return [{ tiles: 1, time }, ...entries.filter(({ tiles }) => tiles > 1)];
}

function given(value: number, unit: Unit): Quantity {
  const scope = unit === "pJ" ? ({ scope: "per-term" } as const) : {};
  return { value, unit, evidence: "assumed", ...scope, src: [], note: "as the golden case gives it" };
}
