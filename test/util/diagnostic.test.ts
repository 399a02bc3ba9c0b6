import assert from "node:assert/strict";
import { test } from "vitest";
import { DiagnosticSink, ToolchainError, formatDiagnostic, nearestName } from "#util/diagnostic";

test("a diagnostic reads as severity, code, message, place and hint", () => {
  const text = formatDiagnostic({
    code: "place/no-room",
    severity: "error",
    message: "the network was cut into 200 blocks, but loihi1 has 128 cores.",
    subject: 'network.populations["fc1"]',
    hint: "raise the pruning rate.",
  });
  assert.equal(
    text,
    "error[place/no-room]: the network was cut into 200 blocks, but loihi1 has 128 cores.\n" +
      '  at network.populations["fc1"]\n  try: raise the pruning rate.',
  );
});

test("a sink throws everything it collected, and only if there is an error", () => {
  const sink = new DiagnosticSink();
  sink.report({ code: "x/note", severity: "note", message: "n." });
  sink.throwIfErrors();
  sink.report({ code: "x/a", severity: "error", message: "a." });
  sink.report({ code: "x/b", severity: "error", message: "b." });
  assert.throws(
    () => {
      sink.throwIfErrors();
    },
    (error: unknown) => {
      assert.ok(error instanceof ToolchainError);
      assert.deepEqual(
        error.diagnostics.map((d) => d.code),
        ["x/note", "x/a", "x/b"],
      );
      return true;
    },
  );
});

test("near names are found and far ones are not", () => {
  assert.equal(nearestName("lohii1", ["loihi1", "speck"]), "loihi1");
  assert.equal(nearestName("zzzzzz", ["loihi1", "speck"]), undefined);
});
