import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { codebookWords, rowWords } from "#targets/formulas/rows";
import { SRAM_POINTS, sramAccessPj } from "#targets/formulas/sram";
import { spinnaker1 } from "#targets/spinnaker1/index";
import { spinnaker2 } from "#targets/spinnaker2/index";
import type { RowPacker, Target } from "#targets/target";
import { tianjic } from "#targets/tianjic/index";

function packerOf({ packers: [packer] }: Target): RowPacker {
  assert.ok("synapseBits" in packer);
  return packer;
}

/** Lays bits into words, one after the other. */
function wordsBitByBit({ headerBits, synapseBits, wordBits }: RowPacker, synapses: number): number {
  let words = 0;
  let free = 0;
  const put = (bits: number): void => {
    for (let bit = 0; bit < bits; bit++) {
      if (free === 0) {
        words++;
        free = wordBits;
      }
      free--;
    }
  };
  if (synapses > 0) put(headerBits);
  for (let synapse = 0; synapse < synapses; synapse++) put(synapseBits);
  return words;
}

describe("a plain list", () => {
  test("takes as many words as its bits fill", () => {
    const base = packerOf(spinnaker1);
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 64 }),
        fc.nat(60),
        (headerBits, synapseBits, wordBits, synapses) => {
          const packer = { ...base, headerBits, synapseBits, wordBits };
          assert.equal(rowWords(packer, synapses), wordsBitByBit(packer, synapses));
        },
      ),
    );
  });

  test("of SpiNNaker is three words and one for each synapse; of SpiNNaker 2 two and one, of 16 bits", () => {
    assert.deepEqual(
      [0, 1, 256].map((n) => rowWords(packerOf(spinnaker1), n)),
      [0, 4, 259],
    );
    assert.deepEqual(
      [0, 1, 256].map((n) => rowWords(packerOf(spinnaker2), n)),
      [0, 3, 258],
    );
  });

  test("of weight numbers has a codebook beside it", () => {
    assert.equal(codebookWords(packerOf(tianjic)), 8);
    assert.equal(codebookWords(packerOf(spinnaker1)), 0);
    assert.equal(rowWords(packerOf(tianjic), 256), 104);
  });
});

describe("the energy of an SRAM access", () => {
  test("is the published one at the published sizes", () => {
    for (const { bytes, pj } of SRAM_POINTS) assert.equal(sramAccessPj(bytes), pj);
  });

  test("lies straight over both logarithms between them", () => {
    assert.ok(Math.abs(sramAccessPj(16 * 1024) - 10 * Math.SQRT2) < 1e-12);
    assert.ok(Math.abs(sramAccessPj(Math.sqrt(32 * 1024) * 1024) - Math.sqrt(2000)) < 1e-9);
    assert.ok(Math.abs(sramAccessPj(32 * 1024 ** 2) - 500) < 1e-9);
    assert.equal(sramAccessPj(1), 10);
  });

  test("never falls with the size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 27 }), fc.integer({ min: 1, max: 2 ** 27 }), (a, b) => {
        const [small, large] = a < b ? [a, b] : [b, a];
        assert.ok(sramAccessPj(small) <= sramAccessPj(large));
      }),
    );
  });
});
