import assert from "node:assert/strict";
import { test } from "vitest";
import {
  delayTooShort,
  inputNotFinite,
  instantLoop,
  labelsDiffer,
  modelNotFloat,
  modelNotInteger,
  populationUnknown,
  weightNotInteger,
} from "#simulator/diagnostics-reference";
import { formatDiagnostic } from "#util/diagnostic";

test("instant-loop reads like this", () => {
  assert.equal(
    formatDiagnostic(instantLoop({ populations: ["lif", "w_rec"] })),
    [
      'error[simulate/instant-loop]: "lif", "w_rec" feed each other in the same step, so none of them can be computed first.',
      '  at network.populations["lif"]',
      "  try: give one projection of the loop a delay of at least one step.",
    ].join("\n"),
  );
});

test("an unknown population is answered with a near one, or with what there is", () => {
  const near = populationUnknown({ name: "fcl", populations: ["fc1", "out"] });
  assert.equal(near.hint, 'did you mean "fc1"?');
  const many = Array.from({ length: 20 }, (_, i) => `population ${i}`);
  const far = populationUnknown({ name: "?", populations: many });
  assert.match(far.message, /"population 11" and 8 more\.$/);
  assert.equal(far.hint, 'name one of them, or record "all".');
});

test("every message is an error with a hint, and its data survive JSON", () => {
  const all = [
    delayTooShort({ projection: "a->b", delaySteps: 0 }),
    inputNotFinite({ port: "in", sample: 0, step: 1, index: 2, value: NaN }),
    instantLoop({ populations: ["a"] }),
    labelsDiffer({ labels: 1, samples: 2 }),
    modelNotFloat({ population: "a", model: "loihi-cuba" }),
    modelNotInteger({ population: "a", model: "lif", known: ["loihi-cuba", "digital-lif"] }),
    populationUnknown({ name: "a", populations: [] }),
    weightNotInteger({ projection: "a->b", weight: 0.5 }),
  ];
  assert.equal(new Set(all.map(({ code }) => code)).size, all.length);
  for (const diagnostic of all) {
    assert.match(diagnostic.code, /^simulate\/[a-z-]+$/);
    assert.equal(diagnostic.severity, "error");
    assert.ok(diagnostic.hint!.endsWith(".") || diagnostic.hint!.endsWith("?"), diagnostic.hint);
    assert.deepEqual(JSON.parse(JSON.stringify(diagnostic.data)), diagnostic.data);
  }
});
