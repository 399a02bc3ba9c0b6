import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { foldLinearChains } from "#compiler/passes/fold-linear-chains";
import { expand } from "#ir/connectivity";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { validateNetwork } from "#ir/validate";
import { simulateReference } from "#simulator/reference";
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
  population,
  randomSpikes,
  relay,
} from "#test/networks";
import { type Diagnostic, DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { randomFaithful } from "./faithful.ts";

function fold(before: Network): { after: Network; found: readonly Diagnostic[] } {
  const sink = new DiagnosticSink();
  const after = foldLinearChains.run(before, { sink });
  const faults = new DiagnosticSink();
  validateNetwork(after, faults);
  assert.deepEqual(faults.diagnostics, []);
  return { after, found: sink.diagnostics };
}

const names = (n: Network): string[] => n.populations.map((p) => p.name);
const joints = (n: Network): string[] =>
  n.projections.map(
    (p) =>
      `${n.populations[p.pre].name}->${n.populations[p.post].name} ${p.connectivity.kind} +${p.delaySteps}`,
  );

test("joins neurons directly and pushes the bias through", () => {
  const { after, found } = fold(
    network(
      [input("in", 2), relay("fc", 2, [1, 2]), relay("scale", 2), lif("out", 2), relay("output", 2)],
      [
        edge("in", "fc", dense([[1, 2], [3, 4]]), { layer: { node: "fc", kind: "linear" } }), // prettier-ignore
        edge("fc", "scale", diagonal(10, 100), { delaySteps: 0 }),
        edge("scale", "out", oneToOne(2)),
        edge("out", "output", oneToOne(2)),
      ],
    ),
  );
  assert.deepEqual(names(after), ["in", "out"]);
  assert.deepEqual(joints(after), ["in->out dense +0"]);
  assert.deepEqual([...expand(after.projections[0].connectivity).values], [10, 200, 30, 400]);
  assert.equal(after.projections[0].name, "fc");
  assert.equal(after.projections[0].layer?.node, "fc");
  assert.deepEqual([...after.populations[1].bias!], [10, 200]);
  assert.deepEqual(after.outputs, [{ name: "output", population: 1 }]);
  assert.deepEqual(found, []);
});

test("returns the very same network when there is nothing to fold", () => {
  const before = network([input("in", 2), lif("out", 2)], [edge("in", "out", oneToOne(2))]);
  assert.equal(fold(before).after, before);
  const folded = fold(randomFaithful(5, { feedback: true, lateBias: false })).after;
  assert.equal(fold(folded).after, folded);
});

test("adds up parallel paths of one delay and keeps those of another", () => {
  const { after } = fold(
    network(
      [input("in", 2), relay("a", 2), relay("b", 2), relay("late", 2), relay("sum", 2), lif("out", 2)],
      [
        edge("in", "a", oneToOne(2, 2)),
        edge("in", "b", matrix([[0, 1], [1, 0]])), // prettier-ignore
        edge("in", "late", oneToOne(2), { delaySteps: 3 }),
        edge("a", "sum", oneToOne(2)),
        edge("b", "sum", oneToOne(2)),
        edge("late", "sum", oneToOne(2), { delaySteps: 1 }),
        edge("sum", "out", oneToOne(2)),
      ],
    ),
  );
  assert.deepEqual(joints(after), ["in->out sparse +0", "in->out diagonal +4"]);
  assert.deepEqual([...expand(after.projections[0].connectivity).values], [2, 1, 1, 2]);
});

test("keeps a single convolution a kernel, and expands two", () => {
  const conv = kernel({ inputShape: [1, 4, 4], kernelShape: [2, 1, 3, 3], weights: new Array(18).fill(1) });
  const pool = kernel({
    inputShape: [2, 2, 2],
    kernelShape: [2, 1, 2, 2],
    groups: 2,
    weights: new Array(8).fill(1),
  });
  const one = fold(
    network(
      [input("in", [1, 4, 4]), relay("conv", [2, 2, 2]), relay("flat", 8), lif("out", 8)],
      [edge("in", "conv", conv), edge("conv", "flat", oneToOne(8, 0.5)), edge("flat", "out", oneToOne(8))],
    ),
  );
  assert.deepEqual(joints(one.after), ["in->out kernel +0"]);
  const two = fold(
    network(
      [input("in", [1, 4, 4]), relay("conv", [2, 2, 2]), relay("pool", [2, 1, 1]), lif("out", 2)],
      [edge("in", "conv", conv), edge("conv", "pool", pool), edge("pool", "out", oneToOne(2))],
    ),
  );
  assert.deepEqual(joints(two.after), ["in->out sparse +0"]);
});

describe("ends that are no neurons", () => {
  test("stay where they are read out", () => {
    const { after } = fold(
      network(
        [input("in", 2), relay("sum", 1, [1]), relay("copy", 1), relay("late", 2)],
        [
          edge("in", "sum", dense([[1], [1]])),
          edge("sum", "copy", oneToOne(1)),
          edge("in", "late", oneToOne(2), { delaySteps: 1 }),
        ],
        { outputs: ["sum", "copy", "late"] },
      ),
    );
    assert.deepEqual(names(after), ["in", "sum", "copy", "late"]);
    assert.deepEqual(joints(after), ["in->sum dense +0", "in->late diagonal +1", "in->copy dense +0"]);
    assert.deepEqual([...after.populations[2].bias!], [1]);
  });

  test("may be an input joined to an output", () => {
    const { after } = fold(network([input("in", 2), relay("out", 2)], [edge("in", "out", oneToOne(2))]));
    assert.deepEqual(names(after), ["in", "out"]);
  });

  test("go when nobody hears them", () => {
    const { after } = fold(
      network(
        [input("in", 1), relay("unheard", 1), lif("out", 1)],
        [edge("in", "unheard", oneToOne(1)), edge("in", "out", oneToOne(1))],
      ),
    );
    assert.deepEqual(names(after), ["in", "out"]);
  });

  test("can be the same neurons for several outputs", () => {
    const { after } = fold(
      network(
        [input("in", 1), lif("n", 1), relay("a", 1), relay("b", 1)],
        [edge("in", "n", oneToOne(1)), edge("n", "a", oneToOne(1)), edge("a", "b", oneToOne(1))],
        { outputs: ["a", "b"] },
      ),
    );
    assert.deepEqual(after.outputs, [
      { name: "a", population: 1 },
      { name: "b", population: 1 },
    ]);
  });
});

describe("what cannot be kept", () => {
  test("is told: a bias that the model lets arrive late", () => {
    const { after, found } = fold(
      network(
        [input("in", 1), relay("fc", 1, [2]), relay("delay", 1), lif("out", 1)],
        [
          edge("in", "fc", oneToOne(1)),
          edge("fc", "delay", oneToOne(1), { delaySteps: 3 }),
          edge("delay", "out", oneToOne(1)),
        ],
      ),
    );
    assert.deepEqual([...after.populations[1].bias!], [2]);
    assert.deepEqual(found.map(formatDiagnostic), [
      [
        `warning[passes/late-bias]: the bias of "fc" reaches "delay" 3 steps late in the model, but acts from the first step on once "fc" is folded away.`,
        `  at network.populations["delay"]`,
        `  try: let 3 more steps of silence pass before the input, or move the bias of "fc" behind the delay.`,
      ].join("\n"),
    ]);
  });

  test("is told: a projection without synapses", () => {
    const { after, found } = fold(
      network(
        [input("in", 2), lif("a", 1), lif("out", 1)],
        [edge("in", "a", dense([[0], [0]])), edge("a", "out", oneToOne(1))],
      ),
    );
    assert.deepEqual(joints(after), ["a->out diagonal +0"]);
    assert.deepEqual(found.map(({ code }) => code), ["passes/disconnected"]); // prettier-ignore
  });

  test("is told: a loop of sums", () => {
    const { found } = fold(
      network(
        [input("in", 1), relay("a", 1), relay("b", 1), lif("out", 1)],
        [
          edge("in", "a", oneToOne(1)),
          edge("a", "b", oneToOne(1)),
          edge("b", "a", oneToOne(1, 0.5), { delaySteps: 1 }),
          edge("b", "out", oneToOne(1)),
        ],
      ),
    );
    assert.deepEqual(found.map(formatDiagnostic), [
      [
        `error[passes/relay-loop]: the loop "b" -> "a" -> "b" has no neuron in it: it feeds a sum back into itself, and a core holds nothing but neurons.`,
        `  at network.populations["b"]`,
        `  try: put a leaky integrator in the place of the loop.`,
      ].join("\n"),
    ]);
  });

  test("is told: maps that grow when they are multiplied", () => {
    const wide = 1100;
    const ones = new Array<number>(wide).fill(1);
    const { found } = fold(
      network(
        [input("in", wide), relay("one", 1), lif("out", wide)],
        [edge("in", "one", dense(ones.map((v) => [v]))), edge("one", "out", dense([ones]))],
      ),
    );
    assert.deepEqual(
      found.map(({ code, data }) => ({ code, data })),
      [
        {
          code: "passes/fold-growth",
          data: { projection: "in->out", synapsesBefore: 2 * wide, synapsesAfter: wide * wide },
        },
      ],
    );
  });
});

/** Runs both on the same input and compares what every surviving population and every output gives. */
function assertSame(before: Network, after: Network, seed: number): number {
  const data = randomSpikes(createRng(seed), before.populations[0].shape, { steps: 14, density: 0.4 });
  const all = { steps: 14, record: "all" } as const;
  const wanted = simulateReference(before, { in: data }, all).recorded;
  const got = simulateReference(after, { in: data }, all).recorded;
  const events = ({ samples: [s] }: SpikeData): unknown => ({
    step: [...s.step],
    index: [...s.index],
    value: s.value === undefined ? undefined : [...s.value],
  });
  for (const { name, model } of after.populations) {
    if (model !== "input") assert.deepEqual(events(got[name]), events(wanted[name]), name);
  }
  before.outputs.forEach(({ population: p }, o) => {
    const source = after.populations[after.outputs[o].population].name;
    assert.deepEqual(events(got[source]), events(wanted[before.populations[p].name]));
  });
  return after.populations.reduce(
    (sum, { name, model }) => sum + (model === "lif" ? got[name].samples[0].step.length : 0),
    0,
  );
}

test("never changes what the reference computes", () => {
  let spikes = 0;
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), (seed, feedback) => {
      const before = randomFaithful(seed, { feedback, lateBias: false });
      const { after, found } = fold(before);
      assert.ok(found.every(({ code }) => code !== "passes/late-bias"));
      const kept = new Set(before.outputs.map(({ population: p }) => before.populations[p].name));
      assert.ok(after.populations.every(({ name, model }) => model !== "relay" || kept.has(name)));
      spikes += assertSame(before, after, seed);
    }),
    { numRuns: 150 },
  );
  assert.ok(spikes > 1000);
});

test("says so whenever it does", () => {
  let exact = 0;
  let told = 0;
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const before = randomFaithful(seed, { feedback: true, lateBias: true });
      const { after, found } = fold(before);
      if (found.some(({ code }) => code === "passes/late-bias")) {
        told++;
        return;
      }
      exact++;
      assertSame(before, after, seed);
    }),
    { numRuns: 150 },
  );
  assert.ok(exact > 10 && told > 10, `${exact} exact, ${told} told`);
});

test("leaves populations of values where they are", () => {
  const li = population("li", "li", 1, { tauSteps: 2, r: 1, vLeak: 0 });
  const { after } = fold(
    network(
      [input("in", 1), li, relay("output", 1)],
      [edge("in", "li", oneToOne(1)), edge("li", "output", oneToOne(1))],
    ),
  );
  assert.deepEqual(names(after), ["in", "li"]);
  assert.deepEqual(after.outputs, [{ name: "output", population: 1 }]);
});
