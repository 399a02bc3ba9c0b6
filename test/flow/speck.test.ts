// A trained network of sinabs on the chip that it was written for: its layers have the kernels that it was trained with,
// pooling in front, and the chip's spikes are those of the integer reference.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { createWorkload } from "#compiler/encode/workload";
import { layerOfProjection } from "#compiler/encode/formulas/kernel-pow2";
import { readNetwork } from "#formats/index";
import type { Network } from "#ir/network";
import { simulate } from "#simulator/simulate";
import { mapModel } from "#spinec";
import { randomSpikes } from "#test/networks";
import { sharedPath } from "#test/shared";
import { loihi2Netx } from "#targets/loihi2/index";
import { speck2 } from "#targets/speck2/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { assertSameSpikes } from "./same-spikes.ts";

const root = sharedPath("corpus");
const model = root === undefined ? "" : join(root, "peer_nir/cnn_nmnist_sinabs/model.nir");
const read = async (options: object = {}): Promise<Network> => {
  const network = await readNetwork(readFileSync(model), options, new DiagnosticSink());
  assert.ok(network !== undefined);
  return network;
};
const STEPS = 10;

describe("cnn_nmnist_sinabs", () => {
  test.skipIf(!existsSync(model))(
    "runs on five cores of speck2, pooling in the cores, with the spikes of the integer reference",
    async () => {
      const network = await read();
      const { compiled, quantized, verified } = mapModel(
        network,
        speck2,
        { steps: STEPS },
        new DiagnosticSink(),
      );
      assert.equal(verified.ok, true);
      assert.equal(compiled.utilization.cores, 5);
      const inputs = {
        [network.inputs[0].name]: randomSpikes(createRng(3), [2, 34, 34], { steps: STEPS, density: 0.2 }),
      };
      const run = simulate(compiled.deployment, speck2, speck2.profiles[0], inputs, {
        record: "all",
        steps: STEPS,
      });
      const { spikes } = assertSameSpikes(quantized, compiled.deployment, run, inputs, STEPS);
      assert.ok(spikes > 1000, `${spikes} spikes`);
      const workload = createWorkload(quantized, speck2, speck2.packers[0], false);
      const layers = quantized.projections.map((_, p) => layerOfProjection(workload, p));
      assert.deepEqual(layers.map(({ kernel, pool }) => `${kernel.join(" x ")} behind ${pool}`).sort(), [
        "1 x 1 behind 1",
        "3 x 3 behind 1",
        "3 x 3 behind 2",
        "4 x 4 behind 2",
        "5 x 5 behind 1",
      ]);
    },
  );

  test.skipIf(!existsSync(model))(
    "runs on loihi2-netx, with the spikes of the integer reference",
    async () => {
      const network = await read({ reset: "value" });
      const { compiled, quantized } = mapModel(network, loihi2Netx, { steps: STEPS }, new DiagnosticSink());
      const inputs = {
        [network.inputs[0].name]: randomSpikes(createRng(3), [2, 34, 34], { steps: STEPS, density: 0.2 }),
      };
      const [profile] = loihi2Netx.profiles;
      const run = simulate(compiled.deployment, loihi2Netx, profile, inputs, { record: "all", steps: STEPS });
      const { spikes } = assertSameSpikes(quantized, compiled.deployment, run, inputs, STEPS);
      assert.ok(spikes > 1000, `${spikes} spikes`);
    },
  );
});
