// Cores that store a convolution once: what it takes, what verify finds, and what is said where a layer does not fit.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { convLayerOf } from "#compiler/encode/formulas/conv-layer";
import { layerFaults } from "#compiler/encode/formulas/kernel-pow2";
import { compile } from "#compiler/compile";
import { verify } from "#compiler/verify";
import { expand } from "#ir/connectivity";
import { storedWords, type CoreProgram } from "#ir/deployment";
import type { Connectivity, Network, Population, SharedKernel } from "#ir/network";
import { poolThenKernel } from "#ir/kernel";
import { loihi2, loihi2Netx } from "#targets/loihi2/index";
import { speck2 } from "#targets/speck2/index";
import type { Target } from "#targets/target";
import {
  between,
  dense,
  edge,
  input,
  kernel,
  loihiCuba,
  network,
  oneToOne,
  population,
} from "#test/networks";
import { withCore } from "#test/shared-lists";
import { DiagnosticSink, formatDiagnostic, ToolchainError } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

const SIGNED = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;
const weights = (rng: Rng, count: number, zeros = 0): number[] =>
  Array.from({ length: count }, () => (rng() < zeros ? 0 : 2 * between(rng, 1, 60) * (rng() < 0.5 ? -1 : 1)));

interface Shape {
  readonly out: number;
  readonly side: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
}

const conv = (
  rng: Rng,
  inputShape: readonly [number, number, number],
  shape: Shape,
  zeros = 0,
): SharedKernel => {
  const { out, side, stride = 1, padding = 0, groups = 1 } = shape;
  return kernel({
    inputShape,
    kernelShape: [out, inputShape[0] / groups, side, side],
    weights: weights(rng, (out * inputShape[0] * side * side) / groups, zeros),
    stride: [stride, stride],
    padding: [padding, padding, padding, padding],
    groups,
  });
};

const summed = (inputShape: readonly [number, number, number], side: number): SharedKernel =>
  kernel({
    inputShape,
    kernelShape: [inputShape[0], 1, side, side],
    weights: new Array<number>(inputShape[0] * side * side).fill(1),
    stride: [side, side],
    groups: inputShape[0],
  });

/** Layers one after the other; each reads the one before. */
const chain = (
  inputShape: readonly number[],
  layers: readonly Connectivity[],
  neuron: (name: string, shape: readonly number[], startStep: number) => Population,
): Network => {
  const populations = [input("in", [...inputShape])];
  const edges = layers.map((connectivity, i) => {
    const shape = connectivity.kind === "kernel" ? connectivity.outputShape : [connectivity.cols];
    populations.push(neuron(`l${i}`, shape, i + 1));
    return edge(i === 0 ? "in" : `l${i - 1}`, `l${i}`, connectivity, { delaySteps: 1, quantization: SIGNED });
  });
  return network(populations, edges);
};

const digital = (name: string, shape: readonly number[], startStep: number): Population =>
  population(name, "digital-lif", shape, { threshold: 100, resetKind: 2 }, { startStep });
const cuba = (name: string, shape: readonly number[], startStep: number): Population =>
  loihiCuba(name, [...shape], {}, { startStep });

const faultsOf = (net: Network, target: Target): string[] => {
  try {
    compile(net, target);
    return [];
  } catch (error) {
    assert.ok(error instanceof ToolchainError);
    return error.diagnostics.map(formatDiagnostic);
  }
};

const codesOf = (
  net: Network,
  target: Target,
  change: (core: CoreProgram) => Partial<CoreProgram>,
): string[] => {
  const { deployment, network: mapped } = compile(net, target);
  const sink = new DiagnosticSink();
  verify(withCore(deployment, 0, change), mapped, target, sink);
  return [...new Set(sink.diagnostics.map(({ code }) => code))].sort();
};

