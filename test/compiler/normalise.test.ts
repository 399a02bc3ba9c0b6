// Removing neurons that cannot matter: outputs stay bit for bit, and who is found dead is dead.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { removeDead } from "#compiler/normalise/remove-dead";
import { restrictTo } from "#compiler/normalise/restrict";
import { silentNeurons } from "#compiler/normalise/silent";
import { wiringOf } from "#compiler/normalise/wiring";
import { runPasses } from "#compiler/pass";
import { expand } from "#ir/connectivity";
import type { Network } from "#ir/network";
import { simulateIntegerReference } from "#simulator/reference";
import {
  between,
  dense,
  edge,
  input,
  kernel,
  loihiCuba,
  matrix,
  network,
  randomSparse,
  randomSpikes,
} from "#test/networks";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

const MIXED = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;
const DEFAULT = { delaySteps: 1, quantization: MIXED };

const clean = (net: Network, sink = new DiagnosticSink()): Network => runPasses(net, [removeDead], { sink });

/** Sparse layers with leaks, biases, skips and feedback: many neurons are dead, some only just. */
function sparseNet(rng: Rng): Network {
  const layer = (name: string, size: number, startStep: number) => {
    const random = (low: number, high: number): number[] =>
      Array.from({ length: size }, () => between(rng, low, high));
    return loihiCuba(
      name,
      size,
      {
        uDecay: random(500, 4095),
        vDecay: random(0, 4).map((k) => k * 512),
        thresholdMantissa: random(20, 400),
        biasMantissa: random(-2, 2).map((bias) => Math.max(0, bias) * 40),
        v0: random(-50, 50),
      },
      { startStep },
    );
  };
  const weight = (): number => 2 * between(rng, -60, 127);
  const some = (rows: number, cols: number) => randomSparse(rng, rows, cols, 0.06, weight);
  return network(
    [input("in", 10), layer("a", 30, 1), layer("b", 30, 2), layer("out", 8, 3)],
    [
      edge("in", "a", some(10, 30), DEFAULT),
      edge("a", "b", some(30, 30), DEFAULT),
      edge("b", "out", some(30, 8), DEFAULT),
      edge("b", "a", some(30, 30), { ...DEFAULT, delaySteps: 2 }),
      edge("in", "out", some(10, 8), { ...DEFAULT, delaySteps: 3 }),
    ],
  );
}

/** Two convolutions of which whole channels are pruned, on either side. */
function convNet(rng: Rng): Network {
  const gone = new Set([between(rng, 0, 3), between(rng, 0, 3)]);
  const weights = (outs: number, ins: number, isGone: (o: number, i: number) => boolean): number[] =>
    Array.from({ length: outs * ins * 9 }, (_, at) =>
      isGone(Math.floor(at / (ins * 9)), Math.floor(at / 9) % ins) || rng() < 0.3
        ? 0
        : 2 * between(rng, -40, 120),
    );
  const conv = (outs: number, ins: number, isGone: (o: number, i: number) => boolean) =>
    kernel({
      inputShape: [ins, 4, 4],
      kernelShape: [outs, ins, 3, 3],
      weights: weights(outs, ins, isGone),
      padding: [1, 1, 1, 1],
    });
  const bySource = rng() < 0.5;
  return network(
    [
      input("in", [2, 4, 4]),
      loihiCuba("a", [4, 4, 4], {}, { startStep: 1 }),
      loihiCuba("out", [3, 4, 4], {}, { startStep: 2 }),
    ],
    [
      edge(
        "in",
        "a",
        conv(4, 2, (o) => bySource && gone.has(o)),
        DEFAULT,
      ),
      edge(
        "a",
        "out",
        conv(3, 4, (_, i) => !bySource && gone.has(i)),
        DEFAULT,
      ),
    ],
  );
}

const recordOf = (net: Network, rules: "lava" | "nengo", seed: number, record?: readonly string[]) =>
  simulateIntegerReference(
    net,
    { in: randomSpikes(createRng(seed), net.populations[0].shape, { steps: 25, density: 0.4 }) },
    { rules, ...(record !== undefined && { record }) },
  ).recorded;

