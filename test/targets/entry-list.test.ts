import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { packAxon, unpackAxon, type ListSynapse } from "#targets/formulas/bit-packer";
import {
  axonWords,
  cheapestFill,
  delayFieldBits,
  indexFieldBits,
  listBits,
  listWords,
  prefixBits,
  synapseBits,
  weightFieldBits,
  wordsOfBits,
  type ListFormat,
} from "#targets/formulas/entry-list";
import { nengo, nxtf } from "#targets/loihi1/packers";
import type { EntryListPacker } from "#targets/target";
import { createRng } from "#util/rng";

const PACKERS = [nxtf, nengo];

function format(encoding: ListFormat["encoding"], indexBits: number, skipBits = 0): ListFormat {
  return { encoding, weightBits: 8, delayBits: 0, indexBits, skipBits };
}

/** An encoding of the packer, its widths, and an ascending list of targets that it can index. */
function list(
  packer: EntryListPacker,
  maxTarget = 1023,
): fc.Arbitrary<{ format: ListFormat; targets: number[] }> {
  return fc
    .record({
      encoding: fc.constantFrom(...packer.encodings),
      skip: fc.constantFrom(2, 3, 4, 5),
      weightBits: fc.integer({ min: 1, max: 8 }),
      delayBits: fc.integer({ min: 0, max: 6 }),
      targets: fc.oneof(
        fc.uniqueArray(fc.integer({ min: 0, max: maxTarget }), { maxLength: 200 }),
        fc.uniqueArray(fc.integer({ min: 0, max: Math.min(maxTarget, 150) }), { maxLength: 151 }),
      ),
    })
    .map(({ encoding, skip, weightBits, delayBits, targets }) => ({
      targets: targets.toSorted((a, b) => a - b),
      format: {
        encoding,
        weightBits,
        delayBits,
        indexBits: indexFieldBits(packer, maxTarget),
        skipBits: encoding === "run-length" ? skip : 0,
      },
    }));
}

const fill = fc.constantFrom(0, 1, 3, Infinity);

function synapsesOf(
  packer: EntryListPacker,
  { weightBits, delayBits }: ListFormat,
  targets: readonly number[],
): ListSynapse[] {
  const weights = 2 ** weightFieldBits(packer, weightBits);
  return targets.map((target) => ({
    target,
    weightField: 1 + ((target * 7) % (weights - 1)),
    delayField: (target * 5) % 2 ** delayBits,
  }));
}

describe("the worked examples of NxTF", () => {
  const pattern = [0, 5, 6, 11];
  const shifted = pattern.map((target) => target + 100);

  test("takes 66 bits, 2 words, for four sparse synapses", () => {
    assert.equal(listBits(nxtf, format("sparse", 6), pattern, 0, 4), 66);
    assert.equal(listWords(nxtf, format("sparse", 6), pattern, 0, 4), 2);
  });

  test("takes 38 bits for each of two sparse entries of two", () => {
    assert.equal(listBits(nxtf, format("sparse", 6), pattern, 0, 2), 38);
    assert.equal(listBits({ ...nxtf, maxEntriesPerHeader: 2 }, format("sparse", 6), pattern, 0, 4), 76);
  });

  test("takes 61 bits, 2 words because of the spare one, for run-length with 3 skip bits", () => {
    assert.equal(indexFieldBits(nxtf, 111), 7);
    assert.equal(listBits(nxtf, format("run-length", 7, 3), shifted, 0, 4), 61);
    assert.equal(listWords(nxtf, format("run-length", 7, 3), shifted, 0, 4), 2);
  });

  test("takes 39 bits for each of two run-length entries of two", () => {
    assert.equal(listBits(nxtf, format("run-length", 7, 3), shifted, 2, 4), 39);
    assert.equal(
      listBits({ ...nxtf, maxEntriesPerHeader: 2 }, format("run-length", 7, 3), shifted, 0, 4),
      78,
    );
  });
});

describe("field widths", () => {
  test("covers the largest target and is never below 6", () => {
    const widths = [0, 63, 64, 127, 128, 1023, 4095].map((target) => indexFieldBits(nxtf, target));
    assert.deepEqual(widths, [6, 6, 7, 7, 8, 10, 12]);
  });

  test("skips the weight width that the chip lacks", () => {
    assert.deepEqual(
      [1, 6, 7, 8].map((bits) => weightFieldBits(nxtf, bits)),
      [1, 6, 8, 8],
    );
  });

  test("needs no delay field where every spike acts in the next step", () => {
    assert.deepEqual([1, 2, 3, 4, 5, 62].map(delayFieldBits), [0, 1, 2, 2, 3, 6]);
  });
});

