import assert from "node:assert/strict";
import { describe, test } from "vitest";
import {
  FAMILIES,
  TARGETS,
  checkTarget,
  findTarget,
  parseTarget,
  targetNames,
  targetToJson,
} from "#targets/index";
import type { Target } from "#targets/target";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";

function found(name: string): Target {
  const sink = new DiagnosticSink();
  const target = findTarget(name, sink);
  assert.deepEqual(sink.diagnostics, []);
  assert.ok(target !== undefined);
  return target;
}

function refusal(name: string): string[] {
  const sink = new DiagnosticSink();
  assert.equal(findTarget(name, sink), undefined);
  return sink.diagnostics.map(formatDiagnostic);
}

describe("a target with parameters", () => {
  test("has what it was given, and the rest as it is without", () => {
    const { walls, packers } = found("generic-crossbar:rows=1024,cols=64,bits=2");
    assert.deepEqual([walls.axonsIn?.value, walls.neurons?.value], [1024, 64]);
    assert.ok(packers[0].formula === "crossbar");
    assert.deepEqual([packers[0].rows, packers[0].cols, packers[0].crosspointBits], [1024, 64, 2]);
    const lists = found("generic-entrylist:axonsIn=8192,words=1000,cores=6");
    assert.deepEqual(
      [lists.walls.axonsIn?.value, lists.walls.synapseWords?.value, lists.walls.neurons?.value],
      [8192, 1000, 1024],
    );
    assert.equal(lists.mesh.columns * lists.mesh.rows * lists.mesh.coresPerTile, 6);
  });

  test("is called by what differs, in one order, so that it is found again", () => {
    const target = found("generic-crossbar: bits=2 , rows=1024,cols=256");
    assert.equal(target.name, "generic-crossbar:rows=1024,bits=2");
    assert.deepEqual(found(target.name), target);
    assert.equal(found("generic-crossbar:rows=256").name, "generic-crossbar");
    assert.deepEqual(found("generic-crossbar:rows=256"), found("generic-crossbar"));
  });

  test.each(FAMILIES)("breaks no rule at either end of any parameter: $name", (family) => {
    for (const { key, min, max } of family.parameters)
      for (const value of [min, max]) {
        const sink = new DiagnosticSink();
        const target = findTarget(`${family.name}:${key}=${value}`, sink);
        if (target === undefined) {
          assert.equal(sink.diagnostics[0].code, "targets/bad-parameter");
          continue;
        }
        assert.deepEqual(checkTarget(target), [], target.name);
        assert.deepEqual(parseTarget(targetToJson(target), sink), target);
      }
  });

  test("is refused with everything that is wrong, and what there is", () => {
    assert.deepEqual(refusal("generic-crossbar:row=4,cols=0,bits=x"), [
      'error[targets/unknown-parameter]: there is no parameter of generic-crossbar called "row"; known: rows, cols, bits, weightBits, cores, chips.\n  try: did you mean "rows"?',
      'error[targets/bad-parameter]: "cols" of generic-crossbar has to be a whole number from 1 to 65536, but is 0; parameters: rows, cols, bits, weightBits, cores, chips.\n  try: write generic-crossbar:cols=… with a whole number from 1 to 65536.',
      'error[targets/bad-parameter]: "bits" of generic-crossbar has to be a whole number from 1 to 8, but is x; parameters: rows, cols, bits, weightBits, cores, chips.\n  try: write generic-crossbar:bits=… with a whole number from 1 to 8.',
    ]);
    assert.match(refusal("generic-crossbar:rows")[0], /but is left out/);
    assert.match(refusal("generic-crossbar:rows=1,rows=2")[0], /has to be given once/);
    assert.match(refusal("generic-crossbar:")[0], /unknown-parameter/);
    assert.match(
      refusal("generic-entrylist:neurons=2048,indexBits=10")[0],
      /"neurons" of generic-entrylist has to be at most 1024, which an index of 10 bits reaches, but is 2048/,
    );
    assert.deepEqual(refusal("loihi1:cores=4"), [
      'error[targets/no-parameters]: "loihi1" is one chip and takes no parameters; those that do: generic-digital-45nm, generic-entrylist, generic-crossbar.\n  try: write loihi1, or change its numbers in a file of your own (targets show loihi1).',
    ]);
    assert.match(refusal("generic-crosbar:rows=2")[0], /unknown-target.*\n.*did you mean "generic-crossbar"/);
  });

  test("stands among all targets once, as it is without parameters", () => {
    for (const { name } of FAMILIES) assert.equal(TARGETS.filter((target) => target.name === name).length, 1);
  });
});

test("a list of targets is parted at the commas between them", () => {
  assert.deepEqual(targetNames("loihi1, generic-crossbar:rows=2,cols=3,speck2"), [
    "loihi1",
    "generic-crossbar:rows=2,cols=3",
    "speck2",
  ]);
  assert.deepEqual(targetNames(""), []);
});
