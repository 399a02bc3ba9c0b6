import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, test } from "vitest";
import { CONNECTIVITY_FORMATS, readConnectivity } from "#formats/connectivity/index";
import { hgr } from "#formats/connectivity/hgr";
import { readPartition, writePartition } from "#formats/connectivity/partition";
import { readPlacement, writePlacement } from "#formats/connectivity/placement";
import { snn } from "#formats/connectivity/snn";
import { snnc } from "#formats/connectivity/snnc";
import type { AxonGraph } from "#ir/axon-graph";
import { graphOf, lists, someGraph } from "#test/axon-graphs";
import { MAPPING_NETWORKS, mappingNetwork } from "#test/mapping-networks";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const float = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0];

/** What reading gives, and the codes that it reports. */
function reading<T>(read: (sink: DiagnosticSink) => T): { result: T; codes: string[]; text: string } {
  const sink = new DiagnosticSink();
  const result = read(sink);
  const text = sink.diagnostics.map(({ message }) => message).join("\n");
  return { result, codes: sink.diagnostics.map(({ code }) => code), text };
}

const plain = (graph: AxonGraph | undefined): unknown =>
  graph && { neurons: graph.neurons, lists: lists(graph), rate: [...graph.rate] };

describe("files of connectivity", () => {
  test("give back any graph that they can hold", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.integer(), (neurons, seed) => {
        const graph = someGraph(neurons, 4, seed);
        for (const format of CONNECTIVITY_FORMATS) {
          const { result, codes } = reading((sink) => format.read(format.write(graph, sink), {}, sink));
          const expected = format === hgr ? withoutSelf(graph) : graph;
          const silent = lists(expected).map((list) => list.length === 0);
          // Only .snnc keeps the rates of axons that go nowhere.
          const rate = expected.rate.map((r, n) => (silent[n] && format !== snnc ? 0 : r));
          assert.deepEqual(plain(result), plain({ ...expected, rate }), format.name);
          if (format === snnc) assert.deepEqual([...result!.layer!], [...graph.layer!]);
          assert.deepEqual(
            codes.filter((code) => code !== "connectivity/self-targets-left-out"),
            [],
          );
        }
      }),
    );
  });

  test("are told apart by their bytes, and by their names", () => {
    const graph = someGraph(12, 4, 1);
    for (const format of CONNECTIVITY_FORMATS) {
      const bytes = format.write(graph, new DiagnosticSink());
      const owners = CONNECTIVITY_FORMATS.filter((each) => each.recognizes(bytes));
      assert.deepEqual(
        owners.map(({ name }) => name),
        [format.name],
      );
      for (const fileName of ["nameless", `x${format.extensions[0].toUpperCase()}`]) {
        const { result } = reading((sink) => readConnectivity(bytes, { fileName }, sink));
        assert.equal(result?.neurons, 12);
      }
    }
    const { codes, text } = reading((sink) => readConnectivity(utf8("what?"), { fileName: "a.b" }, sink));
    assert.deepEqual(codes, ["connectivity/unknown-format"]);
    assert.equal(text, `"a.b" is none of the files of connectivity that can be read: .snnc, .snn, .hgr.`);
  });

  test("are read from the middle of a buffer too, which is left as it was", async () => {
    for (const format of CONNECTIVITY_FORMATS) {
      const bytes = format.write(someGraph(12, 4, 1), new DiagnosticSink());
      const buffer = Buffer.concat([Buffer.from([1, 2, 3]), bytes, Buffer.from([4])]).subarray(3, -1);
      const { result } = reading((sink) => format.read(buffer, {}, sink));
      assert.deepEqual(plain(result), plain(reading((sink) => format.read(bytes, {}, sink)).result));
      assert.deepEqual([...buffer], [...bytes]);
    }
    const raw = Buffer.from([9, 1, 0, 0, 0]).subarray(1);
    const read = await readPartition(raw, { fileName: "a.u16", neurons: 2 }, new DiagnosticSink());
    assert.deepEqual([...read!.coreOf], [1, 0]);
  });

  test("are refused wherever they are cut off", () => {
    const graph = someGraph(9, 3, 4);
    for (const format of [snnc, snn]) {
      const bytes = format.write(graph, new DiagnosticSink());
      for (let length = 0; length < bytes.length; length++) {
        const { result, codes } = reading((sink) => format.read(bytes.slice(0, length), {}, sink));
        assert.equal(result, undefined, `${format.name} of ${length} bytes`);
        assert.equal(codes.length, 1);
      }
      const longer = Uint8Array.from([...bytes, 0, 0, 0, 0]);
      assert.deepEqual(reading((sink) => format.read(longer, {}, sink)).codes, [
        "connectivity/size-mismatch",
      ]);
    }
  });
});

