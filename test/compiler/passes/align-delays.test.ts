import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import { alignDelays } from "#compiler/passes/align-delays";
import type { Network, Projection } from "#ir/network";
import { simulateReference } from "#simulator/reference";
import { loihi1 } from "#targets/loihi1/index";
import {
  type Edge,
  between,
  edge,
  input,
  lif,
  network,
  oneToOne,
  randomSparse,
  randomSpikes,
} from "#test/networks";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";

function align(before: Network): { after: Network; text: string[]; sink: DiagnosticSink } {
  const sink = new DiagnosticSink();
  const after = alignDelays.run(before, { target: loihi1, sink });
  return { after, text: sink.diagnostics.map(formatDiagnostic), sink };
}

const starts = (n: Network): number[] => n.populations.map((p) => p.startStep ?? 0);
const delays = (n: Network): number[] => n.projections.map((p: Projection) => p.delaySteps);
const one = oneToOne(1);

test("starts a chain of layers one step after another", () => {
  const { after, text } = align(
    network(
      [input("in", 1), lif("a", 1), lif("b", 1)],
      [edge("in", "a", one), edge("a", "b", one), edge("in", "b", one)],
    ),
  );
  assert.deepEqual(starts(after), [0, 1, 2]);
  assert.deepEqual(delays(after), [1, 1, 2]);
  assert.deepEqual(text, []);
});

test("uses delays of the model for the way", () => {
  const { after } = align(
    network(
      [input("in", 1), lif("a", 1), lif("b", 1)],
      [edge("in", "a", one, { delaySteps: 3 }), edge("a", "b", one), edge("b", "b", one, { delaySteps: 1 })],
    ),
  );
  assert.deepEqual(starts(after), [0, 0, 1]);
  assert.deepEqual(delays(after), [3, 1, 1]);
});

test("returns the very same network when it is aligned already", () => {
  const { after } = align(
    network(
      [input("in", 1), lif("a", 1), lif("b", 1)],
      [edge("in", "a", one), edge("a", "b", one), edge("b", "a", one, { delaySteps: 2 })],
    ),
  );
  assert.deepEqual(delays(after), [1, 1, 1]);
  assert.equal(align(after).after, after);
});

test("warns of a loop that the chip cannot run in time, and acts as early as it can", () => {
  const { after, text } = align(
    network(
      [input("in", 1), lif("a", 1), lif("b", 1)],
      [edge("in", "a", one), edge("a", "b", one), edge("b", "a", one, { delaySteps: 1 })],
    ),
  );
  assert.deepEqual(starts(after), [0, 1, 2]);
  assert.deepEqual(delays(after), [1, 1, 1]);
  assert.deepEqual(text, [
    [
      `warning[passes/loop-too-fast]: the loop "a" -> "b" -> "a" takes fewer steps in the model than it has populations, and the chip needs one step for each: "b->a" acts 1 step later on the chip.`,
      `  at network.projections["b->a"]`,
      `  try: train with a delay of 1 more step on "b->a"; model and chip then agree.`,
    ].join("\n"),
  ]);
});

test("refuses delays beyond the target's and says by how much", () => {
  const { text, sink } = align(
    network([input("in", 1), lif("a", 1)], [edge("in", "a", one, { delaySteps: 70 })]),
  );
  assert.ok(sink.hasErrors);
  assert.deepEqual(text, [
    [
      `error[passes/delay-too-long]: "in->a" needs a delay of 70 steps, but a synapse of loihi1 waits at most 63.`,
      `  at network.projections["in->a"]`,
      `  try: shorten the delay by 7 steps, or pass the spikes through a population of neurons halfway.`,
    ].join("\n"),
  ]);
});

/** A random network of lif populations; feedback delays are drawn long enough for any loop, or 1. */
function randomNetwork(seed: number, slowFeedback: boolean): Network {
  const rng = createRng(seed);
  const count = between(rng, 1, 5);
  const populations = [
    input("in", 3),
    ...Array.from({ length: count }, (_, i) => lif(`p${i}`, between(rng, 1, 4))),
  ];
  const edges: Edge[] = [];
  for (let k = 0; k < count + between(rng, 0, 6); k++) {
    const pre = k < count ? between(rng, 0, k) : between(rng, 0, count);
    const post = k < count ? k + 1 : between(rng, 1, count);
    const feedback = pre >= post;
    const weights = randomSparse(rng, populations[pre].size, populations[post].size, 0.7);
    edges.push(
      edge(populations[pre].name, populations[post].name, weights, {
        name: `e${k}`,
        delaySteps: feedback ? (slowFeedback ? count : 1) : between(rng, 0, 2),
      }),
    );
  }
  return network(populations, edges, { outputs: populations.slice(1).map((p) => p.name) });
}

describe("random networks", () => {
  test("get hardware delays of at least 1 and the smallest start steps", () => {
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (seed, slow) => {
        const before = randomNetwork(seed, slow);
        const { after, sink } = align(before);
        const s = starts(after);
        after.projections.forEach(({ pre, post, delaySteps }, i) => {
          assert.ok(delaySteps >= 1);
          const wanted = before.projections[i].delaySteps + s[post] - s[pre];
          assert.ok(delaySteps === wanted || (delaySteps === 1 && wanted < 1 && !slow));
        });
        if (slow) assert.deepEqual(sink.diagnostics, []);
        // Smallest: each start above 0 is needed by a projection that travels its one step.
        s.forEach((start, p) => {
          assert.ok(start === 0 || after.projections.some((e) => e.post === p && e.delaySteps === 1));
        });
        assert.equal(align(after).after, after);
      }),
    );
  });

  test("fire the model's spikes, shifted by the start step", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const before = randomNetwork(seed, true);
        const { after } = align(before);
        const steps = 12;
        const data = randomSpikes(createRng(seed + 1), [3], { steps });
        const padded = { ...data, steps: steps + 8 };
        const model = simulateReference(before, { in: data }, { steps });
        const chip = simulateReference(after, { in: padded }, { steps: steps + 8 });
        after.populations.forEach(({ name, startStep = 0, model: kind }) => {
          if (kind === "input") return;
          const late = chip.recorded[name].samples[0];
          const shifted = Array.from(late.step, (t, k) => `${t - startStep}:${late.index[k]}`);
          const expected = model.recorded[name].samples[0];
          assert.deepEqual(
            shifted.filter((spike) => Number(spike.split(":")[0]) < steps),
            Array.from(expected.step, (t, k) => `${t}:${expected.index[k]}`),
          );
        });
      }),
      { numRuns: 60 },
    );
  });
});
