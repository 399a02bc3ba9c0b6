// From models to TrueNorth, ODIN and Xylo: lowered, verified, and the machine's spikes are those of the integer reference of the
// network before copies and relays came in.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import { readDeploymentFile, writeDeploymentFile } from "#formats/deployment-file/index";
import type { Network } from "#ir/network";
import { simulate } from "#simulator/simulate";
import { mapModel, verifyModel, type MappedModel, type MapOptions } from "#spinec";
import { between, edge, input, lif, network, population, randomSparse, randomSpikes } from "#test/networks";
import { sharedPath } from "#test/shared";
import { findTarget } from "#targets/index";
import { odin } from "#targets/odin/index";
import type { Target } from "#targets/target";
import { truenorth } from "#targets/truenorth/index";
import { xyloAudio2 } from "#targets/xylo-audio2/index";
import { xyloImu } from "#targets/xylo-imu/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { assertSameSpikes } from "./same-spikes.ts";

/** Maps and runs a model. @returns the spikes that were compared */
function assertRuns(
  model: Network,
  target: Target,
  options: MapOptions,
  steps: number,
  seed: number,
): { mapped: MappedModel; spikes: number } {
  const mapped = mapModel(model, target, options, new DiagnosticSink());
  assert.ok(mapped.verified.ok);
  const { deployment } = mapped.compiled;
  const inputs = Object.fromEntries(
    model.inputs.map(({ name, population: p }) => [
      name,
      randomSpikes(createRng(seed), model.populations[p].shape, { steps, density: 0.4 }),
    ]),
  );
  const run = simulate(deployment, target, target.profiles[0], inputs, { steps, record: "all" });
  const { spikes } = assertSameSpikes(mapped.quantized, deployment, run, inputs, steps);
  return { mapped, spikes };
}

const chain = (
  seed: number,
  sizes: readonly number[],
  reset: "value" | "subtract",
  biased: boolean,
): Network => {
  const rng = createRng(seed);
  const model = (name: string, size: number) =>
    lif(
      name,
      size,
      { vThreshold: 0.3 },
      {
        dynamics: { integrator: "euler", compare: ">", reset, current: "new" },
        ...(biased && { bias: Float64Array.from({ length: size }, () => between(rng, -2, 4) / 8) }),
      },
    );
  return network(
    sizes.map((size, l) => (l === 0 ? input("in", size) : model(`l${l}`, size))),
    sizes.slice(1).map((size, l) =>
      edge(
        l === 0 ? "in" : `l${l}`,
        `l${l + 1}`,
        randomSparse(rng, sizes[l], size, 0.6, () => between(rng, -5, 8) / 4),
      ),
    ),
  );
};

describe("truenorth", () => {
  test("it computes what the integer reference computes, through copies, relays and bias neurons", () => {
    let [copied, spiking] = [0, 0];
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 3, maxLength: 4 }),
        fc.boolean(),
        (seed, sizes, biased) => {
          const { mapped, spikes } = assertRuns(chain(seed, sizes, "value", biased), truenorth, {}, 8, seed);
          if (mapped.compiled.network !== mapped.quantized) copied++;
          if (spikes > 0) spiking++;
        },
      ),
      { numRuns: 12 },
    );
    assert.ok(copied > 0 && spiking > 0);
  });

  test("it spreads a wide layer over splitters, and the deployment proves to be the model", async () => {
    const model = chain(5, [20, 60, 50, 1200], "value", false);
    const { mapped } = assertRuns(model, truenorth, {}, 4, 5);
    const relays = mapped.compiled.network.populations.filter(({ standsFor }) => standsFor?.kind === "relay");
    assert.ok(relays.length > 0);
    const sink = new DiagnosticSink();
    const bytes = writeDeploymentFile(mapped.compiled.deployment, { generator: "test", notes: {} });
    const read = await readDeploymentFile(bytes, sink);
    assert.ok(read !== undefined);
    assert.deepEqual(read.deployment, mapped.compiled.deployment);
    assert.ok(verifyModel(read.deployment, model, truenorth, {}, sink).ok);
    const other = chain(6, [20, 60, 50, 10], "value", false);
    assert.throws(() => verifyModel(read.deployment, other, truenorth, {}, new DiagnosticSink()), /verify\//);
  });
});

describe("generic-crossbar", () => {
  test("it takes a row for each crosspoint of a weight, and computes what the integer reference computes", () => {
    const rowsOf = (bits: number): number => {
      const sink = new DiagnosticSink();
      const target = findTarget(`generic-crossbar:rows=512,cols=16,bits=${bits},weightBits=8`, sink);
      assert.ok(target !== undefined, JSON.stringify(sink.diagnostics));
      const { mapped, spikes } = assertRuns(chain(9, [10, 14, 6], "value", false), target, {}, 8, 9);
      assert.ok(spikes > 0);
      return mapped.compiled.utilization.byResource.axonsIn.total;
    };
    const [wide, half, single] = [8, 4, 1].map(rowsOf);
    assert.deepEqual([half, single], [2 * wide, 8 * wide]);
  });
});

describe("odin", () => {
  test("it computes what the integer reference computes, with neurons split by sign", () => {
    let split = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const rng = createRng(seed);
      const neuron = (name: string, size: number) =>
        population(name, "if", size, { r: 1, vThreshold: 1, vReset: 0 });
      const model = network(
        [input("in", 8), neuron("a", 10), neuron("b", 5)],
        [
          edge(
            "in",
            "a",
            randomSparse(rng, 8, 10, 0.7, () => between(rng, -3, 7) / 7),
          ),
          edge(
            "a",
            "b",
            randomSparse(rng, 10, 5, 0.7, () => between(rng, -3, 7) / 7),
          ),
        ],
      );
      const { mapped } = assertRuns(model, odin, {}, 10, seed);
      if (mapped.folded.populations.length > 3) split++;
    }
    assert.ok(split > 0);
  });
});

const braille = sharedPath("corpus/peer_nir");

describe("xylo", () => {
  for (const id of ["braille_v2", "braille_subtract", "braille_zero"])
    for (const target of [xyloAudio2, xyloImu]) {
      const file = join(braille ?? "", id, "model.nir");
      test.skipIf(braille === undefined || !existsSync(file))(`it runs ${id} on ${target.name}`, async () => {
        const model = await readNetwork(readFileSync(file), { reset: "subtract" }, new DiagnosticSink());
        assert.ok(model !== undefined);
        const { mapped } = assertRuns(model, target, {}, 12, 3);
        assert.deepEqual(
          mapped.compiled.deployment.cores.map(({ core }) => core),
          [0, 1],
        );
      });
    }
});

const pruned = join(sharedPath("corpus/models") ?? "", "snntorch_mlp_p98", "model.nir");

describe("a pruned model on truenorth", () => {
  test.skipIf(!existsSync(pruned))("it fits 22 cores at 98 % sparsity, in one chip", async () => {
    const model = await readNetwork(readFileSync(pruned), {}, new DiagnosticSink());
    assert.ok(model !== undefined);
    const { mapped, spikes } = assertRuns(model, truenorth, {}, 6, 1);
    assert.ok(spikes > 0);
    assert.ok(
      mapped.compiled.deployment.cores.length <= 22,
      `${mapped.compiled.deployment.cores.length} cores`,
    );
  });
});
