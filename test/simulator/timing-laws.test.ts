// Laws with rates of their own, by hand.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { cycles } from "#simulator/timing/cycles";
import { deadline } from "#simulator/timing/deadline";
import { LinkMessages } from "#simulator/timing/link-messages";
import { maxAffine } from "#simulator/timing/max-affine";
import { linkLoads, type Flow } from "#simulator/timing/noc/links";
import { pipeline } from "#simulator/timing/pipeline";
import { PHASES, type StepTime, type TimingModel } from "#simulator/timing/timing";
import { checkTarget } from "#targets/check";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { targetSchema } from "#targets/schema";
import type { Profile, Quantity, Target } from "#targets/target";
import { stepOf, type NeuronSpec, type RouteSpec, type StepSpec } from "#test/step-activity";
import { given, randomStep, smallMesh } from "#test/step-arbitrary";

type Rates = Readonly<Record<string, number>>;

function decided(
  model: TimingModel,
  spec: StepSpec,
  rates: Rates,
  { target = loihi1, profile = nahukuFit }: { target?: Target; profile?: Profile } = {},
): [timeNs: number, core: number, phase: string] {
  const { context, activity } = stepOf(spec, target, profile);
  assert.equal(model.refuses!({ ...context, rates }), undefined);
  const out: StepTime = { timeNs: 0, core: 0, phase: 0 };
  model.prepare({ ...context, rates }).time(activity, out);
  return [Number(out.timeNs.toFixed(6)), out.core, PHASES[out.phase]];
}

function idle(count: number): NeuronSpec[] {
  return Array.from({ length: count }, () => ({ status: 0, routes: [] }));
}

function firing(count: number, ...routes: RouteSpec[]): NeuronSpec[] {
  return Array.from({ length: count }, () => ({ status: 2, routes }));
}

