// The fast engine against the plain loops, at sizes that fill no vector, tile or block evenly, and on one thread against two.
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Backend, ConvGeometry, Floats, NeuronCall, PoolGeometry } from "#train/engine/backend";
import { createReferenceBackend } from "#train/engine/reference";
import { createWasmBackend } from "#train/engine/wasm/backend";
import { NEURONS } from "#train/neurons";
import { createRng } from "#util/rng";

let solo: Backend;
let duo: Backend;
const reference = createReferenceBackend();

beforeAll(async () => {
  [solo, duo] = await Promise.all([createWasmBackend(), createWasmBackend({ threads: 2 })]);
});
afterAll(async () => {
  await Promise.all([solo.dispose(), duo.dispose()]);
});

/** What a call writes, for one backend: arrays by name. Called with the same seed for each. */
type Work = (backend: Backend, make: (length: number, scale?: number) => Floats) => Record<string, Floats>;

/** Same inputs to all three: one thread agrees with the loops, two threads agree with one to the bit. */
function compare(what: string, work: Work, tolerance = 1e-5): void {
  const run = (backend: Backend): Record<string, Floats> => {
    const rng = createRng(7);
    return work(backend, (length, scale = 1) => {
      const array = backend.allocate(length);
      for (let i = 0; i < length; i++) array[i] = scale * (2 * rng() - 1);
      return array;
    });
  };
  const [expected, one, two] = [reference, solo, duo].map(run);
  for (const name of Object.keys(expected)) {
    assert.deepEqual(bits(two[name]), bits(one[name]), `${what}, ${name}: two threads`);
    for (let i = 0; i < expected[name].length; i++) {
      const difference = Math.abs(one[name][i] - expected[name][i]);
      const allowed = tolerance * (1 + Math.abs(expected[name][i]));
      if (!(difference <= allowed))
        assert.fail(`${what}, ${name}[${i}]: ${one[name][i]} for ${expected[name][i]}`);
    }
  }
}

function bits(array: Floats): Uint32Array {
  return new Uint32Array(new Float32Array(array).buffer);
}

const SIZES = [1, 3, 5, 7, 8, 13, 31];

