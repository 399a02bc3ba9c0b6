import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile } from "#compiler/index";
import type { Deployment } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { priceRun } from "#simulator/energy";
import { ACTIONS, type RunResult } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import {
  createChromeTrace,
  createMembraneRecorder,
  type ChromeTraceOptions,
  type TraceSummary,
} from "#simulator/trace/index";
import { loihi1 } from "#targets/loihi1/index";
import type { Profile } from "#targets/target";
import { deploymentOf, spikesOf } from "#test/deployments";
import { randomQuantized, randomSpikes } from "#test/networks";
import { checkedTrace, type CheckedEvent, type CheckedTrace } from "#test/trace-events";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { PROFILE, randomRun, type RandomRun } from "./random-run.ts";

const profile = loihi1.profiles[0];
/** A layer on a core each: more cores than a tile has. */
const SIZES = [4, 5, 3, 6, 4, 3];

interface Traced {
  readonly run: RunResult;
  readonly trace: CheckedTrace;
  readonly summary: TraceSummary;
}

function traced(
  deployment: Deployment,
  inputs: Readonly<Record<string, SpikeData>>,
  options: Partial<ChromeTraceOptions> = {},
): Traced {
  let text = "";
  const { timing = "simple" } = options;
  const trace = createChromeTrace({
    deployment,
    target: loihi1,
    profile,
    timing,
    ...options,
    emit: (piece) => (text += piece),
  });
  const own = options.profile ?? profile;
  const run = simulate(deployment, loihi1, own, inputs, { timing, observe: trace.observe });
  const summary = trace.finish();
  return { run, trace: checkedTrace(text), summary };
}

function randomCase(
  seed: number,
  samples = 2,
): { deployment: Deployment; inputs: Record<string, SpikeData> } {
  const rng = createRng(seed);
  const network = randomQuantized(rng, { recurrent: true, maxDelaySteps: 2, sizes: SIZES });
  const { deployment } = compile(network, loihi1, { share: "never" }, new DiagnosticSink());
  return {
    deployment,
    inputs: { in: randomSpikes(rng, network.populations[0].shape, { steps: 8, samples }) },
  };
}

/** Populations on up to four tiles of a chip. */
function scatteredCase(seed: number): Pick<RandomRun, "deployment" | "inputs"> {
  for (let s = seed; ; s++) {
    const { deployment, inputs, target } = randomRun(s);
    if (target === loihi1 && deployment.cores.length > 2 && deployment.cores.every(({ core }) => core < 128))
      return { deployment, inputs };
  }
}

/** Two neurons on tiles of their own: the input makes ping fire in step 1, which reaches pong in step 2. */
function pingPong(): { deployment: Deployment; inputs: Record<string, SpikeData> } {
  const deployment = deploymentOf({
    inputs: [{ name: "in", size: 1 }],
    populations: [
      { name: "ping", size: 1 },
      { name: "pong", size: 1, core: () => 8 },
    ],
    projections: [
      { pre: "in", post: "ping", synapses: [{ pre: 0, post: 0, weight: 2 }] },
      { pre: "ping", post: "pong", synapses: [{ pre: 0, post: 0, weight: 2 }] },
    ],
  });
  return { deployment, inputs: { in: spikesOf(4, 1, [[0, 0]]) } };
}

