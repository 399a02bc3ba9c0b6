// Relays where neurons reach more cores than their core has output entries for: legal, and the spikes of the network.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile, verify, type CompileOptions, type CompileResult } from "#compiler/index";
import { createWorkload } from "#compiler/encode/workload";
import { mapBlock } from "#compiler/partition/mapped-block";
import { Misfits } from "#compiler/partition/misfits";
import { slicesOf } from "#compiler/partition/partitioner";
import { settleOutputs } from "#compiler/partition/settle-outputs";
import { tiles } from "#compiler/partition/tiles";
import { verifyRewrite } from "#compiler/verify-rewrite";
import type { Network, Population } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { simulate } from "#simulator/index";
import { inModelSteps, simulateIntegerReference } from "#simulator/reference";
import { EIGHT_BITS } from "#test/digital-networks";
import { IF_CHIP, SHIFT_CHIP } from "#test/digital-targets";
import {
  between,
  edge,
  input,
  loihiCuba,
  matrix,
  network,
  population,
  randomQuantized,
  randomSparse,
  randomSpikes,
} from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { loihi1 } from "#targets/loihi1/index";
import { coresPerChip, type Target } from "#targets/target";
import { DiagnosticSink, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";

const STEPS = 14;

/** Cores of few neurons with few output entries. */
const small = (axonsOut: number, neurons = 4, cores = 128): Target =>
  tightTarget({ axonsOut, neurons }, { columns: cores, rows: 1, coresPerTile: 1 });

/** Whether the cut needs more output entries than there are, however it is split. */
function needsRelays(net: Network, target: Target, chips = 1): boolean {
  const workload = createWorkload(net, target, target.packers[0], false);
  const misfits = new Misfits();
  const cut = slicesOf(tiles.partition(workload, { misfits, rng: createRng(1) }));
  const cores = chips * coresPerChip(target);
  const blocks = settleOutputs(
    workload,
    cut.map((slices) => mapBlock(workload, slices)),
    misfits,
    { maxBlocks: cut.length + cores },
  );
  return misfits.all.length > 0 || blocks.length > cores;
}

/** Over all tests so far: networks that never fire show nothing. */
let spikesCompared = 0;

/** Compiles, and proves all there is to prove, down to the spikes. */
function mapped(net: Network, target: Target, options: CompileOptions = {}): CompileResult {
  const sink = new DiagnosticSink();
  const compiled = compile(net, target, options, sink);
  assert.ok(sink.diagnostics.every(({ code }) => code === "partition/relays-added"));
  const proof = new DiagnosticSink();
  validateNetwork(compiled.network, proof, { models: NEURON_MODELS });
  assert.ok(verify(compiled.deployment, compiled.network, target, proof).ok);
  assert.ok(verifyRewrite(net, compiled.network, proof));
  assert.deepEqual(proof.diagnostics, []);
  for (const { routeCore } of compiled.deployment.cores)
    assert.ok(routeCore.length <= target.walls.axonsOut!.value);

  const inputs = { in: randomSpikes(createRng(7), net.populations[0].shape, { steps: STEPS }) };
  const profile = { ...loihi1.profiles[0], target: target.name };
  // Hidden populations may start later than those that are read out: both run on until all have done their steps.
  const steps = STEPS + 10;
  const run = simulate(compiled.deployment, target, profile, inputs, { record: "all", steps });
  const reference = simulateIntegerReference(net, inputs, { rules: "lava", record: "all", steps });
  for (const { samples } of Object.values(run.spikes))
    for (const { step } of samples) spikesCompared += step.length;
  net.populations.forEach(({ name, model, startStep = 0 }) => {
    if (model === "input") return;
    assert.deepEqual(
      inModelSteps(run.spikes[name], 0, STEPS),
      inModelSteps(reference.recorded[name], startStep, STEPS),
      name,
    );
  });
  return compiled;
}

const relaysOf = ({ network: { populations } }: CompileResult): Population[] =>
  populations.filter(({ standsFor }) => standsFor?.kind === "relay");

function faultsOf(net: Network, target: Target, options: CompileOptions = {}): readonly Diagnostic[] {
  try {
    compile(net, target, options);
  } catch (error) {
    assert.ok(error instanceof ToolchainError);
    return error.diagnostics;
  }
  return assert.fail("compile went through");
}

/** in -> a -> b, from every neuron of a to every neuron of b. */
function fanned(sizes: readonly [number, number, number]): Network {
  return randomQuantized(createRng(3), { inputs: sizes[0], sizes: sizes.slice(1), density: 1 });
}

/** Feeds its own neurons, with so many steps from spike to effect. */
function recurrent(delaySteps: number): Network {
  const rng = createRng(5);
  const weight = (): number => 2 * between(rng, -40, 60);
  const quantization = { ...EIGHT_BITS };
  return network(
    [input("in", 4), loihiCuba("r", 24, {}, { startStep: 1 })],
    [
      edge("in", "r", randomSparse(rng, 4, 24, 1, weight), { delaySteps: 1, quantization }),
      edge("r", "r", randomSparse(rng, 24, 24, 1, weight), { delaySteps, quantization }),
    ],
  );
}

describe("relays", () => {
  test("it leaves networks alone that fit without", () => {
    const net = fanned([3, 6, 8]);
    assert.equal(mapped(net, small(8)).network, net);
  });

  test("it maps feed-forward networks that splitting alone cannot, and keeps every spike", () => {
    let helped = 0;
    let tooDeep = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: 10_000 }),
        fc.constantFrom(4, 8),
        fc.constantFrom(1, 2),
        fc.constantFrom("never" as const, "when-needed" as const, "always" as const),
        fc.constantFrom("fast" as const, "fast" as const, "default" as const),
        (seed, axonsOut, chips, share, effort) => {
          const rng = createRng(seed);
          const sizes = [between(rng, 4, 12), between(rng, 10, 40), between(rng, 10, 30)];
          const net = randomQuantized(rng, { sizes, density: 0.4 + 0.6 * rng(), maxDelaySteps: 3 });
          const target = small(axonsOut, 4, 256);
          const wasRefused = needsRelays(net, target, chips);
          let compiled;
          try {
            compiled = mapped(net, target, { share, effort, chips });
          } catch (error) {
            if (!(error instanceof ToolchainError)) throw error;
            assert.ok(wasRefused);
            assert.match(error.message, /would need more of them than it can reach/);
            tooDeep++;
            return;
          }
          if (wasRefused && relaysOf(compiled).length > 0) helped++;
        },
      ),
      { numRuns: 25 },
    );
    assert.ok(spikesCompared > 1000);
    assert.ok(helped > 8, `relays helped ${helped} of 25, and ${tooDeep} were too deep`);
  });

  test("it delays all other ways by the step that a relay takes", () => {
    const net = fanned([3, 6, 40]);
    const compiled = mapped(net, small(4));
    const [relay] = relaysOf(compiled);
    assert.equal(relay.name, "layer0.relay");
    // Ten cores each: two full relays, and one for the last two cores.
    assert.deepEqual(
      [...relay.standsFor!.neuron].sort(),
      [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5],
    );
    const startOf = ({ populations }: Network): (number | undefined)[] =>
      populations.map(({ startStep }) => startStep);
    assert.deepEqual(startOf(net), [undefined, 1, 2]);
    assert.deepEqual(startOf(compiled.network), [undefined, 1, 3, 2]);
    const skip = compiled.network.projections.find(({ name }) => name === "in->layer1");
    assert.equal(skip?.delaySteps, net.projections.find(({ name }) => name === "in->layer1")!.delaySteps + 1);
  });

  test("it gives relays to those neurons alone that reach too many cores", () => {
    const rng = createRng(2);
    const weight = (): number => 2 * between(rng, 1, 60);
    // Neuron 3 reaches all ten cores, every other one the first two.
    const a = matrix(
      Array.from({ length: 6 }, (_, n) =>
        Array.from({ length: 40 }, (_, c) => (n === 3 || c < 8 ? weight() : 0)),
      ),
    );
    const net = network(
      [input("in", 3), loihiCuba("a", 6, {}, { startStep: 1 }), loihiCuba("b", 40, {}, { startStep: 2 })],
      [
        edge("in", "a", randomSparse(rng, 3, 6, 1, weight), { delaySteps: 1, quantization: EIGHT_BITS }),
        edge("a", "b", a, { delaySteps: 1, quantization: EIGHT_BITS }),
      ],
    );
    const [relay] = relaysOf(mapped(net, small(4)));
    assert.deepEqual([...new Set(relay.standsFor!.neuron)], [3]);
  });

  test("it says how many there are", () => {
    const sink = new DiagnosticSink();
    compile(fanned([3, 6, 40]), small(4), {}, sink);
    assert.deepEqual(
      sink.diagnostics.map(({ severity, message }) => `${severity}: ${message}`),
      [
        'note: 6 neurons of "layer0" reach too many cores for one output table: 18 relays repeat their spikes a step later.',
      ],
    );
  });

  test("it spares cores where splitting for entries would fill the chips", () => {
    // The last layer takes 4 cores, so the one before it 14 for its entries, so the first one a core for each neuron.
    const net = randomQuantized(createRng(4), { inputs: 4, sizes: [60, 40, 24], density: 1 });
    const target = small(16, 6, 60);
    assert.ok(needsRelays(net, target) && !needsRelays(net, small(16, 6, 80)));
    assert.ok(relaysOf(mapped(net, target)).length > 0);
  });

  test("it counts out several spikes of a step", () => {
    for (const chip of [IF_CHIP, SHIFT_CHIP]) {
      assert.ok(chip.neuron.model === "digital-lif");
      const { walls, mesh } = small(4);
      const target = { ...chip, walls, mesh, neuron: { ...chip.neuron, maxSpikes: 3 } };
      const rng = createRng(8);
      const digital = (name: string, size: number, startStep: number): Population =>
        population(
          name,
          "digital-lif",
          size,
          { threshold: 60, resetKind: 2, stateBits: 15, maxSpikes: 3 },
          { startStep },
        );
      const weights = (from: number, to: number) =>
        randomSparse(rng, from, to, 1, () => between(rng, -30, 127));
      const net = network(
        [input("in", 5), digital("a", 6, 1), digital("b", 40, 2)],
        [
          edge("in", "a", weights(5, 6), { delaySteps: 1, quantization: EIGHT_BITS }),
          edge("a", "b", weights(6, 40), { delaySteps: 1, quantization: EIGHT_BITS }),
        ],
      );
      assert.ok(needsRelays(net, target));
      const compiled = mapped(net, target);
      assert.ok(relaysOf(compiled).length > 0);
      const inputs = { in: randomSpikes(createRng(7), [5], { steps: STEPS }) };
      const { recorded } = simulateIntegerReference(net, inputs, { rules: "lava", record: "all" });
      assert.ok(recorded["a"].samples[0].value?.some((spikes) => spikes > 1));
    }
  });

  test("it leaves room for the ways to other chips where one chip is not enough", () => {
    const net = fanned([3, 6, 40]);
    const target = small(8, 4, 5);
    const compiled = mapped(net, target, { chips: 8 });
    assert.ok(compiled.utilization.chips > 1);
    assert.ok(relaysOf(compiled).length > 0);
  });

  test("it uses the steps that a loop can spare, and refuses a loop that has none", () => {
    const target = small(8, 2);
    assert.ok(relaysOf(mapped(recurrent(2), target)).length > 0);
    const [fault] = faultsOf(recurrent(1), target);
    assert.equal(fault.code, "partition/neuron-does-not-fit");
    assert.match(
      fault.message,
      /of "r" alone needs 24 output-table entries, but a core of tight has 8 \(23 more .*\); relays do not help: delays leave "r" no step for them\.$/,
    );
  });

  test("it refuses neurons that would need more relays than they can reach", () => {
    const [fault] = faultsOf(fanned([3, 2, 4 * 17]), small(4));
    assert.match(
      fault.message,
      /; relays do not help: a neuron of "layer0" would need more of them than it can reach\.$/,
    );
    assert.ok(relaysOf(mapped(fanned([3, 2, 4 * 16]), small(4))).length > 0);
  });

  test("it refuses neurons whose input lingers", () => {
    assert.ok(SHIFT_CHIP.neuron.model === "digital-lif");
    const { walls, mesh } = small(4);
    const rng = createRng(8);
    const lingering = (name: string, size: number, startStep: number): Population =>
      population(name, "digital-lif", size, { threshold: 60, currentKind: 2, currentLeak: 2 }, { startStep });
    const weights = (from: number, to: number) => randomSparse(rng, from, to, 1, () => 9);
    const net = network(
      [input("in", 2), lingering("a", 3, 1), lingering("b", 40, 2)],
      [
        edge("in", "a", weights(2, 3), { delaySteps: 1, quantization: EIGHT_BITS }),
        edge("a", "b", weights(3, 40), { delaySteps: 1, quantization: EIGHT_BITS }),
      ],
    );
    const [fault] = faultsOf(net, { ...SHIFT_CHIP, walls, mesh });
    assert.match(
      fault.message,
      /; relays do not help: no neuron of shift-chip repeats just the spikes of "a"\.$/,
    );
  });
});

