// Why a network does not fit, and the search for the smallest change; the compilations are played by a formula here.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile } from "#compiler/compile";
import { blamedLayers, blamedPopulations } from "#compiler/explain/blame";
import { withSettings, type Settings, type Trial } from "#compiler/explain/change";
import { findChanges } from "#compiler/explain/search";
import { Trials } from "#compiler/explain/trials";
import { dense, edge, input, lif, loihiCuba, network, relay } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { DiagnosticSink, ToolchainError, type Diagnostic } from "#util/diagnostic";

const layer = (node: string): { layer: { node: string; kind: "linear" } } => ({
  layer: { node, kind: "linear" },
});
/** As an importer writes it: relays between the layers and their neurons. */
const model = network(
  [input("in", 2), relay("fc1", 2), lif("lif1", 2), relay("fc2", 1), lif("lif2", 1)],
  [
    edge("in", "fc1", dense([[1, 2], [3, 4]]), layer("fc1")), // prettier-ignore
    edge("fc1", "lif1", { kind: "diagonal", rows: 2, cols: 2, values: Float64Array.of(1) }),
    edge("lif1", "fc2", dense([[5], [6]]), layer("fc2")),
    edge("fc2", "lif2", { kind: "diagonal", rows: 1, cols: 1, values: Float64Array.of(1) }),
  ],
);
const folded = network(
  [input("in", 2), lif("lif1", 2), lif("lif2", 1)],
  [edge("in", "lif1", dense([[1, 2], [3, 4]])), edge("lif1", "lif2", dense([[5], [6]]))], // prettier-ignore
);
const misfit = (population: string, resource: string): Pick<Diagnostic, "code" | "data"> => ({
  code: "partition/neuron-does-not-fit",
  data: { population, resource, needed: 10, available: 5 },
});

const fitting = (weightErrorShare: number, cores = 1, chips = 1): Trial => ({
  fits: true,
  cores,
  chips,
  weightErrorShare,
});
const NO: Trial = { fits: false, findings: [] };

describe("what is to blame", () => {
  test("it is the layers into a neuron that has too many inputs, through relays", () => {
    assert.deepEqual(blamedLayers(model, [misfit("lif1", "axonsIn")]), ["fc1"]);
    assert.deepEqual(blamedLayers(model, [misfit("lif2", "synapseWords")]), ["fc2"]);
  });

  test("it is the layers out of a neuron that sends too much", () => {
    assert.deepEqual(blamedLayers(model, [misfit("lif1", "axonsOut")]), ["fc2"]);
  });

  test("it is none where the population is not the model's", () => {
    assert.deepEqual(blamedLayers(model, [misfit("lif1.copy", "axonsIn")]), []);
  });

  test("it is the populations with most cores where there is no room, as the compiler reports them", () => {
    const weights = dense([[16, 16, 16, 16, 16, 16], [16, 16, 16, 16, 16, 16]]); // prettier-ignore
    const quantization = { weightBits: 8, signMode: "excitatory", weightExponent: 0 } as const;
    const net = network(
      [input("in", 2), loihiCuba("many", 6), loihiCuba("few", 2)],
      [
        edge("in", "many", weights, { delaySteps: 1, quantization }),
        edge("in", "few", dense([[16, 16], [16, 16]]), { delaySteps: 1, quantization }), // prettier-ignore
      ],
    );
    const target = tightTarget({ neurons: 2 }, { columns: 1, rows: 1, coresPerTile: 1 });
    assert.throws(
      () => compile(net, target, {}, new DiagnosticSink()),
      (error) => {
        assert.ok(error instanceof ToolchainError);
        const [{ message, data }] = error.diagnostics;
        assert.match(message, /"many" takes 3 of them, its fullest with 2 of 2 compartments\.$/);
        assert.deepEqual(data?.["binding"], [
          { population: "many", cores: 3, resource: "neurons", needed: 2, available: 2 },
          { population: "few", cores: 1, resource: "neurons", needed: 2, available: 2 },
        ]);
        assert.deepEqual(blamedPopulations(error.diagnostics), ["many", "few"]);
        return true;
      },
    );
  });
});

describe("trials", () => {
  test("they end on the mildest value that fits, in logarithmically many steps", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 300 }), (length, limit) => {
        let count = 0;
        const trials = new Trials(({ chips }) => {
          count++;
          return chips! <= limit ? fitting(0, chips!) : NO;
        }, 1000);
        const values = Array.from({ length }, (_, i) => i + 1);
        const found = trials.mildest(values, (chips) => ({ chips }));
        assert.equal(found?.value, limit === 0 ? undefined : Math.min(limit, length));
        assert.equal(found?.trial.cores, found?.value);
        assert.ok(count <= 2 + Math.ceil(Math.log2(length)));
      }),
    );
  });

  test("they try nothing twice, and nothing once they are used up", () => {
    let count = 0;
    const trials = new Trials(() => {
      count++;
      return fitting(0);
    }, 2);
    trials.run({ chips: 1 });
    trials.run({ chips: 1 });
    trials.run({ chips: 2 });
    assert.equal(trials.run({ chips: 3 }).fits, false);
    assert.equal(trials.run({ chips: 2 }).fits, true);
    assert.equal(count, 2);
  });
});