describe("packed kernels", () => {
  /** Convolutions and dense layers of PilotNet: words that netx prints for a core that holds all of a layer's channels. */
  const PRINTED: readonly (readonly [number, number, number, number])[] = [
    [3, 24, 6, 81],
    [24, 36, 6, 864],
    [36, 48, 6, 1620],
    [48, 64, 6, 2592],
    [48, 64, 5, 2160],
    [64, 64, 5, 2880],
  ];
  for (const [from, to, bits, words] of PRINTED)
    test(`take the ${words} words that netx prints for ${from} to ${to} channels, 3 x 3, at ${bits} bits`, () => {
      const rng = createRng(1);
      // The image does not matter.
      for (const side of [5, 8]) {
        const step = 2 ** (9 - bits);
        const made = conv(rng, [from, side, side], { out: to, side: 3 });
        const kernelOf = { ...made, weights: made.weights.map((w) => step * Math.sign(w)) };
        const base = chain([from, side, side], [kernelOf], cuba);
        const quantization = { ...SIGNED, weightBits: bits };
        const net = { ...base, projections: base.projections.map((p) => ({ ...p, quantization })) };
        const { utilization, deployment } = compile(net, loihi2);
        assert.equal(utilization.cores, 1);
        assert.equal(utilization.synapseWords, words);
        assert.equal(storedWords(deployment.cores[0]), words);
      }
    });

  const LISTS: readonly (readonly [number, number, number, number])[] = [
    [100, 50, 6, 1300],
    [100, 50, 8, 1500],
    [50, 10, 8, 150],
    [10, 1, 8, 10],
  ];
  for (const [from, to, bits, words] of LISTS)
    test(`leave the ${from} x ${to} layer at ${bits} bits the ${words} words that netx prints`, () => {
      const rng = createRng(2);
      const matrix = dense(
        Array.from({ length: from }, () =>
          Array.from({ length: to }, () => 2 ** (9 - bits) * between(rng, 1, 2)),
        ),
      );
      const base = chain([from], [matrix], cuba);
      const quantization = { ...SIGNED, weightBits: bits };
      const net = { ...base, projections: base.projections.map((p) => ({ ...p, quantization })) };
      assert.equal(compile(net, loihi2Netx).utilization.synapseWords, words);
    });

  const mixed = (seed: number): Network => {
    const rng = createRng(seed);
    const groups = between(rng, 1, 2);
    const first = conv(rng, [2, 8, 8], { out: 2 * between(rng, 1, 4), side: 3, padding: 1, groups }, 0.3);
    const [c, h, w] = first.outputShape;
    const last = dense(Array.from({ length: c * h * w }, () => weights(rng, 5, 0.5)));
    return chain([2, 8, 8], [first, last], cuba);
  };
  const small = (neurons: number): Target => ({
    ...loihi2Netx,
    walls: { ...loihi2Netx.walls, neurons: { ...loihi2Netx.walls.neurons!, value: neurons } },
  });

  test("are verified wherever a layer is cut, and count once for each core that holds some of it", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(17, 50, 4096), (seed, neurons) => {
        const net = mixed(seed);
        const target = small(neurons);
        const { deployment, utilization } = compile(net, target, { chips: 2, share: "never" });
        const sink = new DiagnosticSink();
        verify(deployment, net, target, sink);
        assert.deepEqual(sink.diagnostics, []);
        assert.equal(
          deployment.cores.reduce((sum, core) => sum + storedWords(core), 0),
          utilization.synapseWords,
        );
      }),
      { numRuns: 30 },
    );
  });

  test("keep the zeros of a kernel as entries, which cost events", () => {
    const first = conv(createRng(1), [2, 6, 6], { out: 4, side: 3 }, 0.5);
    const { deployment } = compile(chain([2, 6, 6], [first], cuba), loihi2);
    assert.equal(deployment.cores[0].target.length, expand(first, { keepZeros: true }).values.length);
  });

  test("are found out where their words are wrong", () => {
    assert.deepEqual(
      codesOf(mixed(1), loihi2, ({ axonWords }) => ({ axonWords: axonWords.map((words) => words + 1) })),
      ["verify/axon-words-differ"],
    );
    assert.deepEqual(
      codesOf(mixed(1), loihi2, ({ memoryWords }) => ({ memoryWords: memoryWords! - 1 })),
      ["verify/memory-words-differ"],
    );
  });
});