describe("a Chrome trace", () => {
  for (const timing of ["simple", "detailed"])
    test(`it is legal, and adds up to the run, with "${timing}" timing`, () => {
      let slices = 0;
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const { deployment, inputs } = randomCase(seed);
          const { run, trace, summary } = traced(deployment, inputs, { timing, window: { samples: [0, 2] } });
          assert.equal(summary.cutAt, undefined);
          assert.equal(summary.events, trace.events.length);
          const steps = trace.named("X", /^step /);
          assert.equal(steps.length, run.samples * run.steps);
          steps.forEach(({ dur, args }, s) => {
            assert.ok(
              Math.abs(dur! * 1000 - run.stepNs[s]) <= 1e-3,
              "a step is as long as the timing model says",
            );
            assert.deepEqual([args?.["sample"], args?.["step"]], [Math.floor(s / run.steps), s % run.steps]);
          });
          assert.equal(trace.named("B", /^sample /).length, run.samples);
          const total = (name: string, key: string): number =>
            trace.named("C", name).reduce((sum, { args }) => sum + (args?.[key] as number), 0);
          assert.equal(total("messages", "cores"), counted(run, "messageOut"));
          assert.equal(total("messages", "host"), counted(run, "inputMessage"));
          assert.equal(total("spikes", "spikes"), counted(run, "spikeOut"));
          const { dynamicPj } = priceRun(run, profile, loihi1);
          assert.ok(Math.abs(total("dynamic energy, pJ", "pJ") - dynamicPj) <= 1e-9 * dynamicPj);
          slices += trace.named("X", "generation").length + trace.named("X", "reception").length;
        }),
        { numRuns: 40 },
      );
      assert.ok(slices > 1000, `only ${slices} slices of cores were seen`);
    });

  test("it shows what cores do as long as prices say, each half of a core on a thread of its own", () => {
    const { deployment, inputs } = pingPong();
    const { trace, run } = traced(deployment, inputs);
    const first = trace.named("X", "reception")[0];
    assert.equal(trace.threadName(first), "core 0, taking in");
    const [step] = trace.named("X", "step 0");
    assert.equal(step.args?.["decidedBy"], "core 0");
    assert.ok(first.dur! > 0 && first.ts + first.dur! <= step.ts + step.dur!);
    const sending = trace
      .named("X", "generation")
      .filter((event) => trace.threadName(event) === "core 0, sending");
    assert.equal(sending.length, run.steps);
    // In the step in which it fires, it also sends.
    const longest = sending.toSorted((a, b) => b.dur! - a.dur!)[0];
    assert.deepEqual(longest.args, { neuronAccess: 1, neuronUpdate: 1, spikeOut: 1, messageOut: 1 });
    assert.equal(trace.otherData["timing"], "simple");
    assert.equal(trace.named("b", /./).length, 0);
  });

  test("it shows each message on its way where the timing model follows messages", () => {
    const { deployment, inputs } = pingPong();
    const { trace } = traced(deployment, inputs, { timing: "detailed" });
    const [message, ...others] = trace.named("b", /./);
    assert.deepEqual(others, []);
    assert.equal(message.name, "core 0 to core 8");
    const [end] = trace.named("e", /./);
    const received = trace
      .named("X", "reception")
      .find((event) => trace.threadName(event) === "core 8, taking in");
    assert.ok(end.ts > message.ts);
    assert.equal(received?.ts, end.ts);
  });

  test("it draws the first messages of a step, counts them all, and says how many are missing", () => {
    let leftOut = 0;
    for (let seed = 0; seed < 20; seed++) {
      const { deployment, inputs } = randomCase(seed);
      const all = traced(deployment, inputs, { timing: "detailed" });
      const few = traced(deployment, inputs, { timing: "detailed", maxMessagesPerStep: 1 });
      const missing = all.trace.named("b", /./).length - few.trace.named("b", /./).length;
      assert.equal(all.summary.messagesLeftOut, 0);
      assert.equal(few.summary.messagesLeftOut, missing);
      assert.deepEqual(few.trace.named("C", "messages"), all.trace.named("C", "messages"));
      leftOut += missing;
    }
    assert.ok(leftOut > 50, `only ${leftOut} messages were left out`);
  });

  test("it counts what every link carries in each step where the timing model follows links", () => {
    let carried = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { deployment, inputs } = scatteredCase(seed);
        const { run, trace, summary } = traced(deployment, inputs, {
          timing: "noc",
          profile: PROFILE,
          window: { samples: [0, 3] },
        });
        assert.equal(summary.linksLeftOut, 0);
        const steps = linkLoads(trace);
        assert.equal(steps.length, run.samples * run.steps);
        const seen: Map<string, number>[] = [];
        simulate(deployment, loihi1, PROFILE, inputs, {
          timing: "noc",
          observeCounts: ({ links }) => {
            seen.push(
              new Map(
                links!.links.flatMap(({ chip, fromTile, toTile, direction }, link) => {
                  const messages = links!.stepMessages[link];
                  const name = `chip ${chip} tile ${fromTile} to tile ${toTile} (${direction})`;
                  return messages === 0 ? [] : [[name, messages]];
                }),
              ),
            );
          },
        });
        assert.deepEqual(steps, seen);
        const all = steps.reduce((sum, loads) => sum + [...loads.values()].reduce((a, b) => a + b, 0), 0);
        assert.equal(all, counted(run, "hopEastWest") + counted(run, "hopNorthSouth"));
        carried += all;
      }),
      { numRuns: 20 },
    );
    assert.ok(carried > 500, `only ${carried} messages crossed links`);
  });

  test("it gives the first links that carry something a counter, and says how many have none", () => {
    let leftOut = 0;
    for (let seed = 0; seed < 10; seed++) {
      const { deployment, inputs } = scatteredCase(seed);
      const all = traced(deployment, inputs, { timing: "noc", profile: PROFILE });
      const one = traced(deployment, inputs, { timing: "noc", profile: PROFILE, maxLinks: 1 });
      const names = [...new Set(linkCounters(all.trace).map(({ name }) => name))];
      assert.deepEqual(
        linkCounters(one.trace),
        linkCounters(all.trace).filter(({ name }) => name === names[0]),
      );
      assert.equal(one.summary.linksLeftOut, Math.max(0, names.length - 1));
      assert.equal(one.trace.otherData["linksLeftOut"], one.summary.linksLeftOut);
      leftOut += one.summary.linksLeftOut;
    }
    assert.ok(leftOut > 5, `only ${leftOut} links were left out`);
    const { deployment, inputs } = randomCase(0);
    assert.deepEqual(linkCounters(traced(deployment, inputs, { timing: "detailed" }).trace), []);
  });

  test("it holds the window's samples and steps only, and begins at 0", () => {
    const { deployment, inputs } = randomCase(3, 4);
    const window = { samples: [1, 3], steps: [2, 5] } as const;
    const { trace, summary, run } = traced(deployment, inputs, { window });
    const shown = trace.named("X", /^step /).map(({ args }) => [args?.["sample"], args?.["step"]]);
    const wanted = [1, 2].flatMap((sample) => [2, 3, 4].map((step) => [sample, step]));
    assert.deepEqual(shown, wanted);
    assert.equal(summary.steps, 6);
    const begins = trace.named("X", /^step /).map(({ ts }) => ts);
    assert.equal(begins[0], 0);
    const lasted = run.stepNs.subarray(run.steps + 2, run.steps + 5).reduce((sum, ns) => sum + ns, 0);
    assert.ok(Math.abs(begins[3] * 1000 - lasted) < 0.01, "time goes on without what is not shown");
  });

  test("it is cut in front of the step that does not fit, and stays legal", () => {
    const { deployment, inputs } = randomCase(5, 3);
    const window = { samples: [0, 3] } as const;
    const whole = traced(deployment, inputs, { window });
    fc.assert(
      fc.property(fc.integer({ min: 60, max: whole.summary.events + 5 }), (maxEvents) => {
        const { trace, summary } = traced(deployment, inputs, { window, maxEvents });
        assert.ok(trace.events.length <= maxEvents, `${trace.events.length} events, not ${maxEvents}`);
        const steps = trace.named("X", /^step /);
        assert.deepEqual(steps, whole.trace.named("X", /^step /).slice(0, steps.length));
        if (summary.cutAt === undefined) assert.equal(summary.steps, whole.summary.steps);
        else {
          const { sample, step } = summary.cutAt;
          assert.equal(sample * whole.run.steps + step, summary.steps);
          assert.deepEqual(trace.otherData["cutAt"], summary.cutAt);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("it draws steps without a time 1 us long, and says so", () => {
    const { deployment, inputs } = pingPong();
    const untimed: Profile = {
      ...profile,
      time: Object.fromEntries(ACTIONS.map((action) => [action, null])) as Profile["time"],
      inside: {},
    };
    const { trace, run } = traced(deployment, inputs, { profile: untimed });
    assert.ok(Number.isNaN(run.stepNs[0]));
    assert.deepEqual(
      trace.named("X", /^step /).map(({ ts, dur }) => [ts, dur]),
      Array.from({ length: run.steps }, (_, s) => [s, 1]),
    );
    assert.match(String(trace.otherData["untimedSteps"]), /^4 steps/);
  });

  test("it hands text on in pieces, however long it gets", () => {
    const { deployment, inputs } = randomCase(11, 40);
    let pieces = 0;
    let longest = 0;
    const trace = createChromeTrace({
      deployment,
      target: loihi1,
      profile,
      timing: "simple",
      window: { samples: [0, 40] },
      emit: (piece) => {
        pieces++;
        longest = Math.max(longest, piece.length);
      },
    });
    simulate(deployment, loihi1, profile, inputs, { observe: trace.observe });
    trace.finish();
    assert.ok(pieces > 3, `${pieces} pieces`);
    assert.ok(longest < 80_000, `a piece of ${longest} characters`);
  });
});

describe("membranes", () => {
  test("they are the state after each model step, in the machine's integers", () => {
    // Decay of u 4095: u is the input of the step; v keeps 1 - 2048 / 4096 of itself.
    const deployment = deploymentOf({
      inputs: [{ name: "in", size: 2 }],
      populations: [
        { name: "out", size: 2, startStep: 1, params: { vDecay: 2048, thresholdMantissa: 1000 } },
      ],
      projections: [
        {
          pre: "in",
          post: "out",
          synapses: [
            { pre: 0, post: 0, weight: 4 },
            { pre: 1, post: 1, weight: -6 },
          ],
        },
      ],
    });
    const inputs = {
      in: spikesOf(4, 2, [
        [0, 0],
        [2, 1],
      ]),
    };
    const sink = new DiagnosticSink();
    const requests = [
      { population: "out", state: "v" },
      { population: "out", state: "u" },
    ] as const;
    const recorder = createMembraneRecorder(deployment, requests, 4, {}, sink);
    assert.deepEqual(sink.diagnostics, []);
    simulate(deployment, loihi1, profile, inputs, { observe: recorder.observe });
    const [v, u] = recorder.records();
    // A weight of 4 drives u by 4 x 2^6.
    assert.deepEqual([...u.samples[0]], [256, 0, 0, 0, 0, -384, 0, 0]);
    assert.deepEqual([...v.samples[0]], [256, 0, 128, 0, 64, -384, 32, -192]);
    assert.deepEqual([v.shape, v.firstStep, v.firstSample], [[2], 0, 0]);
  });

  test("they keep to the window", () => {
    const { deployment, inputs } = randomCase(9, 3);
    const record = (window: object): Float64Array[] => {
      const requests = [{ population: "layer0", state: "v" }] as const;
      const recorder = createMembraneRecorder(deployment, requests, 8, window, new DiagnosticSink());
      simulate(deployment, loihi1, profile, inputs, { observe: recorder.observe });
      return [...recorder.records()[0].samples];
    };
    const all = record({ samples: [0, 3] });
    const some = record({ samples: [1, 3], steps: [3, 6] });
    const size = all[0].length / 8;
    assert.ok(all.some((trace) => trace.some((value) => value !== 0)));
    assert.deepEqual(
      some,
      all.slice(1).map((trace) => trace.slice(3 * size, 6 * size)),
    );
  });

  test("populations that are not on cores are named", () => {
    const { deployment } = pingPong();
    const sink = new DiagnosticSink();
    createMembraneRecorder(deployment, [{ population: "pin", state: "v" }], 4, {}, sink);
    assert.deepEqual(
      sink.diagnostics.map(({ code, message }) => [code, /"pin"/.test(message)]),
      [["simulate/record-unknown", true]],
    );
  });
});

const linkCounters = ({ named }: CheckedTrace): CheckedEvent[] => named("C", /^chip \d+ tile /);

/** Messages over each link in each step, as a viewer shows them: a counter holds its value until the next one. */
function linkLoads({ events }: CheckedTrace): Map<string, number>[] {
  const steps: Map<string, number>[] = [];
  const now = new Map<string, number>();
  for (const { ph, name, args } of events) {
    if (ph === "X" && name.startsWith("step ")) steps.push(new Map());
    else if (ph === "C" && name.startsWith("chip ")) now.set(name, args!["messages"] as number);
    else continue;
    const step = steps[steps.length - 1];
    step.clear();
    for (const [link, messages] of now) if (messages > 0) step.set(link, messages);
  }
  return steps;
}

function counted(run: RunResult, action: (typeof ACTIONS)[number]): number {
  let sum = 0;
  for (let at = ACTIONS.indexOf(action); at < run.counts.length; at += ACTIONS.length) sum += run.counts[at];
  return sum;
}
