// A network of three neurons in the format of the golden cases, worked out by hand.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { evaluateGolden } from "#test/sanafe-evaluator";
import { goldenSetup, type Prices, type SanafeGolden } from "#test/sanafe-golden";
import { simulateGolden } from "#test/sanafe-simulate";

/** In pJ and in ns. */
const PRICES: Prices = {
  axon_in: 2,
  synapse: 3,
  dendrite: 5,
  soma_access: 7,
  soma_update: 11,
  soma_spike: 13,
  input_access: 17,
  input_update: 19,
  input_spike: 23,
  axon_out: 29,
  north: 31,
  east: 37,
  south: 41,
  west: 43,
};
const scaled = (factor: number): Prices =>
  Object.fromEntries(Object.entries(PRICES).map(([name, value]) => [name, value * factor])) as never;

/**
 * An input (0) and a TrueNorth neuron (2) on core 0 at (0, 0), a LIF neuron (1) on core 3 at (1, 1). The input fires in
 * step 1: neuron 1 gets 1 in step 2 and fires; neuron 2 gets half of its threshold from neuron 1 in step 3, and the other
 * half from the input in step 4, two steps late.
 */
const GOLDEN: SanafeGolden = {
  name: "by hand",
  timesteps: 4,
  arch: {
    mesh: { width: 2, height: 2, cores_per_tile: 1, link_buffer_size: 1 },
    tiles: [0, 1, 2, 3].map((id) => ({ id, x: Math.floor(id / 2), y: id % 2 })),
    energy_J: scaled(1e-12),
    latency_s: scaled(1e-9),
    sync_latency_by_mapped_tiles: { 0: 50e-9, 2: 70e-9, 3: 90e-9 },
    buffer: "inside dendrite",
  },
  neurons: [
    { model: "input", params: {} },
    { model: "lif", params: { threshold: 0.5 } },
    { model: "truenorth", params: { threshold: 1, reset_mode: "soft" } },
  ],
  synapse_columns: ["src", "dst", "weight", "delay"],
  synapses: [
    [0, 2, 0.5, 2],
    [0, 1, 1, 0],
    [1, 2, 0.5, 0],
  ],
  core: [0, 3, 0],
  inputs: { 0: [1] },
  packet_order: { 0: [3, 0] },
};

const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  fired: [1, 1, 0, 1],
  updated: [1, 1, 1, 1],
  packets: [2, 1, 0, 0],
  hops: [2, 2, 0, 0],
  synaptic_events: [2, 1, 0, 0],
  energy_synapse: [6, 3, 0, 0],
  // Three neurons in every step, and the events.
  energy_dendrite: [15 + 10, 15 + 5, 15, 15],
  energy_soma: [59 + 7 + 7, 17 + 31 + 7, 17 + 7 + 18, 17 + 7 + 31],
  // There: north and east; back: south and west.
  energy_network: [2 * 31 + 68, 31 + 84, 0, 0],
  // Core 0 generates: both neurons and two packets; core 3: its spike; then both neurons of core 0.
  time_simple: [
    5 + 59 + 29 + 29 + 5 + 7 + 70,
    Math.max(5 + 31 + 29, 5 + 17 + 5 + 7) + 70,
    5 + 17 + 5 + 18 + 70,
    5 + 17 + 5 + 31 + 70,
  ],
  // Packet 1 leaves at 93, travels 68, is served for 10. Packet 2 leaves at 122, stays, is served for 10: 132. Core 0 goes
  // on to 134. Then 65 + 84 + 10.
  time_detailed: [5 + 59 + 29 + 68 + 10 + 70, 5 + 31 + 29 + 84 + 10 + 70, 45 + 70, 58 + 70],
};

describe("sanafe by hand", () => {
  for (const [name, run] of [
    ["simulator", simulateGolden],
    ["plain evaluator", evaluateGolden],
  ] as const)
    test(`sanafe: the ${name} tells what was worked out`, () => {
      const found = run(GOLDEN);
      assert.deepEqual(found.spikes, [[0], [1], [], [2]]);
      assert.deepEqual(
        found.potentials.map((row) => row.slice(1)),
        [
          [0, 0],
          [0, 0],
          [0, 0.5],
          [0, 0],
        ],
      );
      for (const [counter, values] of Object.entries(EXPECTED)) {
        const unit = counter.startsWith("energy") ? 1e-12 : counter.startsWith("time") ? 1e-9 : 1;
        const told = found.perStep[counter].map((value) => Number((value / unit).toFixed(6)));
        assert.deepEqual(told, values, counter);
      }
    });

  test("sanafe: packets leave in the order that the case gives", () => {
    const { cores } = goldenSetup(GOLDEN).deployment;
    assert.deepEqual([...cores[0].routeCore], [3, 0]);
    const sent = simulateGolden(GOLDEN).messages[0].filter(({ from }) => from === 0);
    assert.deepEqual(
      sent.map(({ to }) => to),
      [3, 0, -1],
    );
  });

  test("sanafe: a case that we cannot run is refused in words", () => {
    const neuron = (model: string, params: object): SanafeGolden =>
      ({ ...GOLDEN, neurons: [GOLDEN.neurons[0], { model, params }, GOLDEN.neurons[2]] }) as SanafeGolden;
    assert.throws(() => goldenSetup(neuron("izhikevich", {})), /by hand: neuron model "izhikevich"/);
    assert.throws(() => goldenSetup(neuron("lif", { treshold: 1 })), /by hand: parameter "treshold"/);
    const odd = [[0, 1, 0.01, 0]];
    assert.throws(
      () => goldenSetup({ ...GOLDEN, synapses: odd, packet_order: {} }),
      /weight 0.01 does not fit/,
    );
  });
});