describe("max-affine", () => {
  const rates = {
    neuronNs: 2,
    synapseNs: 1,
    wordNs: 3,
    linkNsPerBit: 0.25,
    messageBits: 32,
    barrierNs: 100,
  };
  // On the 3 x 2 mesh of two cores a tile: core 0 sits at (0, 0), core 2 at (0, 1), core 8 at (2, 0), core 10 at (2, 1).
  const target = smallMesh(16);

  test("takes the barrier for a step in which no bound is larger", () => {
    assert.deepEqual(decided(maxAffine, { cores: [{ id: 0, neurons: idle(50) }] }, rates), [
      100,
      -1,
      "barrier",
    ]);
  });

  test("takes the core with the most neurons", () => {
    const cores = [
      { id: 0, neurons: idle(60) },
      { id: 1, neurons: idle(70) },
    ];
    assert.deepEqual(decided(maxAffine, { cores }, rates), [140, 1, "generation"]);
  });

  test("takes the core with the most synaptic operations, of any encoding", () => {
    const cores = [
      { id: 0, neurons: firing(4, { to: 1, dense: 50, sparse: 20, runLength: 5, words: 24 }) },
      { id: 1, neurons: [] },
    ];
    assert.deepEqual(decided(maxAffine, { cores }, rates), [300, 1, "reception"]);
  });

  test("takes the core that reads the most words, where that takes longer", () => {
    const cores = [
      { id: 0, neurons: firing(4, { to: 1, sparse: 75, words: 26 }) },
      { id: 1, neurons: [] },
    ];
    assert.deepEqual(decided(maxAffine, { cores }, rates), [312, 1, "reception"]);
  });

  test("takes the fullest link: of a sender, of a receiver, or between routers", () => {
    const bound = (spec: StepSpec): [number, number, string] =>
      decided(maxAffine, spec, { ...rates, barrierNs: 0, neuronNs: 0 }, { target });
    const silent = [2, 8, 10].map((id) => ({ id, neurons: [] }));
    // Core 0 sends 5 x 3 messages of 8 ns each.
    const spread = firing(5, { to: 2 }, { to: 8 }, { to: 10 });
    assert.deepEqual(bound({ cores: [{ id: 0, neurons: spread }, ...silent] }), [15 * 8, 0, "network"]);
    // Rows are cores 0, 2, 3, 8: core 8 gets 3 + 4 messages, and 2 from the host.
    const meet = [
      { id: 0, neurons: firing(3, { to: 8 }) },
      { id: 2, neurons: firing(4, { to: 8 }) },
      { id: 3, neurons: [] },
      { id: 8, neurons: [] },
    ];
    assert.deepEqual(bound({ cores: meet, host: [{ to: 8 }, { to: 8 }] }), [9 * 8, 3, "network"]);
    // Cores 0 and 1 share the way from (0, 0) to (1, 0), and part on column 2: rows 0 to 3.
    const share = [
      { id: 0, neurons: firing(3, { to: 8 }) },
      { id: 1, neurons: firing(4, { to: 10 }) },
      { id: 8, neurons: [] },
      { id: 10, neurons: [] },
    ];
    assert.deepEqual(bound({ cores: share }), [7 * 8, 0, "network"]);
  });

  test("counts a message once on a link that its copies share, where the mesh copies messages", () => {
    const copying: Target = { ...target, noc: { ...target.noc!, cast: "multicast" } };
    const spec: StepSpec = {
      cores: [
        { id: 0, neurons: firing(3, { to: 8 }, { to: 9 }, { to: 10 }) },
        { id: 8, neurons: [] },
        { id: 9, neurons: [] },
        { id: 10, neurons: [] },
      ],
    };
    const zero = { ...rates, barrierNs: 0, neuronNs: 0 };
    assert.deepEqual(decided(maxAffine, spec, zero, { target }), [9 * 8, 0, "network"]);
    assert.deepEqual(decided(maxAffine, spec, zero, { target: copying }), [3 * 8, 0, "network"]);
  });

  test("has a rate of its own for links between chips, and needs it only there", () => {
    // Core 9 is at x = 2 of the first chip, core 12 at x = 0 of the second.
    const spec: StepSpec = {
      cores: [
        { id: 9, neurons: firing(1, { to: 12 }) },
        { id: 12, neurons: [] },
      ],
    };
    const { context } = stepOf(spec, target, nahukuFit);
    const refusal = maxAffine.refuses!({ ...context, rates });
    assert.deepEqual(
      [refusal?.code, refusal?.data?.["missing"]],
      ["timing/rates-missing", ["chipLinkNsPerBit"]],
    );
    const given = { ...rates, chipLinkNsPerBit: 5 };
    assert.deepEqual(decided(maxAffine, spec, given, { target }), [160, 0, "network"]);
  });

  test("says which rates are missing, and how to give them", () => {
    const { context } = stepOf({ cores: [{ id: 0, neurons: [] }] }, loihi1, nahukuFit);
    const refusal = maxAffine.refuses!({ ...context, rates: { neuronNs: 1, wordNs: 1, barrierNs: 200 } })!;
    assert.equal(refusal.code, "timing/rates-missing");
    assert.deepEqual(refusal.data, {
      model: "max-affine",
      profile: "nahuku-fit",
      missing: ["synapseNs", "linkNsPerBit", "messageBits"],
    });
    assert.match(refusal.message, /synapseNs \(time of a synaptic operation\)/);
    assert.match(refusal.hint!, /--rates synapseNs=value,linkNsPerBit=value,messageBits=value/);
  });

  test("takes rates from the profile, and the user's before them", () => {
    const profile: Profile = {
      ...nahukuFit,
      laws: {
        "max-affine": {
          neuronNs: given(0.002, "us"),
          synapseNs: given(1, "ns"),
          wordNs: given(1, "ns"),
          linkNsPerBit: given(1, "ns"),
          messageBits: given(32, "bit"),
          barrierNs: given(0.1, "us"),
        },
      },
    };
    const spec: StepSpec = { cores: [{ id: 0, neurons: idle(60) }] };
    assert.deepEqual(decided(maxAffine, spec, {}, { profile }), [120, 0, "generation"]);
    assert.deepEqual(decided(maxAffine, spec, { neuronNs: 5 }, { profile }), [300, 0, "generation"]);
  });

  test("refuses a rate that is below 0 or no number", () => {
    const { context } = stepOf({ cores: [{ id: 0, neurons: [] }] }, loihi1, nahukuFit);
    for (const value of [-1, NaN, Infinity])
      assert.equal(
        maxAffine.refuses!({ ...context, rates: { ...rates, wordNs: value } })?.code,
        "timing/rate-negative",
      );
  });
});

describe("messages over links", () => {
  const DIRECTIONS = ["east", "west", "north", "south"];

  for (const cast of ["unicast", "multicast"] as const) {
    test(`agree with the loads that the mesh itself reports, ${cast}`, () => {
      const target: Target = { ...smallMesh(4), noc: { ...smallMesh(4).noc!, cast } };
      const { columns, rows } = target.mesh;
      fc.assert(
        fc.property(randomStep, (spec) => {
          const { context, activity } = stepOf(spec, target, nahukuFit);
          const links = new LinkMessages(target, context.coreIds, context.tables);
          // Twice: a step does not remember the one before.
          links.count(activity.messages);
          links.count(activity.messages);
          const ours: string[] = [];
          links.between.forEach((messages, link) => {
            const tile = Math.floor(link / 4);
            const at = `${Math.floor(tile / rows)},${tile % rows} ${DIRECTIONS[link % 4]}`;
            if (messages > 0) ours.push(`${at} ${messages}`);
          });
          const flows = spec.cores.flatMap(({ id, neurons }): Flow[] =>
            neurons
              .filter(({ status, routes }) => status === 2 && routes.length > 0)
              .map(({ routes }) => ({ from: id, to: routes.map(({ to }) => to), messages: 1 })),
          );
          const theirs = linkLoads(target, flows).links.map(
            ({ chip, fromTile, direction, messages }) =>
              `${chip * columns + Math.floor(fromTile / rows)},${fromTile % rows} ${direction} ${messages}`,
          );
          assert.deepEqual(ours.toSorted(), theirs.toSorted());
        }),
        { numRuns: 50 },
      );
    });
  }
});

