// What every importer owes us. Loops over the registry: a new format is tested by being listed.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { FORMATS, findFormat, readNetwork } from "#formats/index";
import { onnxExporter } from "#formats/onnx/export/exporter";
import type { Network } from "#ir/network";
import { networkToNir } from "#formats/nir/write-network";
import { writeNirFile } from "#formats/nir/write-file";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { dense, netxFile, tinyNetx } from "./netx-files.ts";
import { array, chain, lif, network } from "./nir-network-builders.ts";

const net = network(
  chain([3], { fc: ["Linear", { weight: array([1, 2, 3, 4, 5, 6], [2, 3]) }], n: lif([2]) }, [2]),
  { name: "tiny" },
);

/** One small file of each format, written by ourselves. */
const OWN_FILES: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  netx: () => netxFile([dense([[2, -4, 6]])]),
  nir: () => writeNirFile(networkToNir(net)),
  onnx: async () => {
    const files = await onnxExporter.write(
      { network: net, generator: "spinec 0" },
      { double: "on" },
      new DiagnosticSink(),
    );
    return files![0].bytes;
  },
};

/** What the file holds where it is not `net`: netx knows the chip's integers only. */
const OWN_NETWORKS: Readonly<Record<string, Network | undefined>> = { netx: tinyNetx("tiny") };

const FOREIGN: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(0),
  zeros: new Uint8Array(4096),
  text: new TextEncoder().encode("a model, allegedly"),
  JSON: new TextEncoder().encode('{"nodes": []}'),
  "a zip archive": Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 0, 0, 0, 0),
};

for (const format of FORMATS) {
  describe(`format ${format.name}`, () => {
    test("has a file of its own in this suite, a summary and extensions", () => {
      assert.ok(format.name in OWN_FILES, "add a file to OWN_FILES");
      assert.ok(format.summary.length > 10);
      for (const extension of format.extensions) assert.match(extension, /^\.[a-z0-9.]+$/);
    });

    test("recognises its own files and nothing else", async () => {
      assert.equal(format.recognizes(await OWN_FILES[format.name]()), true);
      for (const [name, bytes] of Object.entries(FOREIGN))
        assert.equal(format.recognizes(bytes), false, name);
      for (const [name, write] of Object.entries(OWN_FILES))
        if (name !== format.name) assert.equal(format.recognizes(await write()), false, name);
    });

    test("gives back the network that was written", async () => {
      const sink = new DiagnosticSink();
      const read = await readNetwork(await OWN_FILES[format.name](), { name: "tiny" }, sink);
      assert.deepEqual(
        sink.diagnostics.filter(({ severity }) => severity !== "note"),
        [],
      );
      assert.deepEqual(read, OWN_NETWORKS[format.name] ?? net);
    });

    test("reports damaged files, and never throws", async () => {
      const whole = await OWN_FILES[format.name]();
      const rng = createRng(7);
      for (let round = 0; round < 60; round++) {
        const bytes = Uint8Array.from(
          round % 3 === 0 ? whole.subarray(0, Math.floor(rng() * whole.length)) : whole,
        );
        if (round % 3 !== 0)
          for (let i = 0; i < 1 + (round % 5); i++)
            bytes[Math.floor(rng() * bytes.length)] = Math.floor(rng() * 256);
        const sink = new DiagnosticSink();
        const read = await format.read(bytes, {}, sink);
        assert.equal(read === undefined, sink.hasErrors, `round ${round}: no network, and why`);
      }
    });

    test("reports bytes of another kind when it is chosen by name", async () => {
      for (const [name, bytes] of Object.entries(FOREIGN)) {
        const sink = new DiagnosticSink();
        assert.equal(await readNetwork(bytes, { format: format.name }, sink), undefined, name);
        assert.ok(sink.hasErrors, name);
      }
    });
  });
}

test("a file of no known format is told by what it looks like", async () => {
  const sink = new DiagnosticSink();
  assert.equal(await readNetwork(FOREIGN.JSON, {}, sink), undefined);
  const [{ code, message }] = sink.diagnostics;
  assert.equal(code, "formats/unrecognised-file");
  assert.match(message, /JSON/);
});

test("an unknown format is refused with the nearest name", () => {
  const sink = new DiagnosticSink();
  assert.equal(findFormat("nri", sink), undefined);
  assert.equal(sink.diagnostics[0].message, 'there is no format "nri"; did you mean "nir"?');
  assert.equal(findFormat("NIR", sink)?.name, "nir");
});

const corpus = sharedPath("corpus");
const torchZip = join(corpus ?? "", "peer_nir", "not_hdf5_torch_zip", "model.nir");
test.skipIf(!existsSync(torchZip))("corpus: a PyTorch archive named .nir is called one", async () => {
  const sink = new DiagnosticSink();
  assert.equal(await readNetwork(readFileSync(torchZip), {}, sink), undefined);
  assert.match(sink.diagnostics[0].message, /PyTorch/);
});
