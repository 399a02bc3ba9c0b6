// What every pass owes us. Loops over the registry: a new pass is tested by being listed.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { PASSES, PIPELINES } from "#compiler/passes/index";
import { type Pass, runPasses } from "#compiler/pass";
import { quantize } from "#compiler/passes/quantize";
import type { Network } from "#ir/network";
import { loihi1 } from "#targets/loihi1/index";
import { dense, edge, input, lif, network } from "#test/networks";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { randomFaithful } from "./faithful.ts";

const context = (): { target: typeof loihi1; sink: DiagnosticSink } => ({
  target: loihi1,
  sink: new DiagnosticSink(),
});
const run = (before: Network, passes: readonly Pass[]): Network => runPasses(before, passes, context());
const networks = fc.nat().map((seed) => randomFaithful(seed, { feedback: seed % 2 === 0, lateBias: true }));

for (const pass of PASSES) {
  describe(`pass ${pass.name}`, () => {
    test("has a name for the command line and a summary in a verb", () => {
      assert.match(pass.name, /^[a-z]+(-[a-z]+)*$/);
      assert.match(pass.summary, /^[a-z].*[^.]$/);
      assert.equal(PASSES.filter(({ name }) => name === pass.name).length, 1);
    });

    test("leaves a valid network, and the very same one the second time", () => {
      fc.assert(
        fc.property(networks, (before) => {
          const after = run(before, [pass]);
          assert.equal(run(after, [pass]), after);
        }),
        { numRuns: 40 },
      );
    });

    test("leaves what it was given as it was", () => {
      fc.assert(
        fc.property(networks, (before) => {
          const copy = structuredClone(before);
          run(before, [pass]);
          assert.deepEqual(before, copy);
        }),
        { numRuns: 10 },
      );
    });

    test("works without a target", () => {
      const before = randomFaithful(3, { feedback: true, lateBias: false });
      assert.ok(runPasses(before, [pass], { sink: new DiagnosticSink() }).populations.length > 0);
    });
  });
}

test("every pipeline is made of passes in the registry", () => {
  for (const pipeline of Object.values(PIPELINES)) {
    for (const pass of pipeline) assert.ok(PASSES.includes(pass));
  }
});

test("the default way to the chip ends in a network that is ready to be cut", () => {
  fc.assert(
    fc.property(networks, (before) => {
      const folded = run(before, PIPELINES.default);
      const wanted = folded.outputs.every(
        ({ population }) => folded.populations[population].model !== "relay",
      );
      if (!wanted) return;
      const { network: chip } = quantize(folded, loihi1, {}, new DiagnosticSink());
      const ready = run(chip, PIPELINES["after-quantize"]);
      assert.ok(ready.populations.every(({ model }) => model === "input" || model === "loihi-cuba"));
      assert.ok(ready.projections.every((p) => p.delaySteps >= 1 && p.quantization !== undefined));
    }),
    { numRuns: 40 },
  );
});

test("a fault of the network that comes in is the user's", () => {
  const broken = network([input("in", 2), lif("out", 2)], [edge("in", "out", dense([[1], [1]]))]);
  assert.throws(
    () => run(broken, PASSES),
    (error: unknown) => error instanceof ToolchainError && error.diagnostics[0].code === "ir/shape-mismatch",
  );
});

test("a fault that a pass makes is ours, and names the pass", () => {
  const breaking: Pass = {
    name: "break",
    summary: "break the network",
    run: (before) => ({ ...before, outputs: [{ name: "out", population: 99 }] }),
  };
  const sound = network([input("in", 1), lif("out", 1)], []);
  assert.throws(() => run(sound, [breaking]), /Bug in the toolchain.*pass "break"[^]*ir\/index-range/);
  const trusted = runPasses(sound, [breaking], context(), { verify: false });
  assert.equal(trusted.outputs[0].population, 99);
});
