import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { parameterCounts } from "#train/channels/counts";
import { findChannelGroups, type ChannelGroups } from "#train/channels/groups";
import { selectGroups } from "#train/channels/select";
import { INPUT, type LayerGraph, planGraph } from "#train/graph";
import { add, concat, conv, flatten, lif, linear, norm, RESIDUAL } from "./models.ts";

const groupsOf = (graph: LayerGraph): ChannelGroups => findChannelGroups(planGraph(graph, false));
const text = ({ plan, groups }: ChannelGroups): string[] =>
  groups.map(({ frozen, producers, norms, consumers }) => {
    const at = ({ layer, channel }: { layer: number; channel: number }): string =>
      `${plan.layers[layer].layer.name}:${channel}`;
    const reads = consumers.map(({ layer, from, to }) => `${plan.layers[layer].layer.name}[${from},${to})`);
    return `${frozen ? "frozen " : ""}${producers.map(at).join(" ")} | ${norms.map(at).join(" ")} | ${reads.join(" ")}`;
  });
const small = (layers: LayerGraph["layers"], output: string, inputShape = [4, 3, 3]): LayerGraph => ({
  name: "small",
  inputShape,
  layers,
  output,
});

describe("channel groups", () => {
  test("of two ADD stages, a down-sampling branch, a concat and a frozen head are the expected ones", () => {
    const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
    assert.deepEqual(text(groupsOf(RESIDUAL)), [
      ...range(2).map((c) => `frozen  |  | stem.conv[${c},${c + 1})`),
      ...range(4).map(
        (c) =>
          `stem.conv:${c} one.conv:${c} | stem.norm:${c} one.norm:${c} | one.conv[${c},${c + 1}) two.conv[${c},${c + 1}) down.conv[${c},${c + 1}) neck.conv[${6 + c},${7 + c})`,
      ),
      ...range(6).map(
        (c) => `two.conv:${c} down.conv:${c} | two.norm:${c} down.norm:${c} | neck.conv[${c},${c + 1})`,
      ),
      ...range(5).map((c) => `neck.conv:${c} | neck.norm:${c} | hidden.linear[${9 * c},${9 * c + 9})`),
      ...range(7).map((c) => `hidden.linear:${c} |  | head[${c},${c + 1})`),
      ...range(3).map((c) => `frozen head:${c} |  | `),
    ]);
  });

  test("tie a depthwise convolution's outputs to its input", () => {
    const graph = small(
      [conv("first", INPUT, 2), conv("deep", "first", 4, { groups: 2 }), conv("last", "deep", 1)],
      "last",
    );
    assert.deepEqual(text(groupsOf(graph)).slice(4), [
      "first:0 deep:0 deep:1 |  | deep[0,1) last[0,2)",
      "first:1 deep:2 deep:3 |  | deep[1,2) last[2,4)",
      "frozen last:0 |  | ",
    ]);
  });

  test("tie the same places in all groups of a grouped convolution", () => {
    const graph = small(
      [conv("first", INPUT, 4), conv("grouped", "first", 6, { groups: 2 }), conv("last", "grouped", 1)],
      "last",
    );
    assert.deepEqual(text(groupsOf(graph)).slice(4), [
      "first:0 first:2 |  | grouped[0,1) grouped[2,3)",
      "first:1 first:3 |  | grouped[1,2) grouped[3,4)",
      "grouped:0 grouped:3 |  | last[0,1) last[3,4)",
      "grouped:1 grouped:4 |  | last[1,2) last[4,5)",
      "grouped:2 grouped:5 |  | last[2,3) last[5,6)",
      "frozen last:0 |  | ",
    ]);
  });

  test("are frozen by an ADD with the data, and by a voting layer", () => {
    const graph = small(
      [
        conv("first", INPUT, 4),
        add("sum", INPUT, "first"),
        flatten("flat", "sum"),
        linear("votes", "flat", 4),
        lif("fire", "votes"),
        { name: "vote", inputs: ["fire"], op: "voting", groupSize: 2 },
      ],
      "vote",
    );
    const { groups } = groupsOf(graph);
    assert.ok(groups.every(({ frozen }) => frozen));
  });

  test("keep the blocks of a concat apart", () => {
    const graph = small(
      [
        conv("a", INPUT, 1),
        conv("b", INPUT, 2),
        concat("ab", "a", "b"),
        norm("n", "ab"),
        conv("last", "n", 1),
      ],
      "last",
    );
    assert.deepEqual(text(groupsOf(graph)).slice(4, 7), [
      "a:0 | n:0 | last[0,1)",
      "b:0 | n:1 | last[1,2)",
      "b:1 | n:2 | last[2,3)",
    ]);
  });
});

describe("channel selection", () => {
  const groups = groupsOf(RESIDUAL);
  const scores = Float64Array.from(groups.groups, (_, g) => (7 * g) % 13);
  const held = new Uint8Array(groups.groups.length);
  const call = { groups, scores, held, minChannels: 1 };

  test("by threshold takes all scores up to it, but for the last channel of a layer", () => {
    const { live } = selectGroups({ ...call, threshold: 5, maxWeights: Infinity });
    groups.groups.forEach(({ frozen }, g) => assert.equal(live[g], frozen || scores[g] > 5 ? 1 : 0));
    const all = selectGroups({ ...call, threshold: Infinity, maxWeights: Infinity, minChannels: 2 }).live;
    const layersOf = (letter: string): number[] => [...letter].flatMap((c, g) => (c === "a" ? [g] : []));
    const parts = ["..aaaa", "......aaaaaa", "............aaaaa", ".................aaaaaaa"].map(layersOf);
    for (const part of parts) {
      const best = part.toSorted((a, b) => scores[b] - scores[a] || b - a).slice(0, 2);
      assert.deepEqual(
        part.filter((g) => all[g] === 1),
        best.toSorted((a, b) => a - b),
      );
    }
  });

  test("by count leaves the share or less, and the next group was needed for it", () => {
    const dense = parameterCounts(groups).weights;
    for (const share of [0.9, 0.5, 0.2]) {
      const { live, weights } = selectGroups({ ...call, threshold: -1, maxWeights: share * dense });
      assert.ok(weights <= share * dense);
      assert.equal(weights, parameterCounts(groups, live).weights);
      const dead = [...live.keys()].filter((g) => live[g] === 0);
      const last = dead.toSorted((a, b) => scores[b] - scores[a] || b - a)[0];
      live[last] = 1;
      assert.ok(parameterCounts(groups, live).weights > share * dense);
    }
  });

  test("leaves held groups alone", () => {
    const heldNow = held.slice();
    heldNow[4] = 1;
    const { live } = selectGroups({ ...call, held: heldNow, threshold: Infinity, maxWeights: Infinity });
    assert.equal(live[4], 1);
    assert.equal([...live].slice(2, 6).join(""), "0010");
  });
});
