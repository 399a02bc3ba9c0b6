import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { LATER_ACTIONS } from "#targets/actions";
import { TARGETS, findPacker, findProfile, findTarget, parseTarget, targetToJson } from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";

const NAMES = TARGETS.map(({ name }) => name).join(", ");

type Json = Record<string, unknown>;

/** A copy of loihi1 with the field at a JSON pointer replaced, or taken out where `value` is undefined. */
function edited(pointer: string, value: unknown): string {
  const root = JSON.parse(targetToJson(loihi1)) as Json;
  const keys = pointer.split("/").slice(1);
  const last = keys.pop()!;
  const parent = keys.reduce<Json>((at, key) => at[key] as Json, root);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return JSON.stringify(root);
}

function faultsOf(text: string): string[] {
  const sink = new DiagnosticSink();
  const target = parseTarget(text, sink);
  assert.equal(target === undefined, sink.hasErrors);
  return sink.diagnostics.map(({ code, subject }) => `${code} ${subject ?? ""}`);
}

function textOf(text: string): string {
  const sink = new DiagnosticSink();
  parseTarget(text, sink);
  return sink.diagnostics.map(formatDiagnostic).join("\n");
}

describe("a user's target", () => {
  test("may change any number", () => {
    const sink = new DiagnosticSink();
    const mine = parseTarget(edited("/walls/axonsIn/value", 8192), sink);
    assert.equal(mine?.walls.axonsIn?.value, 8192);
    assert.deepEqual(sink.diagnostics, []);
  });

  test("may leave a wall or a price unknown", () => {
    assert.deepEqual(faultsOf(edited("/walls/axonsIn", null)), []);
    assert.deepEqual(faultsOf(edited("/profiles/0/energy/spikeOut", null)), []);
  });

  test("may be older than the actions of four directions and of input neurons, and than the network", () => {
    const root = JSON.parse(targetToJson(loihi1)) as { noc?: Json; profiles: { energy: Json; time: Json }[] };
    delete root.noc;
    for (const { energy, time } of root.profiles)
      for (const prices of [energy, time])
        for (const action of LATER_ACTIONS) Reflect.deleteProperty(prices, action);
    const sink = new DiagnosticSink();
    const without = { ...loihi1 };
    Reflect.deleteProperty(without, "noc");
    assert.deepEqual(parseTarget(JSON.stringify(root), sink), without);
    assert.deepEqual(sink.diagnostics, []);
    Reflect.deleteProperty(root.profiles[1].time, "spikeOut");
    assert.deepEqual(faultsOf(JSON.stringify(root)), ["targets/missing-field /profiles/1/time/spikeOut"]);
  });

  test("may count hops by direction", () => {
    assert.deepEqual(faultsOf(edited("/mesh/hopClasses", "directions")), []);
    assert.deepEqual(faultsOf(edited("/mesh/hopClasses", "diagonals")), [
      "targets/wrong-value /mesh/hopClasses",
    ]);
  });

  test("is told what is not JSON", () => {
    assert.deepEqual(faultsOf("{"), ["targets/not-json "]);
  });

  test("is told every fault of its shape at once", () => {
    const root = JSON.parse(targetToJson(loihi1)) as {
      mesh: Json;
      walls: Json;
      paradigm: unknown;
      profiles: Json[];
    };
    root.mesh.columns = "eight";
    root.paradigm = "steped";
    root.walls.neuron = root.walls.neurons;
    Reflect.deleteProperty(root.walls, "neurons");
    root.profiles[0].unpriced = 3;
    assert.deepEqual(faultsOf(JSON.stringify(root)).toSorted(), [
      "targets/missing-field /walls/neurons",
      "targets/unknown-field /walls/neuron",
      "targets/wrong-type /mesh/columns",
      "targets/wrong-type /profiles/0/unpriced",
      "targets/wrong-value /paradigm",
    ]);
  });

  const RULES: readonly (readonly [pointer: string, value: unknown, fault: string])[] = [
    ["/walls/neurons/value", 0, "targets/wrong-number /walls/neurons/value"],
    ["/walls/neurons/value", 10.5, "targets/wrong-number /walls/neurons/value"],
    ["/walls/neurons/unit", "pJ", "targets/wrong-unit /walls/neurons"],
    ["/walls/synapseWords/unit", "bit", "targets/wrong-unit /walls/synapseWords"],
    ["/profiles/0/energy/spikeOut/unit", "ns", "targets/wrong-unit /profiles/0/energy/spikeOut"],
    ["/profiles/0/time/spikeOut/unit", "pJ", "targets/wrong-unit /profiles/0/time/spikeOut"],
    ["/profiles/0/staticPower/chip/unit", "pJ", "targets/wrong-unit /profiles/0/staticPower/chip"],
    ["/profiles/0/energy/spikeOut/value", -1, "targets/wrong-number /profiles/0/energy/spikeOut/value"],
    ["/profiles/0/energy/spikeOut/src", [], "targets/no-source /profiles/0/energy/spikeOut"],
    [
      "/profiles/0/energy/spikeOut/src",
      ["sanfe"],
      "targets/unknown-source /profiles/0/energy/spikeOut/src/0",
    ],
    ["/profiles/0/energy/synapseRunLength/note", " ", "targets/no-note /profiles/0/energy/synapseRunLength"],
    ["/profiles/1/energy/neuronUpdate/note", undefined, "targets/no-note /profiles/1/energy/neuronUpdate"],
    ["/profiles/0/energy/spikeOut/scope", "all-in", "targets/mixed-scopes /profiles/0/energy"],
    ["/profiles/0/inside/spikeOut", "messageOut", "targets/inside-priced /profiles/0/inside/spikeOut"],
    ["/profiles/0/barrier", [], "targets/barrier-order /profiles/0/barrier"],
    ["/profiles/0/barrier/1/tiles", 1, "targets/barrier-order /profiles/0/barrier"],
    ["/profiles/0/target", "mine", "targets/foreign-profile /profiles/0/target"],
    ["/profiles/1/name", "nahuku-fit", "targets/duplicate-name /profiles/1/name"],
    ["/packers/1/name", "nxtf", "targets/duplicate-name /packers/1/name"],
    ["/defaultProfile", "nahuku", "targets/unknown-default-profile /defaultProfile"],
    ["/mesh/rows", 0, "targets/wrong-number /mesh/rows"],
    ["/noc/cast", "broadcast", "targets/wrong-value /noc/cast"],
    ["/noc/bufferMessages/value", 0, "targets/wrong-number /noc/bufferMessages/value"],
    ["/noc/bufferMessages/unit", "word", "targets/wrong-unit /noc/bufferMessages"],
    ["/noc/bufferMessages/src", [], "targets/no-source /noc/bufferMessages"],
    ["/wordBits", 32, "targets/packer-fields /packers/0/formula"],
    ["/packers", [], "targets/wrong-number /packers"],
    ["/packers/0/encodings", [], "targets/packer-fields /packers/0/encodings"],
    ["/packers/0/skipBits", [], "targets/packer-fields /packers/0/skipBits"],
    ["/packers/0/indexBits", [8, 7], "targets/packer-fields /packers/0/indexBits"],
    ["/packers/0/weightBits", [0], "targets/packer-fields /packers/0/weightBits"],
    ["/packers/0/maxEntriesPerHeader", 65, "targets/packer-fields /packers/0/maxEntriesPerHeader"],
    ["/packers/0/maxFormats", 0, "targets/packer-fields /packers/0/maxFormats"],
    ["/packers/0/src/0", "nxtff", "targets/unknown-source /packers/0/src/0"],
  ];
  for (const [pointer, value, fault] of RULES) {
    test(`is told when ${pointer} is ${JSON.stringify(value) ?? "missing"}`, () => {
      const faults = faultsOf(edited(pointer, value));
      assert.ok(faults.includes(fault), faults.join("\n"));
    });
  }

  test("never surfaces a fault as anything but a diagnostic", () => {
    const anything = fc.oneof(fc.constant(undefined), fc.jsonValue());
    const pointers = fc.constantFrom(
      "/mesh",
      "/walls",
      "/walls/neurons",
      "/packers",
      "/packers/0/indexBits",
      "/profiles",
      "/profiles/0/barrier",
      "/profiles/0/inside",
      "/sources",
      "/neuron",
    );
    fc.assert(
      fc.property(pointers, anything, (pointer, value) => faultsOf(edited(pointer, value)).length >= 0),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => faultsOf(JSON.stringify(value)).length > 0));
  });
});

