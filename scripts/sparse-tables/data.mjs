// Digits and clothes for the tables, from IDX files: --data FOLDER holds train10k-… and t10k-… of MNIST; Fashion-MNIST
// comes from Debian's package dataset-fashion-mnist, its first 10,000 training images.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const FASHION = "/usr/share/datasets/fashion-mnist";
const TRAINING = 10_000;

/** @returns {{ training: object, test: object } | undefined} undefined where the files are not there */
export function loadTableData(name, folder) {
  const [where, first] = name === "fashion-mnist" ? [FASHION, "train"] : [folder, "train10k"];
  const parts = [first, "t10k"].map((part) => {
    const images = idx(where, `${part}-images-idx3-ubyte`, 16);
    const labels = idx(where, `${part}-labels-idx1-ubyte`, 8);
    if (images === undefined || labels === undefined) return undefined;
    const samples = Math.min(labels.length, TRAINING);
    return {
      kind: "images",
      name,
      shape: [1, 28, 28],
      pixels: images.subarray(0, samples * 784),
      labels: labels.subarray(0, samples),
      classes: 10,
    };
  });
  return parts.every(Boolean) ? { training: parts[0], test: parts[1] } : undefined;
}

function idx(folder, name, header) {
  for (const [file, open] of [
    [`${name}.gz`, gunzipSync],
    [name, (bytes) => bytes],
  ]) {
    const path = join(folder, file);
    if (existsSync(path)) return new Uint8Array(open(readFileSync(path))).subarray(header);
  }
  return undefined;
}
