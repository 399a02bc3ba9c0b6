import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { arctan, fastSigmoid, SURROGATES } from "#train/surrogate";

test("arctan has the published values", () => {
  const expected: [number, number][] = [
    [0, 1],
    [0.1, 0.91017],
    [0.25, 0.618486],
    [0.5, 0.2884],
    [1, 0.092],
  ];
  for (const [x, value] of expected) assert.ok(Math.abs(arctan.derivative(x) - value) < 5e-7, `at ${x}`);
});

test("fast-sigmoid is 1 / (1 + 5 |x|)²", () => {
  assert.equal(fastSigmoid.derivative(0), 1);
  assert.equal(fastSigmoid.derivative(-0.2), 0.25);
  assert.equal(fastSigmoid.derivative(0.2), 0.25);
});

for (const surrogate of SURROGATES) {
  describe(`surrogate ${surrogate.name}`, () => {
    test("is the derivative of its primitive", () => {
      fc.assert(
        fc.property(fc.double({ min: -4, max: 4, noNaN: true }), (x) => {
          fc.pre(Math.abs(x) > 1e-3); // the kink of some
          const difference = (surrogate.primitive(x + 1e-5) - surrogate.primitive(x - 1e-5)) / 2e-5;
          assert.ok(Math.abs(difference - surrogate.derivative(x)) < 1e-4);
        }),
      );
    });

    test("is even, largest at the threshold, and never negative", () => {
      for (const x of [0.01, 0.3, 2, 50]) {
        assert.equal(surrogate.derivative(x), surrogate.derivative(-x));
        assert.ok(surrogate.derivative(x) < surrogate.derivative(0));
        assert.ok(surrogate.derivative(x) > 0);
      }
    });

    test("cites its source", () => assert.match(surrogate.source, /\d{4}/));
  });
}