describe("cycles", () => {
  const rates = { cycleNs: 20, inputs: 16 };
  /** Cycles with the margin, at 50 MHz. */
  const ns = (count: number): number => Number((count * 1.2 * 20).toFixed(6));

  test("visits every input in every step", () => {
    assert.deepEqual(decided(cycles, { cores: [] }, rates), [ns(16), -1, "barrier"]);
  });

  test("adds up the stages of the published law", () => {
    // 100 hidden neurons, of which 7 fire and reach 10 hidden neurons each; 8 read-out neurons; 5 input spikes.
    const recurrent = { to: 0, sparse: 10 };
    const readout = { to: 1, dense: 8 };
    const spec: StepSpec = {
      cores: [
        { id: 0, neurons: [...firing(7, recurrent, readout), ...idle(93)] },
        { id: 1, neurons: idle(8) },
      ],
      host: Array.from({ length: 5 }, () => ({ to: 0, dense: 100 })),
    };
    const input = 16 + 5 * 100 * 3.5;
    const hiddenSynapses = 7 * 10 * 7 + 100 * 3;
    const outputSynapses = 7 * (1 + 8 * 8);
    const hiddenNeurons = 100 * 19 + 7 * 3;
    const outputNeurons = 12 * 8;
    const total = input + hiddenSynapses + outputSynapses + hiddenNeurons + outputNeurons;
    // The neurons of core 0 take 300 + 455 + 1,921 = 2,676 cycles, its events 490 + 1,750 = 2,240.
    assert.deepEqual(decided(cycles, spec, rates), [ns(total), 0, "generation"]);
    const more = Array.from({ length: 7 }, () => ({ to: 0, dense: 100 }));
    assert.deepEqual(decided(cycles, { ...spec, host: more }, rates), [ns(total + 2 * 350), 0, "reception"]);
  });
});

describe("deadline", () => {
  const rates = { tickNs: 1000, neuronNs: 5, synapseNs: 2, messageNs: 10, spikeNs: 20 };

  test("takes a tick if all cores are through in time", () => {
    const spec: StepSpec = { cores: [{ id: 0, neurons: idle(200) }] };
    assert.deepEqual(decided(deadline, spec, rates), [1000, -1, "barrier"]);
  });

  test("takes as long as the slowest core if not, and adds up what a core does", () => {
    const late = (neurons: number, events: number): [number, number, string] =>
      decided(
        deadline,
        {
          cores: [
            { id: 0, neurons: firing(10, { to: 1, sparse: events }) },
            { id: 1, neurons: idle(neurons) },
          ],
        },
        rates,
      );
    assert.deepEqual(late(20, 60), [20 * 5 + 10 * (10 + 60 * 2), 1, "reception"]);
    assert.deepEqual(late(400, 10), [400 * 5 + 10 * (10 + 10 * 2), 1, "generation"]);
    const sender = { cores: [{ id: 0, neurons: firing(50) }] };
    assert.deepEqual(decided(deadline, sender, rates), [50 * (5 + 20), 0, "generation"]);
    // The sender has 10 x (5 + 20) ns of work, and less than the tick.
    assert.deepEqual(late(0, 0), [1000, -1, "barrier"]);
  });
});

describe("pipeline", () => {
  const rates = { synapseNs: 30 };
  const spec = (first: number, second: number): StepSpec => ({
    cores: [
      { id: 0, neurons: [] },
      { id: 1, neurons: firing(1, { to: 2, sparse: second }) },
      { id: 2, neurons: [] },
    ],
    host: [{ to: 0, sparse: first }],
  });

  test("takes the slowest core, each at its own pace", () => {
    assert.deepEqual(decided(pipeline, spec(40, 30), rates), [1200, 0, "reception"]);
    assert.deepEqual(decided(pipeline, spec(40, 30), { ...rates, firstCoreSynapseNs: 10 }), [
      900,
      2,
      "reception",
    ]);
  });

  test("takes at least the way through a layer, if anything happens", () => {
    const slow = { ...rates, layerNs: 1580 };
    assert.deepEqual(decided(pipeline, spec(40, 30), slow), [1580, 0, "network"]);
    assert.deepEqual(decided(pipeline, { cores: [{ id: 0, neurons: idle(9) }] }, slow), [0, -1, "barrier"]);
  });
});

describe("a profile", () => {
  const withRates = (rates: Readonly<Record<string, Quantity>>): Target => ({
    ...loihi1,
    profiles: loihi1.profiles.map((profile) => ({
      ...profile,
      law: "deadline" as const,
      laws: { deadline: rates },
    })),
  });

  test("may hold the rates of a law, in the unit of their names", () => {
    const target = withRates({ tickNs: given(1000, "us"), neuronNs: given(5, "ns") });
    assert.deepEqual(targetSchema.parse(target), target);
    assert.deepEqual(checkTarget(target), []);
    const wrong = checkTarget(withRates({ tickNs: given(1, "count") }));
    assert.deepEqual(new Set(wrong.map(({ code }) => code)), new Set(["targets/wrong-unit"]));
  });

  test("may not hold rates that the law does not have", () => {
    assert.equal(targetSchema.safeParse(withRates({ tikNs: given(1, "ns") })).success, false);
  });
});
