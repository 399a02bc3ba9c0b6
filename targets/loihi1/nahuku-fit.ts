import type { Profile, Quantity, Unit } from "../target.ts";
import { IDLE_POWER } from "./idle-power.ts";
import { NOT_ON_LOIHI1 } from "./not-here.ts";

function fitted(value: number, unit: Unit, note?: string): Quantity {
  return {
    value,
    unit,
    evidence: "fitted",
    scope: "per-term",
    src: ["sanafe#arch/loihi.yaml"],
    ...(note === undefined ? {} : { note }),
  };
}

function asSparse(value: number, unit: Unit): Quantity {
  return {
    value,
    unit,
    evidence: "assumed",
    scope: "per-term",
    src: [],
    note: "nobody fitted run-length lists; taken as the sparse price, because each synapse carries a weight and a position field there too, only a narrower one",
  };
}

const hopNote = "same figure as davies2018#T2";

/** Default: the prices that reproduce measurements on a Nahuku board, by SANA-FE's authors. */
export const nahukuFit: Profile = {
  name: "nahuku-fit",
  target: "loihi1",
  title: "SANA-FE's fit to Nahuku board measurements",
  kind: "fitted",
  energy: {
    synapseDense: fitted(35.5, "pJ"),
    synapseSparse: fitted(33.6, "pJ"),
    synapseRunLength: asSparse(33.6, "pJ"),
    synapseConv: fitted(24.0, "pJ"),
    synapseWordRead: null,
    neuronAccess: fitted(51.2, "pJ", "every mapped neuron, every step"),
    neuronUpdate: fitted(21.6, "pJ", "on top of the access, if the state changes"),
    spikeOut: fitted(69.3, "pJ"),
    messageOut: fitted(111.0, "pJ"),
    messageIn: fitted(0, "pJ", "the fit charges a message to its sender"),
    hopTile: null,
    hopEastWest: fitted(3.0, "pJ", hopNote),
    hopNorthSouth: fitted(4.2, "pJ"),
    hopChip: null,
    inputMessage: null,
    ...NOT_ON_LOIHI1,
  },
  time: {
    synapseDense: fitted(3.8, "ns"),
    synapseSparse: fitted(4.7, "ns"),
    synapseRunLength: asSparse(4.7, "ns"),
    synapseConv: fitted(3.1, "ns"),
    synapseWordRead: null,
    neuronAccess: fitted(6.0, "ns"),
    neuronUpdate: fitted(3.7, "ns"),
    spikeOut: fitted(30.0, "ns"),
    messageOut: fitted(5.1, "ns"),
    messageIn: fitted(16.0, "ns"),
    hopTile: null,
    hopEastWest: fitted(4.1, "ns", hopNote),
    hopNorthSouth: fitted(6.5, "ns", hopNote),
    hopChip: null,
    inputMessage: null,
    ...NOT_ON_LOIHI1,
  },
  inside: {
    synapseWordRead: "the synapse prices: the fit has one price per event, reading included",
    hopTile: "messageOut: the fit charges nothing extra for a message that stays in its tile",
  },
  barrier: [
    { tiles: 1, time: fitted(0.6, "us") },
    { tiles: 2, time: fitted(1.0, "us") },
    { tiles: 4, time: fitted(1.4, "us") },
    {
      tiles: 29,
      time: fitted(
        1.8,
        "us",
        "fitted on one chip; systems are slower (frady2020 measured 16.2 us on 768 chips)",
      ),
    },
  ],
  law: "max-core",
  staticPower: IDLE_POWER,
  errors: {
    energyShare: 0.117,
    latencyShare: 0.243,
    note: "averages over three applications, as the authors report them; gesture latency is always under-estimated",
  },
  unpriced: [
    "input from outside the chip and the x86 processors",
    "messages that cross a chip border",
    "energy of the barrier",
  ],
};
