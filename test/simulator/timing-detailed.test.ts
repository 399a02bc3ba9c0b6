import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { detailed } from "#simulator/timing/detailed";
import { PHASE, type StepTime, type StepTimer } from "#simulator/timing/timing";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import type { Profile, Target } from "#targets/target";
import { detailedTwin, type TwinMessage } from "#test/detailed-twin";
import { SANAFE_CASES } from "#test/sanafe-cases";
import { stepOfCase } from "#test/counts";
import { stepOf, type NeuronSpec, type StepSpec } from "#test/step-activity";
import { given, randomStep, smallMesh, timedProfile } from "#test/step-arbitrary";

function timeOf(spec: StepSpec, target: Target, profile: Profile): StepTime & { timer: StepTimer } {
  const { context, activity } = stepOf(spec, target, profile);
  const timer = detailed.prepare(context);
  const out: StepTime = { timeNs: 0, core: 0, phase: 0 };
  timer.time(activity, out);
  return { ...out, timer };
}

function messagesOf({ lastMessages }: StepTimer, coreIds: readonly number[]): TwinMessage[] {
  const times = lastMessages!;
  const idOf = (row: number): number => (row < 0 ? -1 : coreIds[row]);
  return Array.from({ length: times.count }, (_, i) => ({
    from: idOf(times.from[i]),
    to: idOf(times.to[i]),
    sendNs: times.sendNs[i],
    receivedNs: times.receivedNs[i],
    processedNs: times.processedNs[i],
    blockedNs: times.blockedNs[i],
  }));
}

/** The model calculates in seconds, in which a ns is no round number. */
function rounded(ns: number): number {
  return Number(ns.toFixed(6));
}

/** `count` neurons that fire and send one message each. */
function firing(count: number, to: number, dense = 1): NeuronSpec[] {
  return Array.from({ length: count }, () => ({ status: 2, routes: [{ to, dense }] }));
}

describe("detailed timing", () => {
  for (const { name, description, detailedNs, ...definition } of SANAFE_CASES) {
    test(`gives the time of case ${name}: ${description}`, () => {
      const spec = stepOfCase({ name, description, detailedNs, ...definition });
      const { timeNs } = timeOf(spec, loihi1, nahukuFit);
      assert.equal(timeNs.toFixed(1), detailedNs.toFixed(1));
    });
  }

  test("equals its slow twin, message by message", () => {
    let held = 0;
    fc.assert(
      fc.property(randomStep, fc.constantFrom(0.25, 1, 3), fc.boolean(), (spec, buffer, apart) => {
        const target = smallMesh(buffer, apart ? { hopClasses: "directions", tileOrder: "row-major" } : {});
        const { timeNs, timer } = timeOf(spec, target, timedProfile);
        const twin = detailedTwin(spec, target, timedProfile, timer.barrierNs);
        const coreIds = spec.cores.map(({ id }) => id).toSorted((a, b) => a - b);
        assert.deepEqual(messagesOf(timer, coreIds), twin.messages);
        assert.equal(timeNs, twin.timeNs);
        held += twin.messages.filter(({ blockedNs }) => blockedNs > 0).length;
      }),
      { numRuns: 200 },
    );
    assert.ok(held > 100, `senders were held up ${held} times, too few for a test`);
  });

  test("serves messages of the host from the start of the step on, before all others", () => {
    const spec: StepSpec = {
      cores: [{ id: 0, neurons: firing(1, 0) }],
      host: [
        { to: 0, dense: 10 },
        { to: 0, dense: 20 },
      ],
    };
    const { timeNs, core, phase, timer } = timeOf(spec, loihi1, nahukuFit);
    // 16 + 38, then 16 + 76; the neuron's own message waits for them.
    assert.deepEqual(
      messagesOf(timer, [0]).map(({ receivedNs, processedNs }) => [
        rounded(receivedNs),
        rounded(processedNs),
      ]),
      [
        [0, 54],
        [54, 146],
        [146, 165.8],
      ],
    );
    assert.equal(rounded(timeNs), 165.8 + 600);
    assert.deepEqual([core, phase], [0, PHASE.reception]);
  });

  test("names the core and the phase in which most of the time went", () => {
    const decided = (spec: StepSpec, target = loihi1): (number | string)[] => {
      const { core, phase } = timeOf(spec, target, nahukuFit);
      return [core, Object.keys(PHASE)[phase]];
    };
    const receiver = { id: 40, neurons: [] };
    assert.deepEqual(decided({ cores: [{ id: 4, neurons: firing(20, 40) }, receiver] }), [0, "generation"]);
    assert.deepEqual(decided({ cores: [{ id: 4, neurons: firing(9, 40, 99) }, receiver] }), [1, "reception"]);
    const far = [
      { id: 0, neurons: firing(1, 127, 0) },
      { id: 127, neurons: [] },
    ];
    const slow = { ...nahukuFit, time: { ...nahukuFit.time, hopEastWest: given(1, "us") } };
    const { core, phase } = timeOf({ cores: far }, loihi1, slow);
    assert.deepEqual([core, phase], [0, PHASE.network]);
    assert.deepEqual(decided({ cores: [receiver] }), [-1, "barrier"]);
  });

  test("takes the price of a chip border for a hop across one", () => {
    const cores = [
      { id: 11, neurons: firing(1, 12) },
      { id: 12, neurons: [] },
    ];
    const { timeNs, timer } = timeOf({ cores }, smallMesh(16), timedProfile);
    const generationNs = 6 + 3.7 + 30 + 5.1;
    // From x = 2, y = 1 of the first chip to x = 0, y = 0 of the second: a border, and a hop south.
    assert.equal((timeNs - timer.barrierNs).toFixed(6), (generationNs + 41 + 6.5 + 16 + 3.8).toFixed(6));
  });

  test("leaves a step untimed in which a message goes a way without a time", () => {
    const cores = [
      { id: 11, neurons: firing(1, 12) },
      { id: 12, neurons: firing(1, 12) },
    ];
    const { timer, timeNs, core, phase } = timeOf({ cores }, smallMesh(16), nahukuFit);
    assert.deepEqual({ timeNs, core, phase }, { timeNs: NaN, core: -1, phase: 0 });
    assert.ok(timer.untimed.includes("hopChip"));
    assert.equal(timer.lastMessages!.count, 0);
  });

  test("leaves a step untimed in which an input neuron sits on a core that has no time for it", () => {
    const cores = [{ id: 0, neurons: [{ status: 0, isInput: true, routes: [] } as const] }];
    const { timer, timeNs } = timeOf({ cores }, loihi1, nahukuFit);
    assert.equal(timeNs, NaN);
    assert.ok(timer.untimed.includes("inputAccess"));
  });

  test("refuses a target that does not say how much a link holds, one that copies messages, and rates", () => {
    const { context } = stepOf({ cores: [{ id: 0, neurons: [] }] }, loihi1, nahukuFit);
    const { noc, ...unknown } = loihi1;
    const refusal = (change: object): string | undefined =>
      detailed.refuses!({ ...context, ...change })?.code;
    assert.equal(refusal({ target: unknown }), "timing/buffer-unknown");
    assert.equal(
      refusal({ target: { ...loihi1, noc: { ...noc, cast: "multicast" } } }),
      "timing/multicast-unsupported",
    );
    assert.equal(refusal({ rates: { neuronNs: 1 } }), "timing/rate-unknown");
    assert.equal(refusal({}), undefined);
  });
});
