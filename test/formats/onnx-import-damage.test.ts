// Damaged files: a refusal with codes, or a valid network; never an exception, and never long.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { onnxImporter } from "#formats/onnx/import/importer";
import { ROOT } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const ROUNDS = 150;

describe("onnx: damaged files", () => {
  for (const name of ["mlp", "cnn", "lif", "loop-outside", "sparse-initializer"])
    test(`onnx: ${name} with bytes changed, cut and doubled is refused or read, and never throws`, async () => {
      const whole = readFileSync(join(ROOT, "test/golden/onnx", `${name}.onnx`));
      const rng = createRng(13);
      let refused = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const at = Math.floor(rng() * whole.length);
        const length = Math.floor(rng() * 40);
        const bytes =
          round % 4 === 0
            ? Uint8Array.from(whole.subarray(0, at))
            : round % 4 === 1
              ? Uint8Array.from([...whole.subarray(0, at + length), ...whole.subarray(at)])
              : Uint8Array.from(whole);
        if (round % 4 > 1)
          for (let i = 0; i < round % 5; i++)
            bytes[Math.floor(rng() * bytes.length)] = Math.floor(rng() * 256);
        const sink = new DiagnosticSink();
        const network = await onnxImporter.read(bytes, {}, sink);
        assert.equal(network === undefined, sink.hasErrors, `round ${round}`);
        if (network === undefined) refused++;
        for (const { code } of sink.diagnostics) assert.match(code, /^(onnx|ir)\//);
      }
      assert.ok(refused > ROUNDS / 4);
    });
});
