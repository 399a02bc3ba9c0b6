// The bundled digit classifier: what the files say about each other, and what training.json claims.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import { expand } from "#ir/connectivity";
import type { Network } from "#ir/network";
import { accuracy } from "#simulator/accuracy";
import { simulateReference } from "#simulator/reference-float";
import { ROOT } from "#test/shared";
import { splitImages } from "#train/datasets/images";
import { digitsFromClasses } from "#train/datasets/mnist";
import { readRateCodedImages, spikesOfImages, type RateCodedImages } from "#train/rate-coded-images";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const FILES = ["digits.nir", "digits-200.json.gz", "training.json", "README.md"];
const pathOf = (name: string): string => join(ROOT, "assets/demo", name);
const report = JSON.parse(readFileSync(pathOf("training.json"), "utf8"));

async function readModel(): Promise<Network> {
  const sink = new DiagnosticSink();
  const network = await readNetwork(readFileSync(pathOf("digits.nir")), { name: "digits" }, sink);
  sink.throwIfErrors();
  return network!;
}

async function readDigits(): Promise<RateCodedImages> {
  const sink = new DiagnosticSink();
  const digits = await readRateCodedImages(readFileSync(pathOf("digits-200.json.gz")), sink);
  sink.throwIfErrors();
  return digits!;
}

describe("the bundled demo", () => {
  test("takes less than a megabyte", () => {
    const bytes = FILES.reduce((sum, name) => sum + statSync(pathOf(name)).size, 0);
    assert.ok(bytes < 1_000_000, `${bytes} bytes`);
  });

  test("has the synapses that training.json counts, nine tenths of all pruned", async () => {
    const network = await readModel();
    const layers = network.projections.filter((projection) => projection.layer !== undefined);
    const synapses = layers.map(({ connectivity }) => expand(connectivity).values.length);
    assert.deepEqual(
      synapses,
      report.pruned.layers.map((layer: { synapses: number }) => layer.synapses),
    );
    const possible = 784 * 256 + 256 * 128 + 128 * 10;
    const sparsity = 1 - synapses.reduce((sum, count) => sum + count, 0) / possible;
    assert.ok(Math.abs(sparsity - report.pruned.sparsityShare) < 1e-12);
    assert.ok(sparsity >= 0.9);
  });

  test("classifies the bundled digits on the float reference exactly as well as training.json says", async () => {
    const network = await readModel();
    const digits = await readDigits();
    const { recorded } = simulateReference(network, { [network.inputs[0].name]: spikesOfImages(digits) });
    const share = accuracy(Object.values(recorded)[0], digits.labels);
    assert.equal(share, report.examples.accuracy);
    assert.ok(share >= 0.94);
  });

  test("claims 94 % or more of 1,000 held-out digits, with whole and with 8-bit weights", () => {
    assert.equal(report.data.test, 1000);
    assert.ok(report.pruned.testAccuracyOfReference >= 0.94);
    assert.ok(report.pruned.testAccuracyWith8BitWeights >= 0.94);
    assert.equal(report.pruned.testAccuracyOfReference, report.pruned.testAccuracy);
  });

  test("shows digits that were held out of training and validation", async () => {
    const require = createRequire(import.meta.url);
    const classes = Array.from({ length: 10 }, (_, d) => require(`mnist/src/digits/${d}.json`).data);
    const { training, validation, test } = report.data;
    const parts = splitImages(
      digitsFromClasses(classes),
      [training, validation, test],
      createRng(report.seeds.split),
    );
    const digits = await readDigits();
    assert.equal(digits.labels.length, 200);
    assert.deepEqual(digits.labels, parts[2].labels.slice(0, 200));
    assert.deepEqual(digits.pixels, parts[2].pixels.slice(0, 200 * 784));
  });
});
