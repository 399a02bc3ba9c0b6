// The published numbers once more, as plain lists: a slip of the finger in the data shows here.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { akida } from "#targets/akida/index";
import { darwin3 } from "#targets/darwin3/index";
import { findTarget, TARGETS } from "#targets/index";
import { energyPj, timeNs } from "#targets/quantity";
import { spinnaker1 } from "#targets/spinnaker1/index";
import { spinnaker2 } from "#targets/spinnaker2/index";
import { coresPerChip, PRICED_ACTIONS, type Profile, type Target } from "#targets/target";
import { tianjic } from "#targets/tianjic/index";
import { DiagnosticSink } from "#util/diagnostic";

const wallsOf = ({ walls }: Target): Record<string, number> =>
  Object.fromEntries(
    Object.entries(walls).flatMap(([resource, wall]) => (wall === null ? [] : [[resource, wall.value]])),
  );
const energiesOf = ({ energy }: Profile): Record<string, number> =>
  Object.fromEntries(
    PRICED_ACTIONS.flatMap((action) => (energy[action] === null ? [] : [[action, energyPj(energy[action])]])),
  );
const synapses = (pj: number): Record<string, number> => ({
  synapseDense: pj,
  synapseSparse: pj,
  synapseRunLength: pj,
  synapseConv: pj,
});

test("what is experimental, or only reported", () => {
  const named = (status: string): string[] =>
    TARGETS.filter((target) => target.status === status).map(({ name }) => name);
  assert.deepEqual(named("report-only"), ["akida"]);
  for (const name of ["darwin3", "tianjic", "spinnaker2"]) assert.ok(named("experimental").includes(name));
});

describe("spinnaker1", () => {
  test("has the memory, the routing table and the delays of the machine", () => {
    assert.equal(coresPerChip(spinnaker1), 16);
    assert.equal(spinnaker1.die?.memory?.value, 123_469_792);
    assert.equal(spinnaker1.chipMemory?.words?.value, 30_867_448);
    assert.equal(spinnaker1.chipMemory.routes?.value, 1023);
    assert.deepEqual(wallsOf(spinnaker1), { neuronWords: 16_384 });
    assert.equal(spinnaker1.budgets?.neurons?.value, 255);
    assert.equal(spinnaker1.maxDelaySteps.value, 16);
    assert.equal(spinnaker1.die.clock?.value, 200);
  });

  test("has the powers that were measured, and 1 nJ for a packet of 40 bits", () => {
    const [profile] = spinnaker1.profiles;
    assert.deepEqual(energiesOf(profile), { messageOut: 25 * 40 });
    assert.deepEqual([profile.staticPower.chip?.value, profile.staticPower.core?.value], [350, 34]);
    assert.equal(profile.law, "deadline");
    assert.equal(timeNs(profile.laws!.deadline!.tickNs!), 1e6);
  });
});

describe("spinnaker2", () => {
  test("has 152 cores with 128 KB, shared out by assumption", () => {
    assert.equal(coresPerChip(spinnaker2), 152);
    assert.equal(spinnaker2.die?.memory?.value, 128 * 1024);
    const { synapseWords, neuronWords } = wallsOf(spinnaker2);
    assert.equal(2 * (synapseWords + neuronWords) + 32 * 1024, 128 * 1024);
    assert.equal(spinnaker2.walls.synapseWords?.evidence, "assumed");
  });

  test("prices nothing but synaptic events, all-in and at second hand", () => {
    const [profile] = spinnaker2.profiles;
    assert.deepEqual(energiesOf(profile), synapses(10));
    assert.equal(profile.energy.synapseSparse?.scope, "all-in");
    assert.equal(profile.energy.synapseSparse.evidence, "secondary");
  });
});

test("darwin3 has 2.35 million neurons and 5.47 pJ for one more synaptic event at 0.8 V and 333 MHz", () => {
  const neurons = coresPerChip(darwin3) * darwin3.walls.neurons!.value;
  assert.ok(Math.abs(neurons / 2.35e6 - 1) < 0.01, String(neurons));
  const { synapseSparse } = darwin3.profiles[0].energy;
  assert.deepEqual([synapseSparse?.value, synapseSparse?.scope], [5.47, "incremental"]);
  assert.deepEqual([synapseSparse?.op?.["voltage"], synapseSparse?.op?.["freqMHz"]], [0.8, 333]);
});

test("tianjic has 156 cores of 256 neurons, 22 KB, 32 weights, and rounds of 5,050 clocks at 300 MHz", () => {
  assert.equal(coresPerChip(tianjic), 156);
  assert.deepEqual(wallsOf(tianjic), {
    neurons: 256,
    axonsIn: 256,
    fanIn: 256,
    fanOut: 256,
    synapseWords: (22 * 1024) / 4,
  });
  assert.ok(tianjic.packers[0].formula === "codebook");
  assert.equal(tianjic.packers[0].codebook?.entries, 32);
  assert.ok(Math.abs(timeNs(tianjic.profiles[0].barrier[0].time) - (5050 / 300) * 1000) < 1);
  assert.deepEqual(energiesOf(tianjic.profiles[0]), synapses(1.54));
});

test("akida says what its vendor's mapper made of two networks", () => {
  const text = akida.caveats!.join(" ");
  for (const figure of ["65 processors", "88,748 B", "68", "1,361,244 B"]) assert.ok(text.includes(figure));
  assert.equal(coresPerChip(akida), 80);
  assert.equal(akida.profiles[0].staticPower.io?.value, 914);
});

describe("generic-digital-45nm", () => {
  const sink = new DiagnosticSink();
  const target = (name: string): Target => findTarget(name, sink)!;

  test("knows the rule of 0.9 and 4.6 pJ", () => {
    const bare = target("generic-digital-45nm").profiles.find(({ name }) => name === "ac-mac")!;
    assert.deepEqual(energiesOf(bare), { ...synapses(0.9), neuronUpdate: 4.6 });
  });

  test("prices accesses by the size of the memory", () => {
    for (const [memoryKB, pj] of [
      [8, 10],
      [32, 20],
      [1024, 100],
    ]) {
      const { profiles } = target(`generic-digital-45nm:memoryKB=${memoryKB}`);
      assert.deepEqual(energiesOf(profiles[0]), {
        ...synapses(0.03),
        synapseWordRead: pj,
        neuronAccess: 2 * pj,
        neuronUpdate: 3.2,
      });
    }
    const dram = target("generic-digital-45nm").profiles.find(({ name }) => name === "dram")!;
    assert.deepEqual([dram.energy.synapseWordRead?.value, dram.energy.synapseWordRead?.band], [1300, [1, 2]]);
  });

  test("meets no wall", () => {
    assert.deepEqual(wallsOf(target("generic-digital-45nm")), {});
  });
});
