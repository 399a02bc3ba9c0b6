// Every simulated network of the corpus as ONNX, run by onnxruntime, against our simulator; all layers, not only outputs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { SpikeData } from "#ir/spikes";
import type { Network } from "#ir/network";
import { decoded, onnxFilesOf, runtime, watchedEverywhere } from "#test/onnx";
import { checkerMissing, hasOnnxChecker, onnxCheckerVerdicts } from "#test/onnx-checker";
import { sharedPath } from "#test/shared";
import { findTarget } from "#targets/index";
import { DiagnosticSink } from "#util/diagnostic";
import { prepareModel } from "../../src/deploy.ts";
import { checkOnnx } from "../../src/onnx-check.ts";
import {
  corpusCases,
  corpusInputs,
  importOptionsOf,
  readModel,
  type CorpusCase,
} from "../simulator/corpus-case.ts";

const root = sharedPath("corpus");
const cases = root === undefined ? [] : corpusCases(root, ["sim", "models", "writer_variants"]);

/** Enough to see every path at work, few enough to be quick: small networks run longer. */
const SAMPLES = 1;
const NEURON_STEPS = 500_000;

/** Float32 is enough where the corpus picked samples for their margins. */
const isTrained = ({ id }: CorpusCase): boolean => id.startsWith("models/");

function shortened(network: Network, inputs: Record<string, SpikeData>): Record<string, SpikeData> {
  const neurons = network.populations.reduce((sum, { size }) => sum + size, 0);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, data]) => {
      const steps = Math.min(Math.ceil(NEURON_STEPS / neurons), data.steps);
      const samples = data.samples.slice(0, SAMPLES).map((events) => {
        const end = events.step.findIndex((step) => step >= steps);
        const kept = end < 0 ? events.step.length : end;
        return {
          step: events.step.slice(0, kept),
          index: events.index.slice(0, kept),
          ...(events.value && { value: events.value.slice(0, kept) }),
        };
      });
      return [name, { ...data, steps, samples }];
    }),
  );
}

async function modelOf(
  { model }: CorpusCase,
  options: Readonly<Record<string, unknown>> | undefined,
): Promise<Network> {
  const mapped = importOptionsOf(options);
  assert.ok(!("unknown" in mapped) && model !== undefined);
  return readModel(model, mapped.options);
}

describe("corpus as ONNX", () => {
  test.skipIf(root === undefined)("corpus has simulated cases", () => {
    assert.ok(cases.length > 0);
  });

  for (const corpusCase of cases) {
    for (const variant of corpusCase.variants) {
      const missing =
        corpusCase.model === undefined || "unknown" in importOptionsOf(variant.reference_options);
      for (const graph of ["sequence", "step"] as const) {
        const title = `corpus ${corpusCase.id} as ${variant.name}: the ${graph} graph gives our spikes in onnxruntime`;
        test.skipIf(missing)(title, async () => {
          const network = watchedEverywhere(await modelOf(corpusCase, variant.reference_options));
          const options = { graph, ...(isTrained(corpusCase) ? {} : { double: "on" }) };
          const { bytes } = await onnxFilesOf(network, options);
          const inputs = shortened(network, corpusInputs(corpusCase.path, network));
          const check = await checkOnnx(bytes, network, inputs, runtime);
          assert.ok(
            check.outputs.some(({ referenceSum }) => referenceSum !== 0),
            "something happens",
          );
          assert.equal(check.differingValues, 0, JSON.stringify(check.outputs));
        });
      }
    }
    if (!isTrained(corpusCase)) continue;

    for (const rules of ["lava", "nengo"] as const) {
      const title = `corpus ${corpusCase.id}: the integer graph by the rules of ${rules} is our integer reference, bit for bit`;
      test.skipIf(corpusCase.model === undefined)(title, async () => {
        const model = await modelOf(corpusCase, corpusCase.variants[0].reference_options);
        const sink = new DiagnosticSink();
        const target = findTarget("loihi1", sink)!;
        const { quantized } = prepareModel(model, target, { rules }, sink);
        const network = watchedEverywhere(quantized);
        const { bytes } = await onnxFilesOf(network, { semantics: "loihi1-int" }, { rules });
        const inputs = shortened(network, corpusInputs(corpusCase.path, network));
        const check = await checkOnnx(bytes, network, inputs, runtime);
        assert.ok(
          check.outputs.every(({ sum }) => sum !== 0),
          "every layer fires",
        );
        assert.equal(check.differingValues, 0, JSON.stringify(check.outputs));
      });
    }
  }

  test.skipIf(root === undefined || !hasOnnxChecker)(
    `corpus: onnx.checker with full inference accepts every network, float and integer${checkerMissing}`,
    async () => {
      const models: Uint8Array[] = [];
      const ids: string[] = [];
      for (const corpusCase of cases.filter(({ id }) => /^(models|sim)\//.test(id))) {
        const [{ reference_options: reference }] = corpusCase.variants;
        if (corpusCase.model === undefined || "unknown" in importOptionsOf(reference)) continue;
        const network = await modelOf(corpusCase, reference);
        for (const graph of ["sequence", "step"]) {
          for (const options of [{ graph }, { graph, weights: "int8" }]) {
            models.push((await onnxFilesOf(network, options)).bytes);
            ids.push(`${corpusCase.id} ${JSON.stringify(options)}`);
          }
          if (!isTrained(corpusCase)) continue;
          const sink = new DiagnosticSink();
          const { quantized } = prepareModel(network, findTarget("loihi1", sink)!, {}, sink);
          models.push((await onnxFilesOf(quantized, { graph, semantics: "loihi1-int" })).bytes);
          ids.push(`${corpusCase.id} ${graph} loihi1-int`);
        }
      }
      assert.ok(models.length > 20);
      const verdicts = onnxCheckerVerdicts(models);
      assert.deepEqual(
        ids.map((id, i) => `${id}: ${verdicts[i]}`),
        ids.map((id) => `${id}: fine`),
      );
    },
  );

  const pruned = cases.find(({ id }) => id === "models/snntorch_mlp_p98");
  test.skipIf(pruned === undefined)(
    "corpus models/snntorch_mlp_p98 is over ten times smaller with its zeros left out",
    async () => {
      const network = await modelOf(pruned!, pruned!.variants[0].reference_options);
      const sparse = await onnxFilesOf(network);
      const dense = await onnxFilesOf(network, { dense: "on" });
      const namesOf = async (bytes: Uint8Array): Promise<(string | null | undefined)[]> =>
        (await decoded(bytes)).graph!.initializer!.map(({ name }) => name);
      assert.ok((await namesOf(sparse.bytes)).some((name) => name?.endsWith(".indices")));
      assert.ok(!(await namesOf(dense.bytes)).some((name) => name?.endsWith(".indices")));
      assert.ok(
        dense.bytes.length > 10 * sparse.bytes.length,
        `${dense.bytes.length} and ${sparse.bytes.length} bytes`,
      );
      assert.ok(sparse.bytes.length < readFileSync(join(pruned!.path, "model.nir")).length);
      const int8 = await onnxFilesOf(network, { weights: "int8" });
      assert.ok(int8.bytes.length < sparse.bytes.length);
    },
  );
});
