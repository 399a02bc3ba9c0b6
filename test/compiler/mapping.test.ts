// What every mapping owes us, whatever cuts and places it: legal, repeatable, priced right, never more cores than slices in
// order take, and the spikes of the network.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile, EFFORTS, PLACERS, verify, type CompileOptions, type CompileResult } from "#compiler/index";
import { predictStepTime } from "#compiler/balance/step-time";
import { stepCosts } from "#compiler/balance/step-costs";
import { createWorkload } from "#compiler/encode/workload";
import { axonGraphOf } from "#compiler/partition/axon-graph";
import { cutOf } from "#compiler/partition/graph-pieces";
import type { Network } from "#ir/network";
import { simulate } from "#simulator/index";
import { inModelSteps, simulateIntegerReference } from "#simulator/reference";
import { edge, input, kernel, loihiCuba, network, randomQuantized, randomSpikes } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { loihi1 } from "#targets/loihi1/index";
import { tileOf, type Target } from "#targets/target";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";

const MIXED = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;

/** Two convolutions and a dense readout: 2, then twice 4 channels of a square, then 5 neurons. */
function imaged(seed: number, side = 6): Network {
  const rng = createRng(seed);
  const weights = (count: number): number[] =>
    Array.from({ length: count }, () => (rng() < 0.4 ? 0 : 2 * Math.floor(rng() * 160 - 60)));
  const conv = (from: number) =>
    kernel({
      inputShape: [from, side, side],
      kernelShape: [4, from, 3, 3],
      weights: weights(36 * from),
      padding: [1, 1, 1, 1],
    });
  const projection = { delaySteps: 1, quantization: MIXED };
  return network(
    [
      input("in", [2, side, side]),
      loihiCuba("a", [4, side, side], {}, { startStep: 1 }),
      loihiCuba("b", [4, side, side], {}, { startStep: 2 }),
      loihiCuba("out", 5, {}, { startStep: 3 }),
    ],
    [
      edge("in", "a", conv(2), projection),
      edge("a", "b", conv(4), projection),
      edge(
        "b",
        "out",
        { kind: "dense", rows: 4 * side ** 2, cols: 5, values: Float64Array.from(weights(20 * side ** 2)) },
        projection,
      ),
    ],
  );
}

const chained = (seed: number): Network =>
  randomQuantized(createRng(seed), {
    inputs: 12,
    sizes: [30, 40, 8],
    density: 0.3,
    maxDelaySteps: 2,
    recurrent: seed % 2 === 1,
  });

const TARGETS: readonly Target[] = [
  loihi1,
  tightTarget({ neurons: 24, axonsOut: 1000 }),
  tightTarget({ synapseWords: 150, axonsIn: 60, axonsOut: 400 }),
];

const mappings = fc.record({
  seed: fc.nat({ max: 10_000 }),
  make: fc.constantFrom(imaged, chained),
  target: fc.constantFrom(...TARGETS),
  options: fc.record({
    partitioner: fc.constantFrom("tiles", "layer-order", "hypergraph", "auto"),
    placer: fc.constantFrom(...PLACERS.slice(0, 3).map(({ name }) => name)),
    effort: fc.constantFrom(...EFFORTS),
    share: fc.constantFrom("never" as const, "when-needed" as const, "always" as const),
    objective: fc.constantFrom("hops" as const, "step-time" as const, "energy" as const),
  }),
});

/** Undefined where it does not fit, which is said. */
function map(net: Network, target: Target, options: CompileOptions): CompileResult | undefined {
  try {
    return compile(net, target, { chips: 2, ...options });
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    return undefined;
  }
}

