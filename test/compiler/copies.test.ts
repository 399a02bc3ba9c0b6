// Fan-out by copies and splitters: the rewritten network does the same, fits, and every neuron reaches one place.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile } from "#compiler/index";
import { runPasses } from "#compiler/pass";
import { decomposeWeights } from "#compiler/passes/decompose-weights";
import { verify } from "#compiler/verify";
import { verifyRewrite } from "#compiler/verify-rewrite";
import type { Network, Population } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { edge, input, network, randomSparse, between } from "#test/networks";
import { FOUR_BITS, layers, spikesOf, truenorthLif } from "#test/truenorth-networks";
import { truenorth } from "#targets/truenorth/index";
import type { Target } from "#targets/target";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";

/** A TrueNorth whose cores have fewer rows and columns. */
function smallCores(rows: number, cols: number): Target {
  const [packer] = truenorth.packers;
  assert.ok(packer.formula === "crossbar");
  const { neurons, axonsIn } = truenorth.walls;
  assert.ok(neurons !== null && axonsIn !== null);
  return {
    ...truenorth,
    packers: [{ ...packer, rows, cols }],
    walls: {
      ...truenorth.walls,
      neurons: { ...neurons, value: cols },
      axonsIn: { ...axonsIn, value: rows },
      axonsOut: { ...neurons, value: cols },
    },
  };
}

function decomposed(net: Network, target: Target = truenorth): Network {
  return runPasses(net, [decomposeWeights], { target, sink: new DiagnosticSink() });
}

/** Compiles, and proves all there is to prove. */
function mapped(net: Network, target: Target): { network: Network; cores: number } {
  const sink = new DiagnosticSink();
  const compiled = compile(net, target, { chips: 4 }, sink);
  const report = verify(compiled.deployment, compiled.network, target, sink);
  assert.deepEqual(sink.diagnostics, []);
  assert.ok(report.ok);
  validateNetwork(compiled.network, sink, { models: NEURON_MODELS });
  assert.ok(verifyRewrite(net, compiled.network, sink));
  assert.deepEqual(sink.diagnostics, []);
  for (const core of compiled.deployment.cores)
    for (let n = 0; n < core.neurons; n++)
      assert.ok(core.routeStart[n + 1] - core.routeStart[n] <= 1, "a neuron reaches one axon");
  return { network: compiled.network, cores: compiled.deployment.cores.length };
}

function assertSameSpikes(original: Network, rewritten: Network, seed: number): void {
  const rng = createRng(seed);
  const steps = 14;
  const inputs = Array.from({ length: steps }, () =>
    Array.from({ length: original.populations[0].size }, () => (rng() < 0.4 ? 1 : 0)),
  );
  const expected = spikesOf(original, inputs, steps);
  const found = spikesOf(rewritten, inputs, steps);
  original.populations.forEach(({ name }, p) => {
    assert.deepEqual(found[p], expected[p], name);
  });
  const fired = expected
    .slice(1)
    .flat(2)
    .reduce((sum, spike) => sum + spike, 0);
  assert.ok(fired > 0, "a network that never fires shows nothing");
  rewritten.populations.forEach(({ standsFor }, p) => {
    if (standsFor === undefined) return;
    found[p].forEach((row, t) => {
      assert.deepEqual(
        row,
        Array.from(standsFor.neuron, (n) => expected[standsFor.population][t][n]),
      );
    });
  });
}

const hasRelays = ({ populations }: Network): boolean =>
  populations.some(({ standsFor }: Population) => standsFor?.kind === "relay");
const hasCopies = ({ populations }: Network): boolean =>
  populations.some(({ standsFor }: Population) => standsFor?.kind === "copy");

