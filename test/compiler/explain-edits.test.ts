// Changes of a network that make it fit: what stays is what they say, and a split computes the same.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { editFolded, editModel, type NetworkEdits } from "#compiler/edit/index";
import { changeableNames } from "#compiler/edit/populations";
import { densityOf, prunedTo } from "#compiler/edit/prune";
import { foldLinearChains } from "#compiler/passes/index";
import { runPasses } from "#compiler/pass";
import { expand, storedWeights } from "#ir/connectivity";
import type { Connectivity, Network } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { simulateReference } from "#simulator/reference";
import { between, dense, diagonal, edge, input, kernel, lif, network, randomSparse } from "#test/networks";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";
import { randomInputs, randomModel } from "../flow/random-model.ts";

const seed = fc.integer({ min: 1, max: 1e6 });

function connectivityOf(rng: Rng): Connectivity {
  const draw = (): number => between(rng, -6, 6) / 4;
  switch (between(rng, 0, 2)) {
    case 0:
      return randomSparse(rng, between(rng, 1, 9), between(rng, 1, 9), 0.6, draw);
    case 1: {
      const cols = between(rng, 1, 8);
      return dense(Array.from({ length: between(rng, 1, 8) }, () => Array.from({ length: cols }, draw)));
    }
    default:
      return kernel({
        inputShape: [2, 4, 4],
        kernelShape: [3, 2, 2, 2],
        weights: Array.from({ length: 24 }, draw),
      });
  }
}

describe("pruning", () => {
  test("it keeps the largest weights, as many as the density allows, and never invents one", () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 100 }), (start, percent) => {
        const connectivity = connectivityOf(createRng(start));
        const room = connectivity.kind === "sparse" ? connectivity.rows * connectivity.cols : storedWeights(connectivity).length; // prettier-ignore
        const before = Array.from(storedWeights(connectivity));
        const after = Array.from(storedWeights(prunedTo(connectivity, percent / 100)));
        const keep = Math.max(1, Math.floor((percent * room) / 100));
        // The slow twin: sort by size, of equals the first.
        const order = before
          .map((_, i) => i)
          .sort((a, b) => Math.abs(before[b]) - Math.abs(before[a]) || a - b);
        const kept = new Set(order.slice(0, keep));
        assert.deepEqual(
          after,
          before.map((weight, i) => (kept.has(i) ? weight : 0)),
        );
        if (keep > 1) assert.ok(densityOf(prunedTo(connectivity, percent / 100)) <= percent / 100 + 1e-9);
      }),
    );
  });

  test("it goes by the names of trained layers, and prunes all of them where none is named", () => {
    const layer = { node: "fc", kind: "linear" } as const;
    const net = network(
      [input("in", 2), lif("a", 2), lif("b", 2)],
      [
        edge("in", "a", dense([[1, 2], [3, 4]]), { layer }), // prettier-ignore
        edge("a", "b", dense([[5, 6], [7, 8]]), { layer: { ...layer, node: "fc2" } }), // prettier-ignore
      ],
    );
    const weights = (edits: NetworkEdits): number[][] =>
      editModel(net, edits, new DiagnosticSink()).projections.map(({ connectivity }) =>
        Array.from(storedWeights(connectivity)),
      );
    assert.deepEqual(weights({ prune: [{ layer: "fc", densityShare: 0.5 }] }), [[0, 3, 0, 4], [5, 7, 6, 8]]); // prettier-ignore
    assert.deepEqual(weights({ prune: [{ densityShare: 0.25 }] }), [[0, 0, 0, 4], [0, 0, 0, 8]]); // prettier-ignore
    assert.equal(editModel(net, { prune: [{ densityShare: 1 }] }, new DiagnosticSink()), net);
  });
});

describe("splitting", () => {
  test("it computes the same: every neuron fires as it did", () => {
    let splits = 0;
    fc.assert(
      fc.property(seed, (start) => {
        const rng = createRng(start);
        const whole = runPasses(randomModel(rng), [foldLinearChains], { sink: new DiagnosticSink() });
        const names = changeableNames(whole).filter(
          (name) => channelCount(whole, name) > 1 && !whole.populations.find((p) => p.name === name)!.model.includes("relay"),
        ); // prettier-ignore
        if (names.length === 0) return;
        const name = names[between(rng, 0, names.length - 1)];
        const parts = between(rng, 2, Math.min(3, channelCount(whole, name)));
        const split = edited(whole, { split: [{ population: name, parts }] });
        assertValid(split);
        assert.equal(split.populations.length, whole.populations.length + parts - 1);
        splits++;
        const inputs = randomInputs(rng, whole);
        const before = simulateReference(whole, inputs, { record: "all" }).recorded;
        const after = simulateReference(split, inputs, { record: "all" }).recorded;
        for (const { name: own, model } of whole.populations) {
          if (own === name || model === "input") continue;
          assert.deepEqual(after[own], before[own], own);
        }
        const total = (list: typeof before, of: readonly string[]): number =>
          of.reduce((sum, key) => sum + list[key].samples.reduce((n, { step }) => n + step.length, 0), 0);
        const names2 = Array.from({ length: parts }, (_, part) => `${name}.${part + 1}`);
        assert.equal(total(after, names2), total(before, [name]));
      }),
      { numRuns: 60 },
    );
    assert.ok(splits > 20);
  });
});

