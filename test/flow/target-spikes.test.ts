// Every target that can run networks: random models whose neurons it has, from the model to its cores, spike by spike.
import assert from "node:assert/strict";
import { expect, test } from "vitest";
import { simulate } from "#simulator/simulate";
import { mapModel, type MappedModel } from "#spinec";
import { randomSpikes } from "#test/networks";
import { TARGETS } from "#targets/index";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { modelFor } from "./model-for.ts";
import { assertSameSpikes } from "./same-spikes.ts";

const STEPS = 10;
const MODELS = 8;

for (const target of TARGETS.filter(({ status }) => status !== "report-only"))
  test(`runs what fits ${target.name} as the plain reference says`, () => {
    let fitting = 0;
    let spikes = 0;
    for (let seed = 1; seed <= MODELS; seed++) {
      const rng = createRng(seed);
      const model = modelFor(target, rng);
      const inputs = { in: randomSpikes(rng, model.populations[0].shape, { steps: STEPS, density: 0.5 }) };
      let mapped: MappedModel;
      try {
        mapped = mapModel(model, target, { steps: STEPS }, new DiagnosticSink());
      } catch (error) {
        // Recurrence, fan-out and delays are not for every chip.
        assert.ok(error instanceof ToolchainError, String(error));
        continue;
      }
      fitting++;
      const { network, deployment } = mapped.compiled;
      const run = simulate(deployment, target, target.profiles[0], inputs, { record: "all" });
      spikes += assertSameSpikes(network, deployment, run, inputs, STEPS).spikes;
    }
    expect(fitting, "models that fit").toBeGreaterThan(0);
    expect(spikes).toBeGreaterThan(20);
  });