function withoutSelf(graph: AxonGraph): AxonGraph {
  return { ...graphOf(lists(graph).map((list, n) => list.filter((other) => other !== n))), rate: graph.rate };
}

describe(".snnc", () => {
  const header = [0x434e4e53, 1, 2, 2];
  test("sorts lists and takes repeated targets once, and says so", () => {
    const file = words(...header, 0, 2, 2, 1, 0, 5, 6, 0, 1);
    assert.deepEqual(plain(reading((sink) => snnc.read(file, {}, sink)).result), {
      neurons: 2,
      lists: [[0, 1], []],
      rate: [5, 6],
    });
    const repeated = reading((sink) => snnc.read(words(...header, 0, 2, 2, 1, 1, 5, 6, 0, 1), {}, sink));
    assert.deepEqual(lists(repeated.result!), [[1], []]);
    assert.deepEqual(repeated.codes, ["connectivity/repeated-targets"]);
  });

  test.each([
    ["another version", [0x434e4e53, 2, 2, 2, 0, 2, 2, 1, 0, 5, 6, 0, 1], "bad-header"],
    ["a start beyond the synapses", [...header, 0, 7, 2, 1, 0, 5, 6, 0, 1], "starts-not-ascending"],
    ["starts that go back", [...header, 0, 4294967295, 2, 1, 0, 5, 6, 0, 1], "starts-not-ascending"],
    ["an end that is not the last synapse", [...header, 0, 1, 1, 1, 0, 5, 6, 0, 1], "starts-not-ascending"],
    ["a target that is no neuron", [...header, 0, 2, 2, 1, 2, 5, 6, 0, 1], "neuron-out-of-range"],
    ["billions of synapses", [0x434e4e53, 1, 4294967295, 4294967295, 0], "size-mismatch"],
  ])("refuses %s", (_, file, code) => {
    const { result, codes } = reading((sink) => snnc.read(words(...file), {}, sink));
    assert.equal(result, undefined);
    assert.deepEqual(codes, [`connectivity/${code}`]);
  });

  test.for(MAPPING_NETWORKS.map(({ name }) => name))("holds %s as the benchmark does", (name, context) => {
    const folder = sharedPath("golden/mapping");
    if (folder === undefined) return context.skip();
    const spec = JSON.parse(readFileSync(join(folder, `specs/${name}.spec.json`), "utf8")) as {
      neurons: number;
      synapses: number;
      sha256: string;
    };
    const bytes = snnc.write(mappingNetwork(name).make(), new DiagnosticSink());
    assert.equal(createHash("sha256").update(bytes).digest("hex"), spec.sha256);
    const { result, codes } = reading((sink) => snnc.read(bytes, {}, sink));
    assert.deepEqual([result?.neurons, result?.target.length, codes], [spec.neurons, spec.synapses, []]);
  });
});

