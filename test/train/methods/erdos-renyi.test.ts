import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { type AllocationKind, allocateDensities, drawPositions } from "#train/methods/erdos-renyi";
import { createRandom } from "#train/random";

const CONV_NET = [
  [15, 1, 3, 3],
  [40, 15, 3, 3],
  [300, 1960],
  [10, 300],
];
const MLP = [
  [800, 784],
  [10, 800],
];

function assertClose(found: readonly number[], wanted: readonly number[]): void {
  assert.equal(found.length, wanted.length);
  found.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 5e-7, `${i}: ${value}, ${wanted[i]}`));
}

describe("allocateDensities", () => {
  test("it gives the ERK densities and counts of the convolutional network", () => {
    const tenth = allocateDensities(CONV_NET, 0.1, "erk");
    assertClose(tenth.densities, [1, 0.275075, 0.093594, 1]);
    assert.deepEqual(tenth.counts, [135, 1485, 55_033, 3000]);
    assertClose(allocateDensities(CONV_NET, 0.02, "erk").densities, [0.732854, 0.0508, 0.017285, 0.464696]);
  });

  test("it gives the ERK densities of the two-layer network, where ER is the same", () => {
    for (const kind of ["er", "erk"] as const) {
      assertClose(allocateDensities(MLP, 0.1, kind).densities, [0.08852, 1]);
      assertClose(allocateDensities(MLP, 0.02, kind).densities, [0.013402, 0.537293]);
    }
  });

  test("it leaves kernels out of account for ER", () => {
    // p = (1 + 15) / 15 and (15 + 40) / 600, whatever the kernel; both below 1 at this density.
    const { densities } = allocateDensities(CONV_NET.slice(0, 2), 0.05, "er");
    assert.ok(Math.abs(densities[0] / densities[1] - 16 / 15 / (55 / 600)) < 1e-12);
  });

  test("it gives every layer the same density if uniform, but for those kept dense", () => {
    assert.deepEqual(allocateDensities(MLP, 0.25, "uniform").densities, [0.25, 0.25]);
    const { densities } = allocateDensities(MLP, 0.25, "uniform", [false, true]);
    assert.equal(densities[1], 1);
    assert.ok(Math.abs(densities[0] - (0.25 * 635_200 - 8000) / 627_200) < 1e-12);
  });

  test("it gives the rest nothing if the layers kept dense use the density up", () => {
    assert.deepEqual(allocateDensities(MLP, 0.01, "erk", [false, true]).counts, [0, 8000]);
  });

  test("it never goes above 1 and meets the total to a weight per layer", () => {
    const layer = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(layer, { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom<AllocationKind>("uniform", "er", "erk"),
        (shapes, density, kind) => {
          const { densities, counts } = allocateDensities(shapes, density, kind);
          const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
          const wanted = Math.round(density * sizes.reduce((a, b) => a + b, 0));
          const total = counts.reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(total - wanted) <= shapes.length, `${total}, ${wanted}`);
          densities.forEach((d, l) => assert.ok(d >= 0 && d <= 1 && counts[l] <= sizes[l]));
        },
      ),
      { seed: 1 },
    );
  });
});

describe("drawPositions", () => {
  test("it draws exactly so many, ascending and in range", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.nat(), fc.nat(), (n, counted, seed) => {
        const count = n === 0 ? 0 : counted % (n + 1);
        const drawn = [...drawPositions(n, count, createRandom(seed))];
        assert.equal(drawn.length, count);
        drawn.forEach((position, i) => assert.ok(position < n && (i === 0 || position > drawn[i - 1])));
      }),
      { seed: 2 },
    );
  });

  test("it draws every set equally often (chi-square over 10 000 draws)", () => {
    const random = createRandom(5);
    const seen = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      const key = String(drawPositions(5, 2, random));
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    assert.equal(seen.size, 10);
    const chiSquare = [...seen.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    assert.ok(chiSquare < 27.9, `chi-square with 9 degrees of freedom is ${chiSquare}`); // p = 0.001
  });

  test("it draws the same positions from the same seed", () => {
    const draw = (seed: number): Uint32Array => drawPositions(1000, 100, createRandom(seed));
    assert.deepEqual(draw(3), draw(3));
    assert.notDeepEqual(draw(3), draw(4));
  });
});
