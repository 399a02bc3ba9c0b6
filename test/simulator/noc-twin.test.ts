import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { DIRECTIONS, NocMesh } from "#simulator/timing/noc/mesh";
import { NocNetwork, type MessageList } from "#simulator/timing/noc/network";
import { linkLoads } from "#simulator/timing/noc/links";
import { nocSettings, type NocSettings } from "#simulator/timing/noc/settings";
import { loihi1 } from "#targets/loihi1/index";
import type { Profile, Quantity, Target } from "#targets/target";
import { runPlainNoc, type PlainNoc, type PlainSpike, type PlainTimes } from "#test/noc-plain";

const quantity = (value: number, unit: Quantity["unit"] = "count"): Quantity => ({
  value,
  unit,
  evidence: "assumed",
  src: [],
  note: "test",
});

/** A target whose mesh and network are those of a plain one, and a profile with its hop times. */
function targetOf(
  noc: PlainNoc,
  tileOrder: Target["mesh"]["tileOrder"],
): { target: Target; profile: Profile } {
  const [base] = loihi1.profiles;
  const ns = (value: number): Quantity => quantity(value, "ns");
  const target: Target = {
    ...loihi1,
    mesh: {
      ...loihi1.mesh,
      columns: noc.chipColumns,
      rows: noc.height,
      coresPerTile: noc.coresPerTile,
      tileOrder,
      hopClasses: "directions",
    },
    noc: {
      cast: noc.isMulticast ? "multicast" : "unicast",
      bufferMessages: quantity(1),
      networks: quantity(noc.networks),
      virtualChannels: quantity(noc.channels),
      flitsPerBuffer: quantity(noc.bufferMessages * noc.flits + noc.flits - 1),
      flitsPerMessage: quantity(noc.flits),
      receiveMessages: quantity(noc.receiveMessages),
      cycleNs: ns(noc.cycleNs),
      chipCycleNs: ns(noc.chipCycleNs),
    },
  };
  const time = {
    ...base.time,
    hopEast: ns(noc.hopNs.east),
    hopWest: ns(noc.hopNs.west),
    hopNorth: ns(noc.hopNs.north),
    hopSouth: ns(noc.hopNs.south),
    hopChip: ns(noc.chipHopNs),
    hopTile: ns(noc.tileHopNs),
  };
  return { target, profile: { ...base, time } };
}

function coreIdsOf({ cores, chipColumns, height, coresPerTile }: PlainNoc, tileOrder: string): Uint32Array {
  return Uint32Array.from(cores, ({ x, y, port }) => {
    const column = x % chipColumns;
    const tile = tileOrder === "column-major" ? column * height + y : y * chipColumns + column;
    return (Math.floor(x / chipColumns) * chipColumns * height + tile) * coresPerTile + port;
  });
}

function listOf({ cores }: PlainNoc): MessageList {
  const begin = [0];
  const to: number[] = [];
  const neuron: number[] = [];
  const generationNs: number[] = [];
  const processingNs: number[] = [];
  let spikes = 0;
  for (const core of cores) {
    for (const spike of core.spikes) {
      spike.to.forEach((goal, i) => {
        to.push(goal.core);
        neuron.push(spikes);
        generationNs.push(i === 0 ? spike.generationNs : spike.nextNs);
        processingNs.push(goal.processingNs);
      });
      spikes++;
    }
    if (core.restNs > 0) {
      to.push(-1);
      neuron.push(Math.max(0, spikes - 1));
      generationNs.push(core.restNs);
      processingNs.push(0);
    }
    begin.push(to.length);
  }
  return {
    begin: Uint32Array.from(begin),
    count: to.length,
    to: Int32Array.from(to),
    neuron: Uint32Array.from(neuron),
    generationNs: Float64Array.from(generationNs),
    processingNs: Float64Array.from(processingNs),
  };
}

interface Ran {
  readonly network: NocNetwork;
  readonly times: Omit<PlainTimes, "lane">[];
  readonly mesh: NocMesh;
  readonly settings: NocSettings;
}

function build(noc: PlainNoc, order: Target["mesh"]["tileOrder"] = "column-major"): Omit<Ran, "times"> {
  const { target, profile } = targetOf(noc, order);
  const coreIds = coreIdsOf(noc, order);
  const settings = nocSettings(target, profile)!;
  const mesh = new NocMesh(target, coreIds);
  return { network: new NocNetwork(mesh, settings, coreIds), mesh, settings };
}