describe("the search", () => {
  const target = tightTarget({});
  const problem = {
    target,
    model,
    folded,
    settings: {} as Settings,
    findings: [misfit("lif1", "synapseWords")],
    otherTargets: ["small", "large"],
  };

  test("it puts what costs nothing first, then chips, then the smallest weight error, then another target", () => {
    const changes = findChanges(
      { ...problem, findings: [...problem.findings, { code: "place/no-room", data: { chipsNeeded: 3 } }] },
      (settings) => {
        if (settings.target !== undefined) return settings.target === "large" ? fitting(0) : NO;
        if (settings.packer === "nengo") return fitting(0.5);
        if (settings.chips === 3) return fitting(0.4, 1, 3);
        if (settings.weightBits !== undefined) return settings.weightBits <= 4 ? fitting(0.2) : NO;
        const [prune] = settings.edits?.prune ?? [];
        if (prune?.layer === "fc1") return prune.densityShare <= 0.5 ? fitting(0.1) : NO;
        return NO;
      },
    );
    assert.deepEqual(
      changes.map(({ kind, settings }) => ({ kind, settings })),
      [
        { kind: "mapping", settings: { packer: "nengo" } },
        { kind: "chips", settings: { chips: 3 } },
        { kind: "network", settings: { edits: { prune: [{ layer: "fc1", densityShare: 0.5 }] } } },
        { kind: "network", settings: { weightBits: 4 } },
        { kind: "target", settings: { target: "large" } },
      ],
    );
  });

  test("it proposes nothing that has lost nearly all of its weights, though it tries it on the way to less", () => {
    const search = (most: number): readonly Settings[] =>
      findChanges({ ...problem, otherTargets: [] }, ({ edits, weightBits, packer, partitioner, chips }) => {
        const density = edits?.prune?.[0].densityShare;
        if ((density === undefined || weightBits) ?? packer ?? partitioner ?? chips) return NO;
        return density <= most ? fitting(1 - density) : NO;
      }).map(({ settings }) => settings);
    assert.ok(search(0.11).length > 0);
    assert.deepEqual(search(0.09), []);
  });

  test("it goes no further than five changes", () => {
    const changes = findChanges(problem, () => fitting(0));
    assert.equal(changes.length, 5);
  });

  test("it takes two changes together where one is not enough, and keeps what was set", () => {
    const changes = findChanges(
      { ...problem, settings: { share: "never" }, otherTargets: [] },
      ({ share, chips = 1, weightBits = 8, edits }) => {
        assert.notEqual(share, undefined, "what was set stays set");
        const pruned = edits?.prune?.some(({ densityShare }) => densityShare <= 0.3) === true;
        if (chips > 1 && pruned) return fitting(0.3, 2, 2);
        return { fits: false, findings: problem.findings, weightBits } as Trial;
      },
    );
    assert.ok(changes.length > 0);
    for (const { settings, text } of changes) {
      assert.ok(settings.chips! > 1 && settings.edits?.prune?.[0].densityShare === 0.3, text);
      assert.match(text, /use \d+ chips, and prune/);
    }
  });

  test("it asks for the reset that the chip has, and goes on from there", () => {
    const findings = [{ code: "quantize/reset-unsupported" }];
    const changes = findChanges({ ...problem, findings, otherTargets: [] }, ({ edits, weightBits }) => {
      if (edits?.reset !== "value") return { fits: false, findings };
      return weightBits! <= 2 ? fitting(0.2) : { fits: false, findings: problem.findings };
    });
    assert.equal(changes.length, 1);
    assert.deepEqual(changes[0].settings, { edits: { reset: "value" }, weightBits: 2 });
    assert.match(changes[0].text, /^reset .*, and store weights in 2 bits$/);
  });

  test("it finds nothing where nothing helps, and ends", () => {
    let trials = 0;
    const attempt = (): Trial => {
      trials++;
      return { fits: false, findings: problem.findings };
    };
    assert.deepEqual(findChanges(problem, attempt), []);
    assert.ok(trials <= 80);
  });

  test("it splits and thins layers only where a core holds one of them", () => {
    const tried: Settings[] = [];
    const attempt = (settings: Settings): Trial => {
      tried.push(settings);
      return settings.edits?.split === undefined ? NO : fitting(0);
    };
    findChanges(problem, attempt);
    assert.ok(tried.every(({ edits }) => edits?.split === undefined));
    const populations = { ...target.walls.neurons!, value: 1 };
    const layered = { ...target, walls: { ...target.walls, populations } };
    const [first] = findChanges({ ...problem, target: layered }, attempt);
    assert.deepEqual(first.settings, { edits: { split: [{ population: "lif1", parts: 2 }] } });
  });
});

test("settings are joined edit by edit", () => {
  const one: Settings = { chips: 2, edits: { prune: [{ layer: "a", densityShare: 0.5 }], reset: "value" } };
  const two: Settings = { weightBits: 4, edits: { prune: [{ densityShare: 0.1 }] } };
  assert.deepEqual(withSettings(one, two), {
    chips: 2,
    weightBits: 4,
    edits: { reset: "value", prune: [{ layer: "a", densityShare: 0.5 }, { densityShare: 0.1 }] },
  });
});