describe(".snn", () => {
  test("unites the edges of a source: targets together, the highest rate", () => {
    const file = words(4, 3, 2, 1, 3, 0, float(2), 1, 1, 2, float(7), 1, 0, 0, float(1));
    const { result, codes, text } = reading((sink) => snn.read(file, {}, sink));
    assert.deepEqual(lists(result!), [[0], [0, 2, 3], [], []]);
    assert.deepEqual([...result!.rate], [1, 7, 0, 0]);
    assert.deepEqual(codes, ["connectivity/edges-united"]);
    assert.match(text, /1 neurons are the source of several edges \(2 in all\).*for 1 of them rates differ/);
  });

  test.each([
    ["a source that is no neuron", [2, 1, 1, 2, 0, float(1)], "neuron-out-of-range"],
    ["a target that is no neuron", [2, 1, 1, 0, 2, float(1)], "neuron-out-of-range"],
    ["a rate that is no number", [2, 1, 1, 0, 1, 0x7fc00000], "bad-rate"],
    ["a rate below 0", [2, 1, 1, 0, 1, float(-1)], "bad-rate"],
    ["a list longer than the file", [2, 1, 4294967295, 0, 1, float(1)], "truncated"],
    ["billions of edges", [2, 4294967295, 1, 0, 1, float(1)], "truncated"],
    ["billions of neurons", [4294967295, 1, 1, 0, 1, float(1)], "too-many-neurons"],
  ])("refuses %s", (_, file, code) => {
    const { result, codes } = reading((sink) => snn.read(words(...file), {}, sink));
    assert.equal(result, undefined);
    assert.deepEqual(codes, [`connectivity/${code}`]);
  });
});

describe(".hgr", () => {
  const read = (text: string, source?: "last") =>
    reading((sink) => hgr.read(utf8(text), source === undefined ? {} : { source }, sink));

  test("takes the first pin for the source, or the last, with comments and Windows lines between", () => {
    const text = "% a comment\r\n\r\n3 4 1\r\n2.5 1 3 2\r\n% another\r\n7 4\r\n 1\t2 1 \r\n";
    const first = read(text);
    assert.deepEqual(plain(first.result), {
      neurons: 4,
      lists: [[1, 2], [0], [], []],
      rate: [2.5, 1, 0, 7],
    });
    assert.deepEqual(first.codes, []);
    assert.deepEqual(lists(read(text, "last").result!), [[1], [0, 2], [], []]);
  });

  test("reads every format: unweighted edges have rate 1, weights of vertices are not used", () => {
    assert.deepEqual([...read("1 2\n1 2").result!.rate], [1, 0]);
    assert.deepEqual([...read("1 2 01\n9 1 2").result!.rate], [9, 0]);
    assert.deepEqual(read("1 2 10\n1 2\n1\n1\n").codes, []);
    assert.deepEqual(read("1 2 11\n9 1 2\n5\n1\n").codes, ["connectivity/vertex-weights-unused"]);
  });

  test("is written with whole weights: others are scaled, none becomes 0", () => {
    const graph = { ...graphOf([[1], [0]]), rate: Float64Array.of(0.5, 1e-9) };
    const { result, codes } = reading((sink) => new TextDecoder().decode(hgr.write(graph, sink)));
    assert.equal(result, "2 2 1\n1000000 1 2\n1 2 1\n");
    assert.deepEqual(codes, ["connectivity/rates-scaled"]);
  });

  test.each([
    ["no header", "", "bad-header"],
    ["a header of words", "edges 3\n", "bad-header"],
    ["an unknown format", "1 2 7\n1 2\n", "bad-header"],
    ["a missing edge", "2 2\n1 2\n", "truncated"],
    ["more edges than the file can hold", "4000000000 2\n1 2\n", "truncated"],
    ["more neurons than is likely", "1 4000000000\n1 2\n", "too-many-neurons"],
    ["vertex 0", "1 2\n0 1\n", "bad-number"],
    ["a vertex that there is not", "1 2\n1 3\n", "neuron-out-of-range"],
    ["a word", "1 2\n1 x\n", "bad-number"],
    ["an edge without vertices", "1 2 1\n5\n", "bad-number"],
    ["a weight below 0", "1 2 1\n-5 1 2\n", "bad-rate"],
    ["one line too many", "1 2\n1 2\n2 1\n", "bad-number"],
    ["too few weights of vertices", "1 2 10\n1 2\n1\n", "truncated"],
  ])("refuses %s", (_, text, code) => {
    const { result, codes } = read(text);
    assert.equal(result, undefined);
    assert.deepEqual(codes, [`connectivity/${code}`]);
  });

  test("names the line and what stands there", () => {
    assert.equal(
      read("1 2\n% comment\n1 x2\n").text,
      'line 3 of the hgr file has "x2" where a vertex, counted from 1 is needed.',
    );
  });
});

