// Crossbars: what a core is asked for, against a plain count, and what verification refuses.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile } from "#compiler/index";
import { measureCore } from "#compiler/encode/measure";
import { createWorkload } from "#compiler/encode/workload";
import { runPasses } from "#compiler/pass";
import { decomposeWeights } from "#compiler/passes/decompose-weights";
import { verify } from "#compiler/verify";
import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { between, edge, input, loihiCuba, network, randomSparse } from "#test/networks";
import { FOUR_BITS, truenorthLif } from "#test/truenorth-networks";
import { loihi1 } from "#targets/loihi1/index";
import { wallsOf, type CrossbarPacker, type Quantity, type Target } from "#targets/target";
import { truenorth } from "#targets/truenorth/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const count = (value: number): Quantity => ({
  value,
  unit: "count",
  evidence: "assumed",
  src: [],
  note: "for a test",
});

/** A crossbar of Loihi neurons, as wide as asked for. */
function crossbarOf(
  rows: number,
  cols: number,
  crosspointBits: number,
  rest: Partial<CrossbarPacker> = {},
): Target {
  const packer: CrossbarPacker = {
    formula: "crossbar",
    name: "rows",
    title: "a crossbar for tests",
    src: [],
    rows,
    cols,
    crosspointBits,
    maxFormats: 16,
    ...rest,
  };
  return {
    ...loihi1,
    name: "crossbar",
    walls: wallsOf({ neurons: count(cols), axonsIn: count(rows) }),
    maxWordsPerAxon: null,
    packers: [packer],
  };
}

const mixed = (weightBits: number) => ({
  delaySteps: 1,
  quantization: { weightBits, signMode: "mixed", weightExponent: 0 } as const,
});

describe("a crossbar without types", () => {
  test("it takes as many rows for a source as its widest weight takes crosspoints", () => {
    const rng = createRng(1);
    const net = network(
      [input("a", 6), input("b", 5), loihiCuba("l", 9, {}, { startStep: 1 })],
      [
        edge(
          "a",
          "l",
          randomSparse(rng, 6, 9, 1, () => 2 * between(rng, 1, 100)),
          mixed(8),
        ),
        edge(
          "b",
          "l",
          randomSparse(rng, 5, 9, 1, () => 128),
          mixed(2),
        ),
      ],
    );
    for (const [bits, rows] of [
      [1, 6 * 8 + 5 * 2],
      [2, 6 * 4 + 5],
      [3, 6 * 3 + 5],
      [8, 11],
    ]) {
      const target = crossbarOf(100, 9, bits);
      const workload = createWorkload(net, target, target.packers[0], false);
      const { demand } = measureCore(workload, [{ population: 2, begin: 0, end: 9 }]);
      assert.equal(demand.axonsIn, rows, `${bits} bits`);
      assert.equal(demand.neurons, 9);
      assert.equal(demand.synapseWords, rows * Math.ceil((9 * bits) / 64));
    }
  });

  test("it takes another row where a source has two weights for one neuron", () => {
    const rng = createRng(2);
    const net = network(
      [input("a", 4), loihiCuba("l", 3, {}, { startStep: 1 })],
      [
        edge(
          "a",
          "l",
          randomSparse(rng, 4, 3, 1, () => 2),
          { ...mixed(8), name: "one" },
        ),
        edge(
          "a",
          "l",
          randomSparse(rng, 4, 3, 1, () => 4),
          { ...mixed(8), name: "two" },
        ),
      ],
    );
    const target = crossbarOf(8, 3, 8);
    const { deployment } = compiled(net, target);
    assert.equal(deployment.cores.length, 1);
    assert.equal(deployment.cores[0].axonWords.length, 8);
  });

  test("it fits rows and columns exactly, and not one more", () => {
    const net = network(
      [input("a", 20), loihiCuba("l", 12, {}, { startStep: 1 })],
      [
        edge(
          "a",
          "l",
          randomSparse(createRng(3), 20, 12, 1, () => 2),
          mixed(8),
        ),
      ],
    );
    assert.equal(compiled(net, crossbarOf(20, 12, 8)).deployment.cores.length, 1);
    assert.equal(compiled(net, crossbarOf(20, 11, 8)).deployment.cores.length, 2);
    assert.throws(
      () => compiled(net, crossbarOf(19, 12, 8)),
      /neuron \d+ of "l" alone needs 20 input axons, but a core of crossbar has 19/,
    );
    assert.throws(() => compiled(net, crossbarOf(39, 12, 4)), /needs 40 input axons/);
  });
});

