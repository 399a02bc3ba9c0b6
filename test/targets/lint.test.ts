// Every rule fires on a planted fault, and names its place. Faults of loihi1's own fields: parse.test.ts.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { akida } from "#targets/akida/index";
import { findTarget, parseTarget, targetToJson } from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";
import { spinnaker1 } from "#targets/spinnaker1/index";
import type { Target } from "#targets/target";
import { tianjic } from "#targets/tianjic/index";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";

type Json = Record<string, unknown>;

const crossbar = findTarget("generic-crossbar", new DiagnosticSink())!;
const digital = findTarget("generic-digital-45nm", new DiagnosticSink())!;
const entrylist = findTarget("generic-entrylist", new DiagnosticSink())!;
const classes: Target = {
  ...loihi1,
  coreClasses: [
    { name: "small", cores: [0, 1], walls: { neurons: loihi1.walls.neurons } },
    { name: "large", cores: [2], walls: {} },
  ],
};

/** The target's file with the field at a JSON pointer replaced, or taken out where `value` is undefined. */
function edited(target: Target, pointer: string, value: unknown): string {
  const root = JSON.parse(targetToJson(target)) as Json;
  const keys = pointer.split("/").slice(1);
  const last = keys.pop()!;
  const parent = keys.reduce<Json>((at, key) => (at[key] ??= {}) as Json, root);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return JSON.stringify(root);
}

function faultsOf(text: string): string[] {
  const sink = new DiagnosticSink();
  assert.equal(parseTarget(text, sink) === undefined, sink.hasErrors);
  return sink.diagnostics.map(({ code, subject }) => `${code} ${subject ?? ""}`);
}

const PROFILE = "/profiles/0";
const SPIKE = `${PROFILE}/energy/spikeOut`;
const base = { target: "loihi1", profile: "nahuku-fit" };

const PLANTED: readonly (readonly [target: Target, pointer: string, value: unknown, fault: string])[] = [
  [loihi1, `${SPIKE}/scope`, undefined, `targets/no-scope ${SPIKE}`],
  [loihi1, `${PROFILE}/staticPower/chip/scope`, undefined, `targets/no-scope ${PROFILE}/staticPower/chip`],
  [loihi1, `${SPIKE}/evidence`, "memory", `targets/from-memory ${SPIKE}/evidence`],
  [loihi1, "/walls/neurons/evidence", "memory", "targets/from-memory /walls/neurons/evidence"],
  [loihi1, `${SPIKE}/op`, { volts: 1 }, `targets/unknown-op ${SPIKE}/op/volts`],
  [loihi1, `${SPIKE}/unit`, "joule", `targets/wrong-value ${SPIKE}/unit`],
  [loihi1, SPIKE, 69.3, `targets/wrong-type ${SPIKE}`],
  [loihi1, `${SPIKE}/band`, [1.2, 1.3], `targets/wrong-value ${SPIKE}/band`],
  [loihi1, `${PROFILE}/kind`, "scaled", `targets/no-base ${PROFILE}/base`],
  [loihi1, `${PROFILE}/kind`, "inherited", `targets/no-base ${PROFILE}/base`],
  [loihi1, `${PROFILE}/kind`, "guessed", `targets/wrong-value ${PROFILE}/kind`],
  [entrylist, `${PROFILE}/kind`, "scaled", `targets/no-factor ${PROFILE}/base`],
  [entrylist, `${PROFILE}/base/energyFactor`, 0, `targets/no-factor ${PROFILE}/base/energyFactor`],
  [entrylist, `${PROFILE}/base/timeFactor`, { spikeOut: -1 }, `targets/no-factor ${PROFILE}/base/timeFactor`],
  [loihi1, `${PROFILE}/law`, "deadline", ""],
  [spinnaker1, `${PROFILE}/unpriced`, [], `targets/silent-law ${PROFILE}/unpriced`],
  [digital, `${PROFILE}/unpriced`, [], `targets/silent-law ${PROFILE}/unpriced`],
  [
    spinnaker1,
    `${PROFILE}/laws/deadline/tickNs/unit`,
    "pJ",
    `targets/wrong-unit ${PROFILE}/laws/deadline/tickNs`,
  ],
  [spinnaker1, "/chipMemory/words/unit", "count", "targets/wrong-unit /chipMemory/words"],
  [spinnaker1, "/chipMemory/routes/value", 0, "targets/wrong-number /chipMemory/routes/value"],
  [spinnaker1, "/budgets/neurons/value", 0.5, "targets/wrong-number /budgets/neurons/value"],
  [spinnaker1, "/walls/neuronWords/unit", "count", "targets/wrong-unit /walls/neuronWords"],
  [spinnaker1, "/die/clock/unit", "ns", "targets/wrong-unit /die/clock"],
  [spinnaker1, "/die/memory/unit", "bit", "targets/wrong-unit /die/memory"],
  [tianjic, "/die/area/unit", "mW", "targets/wrong-unit /die/area"],
  [spinnaker1, "/packers/0/wordBits", 64, "targets/packer-fields /packers/0/wordBits"],
  [spinnaker1, "/packers/0/indexBits", 20, "targets/packer-fields /packers/0/synapseBits"],
  [
    spinnaker1,
    "/packers/0/codebook",
    { entries: 4, entryBits: 8 },
    "targets/packer-fields /packers/0/codebook",
  ],
  [tianjic, "/packers/0/codebook", undefined, "targets/packer-fields /packers/0/codebook"],
  [tianjic, "/packers/0/codebook/entries", 64, "targets/packer-fields /packers/0/codebook"],
  [crossbar, "/packers/0/rows", 0, "targets/packer-fields /packers/0/rows"],
  [crossbar, "/packers/0/axonTypes", 4, "targets/packer-fields /packers/0/typeWeightBits"],
  [classes, "/coreClasses/0/cores/1", 128, "targets/core-class /coreClasses/0/cores"],
  [classes, "/coreClasses/1/cores/0", 1, "targets/core-class /coreClasses/1/cores"],
  [classes, "/coreClasses/1/cores", [], "targets/core-class /coreClasses/1/cores"],
  [classes, "/coreClasses/1/name", "small", "targets/duplicate-name /coreClasses/1/name"],
  [classes, "/coreClasses/0/walls/neurons/unit", "word", "targets/wrong-unit /coreClasses/0/walls/neurons"],
  [akida, "/wordBits", 0, "targets/wrong-number /wordBits"],
  [akida, "/mesh/rows", 1e9, "targets/wrong-number /mesh"],
  [akida, "/weights/bits", [], "targets/wrong-number /weights/bits"],
  [akida, "/weights/bits", [4, 2], "targets/wrong-number /weights/bits/1"],
  [akida, "/weights/bits", [99], "targets/wrong-number /weights/bits/0"],
  [akida, "/weights/maxMagnitude", 0, "targets/wrong-number /weights/maxMagnitude"],
  [akida, "/weights/minMixed", 5, "targets/wrong-number /weights/minMixed"],
  [akida, "/weights/exponentMax", 1e9, "targets/wrong-number /weights/exponentMax"],
  [akida, "/weights/exponentMin", 8, "targets/wrong-number /weights/exponentMax"],
  [akida, "/weights/inputShift", 32, "targets/wrong-number /weights/inputShift"],
  [akida, "/weights/mixedStep", 0, "targets/wrong-number /weights/mixedStep"],
  [akida, "/resetModes", [], "targets/wrong-number /resetModes"],
  [akida, "/neuronModels", [], "targets/wrong-number /neuronModels"],
  [akida, "/neuron/leaks", [], "targets/wrong-number /neuron/leaks"],
  [spinnaker1, "/neuron/synapticCurrent/leaks", [], "targets/wrong-number /neuron/synapticCurrent/leaks"],
  [crossbar, "/name", "Crossbar", "targets/wrong-value /name"],
];