describe("rounding", () => {
  test("adds a spare word where the last one is full or nearly so", () => {
    const words = [0, 1, 58, 59, 63, 64, 65, 122, 123, 128].map((bits) => wordsOfBits(nxtf, bits));
    assert.deepEqual(words, [0, 1, 1, 2, 2, 2, 2, 2, 3, 3]);
  });

  test("rounds every entry of nengo-loihi", () => {
    // 65 sparse synapses of 14 bits: 10 + 64 * 14 = 906 bits, 15 words, and 24 bits, 1 word.
    const targets = Array.from({ length: 65 }, (_, i) => i);
    assert.equal(listWords(nengo, format("sparse", 6), targets, 0, 65), 16);
  });
});

for (const packer of PACKERS) {
  describe(`packer ${packer.name}`, () => {
    test("counts the bits that really laying them out takes", () => {
      fc.assert(
        fc.property(list(packer), fill, ({ format, targets }, maxFill) => {
          const synapses = synapsesOf(packer, format, targets);
          const bits = packAxon(packer, [undefined, format], [{ formatId: 1, synapses }], maxFill);
          assert.equal(listWords(packer, format, targets, 0, targets.length, maxFill), bits.length / 64);
        }),
      );
    });

    test("starts a new entry where one is full, and not before", () => {
      for (const encoding of packer.encodings) {
        const tight = format(encoding, 8, encoding === "run-length" ? 2 : 0);
        for (let length = 1; length <= 200; length++) {
          const targets = Array.from({ length }, (_, i) => i);
          const entries = Math.ceil(length / packer.maxEntriesPerHeader);
          if (packer.rounding === "per-axon-guarded") {
            const bits = entries * prefixBits(packer, tight) + length * synapseBits(packer, tight);
            assert.equal(listBits(packer, tight, targets, 0, length), bits);
          }
          const synapses = synapsesOf(packer, tight, targets);
          const laidOut = packAxon(packer, [undefined, tight], [{ formatId: 1, synapses }]);
          assert.equal(listWords(packer, tight, targets, 0, length), laidOut.length / 64);
        }
      }
    });

    test("gives back the synapses that were packed", () => {
      fc.assert(
        fc.property(list(packer), fill, ({ format, targets }, maxFill) => {
          const synapses = synapsesOf(packer, format, targets);
          const bits = packAxon(packer, [undefined, format], [{ formatId: 1, synapses }], maxFill);
          const back = unpackAxon(packer, [undefined, format], bits, targets[0]).flatMap(
            (part) => part.synapses,
          );
          assert.deepEqual(
            back.filter(({ weightField }) => weightField !== 0),
            synapses,
          );
          if (format.encoding === "dense" && maxFill === Infinity && targets.length > 0) {
            assert.equal(back.length, targets.at(-1)! - targets[0] + 1);
          }
        }),
      );
    });

    test("costs the same whether zeros are written out before or filled in", () => {
      fc.assert(
        fc.property(list(packer), ({ format, targets }) => {
          const dense = { ...format, encoding: "dense", skipBits: 0 } as const;
          const filled =
            targets.length === 0
              ? []
              : Array.from({ length: targets.at(-1)! - targets[0] + 1 }, (_, i) => targets[0] + i);
          assert.equal(
            listBits(packer, dense, targets, 0, targets.length),
            listBits(packer, dense, filled, 0, filled.length, 0),
          );
        }),
      );
    });

    test("never pays more for the cheapest fill than for any other", () => {
      fc.assert(
        fc.property(list(packer), fc.nat(40), ({ format, targets }, maxFill) => {
          const dense = { ...format, encoding: "dense", skipBits: 0 } as const;
          const bits = (f: number): number => listBits(packer, dense, targets, 0, targets.length, f);
          assert.ok(bits(cheapestFill(packer, dense)) <= bits(maxFill));
          assert.ok(bits(cheapestFill(packer, dense)) <= bits(Infinity));
        }),
      );
    });
  });
}

test("adds the bits of all lists of an axon before rounding, with NxTF", () => {
  fc.assert(
    fc.property(list(nxtf, 255), list(nxtf, 255), (a, b) => {
      const formats = [a.format, b.format];
      const target = Uint16Array.from([...a.targets, ...b.targets]);
      const formatOf = Uint8Array.from([...a.targets.map(() => 0), ...b.targets.map(() => 1)]);
      const laidOut = packAxon(
        nxtf,
        [undefined, ...formats],
        [a, b].map(({ format, targets }, i) => ({
          formatId: i + 1,
          synapses: synapsesOf(nxtf, format, targets),
        })),
        0,
      );
      assert.equal(axonWords(nxtf, formats, target, formatOf, 0, target.length), laidOut.length / 64);
    }),
  );
});

test("rounds the lists of an axon one by one, with nengo-loihi", () => {
  const formats = [format("sparse", 6), format("sparse", 6)];
  // 10 bits and 14 for each synapse: 24 bits are a word each, though 96 together would be two words.
  const target = Uint16Array.from([1, 2, 1, 2]);
  assert.equal(axonWords(nengo, formats, target, Uint8Array.from([0, 0, 1, 1]), 0, 4), 2);
  assert.equal(axonWords(nengo, formats, target, Uint8Array.from([0, 0, 0, 0]), 0, 4), 2);
  assert.equal(axonWords(nengo, formats, target, Uint8Array.from([0, 0, 0, 1]), 0, 4), 2);
  assert.equal(axonWords(nengo, formats, target, Uint8Array.from([0, 1, 0, 1]), 0, 4), 4);
});

