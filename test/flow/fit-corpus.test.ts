// Real networks on every chip: no crash, and where a network fits, the deployment reads back equal and gives the spikes of the
// integer reference bit for bit.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { readNetwork } from "#formats/index";
import type { CompileResult } from "#compiler/compile";
import type { ImportOptions } from "#formats/format";
import type { Network } from "#ir/network";
import { simulate } from "#simulator/simulate";
import { fitModel } from "#spinec";
import { sharedPath } from "#test/shared";
import { TARGETS } from "#targets/index";
import type { Target } from "#targets/target";
import { DiagnosticSink, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { FitAttempts } from "../../src/fit-attempt.ts";
import { assumedInputs } from "../../src/fit-input.ts";
import { assertSameSpikes } from "./same-spikes.ts";

const root = sharedPath("corpus");
const folders: readonly [folder: string, pattern: RegExp][] = [
  ["models", /./],
  ["peer_nir", /^(cnn_nmnist_sinabs|braille_.*)$/],
];
const ids = folders.flatMap(([folder, pattern]) =>
  root === undefined || !existsSync(join(root, folder))
    ? []
    : readdirSync(join(root, folder))
        .filter((name) => pattern.test(name) && existsSync(join(root, folder, name, "model.nir")))
        .map((name) => `${folder}/${name}`),
);
/** What no importer reads: `flow/corpus.test.ts` says why. */
const UNREADABLE: readonly string[] = ["peer_nir/braille_first", "peer_nir/braille_zero_subgraph_dangling"];
/** Pairs that take minutes: image networks on a chip that cuts them into very many pieces. */
const isSlow = (id: string, target: string): boolean =>
  target === "tianjic" && /conv_avgpool|cnn_nmnist/.test(id) && process.env["SPINEC_SLOW"] === undefined;
const SMALL_NEURONS = 3000;
const STEPS = 6;
const ASSUMED = { spikeShare: 0.2, steps: STEPS, seed: 1 };

test.skipIf(root === undefined)("the corpus has networks", () => {
  assert.ok(ids.length >= 12, `${ids.length}`);
});

for (const id of ids.filter((name) => !UNREADABLE.includes(name)))
  describe(id, () => {
    const models = new Map<string, Promise<Network>>();
    const read = (options: ImportOptions): Promise<Network> => {
      const key = JSON.stringify(options);
      const known = models.get(key) ?? readModel(id, options);
      models.set(key, known);
      return known;
    };

    for (const target of TARGETS)
      test.skipIf(isSlow(id, target.name))(`on ${target.name}`, async () => {
        let network = await read({});
        let mapped = map(network, target);
        if (Array.isArray(mapped) && mapped.some(({ code }) => code === "quantize/reset-unsupported")) {
          const reset = target.resetModes.includes("value") ? "value" : "subtract";
          network = await read({ reset });
          mapped = map(network, target);
        }
        if (Array.isArray(mapped)) {
          assert.ok(mapped.length > 0);
          for (const { code, message } of mapped) {
            assert.match(code, /^(quantize|passes|partition|place|compile|targets)\//);
            assert.ok(message.length > 10);
          }
          return;
        }
        const inputs = assumedInputs(network, ASSUMED);
        const { deployment, network: onChip } = mapped;
        const run = simulate(deployment, target, target.profiles[0], inputs, { record: "all", steps: STEPS });
        assertSameSpikes(onChip, deployment, run, inputs, STEPS);
      }, 120_000); // prettier-ignore

    test("fit has a row for every target, and a reason for each that is out", async () => {
      const network = await read({});
      if (network.populations.reduce((sum, { size }) => sum + size, 0) > SMALL_NEURONS) return;
      const { targets } = fitModel(
        network,
        TARGETS.map((target) => ({ target })),
        { assumed: ASSUMED },
      );
      for (const { target, verdict, reasons, map: cores, cost } of targets) {
        assert.notEqual(verdict, "failed", `${target}: ${JSON.stringify(reasons)}`);
        assert.equal(verdict === "fits", cores !== null && cost !== null && reasons.length === 0, target);
      }
    }, 120_000); // prettier-ignore
  });

/** The deployment, read back equal (`FitAttempts.map` throws otherwise), or why there is none. */
function map(network: Network, target: Target): CompileResult | Diagnostic[] {
  try {
    return new FitAttempts(network, {}).map(target, {}).compiled;
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    return error.diagnostics.filter(({ severity }) => severity === "error");
  }
}

async function readModel(id: string, options: ImportOptions): Promise<Network> {
  const sink = new DiagnosticSink();
  const network = await readNetwork(readFileSync(join(root!, id, "model.nir")), options, sink);
  sink.throwIfErrors();
  return network!;
}
