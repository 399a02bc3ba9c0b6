import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import {
  compose,
  expand,
  forEachEntry,
  identity,
  isIdentity,
  nonzeroSynapseCount,
  nonzeroWeightCount,
  propagate,
  scaleConnectivity,
  synapseCount,
  weightCount,
} from "#ir/connectivity";
import type { Connectivity } from "#ir/network";
import { dense, diagonal, kernel, matrix, oneToOne } from "#test/networks";
import { arbitraryKernel, arbitraryMap, convolutionRows, matmul, toRows, zeros } from "./dense-math.ts";

const anyMap = fc.oneof(
  arbitraryKernel as fc.Arbitrary<Connectivity>,
  fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
    .chain(([rows, cols]) => arbitraryMap(rows, cols)),
);

const sum = (rows: number[][]): number => rows.flat().reduce((a, b) => a + b, 0);

test("expands a 2 x 2 kernel as a person would", () => {
  const k = kernel({ inputShape: [1, 3, 3], kernelShape: [1, 1, 2, 2], weights: [1, 2, 3, 4] });
  const m = expand(k);
  // Pixel (1, 1) in the middle is the lower right, lower left, upper right, upper left tap of the four outputs.
  assert.deepEqual([...m.colIndex.subarray(m.rowStart[4], m.rowStart[5])], [0, 1, 2, 3]);
  assert.deepEqual([...m.values.subarray(m.rowStart[4], m.rowStart[5])], [4, 3, 2, 1]);
  assert.equal(m.values.length, 16);
});

describe("any form", () => {
  test("expands to what its definition says, with and without zeros", () => {
    fc.assert(
      fc.property(anyMap, (c) => {
        const expected = toRows(c);
        for (const keepZeros of [false, true]) {
          const m = expand(c, { keepZeros });
          assert.deepEqual(toRows(m), expected);
          for (let r = 0; r < m.rows; r++) {
            for (let i = m.rowStart[r] + 1; i < m.rowStart[r + 1]; i++) {
              assert.ok(m.colIndex[i - 1] < m.colIndex[i]);
            }
          }
        }
        assert.ok(!expand(c).values.includes(0));
      }),
      { numRuns: 200 },
    );
  });

  test("counts its synapses without expanding", () => {
    fc.assert(
      fc.property(anyMap, (c) => {
        assert.equal(synapseCount(c), expand(c, { keepZeros: true }).values.length);
        assert.equal(nonzeroSynapseCount(c), expand(c).values.length);
        if (c.kind === "kernel") assert.equal(synapseCount(c), sum(convolutionRows(c).taps));
      }),
    );
  });

  test("visits every synapse once", () => {
    fc.assert(
      fc.property(anyMap, (c) => {
        const seen = zeros(c.rows, c.cols);
        let visits = 0;
        forEachEntry(c, (r, col, value) => {
          seen[r][col] += value;
          visits++;
        });
        assert.deepEqual(seen, toRows(c));
        assert.equal(visits, synapseCount(c));
      }),
    );
  });

  test("propagates exactly as its expansion does, and adds to what is there", () => {
    fc.assert(
      fc.property(anyMap, fc.infiniteStream(fc.constantFrom(0, 0, 1, -0.5, 1 / 3)), (c, stream) => {
        const input = Float64Array.from({ length: c.rows }, () => stream.next().value as number);
        const output = new Float64Array(c.cols).fill(0.5);
        const viaSparse = output.slice();
        propagate(c, input, output);
        propagate(expand(c, { keepZeros: true }), input, viaSparse);
        assert.deepEqual(output, viaSparse);
        const rows = toRows(c);
        for (let col = 0; col < c.cols; col++) {
          const expected = rows.reduce((total, row, r) => total + input[r] * row[col], 0.5);
          assert.ok(Math.abs(output[col] - expected) < 1e-12);
        }
      }),
    );
  });

  test("is scaled per pre and post neuron", () => {
    fc.assert(
      fc.property(anyMap, fc.infiniteStream(fc.constantFrom(1, 2, -0.5)), fc.boolean(), (c, stream, one) => {
        const factors = (n: number): number[] =>
          Array.from({ length: one ? 1 : n }, () => stream.next().value as number);
        const pre = factors(c.rows);
        const post = factors(c.cols);
        const scaled = scaleConnectivity(c, pre, post);
        const at = (f: number[], i: number): number => f[one ? 0 : i];
        assert.deepEqual(
          toRows(scaled).map((row) => row.map((v) => v + 0)),
          toRows(c).map((row, r) => row.map((v, col) => v * at(pre, r) * at(post, col) + 0)),
        );
        if (one) assert.equal(scaled.kind, c.kind);
      }),
    );
  });
});