// Mean words per axon of uniformly random masks. The numbers in the two nengo columns follow from entries of 60
// synapses and a start index in dense ones, not from nengo-loihi's own 64 and none.
const MEAN_WORDS: readonly (readonly number[])[] = [
  // targets, density, dense, sparse, run-length with 2, 3, 4, 5 skip bits, nengo dense, nengo sparse
  [128, 1.0, 17.0, 31.0, 21.0, 23.0, 25.0, 27.0, 18.0, 33.0],
  [128, 0.5, 17.0, 15.8, 11.9, 12.1, 13.0, 14.1, 17.7, 16.3],
  [128, 0.2, 16.3, 6.7, 7.5, 6.3, 5.8, 6.1, 16.6, 6.7],
  [128, 0.1, 15.0, 3.8, 4.9, 4.3, 3.8, 3.5, 15.2, 3.7],
  [128, 0.05, 12.4, 2.2, 2.9, 2.8, 2.6, 2.3, 12.6, 2.2],
  [256, 1.0, 34.0, 65.0, 42.0, 46.0, 50.0, 54.0, 35.0, 69.0],
  [256, 0.5, 33.8, 33.1, 23.1, 23.4, 25.3, 27.3, 34.7, 34.4],
  [256, 0.3, 33.4, 20.0, 17.9, 15.2, 15.5, 16.7, 34.3, 20.8],
  [256, 0.2, 32.9, 13.4, 14.5, 11.9, 10.9, 11.3, 33.8, 13.5],
  [256, 0.1, 31.5, 7.0, 9.3, 8.1, 6.8, 6.2, 32.2, 7.0],
  [256, 0.05, 28.8, 3.8, 5.4, 5.2, 4.6, 4.0, 29.5, 3.8],
  [256, 0.02, 21.2, 1.9, 2.7, 2.6, 2.6, 2.4, 21.6, 1.9],
  [1024, 1.0, 134.0, 291.0, 166.0, 182.0, 198.0, 214.0, 137.0, 308.0],
  [1024, 0.5, 133.8, 146.0, 91.1, 91.7, 99.4, 107.4, 136.8, 153.6],
  [1024, 0.2, 133.0, 58.8, 58.8, 46.6, 41.4, 43.4, 136.0, 61.6],
  [1024, 0.1, 131.7, 29.8, 37.8, 32.1, 25.9, 23.0, 134.7, 30.8],
  [1024, 0.05, 129.2, 15.2, 21.7, 20.1, 17.3, 14.3, 132.0, 15.2],
  [1024, 0.02, 121.2, 6.5, 9.7, 9.5, 9.1, 8.2, 123.9, 6.4],
];
const SAMPLES = 400;

describe("mean words of a randomly pruned axon", () => {
  const nengoVariant = { ...nengo, maxEntriesPerHeader: 60, startIndexInDense: true };
  for (const [size, density, ...expected] of MEAN_WORDS) {
    test(`agrees with the table at ${size} targets, density ${density}`, () => {
      const indexBits = indexFieldBits(nxtf, size - 1);
      const columns: [EntryListPacker, ListFormat][] = [
        [nxtf, format("dense", indexBits)],
        [nxtf, format("sparse", indexBits)],
        ...[2, 3, 4, 5].map((skip): [EntryListPacker, ListFormat] => [
          nxtf,
          format("run-length", indexBits, skip),
        ]),
        [nengoVariant, format("dense", indexBits)],
        [nengoVariant, format("sparse", indexBits)],
      ];
      const rng = createRng(size * 100 + density * 100);
      const sums = columns.map(() => 0);
      const squares = columns.map(() => 0);
      for (let sample = 0; sample < SAMPLES; sample++) {
        const targets = Array.from({ length: size }, (_, i) => i).filter(() => rng() < density);
        columns.forEach(([packer, listFormat], c) => {
          const words = listWords(packer, listFormat, targets, 0, targets.length);
          sums[c] += words;
          squares[c] += words * words;
        });
      }
      columns.forEach((_, c) => {
        const mean = sums[c] / SAMPLES;
        const deviation = Math.sqrt(Math.max(0, squares[c] / SAMPLES - mean * mean));
        // Both means are samples, and the printed one is rounded to a tenth: 4 sigma of the difference.
        const tolerance = 0.05 + 4 * Math.sqrt(2 / SAMPLES) * deviation;
        assert.ok(Math.abs(mean - expected[c]) <= tolerance, `column ${c}: ${mean} against ${expected[c]}`);
      });
    });
  }
});
