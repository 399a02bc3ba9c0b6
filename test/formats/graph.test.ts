import assert from "node:assert/strict";
import { test } from "vitest";
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { graphExporter } from "#formats/graph/exporter";
import { deploymentOf } from "#test/deployments";
import { assertGolden } from "#test/golden";
import { cubaLif, edge, input, kernel, network, oneToOne, relay } from "#test/networks";
import { DiagnosticSink } from "#util/diagnostic";

const MODEL = network(
  [input("in", [1, 4, 4]), relay('say "conv"', [2, 2, 2]), cubaLif("back\\slash", [2, 2, 2])],
  [
    edge(
      "in",
      'say "conv"',
      kernel({ inputShape: [1, 4, 4], kernelShape: [2, 1, 3, 3], weights: new Array(18).fill(1) }),
    ),
    edge('say "conv"', "back\\slash", oneToOne(8)),
    edge("back\\slash", "back\\slash", oneToOne(8, -0.5), { delaySteps: 2 }),
    edge("back\\slash", "back\\slash", oneToOne(8, 0.5), { name: "again", delaySteps: 1 }),
  ],
);

const DEPLOYMENT = deploymentOf({
  inputs: [{ name: "in", size: 2 }],
  populations: [
    { name: "hidden", size: 4, core: (i) => (i < 2 ? 0 : 9) },
    { name: "out", size: 1, core: () => 9 },
  ],
  projections: [
    { pre: "in", post: "hidden", synapses: [0, 1, 2, 3].map((post) => ({ pre: post % 2, post, weight: 3 })) },
    { pre: "hidden", post: "out", synapses: [0, 1, 3].map((pre) => ({ pre, post: 0, weight: 1 })) },
  ],
});

async function written(
  options: Record<string, string>,
  deployment?: Deployment,
  subject: Network = MODEL,
): Promise<{ suffix: string; text: string }> {
  const sink = new DiagnosticSink();
  const files = await graphExporter.write(
    { network: subject, ...(deployment && { deployment }), generator: "test" },
    options,
    sink,
  );
  assert.deepEqual(sink.diagnostics, []);
  return { suffix: files![0].suffix, text: new TextDecoder().decode(files![0].bytes) };
}

interface NodeLink {
  directed: boolean;
  multigraph: boolean;
  nodes: Record<string, unknown>[];
  links: { source: string; target: string; key: number; [key: string]: unknown }[];
}

test("writes a model for Graphviz like this", async () => {
  const { suffix, text } = await written({});
  assert.equal(suffix, ".dot");
  assertGolden("graph/model.dot", text);
});

test("writes a map for Graphviz like this", async () => {
  assertGolden("graph/cores.dot", (await written({ of: "deployment" }, DEPLOYMENT)).text);
});

test("balances quotes and braces in DOT, whatever the names", async () => {
  const names = ['a"b', "c\\", "d\ne", "ünï", "->", "{", ";"];
  const { text } = await written(
    {},
    undefined,
    network(
      names.map((name) => input(name, 1)),
      [],
    ),
  );
  const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, "Q");
  assert.doesNotMatch(bare, /["\\]/);
  assert.equal(bare.match(/^ {2}Q \[label=Q\];$/gm)?.length, names.length);
});

test("writes node-link JSON that has every population and projection once", async () => {
  const { suffix, text } = await written({ as: "json" });
  assert.equal(suffix, ".json");
  const { nodes, links, directed, multigraph } = JSON.parse(text) as NodeLink;
  assert.ok(directed && multigraph);
  assert.deepEqual(
    nodes.map(({ id, neurons }) => [id, neurons]),
    MODEL.populations.map(({ name, size }) => [name, size]),
  );
  assert.deepEqual(
    links.map(({ source, target, key, synapses }) => [source, target, key, synapses]),
    [
      ["in", 'say "conv"', 0, 72],
      ['say "conv"', "back\\slash", 0, 8],
      ["back\\slash", "back\\slash", 0, 8],
      ["back\\slash", "back\\slash", 1, 8],
    ],
  );
});

test("sums routes and synapses of a map by pair of cores", async () => {
  const { nodes, links } = JSON.parse(
    (await written({ as: "json", of: "deployment" }, DEPLOYMENT)).text,
  ) as NodeLink;
  assert.deepEqual(
    nodes.map(({ id }) => id),
    ["input in", "core 0", "core 9"],
  );
  assert.deepEqual(nodes[2]["populations"], ["hidden[2:4]", "out[0:1]"]);
  assert.deepEqual([nodes[2]["tileX"], nodes[2]["tileY"]], [0, 2]);
  assert.deepEqual(
    links.map(({ source, target, routes, synapses }) => [source, target, routes, synapses]),
    [
      ["input in", "core 0", 2, 2],
      ["input in", "core 9", 2, 2],
      ["core 0", "core 9", 2, 2],
      ["core 9", "core 9", 1, 1],
    ],
  );
});
