import { test } from "vitest";
import * as diagnostics from "#compiler/passes/diagnostics";
import { assertGolden } from "#test/golden";
import { type Diagnostic, formatDiagnostic } from "#util/diagnostic";

const examples: { [K in keyof typeof diagnostics]: Parameters<(typeof diagnostics)[K]>[0] } = {
  boundaryCompare: { population: "fc", thresholdMantissa: 507, share: 1 / 508 },
  deadNeurons: { population: "fc", neurons: 5, of: 20, silent: 3 },
  decayOutOfRange: { population: "fc", register: "vDecay", neurons: 3, wanted: 1e-5, got: 0 },
  delayTooLong: { projection: "fc", neededSteps: 70, maxSteps: 62, target: "loihi1" },
  deviates: { population: "fc", deviation: "current: the model sees the previous step's current." },
  disconnected: { projection: "fc", pre: "in", post: "lif1" },
  foldGrowth: { projection: "fc", synapsesBefore: 1000, synapsesAfter: 2_000_000 },
  gradedOutput: { population: "mean", model: "li", post: "lif2" },
  lateBias: { population: "lif1", relay: "fc", steps: 1 },
  linearLeak: { population: "fc", register: "vDecay", neurons: 3, share: 1 / 16, amount: 4, threshold: 128 },
  loopTooFast: { populations: ["lif1", "lif2"], projection: "back", steps: 2 },
  manyDecays: { population: "fc", pairs: 108, perCore: 32, target: "loihi1" },
  missingInNeuron: { population: "fc", target: "speck2", what: "leak", neuron: 0, value: 0.0625 },
  notFinite: { population: "fc", quantity: "gain" },
  relayLeft: { population: "sum" },
  relayLoop: { populations: ["a", "b"] },
  resetUnsupported: { population: "lif1", reset: "subtract", target: "loihi1", has: ["value"] },
  signNeedsBit: { projection: "fc", weightBits: 1, usedBits: 2 },
  thresholdNotPositive: { population: "fc", neuron: 4, threshold: -0.25 },
  tooManyTypes: { population: "fc", neuron: 7, values: 31, types: 4, target: "truenorth" },
  unknownPass: { pass: "x", known: ["align-delays", "split-signs"] },
  unsupportedBits: { weightBits: 7, target: "loihi1", has: [1, 2, 3, 4, 5, 6, 8] },
  unsupportedModel: { population: "fc", model: "izhikevich", target: "loihi1" },
  worstCaseOverflow: { population: "fc", register: "u", neuron: 7, reached: 12_345_678.4, limit: 8_388_607 },
};

test("every message of the passes reads like this", () => {
  const texts = Object.entries(examples).map(([name, facts]) =>
    formatDiagnostic(
      (diagnostics[name as keyof typeof diagnostics] as (facts: unknown) => Diagnostic)(facts),
    ),
  );
  assertGolden("passes/diagnostics.txt", `${texts.join("\n")}\n`);
});
