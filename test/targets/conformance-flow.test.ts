// A small network on every target: quantized, mapped, read back, run, and the same as the plain reference.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { DEFAULT_DYNAMICS, type Network, type Population, type SparseMatrix } from "#ir/network";
import { priceRun } from "#simulator/energy";
import { simulate } from "#simulator/simulate";
import { mapModel } from "#spinec";
import { findProfile, TARGETS } from "#targets/index";
import type { Target } from "#targets/target";
import { between, edge, input, lif, network, population, randomSparse, randomSpikes } from "#test/networks";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { assertSameSpikes } from "../flow/same-spikes.ts";

const STEPS = 40;
const WEIGHTS = [-0.5, -0.25, 0.25, 0.5, 0.75];

/** Whether neurons of the target can do without a leak. */
function hasNoLeak({ neuron }: Target): boolean {
  return neuron.model !== "digital-lif" || neuron.leaks.includes("none");
}

function neurons(name: string, size: number, target: Target): Population {
  const reset = target.resetModes.includes("value") ? "value" : "subtract";
  const dynamics = { ...DEFAULT_DYNAMICS, reset, compare: ">=" } as const;
  return hasNoLeak(target)
    ? population(name, "if", size, { r: 1, vThreshold: 1, vReset: 0 }, { dynamics })
    : lif(name, size, { tauSteps: 8, r: 8 }, { dynamics });
}

/** Input, a hidden layer, a read-out; weights are quarters, so that most chips lose nothing. */
function smallNetwork(target: Target): Network {
  const rng = createRng(7);
  const weights = (rows: number, cols: number): SparseMatrix =>
    randomSparse(rng, rows, cols, 0.6, () => WEIGHTS[between(rng, 0, WEIGHTS.length - 1)]);
  return network(
    [input("in", 6), neurons("hidden", 8, target), neurons("out", 3, target)],
    [edge("in", "hidden", weights(6, 8)), edge("hidden", "out", weights(8, 3))],
  );
}

for (const target of TARGETS) {
  describe(`target ${target.name}`, () => {
    if (target.status === "report-only") {
      test("refuses to map anything, with the reason", () => {
        assert.throws(
          () => mapModel(smallNetwork(target), target, {}, new DiagnosticSink()),
          (error) =>
            error instanceof ToolchainError &&
            error.diagnostics.length === 1 &&
            error.diagnostics[0].code === "targets/report-only" &&
            target.caveats!.every((caveat) => error.diagnostics[0].message.includes(caveat)),
        );
      });
      return;
    }

    test("carries a small network: verified, and run as the plain reference says", () => {
      const model = smallNetwork(target);
      const sink = new DiagnosticSink();
      const { compiled, verified } = mapModel(model, target, { steps: STEPS }, sink);
      assert.ok(verified.ok);
      const notes = sink.diagnostics.filter(({ code }) => code === "targets/caveats");
      assert.equal(notes.length, target.caveats === undefined ? 0 : 1);
      for (const caveat of target.caveats ?? []) assert.ok(notes[0].message.includes(caveat));
      const inputs = { in: randomSpikes(createRng(3), [6], { steps: STEPS, samples: 2, density: 0.4 }) };
      const profile = findProfile(target, undefined, sink)!;
      const run = simulate(compiled.deployment, target, profile, inputs, { steps: STEPS, record: "all" });
      const { spikes } = assertSameSpikes(compiled.network, compiled.deployment, run, inputs, STEPS);
      assert.ok(spikes > 20, `${spikes} spikes`);
      for (const each of target.profiles) {
        const energy = priceRun(run, each, target);
        assert.ok(Number.isFinite(energy.dynamicPj) && energy.dynamicPj >= 0, each.name);
      }
    });
  });
}
