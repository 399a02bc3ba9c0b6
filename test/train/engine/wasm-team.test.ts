// Fork and join: every index once, whoever takes it, and a fault on any thread reaches the caller.
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Arena, createArena } from "#train/engine/wasm/arena";
import { compileKernels, instantiateKernels, KERNEL_NAMES } from "#train/engine/wasm/kernels";
import { startNodeWorker } from "#train/engine/wasm/node-workers";
import { BOARD_BYTES, sharedTeam, type Team, WORKER_LOOP } from "#train/engine/wasm/team";

const THREADS = 3;

let arena: Arena;
let team: Team;
const workers: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  const module = await compileKernels();
  arena = createArena(1024);
  const { memory } = arena;
  const board = arena.reserve(BOARD_BYTES);
  for (let thread = 1; thread < THREADS; thread++)
    workers.push(await startNodeWorker({ module, memory, board, thread, kernels: KERNEL_NAMES }));
  team = sharedTeam(await instantiateKernels(module, memory), memory, board, THREADS);
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
});

describe("a team of threads", () => {
  test("does every index once, for any length and grain", () => {
    const array = arena.allocate(5000);
    const ones = arena.allocate(5000).fill(1);
    for (let round = 0; round < 400; round++) {
      const count = 1 + ((round * 733) % 5000);
      const grain = 1 + ((round * 31) % 700);
      array.fill(0);
      team.run("add", count, grain, ones.byteOffset, array.byteOffset);
      assert.ok(
        array.every((value, i) => value === (i < count ? 1 : 0)),
        `${count} by ${grain}`,
      );
    }
  });

  test("hears of a fault wherever it happened, and goes on working", () => {
    const beyond = 2 ** 32 - 64;
    const array = arena.allocate(4000);
    for (let round = 0; round < 20; round++) {
      assert.throws(() => {
        team.run("add", 4000, 16, beyond, array.byteOffset);
      });
      team.run("scale", 4000, 16, array.byteOffset, 1, array.byteOffset);
    }
  });

  test("has a loop for the workers that needs no files", () => {
    assert.ok(!/\b(import|require)\b/.test(WORKER_LOOP));
  });

  test("knows the kernels by the names that they are exported under", async () => {
    const exported = WebAssembly.Module.exports(await compileKernels()).map(({ name }) => name);
    assert.deepEqual([...KERNEL_NAMES, "setThread"].sort(), exported.sort());
  });
});
