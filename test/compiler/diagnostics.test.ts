// How the messages read. The two that come from mapping itself are tested as text in compile.test.ts.
import assert from "node:assert/strict";
import { test } from "vitest";
import * as compiling from "#compiler/diagnostics";
import * as verifying from "#compiler/verify/diagnostics";
import { formatDiagnostic } from "#util/diagnostic";

test("delay-out-of-range reads like this", () => {
  assert.equal(
    formatDiagnostic(compiling.delayOutOfRange({ projection: "loop", delaySteps: 70, max: 62 })),
    [
      'error[compile/delay-out-of-range]: projection "loop" has a delay of 70 steps, but the chip delivers after 1 to 62 steps.',
      '  at network.projections["loop"].delaySteps',
      "  try: shorten the delay to 62 steps.",
    ].join("\n"),
  );
});

test("model-not-on-target reads like this", () => {
  const facts = { population: "hidden", model: "lif", target: "loihi1", models: ["loihi-cuba"] };
  assert.equal(
    formatDiagnostic(compiling.modelNotOnTarget(facts)),
    [
      'error[compile/model-not-on-target]: population "hidden" is of model "lif", but cores of loihi1 run "loihi-cuba".',
      '  at network.populations["hidden"]',
      "  try: quantize the network for this target before compiling.",
    ].join("\n"),
  );
});

test("weight-differs reads like this", () => {
  const facts = { core: 3, projection: "fc1", pre: 7, post: 9, stored: 12, expected: 10 };
  assert.equal(
    formatDiagnostic(verifying.weightDiffers(facts)),
    [
      'error[verify/weight-differs]: the synapse 7 -> 9 of projection "fc1" is stored with weight 12, but the model says 10.',
      "  at deployment.cores[core 3]",
      "  try: compile the model again; if the finding stays, report it as a bug together with the model.",
    ].join("\n"),
  );
});

test("over-wall names core, resource, need and wall", () => {
  const facts = { core: 5, resource: "axonsIn" as const, needed: 5000, available: 4096 };
  const { message, data } = verifying.overWall(facts);
  assert.equal(message, "core 5 needs 5000 input axons, but a core has 4096.");
  assert.deepEqual(data, facts);
});

test("every violation has a code of its own", () => {
  const facts = { facts: undefined, formats: [], known: [] } as never;
  const codes = Object.values(verifying).map(
    (make) => (make as (facts: never) => { code: string })(facts).code,
  );
  assert.equal(new Set(codes).size, codes.length);
  assert.ok(codes.every((code) => /^verify\/[a-z-]+$/.test(code)));
});
