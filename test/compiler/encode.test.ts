import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { columnSource } from "#compiler/encode/columns";
import { coreLists } from "#compiler/encode/core-lists";
import { planFormats } from "#compiler/encode/format-plan";
import { createWorkload } from "#compiler/encode/workload";
import { expand } from "#ir/connectivity";
import type { Connectivity } from "#ir/network";
import { chooseEncoding } from "#targets/formulas/choose-encoding";
import { indexFieldBits } from "#targets/formulas/entry-list";
import { loihi1 } from "#targets/loihi1/index";
import { nxtf } from "#targets/loihi1/packers";
import {
  between,
  dense,
  diagonal,
  edge,
  input,
  kernel,
  loihiCuba,
  network,
  oneToOne,
  randomQuantized,
  randomSparse,
} from "#test/networks";
import { createRng, type Rng } from "#util/rng";

const value = (rng: Rng) => (): number => (rng() < 0.3 ? 0 : 2 * between(rng, -50, 50));

const FORMS: Readonly<Record<Connectivity["kind"], (rng: Rng) => Connectivity>> = {
  sparse: (rng) => randomSparse(rng, between(rng, 1, 9), between(rng, 1, 9), 0.5, value(rng)),
  dense: (rng) => {
    const cols = between(rng, 1, 6);
    return dense(Array.from({ length: between(rng, 1, 6) }, () => Array.from({ length: cols }, value(rng))));
  },
  diagonal: (rng) => (rng() < 0.5 ? oneToOne(5, 2) : diagonal(...Array.from({ length: 4 }, value(rng)))),
  kernel: (rng) => {
    const groups = between(rng, 1, 2);
    const [inPerGroup, outPerGroup] = [between(rng, 1, 2), between(rng, 1, 2)];
    const [height, width] = [between(rng, 1, 3), between(rng, 1, 3)];
    return kernel({
      inputShape: [groups * inPerGroup, between(rng, 5, 7), between(rng, 5, 7)],
      kernelShape: [groups * outPerGroup, inPerGroup, height, width],
      weights: Array.from({ length: groups * outPerGroup * inPerGroup * height * width }, value(rng)),
      stride: [between(rng, 1, 2), between(rng, 1, 2)],
      padding: [between(rng, 0, 2), between(rng, 0, 1), between(rng, 0, 2), between(rng, 0, 1)],
      dilation: [between(rng, 1, 2), between(rng, 1, 2)],
      groups,
    });
  },
};

describe("columnSource", () => {
  for (const [kind, make] of Object.entries(FORMS))
    test(`reads the same synapses as expand, for a range of columns (${kind})`, () => {
      fc.assert(
        fc.property(fc.nat(), fc.boolean(), (seed, keepZeros) => {
          const rng = createRng(seed);
          const connectivity = make(rng);
          const end = between(rng, 1, connectivity.cols);
          const begin = between(rng, 0, end - 1);
          const { start, row, weight } = columnSource(connectivity, keepZeros).read(begin, end);
          const found: string[] = [];
          for (let c = begin; c < end; c++)
            for (let i = start[c - begin]; i < start[c - begin + 1]; i++)
              found.push(`${row[i]} -> ${c}: ${weight[i]}`);

          const { rows, rowStart, colIndex, values } = expand(connectivity, { keepZeros });
          const expected: string[] = [];
          for (let c = begin; c < end; c++)
            for (let r = 0; r < rows; r++)
              for (let i = rowStart[r]; i < rowStart[r + 1]; i++)
                if (colIndex[i] === c) expected.push(`${r} -> ${c}: ${values[i]}`);
          assert.deepEqual(found, expected);
        }),
        { numRuns: 60 },
      );
    });
});

