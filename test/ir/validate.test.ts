import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import type { BlockGraph } from "#ir/block-graph";
import { RESOURCES, type Demand } from "#ir/block-graph";
import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Network, Population, Projection, SharedKernel } from "#ir/network";
import { validateBlockGraph, validateDeployment, validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import {
  dense,
  diagonal,
  edge,
  input,
  kernel,
  lif,
  matrix,
  network,
  oneToOne,
  randomQuantized,
  relay,
} from "#test/networks";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";

const check = (validate: (sink: DiagnosticSink) => void): readonly string[] => {
  const sink = new DiagnosticSink();
  validate(sink);
  return sink.diagnostics.map(formatDiagnostic);
};
const networkFaults = (n: Network): readonly string[] =>
  check((sink) => {
    validateNetwork(n, sink, { models: NEURON_MODELS });
  });

const sound = (): Network =>
  network([input("in", 2), lif("out", 2)], [edge("in", "out", matrix([[1, 2], [3, 4]]))]); // prettier-ignore
const withProjection = (change: Partial<Projection>): Network => {
  const n = sound();
  return { ...n, projections: [{ ...n.projections[0], ...change }] };
};
const withPopulation = (change: Partial<Population>): Network => {
  const n = sound();
  return { ...n, populations: [n.populations[0], { ...n.populations[1], ...change }] };
};

describe("a network", () => {
  test("is accepted as the builders make it", () => {
    assert.deepEqual(networkFaults(sound()), []);
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (seed, recurrent) => {
        assert.deepEqual(networkFaults(randomQuantized(createRng(seed), { recurrent })), []);
      }),
    );
  });

  const k = kernel({ inputShape: [1, 1, 2], kernelShape: [1, 1, 1, 1], weights: [1] });
  const broken: Readonly<Record<string, [Network, string]>> = {
    "two populations of one name": [
      { ...sound(), populations: [input("in", 2), { ...lif("in", 2) }] },
      `error[ir/duplicate-name]: two populations are called "in", and names must differ.`,
    ],
    "a size that is not its shape's": [
      withPopulation({ shape: [2, 2] }),
      `error[ir/shape-mismatch]: the size must be the product of the shape, 4, and is 2 (shape 2 x 2).`,
    ],
    "a parameter of the wrong length": [
      withPopulation({ params: { ...lif("x", 2).params, r: Float64Array.of(1, 2, 3) } }),
      `error[ir/array-length]: the array needs 2 (or 1) elements and has 3.`,
    ],
    "a parameter that is no number": [
      withPopulation({ params: { ...lif("x", 2).params, r: Float64Array.of(NaN) } }),
      `error[ir/out-of-range]: element 0 must be a number and is NaN.`,
    ],
    "a bias that is not finite": [
      withPopulation({ bias: Float64Array.of(1, Infinity) }),
      `error[ir/out-of-range]: element 1 must be a finite number and is Infinity.`,
    ],
    "an unknown model": [
      withPopulation({ model: "lift" }),
      `error[ir/unknown-model]: there is no neuron model "lift".`,
    ],
    "a parameter that is missing": [
      withPopulation({
        params: { tauSteps: Float64Array.of(2), r: Float64Array.of(1), vLeak: Float64Array.of(0) },
      }),
      `error[ir/missing-parameter]: model "lif" needs the parameter "vThreshold".`,
    ],
    "a convention that does not exist": [
      withPopulation({ dynamics: { integrator: "euler", compare: ">", reset: "hard" as "value", current: "new" } }), // prettier-ignore
      `error[ir/out-of-range]: reset must be "value" or "subtract" or "multi-subtract" or "snntorch-subtract" or "delayed-value" or "delayed-subtract" and is "hard".`,
    ],
    "a port without population": [
      { ...sound(), outputs: [{ name: "out", population: 7 }] },
      `error[ir/index-range]: population 7 was named, but there are 2 (from 0).`,
    ],
    "an input port on neurons": [
      { ...sound(), inputs: [{ name: "in", population: 0 }, { name: "x", population: 1 }] }, // prettier-ignore
      `error[ir/port-model]: an input port needs a population of model "input", and "out" is of model "lif".`,
    ],
    "an input that nobody drives": [
      { ...sound(), inputs: [] },
      `warning[ir/never-driven]: "in" is of model "input", but no input port drives it: it stays silent.`,
    ],
    "a projection without an end": [
      withProjection({ post: 5 }),
      `error[ir/index-range]: post population 5 was named, but there are 2 (from 0).`,
    ],
    "an input that receives": [
      withProjection({ pre: 1, post: 0 }),
      `error[ir/input-receives]: "in" is an input and cannot receive spikes as well.`,
    ],
    "a matrix of another size": [
      withProjection({ connectivity: matrix([[1, 2]]) }),
      `error[ir/shape-mismatch]: the size (pre x post) must be 2 x 2 and is 1 x 2.`,
    ],
    "a delay that is not whole": [
      withProjection({ delaySteps: 0.5 }),
      `error[ir/out-of-range]: the delay in steps must be a whole number, at least 0 and is 0.5.`,
    ],
    "columns out of order": [
      withProjection({
        connectivity: { ...matrix([[1, 2], [3, 4]]), colIndex: Uint32Array.of(1, 0, 0, 1) }, // prettier-ignore
      }),
      `error[ir/not-ascending]: the entries must ascend, and entry 1 does not.`,
    ],
    "a column that is not there": [
      withProjection({
        connectivity: { ...matrix([[1, 2], [3, 4]]), colIndex: Uint32Array.of(0, 1, 0, 2) }, // prettier-ignore
      }),
      `error[ir/out-of-range]: element 3 must be from 0 to 1 and is 2.`,
    ],
    "rows that end elsewhere": [
      withProjection({ connectivity: { ...matrix([[1, 2], [3, 4]]), rowStart: Uint32Array.of(0, 2, 3) } }), // prettier-ignore
      `error[ir/out-of-range]: element 2 must be 4 and is 3.`,
    ],
    "a dense matrix of the wrong length": [
      withProjection({ connectivity: { ...dense([[1, 2], [3, 4]]), values: Float64Array.of(1, 2, 3) } }), // prettier-ignore
      `error[ir/array-length]: the array needs 4 elements and has 3.`,
    ],
    "a diagonal that is not square": [
      withProjection({ connectivity: { ...diagonal(1, 2), cols: 3 } }),
      `error[ir/shape-mismatch]: the size (pre x post) must be 2 x 2 and is 2 x 3.`,
    ],
    "a weight that is no number": [
      withProjection({ connectivity: dense([[1, NaN], [3, 4]]) }), // prettier-ignore
      `error[ir/out-of-range]: element 2 must be a finite number and is NaN.`,
    ],
    "a kernel of another geometry": [
      withProjection({ connectivity: { ...k, stride: [1, 3] } as SharedKernel }),
      `error[ir/kernel-geometry]: the output width of the kernel must be 1 and is 2.`,
    ],
    "stored weights that are not whole": [
      withProjection({
        connectivity: matrix([[1, 0.5], [0, 0]]), // prettier-ignore
        quantization: { weightBits: 8, signMode: "mixed", weightExponent: 0 },
      }),
      `error[ir/out-of-range]: element 1 must be a whole number and is 0.5.`,
    ],
    "stored weights of the wrong sign": [
      withProjection({
        connectivity: matrix([[1, -2], [0, 0]]), // prettier-ignore
        quantization: { weightBits: 8, signMode: "excitatory", weightExponent: 0 },
      }),
      `error[ir/out-of-range]: element 1 must be a whole number, at least 0 and is -2.`,
    ],
    "a loop without delay": [
      network(
        [input("in", 1), lif("a", 1), relay("b", 1), lif("c", 1)],
        [edge("in", "a", oneToOne(1)), edge("a", "b", oneToOne(1)), edge("b", "c", oneToOne(1)), edge("c", "a", oneToOne(1))], // prettier-ignore
      ),
      `error[ir/zero-delay-loop]: the loop "a" -> "b" -> "c" -> "a" has no delay, so it would need its own result.`,
    ],
  };
  for (const [what, [n, expected]] of Object.entries(broken)) {
    test(`is told of ${what}`, () => {
      assert.equal(networkFaults(n)[0].split("\n")[0], expected);
    });
  }

  test("is told of every fault at once, each with its place", () => {
    const n = withPopulation({ model: "lift", size: 3 });
    assert.deepEqual(networkFaults(n), [
      `error[ir/shape-mismatch]: the size must be the product of the shape, 2, and is 3 (shape 2).\n  at network.populations["out"]`,
      `error[ir/unknown-model]: there is no neuron model "lift".\n  at network.populations["out"]\n  try: did you mean "lif"?`,
      `error[ir/shape-mismatch]: the size (pre x post) must be 2 x 3 and is 2 x 2.\n  at network.projections["in->out"].connectivity`,
    ]);
  });

  test("may name any model where no models are given", () => {
    assert.deepEqual(
      check((sink) => {
        validateNetwork(withPopulation({ model: "mine" }), sink);
      }),
      [],
    );
  });
});

