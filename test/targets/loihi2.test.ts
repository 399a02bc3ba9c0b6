// Loihi 2: what Intel has published, what netx counts with, and times that are Loihi 1's by Intel's ratios.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { loihi2, loihi2Netx } from "#targets/loihi2/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { timeNs } from "#targets/quantity";
import { PRICED_ACTIONS, type PricedAction, type Profile, type Target } from "#targets/target";
import { RESOURCES, type Resource } from "#ir/block-graph";

const walls = (target: Target): Partial<Record<Resource, number>> =>
  Object.fromEntries(
    RESOURCES.flatMap((resource) => {
      const wall = target.walls[resource];
      return wall === null ? [] : [[resource, wall.value]];
    }),
  );
const profile = (name: string): Profile => loihi2.profiles.find((entry) => entry.name === name)!;

describe("loihi2", () => {
  test("has the two limits that Intel states, as upper bounds", () => {
    assert.deepEqual(walls(loihi2), { neurons: 8192, synapseWords: 16_384 });
    assert.equal((16_384 * 64) / 8 / 1024, 128);
    assert.deepEqual([loihi2.walls.neurons?.bound, loihi2.walls.synapseWords?.bound], ["max", "max"]);
  });

  test("has the capacities that netx counts with as a target of its own", () => {
    assert.deepEqual(walls(loihi2Netx), {
      neurons: 4096,
      synapseWords: 12_000,
      axonsIn: 16_000,
      axonsOut: 16_000,
      populations: 8,
    });
  });

  test("has no energy of its own in the profiles that are its own", () => {
    for (const name of ["candidate", "max-affine"])
      assert.ok(PRICED_ACTIONS.every((action) => profile(name).energy[action] === null));
  });

  test("has times that are those of Loihi 1 over 2, 5 or 10, or as they are, and says which", () => {
    const over: Partial<Record<PricedAction, number>> = {
      synapseDense: 5,
      synapseSparse: 5,
      synapseRunLength: 5,
      synapseConv: 5,
      neuronAccess: 2,
      neuronUpdate: 2,
      spikeOut: 10,
      messageIn: 1,
      messageOut: 1,
      hopEastWest: 1,
      hopNorthSouth: 1,
    };
    const { time } = profile("candidate");
    for (const action of PRICED_ACTIONS) {
      const own = time[action];
      const ratio = over[action];
      if (ratio === undefined) {
        assert.equal(own, null);
        continue;
      }
      assert.ok(own !== null && Math.abs(timeNs(own) - timeNs(nahukuFit.time[action]!) / ratio) < 0.005);
      assert.equal(own.evidence, "scaled");
      assert.match(own.note ?? "", ratio === 1 ? /times 1: nobody/ : new RegExp(`over ${ratio},`));
    }
  });

  test("lends the prices of Loihi 1 only under a name that says so", () => {
    const { name, kind, base, energy } = profile("inherited-loihi1");
    assert.match(name, /^inherited-/);
    assert.deepEqual([kind, base?.target, base?.profile], ["inherited", "loihi1", "nahuku-fit"]);
    for (const action of PRICED_ACTIONS) {
      assert.equal(energy[action]?.value, nahukuFit.energy[action]?.value);
      assert.ok(energy[action] === null || energy[action].evidence === "scaled");
    }
    assert.notEqual(loihi2.defaultProfile, name);
  });
});
