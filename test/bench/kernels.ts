// Inner loops of the simulator, against the plain object versions they replace.
import { deliver, deliverDelayed } from "#simulator/kernels/deliver";
import { NEURON_FIELDS, stepLava, stepNengo } from "#simulator/kernels/step-cuba";
import { measure, report } from "#test/bench";
import { createRng } from "#util/rng";

const NEURONS = 1024; // compartments of a full core
const DENSITY = 0.1; // share of synapses left after pruning
const FIRING = 0.05; // share of axons that get a message in a step

const rng = createRng(1);

/** ns per synaptic event, for cores of which `axons` synapse lists lead into the same 1024 sums. */
function deliveries(axons: number): { plain: number; delayed: number; objects: number } {
  const axonStart = new Uint32Array(axons + 1);
  const list: number[] = [];
  for (let axon = 0; axon < axons; axon++) {
    for (let n = 0; n < NEURONS; n++)
      if (rng() < DENSITY) list.push(((Math.floor(rng() * 256) - 128) << 16) | n);
    axonStart[axon + 1] = list.length;
  }
  const words = Int32Array.from(list);
  const delays = Uint8Array.from(list, () => 1 + Math.floor(rng() * 4));
  const queue = Uint32Array.from({ length: axons }, (_, axon) => axon).filter(() => rng() < FIRING);
  const sums = new Int32Array(4 * NEURONS);
  const objects = Array.from({ length: axons }, (_, axon) =>
    Array.from(words.subarray(axonStart[axon], axonStart[axon + 1]), (word) => ({
      target: word & 0x7fff,
      weight: word >> 16,
    })),
  );
  const map = new Map<number, number>();

  const events = deliver(queue, 0, queue.length, axonStart, words, sums, 0);
  const ns = (work: () => unknown): number => (1000 * measure(work).medianUs) / events;
  return {
    plain: ns(() => deliver(queue, 0, queue.length, axonStart, words, sums, 0)),
    delayed: ns(() =>
      deliverDelayed(queue, 0, queue.length, axonStart, words, delays, 0, sums, 0, NEURONS, 1, 3),
    ),
    objects: ns(() => {
      for (const axon of queue)
        for (const { target, weight } of objects[axon]) map.set(target, (map.get(target) ?? 0) + weight);
    }),
  };
}

const small = deliveries(256);
const large = deliveries(32_768);
report({
  name: "deliver",
  unit: "ns/event",
  results: {
    "in cache": small.plain,
    "13 MB": large.plain,
    delayed: small.delayed,
    "objects and a Map": small.objects,
  },
});

/** ns per neuron of a step in which that share of the neurons gets an input. */
function updates(rules: "lava" | "nengo" | "objects", inputShare: number): number {
  const inputs = Int32Array.from({ length: NEURONS }, () =>
    rng() < inputShare ? 2 * Math.floor(rng() * 40) + 1 : 0,
  );
  const table = new Int32Array(NEURONS * NEURON_FIELDS.count);
  for (let n = 0; n < NEURONS; n++) {
    table[n * NEURON_FIELDS.count + NEURON_FIELDS.uKeep] = 2048;
    table[n * NEURON_FIELDS.count + NEURON_FIELDS.vKeep] = 3900;
    table[n * NEURON_FIELDS.count + NEURON_FIELDS.threshold] = 256 * 64;
    table[n * NEURON_FIELDS.count + NEURON_FIELDS.vMin] = -8_388_607;
  }
  const refractory = new Int32Array(NEURONS);
  const sums = new Int32Array(NEURONS);
  const fired = new Uint32Array(NEURONS);
  const updated = new Float64Array(1);
  const neurons = Array.from({ length: NEURONS }, () => ({
    u: 0,
    v: 0,
    uKeep: 2048,
    vKeep: 3900,
    threshold: 16_384,
  }));
  const decayed = (x: number, keep: number): number => Math.trunc((x * keep) / 4096);

  return (
    (1000 *
      measure(() => {
        if (rules === "objects") {
          const spikes: number[] = [];
          neurons.forEach((n, i) => {
            n.u = decayed(n.u, n.uKeep) + (inputs[i] >> 1) * 64;
            n.v = Math.min(decayed(n.v, n.vKeep) + n.u, 8_388_607);
            if (n.v <= n.threshold) return;
            spikes.push(i);
            n.v = 0;
          });
          return spikes.length;
        }
        sums.set(inputs);
        return rules === "lava"
          ? stepLava(0, NEURONS, table, sums, 0, fired, 0, updated, 0)
          : stepNengo(0, NEURONS, table, refractory, sums, 0, fired, 0, updated, 0);
      }).medianUs) /
    NEURONS
  );
}

report({
  name: "neuron step",
  unit: "ns/neuron",
  results: {
    "lava, all active": updates("lava", 1),
    "lava, a tenth active": updates("lava", 0.1),
    "lava, all at rest": updates("lava", 0),
    "nengo, all active": updates("nengo", 1),
    objects: updates("objects", 1),
  },
});