describe("copies", () => {
  test("it leaves a network alone in which every neuron reaches one axon already", () => {
    const net = decomposed(layers(createRng(1), [10, 8], 1));
    const { network: now } = mapped(net, truenorth);
    assert.equal(now, net);
  });

  test("it makes a copy for each axon type that a neuron's weights need", () => {
    const net = decomposed(layers(createRng(2), [20, 12, 6], 1));
    const { network: now, cores } = mapped(net, truenorth);
    assert.equal(cores, 2);
    const copy = now.populations.find(({ name }) => name === "l1.copy");
    // Weights of four bits and both signs: four axons for each neuron, if its weights use every bit.
    assert.equal(copy?.size, 3 * 12);
    assertSameSpikes(net, now, 2);
  });

  test("it keeps ports, originals and their numbers", () => {
    const net = decomposed(layers(createRng(3), [20, 12, 6], 1));
    const { network: now } = mapped(net, truenorth);
    assert.deepEqual(now.outputs, net.outputs);
    assert.deepEqual(
      now.populations.slice(0, 3).map(({ name }) => name),
      ["in", "l1", "l2"],
    );
  });

  test("it puts splitters where copies would take more cores, and aligns delays", () => {
    const target = smallCores(32, 16);
    const net = decomposed(layers(createRng(4), [6, 8, 8, 40], 1), target);
    const { network: now } = mapped(net, target);
    assert.ok(hasRelays(now));
    assert.ok(hasCopies(now));
    assert.ok((now.populations[3].startStep ?? 0) > 3, "spikes take a step more");
    assertSameSpikes(net, now, 4);
  });

  test("it sends a neuron through several splitter cores if one has too few relays", () => {
    const target = smallCores(32, 16);
    const net = decomposed(layers(createRng(5), [3, 2, 160], 1), target);
    const { network: now } = mapped(net, target);
    assert.ok(hasRelays(now));
    assertSameSpikes(net, now, 5);
  });

  test("it settles loops with copies alone", () => {
    const rng = createRng(6);
    const weight = (): number => 2 * between(rng, -4, 3);
    const projection = { delaySteps: 1, quantization: FOUR_BITS };
    const target = smallCores(64, 40);
    const net = decomposed(
      network(
        [input("in", 5), truenorthLif("r", 12, 1, 6), truenorthLif("out", 4, 2, 6)],
        [
          edge(
            "in",
            "r",
            randomSparse(rng, 5, 12, 1, () => 2 * between(rng, 1, 7)),
            projection,
          ),
          edge("r", "r", randomSparse(rng, 12, 12, 0.5, weight), projection),
          edge("r", "out", randomSparse(rng, 12, 4, 1, weight), projection),
        ],
      ),
      target,
    );
    const { network: now } = mapped(net, target);
    assert.ok(hasCopies(now) && !hasRelays(now));
    assertSameSpikes(net, now, 6);
  });

  test("it refuses a loop whose neurons need more copies than a core holds", () => {
    const rng = createRng(6);
    const projection = { delaySteps: 1, quantization: FOUR_BITS };
    const target = smallCores(64, 16);
    const net = decomposed(
      network(
        [input("in", 5), truenorthLif("r", 12, 1, 6)],
        [
          edge(
            "in",
            "r",
            randomSparse(rng, 5, 12, 1, () => 2),
            projection,
          ),
          edge(
            "r",
            "r",
            randomSparse(rng, 12, 12, 1, () => 2 * between(rng, -4, 3)),
            projection,
          ),
        ],
      ),
      target,
    );
    assert.throws(
      () => mapped(net, target),
      /of "r" alone needs \d+ compartments, but a core of truenorth has 16/,
    );
  });

  test("it refuses delays that become too long behind a splitter", () => {
    const target = smallCores(32, 16);
    const net = decomposed(layers(createRng(4), [6, 8, 8, 40], 1), target);
    const skip = edge(
      "in",
      "l3",
      randomSparse(createRng(1), 6, 40, 0.1, () => 2),
      {
        delaySteps: 15,
        quantization: { ...FOUR_BITS, axonType: 0 },
      },
    );
    const { projections } = network(net.populations, [skip]);
    assert.throws(
      () => mapped({ ...net, projections: [...net.projections, ...projections] }, target),
      /"in->l3" needs a delay of 1[67] steps, but a synapse of truenorth waits at most 15/,
    );
  });

  test("it says what is missing where a neuron has more inputs than a core has axons", () => {
    const sink = new DiagnosticSink();
    const net = decomposed(layers(createRng(7), [300, 2], 1));
    assert.throws(() => compile(net, truenorth, {}, sink), ToolchainError);
    const [{ code, message }] = sink.diagnostics;
    assert.equal(code, "partition/neuron-does-not-fit");
    assert.match(message, /of "l1" alone needs \d+ input axons, but a core of truenorth has 256/);
  });

  test("it takes 256 inputs of one type and refuses the 257th", () => {
    const one = (inputs: number): Network =>
      network(
        [input("in", inputs), truenorthLif("l", 3, 1, 6)],
        [
          edge(
            "in",
            "l",
            randomSparse(createRng(1), inputs, 3, 1, () => 5),
            {
              delaySteps: 1,
              quantization: { ...FOUR_BITS, signMode: "excitatory" },
            },
          ),
        ],
      );
    assert.equal(mapped(decomposed(one(256)), truenorth).cores, 1);
    assert.throws(() => mapped(decomposed(one(257)), truenorth), /needs 257 input axons/);
  });

  test("it does the same for any chain of layers on any core size", () => {
    let relayed = 0;
    let copied = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 3, maxLength: 5 }),
        fc.double({ min: 0.2, max: 1, noNaN: true }),
        fc.integer({ min: 8, max: 40 }),
        (seed, sizes, density, cols) => {
          const target = smallCores(64, cols);
          const net = decomposed(layers(createRng(seed), sizes, density, 2), target);
          let now: Network;
          try {
            now = mapped(net, target).network;
          } catch (error) {
            assert.ok(error instanceof ToolchainError, String(error));
            return;
          }
          if (hasRelays(now)) relayed++;
          if (hasCopies(now)) copied++;
          const rng = createRng(seed);
          const inputs = Array.from({ length: 8 }, () =>
            Array.from({ length: sizes[0] }, () => (rng() < 0.5 ? 1 : 0)),
          );
          const [expected, found] = [spikesOf(net, inputs, 8), spikesOf(now, inputs, 8)];
          net.populations.forEach((_, p) => assert.deepEqual(found[p], expected[p]));
        },
      ),
      { numRuns: 60 },
    );
    assert.ok(relayed > 0 && copied > 20);
  });
});

