import assert from "node:assert/strict";
import { test } from "vitest";
import fc from "fast-check";
import { dropZeroSynapses } from "#compiler/passes/drop-zero-synapses";
import { expand } from "#ir/connectivity";
import type { Connectivity, Network } from "#ir/network";
import { dense, diagonal, kernel, matrix, randomSparse, twoLayers } from "#test/networks";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const run = (before: Network): Network => dropZeroSynapses.run(before, { sink: new DiagnosticSink() });
const after = (connectivity: Connectivity): Connectivity =>
  run(twoLayers(connectivity)).projections[0].connectivity;

test("drops zeros and keeps the order of the rest", () => {
  const m = after(matrix([[0, 2, 0], [3, 0, 4]])); // prettier-ignore
  assert.ok(m.kind === "sparse");
  assert.deepEqual([...m.rowStart], [0, 1, 3]);
  assert.deepEqual([...m.colIndex], [1, 0, 2]);
  assert.deepEqual([...m.values], [2, 3, 4]);
});

test("turns dense and diagonal maps with zeros into sparse ones, and kernels into nothing else", () => {
  assert.equal(after(dense([[1, 0]])).kind, "sparse");
  assert.equal(after(diagonal(1, 0)).kind, "sparse");
  const k = kernel({ inputShape: [1, 3, 3], kernelShape: [1, 1, 2, 2], weights: [1, 0, 0, 4] });
  assert.equal(after(k), k);
});

test("returns the very same network when there is nothing to drop", () => {
  for (const c of [matrix([[1, 2]]), dense([[1, 2]]), diagonal(1, 2)]) {
    const before = twoLayers(c);
    assert.equal(run(before), before);
  }
});

test("never changes what a spike delivers", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const rng = createRng(seed);
      const before = randomSparse(rng, 5, 6, 0.6, () => (rng() < 0.5 ? 0 : rng()));
      const left = after(before);
      assert.deepEqual(expand(left, { keepZeros: true }), expand(before));
    }),
  );
});
