import assert from "node:assert/strict";
import { test } from "vitest";
import fc from "fast-check";
import {
  dropZeros,
  emptySparse,
  filterEntries,
  mergeSparse,
  multiply,
  scaleSparse,
  sparseFromDense,
  sparseFromTriplets,
  transpose,
} from "#ir/sparse";
import type { SparseMatrix } from "#ir/network";
import { dense, matrix, randomSparse } from "#test/networks";
import { createRng } from "#util/rng";
import { matmul, toRows, weight, zeros } from "./dense-math.ts";

const pattern = fc.integer({ min: 0, max: 2 ** 31 }).map((seed): SparseMatrix => {
  const rng = createRng(seed);
  return randomSparse(rng, Math.floor(rng() * 7), 1 + Math.floor(rng() * 7), rng());
});

function assertWellFormed(m: SparseMatrix): void {
  assert.equal(m.rowStart.length, m.rows + 1);
  assert.equal(m.rowStart[m.rows], m.values.length);
  assert.equal(m.colIndex.length, m.values.length);
  for (let r = 0; r < m.rows; r++) {
    for (let i = m.rowStart[r] + 1; i < m.rowStart[r + 1]; i++) {
      assert.ok(m.colIndex[i - 1] < m.colIndex[i], "columns ascend inside a row");
    }
  }
}

test("builds rows from entries in any order and adds up those at one place", () => {
  const m = sparseFromTriplets(3, 4, { row: [2, 0, 2, 0], col: [1, 3, 1, 0], value: [5, 1, -2, 0] });
  assert.deepEqual([...m.rowStart], [0, 2, 2, 3]);
  assert.deepEqual([...m.colIndex], [0, 3, 1]);
  assert.deepEqual([...m.values], [0, 1, 3]);
});

test("adds up random entries like a table does", () => {
  const entry = fc.tuple(fc.nat(4), fc.nat(5), weight);
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      const expected = zeros(5, 6);
      for (const [r, c, v] of entries) expected[r][c] += v;
      const m = sparseFromTriplets(5, 6, {
        row: entries.map((e) => e[0]),
        col: entries.map((e) => e[1]),
        value: entries.map((e) => e[2]),
      });
      assertWellFormed(m);
      assert.deepEqual(toRows(m), expected);
    }),
  );
});

test("turns dense into sparse with or without zeros", () => {
  const d = dense([
    [0, 2],
    [3, 0],
    [0, 4],
  ]);
  const without = sparseFromDense(d);
  assert.deepEqual([...without.rowStart], [0, 1, 2, 3]);
  assert.deepEqual([...without.colIndex], [1, 0, 1]);
  assert.deepEqual(toRows(without), toRows(d));
  assert.equal(sparseFromDense(d, true).values.length, 6);
  assert.deepEqual(toRows(sparseFromDense(d, true)), toRows(d));
});

test("filters entries and returns the same object when all stay", () => {
  const m = matrix([
    [1, 0, -2],
    [0, 3, 0],
  ]);
  assert.equal(
    filterEntries(m, () => true),
    m,
  );
  assert.deepEqual(toRows(filterEntries(m, (v, r, c) => v > 0 && r + c > 0)), [
    [0, 0, 0],
    [0, 3, 0],
  ]);
  assert.deepEqual([...dropZeros(m).colIndex], [0, 2, 1]);
  assert.equal(dropZeros(dropZeros(m)).values.length, 3);
});

test("transposes twice to the same matrix", () => {
  fc.assert(
    fc.property(pattern, (m) => {
      const t = transpose(m);
      assertWellFormed(t);
      assert.deepEqual(transpose(t), m);
      m.colIndex.forEach((c, i) => {
        const r = m.rowStart.findLastIndex((start) => start <= i);
        assert.equal(toRows(t)[c][r], m.values[i]);
      });
    }),
  );
});

test("multiplies like nested loops do", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), (seed) => {
      const rng = createRng(seed);
      const [n, k, m] = [rng, rng, rng].map((draw) => 1 + Math.floor(draw() * 8));
      const a = randomSparse(rng, n, k, rng());
      const b = randomSparse(rng, k, m, rng());
      const p = multiply(a, b);
      assertWellFormed(p);
      assert.deepEqual(toRows(p), matmul(toRows(a), toRows(b), m));
    }),
  );
});

test("keeps an entry where two paths cancel", () => {
  const p = multiply(matrix([[1, 1]]), matrix([[2], [-2]]));
  assert.deepEqual([...p.values], [0]);
});

test("adds up matrices of one shape", () => {
  const a = matrix([
    [1, null],
    [null, 2],
  ]);
  const b = matrix([
    [3, null],
    [4, null],
  ]);
  assert.equal(mergeSparse([a]), a);
  const sum = mergeSparse([a, b, emptySparse(2, 2)]);
  assertWellFormed(sum);
  assert.deepEqual(toRows(sum), [
    [4, 0],
    [4, 2],
  ]);
  assert.equal(sum.values.length, 3);
});

test("adds up random matrices like tables do", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.integer({ min: 2, max: 4 }), (seed, count) => {
      const rng = createRng(seed);
      const matrices = Array.from({ length: count }, () => randomSparse(rng, 5, 6, rng()));
      const sum = mergeSparse(matrices);
      assertWellFormed(sum);
      const expected = zeros(5, 6);
      for (const m of matrices) toRows(m).forEach((row, r) => row.forEach((v, c) => (expected[r][c] += v)));
      assert.deepEqual(toRows(sum), expected);
    }),
  );
});

test("scales by row and by column", () => {
  const m = matrix([
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(toRows(scaleSparse(m, [10, 100], [1, 2])), [
    [10, 40],
    [300, 800],
  ]);
  assert.deepEqual(toRows(scaleSparse(m, undefined, [2])), [
    [2, 4],
    [6, 8],
  ]);
});