describe("compose", () => {
  const pair = fc
    .tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 5 })))
    .chain(([n, k, m]) => fc.tuple(arbitraryMap(n, k), arbitraryMap(k, m)));

  test("is the matrix product", () => {
    fc.assert(
      fc.property(pair, ([first, second]) => {
        assert.deepEqual(
          toRows(compose(first, second)).map((row) => row.map((v) => v + 0)),
          matmul(toRows(first), toRows(second), second.cols).map((row) => row.map((v) => v + 0)),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("is the matrix product with kernels on either side", () => {
    const around = arbitraryKernel.chain((k) =>
      fc.tuple(arbitraryMap(k.rows, k.rows), fc.constant(k), arbitraryMap(k.cols, 3)),
    );
    fc.assert(
      fc.property(around, ([before, k, after]) => {
        assert.deepEqual(
          toRows(compose(compose(before, k), after)).map((row) => row.map((v) => v + 0)),
          matmul(matmul(toRows(before), toRows(k), k.cols), toRows(after), 3).map((row) =>
            row.map((v) => v + 0),
          ),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("keeps the very object behind and before an identity", () => {
    const m = matrix([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.equal(compose(identity(2), m), m);
    assert.equal(compose(m, identity(3)), m);
    assert.equal(compose(diagonal(1, 1), m), m);
  });

  test("keeps the form behind a factor", () => {
    const k = kernel({ inputShape: [2, 3, 3], kernelShape: [2, 2, 2, 2], weights: new Array(16).fill(1) });
    assert.equal(compose(oneToOne(18, 0.5), k).kind, "kernel");
    assert.equal(compose(k, oneToOne(8, 0.5)).kind, "kernel");
    const perChannel = [1, 1, 1, 1, 2, 2, 2, 2];
    const scaled = compose(k, diagonal(...perChannel));
    assert.equal(scaled.kind, "kernel");
    assert.deepEqual(
      toRows(scaled),
      toRows(k).map((row) => row.map((v, c) => v * perChannel[c])),
    );
    assert.equal(compose(k, diagonal(1, 2, 3, 4, 5, 6, 7, 8)).kind, "sparse");
    assert.equal(compose(diagonal(1, 2), dense([[1], [2]])).kind, "dense");
    assert.equal(compose(diagonal(1, 2), diagonal(3, 4)).kind, "diagonal");
  });
});

test("counts weights as the model stores them", () => {
  const k = kernel({ inputShape: [1, 4, 4], kernelShape: [1, 1, 2, 2], weights: [1, 0, 3, 4] });
  assert.equal(weightCount(k), 4);
  assert.equal(nonzeroWeightCount(k), 3);
  assert.equal(synapseCount(k), 36);
  assert.equal(nonzeroSynapseCount(k), 27);
  assert.equal(weightCount(dense([[0, 1]])), 2);
  assert.equal(nonzeroWeightCount(dense([[0, 1]])), 1);
});

test("recognises identities in every form", () => {
  assert.ok(isIdentity(identity(3)));
  assert.ok(
    isIdentity(
      dense([
        [1, 0],
        [0, 1],
      ]),
    ),
  );
  assert.ok(
    isIdentity(
      matrix([
        [1, null],
        [null, 1],
      ]),
    ),
  );
  assert.ok(
    !isIdentity(
      matrix([
        [null, 1],
        [1, null],
      ]),
    ),
  );
  assert.ok(
    !isIdentity(
      matrix([
        [1, 1],
        [null, null],
      ]),
    ),
  );
  assert.ok(!isIdentity(oneToOne(3, 2)));
  assert.ok(!isIdentity(dense([[1, 0]])));
});
