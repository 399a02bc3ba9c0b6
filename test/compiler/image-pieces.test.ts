// Pieces of an image that a convolution cannot tell apart are measured once: whatever that skips would have said the same.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { available, fullnessOfSlices } from "#compiler/encode/measure";
import { createWorkload, type Workload } from "#compiler/encode/workload";
import { axonsInOf, ImagePieces, type Image, type Piece } from "#compiler/partition/image-pieces";
import { tiles } from "#compiler/partition/tiles";
import { Misfits } from "#compiler/partition/misfits";
import { slicesOf } from "#compiler/partition/partitioner";
import type { Network } from "#ir/network";
import { between, edge, input, kernel, loihiCuba, network } from "#test/networks";
import { ENTRY_LIST_SHARED, loihi1Shared } from "#test/shared-lists";
import { loihi1 } from "#targets/loihi1/index";
import type { Packer, Target } from "#targets/target";
import { createRng, type Rng } from "#util/rng";

const WIRE = {
  delaySteps: 1,
  quantization: { weightBits: 8, signMode: "mixed", weightExponent: 0 },
} as const;

const convNet = (
  rng: Rng,
  params: Readonly<Record<string, number[]>> = {},
): { net: Network; image: Image } => {
  const side = between(rng, 6, 12);
  const conv = kernel({
    inputShape: [2, side, side],
    kernelShape: [4, 2, 3, between(rng, 1, 4)],
    weights: Array.from({ length: 4 * 2 * 3 * 4 }, () => (rng() < 0.3 ? 0 : 2 * between(rng, -90, 90))),
    padding: [between(rng, 0, 2), between(rng, 0, 2), between(rng, 0, 2), between(rng, 0, 2)],
    stride: [between(rng, 1, 2), between(rng, 1, 2)],
  });
  const [channels, height, width] = conv.outputShape;
  const net = network(
    [input("in", conv.inputShape), loihiCuba("a", conv.outputShape, params, { startStep: 1 })],
    [edge("in", "a", { ...conv, weights: conv.weights.slice(0, 8 * 3 * conv.kernelShape[3]) }, WIRE)],
  );
  return { net, image: { channels, height, width } };
};

/** Everything cut into parts of one or two pixels and channels more or less. */
const piecesOf = (rng: Rng, { channels, height, width }: Image): Piece[] => {
  const cut = (length: number): [number, number][] => {
    const parts: [number, number][] = [];
    const step = between(rng, 1, 4);
    for (let at = 0; at < length; at += step) parts.push([at, Math.min(length, at + step)]);
    return parts;
  };
  const [c, h, w] = [cut(channels), cut(height), cut(width)];
  return c.flatMap((own) => h.flatMap((rows) => w.map((columns) => ({ channels: own, rows, columns }))));
};

const measuredAlone = (
  workload: Workload,
  image: Image,
  piece: Piece,
): { fullness: number; axonsIn: number } => {
  const slices = new ImagePieces(workload, 1, image).slices(piece, "by-channel");
  return {
    fullness: fullnessOfSlices(workload, slices, available(workload)),
    axonsIn: axonsInOf(workload, [slices]),
  };
};