describe("partition files", () => {
  const read = async (bytes: Uint8Array, fileName = "parts.txt", neurons = 4) => {
    const sink = new DiagnosticSink();
    const result = await readPartition(bytes, { fileName, neurons }, sink);
    return { result, codes: sink.diagnostics.map(({ code }) => code) };
  };

  test("give back what was written: as text, as raw numbers, and packed", async () => {
    const cores = Uint16Array.of(2, 0, 1, 0);
    const raw = new Uint8Array(cores.buffer);
    const files: [string, Uint8Array][] = [
      ["a.txt", writePartition(cores)],
      ["a.txt.gz", gzipSync(writePartition(cores))],
      ["a.u16", raw],
      ["a.u16.gz", gzipSync(raw)],
    ];
    for (const [name, bytes] of files) {
      const { result, codes } = await read(bytes, name);
      assert.deepEqual([...result!.coreOf], [2, 0, 1, 0], name);
      assert.deepEqual(codes, []);
    }
  });

  test("count cores without those that are not used, and remember their numbers", async () => {
    const { result, codes } = await read(utf8("7\n3\n7\n9\n"));
    assert.deepEqual([...result!.coreOf], [1, 0, 1, 2]);
    assert.deepEqual([...result!.numberOf], [3, 7, 9]);
    assert.equal(result!.cores, 3);
    assert.deepEqual(codes, ["connectivity/empty-cores"]);
  });

  test.each([
    ["too few lines", utf8("1\n0\n"), "parts", "size-mismatch"],
    ["too many lines", utf8("1\n0\n0\n0\n0\n"), "parts", "size-mismatch"],
    ["a core that was not decided", utf8("1\n0\n-1\n0\n"), "parts", "bad-number"],
    ["two numbers in a line", utf8("1\n0 1\n1\n0\n"), "parts", "bad-number"],
    ["a core beyond 65,534", utf8("1\n0\n65535\n0\n"), "parts", "core-too-large"],
    ["raw numbers of another graph", new Uint8Array(6), "parts.u16", "size-mismatch"],
    ["a packed file that is too long", gzipSync(new Uint8Array(5000)), "parts.u16.gz", "unreadable-gzip"],
    [
      "a packed file that is damaged",
      gzipSync(utf8("1\n0\n0\n0\n")).slice(0, 20),
      "parts",
      "unreadable-gzip",
    ],
  ])("are refused with %s", async (_, bytes, name, code) => {
    const { result, codes } = await read(bytes, name);
    assert.equal(result, undefined);
    assert.deepEqual(codes, [`connectivity/${code}`]);
  });
});

describe("placement files", () => {
  const read = (text: string, cores = 3) =>
    reading((sink) => readPlacement(utf8(text), { cores, columns: 4 }, sink));

  test("give back what was written, and count places row by row where there is one number", () => {
    const places = { x: Int32Array.of(3, 0, 1), y: Int32Array.of(0, 2, 1) };
    assert.deepEqual(read(new TextDecoder().decode(writePlacement(places))).result, places);
    assert.deepEqual(read("3\n8\n5\n").result, places);
  });

  test.each([
    ["two cores in one place", "3 0\n8\n0 2\n", "place-twice"],
    ["a missing line", "3\n8\n", "size-mismatch"],
    ["three numbers", "3 0 1\n8\n5\n", "bad-number"],
    ["a place beyond every mesh", "70000 0\n8\n5\n", "bad-number"],
    ["a word", "here\n8\n5\n", "bad-number"],
  ])("are refused with %s", (_, text, code) => {
    const { result, codes } = read(text);
    assert.equal(result, undefined);
    assert.deepEqual(codes, [`connectivity/${code}`]);
  });
});