describe("the wasm engine", () => {
  test("multiplies matrices, transposed or not", () => {
    const shapes: [number, number, number][] = SIZES.flatMap((m) =>
      SIZES.map((n): [number, number, number] => [m, n, SIZES[(m + n) % SIZES.length]]),
    );
    shapes.push([64, 10, 800], [10, 800, 64], [130, 131, 400], [513, 10, 33], [200, 300, 1]);
    for (const [m, n, k] of shapes) {
      for (const [transA, transB, accumulate] of [
        [false, false, false],
        [false, true, true],
        [true, false, false],
        [true, true, true],
      ]) {
        compare(
          `${m} x ${n} x ${k} ${String([transA, transB, accumulate])}`,
          (backend, make) => {
            const [a, b, c] = [make(m * k), make(k * n), make(m * n)];
            backend.gemm({ a, b, c, m, n, k, transA, transB, accumulate });
            return { c };
          },
          1e-4,
        );
      }
    }
  });

  test("shares a large product among threads", () => {
    compare(
      "large",
      (backend, make) => {
        const [m, n, k] = [260, 300, 500];
        const [a, b, c] = [make(m * k), make(k * n), make(m * n)];
        backend.gemm({ a, b, c, m, n, k, transA: false, transB: true, accumulate: false });
        return { c };
      },
      1e-4,
    );
  });

  test.each(CONVOLUTIONS())("convolves %s", (_, geometry) => {
    const { images, inChannels, inHeight, inWidth, outChannels, outHeight, outWidth } = geometry;
    const weights =
      outChannels * (inChannels / geometry.groups) * geometry.kernelHeight * geometry.kernelWidth;
    compare(
      "convolution",
      (backend, make) => {
        const x = make(images * inChannels * inHeight * inWidth);
        const weight = make(weights);
        const dy = make(images * outChannels * outHeight * outWidth);
        const [y, dx, dWeight] = [make(dy.length), make(x.length), make(weights)];
        backend.conv2d(x, weight, y, geometry);
        backend.conv2dInputGradient(dy, weight, dx, geometry);
        backend.conv2dWeightGradient(x, dy, dWeight, geometry);
        return { y, dx, dWeight };
      },
      1e-4,
    );
  });

  test.each(POOLINGS())("pools %s", (_, geometry) => {
    for (const kind of ["average", "max"] as const) {
      compare(kind, (backend, make) => {
        const x = make(geometry.planes * geometry.inHeight * geometry.inWidth);
        // Ties, so that it matters which entry is the first.
        for (let i = 0; i < x.length; i++) x[i] = Math.round(2 * x[i]);
        const dy = make(geometry.planes * geometry.outHeight * geometry.outWidth);
        const [y, dx] = [make(dy.length), make(x.length)];
        backend.pool(kind, x, y, geometry);
        backend.poolGradient(kind, x, y, dy, dx, geometry);
        return { y, dx };
      });
    }
  });

  test("sums, shifts and normalizes channels", () => {
    for (const [rows, channels, inner] of [
      [1, 1, 1],
      [7, 13, 1],
      [31, 5, 1],
      [400, 64, 1],
      [3, 7, 5],
      [5, 3, 16],
      [9, 6, 1200],
    ]) {
      compare(`${rows} x ${channels} x ${inner}`, (backend, make) => {
        const length = rows * channels * inner;
        const [x, dy] = [make(length), make(length)];
        for (let i = 0; i < length; i++) x[i] += 3;
        const [bias, gamma, beta] = [make(channels), make(channels), make(channels)];
        const [y, dx] = [make(length), make(length)];
        const [mean, variance, sums] = [make(channels), make(channels), make(channels)];
        const [dGamma, dBeta] = [make(channels), make(channels)];
        const shape = { rows, channels, inner, epsilon: 1e-2 };
        backend.channelSums(x, sums, rows, channels, inner);
        backend.channelMoments(x, mean, variance, rows, channels, inner);
        backend.normalize({ x, y, mean, variance, gamma, beta, ...shape });
        backend.normalizeGradient({ x, dy, dx, mean, variance, gamma, dGamma, dBeta, ...shape });
        backend.addBias(x, bias, rows, channels, inner);
        return { sums, mean, variance, y, dx, dGamma, dBeta, x };
      });
    }
  });

  test.each(Object.values(NEURONS))("runs $name neurons forwards and backwards", (neuron) => {
    for (const neurons of [1, 3, 31, 6001]) {
      for (const staticCurrent of [false, true]) {
        compare(`${neurons} neurons, static ${String(staticCurrent)}`, (backend, make) => {
          const steps = 5;
          const all = steps * neurons;
          const current = make(staticCurrent ? neurons : all, 3);
          for (let i = 0; i < current.length; i += 3) current[i] = Math.round(4 * current[i]) / 2;
          const dSpikes = make(all);
          const [membrane, spikes, dCurrent] = [make(all), make(all), make(current.length)];
          const call: NeuronCall = { current, staticCurrent, membrane, spikes, steps, neurons, neuron };
          backend.neuronForward(call);
          const gain = backend.neuronBackward({ ...call, dSpikes, dCurrent, wantsGainGradient: true });
          const again = make(current.length);
          const none = { ...call, dSpikes, dCurrent: again, wantsGainGradient: false };
          assert.equal(backend.neuronBackward(none), 0);
          return { membrane, spikes, dCurrent, again, gain: Float32Array.of(gain / Math.sqrt(neurons)) };
        });
      }
    }
  });

  test("rectifies, drops out, adds, scales and thresholds", () => {
    for (const length of [...SIZES, 70_001]) {
      compare(`length ${length}`, (backend, make) => {
        const [x, dy, y, dx, sum] = [0, 1, 2, 3, 4].map(() => make(length));
        const [dropped, all, none, scaled, thresholded] = [0, 1, 2, 3, 4].map(() => make(length));
        backend.relu(x, y);
        backend.reluGradient(x, dy, dx);
        backend.dropout(x, dropped, 0.4, 0xdeadbeef, Math.max(1, Math.floor(length / 3)));
        backend.dropout(x, all, 0, 5, length);
        backend.dropout(x, none, 0.999999999999, 5, 2);
        backend.add(x, sum);
        backend.scale(x, -1.5, scaled);
        backend.softThreshold(x, 0.25, thresholded);
        return { y, dx, dropped, all, none, sum, scaled, thresholded };
      });
    }
  });

  test("copies and adds blocks", () => {
    for (const [width, rows] of [
      [1, 5],
      [7, 31],
      [100, 400],
      [70_000, 1],
    ]) {
      compare(`${rows} x ${width}`, (backend, make) => {
        const from = make(rows * (width + 3));
        const [to, sum] = [make(rows * (width + 5)), make(rows * (width + 5))];
        const call = { from, rows, width, fromStride: width + 3, fromOffset: 2, toStride: width + 5 };
        backend.copyBlocks({ ...call, to, toOffset: 4, accumulate: false });
        backend.copyBlocks({ ...call, to: sum, toOffset: 1, accumulate: true });
        const [whole, wholeSum] = [make(rows * width + 1), make(rows * width + 1)];
        const flat = { from, rows, width, fromStride: width, fromOffset: 2, toStride: width, toOffset: 1 };
        backend.copyBlocks({ ...flat, to: whole, accumulate: false });
        backend.copyBlocks({ ...flat, to: wholeSum, accumulate: true });
        return { to, sum, whole, wholeSum };
      });
    }
  });

  test("takes optimizer steps", () => {
    for (const length of [...SIZES, 70_001]) {
      compare(`length ${length}`, (backend, make) => {
        const [weight, other, gradient, firstMoment, momentumBuffer] = [0, 1, 2, 3, 4].map(() =>
          make(length),
        );
        const secondMoment = make(length);
        for (let i = 0; i < length; i++) secondMoment[i] *= secondMoment[i];
        const adam = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1, k: 3 };
        backend.adam({ weight, gradient, firstMoment, secondMoment, ...adam });
        const sgd = { rate: 0.01, momentum: 0.9, weightDecay: 0.1 };
        backend.sgd({ weight: other, gradient, momentumBuffer, ...sgd });
        return { weight, firstMoment, secondMoment, other, momentumBuffer };
      });
    }
  });

  test("takes arrays of others where a method hands over its own", () => {
    const theta = Float32Array.of(-2, -0.1, 0, 0.1, 2);
    const w = solo.allocate(5);
    solo.softThreshold(theta, 0.5, w);
    solo.scale(theta, 2, theta);
    solo.add(theta, w);
    assert.deepEqual([...w], [-5.5, ...[-0.2, 0, 0.2].map(Math.fround), 5.5]);
    const [first, second, momentumBuffer] = [0, 1, 2].map(() => new Float32Array(5));
    const sgd = { weight: w, gradient: theta, momentumBuffer, rate: 1, momentum: 0, weightDecay: 0 };
    solo.sgd(sgd);
    assert.deepEqual([...w], [-1.5, 0, 0, 0, 1.5]);
    const adam = { rate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, k: 1 };
    solo.adam({ weight: w, gradient: theta, firstMoment: first, secondMoment: second, ...adam });
    assert.ok(Math.abs(w[0] - -1.4) < 1e-6, `${w[0]}`);
  });

  test("works on parts of its arrays", () => {
    const whole = solo.allocate(10);
    whole.fill(1);
    solo.add(whole.subarray(0, 3), whole.subarray(5, 8));
    assert.deepEqual([...whole], [1, 1, 1, 1, 1, 2, 2, 2, 1, 1]);
  });

  test("keeps its arrays when the memory grows", () => {
    const first = solo.allocate(4);
    first.fill(2);
    const large = solo.allocate(2 ** 20);
    assert.ok(large.every((value) => value === 0));
    solo.add(first, first);
    assert.deepEqual([...first], [4, 4, 4, 4]);
  });

  test("says what is missing when the memory is full", async () => {
    const backend = await createWasmBackend();
    assert.throws(
      () => backend.allocate(2 ** 31),
      (error: unknown) => {
        assert.match(
          String(error),
          /error\[train\/out-of-memory\]: training needs 8192 MiB more, but holds 0 MiB already and can have 4096 MiB\.\n {2}try: make the batch smaller, or take fewer time steps\./,
        );
        return true;
      },
    );
  });

  test("gives way when its threads have slept", async () => {
    const x = duo.allocate(200_000);
    x.fill(1);
    for (let round = 0; round < 5; round++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      duo.add(x, x);
    }
    assert.ok(x.every((value) => value === 32));
  });
});

