// The example's table on a few digits, and NeuroBench's columns of a whole test set through the whole flow.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { runModel } from "#spinec";
import { ROOT, sharedPath } from "#test/shared";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink } from "#util/diagnostic";
import { readModel, testImages } from "../simulator/corpus-case.ts";

const MLPS = ["snntorch_mlp_dense", "snntorch_mlp_p90", "snntorch_mlp_p98"];
const root = sharedPath("corpus");
const files = MLPS.map((name) => join(root ?? "", "models", name, "model.nir"));
const metricsPath = join(root ?? "", "metrics", "metrics.json");
const missing = root === undefined || !files.every((file) => existsSync(file));

interface Metrics {
  readonly graph: {
    readonly synaptic_operations_per_sample: { Effective_ACs: number; Effective_MACs: number; Dense: number };
    readonly connection_sparsity: number;
    readonly activation_sparsity: number;
  };
  readonly neurobench: { readonly ClassificationAccuracy: number; readonly MembraneUpdates: number };
}

describe("corpus: pruned classifiers", () => {
  test.skipIf(missing)("corpus MLPs cost less the more they are pruned, says the example's table", () => {
    const input = join(root!, "models", MLPS[0], "input.json.gz");
    const script = join(ROOT, "dist/test/examples/pruning-pays.js");
    const output = execFileSync(process.execPath, [script, input, ...files], { cwd: ROOT, encoding: "utf8" });
    const rows = output
      .trimEnd()
      .split("\n")
      .slice(2)
      .map((line) => line.split(/ {2,}/));
    assert.deepEqual(
      rows.map(([name]) => name),
      MLPS,
    );
    const number = (cell: string): number => Number(cell.replace(/[,%]/g, ""));
    for (const column of [1, 3, 4, 5]) {
      const values = rows.map((row) => number(row[column]));
      assert.ok(
        values.every((value) => value > 0),
        `column ${column} is filled in`,
      );
      assert.deepEqual(
        values,
        values.toSorted((a, b) => b - a),
        `column ${column} falls with density`,
      );
    }
  });

  test.skipIf(missing || !existsSync(metricsPath))(
    "corpus snntorch_mlp_p90: the flow's NeuroBench columns of 1000 images are the published ones",
    async () => {
      const all = JSON.parse(readFileSync(metricsPath, "utf8")) as Record<string, Metrics>;
      const { graph, neurobench } = all["snntorch_mlp_p90"];
      const model = await readModel(files[1], {});
      const [port] = model.inputs;
      const { spikes, labels } = testImages(root!, "data/mnist_test_1000", 25, [784]);
      const inputs = { [port.name]: spikes };
      const sink = new DiagnosticSink();
      const { report } = runModel(model, loihi1, loihi1.profiles[0], inputs, { labels }, sink);
      const columns = report.run.neurobench!;
      near(columns.effectiveAcs, graph.synaptic_operations_per_sample.Effective_ACs);
      near(columns.effectiveMacs, graph.synaptic_operations_per_sample.Effective_MACs);
      near(columns.denseOperations, graph.synaptic_operations_per_sample.Dense);
      near(columns.connectionSparsityShare, graph.connection_sparsity);
      near(columns.activationSparsityShare, graph.activation_sparsity);
      near(columns.membraneUpdates, neurobench.MembraneUpdates, 2e-6);
      near(report.accuracy!.modelShare!, neurobench.ClassificationAccuracy, 1e-6);
      assert.ok(report.accuracy!.agreeingShare! > 0.95, "the chip predicts what the model predicts");
    },
  );
});

function near(got: number, expected: number, tolerance = 1e-9): void {
  assert.ok(
    Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${got}, not ${expected}`,
  );
}
