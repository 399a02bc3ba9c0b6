// The table of the README is held to files: an importer gives what it says, and says what it gives.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { FORMATS, readNetwork } from "#formats/index";
import { NEURON_MODELS } from "#neurons/index";
import type { Network } from "#ir/network";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";

const corpus = sharedPath("corpus");
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  nir: ["peer_nir", "writer_variants"],
  netx: ["netx"],
  onnx: ["onnx/good"],
};
/** Importers whose corpus has all that they say. Files of our own, which hold anything, are not in it. */
const COMPLETE = ["nir", "netx"];

async function networks(format: string, extensions: readonly string[]): Promise<Network[]> {
  const paths = FOLDERS[format].flatMap((folder) =>
    readdirSync(join(corpus!, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => extensions.some((extension) => name.endsWith(extension)))
      .map((name) => join(corpus!, folder, name)),
  );
  const read = await Promise.all(
    paths.map((path) => readNetwork(readFileSync(path), { format }, new DiagnosticSink())),
  );
  return read.filter((network) => network !== undefined);
}

for (const { name, extensions, supports } of FORMATS)
  describe(`format ${name}`, () => {
    test("names models of the registry", () => {
      const known = NEURON_MODELS.map((model) => model.name);
      assert.deepEqual(
        supports.models.filter((model) => !known.includes(model)),
        [],
      );
    });

    test.skipIf(corpus === undefined)("corpus: gives what it says it supports", async () => {
      const found = await networks(name, extensions);
      assert.ok(found.length > 0);
      const models = new Set(found.flatMap(({ populations }) => populations.map(({ model }) => model)));
      const kinds = new Set(found.flatMap(({ projections }) => projections.map((p) => p.connectivity.kind)));
      const hasDelays = found.some(({ projections }) => projections.some(({ delaySteps }) => delaySteps > 0));
      assert.deepEqual(
        [...models].filter((model) => !supports.models.includes(model)),
        [],
      );
      assert.deepEqual(
        [...kinds].filter((kind) => !supports.connectivity.includes(kind)),
        [],
      );
      assert.ok(supports.delays || !hasDelays);
      if (!COMPLETE.includes(name)) return;
      assert.deepEqual(
        supports.models.filter((model) => !models.has(model)),
        [],
      );
      assert.deepEqual(
        supports.connectivity.filter((kind) => !kinds.has(kind)),
        [],
      );
      assert.equal(hasDelays, supports.delays);
    });
  });