function step(network: NocNetwork, noc: PlainNoc): Omit<PlainTimes, "lane">[] {
  const list = listOf(noc);
  network.begin(
    list,
    noc.cores.reduce((sum, { hostNs }) => sum + hostNs.length, 0),
  );
  noc.cores.forEach(({ hostNs }, row) => hostNs.forEach((ns) => network.host(row, ns)));
  network.run();
  const { count, from, to, sendNs, receivedNs, processedNs, blockedNs } = network.times;
  return Array.from({ length: count }, (_, i) => ({
    from: from[i],
    to: to[i],
    message: from[i] < 0 ? -1 : network.order[i] - list.begin[from[i]],
    sendNs: sendNs[i],
    receivedNs: receivedNs[i],
    processedNs: processedNs[i],
    blockedNs: blockedNs[i],
  })).filter((entry) => entry.to >= 0);
}

const sorted = (times: readonly Omit<PlainTimes, "lane">[]): object[] =>
  times
    .map(({ from, to, message, sendNs, receivedNs, processedNs, blockedNs }) => ({
      from,
      to,
      message,
      sendNs,
      receivedNs,
      processedNs,
      blockedNs,
    }))
    .toSorted(
      (a, b) => a.from - b.from || a.to - b.to || a.message - b.message || a.processedNs - b.processedNs,
    );

/** Small meshes with little room, where messages get into each other's way. */
const meshes: fc.Arbitrary<PlainNoc> = fc
  .record({
    chips: fc.integer({ min: 1, max: 2 }),
    chipColumns: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 3 }),
    coresPerTile: fc.integer({ min: 1, max: 3 }),
    isMulticast: fc.boolean(),
    networks: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 2 }),
    bufferMessages: fc.integer({ min: 1, max: 3 }),
    receiveMessages: fc.integer({ min: 1, max: 3 }),
    flits: fc.integer({ min: 1, max: 3 }),
    cycleNs: fc.integer({ min: 1, max: 3 }),
    slower: fc.integer({ min: 0, max: 4 }),
    hopNs: fc.record({ east: fc.nat(7), west: fc.nat(7), north: fc.nat(7), south: fc.nat(7) }),
    chipHopNs: fc.nat(20),
    tileHopNs: fc.nat(3),
  })
  .chain(({ chips, slower, ...noc }) => {
    const width = chips * noc.chipColumns;
    const places = Array.from({ length: width * noc.height * noc.coresPerTile }, (_, place) => place);
    return fc.subarray(places, { minLength: 1, maxLength: Math.min(8, places.length) }).chain((used) => {
      const spike: fc.Arbitrary<PlainSpike> = fc.record({
        generationNs: fc.nat(12),
        nextNs: fc.nat(3),
        to: fc.array(fc.record({ core: fc.nat(used.length - 1), processingNs: fc.nat(25) }), {
          minLength: 1,
          maxLength: 4,
        }),
      });
      const core = fc.record({
        spikes: fc.array(spike, { maxLength: 12 }),
        restNs: fc.nat(30),
        hostNs: fc.array(fc.nat(20), { maxLength: 2 }),
      });
      return fc.array(core, { minLength: used.length, maxLength: used.length }).map((cores): PlainNoc => ({
        ...noc,
        width,
        chipCycleNs: noc.cycleNs + slower,
        cores: cores.map((content, i) => ({
          ...content,
          x: Math.floor(used[i] / (noc.coresPerTile * noc.height)),
          y: Math.floor(used[i] / noc.coresPerTile) % noc.height,
          port: used[i] % noc.coresPerTile,
        })),
      }));
    });
  });

const orders = fc.constantFrom<Target["mesh"]["tileOrder"][]>("column-major", "row-major");

