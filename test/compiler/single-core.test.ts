// Chips of one core: hidden neurons and read-out as regions, their walls, and what inputs and read-out reach.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile } from "#compiler/index";
import { verify } from "#compiler/verify";
import type { CoreProgram } from "#ir/deployment";
import type { Network } from "#ir/network";
import { edge, input, matrix, network, randomSparse } from "#test/networks";
import { digitalLif, EIGHT_BITS, hiddenLayers } from "#test/digital-networks";
import type { Target } from "#targets/target";
import { xyloAudio2 } from "#targets/xylo-audio2/index";
import { xyloAudio3 } from "#targets/xylo-audio3/index";
import { xyloImu } from "#targets/xylo-imu/index";
import { DiagnosticSink, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";

function mapped(net: Network, target: Target): readonly CoreProgram[] {
  const sink = new DiagnosticSink();
  const { deployment, network: now } = compile(net, target, {}, sink);
  assert.ok(verify(deployment, now, target, sink).ok, JSON.stringify(sink.diagnostics));
  return deployment.cores;
}

function refused(net: Network, target: Target): readonly Diagnostic[] {
  try {
    mapped(net, target);
  } catch (error) {
    assert.ok(error instanceof ToolchainError, String(error));
    return error.diagnostics;
  }
  throw new assert.AssertionError({ message: "it fits" });
}

const messages = (net: Network, target: Target): string[] =>
  refused(net, target).map(({ message }) => message);

const projection = { delaySteps: 1, quantization: EIGHT_BITS };

/** 16 inputs, as many hidden neurons as told with few synapses each, and a read-out. */
const wide = (hidden: number, readOut: number, inputs = 16, fed = hidden, heard = hidden): Network =>
  network(
    [input("in", inputs), digitalLif("h", hidden, 1), digitalLif("out", readOut, 2)],
    [
      edge(
        "in",
        "h",
        matrix(
          Array.from({ length: inputs }, (_, r) =>
            Array.from({ length: hidden }, (_unused, c) => (c < fed && c % inputs === r ? 9 : null)),
          ),
        ),
        projection,
      ),
      edge(
        "h",
        "out",
        matrix(
          Array.from({ length: hidden }, (_, r) =>
            Array.from({ length: readOut }, (_unused, c) =>
              r >= hidden - heard && r % readOut === c ? 9 : null,
            ),
          ),
        ),
        projection,
      ),
    ],
  );

describe("single-core on Xylo", () => {
  test("it makes one hidden block of all layers, and a read-out", () => {
    const [hidden, readOut, ...others] = mapped(hiddenLayers(createRng(1), [16, 30, 20, 8], 1), xyloAudio2);
    assert.equal(others.length, 0);
    assert.deepEqual([hidden.core, hidden.neurons], [0, 50]);
    assert.deepEqual([readOut.core, readOut.neurons], [1, 8]);
  });

  for (const [target, hidden, readOut] of [
    [xyloAudio2, 1000, 8],
    [xyloAudio3, 992, 32],
    [xyloImu, 496, 16],
  ] as const)
    test(`it takes ${hidden} hidden and ${readOut} read-out neurons on ${target.name}, and not one more`, () => {
      const fed = Math.min(hidden, 128);
      assert.equal(mapped(wide(hidden, readOut, 16, fed, fed), target)[0].neurons, hidden);
      assert.deepEqual(messages(wide(hidden + 1, readOut, 16, fed, fed), target), [
        `the hidden neurons of the network need ${hidden + 1} compartments, but ${target.name} has ${hidden} for them.`,
      ]);
      assert.match(
        messages(wide(hidden, readOut + 1, 16, fed, fed), target)[0],
        new RegExp(
          `^the read-out neurons of the network need ${readOut + 1} compartments, but ${target.name} has ${readOut}`,
        ),
      );
    });

  test("it takes 16 input lines", () => {
    assert.equal(mapped(wide(20, 4, 16), xyloAudio2).length, 2);
    assert.deepEqual(messages(wide(20, 4, 17), xyloAudio2), [
      "the hidden neurons of the network need 17 input lines, but xylo-audio2 has 16 for them.",
    ]);
  });

  test("it counts fan-in, fan-out and synapses between hidden neurons only", () => {
    // 63 hidden neurons into each of 64: fan-in 63, fan-out 64, and 16 inputs besides.
    assert.equal(mapped(hiddenLayers(createRng(2), [16, 63, 64, 8], 1), xyloAudio2)[0].neurons, 127);
    assert.deepEqual(messages(hiddenLayers(createRng(2), [16, 64, 63, 8], 1), xyloAudio2), [
      "the hidden neurons of the network need 64 synapses into one neuron, but xylo-audio2 has 63 for them.",
    ]);
    assert.deepEqual(messages(hiddenLayers(createRng(2), [16, 63, 65, 8], 1), xyloAudio2), [
      "the hidden neurons of the network need 65 synapses out of one neuron, but xylo-audio2 has 64 for them.",
    ]);
  });

  test("it counts slots, and full matrices of inputs and read-out", () => {
    const [hidden, readOut] = mapped(hiddenLayers(createRng(3), [4, 10, 12, 3], 0.5), xyloAudio2);
    const words = (core: CoreProgram): number[] => Array.from(core.axonWords);
    assert.ok(
      words(hidden)
        .slice(0, 4)
        .every((count) => count === 22),
    );
    assert.ok(
      words(hidden)
        .slice(4)
        .every((count) => count <= 12),
    );
    assert.ok(words(readOut).every((count) => count === 3));
  });

  test("it lets inputs reach any hidden neuron of Audio 2, and 128 of Audio 3 and IMU", () => {
    assert.equal(mapped(wide(300, 8), xyloAudio2)[0].neurons, 300);
    for (const target of [xyloAudio3, xyloImu])
      assert.deepEqual(
        messages(wide(300, 8, 16, 129, 128), target)[0],
        `on ${target.name} inputs reach 128 hidden neurons, but 129 of the network hear them.`,
      );
    assert.match(
      messages(wide(300, 8, 16, 128, 129), xyloImu)[0],
      /the read-out hears 128 hidden neurons, but 129 of the network send to it/,
    );
  });

  test("it orders hidden neurons so that both ends reach what they have to", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.integer({ min: 100, max: 260 }),
        fc.double({ min: 0.1, max: 0.6, noNaN: true }),
        fc.double({ min: 0.1, max: 0.6, noNaN: true }),
        (seed, hidden, fedShare, heardShare) => {
          const rng = createRng(seed);
          const fed = Array.from({ length: hidden }, () => rng() < fedShare);
          const heard = Array.from({ length: hidden }, () => rng() < heardShare);
          const net = network(
            [input("in", 2), digitalLif("h", hidden, 1), digitalLif("out", 2, 2)],
            [
              edge(
                "in",
                "h",
                matrix([fed.map((is) => (is ? 3 : null)), fed.map((is) => (is ? -3 : null))]),
                projection,
              ),
              edge("h", "out", matrix(heard.map((is) => (is ? [5, null] : [null, null]))), projection),
            ],
          );
          const count = (flags: readonly boolean[]): number => flags.filter(Boolean).length;
          const both = count(fed.map((is, n) => is && heard[n]));
          const overlap = Math.min(hidden, 128) - Math.max(0, hidden - 128);
          const possible =
            hidden <= 128 || (count(fed) <= 128 && count(heard) <= 128 && both <= Math.max(0, overlap));
          if (!possible) {
            assert.equal(refused(net, xyloImu)[0].code, "partition/wrong-region");
            return;
          }
          assert.equal(mapped(net, xyloImu)[0].neurons, hidden);
        },
      ),
      { numRuns: 80 },
    );
  });

  test("it refuses what has no wires on the chip", () => {
    const rng = createRng(4);
    const direct = network(
      [input("in", 4), digitalLif("h", 5, 1), digitalLif("out", 2, 2)],
      [
        edge(
          "in",
          "h",
          randomSparse(rng, 4, 5, 1, () => 3),
          projection,
        ),
        edge(
          "h",
          "out",
          randomSparse(rng, 5, 2, 1, () => 3),
          projection,
        ),
        edge(
          "in",
          "out",
          randomSparse(rng, 4, 2, 1, () => 3),
          projection,
        ),
      ],
    );
    assert.deepEqual(messages(direct, xyloAudio2), [
      'on xylo-audio2 inputs reach hidden neurons only, but "in" goes to "out", which is read out.',
    ]);
    const hiddenPort = {
      ...direct,
      projections: direct.projections.slice(0, 2),
      outputs: [{ name: "h", population: 1 }],
    };
    assert.deepEqual(messages(hiddenPort, xyloAudio2), [
      'on xylo-audio2 only neurons that send to no other can be read, but "h" sends.',
    ]);
    const single = network(
      [input("in", 4), digitalLif("out", 2, 1)],
      [
        edge(
          "in",
          "out",
          randomSparse(rng, 4, 2, 1, () => 3),
          projection,
        ),
      ],
    );
    assert.deepEqual(messages(single, xyloAudio2), [
      'on xylo-audio2 the read-out hears hidden neurons only, but "out" is the only layer.',
    ]);
  });
});

