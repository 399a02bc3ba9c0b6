import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { runPasses } from "#compiler/pass";
import { decomposeWeights } from "#compiler/passes/decompose-weights";
import { typeWeights } from "#compiler/passes/type-weights";
import { expand } from "#ir/connectivity";
import type { Network, SparseMatrix } from "#ir/network";
import { mergeSparse } from "#ir/sparse";
import { between, edge, input, kernel, matrix, network, randomSparse } from "#test/networks";
import { FOUR_BITS, truenorthLif } from "#test/truenorth-networks";
import { loihi1 } from "#targets/loihi1/index";
import { truenorth } from "#targets/truenorth/index";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";

const run = (net: Network, sink = new DiagnosticSink()): Network =>
  runPasses(net, [decomposeWeights], { target: truenorth, sink });

const into = (connectivity: Parameters<typeof edge>[2]): Network =>
  network(
    [input("in", connectivity.rows), truenorthLif("l", connectivity.cols, 1, 6)],
    [edge("in", "l", connectivity, { delaySteps: 1, quantization: FOUR_BITS })],
  );

/** Sum of all projections between two populations, without zeros. */
function total(net: Network): SparseMatrix {
  return expand(mergeSparse(net.projections.map(({ connectivity }) => expand(connectivity))));
}

/** Whether each neuron has one weight for each type. */
function assertOneWeightPerType(net: Network): void {
  net.populations.forEach((_, post) => {
    const weights = new Map<string, number>();
    for (const projection of net.projections) {
      if (projection.post !== post) continue;
      const type = projection.quantization?.axonType;
      assert.ok(type !== undefined && type < 4);
      const { colIndex, values } = expand(projection.connectivity);
      values.forEach((value, i) => {
        const key = `${colIndex[i]} ${type}`;
        assert.equal(weights.get(key) ?? value, value);
        weights.set(key, value);
      });
    }
  });
}

describe("typeWeights", () => {
  const numbersOf = (weights: number[]): readonly number[] | undefined => typeWeights(weights, 4)?.numbers;

  test("it takes the weights themselves where they are few", () => {
    assert.deepEqual(numbersOf([1, -1]), [1, -1]);
    assert.deepEqual(numbersOf([7]), [7]);
  });

  test("it finds weights that are sums of others", () => {
    assert.deepEqual(numbersOf([12, 7, 5]), [7, 5]);
    assert.deepEqual(numbersOf([9, 6, 3]), [6, 3]);
  });

  test("it takes the bits of all weights of four bits", () => {
    const signed = Array.from({ length: 16 }, (_, i) => i - 8).filter((w) => w !== 0);
    assert.deepEqual(numbersOf(signed), [-8, 4, 2, 1]);
    assert.deepEqual(numbersOf(signed.map((w) => 3 * w)), [-24, 12, 6, 3]);
    assert.deepEqual(numbersOf(signed.map((w) => -w)), [8, -4, -2, -1]);
    assert.deepEqual(numbersOf(Array.from({ length: 15 }, (_, i) => i + 1)), [8, 4, 2, 1].reverse());
  });

  test("it gives up on weights of five bits", () => {
    assert.equal(numbersOf(Array.from({ length: 31 }, (_, i) => i + 1)), undefined);
  });

  test("it writes every weight as the sum it says", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.integer({ min: -8, max: 7 }).filter((w) => w !== 0),
          { minLength: 1 },
        ),
        (weights) => {
          const found = typeWeights(weights, 4);
          assert.ok(found !== undefined && found.numbers.length <= 4);
          for (const weight of weights) {
            const mask = found.sumOf.get(weight) ?? 0;
            const sum: number = found.numbers.reduce(
              (total, number, t) => total + (((mask >> t) & 1) === 1 ? number : 0),
              0,
            );
            assert.equal(sum, weight);
          }
        },
      ),
    );
  });
});

describe("decompose-weights", () => {
  test("it splits weights into one projection for each type, which add up to the same", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 8 }), (seed, size) => {
        const rng = createRng(seed);
        const net = into(randomSparse(rng, 5, size, 0.7, () => 2 * between(rng, -8, 7)));
        const now = run(net);
        assertOneWeightPerType(now);
        const [expected, found] = [total(net), total(now)];
        assert.deepEqual(found, expected);
      }),
      { numRuns: 100 },
    );
  });

  test("it needs fewer types where weights allow it", () => {
    const typesOf = (values: number[][]): number => run(into(matrix(values))).projections.length;
    assert.equal(
      typesOf([
        [5, 5],
        [0, 5],
      ]),
      1,
    );
    assert.equal(
      typesOf([
        [1, -1],
        [-1, 1],
      ]),
      2,
    );
    assert.equal(typesOf([[2], [4], [6], [8]]), 3);
  });

  test("it gives neurons weights of their own where that saves types", () => {
    const now = run(
      into(
        matrix([
          [3, 5, 7, 11, 13],
          [3, 5, 7, 11, 13],
        ]),
      ),
    );
    assert.equal(now.projections.length, 1);
    assertOneWeightPerType(now);
  });

  test("it lets all that goes into a population share its types", () => {
    const rng = createRng(3);
    const weight = (): number => 2 * between(rng, -8, 7);
    const projection = { delaySteps: 1, quantization: FOUR_BITS };
    const net = network(
      [input("a", 6), input("b", 4), truenorthLif("l", 5, 1, 6)],
      [
        edge("a", "l", randomSparse(rng, 6, 5, 1, weight), projection),
        edge("b", "l", randomSparse(rng, 4, 5, 1, weight), projection),
      ],
    );
    assertOneWeightPerType(run(net));
  });

  test("it keeps kernels", () => {
    const net = into(
      kernel({
        inputShape: [1, 4, 4],
        kernelShape: [2, 1, 3, 3],
        weights: Array.from({ length: 18 }, (_, i) => i % 7),
      }),
    );
    const now = run(net);
    assert.equal(now.projections.length, 3);
    assert.ok(now.projections.every(({ connectivity }) => connectivity.kind === "kernel"));
    assert.deepEqual(total(now), total(net));
  });

  test("it returns the same network when run again, and for chips without types", () => {
    const now = run(into(matrix([[3, -4]])));
    assert.equal(run(now), now);
    const net = into(matrix([[3, -4]]));
    assert.equal(runPasses(net, [decomposeWeights], { target: loihi1, sink: new DiagnosticSink() }), net);
  });

  test("it refuses a neuron whose weights are no sums of four numbers", () => {
    const sink = new DiagnosticSink();
    const net = into(matrix(Array.from({ length: 31 }, (_, i) => [i + 1])));
    assert.throws(() => run(net, sink), ToolchainError);
    assert.equal(
      sink.diagnostics[0].message,
      'neuron 0 of "l" has 31 different weights, which are no sums of 4 numbers, and a neuron of truenorth has one weight for each of 4 types of axons.',
    );
  });
});
