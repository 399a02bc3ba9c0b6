import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { sharedPath } from "./shared.ts";

/** Where the digits are, or undefined: tests then skip, visibly. */
export const mnistFolder: string | undefined = sharedPath("data/mnist");

/** The first digits of a set: `pixels` `[count, 784]`, 0 to 255. */
export function mnistDigits(
  set: "t10k" | "train10k",
  count: number,
): { readonly pixels: Uint8Array; readonly labels: readonly number[] } {
  const images = readIdx(`${set}-images-idx3-ubyte`);
  const labels = readIdx(`${set}-labels-idx1-ubyte`);
  return { pixels: images.slice(16, 16 + 784 * count), labels: Array.from(labels.subarray(8, 8 + count)) };
}

function readIdx(name: string): Uint8Array {
  const path = [name, `${name}.gz`].map((file) => join(mnistFolder!, file)).find(existsSync)!;
  const bytes = readFileSync(path);
  return new Uint8Array(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
}
