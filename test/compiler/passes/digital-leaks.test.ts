import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { chooseLeak, linearAmount } from "#compiler/passes/quantizers/digital-leaks";
import { LEAK_KINDS } from "#neurons/digital-lif";

const CHIP = { decayBits: 8, maxShift: 7, stateBits: 15 };

describe("the leak that is nearest to a share", () => {
  test("is none for no leak, and exact where a kind has it", () => {
    assert.deepEqual(chooseLeak(0, ["none", "shift"], CHIP), { kind: "none", amount: 0, loss: 0, error: 0 });
    assert.deepEqual(chooseLeak(0.25, ["shift"], CHIP), { kind: "shift", amount: 2, loss: 0.25, error: 0 });
    assert.deepEqual(chooseLeak(3 / 256, ["shift", "share"], CHIP), {
      kind: "share",
      amount: 3,
      loss: 3 / 256,
      error: 0,
    });
    assert.deepEqual(chooseLeak(1, ["shift"], CHIP), { kind: "shift", amount: 0, loss: 1, error: 0 });
  });

  test("is a linear one only where there is no other", () => {
    assert.equal(chooseLeak(0.3, ["none", "linear", "shift"], CHIP)?.kind, "shift");
    assert.equal(chooseLeak(0.3, ["none", "linear"], CHIP)?.kind, "linear");
    assert.equal(chooseLeak(0, ["linear"], CHIP)?.error, 0);
  });

  test("does not exist on a chip that does not leak", () => {
    assert.equal(chooseLeak(0.3, ["none"], CHIP), undefined);
  });

  test("leaves something of what arrives, if it has to", () => {
    assert.deepEqual(chooseLeak(1, ["shift"], CHIP, 0.99), {
      kind: "shift",
      amount: 1,
      loss: 0.5,
      error: 0.5,
    });
    assert.equal(chooseLeak(1, ["share"], CHIP, 1 - 2 ** -8)?.amount, 255);
  });

  test("is nearer than any other shift or share", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2 ** -7, max: 1, noNaN: true }),
        fc.subarray([...LEAK_KINDS], { minLength: 1 }),
        (share, kinds) => {
          const leak = chooseLeak(share, kinds, CHIP);
          const others = [
            ...(kinds.includes("share") ? Array.from({ length: 257 }, (_, k) => k / 256) : []),
            // Shifts are a factor of two apart: near is meant in factors.
            ...(kinds.includes("shift") && !kinds.includes("share")
              ? Array.from({ length: 8 }, (_, k) => 2 ** -k)
              : []),
          ];
          if (others.length === 0) {
            assert.ok(leak === undefined || leak.kind === "linear");
            return;
          }
          const far = (loss: number): number =>
            kinds.includes("share") ? Math.abs(loss - share) : Math.abs(Math.log2(loss / share));
          assert.ok(others.every((loss) => far(leak!.loss) <= far(loss) + 1e-12));
        },
      ),
    );
  });
});

test("a linear leak takes what the share takes at half the threshold", () => {
  assert.equal(linearAmount(1 / 16, 128, 127), 4);
  assert.equal(linearAmount(1 / 16, 8, 127), 0);
  assert.equal(linearAmount(1, 1000, 127), 127);
});
