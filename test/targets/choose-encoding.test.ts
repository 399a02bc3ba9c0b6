import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import {
  allEncodingBits,
  chooseEncoding,
  encodingChoices,
  measureChoices,
} from "#targets/formulas/choose-encoding";
import { cheapestFill, listBits, listWords } from "#targets/formulas/entry-list";
import { nengo, nxtf } from "#targets/loihi1/packers";

const WIDTHS = { weightBits: 8, indexBits: 8, delayBits: 0 };

const ascending = fc
  .uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 256 })
  .map((targets) => targets.toSorted((a, b) => a - b));

/** Lists one after the other, as the compiler holds them. */
function group(lists: readonly (readonly number[])[]): { targets: Uint16Array; listStart: Uint32Array } {
  const listStart = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => (listStart[i + 1] = listStart[i] + list.length));
  return { targets: Uint16Array.from(lists.flat()), listStart };
}

/** A list of `count` targets out of `size`, evenly spread. */
const spread = (count: number, size: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));

for (const packer of [nxtf, nengo]) {
  describe(`packer ${packer.name}`, () => {
    test("gives the bits of every encoding, dense lists filled at the cheapest", () => {
      fc.assert(
        fc.property(ascending, (targets) => {
          const choices = encodingChoices(packer, WIDTHS);
          const bits = new Float64Array(choices.length);
          allEncodingBits(packer, measureChoices(packer, choices), targets, 0, targets.length, bits);
          choices.forEach((choice, k) => {
            const fill = cheapestFill(packer, choice);
            assert.equal(bits[k], listBits(packer, choice, targets, 0, targets.length, fill));
          });
        }),
      );
    });

    test("finds what trying every way of storing the group finds", () => {
      fc.assert(
        fc.property(fc.array(ascending, { maxLength: 3 }), fc.integer({ min: 1, max: 3 }), (lists, slots) => {
          const { targets, listStart } = group(lists);
          const choices = encodingChoices(packer, WIDTHS);
          const words = (list: number, k: number): number =>
            listWords(
              packer,
              choices[k],
              targets,
              listStart[list],
              listStart[list + 1],
              cheapestFill(packer, choices[k]),
            );
          let least = Infinity;
          const assign = (list: number, used: readonly number[], sum: number): void => {
            if (list === lists.length) least = Math.min(least, sum);
            else
              choices.forEach((_, k) => {
                const set = used.includes(k) ? used : [...used, k];
                if (set.length <= slots) assign(list + 1, set, sum + words(list, k));
              });
          };
          assign(0, [], 0);
          const plan = chooseEncoding(packer, WIDTHS, targets, listStart, slots);
          assert.equal(plan.words, least);
          assert.ok(plan.formats.length <= slots);
        }),
        { numRuns: 60 },
      );
    });

    test("reports the bits of the format it chose", () => {
      fc.assert(
        fc.property(fc.array(ascending, { maxLength: 8 }), (lists) => {
          const { targets, listStart } = group(lists);
          const { formats, formatOfList, bitsOfList } = chooseEncoding(
            packer,
            WIDTHS,
            targets,
            listStart,
            15,
          );
          lists.forEach((_, i) => {
            const format = formats[formatOfList[i]];
            const fill = cheapestFill(packer, format);
            assert.equal(
              bitsOfList[i],
              listBits(packer, format, targets, listStart[i], listStart[i + 1], fill),
            );
          });
        }),
      );
    });
  });
}

test("stores full rows dense, half-full ones run-length, nearly empty ones sparse", () => {
  const { targets, listStart } = group([spread(256, 256), spread(128, 256), spread(5, 256)]);
  const { formats, formatOfList } = chooseEncoding(nxtf, WIDTHS, targets, listStart, 7);
  const encodings = Array.from(formatOfList, (f) => formats[f].encoding);
  assert.deepEqual(encodings, ["dense", "run-length", "sparse"]);
});

test("uses one format where one is allowed", () => {
  const { targets, listStart } = group([spread(256, 256), spread(128, 256), spread(5, 256)]);
  const { formats } = chooseEncoding(nxtf, WIDTHS, targets, listStart, 1);
  assert.equal(formats.length, 1);
});

test("spends no second format where it saves no word", () => {
  const { targets, listStart } = group([spread(100, 256), spread(100, 256)]);
  assert.equal(chooseEncoding(nxtf, WIDTHS, targets, listStart, 7).formats.length, 1);
});

test("bridges a long gap of a dense list with a new entry", () => {
  // Two blocks of 30: 2 x (10 + 8 + 240) bits, instead of 1 x 4 entries over the whole span of 230.
  const targets = [...spread(30, 30), ...spread(30, 30).map((t) => t + 200)];
  const dense = { ...WIDTHS, encoding: "dense", skipBits: 0 } as const;
  assert.equal(cheapestFill(nxtf, dense), 2);
  assert.equal(listBits(nxtf, dense, targets, 0, 60, 2), 516);
  assert.equal(listBits(nxtf, dense, targets, 0, 60), 230 * 8 + 4 * 18);
});
