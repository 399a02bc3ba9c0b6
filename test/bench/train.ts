// Training: a matrix product, and one whole step (forward, backward through time, Adam) of two networks, against plain
// loops, TensorFlow.js on wasm and, where it is installed, PyTorch. CPU time on one thread; for two threads, where CPU
// time says nothing, the best of interleaved wall-clock times.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cpuMs, measure, report } from "#test/bench";
import { ROOT } from "#test/shared";
import type { Backend, GemmCall } from "#train/engine/backend";
import { createExecutor } from "#train/engine/executor";
import { createReferenceBackend } from "#train/engine/reference";
import { createTfjsBackend } from "#train/engine/tfjs";
import { createWasmBackend } from "#train/engine/wasm/backend";
import { type LayerGraph, type LayerOp, planGraph } from "#train/graph";
import { lossOf } from "#train/loss";
import { NEURONS } from "#train/neurons";
import { ADAM, createOptimizer } from "#train/optimizer";
import { createParameters } from "#train/parameters";
import { createRandom } from "#train/random";

const STEPS = 8; // time steps of a training step
const CLASSES = 10;
const SIDE = 512; // of the square matrices

const lif: LayerOp = { op: "neuron", neuron: NEURONS["lif-sj"] };
const pool: LayerOp = { op: "average-pool", kernel: [2, 2], stride: [2, 2] };
const linear = (features: number): LayerOp => ({ op: "linear", features, bias: false });
const conv = (channels: number): LayerOp => ({
  ...{ op: "conv2d", channels, kernel: [5, 5], stride: [1, 1], padding: [0, 0], groups: 1, bias: false },
});

function chain(name: string, inputShape: readonly number[], ops: readonly LayerOp[]): LayerGraph {
  const layers = ops.map((op, i) => ({ ...op, name: `l${i}`, inputs: [i === 0 ? "input" : `l${i - 1}`] }));
  return { name, inputShape, layers, output: `l${ops.length - 1}` };
}

const NETWORKS: readonly { readonly graph: LayerGraph; readonly batch: number }[] = [
  { graph: chain("mlp", [784], [linear(800), lif, linear(CLASSES), lif]), batch: 64 },
  {
    graph: chain(
      "cnn",
      [1, 28, 28],
      [
        ...[conv(15), lif, pool, conv(40), lif, pool, { op: "flatten" } as const],
        ...[linear(300), lif, linear(CLASSES), lif],
      ],
    ),
    batch: 50,
  },
];

/** A training step as a function, on data that stay. */
function trainingStep(graph: LayerGraph, batch: number, backend: Backend): () => void {
  const plan = planGraph(graph, true);
  const random = createRandom(1);
  const parameters = createParameters(plan, backend, random);
  const executor = createExecutor({ plan, parameters, backend, steps: STEPS, maxBatch: batch, learns: true });
  const optimizers = parameters.list.map((p) => createOptimizer(ADAM, backend, p.value.length));
  for (let i = 0; i < executor.input.length; i++) executor.input[i] = random.next();
  const labels = Array.from({ length: batch }, () => Math.floor(CLASSES * random.next()));
  let k = 0;
  return () => {
    k++;
    executor.forward(batch, { training: true, seed: k });
    lossOf({ name: "mse" }, executor.output, labels, STEPS, CLASSES, executor.outputGradient);
    executor.backward(batch);
    parameters.list.forEach((p, i) => {
      optimizers[i].step(p.value, p.gradient, 1e-3, k);
    });
  };
}

function product(backend: Backend): () => void {
  const random = createRandom(1);
  const matrix = (): GemmCall["a"] => {
    const entries = backend.allocate(SIDE * SIDE);
    for (let i = 0; i < entries.length; i++) entries[i] = random.next() - 0.5;
    return entries;
  };
  const shape = { m: SIDE, n: SIDE, k: SIDE, transA: false, transB: false, accumulate: false };
  const call: GemmCall = { a: matrix(), b: matrix(), c: matrix(), ...shape };
  return () => {
    backend.gemm(call);
  };
}

function wallMs(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Median CPU time after a warm-up. */
function medianMs(work: () => void, rounds: number): number {
  work();
  const times = Array.from({ length: rounds }, () => cpuMs(work)).sort((a, b) => a - b);
  return times[Math.floor(rounds / 2)];
}

const python = spawnSync("/usr/bin/python3", [join(ROOT, "test/bench/pytorch/train_step.py")], {
  encoding: "utf8",
  env: { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" },
});
const pytorch =
  python.status === 0 ? (JSON.parse(python.stdout) as Record<"gemm" | "mlp" | "cnn", number>) : undefined;

const solo = await createWasmBackend();
const duo = await createWasmBackend({ threads: 2 });
const require = createRequire(import.meta.url);
const wasmPath = join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "wasm-out/");
const tfjs = await createTfjsBackend({ flavour: "wasm", wasmPath });

const gflop = (2 * SIDE ** 3) / 1e9;
report({
  name: `gemm ${SIDE}^3`,
  unit: "GFLOP/s",
  results: {
    wasm: (gflop * 1e6) / measure(product(solo)).medianUs,
    tfjs: (gflop * 1e3) / medianMs(product(tfjs), 5),
    "plain loops": (gflop * 1e3) / medianMs(product(createReferenceBackend()), 3),
    ...(pytorch ? { pytorch: pytorch.gemm } : {}),
  },
});

for (const { graph, batch } of NETWORKS) {
  const one = trainingStep(graph, batch, solo);
  const two = trainingStep(graph, batch, duo);
  for (let i = 0; i < 20; i++) [one, two].forEach((step) => step());
  const wasmMs = medianMs(one, 60);
  const oneWalls: number[] = [];
  const twoWalls: number[] = [];
  for (let i = 0; i < 60; i++) {
    oneWalls.push(wallMs(one));
    twoWalls.push(wallMs(two));
  }
  const yardstick = graph.name as "mlp" | "cnn";
  report({
    name: `training step ${graph.name}`,
    unit: "ms",
    results: {
      wasm: wasmMs,
      "two threads, times faster": Math.min(...oneWalls) / Math.min(...twoWalls),
      tfjs: medianMs(trainingStep(graph, batch, tfjs), 5),
      ...(pytorch ? { pytorch: pytorch[yardstick] } : {}),
    },
  });
}
await Promise.all([solo.dispose(), duo.dispose(), tfjs.dispose()]);
