import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import type { Deployment } from "#ir/deployment";
import type { StepView } from "#simulator/activity";
import { apportion, attributeRun, type Attribution } from "#simulator/attribution";
import { ACTIONS, type Action, type RunResult } from "#simulator/result";
import { tileOf, type Target } from "#targets/target";
import { randomRun, type RandomRun } from "./random-run.ts";

const column = (action: Action): number => ACTIONS.indexOf(action);

/** Counts by `population action`, filled one event after the other. */
type Tally = Map<string, number>;

/** The obvious twin: follows every spike of every step to every entry of every list. */
class Twin {
  readonly counts: Tally = new Map();
  readonly links: Tally = new Map();
  readonly #deployment: Deployment;
  readonly #target: Target;
  readonly #populationAt = new Map<string, number>();

  constructor(deployment: Deployment, target: Target) {
    this.#deployment = deployment;
    this.#target = target;
    deployment.populations.forEach(({ core, compartment }, population) =>
      core.forEach((id, i) => this.#populationAt.set(`${id}/${compartment[i]}`, population)),
    );
  }

  readonly observe = ({ activity, tables }: StepView): void => {
    const { status } = activity.messages!;
    this.#deployment.cores.forEach((program, row) => {
      for (let n = 0; n < program.neurons; n++) {
        const population = this.#populationAt.get(`${program.core}/${n}`)!;
        const driven = tables.inputNeuron?.[tables.neuronBegin[row] + n] === 1;
        const state = status[tables.neuronBegin[row] + n];
        this.#count(population, driven ? "inputAccess" : "neuronAccess");
        if (state > 0) this.#count(population, driven ? "inputUpdate" : "neuronUpdate");
        if (state < 2) continue;
        this.#count(population, driven ? "inputSpike" : "spikeOut");
        for (let r = program.routeStart[n]; r < program.routeStart[n + 1]; r++) {
          this.#count(population, "messageOut");
          this.#travel(population, program.core, program.routeCore[r]);
          this.#arrive(program.routeCore[r], program.routeAxon[r]);
        }
      }
    });
  };

  host(inputs: RandomRun["inputs"]): void {
    for (const { name, population, routeStart, routeCore, routeAxon } of this.#deployment.inputs)
      for (const { index, value } of inputs[name].samples)
        index.forEach((line, e) => {
          for (let k = 0; k < (value?.[e] ?? 1); k++)
            for (let r = routeStart[line]; r < routeStart[line + 1]; r++) {
              this.#count(population, "inputMessage");
              this.#arrive(routeCore[r], routeAxon[r]);
            }
        });
  }

  #travel(population: number, from: number, to: number): void {
    const { columns } = this.#target.mesh;
    const directed = this.#target.mesh.hopClasses === "directions";
    const [a, b] = [tileOf(this.#target, from), tileOf(this.#target, to)];
    let [x, y] = [a.chip * columns + a.x, a.y];
    const [endX, endY] = [b.chip * columns + b.x, b.y];
    if (x === endX && y === endY) return this.#count(population, "hopTile");
    while (x !== endX || y !== endY) {
      const before = { x, y };
      if (x !== endX) x += Math.sign(endX - x);
      else y += Math.sign(endY - y);
      const isCrossing = Math.floor(x / columns) !== Math.floor(before.x / columns);
      const way = x > before.x ? "East" : x < before.x ? "West" : y > before.y ? "North" : "South";
      const axis = x === before.x ? "hopNorthSouth" : "hopEastWest";
      this.#count(population, isCrossing ? "hopChip" : directed ? `hop${way}` : axis);
      const key = `${before.x},${before.y} ${way.toLowerCase()}`;
      this.links.set(key, (this.links.get(key) ?? 0) + 1);
    }
  }

  #arrive(core: number, axon: number): void {
    const program = this.#deployment.cores.find((each) => each.core === core)!;
    const entries = new Map<number, number>();
    for (let e = program.axonStart[axon]; e < program.axonStart[axon + 1]; e++) {
      const population = this.#populationAt.get(`${core}/${program.target[e]}`)!;
      entries.set(population, (entries.get(population) ?? 0) + 1);
      const { encoding } = program.formats[program.format[e]];
      const action = {
        sparse: "synapseSparse",
        dense: "synapseDense",
        "run-length": "synapseRunLength",
        kernel: "synapseConv",
      };
      this.#count(population, action[encoding as keyof typeof action] as Action);
    }
    const most = [...entries].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
    this.#count(most, "messageIn");
    // The lists of these deployments have a word for each entry.
    for (const [population, words] of entries) this.#count(population, "synapseWordRead", words);
  }

  #count(population: number, action: Action, count = 1): void {
    const key = `${population} ${action}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }
}

function tallyOf({ populationCounts }: Attribution): Tally {
  const tally: Tally = new Map();
  populationCounts.forEach((count, i) => {
    if (count > 0) tally.set(`${Math.floor(i / ACTIONS.length)} ${ACTIONS[i % ACTIONS.length]}`, count);
  });
  return tally;
}

const sorted = (tally: Tally): [string, number][] => [...tally].toSorted(([a], [b]) => (a < b ? -1 : 1));

describe("attribution", () => {
  test("equals the count of every event by itself", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { deployment, target, inputs } = randomRun(seed);
        const twin = new Twin(deployment, target);
        const { run } = randomRun(seed, { observe: twin.observe });
        twin.host(inputs);
        const attribution = attributeRun(run, deployment, target)!;
        assert.deepEqual(sorted(tallyOf(attribution)), sorted(twin.counts));
        const links: Tally = new Map(
          attribution.links.map(({ chip, fromTile, direction, messages }) => {
            const { x, y } = tileOf(target, fromTile * target.mesh.coresPerTile);
            return [`${chip * target.mesh.columns + x},${y} ${direction}`, messages];
          }),
        );
        assert.deepEqual(sorted(links), sorted(twin.links));
      }),
      { numRuns: 60 },
    );
  });

  test("shares every column out without rest, over populations and over links", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { run, deployment, target } = randomRun(seed);
        const { populationCounts, links } = attributeRun(run, deployment, target)!;
        for (const action of ACTIONS) {
          const total = (counts: Float64Array): number =>
            counts.reduce((sum, count, i) => (i % ACTIONS.length === column(action) ? sum + count : sum), 0);
          assert.equal(total(populationCounts), total(run.counts), action);
          if (!action.startsWith("hop") || action === "hopTile") continue;
          const onLinks = links.filter((link) => link.action === action);
          assert.equal(
            onLinks.reduce((sum, { messages }) => sum + messages, 0),
            total(run.counts),
            action,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test("is not made up where a run lacks the spikes of each neuron", () => {
    const { run, deployment, target } = randomRun(1);
    const without: RunResult = Object.fromEntries(
      Object.entries(run).filter(([field]) => field !== "spikesOf"),
    ) as unknown as RunResult;
    assert.equal(attributeRun(without, deployment, target), undefined);
  });
});

describe("sharing a whole number out", () => {
  const shared = (total: number, weights: readonly number[]): number[] => {
    const shares = weights.map(() => 0);
    apportion(total, Float64Array.from(weights), (i, share) => (shares[i] = share));
    return shares;
  };

  test("leaves no rest, and nobody is off by a whole", () => {
    const weights = fc.array(fc.nat(50), { minLength: 1 }).filter((each) => each.some((w) => w > 0));
    fc.assert(
      fc.property(fc.nat(400), weights, (total, each) => {
        const shares = shared(total, each);
        const sum = each.reduce((a, b) => a + b);
        assert.equal(
          shares.reduce((a, b) => a + b),
          total,
        );
        shares.forEach((share, i) => assert.ok(Math.abs(share - (total * each[i]) / sum) < 1));
      }),
    );
  });

  test("gives the rest to the largest remainders, of equals to the first", () => {
    assert.deepEqual(shared(1, [2, 0, 3, 3]), [0, 0, 1, 0]);
    assert.deepEqual(shared(3, [1, 1]), [2, 1]);
    assert.deepEqual(shared(7, [1, 2, 4]), [1, 2, 4]);
  });
});