describe("a block graph", () => {
  const demand = Object.fromEntries(RESOURCES.map((resource) => [resource, 1])) as Demand;
  const n = network([input("in", 2), lif("a", 4), lif("b", 2)], []);
  const slice = (population: number, begin: number, end: number) => ({ population, begin, end });
  const graph: BlockGraph = {
    blocks: [
      { slices: [slice(1, 0, 3)], demand },
      { slices: [slice(1, 3, 4), slice(2, 0, 2)], demand },
    ],
    nets: [
      { source: -1, sinks: Uint32Array.of(0, 1), spikesPerStep: 1 },
      { source: 0, sinks: Uint32Array.of(1), spikesPerStep: 0.5 },
    ],
  };
  const faults = (change: Partial<BlockGraph>): readonly string[] =>
    check((sink) => {
      validateBlockGraph({ ...graph, ...change }, n, sink);
    }).map((text) => text.split("\n")[0]);

  test("is accepted when every neuron has one block", () => {
    assert.deepEqual(faults({}), []);
  });

  test("is told of neurons without a block, and with two", () => {
    assert.deepEqual(faults({ blocks: graph.blocks.slice(0, 1), nets: [] }), [
      `error[ir/not-exactly-once]: neuron 3 of "a" must appear exactly once and appears 0 times.`,
      `error[ir/not-exactly-once]: neuron 0 of "b" must appear exactly once and appears 0 times.`,
    ]);
    assert.deepEqual(faults({ blocks: [...graph.blocks, { slices: [slice(1, 1, 2)], demand }] }), [
      `error[ir/not-exactly-once]: neuron 1 of "a" must appear exactly once and appears 2 times.`,
    ]);
  });

  test("is told of slices, demands and nets that name nothing", () => {
    assert.deepEqual(
      faults({
        blocks: [...graph.blocks, { slices: [slice(9, 0, 1), slice(1, 2, 9)], demand: { ...demand, neurons: -1 } }], // prettier-ignore
        nets: [{ source: -2, sinks: Uint32Array.of(7), spikesPerStep: NaN }],
      }),
      [
        `error[ir/index-range]: population 9 was named, but there are 3 (from 0).`,
        `error[ir/out-of-range]: the slice must be a range inside [0, 4) and is [2, 9).`,
        `error[ir/out-of-range]: neurons must be a number, at least 0 and is -1.`,
        `error[ir/index-range]: input port 1 was named, but there are 1 (from 0).`,
        `error[ir/out-of-range]: element 0 must be from 0 to 2 and is 7.`,
        `error[ir/out-of-range]: spikesPerStep must be a number, at least 0 and is NaN.`,
      ],
    );
  });

  test("is told of input lines in a block", () => {
    assert.deepEqual(faults({ blocks: [...graph.blocks, { slices: [slice(0, 0, 1)], demand }] }), [
      `error[ir/out-of-range]: an input line must be in no block and is in one.`,
    ]);
  });
});