describe("the network of routers", () => {
  test("gives every message the times of a network that is looked at tick by tick", () => {
    fc.assert(
      fc.property(meshes, orders, (noc, order) => {
        const { network } = build(noc, order);
        const times = step(network, noc);
        const plain = runPlainNoc(noc);
        assert.deepEqual(sorted(times), sorted(plain.times));
        assert.equal(network.endNs, plain.endNs);
        const onLinks = [...plain.links.values()].reduce((sum, messages) => sum + messages, 0);
        assert.equal(
          network.linkMessages.reduce((sum, messages) => sum + messages, 0),
          onLinks,
        );
      }),
      { numRuns: 150 },
    );
  });

  test("delivers every message exactly once, and in order from core to core on a lane", () => {
    fc.assert(
      fc.property(meshes, (noc) => {
        const { network } = build(noc);
        const times = step(network, noc);
        const sent = noc.cores.flatMap(({ spikes, hostNs }, from) => [
          ...hostNs.map(() => `-1>${from}:-1`),
          ...spikes.flatMap(({ to }) => to).map(({ core }, message) => `${from}>${core}:${message}`),
        ]);
        assert.deepEqual(
          times.map(({ from, to, message }) => `${from}>${to}:${message}`).toSorted(),
          sent.toSorted(),
        );
        if (noc.networks * noc.channels > 1) return;
        const last = new Map<string, number>();
        for (const { from, to, message } of times) {
          const pair = `${from}>${to}`;
          assert.ok(message === -1 || message > (last.get(pair) ?? -1), `message ${message} of ${pair}`);
          last.set(pair, message);
        }
      }),
    );
  });

  test("is never faster than the hops of the way, and never serves two messages at once", () => {
    fc.assert(
      fc.property(meshes, (noc) => {
        const { network } = build(noc);
        const freeNs = noc.cores.map(() => 0);
        for (const { from, to, sendNs, receivedNs, processedNs } of step(network, noc)) {
          assert.ok(receivedNs >= sendNs + (from < 0 ? 0 : wayNs(noc, from, to)));
          assert.ok(receivedNs >= freeNs[to]);
          freeNs[to] = processedNs;
        }
      }),
    );
  });

  test("takes exactly the hops of the way for a message that is alone", () => {
    fc.assert(
      fc.property(meshes, fc.nat(), fc.nat(), fc.nat(50), (noc, a, b, generationNs) => {
        const from = a % noc.cores.length;
        const to = b % noc.cores.length;
        const alone: PlainNoc = {
          ...noc,
          cores: noc.cores.map((core, i) => ({
            ...core,
            hostNs: [],
            restNs: 0,
            spikes: i === from ? [{ generationNs, nextNs: 0, to: [{ core: to, processingNs: 7 }] }] : [],
          })),
        };
        const { network } = build(alone);
        const receivedNs = generationNs + wayNs(noc, from, to);
        assert.deepEqual(step(network, alone), [
          {
            from,
            to,
            message: 0,
            sendNs: generationNs,
            receivedNs,
            processedNs: receivedNs + 7,
            blockedNs: 0,
          },
        ]);
      }),
    );
  });

  test("forgets the step before", () => {
    fc.assert(
      fc.property(meshes, (noc) => {
        const { network } = build(noc);
        const first = step(network, noc);
        const { endNs, endRow, endPhase } = network;
        step(network, { ...noc, cores: noc.cores.map((core) => ({ ...core, spikes: [] })) });
        assert.deepEqual(step(network, noc), first);
        assert.deepEqual([network.endNs, network.endRow, network.endPhase], [endNs, endRow, endPhase]);
      }),
      { numRuns: 50 },
    );
  });

  test("counts on every link what the loads by counting alone say", () => {
    fc.assert(
      fc.property(meshes, orders, (noc, order) => {
        const { network, mesh } = build(noc, order);
        step(network, noc);
        const coreIds = coreIdsOf(noc, order);
        const flows = noc.cores.flatMap(({ spikes }, from) =>
          spikes.map(({ to }) => ({
            from: coreIds[from],
            to: to.map(({ core }) => coreIds[core]),
            messages: 1,
          })),
        );
        const counted = Array.from(network.linkMessages, (messages, place) => ({ messages, place }))
          .filter(({ messages }) => messages > 0)
          .map(({ messages, place }) => ({
            ...mesh.link(Math.floor(place / DIRECTIONS.length), place % DIRECTIONS.length),
            messages,
          }));
        assert.deepEqual(linkLoads(targetOf(noc, order).target, flows).links, counted);
      }),
    );
  });
});

/** Without anybody else: latency of the hops, and the last flit. */
function wayNs(noc: PlainNoc, from: number, to: number): number {
  const [a, b] = [noc.cores[from], noc.cores[to]];
  const chips = Math.abs(Math.floor(a.x / noc.chipColumns) - Math.floor(b.x / noc.chipColumns));
  const right = b.x - a.x;
  const up = b.y - a.y;
  let ns = (Math.abs(right) - chips) * (right > 0 ? noc.hopNs.east : noc.hopNs.west);
  ns += chips * (noc.chipHopNs + (noc.flits - 1) * (noc.chipCycleNs - noc.cycleNs));
  ns += Math.abs(up) * (up > 0 ? noc.hopNs.north : noc.hopNs.south);
  if (right === 0 && up === 0) ns += noc.tileHopNs;
  return ns + (noc.flits - 1) * noc.cycleNs;
}