describe("ImagePieces", () => {
  for (const packer of [loihi1.packers[0], ENTRY_LIST_SHARED] as readonly Packer[])
    test(`gives every piece the measure that it has by itself (${packer.name})`, () => {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const rng = createRng(seed);
          const { net, image } = convNet(rng);
          const workload = createWorkload(net, loihi1, packer, false);
          const pieces = new ImagePieces(workload, 1, image);
          for (const piece of piecesOf(rng, image)) {
            const { fullness, axonsIn } = pieces.measure(piece);
            assert.deepEqual({ fullness, axonsIn }, measuredAlone(workload, image, piece));
          }
        }),
        { numRuns: 25 },
      );
    });

  test("takes no piece for another where neurons differ", () => {
    const rng = createRng(4);
    const { net: plain, image } = convNet(rng);
    const { size } = plain.populations[1];
    const decays = Array.from({ length: size }, (_, n) => (n % image.width < 4 ? 0 : n));
    const population = loihiCuba("a", plain.populations[1].shape, { vDecay: decays }, { startStep: 1 });
    const net = { ...plain, populations: [plain.populations[0], population] };
    const limited: Target = {
      ...loihi1,
      walls: { ...loihi1.walls, neuronConfigs: { ...loihi1.walls.neuronConfigs!, value: 4 } },
    };
    const workload = createWorkload(net, limited, limited.packers[0], false);
    const pieces = new ImagePieces(workload, 1, image);
    for (const piece of piecesOf(rng, image))
      assert.equal(pieces.measure(piece).fullness, measuredAlone(workload, image, piece).fullness);
  });

  test("has every neuron of a piece once, in both orders", () => {
    const rng = createRng(5);
    const { net, image } = convNet(rng);
    const pieces = new ImagePieces(createWorkload(net, loihi1, loihi1.packers[0], false), 1, image);
    const neurons = (order: "by-channel" | "by-pixel", piece: Piece): number[] =>
      pieces
        .slices(piece, order)
        .flatMap(({ begin, end }) => Array.from({ length: end - begin }, (_, i) => begin + i));
    for (const piece of piecesOf(rng, image))
      assert.deepEqual(
        neurons("by-pixel", piece).sort((a, b) => a - b),
        neurons("by-channel", piece),
      );
  });
});

describe("tiles with shared lists", () => {
  /** 8 channels to 32 at each of 2 pixels: pixel by pixel the targets of a source follow one another. */
  const pointwise = (): Network => {
    const rng = createRng(6);
    const conv = kernel({
      inputShape: [8, 1, 2],
      kernelShape: [32, 8, 1, 1],
      weights: Array.from({ length: 256 }, () => 2 * between(rng, 1, 90)),
    });
    return network(
      [input("in", [8, 1, 2]), loihiCuba("a", [32, 1, 2], {}, { startStep: 1 })],
      [edge("in", "a", conv, WIRE)],
    );
  };
  const blocksWith = (words: number): readonly (readonly { begin: number; end: number }[])[] => {
    const target: Target = {
      ...loihi1Shared,
      walls: { ...loihi1.walls, synapseWords: { ...loihi1.walls.synapseWords!, value: words } },
    };
    const workload = createWorkload(pointwise(), target, ENTRY_LIST_SHARED, false);
    return slicesOf(tiles.partition(workload, { misfits: new Misfits(), rng: createRng(1) }));
  };

  test("number compartments pixel by pixel where only that makes the lists short enough", () => {
    // 32 weights of 8 bits and a prefix are 5 words; with a skip of 2 bits for each they are 6.
    const { packers } = loihi1Shared;
    const workload = createWorkload(pointwise(), loihi1Shared, packers[0], false);
    const pieces = new ImagePieces(workload, 1, { channels: 32, height: 1, width: 2 });
    const whole: Piece = { channels: [0, 32], rows: [0, 1], columns: [0, 2] };
    const wordsOf = (order: "by-channel" | "by-pixel"): number =>
      fullnessOfSlices(workload, pieces.slices(whole, order), {
        ...available(workload),
        synapseWords: 0.001,
      }) * 0.001;
    assert.deepEqual([wordsOf("by-channel"), wordsOf("by-pixel")].map(Math.round), [48, 40]);
    const full = new ImagePieces(
      createWorkload(
        pointwise(),
        {
          ...loihi1Shared,
          walls: { ...loihi1.walls, synapseWords: { ...loihi1.walls.synapseWords!, value: 40 } },
        },
        packers[0],
        false,
      ),
      1,
      { channels: 32, height: 1, width: 2 },
    ).measure(whole);
    assert.deepEqual([full.order, full.fullness], ["by-pixel", 1]);
  });

  test("cut through channels where words bind", () => {
    const blocks = blocksWith(24);
    assert.equal(blocks.length, 2);
    const channels = blocks.map(
      (slices) => new Set(slices.flatMap(({ begin, end }) => [begin >> 1, (end - 1) >> 1])),
    );
    assert.ok(channels.every((own) => own.size <= 16));
  });
});