function CONVOLUTIONS(): [string, ConvGeometry][] {
  const list: Omit<ConvGeometry, "outHeight" | "outWidth">[] = [
    conv(1, 1, 1, 1, 1, 1, 1),
    conv(3, 1, 15, 12, 12, 5, 5),
    conv(9, 15, 40, 8, 8, 5, 5),
    conv(5, 3, 7, 7, 9, 3, 2),
    { ...conv(4, 5, 13, 6, 6, 3, 3), paddingHeight: 1, paddingWidth: 1 },
    { ...conv(3, 4, 6, 9, 7, 3, 3), paddingHeight: 1, paddingWidth: 2, strideHeight: 2, strideWidth: 3 },
    { ...conv(3, 6, 9, 5, 5, 3, 3), groups: 3, paddingHeight: 1, paddingWidth: 1 },
    { ...conv(5, 8, 8, 9, 9, 3, 3), groups: 8, strideHeight: 2, strideWidth: 2 },
    { ...conv(17, 70, 33, 4, 4, 3, 3), paddingHeight: 1, paddingWidth: 1 },
    { ...conv(10, 16, 20, 20, 20, 3, 3), paddingHeight: 1, paddingWidth: 1 },
    { ...conv(6, 12, 8, 5, 5, 1, 1), strideHeight: 2, strideWidth: 2 },
    conv(40, 7, 5, 3, 3, 3, 3),
    conv(7, 60, 5, 5, 5, 3, 3),
    { ...conv(11, 10, 9, 7, 7, 3, 3), paddingHeight: 1, paddingWidth: 1 },
  ];
  return list.map((g) => {
    const size = (input: number, kernel: number, padding: number, stride: number): number =>
      Math.floor((input + 2 * padding - kernel) / stride) + 1;
    const outHeight = size(g.inHeight, g.kernelHeight, g.paddingHeight, g.strideHeight);
    const outWidth = size(g.inWidth, g.kernelWidth, g.paddingWidth, g.strideWidth);
    const title =
      `${g.images} images of ${g.inChannels} x ${g.inHeight} x ${g.inWidth}, ${g.outChannels} kernels ` +
      `${g.kernelHeight} x ${g.kernelWidth}, stride ${g.strideHeight} x ${g.strideWidth}, ` +
      `padding ${g.paddingHeight} x ${g.paddingWidth}, ${g.groups} groups`;
    return [title, { ...g, outHeight, outWidth }];
  });
}

