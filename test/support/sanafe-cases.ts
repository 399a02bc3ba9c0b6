// Small deployments whose step times and energies SANA-FE (commit 8951ab0, its Loihi file, all sources fire in
// every step, all targets are updated, dense synapses) has printed. The definitions can be turned into counts or
// into deployments.

export interface SanafeCase {
  readonly name: string;
  readonly description: string;
  /** Mapped neurons of each core in use, sources and targets. */
  readonly neurons: Readonly<Record<number, number>>;
  /** Sources fire in every step; those of one core send in rising order. */
  readonly connections: readonly SanafeConnection[];
  /** One step, barrier included. */
  readonly simpleNs: number;
  readonly detailedNs: number;
  /** One step in BookSim2. */
  readonly cycleNs: number;
  /** Of ten steps. */
  readonly energyNj: {
    readonly synapse?: number;
    readonly soma?: number;
    readonly network?: number;
    readonly total?: number;
  };
}

export interface SanafeConnection {
  readonly fromCore: number;
  /** Indices of neurons on the core. */
  readonly from: readonly number[];
  readonly toCore: number;
  readonly to: readonly number[];
  readonly pattern: "one-to-one" | "dense";
}

const range = (begin: number, end: number, stride = 1): number[] =>
  Array.from({ length: Math.ceil((end - begin) / stride) }, (_, i) => begin + i * stride);

/** First core of tiles 1 .. 8. */
const EIGHT_TILES = range(4, 33, 4);

const headOfLine = (
  firstCore: number,
  secondCore: number,
  interleaved: boolean,
): Pick<SanafeCase, "neurons" | "connections"> => {
  const [first, second] = interleaved
    ? [range(0, 256, 2), range(1, 256, 2)]
    : [range(0, 128), range(128, 256)];
  return {
    neurons: { 0: 256, [firstCore]: 64, [secondCore]: 64 },
    connections: [
      { fromCore: 0, from: first, toCore: firstCore, to: range(0, 64), pattern: "dense" },
      { fromCore: 0, from: second, toCore: secondCore, to: range(0, 64), pattern: "dense" },
    ],
  };
};

export const SANAFE_CASES: readonly SanafeCase[] = [
  {
    name: "A",
    description: "256 to 256 one-to-one, core 0 to core 1 of the same tile",
    neurons: { 0: 256, 1: 256 },
    connections: [{ fromCore: 0, from: range(0, 256), toCore: 1, to: range(0, 256), pattern: "one-to-one" }],
    simpleNs: 12_068.8,
    detailedNs: 12_088.6,
    cycleNs: 12_144,
    energyNj: { synapse: 90.88, soma: 550.144, network: 284.16, total: 925.184 },
  },
  {
    name: "B",
    description: "the same, core 0 to core 127: 7 hops east, 3 north",
    neurons: { 0: 256, 127: 256 },
    connections: [
      { fromCore: 0, from: range(0, 256), toCore: 127, to: range(0, 256), pattern: "one-to-one" },
    ],
    simpleNs: 12_468.8,
    detailedNs: 12_536.8,
    cycleNs: 12_584,
    energyNj: { synapse: 90.88, soma: 550.144, network: 370.176, total: 1011.2 },
  },
  {
    name: "C",
    description: "64 to 64 dense, core 0 to core 1",
    neurons: { 0: 64, 1: 64 },
    connections: [{ fromCore: 0, from: range(0, 64), toCore: 1, to: range(0, 64), pattern: "dense" }],
    simpleNs: 17_188.8,
    detailedNs: 17_233.6,
    cycleNs: 17_225,
    energyNj: { synapse: 1454.08, soma: 137.536, network: 71.04, total: 1662.656 },
  },
  {
    name: "D",
    description: "hot spot: 64 neurons on each of cores 4, 8 .. 32 to the same 64 of core 0, one-to-one",
    neurons: { 0: 64, ...Object.fromEntries(EIGHT_TILES.map((core) => [core, 64])) },
    connections: EIGHT_TILES.map((fromCore) => ({
      fromCore,
      from: range(0, 64),
      toCore: 0,
      to: range(0, 64),
      pattern: "one-to-one",
    })),
    simpleNs: 11_537.6,
    detailedNs: 11_588.9,
    cycleNs: 11_693,
    energyNj: { network: 612.096, total: 1568.0 },
  },
  {
    name: "E",
    description: "fan-out: 64 neurons of core 0 to one target each on each of cores 4, 8 .. 32",
    neurons: { 0: 64, ...Object.fromEntries(EIGHT_TILES.map((core) => [core, 64])) },
    connections: EIGHT_TILES.map((toCore) => ({
      fromCore: 0,
      from: range(0, 64),
      toCore,
      to: range(0, 64),
      pattern: "one-to-one",
    })),
    simpleNs: 6552.0,
    detailedNs: 6590.3,
    cycleNs: 6555,
    energyNj: { total: 1257.536 },
  },
  {
    name: "F",
    description: "64 to 256 dense, core 0 to core 60",
    neurons: { 0: 64, 60: 256 },
    connections: [{ fromCore: 0, from: range(0, 64), toCore: 60, to: range(0, 256), pattern: "dense" }],
    simpleNs: 64_283.2,
    detailedNs: 64_359.8,
    cycleNs: 64_369,
    energyNj: { synapse: 5816.32, network: 84.864, total: 6178.496 },
  },
  {
    name: "G",
    description: "head of line: first half of core 0 to 64 targets on core 60, second half to core 124",
    ...headOfLine(60, 124, false),
    simpleNs: 34_177.6,
    detailedNs: 41_193.9,
    cycleNs: 52_392,
    energyNj: {},
  },
  {
    name: "H",
    description: "G with the two halves interleaved",
    ...headOfLine(60, 124, true),
    simpleNs: 34_177.6,
    detailedNs: 34_315.4,
    cycleNs: 34_286,
    energyNj: {},
  },
  {
    name: "I",
    description: "G with cores 4 and 8 as destinations",
    ...headOfLine(4, 8, false),
    simpleNs: 34_177.6,
    detailedNs: 57_294.4,
    cycleNs: 64_774,
    energyNj: {},
  },
  {
    name: "J",
    description: "cores 0 and 4, 256 neurons each to 16 targets on core 60 and 64",
    neurons: { 0: 256, 4: 256, 60: 16, 64: 16 },
    connections: [
      { fromCore: 0, from: range(0, 256), toCore: 60, to: range(0, 16), pattern: "dense" },
      { fromCore: 4, from: range(0, 256), toCore: 64, to: range(0, 16), pattern: "dense" },
    ],
    simpleNs: 21_060.8,
    detailedNs: 21_137.4,
    cycleNs: 21_185,
    energyNj: {},
  },
];