describe("a mapping", () => {
  test("is legal, keeps every spike, and comes out the same again", () => {
    let mapped = 0;
    fc.assert(
      fc.property(mappings, ({ seed, make, target, options }) => {
        const net = make(seed);
        const found = map(net, target, options);
        if (found === undefined) return;
        mapped++;
        const sink = new DiagnosticSink();
        verify(found.deployment, found.network, target, sink);
        assert.deepEqual(sink.diagnostics, []);
        assert.deepEqual(map(net, target, options)?.deployment, found.deployment);

        const { shape } = net.populations[0];
        const inputs = { in: randomSpikes(createRng(seed), shape, { steps: 12 }) };
        const run = simulate(
          found.deployment,
          target,
          { ...loihi1.profiles[0], target: target.name },
          inputs,
        );
        const reference = simulateIntegerReference(net, inputs, { rules: "lava" });
        const last = net.populations[net.populations.length - 1];
        assert.deepEqual(
          run.spikes[last.name],
          inModelSteps(reference.recorded[last.name], last.startStep ?? 0, 12),
        );
      }),
      { numRuns: 12 },
    );
    assert.ok(mapped > 6, `only ${mapped} of 12 were mapped`);
  });

  test("costs what an outsider counts: a message to each core, along rows, then columns", () => {
    fc.assert(
      fc.property(mappings, ({ seed, make, target, options }) => {
        const found = map(make(seed), target, options);
        if (found === undefined) return;
        let links = 0;
        for (const { core, routeCore } of found.deployment.cores)
          for (const to of routeCore) {
            const [a, b] = [tileOf(target, core), tileOf(target, to)];
            const columns = (tile: typeof a): number => tile.chip * target.mesh.columns + tile.x;
            links += Math.abs(columns(a) - columns(b)) + Math.abs(a.y - b.y);
          }
        assert.equal(found.placement.cost, links);
      }),
      { numRuns: 8 },
    );
  });

  test("of the searching partitioners takes no more cores than of slices in order", () => {
    fc.assert(
      fc.property(
        mappings,
        fc.constantFrom("hypergraph", "auto"),
        ({ seed, make, target, options }, partitioner) => {
          const cores = (by: string): number | undefined =>
            map(make(seed), target, { ...options, objective: "hops", partitioner: by })?.blockGraph.blocks
              .length;
          const [searched, inOrder] = [cores(partitioner), cores("layer-order")];
          if (inOrder === undefined) return;
          assert.ok(searched !== undefined && searched <= inOrder, `${searched} cores, ${inOrder} in order`);
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe("auto", () => {
  test("never takes more cores or more hops than tiles", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), fc.constantFrom(...TARGETS), (seed, target) => {
        const judge = (partitioner: string) =>
          map(imaged(seed), target, { partitioner, placer: "spectral", effort: "default" });
        const [auto, tiles] = [judge("auto"), judge("tiles")];
        if (tiles === undefined) return;
        assert.ok(auto !== undefined);
        assert.ok(auto.utilization.cores <= tiles.utilization.cores);
        if (auto.utilization.cores === tiles.utilization.cores)
          assert.ok(auto.placement.cost <= tiles.placement.cost);
      }),
      { numRuns: 10 },
    );
  });

  test("takes fewer words where neurons are put in another order", () => {
    const words = (effort: "fast" | "default"): number =>
      compile(imaged(3, 8), loihi1, { partitioner: "tiles", effort }).utilization.synapseWords;
    assert.ok(words("default") < words("fast"));
  });

  test("saves messages where images are cut finely", () => {
    const target = tightTarget({ neurons: 24, axonsOut: 1000 });
    const routes = (partitioner: string): number =>
      compile(imaged(3, 8), target, { partitioner, effort: "default" }).utilization.routes;
    assert.ok(routes("auto") < 0.7 * routes("tiles"));
  });

  test("takes the fewest cores of all that it tries, whatever comes last", () => {
    const target = tightTarget({ axonsIn: 30 });
    for (const seed of [1, 3, 4]) {
      const net = randomQuantized(createRng(seed), {
        inputs: 12,
        sizes: [30, 40, 20, 8],
        density: 0.15,
        maxDelaySteps: 2,
        recurrent: seed % 2 === 1,
      });
      const cores = (partitioner: string): number =>
        map(net, target, { partitioner, effort: "best", placer: "in-order" })!.utilization.cores;
      const tried = ["tiles", "hypergraph", "layer-order"].map(cores);
      assert.ok(tried[1] < tried[2], "slices in order, tried last, take more");
      assert.equal(cores("auto"), Math.min(...tried));
    }
  });

  test("puts neurons that share configurations on the same cores where these run out", () => {
    // Every neuron's decay comes again 40 neurons further on, and a core holds eight.
    const decays = Array.from({ length: 200 }, (_, n) => 100 + 10 * (n % 40));
    const net = network(
      [input("in", 4), loihiCuba("a", 200, { vDecay: decays })],
      [
        edge(
          "in",
          "a",
          { kind: "dense", rows: 4, cols: 200, values: new Float64Array(800).fill(2) },
          { delaySteps: 1, quantization: MIXED },
        ),
      ],
    );
    const target = tightTarget({ neuronConfigs: 8 });
    const cores = (partitioner: string): number =>
      compile(net, target, { partitioner, effort: "default" }).utilization.cores;
    assert.deepEqual([cores("tiles"), cores("auto")], [25, 5]);
  });

  test("stops when told to, with a legal mapping", () => {
    let asked = 0;
    const net = imaged(3);
    const target = tightTarget({ neurons: 24, axonsOut: 1000 });
    const { deployment } = compile(net, target, {
      partitioner: "auto",
      effort: "best",
      shouldStop: () => ++asked > 3,
    });
    const sink = new DiagnosticSink();
    verify(deployment, net, target, sink);
    assert.deepEqual(sink.diagnostics, []);
    assert.ok(asked > 3);
  });
});

test("the objective step-time shortens the predicted step, and never lengthens it", () => {
  const [profile] = loihi1.profiles;
  let shorter = 0;
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), fc.constantFrom(...TARGETS.slice(0, 2)), (seed, target) => {
      const net = imaged(seed);
      const stepNs = (objective: "hops" | "step-time"): number => {
        const { blockGraph } = compile(net, target, { objective, profile });
        const graph = axonGraphOf(createWorkload(net, target, target.packers[0], false), [1, 2, 3]);
        const { coreOf } = cutOf(
          graph,
          blockGraph.blocks.map(({ slices }) => slices),
        );
        return predictStepTime(graph.graph, coreOf, stepCosts(target, profile)).stepNs;
      };
      const [before, after] = [stepNs("hops"), stepNs("step-time")];
      assert.ok(after <= before * (1 + 1e-9));
      if (after < 0.7 * before) shorter++;
    }),
    { numRuns: 6 },
  );
  assert.ok(shorter > 0);
});