describe("what verification finds on a slot table", () => {
  const net = hiddenLayers(createRng(5), [6, 70, 70, 4], 0.4);
  const { deployment } = compile(net, xyloImu);
  const codesOf = (target: Target, core?: Partial<CoreProgram>): string[] => {
    const sink = new DiagnosticSink();
    const [hidden, readOut] = deployment.cores;
    verify({ ...deployment, cores: [{ ...hidden, ...core }, readOut] }, net, target, sink);
    return [...new Set(sink.diagnostics.map(({ code }) => code))];
  };
  const reach = (changes: object): Target => {
    const [packer] = xyloImu.packers;
    assert.ok(packer.formula === "slot-table");
    return { ...xyloImu, packers: [{ ...packer, ...changes }] };
  };

  test("it finds nothing in what was compiled", () => {
    assert.deepEqual(codesOf(xyloImu), []);
  });

  test("it finds hidden neurons beyond the reach of inputs or read-out", () => {
    assert.deepEqual(codesOf(reach({ inputReach: 40 })), ["verify/out-of-reach"]);
    assert.deepEqual(codesOf(reach({ readOutReach: 40 })), ["verify/out-of-reach"]);
  });

  test("it finds wrong words, and another encoding", () => {
    const [hidden] = deployment.cores;
    const axonWords = hidden.axonWords.slice();
    axonWords[0]--;
    assert.deepEqual(codesOf(xyloImu, { axonWords }), ["verify/axon-words-differ"]);
    const formats = hidden.formats.map((form) => ({ ...form, encoding: "sparse" as const }));
    assert.deepEqual(codesOf(xyloImu, { formats }), ["verify/format-unknown"]);
  });

  test("it finds more synapses between hidden neurons than there are slots", () => {
    const { synapses } = xyloImu.walls;
    assert.ok(synapses !== null);
    const few = { ...xyloImu, walls: { ...xyloImu.walls, synapses: { ...synapses, value: 100 } } };
    assert.deepEqual(codesOf(few), ["verify/over-wall"]);
  });
});
