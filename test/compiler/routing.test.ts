// What every router of flows owes us, and that the checkers find what is wrong.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { meshMetrics } from "#compiler/placement/mesh-metrics";
import { squareMesh, type Sites } from "#compiler/placement/sites";
import { checkRouting } from "#compiler/routing/check-routing";
import { checkTables } from "#compiler/routing/check-tables";
import * as messages from "#compiler/routing/diagnostics";
import { assignFlowKeys, axonKeys, axonsOfFlows } from "#compiler/routing/flow-keys";
import { FLOW_ROUTERS } from "#compiler/routing/index";
import { multicastTables } from "#compiler/routing/multicast-tables";
import { coverByPrefixes, type KeyBlock, type TableEntry } from "#compiler/routing/prefix-cover";
import type { Routing } from "#compiler/routing/routing";
import { xyTree } from "#compiler/routing/xy-tree";
import { randomTraffic } from "#test/core-traffic";
import { between } from "#test/networks";
import { DiagnosticSink, formatDiagnostic } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

/** Routers of two cores each. */
const TILED: Sites = {
  count: 24,
  x: Int32Array.from({ length: 24 }, (_, s) => (s >> 1) % 4),
  y: Int32Array.from({ length: 24 }, (_, s) => (s >> 1) >> 2),
  chip: new Int32Array(24),
  chipHops: 0,
};