describe("a planted fault", () => {
  test.each(PLANTED)("%# is found", (target, pointer, value, fault) => {
    assert.deepEqual(faultsOf(targetToJson(target)), []);
    const faults = faultsOf(edited(target, pointer, value));
    if (fault === "") assert.deepEqual(faults, []);
    else assert.ok(faults.includes(fault), `${pointer}: ${faults.join(", ") || "nothing found"}`);
  });

  test("in a scaled profile is none if it names base and factors", () => {
    const text = edited(loihi1, `${PROFILE}/base`, { ...base, timeFactor: { spikeOut: 0.1 } });
    const root = JSON.parse(text) as { profiles: Json[] };
    root.profiles[0].kind = "scaled";
    assert.deepEqual(faultsOf(JSON.stringify(root)), []);
  });

  test("may be an empty barrier table only where nothing waits for it", () => {
    assert.deepEqual(faultsOf(edited(loihi1, `${PROFILE}/barrier`, [])), [
      `targets/barrier-order ${PROFILE}/barrier`,
    ]);
    assert.deepEqual(faultsOf(targetToJson(spinnaker1)), []);
  });

  test("reads like this", () => {
    const sink = new DiagnosticSink();
    parseTarget(edited(loihi1, `${SPIKE}/evidence`, "memory"), sink);
    parseTarget(edited(entrylist, `${PROFILE}/kind`, "scaled"), sink);
    assert.deepEqual(sink.diagnostics.map(formatDiagnostic), [
      [
        "error[targets/from-memory]: the number is from memory: nobody can check it.",
        `  at ${SPIKE}/evidence`,
        '  try: look it up and name the source, or call it "assumed" and give the reasoning in "note".',
      ].join("\n"),
      [
        'error[targets/no-factor]: profile "inherited-nahuku-fit" is scaled, but its base names no factor.',
        `  at ${PROFILE}/base`,
        '  try: add "energyFactor" or "timeFactor": a number above 0, or numbers by action.',
      ].join("\n"),
    ]);
  });
});