describe("verifyRewrite", () => {
  const target = smallCores(32, 16);
  const net = decomposed(layers(createRng(4), [6, 8, 8, 40], 1), target);
  const { network: now } = mapped(net, target);
  const refuses = (broken: Network): void => {
    const sink = new DiagnosticSink();
    assert.equal(verifyRewrite(net, broken, sink), false);
    assert.equal(sink.diagnostics[0].code, "verify/stand-in-differs");
  };
  const last = now.populations.findIndex(({ standsFor }) => standsFor?.kind === "copy");

  test("it refuses a copy with another threshold", () => {
    refuses({
      ...now,
      populations: now.populations.map((population, p) =>
        p === last
          ? { ...population, params: { ...population.params, threshold: Float64Array.of(99) } }
          : population,
      ),
    });
  });

  test("it refuses a synapse that is missing, and one too many", () => {
    refuses({ ...now, projections: now.projections.slice(1) });
    refuses({ ...now, projections: [...now.projections, { ...now.projections[0], name: "again" }] });
  });

  test("it refuses a synapse that acts a step later", () => {
    refuses({
      ...now,
      projections: now.projections.map((projection, i) =>
        i === 0 ? { ...projection, delaySteps: projection.delaySteps + 1 } : projection,
      ),
    });
  });

  test("it refuses a relay that does not fire at once", () => {
    refuses({
      ...now,
      populations: now.populations.map((population) =>
        population.standsFor?.kind === "relay"
          ? { ...population, params: { ...population.params, threshold: Float64Array.of(2) } }
          : population,
      ),
    });
  });
});