describe("a deployment", () => {
  const core: CoreProgram = {
    core: 3,
    neurons: 2,
    groups: [{ population: 1, model: "loihi-cuba", begin: 0, end: 2, params: [Int32Array.of(1, 2)] }],
    formats: [
      { projection: 0, encoding: "sparse", weightBits: 8, signMode: "mixed", weightExponent: 0, indexBits: 6, skipBits: 0, delayBits: 0 }, // prettier-ignore
    ],
    axonStart: Uint32Array.of(0, 2),
    axonWords: Uint16Array.of(1),
    target: Uint16Array.of(0, 1),
    weight: Int16Array.of(4, -6),
    format: Uint8Array.of(0, 0),
    delaySteps: Uint8Array.of(1, 1),
    routeStart: Uint32Array.of(0, 0, 0),
    routeCore: new Uint32Array(0),
    routeAxon: new Uint16Array(0),
  };
  const deployment: Deployment = {
    version: 1,
    network: "test",
    target: "loihi1",
    packer: "nxtf",
    rules: "lava",
    chips: 1,
    cores: [core],
    populations: [
      { name: "in", shape: [1], startStep: 0, core: new Uint32Array(0), compartment: new Uint16Array(0) },
      {
        name: "out",
        shape: [2],
        startStep: 1,
        core: Uint32Array.of(3, 3),
        compartment: Uint16Array.of(0, 1),
      },
    ],
    inputs: [
      { name: "in", population: 0, routeStart: Uint32Array.of(0, 1), routeCore: Uint32Array.of(3), routeAxon: Uint16Array.of(0) }, // prettier-ignore
    ],
    outputs: [{ name: "out", population: 1, readout: "spikes" }],
  };
  const faults = (change: Partial<Deployment>): readonly string[] =>
    check((sink) => {
      validateDeployment({ ...deployment, ...change }, sink);
    }).map((text) => text.split("\n")[0]);
  const coreFaults = (change: Partial<CoreProgram>): readonly string[] =>
    faults({ cores: [{ ...core, ...change }] });

  test("is accepted when everything fits together", () => {
    assert.deepEqual(faults({}), []);
  });

  test("is told of arrays that do not fit", () => {
    assert.deepEqual(coreFaults({ weight: Int16Array.of(1) }), [
      `error[ir/array-length]: the array needs 2 elements and has 1.`,
    ]);
    assert.deepEqual(coreFaults({ axonStart: Uint32Array.of(0, 1) }), [
      `error[ir/out-of-range]: element 1 must be 2 and is 1.`,
    ]);
    assert.deepEqual(coreFaults({ groups: [{ ...core.groups[0], params: [Int32Array.of(1)] }] }), [
      `error[ir/array-length]: the array needs 2 elements and has 1.`,
    ]);
  });

  test("is told of indices that name nothing", () => {
    assert.deepEqual(coreFaults({ target: Uint16Array.of(0, 2) }), [
      `error[ir/out-of-range]: element 1 must be from 0 to 1 and is 2.`,
    ]);
    assert.deepEqual(coreFaults({ format: Uint8Array.of(0, 1) }), [
      `error[ir/out-of-range]: element 1 must be from 0 to 0 and is 1.`,
    ]);
    assert.deepEqual(coreFaults({ delaySteps: Uint8Array.of(0, 1) }), [
      `error[ir/out-of-range]: element 0 must be from 1 to Infinity and is 0.`,
    ]);
    const inputs = [{ ...deployment.inputs[0], routeAxon: Uint16Array.of(4) }];
    assert.deepEqual(faults({ inputs }), [
      `error[ir/out-of-range]: route 0 must be below 1, the axons of that core, and is axon 4 of core 3.`,
    ]);
    assert.deepEqual(faults({ outputs: [{ name: "out", population: 8, readout: "spikes" }] }), [
      `error[ir/index-range]: population 8 was named, but there are 2 (from 0).`,
    ]);
  });

  test("is told of cores out of order and of gaps between groups", () => {
    const other = { ...core, core: 2, neurons: 0, groups: [], axonStart: Uint32Array.of(0), axonWords: new Uint16Array(0), target: new Uint16Array(0), weight: new Int16Array(0), format: new Uint8Array(0), delaySteps: new Uint8Array(0), routeStart: Uint32Array.of(0) }; // prettier-ignore
    assert.deepEqual(faults({ cores: [core, other] }), [
      `error[ir/out-of-range]: the core id (ascending) must be a whole number, at least 4 and is 2.`,
    ]);
    assert.deepEqual(coreFaults({ groups: [{ ...core.groups[0], begin: 1, params: [Int32Array.of(1)] }] })[0], `error[ir/out-of-range]: the group must be a range that begins at 0 and is [1, 2).`); // prettier-ignore
  });

  test("is told of neurons that sit elsewhere, twice or nowhere", () => {
    const [inputs, out] = deployment.populations;
    assert.deepEqual(faults({ populations: [inputs, { ...out, compartment: Uint16Array.of(0, 0) }] }), [
      `error[ir/out-of-range]: the place of neuron 1 must be a compartment of "out" that no other neuron has and is compartment 0 of core 3.`,
      `error[ir/not-exactly-once]: compartment 1 in the populations' maps must appear exactly once and appears 0 times.`,
    ]);
  });

  test("is told of a start that no run would reach", () => {
    const [inputs, out] = deployment.populations;
    assert.deepEqual(faults({ populations: [inputs, { ...out, startStep: 2 ** 32 - 1 }] }), [
      `error[ir/out-of-range]: the start step must be at most 65536 and is 4294967295.`,
    ]);
  });
});