describe("fewer channels", () => {
  test("it keeps the strongest and everything that joins them", () => {
    const net = network(
      [input("in", 2), lif("a", 3, { vThreshold: [1, 2, 3] }), lif("b", 1)],
      [edge("in", "a", dense([[1, 9, 2], [1, 0, 2]])), edge("a", "b", diagonalTo([1, 1, 4]))], // prettier-ignore
    );
    const thin = edited(net, { channels: [{ population: "a", channels: 2 }] });
    assertValid(thin);
    assert.deepEqual(thin.populations[1].shape, [2]);
    assert.deepEqual(Array.from(thin.populations[1].params["vThreshold"]), [2, 3]);
    assert.deepEqual(rowsOf(thin.projections[0].connectivity), [[9, 2], [0, 2]]); // prettier-ignore
    assert.deepEqual(rowsOf(thin.projections[1].connectivity), [[1], [4]]);
  });

  test("it leaves kernels kernels, and gives what removing the elements gives", () => {
    fc.assert(
      fc.property(seed, (start) => {
        const rng = createRng(start);
        const draw = (): number => between(rng, 1, 8) * (rng() < 0.5 ? -1 : 1);
        const first = kernel({ inputShape: [2, 4, 4], kernelShape: [4, 2, 3, 3], weights: Array.from({ length: 72 }, draw) }); // prettier-ignore
        const second = kernel({ inputShape: first.outputShape, kernelShape: [2, 4, 2, 2], weights: Array.from({ length: 32 }, draw) }); // prettier-ignore
        const net = network(
          [input("in", [2, 4, 4]), lif("a", first.outputShape), lif("b", second.outputShape)],
          [edge("in", "a", first), edge("a", "b", second)],
        );
        const channels = between(rng, 1, 3);
        const thin = edited(net, { channels: [{ population: "a", channels }] });
        assertValid(thin);
        assert.deepEqual(
          thin.projections.map(({ connectivity }) => connectivity.kind),
          ["kernel", "kernel"],
        );
        const plain = expandedNetwork(net);
        const same = edited(plain, { channels: [{ population: "a", channels }] });
        thin.projections.forEach(({ connectivity }, i) => {
          assert.deepEqual(rowsOf(connectivity), rowsOf(same.projections[i].connectivity));
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe("what cannot be changed", () => {
  const net = network(
    [input("in", 2), lif("a", 3), lif("b", 1)],
    [edge("in", "a", dense([[1, 1, 1], [1, 1, 1]])), edge("a", "b", dense([[1], [1], [1]]))], // prettier-ignore
  );
  const cases: [string, NetworkEdits, RegExp, RegExp][] = [
    ["a layer that is not there", { prune: [{ layer: "in->aa", densityShare: 0.5 }] }, /^edit\/unknown-layer$/, /did you mean "in->a"/],
    ["a density of 0", { prune: [{ densityShare: 0 }] }, /^edit\/density-out-of-range$/, /0\.4/],
    ["a density that is no number", { prune: [{ densityShare: NaN }] }, /^edit\/density-out-of-range$/, /0\.4/],
    ["more channels than there are", { channels: [{ population: "a", channels: 4 }] }, /^edit\/channels-out-of-range$/, /1 to 3/],
    ["a population that is not there", { channels: [{ population: "c", channels: 4 }] }, /^edit\/unknown-population$/, /"a"/],
    ["what is read out", { channels: [{ population: "b", channels: 1 }] }, /^edit\/fixed-population$/, /prune/],
    ["an input", { split: [{ population: "in", parts: 2 }] }, /^edit\/fixed-population$/, /prune/],
    ["more parts than channels", { split: [{ population: "a", parts: 4 }] }, /^edit\/parts-out-of-range$/, /2 to 3/],
  ]; // prettier-ignore
  test.each(cases)("it is said of %s", (_, edits, code, hint) => {
    const sink = new DiagnosticSink();
    const same = editFolded(editModel(net, edits, sink), edits, sink);
    assert.equal(same, net);
    assert.equal(sink.diagnostics.length, 1);
    assert.match(sink.diagnostics[0].code, code);
    assert.match(sink.diagnostics[0].hint ?? "", hint);
  });
});

function edited(net: Network, edits: NetworkEdits): Network {
  const sink = new DiagnosticSink();
  const result = editFolded(editModel(net, edits, sink), edits, sink);
  sink.throwIfErrors();
  return result;
}

function assertValid(net: Network): void {
  const sink = new DiagnosticSink();
  validateNetwork(net, sink, { models: NEURON_MODELS });
  sink.throwIfErrors();
}

function channelCount({ populations }: Network, name: string): number {
  const { shape, size } = populations.find((population) => population.name === name)!;
  return shape.length > 1 ? shape[0] : size;
}

function diagonalTo(values: readonly number[]): Connectivity {
  assert.equal(diagonal(...values).kind, "diagonal");
  return dense(values.map((value) => [value]));
}

function rowsOf(connectivity: Connectivity): number[][] {
  const { rows, cols, rowStart, colIndex, values } = expand(connectivity);
  return Array.from({ length: rows }, (_, r) => {
    const row = new Array<number>(cols).fill(0);
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) row[colIndex[i]] = values[i];
    return row;
  });
}

function expandedNetwork(net: Network): Network {
  const projections = net.projections.map((projection) => ({
    ...projection,
    connectivity: expand(projection.connectivity, { keepZeros: true }),
  }));
  return { ...net, projections };
}