function conv(
  images: number,
  inChannels: number,
  outChannels: number,
  inHeight: number,
  inWidth: number,
  kernelHeight: number,
  kernelWidth: number,
): Omit<ConvGeometry, "outHeight" | "outWidth"> {
  const stride = { strideHeight: 1, strideWidth: 1, paddingHeight: 0, paddingWidth: 0, groups: 1 };
  return { images, inChannels, outChannels, inHeight, inWidth, kernelHeight, kernelWidth, ...stride };
}

function POOLINGS(): [string, PoolGeometry][] {
  return [
    [3, 1, 1, 1, 1, 1, 1],
    [7, 24, 24, 2, 2, 2, 2],
    [5, 7, 9, 2, 2, 2, 2],
    [3, 8, 13, 3, 2, 2, 3],
    [2, 9, 9, 3, 3, 3, 3],
    [2, 9, 10, 2, 2, 1, 2],
    [40, 30, 31, 2, 2, 2, 2],
  ].map(([planes, inHeight, inWidth, kernelHeight, kernelWidth, strideHeight, strideWidth]) => [
    `${planes} planes of ${inHeight} x ${inWidth}, window ${kernelHeight} x ${kernelWidth}, stride ${strideHeight} x ${strideWidth}`,
    {
      ...{ planes, inHeight, inWidth, kernelHeight, kernelWidth, strideHeight, strideWidth },
      outHeight: Math.floor((inHeight - kernelHeight) / strideHeight) + 1,
      outWidth: Math.floor((inWidth - kernelWidth) / strideWidth) + 1,
    },
  ]);
}