function shuffled(count: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = between(rng, 0, i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

const scenes = fc.record({ seed: fc.nat(), sites: fc.constantFrom(squareMesh(24), TILED, squareMesh(2)) });

for (const router of FLOW_ROUTERS) {
  describe(`flow router ${router.name}`, () => {
    test("reaches every sink once and nobody else, over as many links as an outsider counts", () => {
      fc.assert(
        fc.property(scenes, ({ seed, sites }) => {
          const rng = createRng(seed);
          const cores = between(rng, 1, sites.count);
          const traffic = randomTraffic(cores, seed, 6);
          const siteOf = shuffled(sites.count, rng).slice(0, cores);
          const routing = router.route(traffic, sites, siteOf);
          const sink = new DiagnosticSink();
          const { hops, busiestLink, violations, linkSpikes } = checkRouting(
            traffic,
            sites,
            siteOf,
            routing,
            sink,
          );
          assert.deepEqual(violations, {});
          assert.deepEqual(sink.diagnostics, []);
          const expected = meshMetrics(traffic, sites, siteOf);
          const tree = router === xyTree;
          assert.equal(hops, tree ? expected.treeHops : expected.unicastHops);
          assert.equal(busiestLink, tree ? expected.busiestTreeLink : expected.busiestLink);
          assert.equal(
            linkSpikes.reduce((sum, spikes) => sum + spikes, 0),
            hops,
          );
        }),
        { numRuns: 60 },
      );
    });
  });
}

describe("the route checker", () => {
  // Routers 0 1 2 / 3 4 5; core c at router c; core 0 sends to 2 and 5.
  const sites = squareMesh(6);
  const siteOf = Uint32Array.of(0, 1, 2, 3, 4, 5);
  const traffic = {
    cores: 6,
    flows: 1,
    source: Uint32Array.of(0),
    spikes: Float64Array.of(3),
    sinkStart: Uint32Array.of(0, 2),
    sink: Uint32Array.of(2, 5),
  };
  const packet = (link: number[], core: number[]): Routing => ({
    packetStart: Uint32Array.of(0, 1),
    linkStart: Uint32Array.of(0, link.length),
    link: Uint32Array.from(link),
    coreStart: Uint32Array.of(0, core.length),
    core: Uint32Array.from(core),
  });
  const check = (routing: Routing) => checkRouting(traffic, sites, siteOf, routing, new DiagnosticSink());

  test("counts what goes over links", () => {
    const { hops, packets, busiestLink, violations } = check(packet([0, 4, 10], [2, 5]));
    assert.deepEqual(
      { hops, packets, busiestLink, violations },
      { hops: 9, packets: 3, busiestLink: 3, violations: {} },
    );
  });

  test.each([
    ["sink-missed", [0, 4, 10], [2], "routing/sink-missed"],
    ["sink-missed because nothing gets there", [0, 4], [2, 5], "routing/sink-missed"],
    ["sink-twice", [0, 4, 10], [2, 5, 5], "routing/sink-twice"],
    ["sink-unasked", [0, 4, 10], [1, 2, 5], "routing/sink-unasked"],
    ["dead-end", [0, 4, 10, 2], [2, 5], "routing/dead-end"],
    ["loop", [0, 4, 10, 21, 19], [2, 5], "routing/loop"],
    ["broken way", [0, 4, 10, 12], [2, 5], "routing/broken-way"],
    ["broken way over the edge", [0, 4, 10, 8], [2, 5], "routing/broken-way"],
  ])("finds %s", (_, links, cores, code) => {
    const { violations } = check(packet(links, cores));
    assert.ok(code in violations, JSON.stringify(violations));
  });
});

describe("the fewest blocks of keys", () => {
  /** Blocks apart from each other, on keys below 2^bits. */
  const randomBlocks = (rng: Rng, bits: number): KeyBlock[] => {
    const blocks: KeyBlock[] = [];
    for (let key = 0; key < 2 ** bits;) {
      const size = between(rng, 0, 2);
      if (key % 2 ** size !== 0 || key + 2 ** size > 2 ** bits) continue;
      if (rng() < 0.7) {
        const action = between(rng, 1, 3);
        blocks.push({ key, bits: size, action, free: rng() < 0.3 });
      }
      key += 2 ** size;
    }
    return blocks;
  };
  const lookUp = (entries: readonly TableEntry[], key: number): number | undefined =>
    entries.find((entry) => key >= entry.key && key < entry.key + 2 ** entry.bits)?.action;
  const agrees = (entries: readonly TableEntry[], blocks: readonly KeyBlock[]): boolean =>
    blocks.every(({ key, bits, action, free }) =>
      Array.from({ length: 2 ** bits }, (_, i) => lookUp(entries, key + i)).every(
        (found) => found === action || (found === undefined && free),
      ),
    );
  /** The smallest number of entries, by trying all sets of them. */
  const fewest = (blocks: readonly KeyBlock[], bits: number): number => {
    const all: TableEntry[] = [];
    for (let size = 0; size <= bits; size++)
      for (let key = 0; key < 2 ** bits; key += 2 ** size)
        for (const action of new Set(blocks.map((block) => block.action)))
          all.push({ key, bits: size, action });
    const tries = (count: number, from: number, taken: TableEntry[]): boolean => {
      if (count === 0) return agrees(taken, blocks);
      for (let i = from; i < all.length; i++) {
        const clash = taken.some(({ key, bits: size }) => key === all[i].key && size === all[i].bits);
        if (!clash && tries(count - 1, i + 1, [...taken, all[i]])) return true;
      }
      return false;
    };
    for (let count = 0; ; count++) if (tries(count, 0, [])) return count;
  };

  test("do with every key what was asked for", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const blocks = randomBlocks(createRng(seed), 8);
        const entries = coverByPrefixes(blocks);
        assert.ok(agrees(entries, blocks));
        assert.ok(entries.length <= blocks.filter(({ free }) => !free).length);
      }),
    );
  });

  test("are as few as trying all sets of blocks finds", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const blocks = randomBlocks(createRng(seed), 3);
        assert.equal(coverByPrefixes(blocks).length, fewest(blocks, 3));
      }),
      { numRuns: 60 },
    );
  });

  test("may reach up to the last of 32 bits", () => {
    const blocks = [0, 0xffff_fff0].map((key, action) => ({ key, bits: 4, action: action + 1, free: false }));
    const entries = coverByPrefixes(blocks);
    assert.ok(agrees(entries, blocks));
    assert.equal(entries.length, 2);
  });
});

