import assert from "node:assert/strict";
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { dropoutKeeps } from "#train/engine/backend";
import type { Backend, ConvGeometry, PoolGeometry, PoolKind } from "#train/engine/backend";
import { createRandom } from "#train/random";
import type { Random } from "#train/random";
import { SUBJECTS, assertAgrees, assertClose, noise, placeArrays } from "./backends.ts";

const random: fc.Arbitrary<Random> = fc.integer({ min: 0, max: 2 ** 31 }).map(createRandom);
const size = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });

/** Runs of a property; the cases are small, the backends many. */
const RUNS = { numRuns: 40 };

const convolution: fc.Arbitrary<ConvGeometry> = fc
  .record({
    images: size(3),
    groups: size(3),
    inPerGroup: size(4),
    outPerGroup: size(5),
    inHeight: size(9),
    inWidth: size(13),
    kernelHeight: size(4),
    kernelWidth: size(4),
    strideHeight: size(3),
    strideWidth: size(3),
    paddingHeight: size(2, 0),
    paddingWidth: size(2, 0),
  })
  .map(({ inPerGroup, outPerGroup, ...g }) => ({
    ...g,
    inChannels: inPerGroup * g.groups,
    outChannels: outPerGroup * g.groups,
    outHeight: Math.floor((g.inHeight + 2 * g.paddingHeight - g.kernelHeight) / g.strideHeight + 1),
    outWidth: Math.floor((g.inWidth + 2 * g.paddingWidth - g.kernelWidth) / g.strideWidth + 1),
  }))
  .filter((g) => g.outHeight >= 1 && g.outWidth >= 1);

