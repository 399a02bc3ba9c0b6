// Times of the golden cases, every step rebuilt from the neurons of the case, and every message compared.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { detailed } from "#simulator/timing/detailed";
import { simple } from "#simulator/timing/simple";
import type { MessageTimes, StepTime, StepTimer } from "#simulator/timing/timing";
import { goldenSetup, sanafeGoldenCases, type Expected } from "#test/sanafe-golden";
import { stepsOfGolden } from "#test/sanafe-steps";
import { stepOf, type Step } from "#test/step-activity";

/** Printed with 7 digits. */
const PRINTED = 2e-6;
/** Where the peer's order of messages that are sent at the same time is its library's: share of a step, by case. */
const TIES: Readonly<Record<string, number>> = {
  fc_layers: 5e-3,
  loihi_constants: 5e-3,
  congested_mesh: 2e-2,
};
/** Where some step begins with a message that is ready alone; elsewhere there may be none whose times can be compared. */
const COMPARABLE = ["lif_semantics", "fc_layers", "recurrent_ei", "loihi_constants"];
/** Messages have 6 digits, and times that are sums of many may differ in the last. */
const MESSAGE_PRINTED = 1e-5;
const NS = 1e9;

const cases = sanafeGoldenCases();

describe.skipIf(cases === undefined)("sanafe times", () => {
  for (const golden of cases ?? []) {
    const { name, expected, timesteps } = golden;

    test(`sanafe ${name}: simple and detailed times of every step, and every message`, () => {
      const setup = goldenSetup(golden);
      const [profile] = setup.target.profiles;
      const steps = stepsOfGolden(setup, timesteps).map((spec) => stepOf(spec, setup.target, profile));
      const [simpleTimer, timer] = [simple, detailed].map((model) => model.prepare(steps[0].context));
      const rows = rowsOf(expected);
      let different = 0;
      let messages = 0;
      let compared = 0;
      steps.forEach((step, t) => {
        const what = `${name}, step ${t + 1}`;
        const fired = step.activity.messages.status.reduce((sum, status) => sum + (status === 2 ? 1 : 0), 0);
        assert.equal(fired, expected.per_timestep["fired"][t], what);
        const simpleNs = timeOf(simpleTimer, step);
        assertClose(simpleNs, expected.per_timestep["time_simple"][t] * NS, PRINTED, what);
        const detailedNs = timeOf(timer, step);
        const expectedNs = expected.per_timestep["time_detailed"][t] * NS;
        assertClose(detailedNs, expectedNs, TIES[name] ?? PRINTED, what);
        if (Math.abs(detailedNs - expectedNs) > PRINTED * expectedNs) different++;
        const ofStep = rows.get(t + 1);
        if (ofStep === undefined) return;
        messages += ofStep.length;
        compared += compareMessages(timer.lastMessages!, ofStep, step.context.coreIds, setup.coreOf, what);
      });
      assert.ok(!COMPARABLE.includes(name) || compared > 0, `none of ${messages} messages could be compared`);
      assert.ok(different <= 2 || name === "congested_mesh", `${different} steps differ`);
    });
  }
});

type Row = Readonly<Record<string, number | null>>;

/** By step. */
function rowsOf({ messages_detailed: messages }: Expected): Map<number, Row[]> {
  const byStep = new Map<number, Row[]>();
  for (const values of messages?.rows ?? []) {
    const row: Row = Object.fromEntries(messages!.columns.map((column, i) => [column, values[i]]));
    byStep.set(row["timestep"]!, [...(byStep.get(row["timestep"]!) ?? []), row]);
  }
  return byStep;
}

function timeOf(timer: StepTimer, { activity }: Step): number {
  const out: StepTime = { timeNs: 0, core: 0, phase: 0 };
  timer.time(activity, out);
  return out.timeNs;
}

/**
 * Both in the order in which each core sends. From the first moment at which two things happen at the same time, the
 * peer's times depend on its library and on rounding; from there on only senders and receivers are compared.
 *
 * @returns number of messages whose times were compared
 */
function compareMessages(
  times: MessageTimes,
  rows: readonly Row[],
  coreIds: Uint32Array,
  coreOf: (core: number) => number,
  what: string,
): number {
  const tieNs = firstTieNs(times);
  let compared = 0;
  assert.equal(times.count, rows.length, `${what}: messages`);
  coreIds.forEach((id, row) => {
    const ours = Array.from({ length: times.count }, (_, i) => i).filter((i) => times.from[i] === row);
    const theirs = rows
      .filter((message) => coreOf(message["src_core"]!) === id)
      .toSorted((a, b) => a["send"]! - b["send"]!);
    assert.equal(ours.length, theirs.length, what);
    ours.forEach((i, k) => {
      const message = theirs[k];
      const at = `${what}, core ${id}, message ${k}`;
      assert.equal(
        times.to[i] < 0 ? -1 : coreIds[times.to[i]],
        message["dst_core"]! < 0 ? -1 : coreOf(message["dst_core"]!),
        at,
      );
      if (times.sendNs[i] - times.blockedNs[i] > tieNs - SAME_NS) return;
      compared++;
      assertClose(times.sendNs[i], message["send"]! * NS, MESSAGE_PRINTED, `${at}, sent`);
      const blockedNs = message["blocking_delay"]! * NS;
      // A way may be too full by a rounding error.
      if (Math.max(times.blockedNs[i], blockedNs) > SAME_NS)
        assertClose(times.blockedNs[i], blockedNs, MESSAGE_PRINTED, `${at}, held up`);
      if (message["received"] === null) return;
      assertClose(times.receivedNs[i], message["received"]! * NS, MESSAGE_PRINTED, `${at}, received`);
      assertClose(times.processedNs[i], message["processed"]! * NS, MESSAGE_PRINTED, `${at}, processed`);
    });
  });
  return compared;
}

/** Times closer than this are equal but for rounding. */
const SAME_NS = 1e-6;

/**
 * When a message is first ready at the same time as another one is ready or received. What a core does after its last
 * message disturbs nobody.
 */
function firstTieNs(times: MessageTimes): number {
  const messages = Array.from({ length: times.count }, (_, i) => ({
    to: times.to[i],
    readyNs: times.sendNs[i] - times.blockedNs[i],
    receivedNs: times.receivedNs[i],
  })).filter(({ to }) => to >= 0);
  const isTie = (message: (typeof messages)[number]): boolean =>
    messages.some(
      (other) =>
        other !== message &&
        (Math.abs(other.readyNs - message.readyNs) < SAME_NS ||
          Math.abs(other.receivedNs - message.readyNs) < SAME_NS),
    );
  return Math.min(Infinity, ...messages.filter(isTie).map(({ readyNs }) => readyNs));
}

function assertClose(actual: number, expected: number, share: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= share * Math.abs(expected), `${what}: ${actual} for ${expected}`);
}