test("the objective energy says where the profile has no price for links", () => {
  const [profile] = loihi1.profiles;
  const notes = (options: CompileOptions): string[] => {
    const sink = new DiagnosticSink();
    compile(imaged(3), loihi1, options, sink);
    return sink.diagnostics.map(({ code, severity, message }) => `${severity} ${code}: ${message}`);
  };
  const unpriced = { ...profile, energy: { ...profile.energy, hopEastWest: null } };
  assert.deepEqual(notes({ objective: "energy", profile }), []);
  assert.deepEqual(notes({ objective: "hops", profile: unpriced }), []);
  assert.deepEqual(notes({ objective: "energy", profile: unpriced }), [
    `warning compile/links-not-priced: profile "${profile.name}" of loihi1 has no price for links, so cores are placed for few hops instead of little energy.`,
  ]);
});

test("measured spikes decide what is kept together", () => {
  const net = imaged(3);
  const target = tightTarget({ neurons: 24, axonsOut: 1000 });
  const rates = { a: Float64Array.from({ length: 144 }, (_, n) => (n < 36 ? 1 : 0)) };
  const cost = (spikesPerStep: typeof rates | undefined): number => {
    const { deployment, blockGraph, placement } = compile(net, target, {
      effort: "default",
      ...(spikesPerStep !== undefined && { spikesPerStep }),
    });
    assert.equal(deployment.cores.length, blockGraph.blocks.length);
    return placement.cost;
  };
  assert.ok(cost(rates) < cost(undefined));
});

test("efforts and objectives that do not exist are refused, and the nearest is named", () => {
  const refused = (options: object): string[] => {
    const sink = new DiagnosticSink();
    assert.throws(() => compile(imaged(1), loihi1, options, sink), ToolchainError);
    return sink.diagnostics.map(({ code, hint }) => `${code}: ${hint}`);
  };
  assert.deepEqual(refused({ effort: "bst", objective: "step-tim", partitioner: "hypergrap" }), [
    'compile/unknown-effort: did you mean "best"?',
    'compile/unknown-objective: did you mean "step-time"?',
    'compile/unknown-partitioner: did you mean "hypergraph"?',
  ]);
});
