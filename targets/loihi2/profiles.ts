import { nahukuFit } from "../loihi1/nahuku-fit.ts";
import { PRICED_ACTIONS, type PricedAction, type Profile, type Quantity } from "../target.ts";

type Prices = Profile["time"];

const NO_PRICE = Object.fromEntries(PRICED_ACTIONS.map((action) => [action, null])) as Prices;

/** Intel's ratios of speed to Loihi 1. */
const RATIO = { synapse: 5, neuron: 2, spike: 10 } as const;

const BASE = "loihi1/nahuku-fit";

function scaled(value: number, ratio: number): Quantity {
  return {
    value,
    unit: "ns",
    evidence: "scaled",
    scope: "per-term",
    src: ["candidate", "intel2021", "sanafe"],
    note: `${BASE} over ${ratio}, Intel's ratio of speeds`,
  };
}

function inherited(action: PricedAction): Quantity {
  const { value, unit } = nahukuFit.time[action]!;
  return {
    value,
    unit,
    evidence: "scaled",
    scope: "per-term",
    src: ["sanafe"],
    note: `${BASE} times 1: nobody has published Loihi 2's`,
  };
}

const synapse = scaled(0.76, RATIO.synapse);

const candidateTimes: Prices = {
  ...NO_PRICE,
  synapseDense: synapse,
  synapseSparse: scaled(0.94, RATIO.synapse),
  synapseRunLength: scaled(0.94, RATIO.synapse),
  synapseConv: scaled(0.62, RATIO.synapse),
  neuronAccess: scaled(3.0, RATIO.neuron),
  neuronUpdate: scaled(1.85, RATIO.neuron),
  spikeOut: scaled(3.0, RATIO.spike),
  messageOut: inherited("messageOut"),
  messageIn: inherited("messageIn"),
  hopEastWest: inherited("hopEastWest"),
  hopNorthSouth: inherited("hopNorthSouth"),
};

const barrier: Profile["barrier"] = [
  [1, 66.7],
  [2, 111],
  [4, 156],
  [29, 200],
].map(([tiles, ns]) => ({
  tiles,
  time: {
    value: ns,
    unit: "ns",
    evidence: "scaled",
    src: ["candidate", "intel2021"],
    note: `${BASE} over 9, so that 29 tiles take the 200 ns that Intel states as the shortest step of a chip`,
  },
}));

const staticPower: Profile["staticPower"] = {
  chip: {
    value: 232.1,
    unit: "mW",
    evidence: "measured",
    scope: "floor",
    src: ["lavaDl"],
    note: "static power while PilotNet runs on 74 cores, board level",
  },
  core: null,
  io: null,
};

const INSIDE: NonNullable<Profile["inside"]> = {
  synapseWordRead: "the synapse times, as in the fit of Loihi 1",
  hopTile: "messageOut, as in the fit of Loihi 1",
};

const UNPRICED = [
  "energy of every action: none is published",
  "input from outside the chip and the embedded processors",
];

/** Every profile of a target of this chip; energies are nobody's, so all but the inherited one have none. */
export function profilesOf(target: string): Profile[] {
  const base = { target: "loihi1", profile: "nahuku-fit" } as const;
  return [
    {
      name: "candidate",
      target,
      title: "times of Loihi 1 over Intel's ratios; no energies",
      kind: "scaled",
      base: {
        ...base,
        timeFactor: {
          synapseDense: 1 / RATIO.synapse,
          synapseSparse: 1 / RATIO.synapse,
          synapseRunLength: 1 / RATIO.synapse,
          synapseConv: 1 / RATIO.synapse,
          neuronAccess: 1 / RATIO.neuron,
          neuronUpdate: 1 / RATIO.neuron,
          spikeOut: 1 / RATIO.spike,
          messageOut: 1,
          messageIn: 1,
          hopEastWest: 1,
          hopNorthSouth: 1,
        },
      },
      energy: NO_PRICE,
      time: candidateTimes,
      inside: INSIDE,
      barrier,
      law: "max-core",
      staticPower,
      unpriced: UNPRICED,
    },
    {
      name: "max-affine",
      target,
      title: "the published law of time, whose rates have to be given (--rates)",
      kind: "documented",
      energy: NO_PRICE,
      time: NO_PRICE,
      barrier: [],
      law: "max-affine",
      laws: { "max-affine": {} },
      staticPower,
      unpriced: UNPRICED,
    },
    {
      name: "inherited-loihi1",
      target,
      title: "energies of Loihi 1 as they are, which nobody has measured on this chip",
      kind: "inherited",
      base: { ...base, energyFactor: 1, timeFactor: 1 },
      energy: inheritedAll(nahukuFit.energy),
      time: inheritedAll(nahukuFit.time),
      inside: INSIDE,
      barrier: nahukuFit.barrier.map(({ tiles, time }) => ({ tiles, time: asInherited(time) })),
      law: "max-core",
      staticPower,
      unpriced: nahukuFit.unpriced,
    },
  ];
}

function asInherited({ value, unit }: Quantity): Quantity {
  return {
    value,
    unit,
    evidence: "scaled",
    scope: "per-term",
    src: ["sanafe"],
    note: `${BASE} times 1: nobody has published Loihi 2's`,
  };
}

function inheritedAll(prices: Prices): Prices {
  return Object.fromEntries(
    PRICED_ACTIONS.map((action) => [action, prices[action] === null ? null : asInherited(prices[action])]),
  ) as Prices;
}