describe("multicast tables", () => {
  test("send every axon of every flow to its sinks, and number the axons of a flow in a row", () => {
    fc.assert(
      fc.property(scenes, ({ seed, sites }) => {
        const rng = createRng(seed);
        const cores = between(rng, 1, sites.count);
        const traffic = randomTraffic(cores, seed, 6);
        const siteOf = shuffled(sites.count, rng).slice(0, cores);
        const flowOf = Int32Array.from({ length: 3 * traffic.flows }, (_, n) =>
          n < traffic.flows ? n : between(rng, -1, traffic.flows - 1),
        );
        const sink = new DiagnosticSink();
        const keys = assignFlowKeys(traffic, axonsOfFlows(traffic.flows, flowOf), sites, siteOf, sink)!;
        const key = axonKeys(keys, flowOf);
        const used = key.filter((k) => k >= 0);
        assert.equal(new Set(used).size, used.length);
        key.forEach((k, n) => {
          const flow = flowOf[n];
          assert.ok(flow < 0 ? k === -1 : k >= keys.key[flow] && k < keys.key[flow] + 2 ** keys.bits[flow]);
        });
        const tree = xyTree.route(traffic, sites, siteOf);
        const made = multicastTables(traffic, sites, siteOf, tree, keys, sink);
        const { hops, busiestLink, violations } = checkTables(traffic, sites, siteOf, made, keys, sink);
        assert.deepEqual(violations, {});
        assert.deepEqual(sink.diagnostics, []);
        const expected = meshMetrics(traffic, sites, siteOf);
        assert.equal(hops, expected.treeHops);
        assert.equal(busiestLink, expected.busiestTreeLink);
        assert.equal(
          made.entries,
          made.tables.reduce((sum, table) => sum + table.length, 0),
        );
        made.tables.forEach((table, router) => assert.ok(table.length <= made.unmerged[router]));
      }),
      { numRuns: 60 },
    );
  });

  const sites = squareMesh(16);
  const siteOf = Uint32Array.from({ length: 16 }, (_, i) => i);
  const traffic = randomTraffic(16, 3, 6);
  const tree = xyTree.route(traffic, sites, siteOf);
  const keysOf = (axons: number, sink = new DiagnosticSink()) =>
    assignFlowKeys(traffic, new Uint32Array(traffic.flows).fill(axons), sites, siteOf, sink);

  test("over the limit are reported router by router", () => {
    const sink = new DiagnosticSink();
    const { fullest, tables } = multicastTables(traffic, sites, siteOf, tree, keysOf(1)!, sink, {
      entriesPerRouter: 5,
    });
    const over = tables.filter(({ length }) => length > 5).length;
    assert.ok(over > 0 && over <= 10 && fullest > 5);
    assert.equal(sink.diagnostics.length, over);
    assert.ok(sink.diagnostics.every(({ code }) => code === "routing/table-full"));
    const none = new DiagnosticSink();
    multicastTables(traffic, sites, siteOf, tree, keysOf(1)!, none, { entriesPerRouter: fullest });
    assert.deepEqual(none.diagnostics, []);
  });

  test("need keys that are long enough", () => {
    const sink = new DiagnosticSink();
    assert.equal(keysOf(2 ** 30, sink), undefined);
    assert.deepEqual(
      sink.diagnostics.map(({ code }) => code),
      ["routing/keys-too-long"],
    );
  });

  test("that are spoiled are found out", () => {
    const keys = keysOf(3)!;
    const made = multicastTables(traffic, sites, siteOf, tree, keys, new DiagnosticSink());
    for (let router = 0; router < 16; router++) {
      const tables = made.tables.map((table, r) => (r === router ? table.slice(1) : table));
      const { violations } = checkTables(
        traffic,
        sites,
        siteOf,
        { ...made, tables },
        keys,
        new DiagnosticSink(),
      );
      if (made.tables[router].length > 0) assert.notDeepEqual(violations, {});
    }
    const everywhere = made.tables.map((table) =>
      table.map((entry) => ({ ...entry, action: entry.action | 15 })),
    );
    const { violations } = checkTables(
      traffic,
      sites,
      siteOf,
      { ...made, tables: everywhere },
      keys,
      new DiagnosticSink(),
    );
    assert.ok(violations["routing/loop"] > 0 && violations["routing/broken-way"] > 0);
  });
});

test("messages read like this", () => {
  assert.equal(
    formatDiagnostic(messages.tableFull({ router: 7, needed: 1100, available: 1024 })),
    [
      "error[routing/table-full]: router 7 needs 1100 table entries, but has 1024.",
      "  at routers[7]",
      "  try: place with another seed or more effort, or partition so that more axons of a core share their destinations.",
    ].join("\n"),
  );
  assert.equal(
    messages.keysTooLong({ needed: 34, available: 32 }).message,
    "telling all axons apart takes keys of 34 bits, but packets carry 32.",
  );
});