describe("messages read like this", () => {
  test("a misspelt field", () => {
    assert.equal(
      textOf(edited("/walls/neurns", null)),
      [
        'error[targets/unknown-field]: "/walls" has a field "neurns", which means nothing there.',
        "  at /walls/neurns",
        '  try: did you mean "neurons"?',
      ].join("\n"),
    );
  });

  test("a missing one", () => {
    assert.equal(
      textOf(edited("/weights/bits", undefined)),
      [
        'error[targets/missing-field]: "/weights/bits" is missing; it has to be a list.',
        "  at /weights/bits",
        "  try: add it (null, where nothing is known and null is allowed).",
      ].join("\n"),
    );
  });

  test("a wrong type", () => {
    assert.equal(
      textOf(edited("/mesh/columns", 2.5)),
      [
        'error[targets/wrong-type]: "/mesh/columns" has to be an integer, but is the number 2.5.',
        "  at /mesh/columns",
        "  try: replace it by an integer.",
      ].join("\n"),
    );
  });

  test("a word that is not on the list", () => {
    assert.equal(
      textOf(edited("/packers/0/rounding", "up")),
      [
        'error[targets/wrong-value]: "/packers/0/rounding" is "up", but may be "per-entry", "per-axon-guarded".',
        "  at /packers/0/rounding",
        "  try: replace it.",
      ].join("\n"),
    );
  });

  test("a price without a source", () => {
    assert.equal(
      textOf(edited("/profiles/0/energy/spikeOut/src", [])),
      [
        "error[targets/no-source]: the number is fitted and names no source.",
        "  at /profiles/0/energy/spikeOut",
        '  try: add a key of "sources" to "src", or call the number assumed and explain it in "note".',
      ].join("\n"),
    );
  });
});

describe("names", () => {
  test("are suggested where they nearly match", () => {
    const sink = new DiagnosticSink();
    assert.equal(findTarget("loihi", sink), undefined);
    assert.equal(findProfile(loihi1, "davies2081", sink), undefined);
    assert.equal(findPacker(loihi1, "nengoo", sink), undefined);
    assert.deepEqual(sink.diagnostics.map(formatDiagnostic), [
      'error[targets/unknown-target]: there is no target called "loihi"; known: ' +
        `${NAMES}.\n  try: did you mean "loihi1"? A target of your own is given as its file, which ends in .json.`,
      'error[targets/unknown-profile]: there is no profile of loihi1 called "davies2081"; known: nahuku-fit, davies2018.\n  try: did you mean "davies2018"?',
      'error[targets/unknown-packer]: there is no packer of loihi1 called "nengoo"; known: nxtf, nengo, nxtf-shared.\n  try: did you mean "nengo"?',
    ]);
  });

  test("are listed where nothing is near", () => {
    const sink = new DiagnosticSink();
    findTarget("braindrop", sink);
    assert.equal(
      sink.diagnostics[0].hint,
      `choose one of: ${NAMES}. A target of your own is given as its file, which ends in .json.`,
    );
  });
});
