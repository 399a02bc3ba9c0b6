// Rates of a run, written to a file and read back for the next compilation.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { compile } from "#compiler/index";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { activityOf, readActivity } from "#spinec";
import { dense, edge, input, lif, network, randomSpikes } from "#test/networks";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { mapModel } from "../../src/deploy.ts";
import { runModel } from "../../src/run-model.ts";

/** 3 -> 4 -> 2, of which neuron 1 hears nothing and neuron 2 is heard by nobody. */
const model = (): Network =>
  network(
    [input("in", 3), lif("a", 4), lif("out", 2)],
    [
      edge(
        "in",
        "a",
        dense([
          [1, 0, 1, 1],
          [1, 0, 1, 1],
          [1, 0, 1, 1],
        ]),
      ),
      edge(
        "a",
        "out",
        dense([
          [1, 1],
          [1, 1],
          [0, 0],
          [1, 1],
        ]),
      ),
    ],
  );

const spikesOf = (
  size: number,
  steps: number,
  ...events: readonly (readonly [number, number])[]
): SpikeData => ({
  steps,
  shape: [size],
  samples: [
    {
      step: Uint32Array.from(events, ([step]) => step),
      index: Uint32Array.from(events, ([, index]) => index),
    },
  ],
});

describe("activity", () => {
  test("is spikes over steps and samples, of inputs too", () => {
    const spikes = { a: spikesOf(4, 5, [0, 0], [1, 0], [4, 3]) };
    const activity = activityOf(model(), spikes, { in: spikesOf(3, 5, [2, 2]) });
    assert.deepEqual(activity, {
      schema: "spinec/activity/1",
      network: "test",
      samples: 1,
      steps: 5,
      populations: { in: [0, 0, 0.2], a: [0.4, 0, 0, 0.2] },
    });
  });

  test("of a run comes back as it was written, in the numbers of the model", () => {
    const net = model();
    const inputs = { in: randomSpikes(createRng(1), [3], { steps: 30, samples: 2 }) };
    const { spikes, mapped } = runModel(net, loihi1, loihi1.profiles[0], inputs, {}, new DiagnosticSink());
    assert.equal(mapped.quantized.populations[1].size, 2);
    assert.deepEqual(spikes["a"].shape, [4]);
    const activity = activityOf(net, spikes, inputs);
    const rates = readActivity(JSON.stringify(activity), "rates.json", net, new DiagnosticSink());
    assert.deepEqual(
      Object.fromEntries(Object.entries(rates ?? {}).map(([name, values]) => [name, Array.from(values)])),
      activity.populations,
    );
    assert.ok(activity.populations["a"][0] > 0 && activity.populations["a"][1] === 0);
    // What was removed has no rate on the chip.
    const again = mapModel(net, loihi1, { spikesPerStep: rates!, effort: "default" }, new DiagnosticSink());
    const expected = compile(again.quantized, loihi1, {
      spikesPerStep: { a: rates!["a"].filter((_, n) => n % 3 === 0) },
    });
    assert.deepEqual(
      again.compiled.blockGraph.nets.filter(({ source }) => source >= 0),
      expected.blockGraph.nets.filter(({ source }) => source >= 0),
    );
  });

  test("of another network is refused, population by population", () => {
    const sink = new DiagnosticSink();
    const text = JSON.stringify({
      schema: "spinec/activity/1",
      populations: { a: [1, 2], b: [1], out: [-1, 0] },
    });
    assert.equal(readActivity(text, "rates.json", model(), sink), undefined);
    assert.deepEqual(
      sink.diagnostics.map(({ code, message }) => `${code}: ${message}`),
      [
        'activity/other-network: "rates.json" has rates of 2 neurons of "a", but "test" has one of 4.',
        'activity/other-network: "rates.json" has rates of 1 neurons of "b", but "test" has none of that name.',
        'activity/unreadable: "rates.json" has rates of "out" that are no list of numbers of at least 0.',
      ],
    );
  });

  test("files that are none say so", () => {
    for (const text of ["{", "[]", '{"schema":"spinec/run/1"}', '{"schema":"spinec/activity/1"}']) {
      const sink = new DiagnosticSink();
      assert.equal(readActivity(text, "run.json", model(), sink), undefined);
      assert.deepEqual(
        sink.diagnostics.map(({ code }) => code),
        ["activity/unreadable"],
      );
    }
  });
});

test("--keep-dead keeps them, and what outputs do is the same", () => {
  const inputs = { in: randomSpikes(createRng(2), [3], { steps: 30 }) };
  const run = (keepDead: boolean) =>
    runModel(model(), loihi1, loihi1.profiles[0], inputs, { keepDead }, new DiagnosticSink());
  const [kept, removed] = [run(true), run(false)];
  assert.equal(kept.mapped.quantized.populations[1].size, 4);
  assert.deepEqual(removed.spikes["out"], kept.spikes["out"]);
  assert.deepEqual(
    removed.report.quantization?.changedSpikes?.find(({ population }) => population === "out"),
    kept.report.quantization?.changedSpikes?.find(({ population }) => population === "out"),
  );
});