describe("layers as convolutions of an engine", () => {
  test("give the pooling in front of a kernel back", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(2, 4), (seed, side) => {
        const rng = createRng(seed);
        const size = side * between(rng, 3, 5);
        const second = conv(rng, [2, size / side, size / side], {
          out: 3,
          side: between(rng, 1, 3),
          padding: 1,
        });
        const joined = poolThenKernel(summed([2, size, size], side), second)!;
        const layer = convLayerOf(joined, [2, size, size], [1, 2, 4]);
        assert.deepEqual(layer.kernel, second.kernelShape.slice(2));
        assert.equal(layer.pool, side);
        assert.deepEqual(layer.padding, second.padding);
        assert.deepEqual(layer.stride, [1, 1]);
        assert.deepEqual(layer.input, second.inputShape);
      }),
      { numRuns: 40 },
    );
  });

  test("see pooling in front of a dense layer, pixels that it left out included", () => {
    const rng = createRng(4);
    const rows: number[][] = [];
    for (let channel = 0; channel < 2; channel++) {
      const squares = Array.from({ length: 4 }, () => weights(rng, 3));
      for (let y = 0; y < 5; y++)
        for (let x = 0; x < 5; x++)
          rows.push(y < 4 && x < 4 ? squares[2 * Math.floor(y / 2) + Math.floor(x / 2)] : [0, 0, 0]);
    }
    const layer = convLayerOf(dense(rows), [2, 5, 5], [1, 2, 4]);
    assert.deepEqual([layer.pool, layer.kernel, layer.output], [2, [2, 2], [3, 1, 1]]);
  });

  test("take what is no square as it stands", () => {
    const rng = createRng(5);
    const layer = convLayerOf(conv(rng, [2, 8, 8], { out: 3, side: 4, stride: 2 }), [2, 8, 8], [1, 2, 4]);
    assert.deepEqual([layer.pool, layer.kernel, layer.stride], [1, [4, 4], [2, 2]]);
  });

  test("name everything that the engine cannot do", () => {
    const rng = createRng(6);
    const faults = layerFaults(
      speck2.packers[0],
      convLayerOf(conv(rng, [1, 200, 200], { out: 1, side: 17, stride: 3, padding: 8 }), [1, 200, 200], [1]),
    );
    assert.deepEqual(faults, [
      "input image: 200 x 200, and 128 is the most",
      "output image: 67 x 67, and 64 is the most",
      "kernel: 17 x 17, and 16 is the most",
      "padding: 8, and 7 is the most",
      "stride: 3 x 3, and there is 1, 2, 4, 8",
    ]);
  });
});

