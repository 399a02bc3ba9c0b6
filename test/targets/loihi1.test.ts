// The published numbers once more, as plain lists: a slip of the finger in the data shows here.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { RESOURCES } from "#ir/block-graph";
import { barrierNs } from "#simulator/timing/simple";
import { davies2018 } from "#targets/loihi1/davies2018";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { PRICED_ACTIONS, type Profile } from "#targets/target";

const pricesOf = (prices: Profile["energy"]): Record<string, number> =>
  Object.fromEntries(
    PRICED_ACTIONS.flatMap((action) => (prices[action] === null ? [] : [[action, prices[action].value]])),
  );

describe("loihi1", () => {
  test("has the walls of a neurocore", () => {
    const known = RESOURCES.filter((resource) => loihi1.walls[resource] !== null);
    const walls = Object.fromEntries(known.map((resource) => [resource, loihi1.walls[resource]?.value]));
    assert.deepEqual(walls, {
      neurons: 1024,
      synapseWords: 16_384,
      axonsIn: 4096,
      axonsOut: 4096,
      synapseFormats: 15,
      neuronConfigs: 32,
      thresholdConfigs: 16,
    });
    assert.equal(loihi1.maxWordsPerAxon?.value, 256);
    assert.equal(loihi1.maxDelaySteps.value, 63);
  });

  test("sends a message to each receiving core, through buffers of 16", () => {
    assert.equal(loihi1.noc?.cast, "unicast");
    assert.equal(loihi1.noc.bufferMessages.value, 16);
    assert.equal(loihi1.noc.bufferMessages.evidence, "fitted");
  });

  test("packs as NxTF unless told otherwise", () => {
    assert.deepEqual(
      loihi1.packers.map(({ name, maxFormats }) => [name, maxFormats]),
      [
        ["nxtf", 7],
        ["nengo", 15],
        ["nxtf-shared", 7],
      ],
    );
  });

  test("prices by the fit unless told otherwise", () => {
    assert.equal(loihi1.defaultProfile, "nahuku-fit");
  });
});

describe("nahuku-fit", () => {
  test("has the energies of the fit, in pJ", () => {
    assert.deepEqual(pricesOf(nahukuFit.energy), {
      synapseDense: 35.5,
      synapseSparse: 33.6,
      synapseRunLength: 33.6,
      synapseConv: 24.0,
      neuronAccess: 51.2,
      neuronUpdate: 21.6,
      spikeOut: 69.3,
      messageOut: 111.0,
      messageIn: 0,
      hopEastWest: 3.0,
      hopNorthSouth: 4.2,
    });
  });

  test("has the times of the fit, in ns", () => {
    assert.deepEqual(pricesOf(nahukuFit.time), {
      synapseDense: 3.8,
      synapseSparse: 4.7,
      synapseRunLength: 4.7,
      synapseConv: 3.1,
      neuronAccess: 6.0,
      neuronUpdate: 3.7,
      spikeOut: 30.0,
      messageOut: 5.1,
      messageIn: 16.0,
      hopEastWest: 4.1,
      hopNorthSouth: 6.5,
    });
  });

  test("assumes only the run-length price, as that of sparse lists", () => {
    const assumed = PRICED_ACTIONS.filter((action) => nahukuFit.energy[action]?.evidence === "assumed");
    assert.deepEqual(assumed, ["synapseRunLength"]);
  });
});

describe("davies2018", () => {
  test("has the energies of the paper, in pJ", () => {
    assert.deepEqual(pricesOf(davies2018.energy), {
      synapseDense: 23.6,
      synapseSparse: 23.6,
      synapseRunLength: 23.6,
      synapseConv: 23.6,
      neuronAccess: 52,
      neuronUpdate: 81 - 52,
      hopTile: 1.7,
      hopEastWest: 3.0,
      hopNorthSouth: 4.0,
    });
  });

  test("adds up to the update time of an active neuron, in ns", () => {
    assert.equal(davies2018.time.neuronAccess!.value + davies2018.time.neuronUpdate!.value, 8.4);
  });

  test("keeps the synapse figures one-sided", () => {
    assert.equal(davies2018.energy.synapseSparse!.bound, "min");
    assert.equal(davies2018.time.synapseSparse!.bound, "max");
  });

  test("meets both ends of the published barrier range and doubles in equal steps", () => {
    const barriers = [1, 2, 4, 8, 16, 32].map((tiles) => barrierNs(davies2018, tiles));
    assert.deepEqual(barriers, [113, 183.4, 253.8, 324.2, 394.6, 465]);
  });
});