describe("coreLists", () => {
  test("gathers what each source sends to the slices, projection by projection", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const net = randomQuantized(createRng(seed), { recurrent: true });
        const workload = createWorkload(net, loihi1, loihi1.packers[0], false);
        const slices = [1, 2, 3].map((population) => {
          const { size } = net.populations[population];
          return { population, begin: Math.floor(size / 3), end: size };
        });
        const lists = coreLists(workload, slices);
        const found: string[] = [];
        for (let axon = 0; axon < lists.sourceNeuron.length; axon++)
          for (let part = lists.partStart[axon]; part < lists.partStart[axon + 1]; part++)
            for (let i = lists.entryStart[part]; i < lists.entryStart[part + 1]; i++)
              found.push(
                `${lists.sourcePopulation[axon]}/${lists.sourceNeuron[axon]} ${lists.partProjection[part]} ${lists.target[i]} ${lists.weight[i]}`,
              );

        const expected: string[] = [];
        net.populations.forEach((population, pre) => {
          for (let n = 0; n < population.size; n++)
            net.projections.forEach((projection, p) => {
              if (projection.pre !== pre) return;
              const { rowStart, colIndex, values } = expand(projection.connectivity);
              let offset = 0;
              for (const { population: post, begin, end } of slices) {
                for (let i = rowStart[n]; i < rowStart[n + 1]; i++)
                  if (projection.post === post && colIndex[i] >= begin && colIndex[i] < end)
                    expected.push(`${pre}/${n} ${p} ${offset + colIndex[i] - begin} ${values[i]}`);
                offset += end - begin;
              }
            });
        });
        assert.deepEqual(found, expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe("planFormats", () => {
  const quantization = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;
  const plan = (rng: Rng, density: number, slots: number) => {
    const net = network(
      [input("in", 30), loihiCuba("out", 90)],
      [
        edge(
          "in",
          "out",
          randomSparse(rng, 30, 90, density, () => 2),
          { delaySteps: 1, quantization },
        ),
        edge(
          "in",
          "out",
          randomSparse(rng, 30, 90, 0.02, () => 2),
          {
            name: "second",
            delaySteps: 1,
            quantization: { ...quantization, weightExponent: 1 },
          },
        ),
      ],
    );
    const packer = { ...loihi1.packers[0], maxFormats: slots };
    const lists = coreLists(createWorkload(net, loihi1, packer, false), [
      { population: 1, begin: 0, end: 90 },
    ]);
    return { lists, packer, chosen: planFormats(createWorkload(net, loihi1, packer, false), lists) };
  };

  test("gives each list its own best while the slots last, and never more formats than slots", () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.01, max: 1, noNaN: true }), (seed, density) => {
        const words = [2, 3, 4, 7, 12].map((slots) => {
          const { chosen } = plan(createRng(seed), density, slots);
          assert.ok(chosen !== undefined && chosen.slots <= slots);
          return chosen.words;
        });
        // A slot more never costs bits; words are rounded up, so a single one may be lost.
        for (let i = 1; i < words.length; i++) assert.ok(words[i] <= words[i - 1] + 1);
      }),
      { numRuns: 30 },
    );
  });

  test("is undefined if there are fewer slots than ways to store weights", () => {
    assert.equal(plan(createRng(1), 0.5, 1).chosen, undefined);
  });

  test("counts the words that the target's own choice counts for a single projection", () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0.01, max: 1, noNaN: true }), (seed, density) => {
        const rng = createRng(seed);
        const net = network(
          [input("in", 20), loihiCuba("out", 100)],
          [
            edge(
              "in",
              "out",
              randomSparse(rng, 20, 100, density, () => 2),
              { delaySteps: 3, quantization },
            ),
          ],
        );
        const packer = nxtf;
        const workload = createWorkload(net, loihi1, packer, false);
        const lists = coreLists(workload, [{ population: 1, begin: 0, end: 100 }]);
        fc.pre(lists.target.length > 0);
        const indexBits = indexFieldBits(packer, Math.max(...lists.target));
        const widths = { weightBits: 8, indexBits, delayBits: 2 };
        const best = chooseEncoding(packer, widths, lists.target, lists.entryStart, packer.maxFormats);
        assert.equal(planFormats(workload, lists)?.words, best.words);
      }),
      { numRuns: 30 },
    );
  });
});
