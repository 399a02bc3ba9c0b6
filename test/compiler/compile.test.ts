import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { compile, verify, type CompileOptions } from "#compiler/index";
import type { Network } from "#ir/network";
import { edge, input, lif, loihiCuba, matrix, network, oneToOne, randomQuantized } from "#test/networks";
import { tightTarget } from "#test/tight-target";
import { loihi1 } from "#targets/loihi1/index";
import type { Target } from "#targets/target";
import { DiagnosticSink, formatDiagnostic, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";

const MIXED = { weightBits: 8, signMode: "mixed", weightExponent: 0 } as const;

const faultsOf = (net: Network, target: Target, options: CompileOptions = {}): readonly Diagnostic[] => {
  try {
    compile(net, target, options);
  } catch (error) {
    assert.ok(error instanceof ToolchainError);
    return error.diagnostics;
  }
  return assert.fail("compile went through");
};

/** Every input line to every neuron. */
const full = (inputs: number, neurons: number): Network =>
  network(
    [input("in", inputs), loihiCuba("fc1", neurons, {}, { startStep: 1 })],
    [
      edge("in", "fc1", matrix(Array.from({ length: inputs }, () => new Array<number>(neurons).fill(2))), {
        delaySteps: 1,
        quantization: MIXED,
      }),
    ],
  );

describe("compile", () => {
  test("says how full the chip is", () => {
    const { utilization } = compile(full(100, 50), loihi1);
    assert.equal(utilization.cores, 1);
    assert.equal(utilization.tiles, 1);
    assert.equal(utilization.neurons, 50);
    assert.equal(utilization.synapses, 5000);
    assert.deepEqual(utilization.byResource.axonsIn, {
      total: 100,
      mean: 100,
      worst: 100,
      worstCore: 0,
      available: 4096,
      meanShare: 100 / 4096,
      worstShare: 100 / 4096,
    });
    // 50 weights of 8 bits behind a header of 10 bits and a start index of 6: 416 bits.
    assert.equal(utilization.synapseWords, 700);
    assert.deepEqual(
      utilization.byPopulation.map(({ population, neurons, cores }) => ({ population, neurons, cores })),
      [{ population: "fc1", neurons: 50, cores: 1 }],
    );
  });

  test("counts links and the busiest one", () => {
    const mesh = { columns: 3, rows: 1, coresPerTile: 1 };
    const net = network(
      [
        input("in", 1),
        loihiCuba("a", 2, {}, { startStep: 1 }),
        loihiCuba("b", 1, {}, { startStep: 2 }),
        loihiCuba("c", 1, {}, { startStep: 3 }),
      ],
      [
        edge("in", "a", matrix([[2, 2]]), { delaySteps: 1, quantization: MIXED }),
        edge("a", "b", matrix([[2], [2]]), { delaySteps: 1, quantization: MIXED }),
        edge("a", "c", matrix([[2], [2]]), { delaySteps: 2, quantization: MIXED }),
        edge("b", "c", matrix([[2]]), { delaySteps: 1, quantization: MIXED }),
      ],
    );
    const { utilization, placement } = compile(net, tightTarget({}, mesh));
    assert.equal(utilization.routes, 5);
    assert.equal(utilization.routeLinks, 2 + 4 + 1);
    assert.equal(utilization.busiestLinkMessages, 4);
    assert.equal(placement.cost, 7);
    assert.equal(utilization.nets, 4);
  });

  test("weighs nets by the spikes it is told to expect", () => {
    const net = randomQuantized(createRng(1), { inputs: 3, sizes: [4, 4], density: 1 });
    const rates = { layer0: Float64Array.of(0.5, 0, 0.25, 0) };
    const { blockGraph } = compile(net, loihi1, { spikesPerStep: rates });
    assert.equal(blockGraph.nets.find(({ source }) => source === 0)?.spikesPerStep, 0.75);
  });

  test("uses several chips when it may, and what it makes is legal there", () => {
    const net = randomQuantized(createRng(4), { sizes: [12, 12, 6], recurrent: true });
    const target = tightTarget({ neurons: 3 }, { columns: 2, rows: 1, coresPerTile: 1 });
    const { deployment, utilization } = compile(net, target, { chips: 8 });
    assert.equal(utilization.cores, 10);
    assert.equal(utilization.chips, 5);
    assert.equal(deployment.chips, 5);
    const sink = new DiagnosticSink();
    assert.equal(verify(deployment, net, target, sink).ok, true);
  });

  test("places again until the ways over chip borders fit, too", () => {
    const net = network(
      [input("in", 3), loihiCuba("a", 6, {}, { startStep: 1 }), loihiCuba("b", 12, {}, { startStep: 2 })],
      [
        edge("in", "a", full(3, 6).projections[0].connectivity, { delaySteps: 1, quantization: MIXED }),
        edge("a", "b", full(6, 12).projections[0].connectivity, { delaySteps: 1, quantization: MIXED }),
      ],
    );
    const target = tightTarget({ neurons: 6, axonsOut: 16 }, { columns: 1, rows: 1, coresPerTile: 1 });
    // Two ways of two entries each for every neuron of "a": six neurons would need 24.
    const { deployment } = compile(net, target, { chips: 4 });
    assert.deepEqual(
      deployment.cores.map(({ neurons }) => neurons),
      [3, 3, 6, 6],
    );
    const sink = new DiagnosticSink();
    verify(deployment, net, target, sink);
    assert.deepEqual(sink.diagnostics, []);
  });

  test("maps a network whose neurons receive nothing", () => {
    const net = network([loihiCuba("alone", 4, { biasMantissa: 9 })], []);
    const { deployment } = compile(net, loihi1);
    assert.equal(deployment.cores[0].neurons, 4);
    assert.equal(deployment.cores[0].axonWords.length, 0);
  });

  test("leaves out what comes from an input that nothing drives", () => {
    const net = { ...full(3, 2), inputs: [] };
    const { deployment } = compile(net, loihi1);
    assert.equal(deployment.cores[0].target.length, 0);
    assert.equal(verify(deployment, net, loihi1, new DiagnosticSink()).ok, true);
  });

  test("maps more delays and projections than a core has format slots, if they can share", () => {
    const edges = Array.from({ length: 12 }, (_, i) =>
      edge("in", "out", oneToOne(5, 2 * (i + 1)), { name: `d${i}`, delaySteps: i + 1, quantization: MIXED }),
    );
    const net = network([input("in", 5), loihiCuba("out", 5, {}, { startStep: 1 })], edges);
    const { deployment, utilization } = compile(net, loihi1);
    assert.ok(utilization.byResource.synapseFormats.worst <= 7);
    assert.equal(verify(deployment, net, loihi1, new DiagnosticSink()).ok, true);
  });
});

describe("compile refuses", () => {
  test("a neuron with more inputs than a core has axons, and says what would help", () => {
    const [fault, ...others] = faultsOf(full(50, 3), tightTarget({ axonsIn: 40 }));
    assert.equal(others.length, 0);
    assert.equal(
      formatDiagnostic(fault),
      [
        'error[partition/neuron-does-not-fit]: neuron 0 of "fc1" alone needs 50 input axons, but a core of tight has 40 (2 more neurons of "fc1" need too many, this one needs most).',
        '  at network.populations["fc1"][0]',
        "  try: prune 10 of the 50 inputs of neuron 0 (20 %), or choose a target with larger cores.",
      ].join("\n"),
    );
    assert.deepEqual(fault.data?.resource, "axonsIn");
  });

  test("a synapse list that is too long, with every change tried", () => {
    const edges = Array.from({ length: 7 }, (_, i) =>
      edge("in", "out", oneToOne(1, 16), { name: `p${i}`, delaySteps: 1, quantization: MIXED }),
    );
    const net = network([input("in", 1), loihiCuba("out", 1, {}, { startStep: 1 })], edges);
    const [fault] = faultsOf(net, tightTarget({ wordsPerAxon: 2 }));
    // 7 lists of one synapse: a header of 10 and, sparse, a weight of 8 and an index of 6 bits each.
    assert.equal(
      formatDiagnostic(fault),
      [
        'error[partition/neuron-does-not-fit]: neuron 0 of "out" alone needs 3 words in one synapse list, but a core of tight has 2.',
        '  at network.populations["out"][0]',
        "  try: prune its synapses by about 33 %, or store its weights in 1 bit, or choose a target with larger cores.",
      ].join("\n"),
    );
  });

  test("more blocks than cores, and says how many chips would do", () => {
    const target = tightTarget({ neurons: 2 }, { columns: 1, rows: 1, coresPerTile: 3 });
    const [fault] = faultsOf(full(2, 20), target);
    assert.equal(
      formatDiagnostic(fault),
      [
        "error[place/no-room]: the network needs 10 cores, but one chip of tight has 3.",
        "  try: use 4 chips with --chips 4, or remove 14 of the 20 neurons.",
      ].join("\n"),
    );
    assert.deepEqual(fault.data?.chipsNeeded, 4);
  });

  test("a network whose output entries do not become fewer by splitting, without trying for ever", () => {
    const net = network(
      [loihiCuba("all", 200)],
      [
        edge("all", "all", full(200, 200).projections[0].connectivity, {
          delaySteps: 1,
          quantization: MIXED,
        }),
      ],
    );
    const target = tightTarget({ neurons: 50, axonsOut: 120 }, { columns: 1, rows: 1, coresPerTile: 5 });
    const [fault] = faultsOf(net, target);
    assert.equal(fault.code, "place/no-room");
    assert.equal(
      fault.hint,
      "prune what the neurons send, so that they reach fewer cores: output-table entries forced blocks apart.",
    );
  });

  test("everything that is wrong at once", () => {
    const net = network(
      [input("in", 50), loihiCuba("wide", 1), loihiCuba("many", 9)],
      [
        edge("in", "wide", full(50, 1).projections[0].connectivity, { delaySteps: 1, quantization: MIXED }),
        edge("wide", "many", full(1, 9).projections[0].connectivity, { delaySteps: 1, quantization: MIXED }),
      ],
    );
    const target = tightTarget({ axonsIn: 40, neurons: 2 }, { columns: 1, rows: 1, coresPerTile: 1 });
    assert.deepEqual(
      faultsOf(net, target).map(({ code }) => code),
      ["partition/neuron-does-not-fit", "place/no-room"],
    );
  });

  test("options that do not exist, and names the nearest", () => {
    const faults = faultsOf(full(1, 1), loihi1, {
      partitioner: "layer-ordr",
      placer: "nowhere at all",
      router: "yx",
      packer: "nxtff",
      chips: 0,
    });
    assert.deepEqual(
      faults.map(({ code, hint }) => [code, hint]),
      [
        ["compile/chips-out-of-range", "give a whole number from 1 to 16384 with --chips."],
        ["targets/unknown-packer", faults[1].hint],
        ["compile/unknown-partitioner", 'did you mean "layer-order"?'],
        ["compile/unknown-placer", 'choose one of "in-order", "spectral", "anneal", "matching".'],
        ["compile/unknown-router", 'did you mean "xy"?'],
      ],
    );
  });

  test("a network that is not quantized, fault by fault", () => {
    const base = full(2, 2);
    const spoil = (change: Partial<Network["projections"][number]>): Network => ({
      ...base,
      projections: base.projections.map((projection) => ({ ...projection, ...change })),
    });
    const codes = (net: Network): string[] => faultsOf(net, loihi1).map(({ code }) => code);
    const { quantization: removed, ...plain } = base.projections[0];
    assert.ok(removed);
    assert.deepEqual(codes({ ...base, projections: [plain] }), ["compile/not-quantized"]);
    assert.deepEqual(codes(spoil({ delaySteps: 0 })), ["compile/delay-out-of-range"]);
    assert.deepEqual(codes(spoil({ delaySteps: 64 })), ["compile/delay-out-of-range"]);
    assert.deepEqual(codes(spoil({ connectivity: oneToOne(2, 3) })), ["compile/weight-out-of-range"]);
    assert.deepEqual(codes(spoil({ connectivity: oneToOne(2, 0.5) })), ["ir/out-of-range"]);
    assert.deepEqual(codes(spoil({ connectivity: oneToOne(2, 256) })), ["compile/weight-out-of-range"]);
    const populations = (change: object): Network => ({
      ...base,
      populations: base.populations.map((p) => (p.model === "input" ? p : { ...p, ...change })),
    });
    assert.deepEqual(codes(populations(lif("fc1", 2))), ["compile/model-not-on-target"]);
    assert.deepEqual(
      codes(populations({ params: { ...base.populations[1].params, uDecay: Float64Array.of(1.5) } })),
      ["compile/parameter-out-of-range"],
    );
    assert.deepEqual(codes(populations({ params: {} })), new Array(3).fill("ir/missing-parameter"));
  });
});
