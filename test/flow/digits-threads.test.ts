// Handwritten digits through a trained model on Loihi: the same report from one thread and from two.
import assert from "node:assert/strict";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { findProfile, findTarget, runModelInThreads } from "#spinec";
import { sharedPath } from "#test/shared";
import { createWorkerPool, type WorkerPool } from "#test/threads";
import { DiagnosticSink } from "#util/diagnostic";
import { readModel, testImages } from "../simulator/corpus-case.ts";

/** `scripts/digits-threads.mjs` runs all thousand, and measures. */
const DIGITS = 60;
const STEPS = 25;

const root = sharedPath("corpus");

describe("digits", () => {
  let pool: WorkerPool | undefined;
  beforeAll(() => {
    pool = root === undefined ? undefined : createWorkerPool(2);
  });
  afterAll(() => {
    pool?.close();
  });

  test.skipIf(root === undefined)(
    `corpus models/snntorch_mlp_dense gives the same report of ${DIGITS} digits with one and two threads`,
    async () => {
      const network = await readModel(join(root!, "models/snntorch_mlp_dense/model.nir"), {});
      const { spikes, labels } = testImages(root!, "data/mnist_test_1000", STEPS, [784]);
      const port = network.inputs[0].name;
      const inputs = { [port]: { ...spikes, samples: spikes.samples.slice(0, DIGITS) } };
      const sink = new DiagnosticSink();
      const target = findTarget("loihi1", sink)!;
      const profile = findProfile(target, undefined, sink)!;
      const run = async (threads: number): Promise<object> => {
        const { report, spikes: recorded } = await runModelInThreads(
          network,
          target,
          profile,
          inputs,
          { threads, workers: pool!.workers, labels: labels.slice(0, DIGITS), reference: false },
          new DiagnosticSink(),
        );
        return { report, recorded, accuracy: report.accuracy?.chipShare };
      };
      const alone = (await run(1)) as { accuracy: number };
      // The peer that trained it gets 92.4 % of all thousand.
      assert.ok(alone.accuracy > 0.85, `${alone.accuracy} of the digits`);
      assert.deepEqual(await run(2), alone);
      assert.equal(pool!.most(), 2);
    },
  );
});
