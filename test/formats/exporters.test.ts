// What every exporter owes us. Loops over the registry: a new format is tested by being listed.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { EXPORTERS, checkExportOptions, findExporter, neededLevel } from "#formats/exporters";
import type { ExportedFile } from "#formats/export";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink } from "#util/diagnostic";
import { exportModel } from "../../src/export.ts";
import { array, chain, lif, network } from "./nir-network-builders.ts";

const net = network(
  chain([3], { fc: ["Linear", { weight: array([1, 2, 3, 4, 5, 6], [2, 3]) }], n: lif([2]) }, [2]),
  { name: "tiny" },
);

const write = (name: string, options: Record<string, string>): Promise<readonly ExportedFile[]> => {
  const sink = new DiagnosticSink();
  const exporter = findExporter(name, sink) ?? assert.fail(name);
  const mapping = () => ({ target: loihi1, options: {} });
  return exportModel(net, exporter, options, mapping, { baseName: "tiny" }, sink);
};

test("no two exporters have one name", () => {
  assert.equal(new Set(EXPORTERS.map(({ name }) => name)).size, EXPORTERS.length);
});

for (const exporter of EXPORTERS) {
  describe(`exporter ${exporter.name}`, () => {
    test("has a summary, extensions, and options with a summary each", () => {
      assert.match(exporter.name, /^[a-z][a-z0-9-]*$/);
      assert.ok(exporter.summary.length > 10);
      assert.ok(exporter.extensions.length > 0);
      for (const extension of exporter.extensions) assert.match(extension, /^\.[a-z0-9.]+$/);
      const names = exporter.options.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      for (const { name, summary, choices, value } of exporter.options) {
        assert.match(name, /^[a-z][a-z0-9-]*$/);
        assert.ok(summary.length > 5, name);
        assert.ok(choices === undefined || value === undefined, `${name} is a choice or free text`);
        if (choices !== undefined) assert.equal(new Set(choices).size, choices.length);
      }
    });

    test("writes files with suffixes of their own, the same bytes every time", async () => {
      const files = await write(exporter.name, {});
      for (const { suffix } of files) assert.match(suffix, /^\./);
      assert.equal(new Set(files.map(({ suffix }) => suffix)).size, files.length);
      assert.ok(files[0].bytes.length > 0);
      assert.deepEqual(await write(exporter.name, {}), files);
    });

    test("refuses options that it does not have, by name", async () => {
      await assert.rejects(write(exporter.name, { nonsense: "on" }), /has no option --nonsense/);
    });
  });
}

test("an unknown exporter is refused with the nearest name", () => {
  const sink = new DiagnosticSink();
  assert.equal(findExporter("nri", sink), undefined);
  assert.equal(sink.diagnostics[0].message, 'nothing writes a format "nri"; did you mean "nir"?');
  assert.equal(findExporter("NIR", sink)?.name, "nir");
});

test("every fault of the options is reported, with the nearest name and the choices", () => {
  const sink = new DiagnosticSink();
  const nir = findExporter("nir", sink) ?? assert.fail();
  checkExportOptions(nir, { dialct: "norse", dialect: "nengo", gzip: "9" }, sink);
  const messages = sink.diagnostics.map(({ message }) => message);
  assert.match(messages[0], /no option --dialct; did you mean --dialect\?/);
  assert.match(messages[1], /takes spec, snntorch/);
  assert.match(messages[2], /is a switch/);
});

test("an option can ask for more than the exporter's own level", () => {
  const nir = findExporter("nir", new DiagnosticSink()) ?? assert.fail();
  assert.equal(neededLevel(nir, {}), "network");
  assert.equal(neededLevel(nir, { quantized: "on" }), "quantized");
});
