import type { Profile, Quantity, Unit } from "../target.ts";
import { IDLE_POWER } from "./idle-power.ts";
import { NOT_ON_LOIHI1 } from "./not-here.ts";

const OPERATING_POINT = { voltage: 0.75 };

function simulated(value: number, unit: Unit, extra: Partial<Quantity> = {}): Quantity {
  return {
    value,
    unit,
    evidence: "simulated",
    scope: "per-term",
    op: OPERATING_POINT,
    src: ["davies2018#T2"],
    ...extra,
  };
}

const synapseEnergy = simulated(23.6, "pJ", {
  bound: "min",
  note: "one figure for all encodings, and a minimum",
});
const synapseTime = simulated(3.5, "ns", {
  bound: "max",
  note: "one figure for all encodings, and a maximum",
});

const MESH_TILES = 32;
const BARRIER_ONE_TILE_NS = 113;
const BARRIER_ALL_TILES_NS = 465;

/**
 * The paper gives the two ends, 113 ns for 1 tile and 465 ns for 32. In between: straight over the
 * logarithm of the tile count, the shape of the fitted table of `nahuku-fit`.
 */
function barrierTime(tiles: number): Quantity {
  if (tiles === 1) return simulated(BARRIER_ONE_TILE_NS, "ns");
  if (tiles === MESH_TILES) return simulated(BARRIER_ALL_TILES_NS, "ns");
  const share = Math.log2(tiles) / Math.log2(MESH_TILES);
  const value = BARRIER_ONE_TILE_NS + share * (BARRIER_ALL_TILES_NS - BARRIER_ONE_TILE_NS);
  return simulated(Number(value.toFixed(1)), "ns", {
    evidence: "derived",
    note: "between the published 113 ns (1 tile) and 465 ns (32 tiles), linear in log2(tiles)",
  });
}

/** The paper's circuit-level figures, from before there was a chip. */
export const davies2018: Profile = {
  name: "davies2018",
  target: "loihi1",
  title: "Pre-silicon circuit figures of the Loihi paper",
  kind: "simulated",
  energy: {
    synapseDense: synapseEnergy,
    synapseSparse: synapseEnergy,
    synapseRunLength: synapseEnergy,
    synapseConv: synapseEnergy,
    synapseWordRead: null,
    neuronAccess: simulated(52, "pJ", { note: "update of an inactive neuron" }),
    neuronUpdate: simulated(29, "pJ", {
      evidence: "derived",
      note: "81 pJ of an active update less 52 pJ of an inactive one",
    }),
    spikeOut: null,
    messageOut: null,
    messageIn: null,
    hopTile: simulated(1.7, "pJ", { note: "a spike within its tile" }),
    hopEastWest: simulated(3.0, "pJ"),
    hopNorthSouth: simulated(4.0, "pJ"),
    hopChip: null,
    inputMessage: null,
    ...NOT_ON_LOIHI1,
  },
  time: {
    synapseDense: synapseTime,
    synapseSparse: synapseTime,
    synapseRunLength: synapseTime,
    synapseConv: synapseTime,
    synapseWordRead: null,
    neuronAccess: simulated(5.3, "ns", { note: "update of an inactive neuron" }),
    neuronUpdate: simulated(3.1, "ns", {
      evidence: "derived",
      note: "8.4 ns of an active update less 5.3 ns of an inactive one",
    }),
    spikeOut: null,
    messageOut: null,
    messageIn: null,
    hopTile: simulated(2.1, "ns", { note: "a spike within its tile" }),
    hopEastWest: simulated(4.1, "ns"),
    hopNorthSouth: simulated(6.5, "ns"),
    hopChip: null,
    inputMessage: null,
    ...NOT_ON_LOIHI1,
  },
  inside: {
    synapseWordRead: "the synapse figure: one per synaptic operation, reading included",
    spikeOut: "neuronUpdate: the figure of an active update includes the making of its spike",
  },
  barrier: Array.from({ length: MESH_TILES }, (_, i) => ({ tiles: i + 1, time: barrierTime(i + 1) })),
  law: "max-core",
  staticPower: IDLE_POWER,
  unpriced: [
    "messages: the paper prices spikes by hop only",
    "input from outside the chip and the x86 processors",
    "messages that cross a chip border",
    "energy of the barrier",
  ],
};
