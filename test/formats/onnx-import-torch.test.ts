// Networks as PyTorch writes them: small files that are kept, and the same made anew where PyTorch is installed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import { ROOT } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { asInput, outputsOf } from "./onnx-import-case.ts";
import { runtimeOutputs } from "./onnx-import-graphs.ts";

const GOLDEN = join(ROOT, "test/golden/onnx");
const PYTHON = "/usr/bin/python3";
const hasTorch = spawnSync(PYTHON, ["-c", "import torch, onnx"]).status === 0;

interface Expected {
  readonly shape: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

async function compareWithTorch(folder: string, name: string): Promise<void> {
  const all = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Record<string, Expected>;
  const { shape, x, y } = all[name];
  const bytes = readFileSync(join(folder, `${name}.onnx`));
  const sink = new DiagnosticSink();
  const network = await readNetwork(bytes, {}, sink);
  assert.ok(network !== undefined, sink.diagnostics.map(({ message }) => message).join("\n"));
  // Axis 0 is the batch of stateless networks, and the time of the spiking one.
  const isSpiking = name === "lif";
  const rows = isSpiking
    ? [x]
    : Array.from({ length: shape[0] }, (_, s) =>
        x.slice((s * x.length) / shape[0], ((s + 1) * x.length) / shape[0]),
      );
  const steps = isSpiking ? shape[0] : 1;
  const input = asInput(rows, steps, network.populations[network.inputs[0].population].shape);
  const [port] = network.outputs;
  const found = outputsOf(network, { x: input }, steps)
    .get(port.name)!
    .flatMap((row) => Array.from(row));
  assert.equal(found.length, y.length);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - y[i]) <= (isSpiking ? 0 : 1e-5), `element ${i}: ${value} for ${y[i]}`);
  });
  if (isSpiking) return;
  const runtime = await runtimeOutputs(bytes, { x: { dims: shape, data: x } });
  runtime[port.name].forEach((value, i) => {
    assert.ok(Math.abs(value - found[i]) <= 1e-5, `onnxruntime, element ${i}: ${found[i]} for ${value}`);
  });
}

describe("onnx files of PyTorch", () => {
  for (const name of ["mlp", "cnn", "lif"])
    test(`onnx: ${name} computes what torch and onnxruntime compute`, async () => {
      await compareWithTorch(GOLDEN, name);
    });

  test.skipIf(!hasTorch)("onnx: made anew by the torch that is installed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spinec-torch-"));
    try {
      const made = spawnSync(PYTHON, [join(GOLDEN, "make.py"), folder], { encoding: "utf8" });
      assert.equal(made.status, 0, made.stderr);
      for (const name of ["mlp", "cnn", "lif"]) await compareWithTorch(folder, name);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