describe("a crossbar with typed rows", () => {
  test("it has one row for each source, type and delay", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const rng = createRng(seed);
        const weight = (): number => 2 * between(rng, -8, 7);
        const [a, b] = [between(rng, 1, 8), between(rng, 1, 8)];
        const edges = [1, 1, 3].map((delaySteps, i) =>
          edge(i === 1 ? "b" : "a", "l", randomSparse(rng, i === 1 ? b : a, 10, 0.4, weight), {
            name: `e${i}`,
            delaySteps,
            quantization: FOUR_BITS,
          }),
        );
        const net = runPasses(
          network([input("a", a), input("b", b), truenorthLif("l", 10, 1, 6)], edges),
          [decomposeWeights],
          { target: truenorth, sink: new DiagnosticSink() },
        );
        const workload = createWorkload(net, truenorth, truenorth.packers[0], false);
        const { demand } = measureCore(workload, [{ population: 2, begin: 0, end: 10 }]);
        const rows = new Set<string>();
        const types = new Set<number>();
        for (const { pre, delaySteps, connectivity, quantization } of net.projections) {
          assert.ok(connectivity.kind === "sparse");
          for (let r = 0; r < connectivity.rows; r++)
            if (connectivity.rowStart[r + 1] > connectivity.rowStart[r]) {
              rows.add([pre, r, quantization?.axonType, delaySteps].join());
              types.add(quantization?.axonType ?? -1);
            }
        }
        assert.equal(demand.axonsIn, rows.size);
        assert.equal(demand.synapseFormats, types.size);
        assert.equal(demand.synapseWords, rows.size * 4);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what verification finds on a crossbar", () => {
  const rng = createRng(5);
  const net = runPasses(
    network(
      [input("a", 7), truenorthLif("l", 6, 1, 6)],
      [
        edge(
          "a",
          "l",
          randomSparse(rng, 7, 6, 1, () => 2 * between(rng, -8, 7)),
          { delaySteps: 1, quantization: FOUR_BITS },
        ),
      ],
    ),
    [decomposeWeights],
    { target: truenorth, sink: new DiagnosticSink() },
  );
  const { deployment } = compiled(net, truenorth);
  const codes = (changes: Partial<CoreProgram>, target = truenorth): string[] => {
    const sink = new DiagnosticSink();
    const broken = { ...deployment, cores: [{ ...deployment.cores[0], ...changes }] };
    verify(broken, net, target, sink);
    return [...new Set(sink.diagnostics.map(({ code }) => code))];
  };
  const [core] = deployment.cores;

  test("it finds nothing in what was compiled", () => {
    assert.deepEqual(codes({}), []);
  });

  test("it finds a second weight of a neuron for one type", () => {
    const weight = core.weight.slice();
    weight[0] += 2;
    assert.ok(codes({ weight }).includes("verify/type-weight"));
  });

  test("it finds a row of two types, or of a type that is not there", () => {
    const format = core.format.slice();
    format[0] = (format[0] + 1) % core.formats.length;
    assert.ok(codes({ format }).includes("verify/crossbar-row"));
    assert.ok(
      codes({ formats: core.formats.map((form) => ({ ...form, axonType: 7 })) }).includes(
        "verify/format-unknown",
      ),
    );
  });

  test("it finds a row of two delays", () => {
    const delaySteps = core.delaySteps.slice();
    delaySteps[0] = 2;
    assert.ok(codes({ delaySteps }).includes("verify/crossbar-row"));
  });

  test("it finds words that are not a row's", () => {
    const axonWords = core.axonWords.slice();
    axonWords[2] = 3;
    assert.deepEqual(codes({ axonWords }), ["verify/axon-words-differ"]);
  });

  test("it finds more rows than the core has", () => {
    const small = { ...truenorth, walls: { ...truenorth.walls, axonsIn: count(core.axonWords.length - 1) } };
    assert.deepEqual(codes({}, small), ["verify/over-wall"]);
  });
});

function compiled(net: Network, target: Target): { deployment: Deployment } {
  const sink = new DiagnosticSink();
  const done = compile(net, target, { share: "never" }, sink);
  assert.ok(verify(done.deployment, done.network, target, sink).ok, JSON.stringify(sink.diagnostics));
  return done;
}
