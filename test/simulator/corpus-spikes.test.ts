// Spikes and values that other frameworks, and an integrator that is not ours, computed for the same files.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { runPasses } from "#compiler/pass";
import { foldLinearChains } from "#compiler/passes/index";
import type { Network } from "#ir/network";
import { simulateReference } from "#simulator/reference";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import {
  corpusCases,
  corpusInputs,
  denseValues,
  describeSpikes,
  importOptionsOf,
  readGzipJson,
  readModel,
  spikeData,
  type CorpusCase,
  type CorpusVariant,
} from "./corpus-case.ts";

const root = sharedPath("corpus");
const cases = root === undefined ? [] : corpusCases(root, ["sim", "models", "writer_variants"]);

function close(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(got.length, expected.length, `${what}: length`);
  for (let k = 0; k < expected.length; k++) {
    const error = Math.abs(got[k] - expected[k]);
    assert.ok(
      error <= 1e-9 * (1 + Math.abs(expected[k])),
      `${what}, element ${k}: ${got[k]}, not ${expected[k]}`,
    );
  }
}

/** Undefined where folding says that it is not exact: a bias behind a delay acts from the first step on. */
function folded(network: Network): Network | undefined {
  const sink = new DiagnosticSink();
  const result = runPasses(network, [foldLinearChains], { sink });
  return sink.diagnostics.some(({ code }) => code === "passes/late-bias") ? undefined : result;
}

/** False where a variant's hashes do not even fit its own stored spikes: they were taken over other samples. */
function hashesAreOfStoredSamples({ spikes = {}, spikes_sha256 = {} }: CorpusVariant): boolean {
  return Object.entries(spikes).every(
    ([name, stored]) =>
      !(name in spikes_sha256) || describeSpikes(spikeData(stored)).sha256 === spikes_sha256[name],
  );
}

/** As it was imported, with a relay for every node between neurons, or with those relays folded away. */
type Form = "imported" | "folded";

/** Returns false where there is nothing to compare, because folding announced that it changes the result. */
async function compare({ path, model }: CorpusCase, variant: CorpusVariant, form: Form): Promise<boolean> {
  const mapped = importOptionsOf(variant.reference_options);
  assert.ok(!("unknown" in mapped) && model !== undefined);
  const imported = await readModel(model, mapped.options);
  const network = form === "imported" ? imported : folded(imported);
  if (network === undefined) return false;
  /** Nodes that were folded away cannot be compared. */
  const gone = (name: string): boolean =>
    form === "folded" && network.populations.every((population) => population.name !== name);
  const membranes = Object.keys(variant.v_before_reset ?? {});
  const result = simulateReference(network, corpusInputs(path, network), {
    record: "all",
    outDelaySteps: mapped.outDelaySteps,
    recordMembranes: membranes,
    membraneMoment: "before-reset",
  });
  const hashes = hashesAreOfStoredSamples(variant) ? variant.spikes_sha256 : undefined;
  let compared = 0;
  const names = new Set(
    [variant.spikes, variant.totals, variant.counts_per_step, variant.spikes_sha256].flatMap((part) =>
      Object.keys(part ?? {}),
    ),
  );
  for (const name of names) {
    if (gone(name)) continue;
    assert.ok(name in result.recorded, `the network has a population "${name}"`);
    const ours = describeSpikes(result.recorded[name]);
    const theirs = variant.spikes?.[name];
    theirs?.samples.forEach((sample, s) => {
      assert.ok(!Array.isArray(sample));
      const { t, i, x = new Array<number>(t.length).fill(1) } = sample;
      assert.deepEqual(ours.events[s], { t, i, x }, `spikes of "${name}", sample ${s}`);
    });
    if (variant.totals?.[name] !== undefined) assert.deepEqual(ours.totals, variant.totals[name], name);
    if (variant.counts_per_step?.[name] !== undefined)
      assert.deepEqual(ours.countsPerStep, variant.counts_per_step[name], name);
    if (hashes?.[name] !== undefined) assert.equal(ours.sha256, hashes[name], `hash of "${name}"`);
    compared++;
  }
  for (const [name, samples] of Object.entries(variant.values ?? {})) {
    if (gone(name)) continue;
    const ours = denseValues(result.recorded[name]);
    samples.forEach((expected, s) => {
      close(ours[s], expected, `values of "${name}", sample ${s}`);
    });
    compared++;
  }
  for (const [name, expected] of Object.entries(variant.v_before_reset ?? {})) {
    const lists = (typeof expected[0] === "number" ? [expected] : expected) as readonly number[][];
    lists.forEach((list, s) => {
      close(result.membranes[name][s], list, `membrane of "${name}", sample ${s}`);
    });
    compared++;
  }
  assert.ok(compared > 0, "the variant says something that can be compared");
  return true;
}

describe("corpus spikes", () => {
  test.skipIf(root === undefined)("corpus has simulated cases", () => {
    assert.ok(cases.length > 0);
  });

  for (const corpusCase of cases) {
    for (const variant of corpusCase.variants) {
      const mapped = importOptionsOf(variant.reference_options);
      const missing =
        corpusCase.model === undefined
          ? " (no model file)"
          : "unknown" in mapped
            ? ` (not our option: ${mapped.unknown.join(", ")})`
            : "";
      const other = hashesAreOfStoredSamples(variant)
        ? ""
        : " (without its hashes: they are of other samples)";
      for (const form of ["imported", "folded"] as const) {
        const as = form === "imported" ? variant.name : `${variant.name}, folded`;
        test.skipIf(missing !== "")(`corpus ${corpusCase.id} as ${as}${missing}${other}`, async (context) => {
          const compared = await compare(corpusCase, variant, form);
          context.skip(!compared, "folding announced passes/late-bias");
        });
      }
    }
  }

  const single = cases.find(({ id }) => id === "sim/lif_single");
  const tracesPath = single === undefined ? undefined : join(single.path, "published_traces.json.gz");
  const published = tracesPath !== undefined && existsSync(tracesPath);
  test.skipIf(!published)("corpus sim/lif_single: the membrane is the one that was published", async () => {
    const traces = readGzipJson(tracesPath!) as {
      reference_v_after_reset: number[];
      traces: Record<string, { v: number[] }>;
    };
    const mapped = importOptionsOf(single!.variants[0].reference_options);
    assert.ok(!("unknown" in mapped));
    const network = await readModel(single!.model!, mapped.options);
    const [name] = Object.keys(single!.variants[0].spikes!);
    const { membranes } = simulateReference(network, corpusInputs(single!.path, network), {
      recordMembranes: [name],
    });
    close(membranes[name][0], traces.reference_v_after_reset, "membrane");
    traces.traces["norse"].v.forEach((v, t) => {
      assert.ok(Math.abs(membranes[name][0][t] - v) < 1e-6, `Norse's membrane in step ${t}`);
    });
  });
});
