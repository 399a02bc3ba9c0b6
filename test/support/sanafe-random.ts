// Random networks in the format of the golden cases that use every feature of it.
import fc from "fast-check";
import { PRICES, type Prices, type SanafeGolden } from "./sanafe-golden.ts";

/** No two sums of these are equal by chance. */
const price = fc.double({ min: 1e-10, max: 1e-8, noNaN: true, noDefaultInfinity: true });
const prices = fc.record(Object.fromEntries(PRICES.map((name) => [name, price]))) as fc.Arbitrary<Prices>;

const sixtyFourths = (largest: number): fc.Arbitrary<number> =>
  fc.integer({ min: -64 * largest, max: 64 * largest }).map((n) => n / 64);
const share = fc.constantFrom(0, 0.5, 0.9, 1);
const mode = fc.constantFrom("hard", "soft", "none", "saturate");
const flag = fc.constantFrom(true, false, 1, 0);
type Neuron = SanafeGolden["neurons"][number];

const lif: fc.Arbitrary<Neuron> = fc
  .record(
    {
      threshold: sixtyFourths(2),
      bias: sixtyFourths(1),
      leak_decay: share,
      input_decay: share,
      reset: sixtyFourths(1),
      reset_mode: mode,
      reverse_threshold: sixtyFourths(2),
      reverse_reset: sixtyFourths(1),
      reverse_reset_mode: mode,
      refractory_delay: fc.nat(4),
      force_update: flag,
      potential: sixtyFourths(2),
    },
    { requiredKeys: [] },
  )
  .map((params) => ({ model: "lif", params }) as Neuron);

const truenorth: fc.Arbitrary<Neuron> = fc
  .record(
    {
      threshold: sixtyFourths(2),
      bias: sixtyFourths(1),
      leak: sixtyFourths(1),
      leak_towards_zero: flag,
      reset: sixtyFourths(1),
      reset_mode: mode,
      reverse_threshold: sixtyFourths(2),
      reverse_reset: sixtyFourths(1),
      reverse_reset_mode: mode,
      force_update: flag,
      potential: sixtyFourths(2),
      // The other model's, which this one ignores.
      leak_decay: share,
    },
    { requiredKeys: [] },
  )
  .map((params) => ({ model: "truenorth", params }) as Neuron);

const neuron = fc.oneof(fc.constant<Neuron>({ model: "input", params: {} }), lif, truenorth);

/** @param arePermuted tiles stand where the case says, not where their ids would put them */
export function randomGolden(arePermuted: boolean): fc.Arbitrary<SanafeGolden> {
  return fc
    .record({
      width: fc.integer({ min: 1, max: 3 }),
      height: fc.integer({ min: 1, max: 3 }),
      perTile: fc.integer({ min: 1, max: 2 }),
      buffer: fc.integer({ min: 1, max: 3 }),
      timesteps: fc.integer({ min: 1, max: 10 }),
      isInside: fc.boolean(),
      energy: prices,
      latency: prices,
      neurons: fc.array(neuron, { minLength: 1, maxLength: 14 }),
      syncs: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 }),
    })
    .chain((drawn) => {
      const { width, height, perTile, neurons, timesteps, isInside } = drawn;
      const tiles = Array.from({ length: width * height }, (_, id) => id);
      const targets = neurons.flatMap(({ model }, n) => (model === "input" ? [] : [n]));
      const synapse =
        targets.length === 0
          ? fc.constant(undefined)
          : fc.tuple(
              fc.nat(neurons.length - 1),
              fc.constantFrom(...targets),
              sixtyFourths(2),
              isInside ? fc.nat(5) : fc.constant(0),
            );
      return fc.record({
        drawn: fc.constant(drawn),
        places: arePermuted ? fc.shuffledSubarray(tiles, { minLength: tiles.length }) : fc.constant(tiles),
        core: fc.array(fc.nat(tiles.length * perTile - 1), {
          minLength: neurons.length,
          maxLength: neurons.length,
        }),
        synapses: fc.array(synapse, { maxLength: 40 }),
        inputs: fc.array(fc.subarray(Array.from({ length: timesteps }, (_, t) => t + 1)), {
          minLength: neurons.length,
          maxLength: neurons.length,
        }),
        order: fc.array(fc.nat(1000), { minLength: 18, maxLength: 18 }),
      });
    })
    .map(({ drawn, places, core, synapses, inputs, order }): SanafeGolden => {
      const { width, height, perTile, buffer, timesteps, isInside, energy, latency, neurons, syncs } = drawn;
      const rows = synapses.filter((row) => row !== undefined);
      const packetOrder = neurons.map((_, n) =>
        [...new Set(rows.filter(([src]) => src === n).map(([, dst]) => core[dst]))].toSorted(
          (a, b) => order[a] - order[b] || a - b,
        ),
      );
      return {
        name: "random",
        timesteps,
        arch: {
          mesh: { width, height, cores_per_tile: perTile, link_buffer_size: buffer },
          tiles: places.map((place, id) => ({ id, x: Math.floor(place / height), y: place % height })),
          energy_J: energy,
          latency_s: latency,
          sync_latency_by_mapped_tiles: Object.fromEntries(syncs.map((n) => [n, (n + 1) * 1e-7])),
          buffer: isInside ? "inside dendrite" : "before soma",
        },
        neurons,
        synapse_columns: ["src", "dst", "weight", ...(isInside ? ["delay"] : [])],
        synapses: rows.map((row) => row.slice(0, isInside ? 4 : 3)),
        core,
        inputs: Object.fromEntries(
          neurons.flatMap(({ model }, n) => (model === "input" ? [[n, inputs[n]]] : [])),
        ),
        packet_order: Object.fromEntries(
          packetOrder.flatMap((cores, n) => (cores.length > 1 ? [[n, cores]] : [])),
        ),
      };
    });
}
