import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { defaultTiming } from "#simulator/timing/default-timing";
import type { Quantity } from "#targets/target";

const RATE: Quantity = { value: 1, unit: "ns", evidence: "assumed", src: [], note: "for the test" };

describe("a run that names no timing model", () => {
  test("goes by the busiest core where the profile does", () => {
    assert.equal(defaultTiming({ law: "max-core" }), "simple");
  });

  test("goes by the profile's law if all its rates are published", () => {
    assert.equal(defaultTiming({ law: "pipeline", laws: { pipeline: { synapseNs: RATE } } }), "pipeline");
  });

  test("goes by the profile's law if the user gives the rates that are not", () => {
    const rates = { neuronNs: 1, synapseNs: 1, messageNs: 1, spikeNs: 1 };
    assert.equal(defaultTiming({ law: "deadline", laws: { deadline: { tickNs: RATE } } }, rates), "deadline");
  });

  test("goes by the busiest core if a rate is missing", () => {
    assert.equal(defaultTiming({ law: "deadline", laws: { deadline: { tickNs: RATE } } }), "simple");
  });
});
