import assert from "node:assert/strict";
import { test } from "vitest";
import type { Deployment } from "#ir/deployment";
import { loihi1 } from "#targets/loihi1/index";
import { deploymentOf } from "#test/deployments";
import { ToolchainError } from "#util/diagnostic";
import { withMemoryFor } from "../../src/simulate-memory.ts";
import { createRequestHandler, type WorkerAnswer } from "../../src/simulate-threads.ts";

const deployment = deploymentOf({
  inputs: [{ name: "in", size: 1 }],
  populations: [{ name: "a", size: 1 }],
  projections: [{ pre: "in", post: "a", synapses: [{ pre: 0, post: 0, weight: 2 }] }],
});

/** As Node says it where it has no memory for an array. */
const outOfMemory = (): never => {
  throw new RangeError("Array buffer allocation failed");
};

test("memory that is not there is a fault that says for how many synapses it was wanted", () => {
  assert.throws(
    () => withMemoryFor(deployment, outOfMemory),
    (error: unknown) => {
      assert.ok(error instanceof ToolchainError);
      const [{ code, message }] = error.diagnostics;
      assert.equal(code, "simulate/no-memory");
      assert.match(message, /1 synapse.* on 1 core/);
      return true;
    },
  );
});

test("other range errors are bugs and stay what they are", () => {
  for (const wrong of [new RangeError("Maximum call stack size exceeded"), new TypeError("memory")])
    assert.throws(
      () =>
        withMemoryFor(deployment, () => {
          throw wrong;
        }),
      (error) => error === wrong,
    );
});

test("a thread that has no memory for its machine says so, before any sample", () => {
  const answers: WorkerAnswer[] = [];
  const handle = createRequestHandler((answer) => answers.push(answer));
  let looks = 0;
  const tooLarge: Deployment = {
    ...deployment,
    get rules() {
      looks++;
      return outOfMemory();
    },
  };
  handle({
    kind: "job",
    job: {
      deployment: tooLarge,
      target: loihi1,
      profile: loihi1.profiles[0],
      options: { steps: 1, record: "outputs", timing: "simple" },
      samples: 1,
      floorline: false,
    },
  });
  assert.ok(looks > 0);
  assert.equal(answers.length, 1);
  assert.ok(answers[0].kind === "fault", answers[0].kind);
  assert.equal(answers[0].diagnostics[0].code, "simulate/no-memory");
});
