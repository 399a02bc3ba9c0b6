import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { linkLoads } from "#simulator/timing/noc/links";
import { noc } from "#simulator/timing/noc";
import { PHASE, type StepTime, type StepTimer } from "#simulator/timing/timing";
import { checkTarget } from "#targets/check";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { parseTarget } from "#targets/parse";
import type { Noc, Profile, Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import { stepOfCase } from "#test/counts";
import { SANAFE_CASES } from "#test/sanafe-cases";
import { goldenSetup, sanafeGoldenCases } from "#test/sanafe-golden";
import { stepsOfGolden } from "#test/sanafe-steps";
import { stepOf, type NeuronSpec, type StepSpec } from "#test/step-activity";
import { given, timedProfile } from "#test/step-arbitrary";

interface Timed extends StepTime {
  readonly timer: StepTimer;
}

function timeOf(spec: StepSpec, target: Target, profile: Profile): Timed {
  const { context, activity } = stepOf(spec, target, profile);
  const timer = noc.prepare(context);
  const out: StepTime = { timeNs: 0, core: 0, phase: 0 };
  timer.time(activity, out);
  return { ...out, timer };
}

function loihiWith(changes: Partial<Noc>): Target {
  return { ...loihi1, noc: { ...loihi1.noc!, ...changes } };
}

/** `count` neurons that fire and send one message to each core. */
function firing(count: number, to: readonly number[], dense = 1): NeuronSpec[] {
  return Array.from({ length: count }, () => ({
    status: 2,
    routes: to.map((core) => ({ to: core, dense })),
  }));
}

function assertWithin(share: number, actual: number, expected: number): void {
  const off = actual / expected - 1;
  assert.ok(Math.abs(off) <= share, `${actual} ns is ${(100 * off).toFixed(2)} % off ${expected} ns`);
}

const golden = sanafeGoldenCases()?.find(({ expected }) => expected.per_timestep["time_cycle"] !== undefined);
test.skipIf(golden === undefined)(
  `sanafe ${golden?.name ?? "loihi_constants"}: noc is within 2 % of the cycle-accurate time of every step, and 0.5 % of their sum`,
  () => {
    const setup = goldenSetup(golden!);
    const target = { ...setup.target, noc: loihi1.noc! };
    let sumNs = 0;
    let expectedNs = 0;
    stepsOfGolden(setup, golden!.timesteps).forEach((spec, step) => {
      const { timeNs } = timeOf(spec, target, target.profiles[0]);
      const cycleNs = golden!.expected.per_timestep["time_cycle"][step] * 1e9;
      assertWithin(0.02, timeNs, cycleNs);
      sumNs += timeNs;
      expectedNs += cycleNs;
    });
    assertWithin(0.005, sumNs, expectedNs);
  },
);

describe("noc timing", () => {
  for (const definition of SANAFE_CASES) {
    const { name, description, cycleNs } = definition;
    test(`is within 1 % of the cycle-accurate time of case ${name}: ${description}`, () => {
      const { timeNs } = timeOf(stepOfCase(definition), loihi1, nahukuFit);
      assertWithin(0.01, timeNs, cycleNs);
    });
  }

  test("holds up a sender by what the buffers on the way do not take", () => {
    const one = given(1, "count");
    const target = loihiWith({ networks: one, receiveMessages: one, flitsPerBuffer: one });
    const heldUp = (messages: number): number => {
      const cores = [
        { id: 0, neurons: firing(messages, [60], 1000) },
        { id: 60, neurons: [] },
      ];
      const { from, blockedNs, count } = timeOf({ cores }, target, nahukuFit).timer.lastMessages!;
      return [...blockedNs.subarray(0, count)].filter((ns, i) => from[i] === 0 && ns > 0).length;
    };
    // Six hops: seven buffers of one message each, one that waits at the receiver, one that is served.
    assert.equal(heldUp(9), 0);
    assert.equal(heldUp(12), 3);
  });

  test("names the core and the phase in which most of the time went", () => {
    const decided = (spec: StepSpec, profile = nahukuFit): [number, number] => {
      const { core, phase } = timeOf(spec, loihi1, profile);
      return [core, phase];
    };
    const receiver = { id: 40, neurons: [] };
    const sending = [{ id: 4, neurons: firing(20, [40]) }, receiver];
    assert.deepEqual(decided({ cores: sending }), [0, PHASE.generation]);
    const receiving = [{ id: 4, neurons: firing(9, [40], 99) }, receiver];
    assert.deepEqual(decided({ cores: receiving }), [1, PHASE.reception]);
    const slow = { ...nahukuFit, time: { ...nahukuFit.time, hopEastWest: given(1, "us") } };
    assert.deepEqual(decided({ cores: sending }, slow), [0, PHASE.network]);
    assert.deepEqual(decided({ cores: [receiver] }), [-1, PHASE.barrier]);
  });

  test("serves messages of the host first", () => {
    const cores = [{ id: 0, neurons: firing(1, [0]) }];
    const host = [{ to: 0, dense: 10 }];
    const { timeNs, timer } = timeOf({ cores, host }, loihi1, nahukuFit);
    const { from, receivedNs, processedNs } = timer.lastMessages!;
    assert.deepEqual([...from.subarray(0, 2)], [-1, 0]);
    assert.deepEqual([receivedNs[0], processedNs[0], receivedNs[1]], [0, 54, 54]);
    assert.ok(Math.abs(timeNs - (54 + 19.8 + 600)) < 1e-9);
  });

  test("takes the time of a chip border for a hop across one, and its rate", () => {
    const cores = [
      { id: 124, neurons: firing(2, [140]) },
      { id: 140, neurons: [] },
    ];
    const { timer } = timeOf({ cores }, loihiWith({ chipCycleNs: given(500, "ns") }), timedProfile);
    const { sendNs, receivedNs } = timer.lastMessages!;
    assert.ok(Math.abs(receivedNs[0] - sendNs[0] - 41) < 1e-9);
    // The second takes the other network; with one, it would wait for the border.
    assert.ok(Math.abs(receivedNs[1] - sendNs[1] - 41) < 1e-9);
    const one = loihiWith({ chipCycleNs: given(500, "ns"), networks: given(1, "count") });
    const times = timeOf({ cores }, one, timedProfile).timer.lastMessages!;
    assert.ok(Math.abs(times.receivedNs[1] - times.receivedNs[0] - 500) < 1e-9);
  });

  test("leaves a step untimed in which a message crosses a border without a time, and says so", () => {
    const cores = [
      { id: 124, neurons: firing(1, [128]) },
      { id: 128, neurons: [] },
    ];
    const { timer, timeNs, core, phase } = timeOf({ cores }, loihi1, nahukuFit);
    assert.deepEqual({ timeNs, core, phase }, { timeNs: NaN, core: -1, phase: 0 });
    assert.ok(timer.untimed.includes("hopChip"));
    assert.equal(timer.lastMessages!.count, 0);
    const within = [
      { id: 124, neurons: firing(1, [0]) },
      { id: 0, neurons: [] },
      { id: 128, neurons: [] },
    ];
    assert.ok(timeOf({ cores: within }, loihi1, nahukuFit).timeNs > 0);
    const onOneChip = timeOf({ cores: within.slice(0, 2) }, loihi1, nahukuFit);
    assert.ok(!onOneChip.timer.untimed.includes("hopChip"));
  });

  test("takes cycles of router and link where the profile has no time for a hop", () => {
    const profile = {
      ...nahukuFit,
      inside: {},
      time: { ...nahukuFit.time, synapseWordRead: given(0, "ns"), hopEastWest: null },
    };
    const cores = [
      { id: 0, neurons: firing(1, [4 * 4, 1]) },
      { id: 1, neurons: [] },
      { id: 4 * 4, neurons: [] },
    ];
    const cycles = {
      routerCycles: given(3, "count"),
      linkCycles: given(2, "count"),
      cycleNs: given(1.5, "ns"),
    };
    const { timer } = timeOf({ cores }, loihiWith(cycles), profile);
    const { sendNs, receivedNs } = timer.lastMessages!;
    assert.deepEqual([0, 1].map((i) => (receivedNs[i] - sendNs[i]).toFixed(6)).toSorted(), [
      "4.500000",
      "7.500000",
    ]);
    assert.ok(Number.isNaN(timeOf({ cores }, loihi1, profile).timeNs));
  });

  test("sends one packet for a spike where the chip casts to many, and forks it where ways part", () => {
    // Tiles (0, 0) to (2, 1) and (2, 3): two links east, then three north, of which one is shared.
    const to = [(2 * 4 + 1) * 4, (2 * 4 + 3) * 4];
    const cores = [{ id: 0, neurons: firing(1, to) }, ...to.map((id) => ({ id, neurons: [] }))];
    const multicast = loihiWith({ cast: "multicast" });
    const messages = (target: Target): number[] => {
      const { links, stepMessages } = timeOf({ cores }, target, nahukuFit).timer.links!;
      return links.flatMap(({ fromTile, toTile }, i) =>
        stepMessages[i] === 0 ? [] : [fromTile, toTile, stepMessages[i]],
      );
    };
    assert.deepEqual(messages(multicast), [0, 4, 1, 4, 8, 1, 8, 9, 1, 9, 10, 1, 10, 11, 1]);
    assert.deepEqual(messages(loihi1), [0, 4, 2, 4, 8, 2, 8, 9, 2, 9, 10, 1, 10, 11, 1]);
    const { timer } = timeOf({ cores }, multicast, nahukuFit);
    const { count, sendNs, receivedNs } = timer.lastMessages!;
    assert.equal(count, 2);
    assert.equal(sendNs[0], sendNs[1]);
    assert.ok(Math.abs(receivedNs[1] - receivedNs[0] - 2 * 6.5) < 1e-9);
  });

  test("adds up what the links carry over the steps", () => {
    const spec: StepSpec = {
      cores: [
        { id: 0, neurons: firing(3, [4]) },
        { id: 4, neurons: [] },
      ],
    };
    const { context, activity } = stepOf(spec, loihi1, nahukuFit);
    const timer = noc.prepare(context);
    const out: StepTime = { timeNs: 0, core: 0, phase: 0 };
    timer.time(activity, out);
    timer.time(activity, out);
    const { links, stepMessages, messages, busyNs, networks } = timer.links!;
    const at = links.findIndex(({ fromTile, toTile }) => fromTile === 0 && toTile === 1);
    assert.deepEqual(links[at], { chip: 0, fromTile: 0, toChip: 0, toTile: 1, direction: "north" });
    assert.deepEqual([stepMessages[at], messages[at], busyNs[at], networks], [3, 6, 1, 2]);
    // 8 x 4 tiles: 7 x 4 links east and as many west, 8 x 3 north and south.
    assert.equal(links.length, 2 * 28 + 2 * 24);
  });

  test("refuses a target that says nothing of the rate of its links, or has tiles too large", () => {
    const code = (target: Target): string | undefined =>
      noc.refuses!({ target, profile: nahukuFit, coreIds: new Uint32Array(1), tilesOn: 1 })?.code;
    assert.equal(code(loihi1), undefined);
    const { noc: network, ...silent } = loihi1;
    const { cast, bufferMessages } = network!;
    assert.equal(code(silent), "timing/noc-rate-unknown");
    assert.equal(code({ ...silent, noc: { cast, bufferMessages } }), "timing/noc-rate-unknown");
    assert.equal(code(loihiWith({ cycleNs: given(0, "ns") })), "timing/noc-rate-unknown");
    const large = { ...loihi1, mesh: { ...loihi1.mesh, coresPerTile: 28 } };
    assert.equal(code(large), "timing/noc-tile-too-large");
    const context = { target: loihi1, profile: nahukuFit, coreIds: new Uint32Array(1), tilesOn: 1 };
    assert.equal(noc.refuses!({ ...context, rates: { neuronNs: 1 } })?.severity, "error");
  });
});

describe("loads of links by counting", () => {
  test("go X first, then Y, and across chip borders in the row of chips", () => {
    const load = (from: number, to: number[], target: Target = loihi1): unknown[] =>
      linkLoads(target, [{ from, to, messages: 5 }]).links.map((link) => Object.values(link).join(" "));
    assert.deepEqual(load(0, [1]), []);
    assert.deepEqual(load(0, [5 * 4]), ["0 0 0 4 east 5", "0 4 0 5 north 5"]);
    assert.deepEqual(load(5 * 4, [0]), ["0 1 0 0 south 5", "0 5 0 1 west 5"]);
    assert.deepEqual(load(128 + 4, [31 * 4]), ["0 29 0 30 north 5", "0 30 0 31 north 5", "1 1 0 29 west 5"]);
    assert.deepEqual(load(0, [4, 8]), ["0 0 0 1 north 10", "0 1 0 2 north 5"]);
    assert.deepEqual(load(0, [4, 8], loihiWith({ cast: "multicast" })), [
      "0 0 0 1 north 5",
      "0 1 0 2 north 5",
    ]);
    assert.deepEqual(linkLoads(loihi1, []).links, []);
  });
});

describe("the network of a target file", () => {
  const options: Partial<Noc> = {
    networks: given(2, "count"),
    virtualChannels: given(2, "count"),
    flitsPerBuffer: given(8, "count"),
    flitsPerMessage: given(2, "count"),
    receiveMessages: given(4, "count"),
    cycleNs: given(1.5, "ns"),
    chipCycleNs: given(12, "ns"),
    routerCycles: given(0, "count"),
    linkCycles: given(1, "count"),
  };

  test("can be read with all its options", () => {
    const sink = new DiagnosticSink();
    const target = loihiWith(options);
    assert.deepEqual(parseTarget(JSON.stringify(target), sink)?.noc, target.noc);
    assert.deepEqual(sink.diagnostics, []);
  });

  test("has to have whole buffers, and times in units of time", () => {
    const codes = (changes: Partial<Noc>): string[] =>
      checkTarget(loihiWith(changes)).map(({ code, subject }) => `${code} ${subject}`);
    assert.deepEqual(codes(options), []);
    assert.equal(codes({ networks: given(1.5, "count") }).length, 1);
    assert.equal(codes({ cycleNs: given(1, "pJ") }).length, 1);
    assert.equal(codes({ linkCycles: given(-1, "count") }).length, 1);
  });
});
