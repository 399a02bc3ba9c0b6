// Whole test sets through the trained models of the corpus: predictions, spike counts, and NeuroBench's columns.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { runPasses } from "#compiler/pass";
import { foldLinearChains } from "#compiler/passes/index";
import { createNeuroBenchCounter, type NeuroBenchColumns } from "#simulator/neurobench";
import { accuracy, predictions, simulateReference, sumsOverSteps } from "#simulator/reference";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { corpusCases, importOptionsOf, readGzipJson, readModel, testImages } from "./corpus-case.ts";

/** Ten to fifteen seconds of work for the largest model, on a machine that may be busy. */
const TIMEOUT_MS = 600_000;

/** The folded form computes the same; that much of it is run, to save time. */
const FOLDED_SAMPLES = 60;

/** What the corpus says of a workload: by the graph, and (some) by NeuroBench itself. */
interface Metrics {
  readonly neurobench?: {
    readonly ActivationSparsity: number;
    readonly ActivationSparsityByLayer: Readonly<Record<string, number>>;
    readonly ConnectionSparsity: number;
    readonly ClassificationAccuracy: number;
    readonly SynapticOperations: Synops;
    readonly MembraneUpdates: number;
  };
  readonly graph: {
    readonly samples: number;
    readonly steps: number;
    readonly synaptic_operations_per_sample_by_node: Readonly<Record<string, Synops>>;
    readonly synaptic_operations_per_sample: Synops;
    readonly connection_sparsity: number;
    readonly nonzero_weights: Readonly<Record<string, number>>;
    readonly weights: Readonly<Record<string, number>>;
    readonly activation_sparsity: number;
    readonly activation_sparsity_by_node: Readonly<Record<string, number>>;
    readonly spikes_per_sample_by_node: Readonly<Record<string, number>>;
  };
}

interface Synops {
  readonly Effective_ACs: number;
  readonly Effective_MACs: number;
  readonly Dense: number;
}

/** Sums of up to a billion whole numbers, divided: only the last digits may differ. */
function near(got: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(got - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${what}: ${got}, not ${expected}`,
  );
}

function nearSynops(
  got: { effectiveAcs: number; effectiveMacs: number; dense: number },
  expected: Synops,
  what: string,
): void {
  near(got.effectiveAcs, expected.Effective_ACs, `${what}, effective ACs`);
  near(got.effectiveMacs, expected.Effective_MACs, `${what}, effective MACs`);
  near(got.dense, expected.Dense, `${what}, dense`);
}

function compareMetrics(columns: NeuroBenchColumns, { graph, neurobench }: Metrics): void {
  assert.equal(columns.samples, graph.samples);
  assert.equal(columns.steps, graph.steps);
  nearSynops(columns.synopsPerSample, graph.synaptic_operations_per_sample, "all layers");
  assert.deepEqual(
    columns.layers.map((layer) => layer.node).sort(),
    Object.keys(graph.synaptic_operations_per_sample_by_node).sort(),
  );
  for (const layer of columns.layers) {
    nearSynops(layer, graph.synaptic_operations_per_sample_by_node[layer.node], layer.node);
    assert.equal(layer.weights, graph.weights[layer.node]);
    assert.equal(layer.nonzeroWeights, graph.nonzero_weights[layer.node]);
  }
  near(columns.connectionSparsity, graph.connection_sparsity, "connection sparsity");
  near(columns.activationSparsity, graph.activation_sparsity, "activation sparsity");
  for (const { name, activationSparsity, spikesPerSample } of columns.populations) {
    near(activationSparsity, graph.activation_sparsity_by_node[name], `activation sparsity of ${name}`);
    near(spikesPerSample, graph.spikes_per_sample_by_node[name], `spikes of ${name}`);
  }
  if (neurobench === undefined) return;
  nearSynops(columns.synopsPerSample, neurobench.SynapticOperations, "all layers by NeuroBench");
  near(Number(columns.connectionSparsity.toFixed(4)), neurobench.ConnectionSparsity, "connection sparsity");
  near(columns.activationSparsity, neurobench.ActivationSparsity, "activation sparsity by NeuroBench");
  // Which tiny steps of a membrane are lost in single precision depends on the order of operations.
  const updates = columns.membraneUpdatesPerSample;
  assert.ok(Math.abs(updates / neurobench.MembraneUpdates - 1) < 2e-6, `membrane updates: ${updates}`);
}

const root = sharedPath("corpus");
const cases =
  root === undefined
    ? []
    : corpusCases(root, ["models"]).filter(
        ({ testSet, path }) => testSet !== undefined && existsSync(join(path, "test_predictions.json.gz")),
      );
const metricsPath = root === undefined ? undefined : join(root, "metrics", "metrics.json");
const metrics =
  metricsPath !== undefined && existsSync(metricsPath)
    ? (JSON.parse(readFileSync(metricsPath, "utf8")) as Record<string, Metrics | undefined>)
    : {};

describe("corpus test sets", () => {
  test.skipIf(root === undefined)("corpus has models with test sets", () => {
    assert.ok(cases.length > 0);
  });

  for (const { id, path, model, variants, testSet } of cases) {
    const mapped = importOptionsOf(variants[0]?.reference_options);
    const missing =
      model === undefined
        ? " (no model file)"
        : "unknown" in mapped
          ? ` (not our option: ${mapped.unknown.join(", ")})`
          : "";
    const expected = metrics[id.slice(id.lastIndexOf("/") + 1)];
    const title = expected === undefined ? "predictions" : "predictions and metrics";
    test.skipIf(missing !== "")(
      `corpus ${id}: ${title} of the whole test set${missing}`,
      async () => {
        assert.ok(!("unknown" in mapped));
        const network = await readModel(model!, mapped.options);
        const [port] = network.inputs;
        const { shape } = network.populations[port.population];
        const { spikes, labels } = testImages(root!, testSet!.data, testSet!.steps, shape);
        const counter = createNeuroBenchCounter(network);
        const result = simulateReference(network, { [port.name]: spikes }, { observe: counter.observe });
        const output = result.recorded[network.populations[network.outputs[0].population].name];

        const peer = readGzipJson(join(path, "test_predictions.json.gz")) as {
          predictions: number[];
          labels: number[];
          output_spike_counts: number[][];
        };
        assert.deepEqual(labels, peer.labels);
        assert.deepEqual([...predictions(output)], peer.predictions);
        assert.deepEqual(
          sumsOverSteps(output).map((sums) => [...sums]),
          peer.output_spike_counts,
        );
        const columns = counter.columns();
        for (const { name, spikesPerSample } of columns.populations) {
          if (name in testSet!.spikes)
            near(spikesPerSample * labels.length, testSet!.spikes[name], `spikes of ${name}`);
        }

        const some = Math.min(FOLDED_SAMPLES, labels.length);
        const folded = runPasses(network, [foldLinearChains], { sink: new DiagnosticSink() });
        const again = simulateReference(folded, { [port.name]: spikes }, { samples: [0, some] });
        const [foldedOutput] = Object.values(again.recorded);
        assert.deepEqual(
          sumsOverSteps(foldedOutput).map((sums) => [...sums]),
          peer.output_spike_counts.slice(0, some),
        );

        if (expected === undefined) return;
        compareMetrics(columns, expected);
        if (expected.neurobench !== undefined)
          assert.ok(Math.abs(accuracy(output, labels) - expected.neurobench.ClassificationAccuracy) < 1e-6);
      },
      TIMEOUT_MS,
    );
  }
});
