// Speck 2: nine cores that differ in memory, and the one energy that was measured.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import {
  kernelPow2Words,
  neuronPow2Words,
  packedKernelWords,
  roundUpToPow2,
} from "#targets/formulas/kernel-words";
import { speck2 } from "#targets/speck2/index";
import { coresPerChip, PRICED_ACTIONS } from "#targets/target";
import { coreLimits, wallsOfCore } from "#targets/walls";

const KI = 1024;

describe("speck2", () => {
  test("has the published memories: 272 Ki words for kernels, 320 Ki for neurons", () => {
    const cores = Array.from({ length: coresPerChip(speck2) }, (_, core) => wallsOfCore(speck2, core));
    const ki = (words: number | undefined): number => (words ?? 0) / KI;
    assert.deepEqual(
      cores.map(({ synapseWords, neuronWords }) => [ki(synapseWords?.value), ki(neuronWords?.value)]),
      [
        [16, 64],
        [16, 64],
        [16, 64],
        [32, 32],
        [32, 32],
        [64, 16],
        [64, 16],
        [16, 16],
        [16, 16],
      ],
    );
    const sum = (resource: "synapseWords" | "neuronWords"): number =>
      cores.reduce((total, walls) => total + walls[resource]!.value, 0);
    assert.deepEqual([sum("synapseWords"), sum("neuronWords")], [272 * KI, 327_680]);
    assert.ok(
      cores.every(
        ({ biasWords, destinationCores }) => biasWords?.value === 1024 && destinationCores?.value === 2,
      ),
    );
  });

  test("has as the most of any core what no single core has", () => {
    const most = coreLimits(speck2, speck2.packers[0]);
    assert.deepEqual([most.synapseWords, most.neuronWords], [64 * KI, 64 * KI]);
  });

  test("prices synapses alone, from 10 to 26 pJ, all of the chip's power in it", () => {
    const [{ energy, inside, law }] = speck2.profiles;
    const { value, band, scope } = energy.synapseConv!;
    assert.deepEqual(
      band?.map((factor) => Number((factor * value).toFixed(6))),
      [10, 26],
    );
    assert.ok(Math.abs(value - Math.sqrt(10 * 26)) < 0.05);
    assert.deepEqual([scope, law], ["all-in", "pipeline"]);
    assert.ok(PRICED_ACTIONS.every((action) => action === "synapseConv" || inside?.[action] !== undefined));
  });
});

describe("words of kernels", () => {
  test("round up to powers of two by counting", () => {
    for (let count = 1; count < 300; count++) {
      let power = 1;
      while (power < count) power *= 2;
      assert.equal(roundUpToPow2(count), power);
    }
  });

  test("are those of the documentation for 16 to 32 channels, 3 x 3, on 64 x 64 pixels: 8 Ki and 128 Ki", () => {
    const size = { inChannels: 16, outChannels: 32, height: 3, width: 3 };
    assert.equal(kernelPow2Words(size), 8 * KI);
    assert.equal(neuronPow2Words(32, 64, 64), 128 * KI);
  });

  test("are whole words for each tap where kernels are packed", () => {
    assert.equal(
      packedKernelWords({ inChannels: 3, outChannels: 24, height: 3, width: 3 }, 8, 64),
      3 * 9 * 3,
    );
    assert.equal(
      packedKernelWords({ inChannels: 3, outChannels: 25, height: 3, width: 3 }, 8, 64),
      3 * 9 * 4,
    );
  });
});