describe("verifyRewrite of relays", () => {
  const net = fanned([3, 6, 40]);
  const { network: now } = mapped(net, small(4));
  const refuses = (broken: Network): void => {
    const sink = new DiagnosticSink();
    assert.equal(verifyRewrite(net, broken, sink), false);
    assert.equal(sink.diagnostics[0].code, "verify/stand-in-differs");
  };
  const withRelay = (change: (relay: Population) => Population): Network => ({
    ...now,
    populations: now.populations.map((each) => (each.standsFor === undefined ? each : change(each))),
  });

  test.each([
    ["never fires", { thresholdMantissa: Float64Array.of(2) }],
    ["fires twice", { uDecay: Float64Array.of(100) }],
    ["adds up", { thresholdMantissa: Float64Array.of(3), vDecay: Float64Array.of(0) }],
    ["fires by itself", { biasMantissa: Float64Array.of(100) }],
    ["rests after a spike", { refractorySteps: Float64Array.of(3) }],
    ["is not quiet at first", { v0: Float64Array.of(4_000_000) }],
  ])("it refuses one that %s", (_, params) => {
    refuses(withRelay((relay) => ({ ...relay, params: { ...relay.params, ...params } })));
  });

  test("it refuses one that starts late, or repeats another neuron than it says", () => {
    refuses(withRelay((relay) => ({ ...relay, startStep: relay.startStep! + 1 })));
    refuses(
      withRelay((relay) => ({
        ...relay,
        standsFor: { ...relay.standsFor!, neuron: relay.standsFor!.neuron.toReversed() },
      })),
    );
  });

  test("it refuses synapses that are missing or late", () => {
    now.projections.forEach((projection, i) => {
      refuses({ ...now, projections: now.projections.filter((_, j) => j !== i) });
      refuses({
        ...now,
        projections: now.projections.map((each) =>
          each === projection ? { ...each, delaySteps: each.delaySteps + 1 } : each,
        ),
      });
    });
  });
});
