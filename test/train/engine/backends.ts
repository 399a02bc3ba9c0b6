// The backends under test, and what compares them.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Backend, Floats } from "#train/engine/backend";
import { createReferenceBackend } from "#train/engine/reference";
import { createTfjsBackend } from "#train/engine/tfjs";
import { createWasmBackend } from "#train/engine/wasm/backend";
import type { Random } from "#train/random";

export interface Subject {
  readonly name: string;
  create(): Backend | Promise<Backend>;
}

const require = createRequire(import.meta.url);
export const TFJS_WASM_PATH: string = join(
  dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")),
  "wasm-out/",
);

/** Everything that has to agree with the reference in double precision. */
export const SUBJECTS: readonly Subject[] = [
  { name: "reference float32", create: () => createReferenceBackend() },
  { name: "wasm, one thread", create: () => createWasmBackend({ threads: 1 }) },
  { name: "wasm, two threads", create: () => createWasmBackend({ threads: 2 }) },
  { name: "tfjs cpu", create: () => createTfjsBackend({ flavour: "cpu" }) },
  { name: "tfjs wasm", create: () => createTfjsBackend({ flavour: "wasm", wasmPath: TFJS_WASM_PATH }) },
];

const yardstick = createReferenceBackend({ precision: "float64" });

type Arrays<Name extends string> = Readonly<Record<Name, Floats>>;

/**
 * Does the same work on a backend and on the reference in double precision and compares *all* arrays afterwards: outputs,
 * which start as noise, and inputs, which nobody may touch. Arrays lie at odd places of larger ones, as they may.
 *
 * @param tolerance times the largest number of the array, or 1
 */
export function assertAgrees<Name extends string>(
  backend: Backend,
  initial: Readonly<Record<Name, ArrayLike<number>>>,
  work: (backend: Backend, arrays: Arrays<Name>) => unknown,
  tolerance = 1e-5,
): void {
  const [found, expected] = [backend, yardstick].map((on) => {
    const arrays = placeArrays(on, initial);
    const result = work(on, arrays);
    return { result: typeof result === "number" ? result : 0, arrays };
  });
  for (const name of Object.keys(initial) as Name[])
    assertClose(found.arrays[name], expected.arrays[name], tolerance, name);
  assertClose([found.result], [expected.result], tolerance, "result");
}

export function placeArrays<Name extends string>(
  backend: Backend,
  initial: Readonly<Record<Name, ArrayLike<number>>>,
): Arrays<Name> {
  const arrays = {} as Record<Name, Floats>;
  for (const name of Object.keys(initial) as Name[]) {
    const values = Float32Array.from(initial[name]);
    const array = backend.allocate(values.length + 3).subarray(3);
    array.set(values);
    arrays[name] = array;
  }
  return arrays;
}

export function assertClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(found.length, expected.length, `length of ${what}`);
  let largest = 1;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(found[i] - expected[i]) <= tolerance * largest))
      assert.fail(`${what}[${i}] is ${found[i]}, not ${expected[i]}`);
}

/** Uniform in [from, to). */
export function noise(random: Random, length: number, from = -1, to = 1): number[] {
  return Array.from({ length }, () => Math.fround(from + (to - from) * random.next()));
}