describe("remove-dead", () => {
  test("keeps what outputs do, bit for bit, under both rule sets", () => {
    let removed = 0;
    let spikes = 0;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(sparseNet, convNet),
        fc.constantFrom("lava" as const, "nengo" as const),
        (seed, make, rules) => {
          const before = make(createRng(seed));
          const after = clean(before);
          const out = recordOf(before, rules, seed).out;
          assert.deepEqual(recordOf(after, rules, seed).out, out);
          const total = (net: Network): number => net.populations.reduce((sum, { size }) => sum + size, 0);
          removed += total(before) - total(after);
          spikes += out.samples[0].index.length;
        },
      ),
      { numRuns: 60 },
    );
    assert.ok(removed > 200 && spikes > 1000, `${removed} removed, ${spikes} spikes`);
  });

  test("finds silent only what never fires", () => {
    let silentOnes = 0;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("lava" as const, "nengo" as const), (seed, rules) => {
        const net = sparseNet(createRng(seed));
        const silent = silentNeurons(net, wiringOf(net));
        const recorded = recordOf(net, rules, seed, ["a", "b", "out"]);
        for (const [name, data] of Object.entries(recorded)) {
          const flags = silent[net.populations.findIndex((population) => population.name === name)];
          silentOnes += flags.filter((flag) => flag === 1).length;
          for (const n of data.samples[0].index) assert.equal(flags[n], 0);
        }
      }),
      { numRuns: 40 },
    );
    assert.ok(silentOnes > 100);
  });

  test("says who was removed, and remembers who is left", () => {
    // Neuron 1 hears nothing, neuron 2 is heard by nobody, and 0 and 3 do something.
    const net = network(
      [input("in", 1), loihiCuba("a", 4, {}, { startStep: 1 }), loihiCuba("out", 1, {}, { startStep: 2 })],
      [
        edge("in", "a", matrix([[200, null, 200, 200]]), DEFAULT),
        edge("a", "out", matrix([[100], [100], [null], [100]]), DEFAULT),
      ],
    );
    const sink = new DiagnosticSink();
    const after = clean(net, sink);
    assert.deepEqual(after.populations[1].kept, { shape: [4], neuron: Uint32Array.of(0, 3) });
    assert.deepEqual(
      sink.diagnostics.map(({ code, severity, message }) => [code, severity, message]),
      [
        [
          "passes/dead-neurons",
          "note",
          '2 of the 4 neurons of "a" were removed: 1 can never fire, 1 reach no output. What outputs do stays the same.',
        ],
      ],
    );
  });

  test("removes populations of which nothing is left", () => {
    const net = network(
      [
        input("in", 2),
        loihiCuba("probe", 3, {}, { startStep: 1 }),
        loihiCuba("out", 2, {}, { startStep: 1 }),
      ],
      [
        edge(
          "in",
          "probe",
          dense([
            [2, 2, 2],
            [2, 2, 2],
          ]),
          DEFAULT,
        ),
        edge(
          "in",
          "out",
          dense([
            [2, 2],
            [2, 2],
          ]),
          DEFAULT,
        ),
      ],
    );
    const after = clean(net);
    assert.deepEqual(
      after.populations.map(({ name }) => name),
      ["in", "out"],
    );
    assert.deepEqual(after.outputs, [{ name: "out", population: 1 }]);
  });

  test("takes whole channels out of kernels, which stay kernels", () => {
    const conv = (o: number, i: number, isGone: (out: number, source: number) => boolean) =>
      kernel({
        inputShape: [i, 3, 3],
        kernelShape: [o, i, 3, 3],
        weights: Array.from({ length: o * i * 9 }, (_, at) =>
          isGone(Math.floor(at / (i * 9)), Math.floor(at / 9) % i) ? 0 : 2 + 2 * (at % 50),
        ),
        padding: [1, 1, 1, 1],
      });
    const net = network(
      [
        input("in", [1, 3, 3]),
        loihiCuba("a", [4, 3, 3], {}, { startStep: 1 }),
        loihiCuba("out", [2, 3, 3], {}, { startStep: 2 }),
      ],
      [
        edge(
          "in",
          "a",
          conv(4, 1, (out) => out === 2),
          DEFAULT,
        ),
        edge(
          "a",
          "out",
          conv(2, 4, (_, source) => source === 0),
          DEFAULT,
        ),
      ],
    );
    const after = clean(net);
    assert.deepEqual(after.populations[1].shape, [2, 3, 3]);
    assert.deepEqual(
      after.projections.map(({ connectivity }) => connectivity.kind),
      ["kernel", "kernel"],
    );
  });

  test("leaves a network without dead neurons as it is", () => {
    const net = network(
      [input("in", 2), loihiCuba("out", 2)],
      [
        edge(
          "in",
          "out",
          dense([
            [2, 2],
            [2, 2],
          ]),
          DEFAULT,
        ),
      ],
    );
    assert.equal(clean(net), net);
  });
});

test("restricting synapses is taking rows and columns out of the matrix, whatever the form", () => {
  const forms = (rng: Rng) => [
    randomSparse(rng, 32, 48, 0.2),
    dense(Array.from({ length: 32 }, () => Array.from({ length: 48 }, () => between(rng, -5, 5)))),
    kernel({
      inputShape: [2, 4, 4],
      kernelShape: [3, 2, 3, 3],
      weights: Array.from({ length: 54 }, () => between(rng, -5, 5)),
      padding: [1, 1, 1, 1],
    }),
  ];
  const value = (connectivity: Parameters<typeof expand>[0], row: number, col: number): number => {
    const { rowStart, colIndex, values } = expand(connectivity);
    for (let i = rowStart[row]; i < rowStart[row + 1]; i++) if (colIndex[i] === col) return values[i];
    return 0;
  };
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 2 }), fc.boolean(), (seed, which, byChannel) => {
      const rng = createRng(seed);
      const connectivity = forms(rng)[which];
      const pick = (size: number): Uint32Array => {
        const unit = byChannel ? 16 : 1;
        const isKept = Array.from({ length: size / unit }, () => rng() < 0.6);
        return Uint32Array.from(
          Array.from({ length: size }, (_, n) => n).filter((n) => isKept[Math.floor(n / unit)]),
        );
      };
      const [rows, cols] = [pick(connectivity.rows), pick(connectivity.cols)];
      const after = restrictTo(connectivity, rows, cols);
      assert.deepEqual([after.rows, after.cols], [rows.length, cols.length]);
      rows.forEach((row, r) =>
        cols.forEach((col, c) => assert.equal(value(after, r, c), value(connectivity, row, col))),
      );
    }),
    { numRuns: 20 },
  );
});