describe("speck2", () => {
  const KI = 1024;

  /** Input-32C3S1-32C3S2-32C3S1-AP4-32FC-out: gestures of 128 x 128 pixels are pooled to 32 x 32 in front. */
  const gesture = (): Network => {
    const rng = createRng(7);
    const third = conv(rng, [32, 16, 16], { out: 32, side: 3, padding: 1 });
    const pooledDense = Array.from({ length: 32 * 16 }, () => weights(rng, 32));
    const perPixel = Array.from({ length: 32 * 256 }, (_, n) => {
      const [channel, y, x] = [Math.floor(n / 256), Math.floor(n / 16) % 16, n % 16];
      return pooledDense[channel * 16 + Math.floor(y / 4) * 4 + Math.floor(x / 4)];
    });
    return chain(
      [2, 32, 32],
      [
        conv(rng, [2, 32, 32], { out: 32, side: 3, padding: 1 }),
        conv(rng, [32, 32, 32], { out: 32, side: 3, stride: 2, padding: 1 }),
        third,
        dense(perPixel),
        dense(Array.from({ length: 32 }, () => weights(rng, 11))),
      ],
      digital,
    );
  };

  test("runs the published gesture network on five cores, each layer where it fits", () => {
    const net = gesture();
    const { deployment, utilization, blockGraph, placement } = compile(net, speck2);
    assert.equal(utilization.cores, 5);
    const sink = new DiagnosticSink();
    assert.equal(
      verify(deployment, net, speck2, sink).ok,
      true,
      sink.diagnostics.map(formatDiagnostic).join("\n"),
    );
    const words = blockGraph.blocks.map(({ demand }) => [demand.synapseWords, demand.neuronWords]);
    assert.deepEqual(words, [
      [2 * 16 * 32, 32 * KI],
      [32 * 16 * 32, 8 * KI],
      [32 * 16 * 32, 8 * KI],
      // Four by four sums in front: 16 taps are left.
      [32 * 16 * 32, 32],
      [32 * 16, 11],
    ]);
    assert.equal(new Set(placement.coreOfBlock).size, 5);
  });

  test("says that the documented example of 16 to 32 channels on 64 x 64 pixels fits no core, and what would", () => {
    const rng = createRng(8);
    const net = chain([16, 64, 64], [conv(rng, [16, 64, 64], { out: 32, side: 3, padding: 1 })], digital);
    const [fault, ...others] = faultsOf(net, speck2);
    assert.deepEqual(others, []);
    assert.match(fault, /partition\/layer-does-not-fit/);
    assert.match(fault, /"l0" has to be on one core of speck2/);
    assert.match(fault, /131072 words of neuron memory, and the largest core has 65536/);
    assert.match(fault, /give "l0" 16 output channels instead of 32/);
    const smaller = chain([16, 64, 64], [conv(rng, [16, 64, 64], { out: 16, side: 3, padding: 1 })], digital);
    const { blockGraph } = compile(smaller, speck2);
    assert.equal(blockGraph.blocks[0].demand.neuronWords, 64 * KI);
    assert.equal(blockGraph.blocks[0].demand.synapseWords, 16 * 16 * 16);
  });

  test("counts 8 Ki kernel words for that example", () => {
    const rng = createRng(8);
    const net = chain([16, 8, 8], [conv(rng, [16, 8, 8], { out: 32, side: 3, padding: 1 })], digital);
    assert.equal(compile(net, speck2).blockGraph.blocks[0].demand.synapseWords, 8 * KI);
  });

  test("says that memory goes by powers of two: 65 channels take what 128 do", () => {
    const rng = createRng(9);
    const net = chain([64, 8, 8], [conv(rng, [64, 8, 8], { out: 65, side: 3 })], digital);
    const [fault] = faultsOf(net, speck2);
    assert.match(fault, /131072 words of synapse memory, and the largest core has 65536/);
    assert.match(fault, /give "l0" 64 output channels instead of 65/);
  });

  test("says that a layer needs two kinds of memory that no core has together", () => {
    const rng = createRng(10);
    // 64 Ki kernel words are on cores 5 and 6 only, whose neuron memory is 16 Ki words.
    const net = chain([64, 32, 32], [conv(rng, [64, 32, 32], { out: 64, side: 3, padding: 1 })], digital);
    const [fault] = faultsOf(net, speck2);
    assert.match(fault, /no core that has enough of everything else has so many/);
  });

  test("moves layers over where a later one needs the core of an earlier one", () => {
    const rng = createRng(11);
    // The first fits everywhere and takes core 0 to begin with; the next three need cores 0, 1 and 2.
    const net = chain(
      [1, 33, 33],
      [1, 16, 16, 16].map((out, i) => conv(rng, [i < 2 ? 1 : 16, 33, 33], { out, side: 1 })),
      digital,
    );
    const { placement, deployment } = compile(net, speck2);
    assert.deepEqual([...placement.coreOfBlock.slice(1)].sort(), [0, 1, 2]);
    assert.ok(placement.coreOfBlock[0] > 2);
    assert.equal(verify(deployment, net, speck2, new DiagnosticSink()).ok, true);
  });

  test("says that four layers do not fit into the three cores that are large enough for one each", () => {
    const rng = createRng(12);
    const big = { out: 16, side: 1 };
    const net = chain(
      [16, 64, 64],
      [1, 2, 3, 4].map(() => conv(rng, [16, 64, 64], big)),
      digital,
    );
    const [fault] = faultsOf(net, speck2);
    assert.match(fault, /place\/no-matching/);
    assert.match(fault, /4 layers fit only into the same 3 cores of speck2/);
  });

  test("lets a layer send to two others and not to three", () => {
    const fan = (count: number): Network => {
      const names = Array.from({ length: count }, (_, i) => `out${i}`);
      const wire = { delaySteps: 1, quantization: SIGNED };
      return network(
        [input("in", 4), digital("a", [4], 1), ...names.map((name) => digital(name, [4], 2))],
        [
          edge("in", "a", oneToOne(4, 2), wire),
          ...names.map((name) => edge("a", name, oneToOne(4, 2), wire)),
        ],
      );
    };
    assert.deepEqual(faultsOf(fan(2), speck2), []);
    assert.match(faultsOf(fan(3), speck2)[0], /3 destination cores, but a core of speck2 has 2/);
  });

  test("takes one kernel for each layer: two projections into one are refused", () => {
    const wire = { delaySteps: 1, quantization: SIGNED };
    const net = network(
      [input("in", 4), digital("a", [4], 1), digital("b", [4], 2)],
      [
        edge("in", "a", oneToOne(4, 2), wire),
        edge("a", "b", oneToOne(4, 2), wire),
        edge("in", "b", oneToOne(4, 4), { ...wire, name: "skip" }),
      ],
    );
    assert.match(faultsOf(net, speck2)[0], /2 synapse formats, and the largest core has 1/);
  });

  test("verifies random chains, and says words as an outsider would count them", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const rng = createRng(seed);
        const [from, to] = [between(rng, 1, 5), between(rng, 1, 9)];
        const first = conv(
          rng,
          [from, 12, 12],
          { out: to, side: between(rng, 1, 4), stride: between(rng, 1, 2) },
          0.3,
        );
        const pool = summed(first.outputShape, 2);
        const second = conv(rng, pool.outputShape, { out: between(rng, 1, 6), side: 2 }, 0.3);
        // A kernel of zeros is no synapses, and takes nothing.
        fc.pre([first, second].every(({ weights }) => weights.some((weight) => weight !== 0)));
        const joined = poolThenKernel(pool, second)!;
        const net = chain([from, 12, 12], [first, joined], digital);
        const { deployment, blockGraph } = compile(net, speck2);
        const sink = new DiagnosticSink();
        verify(deployment, net, speck2, sink);
        assert.deepEqual(sink.diagnostics.map(formatDiagnostic), []);
        const up = (count: number): number => 2 ** Math.ceil(Math.log2(count));
        const [, , kh, kw] = first.kernelShape;
        assert.equal(blockGraph.blocks[0].demand.synapseWords, from * up(kh * kw) * up(to));
        assert.equal(blockGraph.blocks[1].demand.synapseWords, to * up(4) * up(second.kernelShape[0]));
        const [f, fy, fx] = first.outputShape;
        assert.equal(blockGraph.blocks[0].demand.neuronWords, f * up(fy) * up(fx));
      }),
      { numRuns: 40 },
    );
  });

  test("is found out where a deployment states wrong words, or puts a layer on a core that is too small", () => {
    const tiny = chain([2, 8, 8], [conv(createRng(1), [2, 8, 8], { out: 4, side: 3 })], digital);
    assert.deepEqual(
      codesOf(tiny, speck2, ({ memoryWords }) => ({ memoryWords: memoryWords! + 1 })),
      ["verify/memory-words-differ"],
    );
    const net = chain([1, 64, 64], [conv(createRng(1), [1, 64, 64], { out: 16, side: 1 })], digital);
    const { deployment } = compile(net, speck2, { placer: "in-order" });
    const onLast = {
      ...deployment,
      cores: deployment.cores.map((core) => ({ ...core, core: 8 })),
      populations: deployment.populations.map((map) => ({ ...map, core: map.core.map(() => 8) })),
      inputs: deployment.inputs.map((port) => ({ ...port, routeCore: port.routeCore.map(() => 8) })),
    };
    const sink = new DiagnosticSink();
    verify(onLast, net, speck2, sink);
    assert.deepEqual(
      sink.diagnostics.map(({ code }) => code),
      ["verify/over-wall"],
    );
  });
});