function lengthsOf(g: ConvGeometry): { x: number; weight: number; y: number } {
  return {
    x: g.images * g.inChannels * g.inHeight * g.inWidth,
    weight: g.outChannels * (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth,
    y: g.images * g.outChannels * g.outHeight * g.outWidth,
  };
}

const pooling: fc.Arbitrary<PoolGeometry> = fc
  .record({
    planes: size(5),
    inHeight: size(8),
    inWidth: size(21),
    kernelHeight: size(3),
    kernelWidth: size(3),
    strideHeight: size(3),
    strideWidth: size(3),
  })
  .map((g) => ({
    ...g,
    outHeight: Math.floor((g.inHeight - g.kernelHeight) / g.strideHeight + 1),
    outWidth: Math.floor((g.inWidth - g.kernelWidth) / g.strideWidth + 1),
  }))
  .filter((g) => g.outHeight >= 1 && g.outWidth >= 1);

/** x varies in every channel, so that no variance is close to zero. */
const normalization = fc
  .record({ random, rows: size(5, 2), channels: size(9), inner: size(37) })
  .map(({ random: source, rows, channels, inner }) => {
    const x = noise(source, rows * channels * inner, -0.5, 0.5).map(
      (value, i) => value + (Math.floor(i / (channels * inner)) % 2 === 0 ? 1 : -1),
    );
    return { source, rows, channels, inner, x };
  });

describe.each(SUBJECTS)("$name", ({ create }) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.dispose());

  test("allocates zeros", () => {
    for (const length of [0, 1, 7, 1000]) {
      const array = backend.allocate(length);
      assert.equal(array.length, length);
      assert.ok(array.every((value) => value === 0));
    }
  });

  describe("linear", () => {
    function checkGemm(source: Random, m: number, n: number, k: number, flags: readonly boolean[]): void {
      const [transA, transB, accumulate] = flags;
      const initial = { a: noise(source, m * k), b: noise(source, k * n), c: noise(source, m * n) };
      assertAgrees(backend, initial, (on, arrays) =>
        on.gemm({ ...arrays, m, n, k, transA, transB, accumulate }),
      );
    }
    const flags = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean());

    test("gemm multiplies, transposed or not, adding or not", () => {
      fc.assert(fc.property(random, size(21), size(21), size(37), flags, checkGemm), { numRuns: 100 });
    });

    test.each([
      [67, 35, 301],
      [1, 130, 129],
      [131, 1, 70],
    ])("gemm multiplies %i x %i over %i, in all eight ways", (m, n, k) => {
      for (let bits = 0; bits < 8; bits++)
        checkGemm(createRandom(bits), m, n, k, [(bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0]);
    });

    test("addBias and channelSums go over rows and inner", () => {
      fc.assert(
        fc.property(random, size(5), size(21), size(37), (source, rows, channels, inner) => {
          const initial = { y: noise(source, rows * channels * inner), values: noise(source, channels) };
          assertAgrees(backend, initial, (on, { y, values }) => on.addBias(y, values, rows, channels, inner));
          assertAgrees(backend, initial, (on, { y, values }) =>
            on.channelSums(y, values, rows, channels, inner),
          );
        }),
        RUNS,
      );
    });

    test("copyBlocks places blocks, adding or not, and leaves the gaps alone", () => {
      const gap = size(4, 0);
      fc.assert(
        fc.property(
          random,
          size(5),
          size(41),
          fc.tuple(gap, gap, gap, gap),
          fc.boolean(),
          (source, rows, width, [fromGap, toGap, fromOffset, toOffset], accumulate) => {
            const [fromStride, toStride] = [width + fromGap, width + toGap];
            const initial = {
              from: noise(source, rows * fromStride + fromOffset),
              to: noise(source, rows * toStride + toOffset),
            };
            const call = { rows, width, fromStride, fromOffset, toStride, toOffset, accumulate };
            assertAgrees(backend, initial, (on, arrays) => on.copyBlocks({ ...arrays, ...call }), 1e-7);
            const repeated = { ...call, fromStride: 0 };
            assertAgrees(backend, initial, (on, arrays) => on.copyBlocks({ ...arrays, ...repeated }), 1e-7);
          },
        ),
        RUNS,
      );
    });
  });

  describe("convolution", () => {
    test("conv2d and both its gradients, with stride, padding and groups", () => {
      fc.assert(
        fc.property(random, convolution, (source, geometry) => {
          const lengths = lengthsOf(geometry);
          const initial = {
            x: noise(source, lengths.x),
            weight: noise(source, lengths.weight),
            y: noise(source, lengths.y),
          };
          assertAgrees(backend, initial, (on, { x, weight, y }) => on.conv2d(x, weight, y, geometry));
          assertAgrees(backend, initial, (on, { x, weight, y }) =>
            on.conv2dInputGradient(y, weight, x, geometry),
          );
          assertAgrees(backend, initial, (on, { x, weight, y }) =>
            on.conv2dWeightGradient(x, y, weight, geometry),
          );
        }),
        { numRuns: 100 },
      );
    });

    test("conv2d gives the known answer of a small case", () => {
      const geometry: ConvGeometry = {
        ...{ images: 1, inChannels: 1, inHeight: 2, inWidth: 3, outChannels: 1, outHeight: 2, outWidth: 2 },
        ...{ kernelHeight: 2, kernelWidth: 2, strideHeight: 1, strideWidth: 2 },
        ...{ paddingHeight: 1, paddingWidth: 0, groups: 1 },
      };
      const taller = { ...geometry, outHeight: 3, outWidth: 1 };
      const arrays = placeArrays(backend, {
        x: [1, 2, 3, 4, 5, 6],
        weight: [1, 10, 100, 1000],
        y: [7, 7, 7],
      });
      backend.conv2d(arrays.x, arrays.weight, arrays.y, taller);
      assert.deepEqual([...arrays.y], [2100, 5421, 54]);
    });
  });

  describe.each<PoolKind>(["average", "max"])("%s pooling", (kind) => {
    test("agrees, forwards and backwards, ties included", () => {
      fc.assert(
        fc.property(random, pooling, fc.boolean(), (source, geometry, ofSpikes) => {
          const inLength = geometry.planes * geometry.inHeight * geometry.inWidth;
          const outLength = geometry.planes * geometry.outHeight * geometry.outWidth;
          const values = noise(source, inLength);
          const initial = {
            x: ofSpikes ? values.map((value) => (value > 0 ? 1 : 0)) : values,
            y: noise(source, outLength),
            dy: noise(source, outLength),
            dx: noise(source, inLength),
          };
          assertAgrees(backend, initial, (on, { x, y, dy, dx }) => {
            on.pool(kind, x, y, geometry);
            on.poolGradient(kind, x, y, dy, dx, geometry);
          });
        }),
        { numRuns: 60 },
      );
    });
  });

  test("max pooling gives the whole gradient to the first of equals, in row order", () => {
    const geometry: PoolGeometry = {
      ...{ planes: 1, inHeight: 2, inWidth: 5, outHeight: 1, outWidth: 2 },
      ...{ kernelHeight: 2, kernelWidth: 2, strideHeight: 1, strideWidth: 2 },
    };
    const x = [0, 1, 0, 0, 9, 1, 1, 0, 0, 9];
    const arrays = placeArrays(backend, { x, y: [7, 7], dy: [3, 5], dx: Array<number>(10).fill(7) });
    backend.pool("max", arrays.x, arrays.y, geometry);
    backend.poolGradient("max", arrays.x, arrays.y, arrays.dy, arrays.dx, geometry);
    assert.deepEqual([...arrays.y], [1, 0]);
    assert.deepEqual([...arrays.dx], [0, 3, 5, 0, 0, 0, 0, 0, 0, 0]);
  });

  describe("normalization", () => {
    test("channelMoments gives mean and biased variance", () => {
      fc.assert(
        fc.property(normalization, fc.constantFrom(0, 10), ({ source, x, ...shape }, offset) => {
          const { rows, channels, inner } = shape;
          const initial = {
            x: x.map((value) => value + offset),
            mean: noise(source, channels),
            variance: noise(source, channels),
          };
          assertAgrees(backend, initial, (on, arrays) =>
            on.channelMoments(arrays.x, arrays.mean, arrays.variance, rows, channels, inner),
          );
        }),
        RUNS,
      );
    });

    test("normalize uses the statistics it is given", () => {
      fc.assert(
        fc.property(normalization, ({ source, x, ...shape }) => {
          const initial = {
            x,
            y: noise(source, x.length),
            mean: noise(source, shape.channels),
            variance: noise(source, shape.channels, 0.2, 2),
            gamma: noise(source, shape.channels),
            beta: noise(source, shape.channels),
          };
          assertAgrees(backend, initial, (on, arrays) =>
            on.normalize({ ...arrays, ...shape, epsilon: 1e-3 }),
          );
        }),
        RUNS,
      );
    });

    test("normalizeGradient knows that the statistics depend on x", () => {
      fc.assert(
        fc.property(normalization, ({ source, x, ...shape }) => {
          const { rows, channels, inner } = shape;
          const initial = {
            x,
            mean: noise(source, channels),
            variance: noise(source, channels),
            gamma: noise(source, channels),
            dy: noise(source, x.length),
            dx: noise(source, x.length),
            dGamma: noise(source, channels),
            dBeta: noise(source, channels),
          };
          assertAgrees(backend, initial, (on, arrays) => {
            on.channelMoments(arrays.x, arrays.mean, arrays.variance, rows, channels, inner);
            on.normalizeGradient({ ...arrays, ...shape, epsilon: 1e-3 });
          });
        }),
        RUNS,
      );
    });
  });

  describe("pointwise", () => {
    const vectors = fc.record({ random, length: size(67) });

    test("relu and its gradient, which is 0 at 0", () => {
      fc.assert(
        fc.property(vectors, ({ random: source, length }) => {
          const x = noise(source, length).map((value) => (Math.abs(value) < 0.2 ? 0 : value));
          const initial = { x, y: noise(source, length) };
          assertAgrees(backend, initial, (on, arrays) => on.relu(arrays.x, arrays.y), 1e-7);
          const gradients = { ...initial, dx: noise(source, length) };
          assertAgrees(backend, gradients, (on, { x, y, dx }) => on.reluGradient(x, y, dx), 1e-7);
        }),
        RUNS,
      );
    });

    test("add and scale, also in place", () => {
      fc.assert(
        fc.property(vectors, ({ random: source, length }) => {
          const initial = { x: noise(source, length), y: noise(source, length) };
          const a = noise(source, 1, -3, 3)[0];
          assertAgrees(backend, initial, (on, { x, y }) => on.add(x, y), 1e-6);
          assertAgrees(backend, initial, (on, { x, y }) => on.scale(x, a, y), 1e-6);
          assertAgrees(backend, initial, (on, { x }) => on.scale(x, a, x), 1e-6);
        }),
        RUNS,
      );
    });

    test("dropout drops what the hash says, the same in every period, bit for bit", () => {
      fc.assert(
        fc.property(
          vectors,
          size(20),
          fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9),
          ({ random: source, length }, period, seed, rate) => {
            const values = noise(source, length);
            const factor = Math.fround(1 / (1 - rate));
            const expected = values.map((value, i) =>
              dropoutKeeps(seed, i % period, rate) ? Math.fround(value * factor) : 0,
            );
            const { x, y } = placeArrays(backend, { x: values, y: values.map(() => 7) });
            backend.dropout(x, y, rate, seed, period);
            assert.deepEqual([...y], expected);
            backend.dropout(x, x, rate, seed, period);
            assert.deepEqual([...x], expected);
          },
        ),
        { numRuns: 100 },
      );
    });

    test("dropout keeps the share it should", () => {
      const x = backend.allocate(10_000).fill(1);
      backend.dropout(x, x, 0.3, 12345, x.length);
      const kept = [...x].filter((value) => value !== 0).length;
      assert.ok(Math.abs(kept - 7000) < 150, `${kept} of 10000`); // three standard deviations
    });

    test("softThreshold shrinks towards zero, also in place", () => {
      fc.assert(
        fc.property(vectors, fc.constantFrom(0, 0.25, 0.6), ({ random: source, length }, d) => {
          const theta = noise(source, length).map((value) => (Math.abs(value) < 0.1 ? 0 : value));
          const initial = { theta, w: noise(source, length) };
          assertAgrees(backend, initial, (on, arrays) => on.softThreshold(arrays.theta, d, arrays.w), 1e-6);
          assertAgrees(
            backend,
            initial,
            (on, arrays) => on.softThreshold(arrays.theta, d, arrays.theta),
            1e-6,
          );
        }),
        RUNS,
      );
    });

    test("softThreshold gives exact zeros at the threshold", () => {
      const { theta, w } = placeArrays(backend, {
        theta: [0.5, -0.5, 0.75, -0.75, 0.25],
        w: [7, 7, 7, 7, 7],
      });
      backend.softThreshold(theta, 0.5, w);
      assert.deepEqual(Array.from(w, Math.abs), [0, 0, 0.25, 0.25, 0]);
    });
  });

  describe("optimizer steps", () => {
    const vectors = fc.record({ random, length: size(35) });

    test("adam agrees over several steps", () => {
      fc.assert(
        fc.property(vectors, fc.constantFrom(0, 0.1), ({ random: source, length }, weightDecay) => {
          const initial = {
            weight: noise(source, length),
            gradient: noise(source, length).map((value) => (Math.abs(value) < 0.1 ? 0 : value)),
            firstMoment: noise(source, length, 0, 0),
            secondMoment: noise(source, length, 0, 0),
          };
          const call = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay };
          assertAgrees(backend, initial, (on, arrays) => {
            for (let k = 1; k <= 4; k++) {
              on.adam({ ...arrays, ...call, k });
              on.scale(arrays.gradient, -0.7, arrays.gradient);
            }
          });
        }),
        RUNS,
      );
    });

    test("adam takes the steps of its formula", () => {
      const arrays = placeArrays(backend, {
        weight: [0.05, 0.05],
        gradient: [0.2, 0],
        firstMoment: [0, 0],
        secondMoment: [0, 0],
      });
      const call = { ...arrays, rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
      backend.adam({ ...call, weightDecay: 0, k: 1 });
      assertClose(arrays.firstMoment, [0.02, 0], 1e-8, "first moment");
      assertClose(arrays.secondMoment, [4e-5, 0], 1e-10, "second moment");
      assertClose(arrays.weight, [0.049, 0.05], 1e-8, "weight");
      arrays.gradient[0] = -0.1;
      backend.adam({ ...call, weightDecay: 0, k: 2 });
      // 0.008 / 0.19 and 4.996e-5 / 0.001999, without the biases
      assertClose(
        arrays.weight,
        [0.049 - (1e-3 * 0.008) / 0.19 / Math.sqrt(4.996 / 199.9), 0.05],
        1e-8,
        "weight",
      );
    });

    test("adam's weight decay is decoupled from the moments", () => {
      const arrays = placeArrays(backend, {
        weight: [0.5],
        gradient: [0.2],
        firstMoment: [0],
        secondMoment: [0],
      });
      const call = { ...arrays, rate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
      backend.adam({ ...call, weightDecay: 0.1, k: 1 });
      assertClose(arrays.weight, [0.5 * (1 - 1e-3) - 1e-2], 1e-7, "weight");
      assertClose(arrays.firstMoment, [0.02], 1e-8, "first moment");
    });

    test("sgd agrees over several steps", () => {
      const factors = fc.constantFrom(0, 0.9);
      fc.assert(
        fc.property(vectors, factors, factors, ({ random: source, length }, momentum, weightDecay) => {
          const initial = {
            weight: noise(source, length),
            gradient: noise(source, length),
            momentumBuffer: noise(source, length, 0, 0),
          };
          assertAgrees(backend, initial, (on, arrays) => {
            for (let k = 1; k <= 3; k++) on.sgd({ ...arrays, rate: 0.1, momentum, weightDecay });
          });
        }),
        RUNS,
      );
    });

    test("sgd takes the steps of its formula", () => {
      const arrays = placeArrays(backend, { weight: [1], gradient: [0.5], momentumBuffer: [0] });
      const call = { ...arrays, rate: 0.1, momentum: 0.9, weightDecay: 0.01 };
      backend.sgd(call);
      assertClose(arrays.momentumBuffer, [0.51], 1e-7, "buffer");
      assertClose(arrays.weight, [0.949], 1e-7, "weight");
      backend.sgd(call);
      assertClose(arrays.momentumBuffer, [0.96849], 1e-7, "buffer");
      assertClose(arrays.weight, [0.852151], 1e-7, "weight");
    });
  });
});
