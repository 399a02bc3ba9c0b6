import assert from "node:assert/strict";
import type * as tensorflow from "@tensorflow/tfjs";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import * as diagnostics from "#train/engine/engine-diagnostics";
import { createTfjsBackend } from "#train/engine/tfjs";
import { ToolchainError, formatDiagnostic } from "#util/diagnostic";
import { TFJS_WASM_PATH } from "./backends.ts";

/** Packages that must not be there in these tests, whatever is installed. */
const absent = (name: string): void => {
  vi.doMock(name, () => {
    throw new Error(`no ${name} here`);
  });
};

beforeEach(() => absent("@tensorflow/tfjs-node"));
afterEach(() => {
  vi.doUnmock("@tensorflow/tfjs-node");
  vi.doUnmock("@tensorflow/tfjs-backend-wasm");
  vi.doUnmock("@tensorflow/tfjs");
});

async function codesOf(work: Promise<unknown>): Promise<string[]> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ToolchainError);
    return error.diagnostics.map(({ code }) => code);
  }
  return [];
}

describe("the automatic flavour", () => {
  test("is WebAssembly where the native library is missing", async () => {
    const backend = await createTfjsBackend({ wasmPath: TFJS_WASM_PATH });
    assert.equal(backend.name, "tfjs-wasm");
  });

  test("is plain JavaScript where both are missing", async () => {
    absent("@tensorflow/tfjs-backend-wasm");
    assert.equal((await createTfjsBackend()).name, "tfjs-cpu");
  });

  test("does not hide that TensorFlow itself is missing", async () => {
    absent("@tensorflow/tfjs");
    assert.deepEqual(await codesOf(createTfjsBackend()), ["train/tensorflow-missing"]);
  });
});

test.each([
  ["node", "@tensorflow/tfjs-node"],
  ["wasm", "@tensorflow/tfjs-backend-wasm"],
  ["cpu", "@tensorflow/tfjs"],
] as const)("flavour %s is refused without %s", async (flavour, name) => {
  absent(name);
  assert.deepEqual(await codesOf(createTfjsBackend({ flavour })), ["train/tensorflow-missing"]);
});

test("a backend that does not start is named", async () => {
  vi.doMock("@tensorflow/tfjs", async (original) => ({
    ...(await original<typeof tensorflow>()),
    setBackend: () => Promise.resolve(false),
  }));
  const work = createTfjsBackend({ flavour: "wasm", wasmPath: TFJS_WASM_PATH });
  assert.deepEqual(await codesOf(work), ["train/tensorflow-not-started"]);
});

test("two flavours work side by side, and leave no tensors behind", async () => {
  const tf = await import("@tensorflow/tfjs");
  const wasm = await createTfjsBackend({ flavour: "wasm", wasmPath: TFJS_WASM_PATH });
  const cpu = await createTfjsBackend({ flavour: "cpu" });
  const before = tf.memory().numTensors;
  for (const backend of [wasm, cpu, wasm]) {
    const [x, y] = [backend.allocate(2).fill(3), backend.allocate(2)];
    backend.scale(x, 2, y);
    assert.deepEqual([...y], [6, 6]);
    assert.equal(tf.getBackend(), backend.name.slice("tfjs-".length));
  }
  assert.equal(tf.memory().numTensors, before);
});

test("the messages read like this", () => {
  const texts = [
    diagnostics.tensorflowMissing({ package: "@tensorflow/tfjs", reason: "not found" }),
    diagnostics.tensorflowNotStarted({ package: "@tensorflow/tfjs-backend-wasm", backend: "wasm" }),
  ].map(formatDiagnostic);
  assert.deepEqual(texts, [
    [
      'error[train/tensorflow-missing]: the engine "tfjs" needs the package @tensorflow/tfjs, but it could not be loaded: not found.',
      '  try: install it with "npm install @tensorflow/tfjs", or use the engine "wasm".',
    ].join("\n"),
    [
      'error[train/tensorflow-not-started]: the engine "tfjs" needs the backend "wasm" of @tensorflow/tfjs-backend-wasm to start, but it does not.',
      '  try: set "wasmPath" to the folder of its ".wasm" files, or use the flavour "cpu".',
    ].join("\n"),
  ]);
});
