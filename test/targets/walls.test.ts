import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { RESOURCES, type Demand } from "#ir/block-graph";
import { coreLimits, shortages } from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";
import { nengo, nxtf } from "#targets/loihi1/packers";

const nothing = Object.fromEntries(RESOURCES.map((resource) => [resource, 0])) as Demand;

test("finds no shortage in what fills a core to the brim", () => {
  assert.deepEqual(shortages(coreLimits(loihi1, nxtf), loihi1, nxtf), []);
});

test("names every resource that is short, what is needed and what there is", () => {
  const demand = { ...nothing, neurons: 1025, axonsIn: 4096, synapseWords: 20_000 };
  assert.deepEqual(shortages(demand, loihi1, nxtf), [
    { resource: "neurons", needed: 1025, available: 1024 },
    { resource: "synapseWords", needed: 20_000, available: 16_384 },
  ]);
});

test("allows as many synapse formats as the packer uses", () => {
  const demand = { ...nothing, synapseFormats: 8 };
  assert.deepEqual(shortages(demand, loihi1, nxtf), [
    { resource: "synapseFormats", needed: 8, available: 7 },
  ]);
  assert.deepEqual(shortages(demand, loihi1, nengo), []);
});

test("never runs into a wall that nobody has documented", () => {
  const target = { ...loihi1, walls: { ...loihi1.walls, axonsIn: null } };
  assert.deepEqual(shortages({ ...nothing, axonsIn: 1e9 }, target, nxtf), []);
});

test("reports a resource if and only if its demand is above the wall", () => {
  const amounts = fc.array(fc.nat(40_000), { minLength: RESOURCES.length, maxLength: RESOURCES.length });
  fc.assert(
    fc.property(amounts, (values) => {
      const demand = Object.fromEntries(RESOURCES.map((resource, i) => [resource, values[i]])) as Demand;
      const limits = coreLimits(loihi1, nengo);
      const short = RESOURCES.filter((resource) => demand[resource] > limits[resource]);
      assert.deepEqual(
        shortages(demand, loihi1, nengo).map(({ resource }) => resource),
        short,
      );
    }),
  );
});
