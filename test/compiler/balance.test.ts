import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { balanceSteps, type BalanceEffort } from "#compiler/balance/balance";
import { BalanceState } from "#compiler/balance/balance-state";
import { stepBoundNs } from "#compiler/balance/bound";
import { Offers } from "#compiler/balance/offers";
import { stepCosts, type StepCostOptions, type StepCosts } from "#compiler/balance/step-costs";
import { predictStepTime } from "#compiler/balance/step-time";
import { Trial } from "#compiler/balance/trial";
import { blockedList, type CoreCapacity } from "#compiler/hypergraph/capacity";
import type { AxonGraph } from "#ir/axon-graph";
import { simulate } from "#simulator/simulate";
import { davies2018 } from "#targets/loihi1/davies2018";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import type { Profile } from "#targets/target";
import { drivableRates, graphDeployment } from "#test/graph-deployment";
import { ToolchainError } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

const words = blockedList(18, 10);
const CORE: CoreCapacity = {
  name: "tiny",
  neurons: 14,
  axonsIn: 70,
  axonsOut: 60,
  synapseWords: 110,
  wordsOfList: words,
};

const RATES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "max-affine": {
    neuronNs: 4,
    synapseNs: 3,
    wordNs: 5,
    linkNsPerBit: 0.5,
    messageBits: 24,
    barrierNs: 20,
  },
  deadline: { tickNs: 90, neuronNs: 7, synapseNs: 2, messageNs: 11, spikeNs: 5 },
  pipeline: { synapseNs: 6, layerNs: 10 },
};

interface LawCase {
  readonly name: string;
  readonly profile: Profile;
  readonly rates?: Readonly<Record<string, number>>;
  readonly timing: string;
}

const LAWS: readonly LawCase[] = [
  { name: "max-core", profile: nahukuFit, timing: "simple" },
  ...Object.entries(RATES).map(([law, rates]) => ({
    name: law,
    profile: { ...nahukuFit, law: law as Profile["law"] },
    rates,
    timing: law,
  })),
];

function costsOf({ profile, rates }: LawCase, options: StepCostOptions = {}): StepCosts {
  return stepCosts(loihi1, profile, { ...options, ...(rates !== undefined && { rates }) });
}

/** Some neurons without targets, some that reach themselves, some sources outside. */
function randomGraph(rng: Rng, neurons: number, fanOut: number, outside: number): AxonGraph {
  const sources = neurons + outside;
  const targets = Array.from({ length: sources }, () => {
    const set = new Set<number>();
    const many = Math.floor(rng() * 2 * fanOut);
    for (let k = 0; k < many; k++) set.add(Math.floor(rng() * neurons));
    return [...set].sort((a, b) => a - b);
  });
  const axonStart = new Uint32Array(sources + 1);
  targets.forEach((list, n) => (axonStart[n + 1] = axonStart[n] + list.length));
  const rate = Float64Array.from({ length: sources }, () => (rng() < 0.2 ? 0 : Math.floor(rng() ** 3 * 40)));
  return { neurons, axonStart, target: Uint32Array.from(targets.flat()), rate, outside };
}

const graphs = fc
  .tuple(
    fc.integer({ min: 1, max: 2 ** 30 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 0, max: 6 }),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([seed, neurons, fanOut, outside]) => {
    const rng = createRng(seed);
    return { rng, graph: randomGraph(rng, neurons, fanOut, outside) };
  });

interface Plain {
  readonly neurons: number[];
  readonly axonsIn: number[];
  readonly axonsOut: number[];
  readonly words: number[];
  readonly cutSpikes: number;
}

/** Everything on cores, counted with maps and sets. */
function plainLoads(
  { neurons, outside = 0, axonStart, target, rate }: AxonGraph,
  coreOf: ArrayLike<number>,
): Plain {
  const cores = 1 + Array.from({ length: neurons }, (_, n) => coreOf[n]).reduce((a, b) => Math.max(a, b), -1);
  const zeros = (): number[] => Array.from({ length: cores }, () => 0);
  const plain = { neurons: zeros(), axonsIn: zeros(), axonsOut: zeros(), words: zeros(), cutSpikes: 0 };
  for (let n = 0; n < neurons + outside; n++) {
    const own = n < neurons ? coreOf[n] : -1;
    if (own >= 0) plain.neurons[own]++;
    const perCore = new Map<number, number>();
    for (const t of target.subarray(axonStart[n], axonStart[n + 1]))
      perCore.set(coreOf[t], (perCore.get(coreOf[t]) ?? 0) + 1);
    for (const [core, synapses] of perCore) {
      plain.axonsIn[core]++;
      plain.words[core] += words(synapses);
      if (own >= 0) plain.axonsOut[own]++;
      if (core !== own) plain.cutSpikes += rate[n];
    }
  }
  return plain;
}

function expectLegal(graph: AxonGraph, coreOf: ArrayLike<number>, capacity: CoreCapacity): void {
  const plain = plainLoads(graph, coreOf);
  for (const [loads, wall] of [
    [plain.neurons, capacity.neurons],
    [plain.axonsIn, capacity.axonsIn],
    [plain.axonsOut, capacity.axonsOut],
    [plain.words, capacity.synapseWords],
  ] as const)
    loads.forEach((load, core) => {
      assert.ok(load <= wall, `core ${core} holds ${load} of ${wall}`);
    });
  assert.ok(plain.neurons.every((held) => held > 0));
}

/** In order, a new core where the next neuron would break a wall; undefined where output entries do not work out. */
function legalStart(graph: AxonGraph, capacity: CoreCapacity): Uint16Array | undefined {
  const coreOf = new Uint16Array(graph.neurons).fill(1000);
  let core = 0;
  const isLegal = (): boolean => {
    const placed = plainLoads(graph, coreOf);
    return (
      placed.neurons[core] <= capacity.neurons &&
      placed.axonsIn[core] <= capacity.axonsIn &&
      placed.words[core] <= capacity.synapseWords
    );
  };
  for (let n = 0; n < graph.neurons; n++) {
    coreOf[n] = core;
    if (!isLegal()) coreOf[n] = ++core;
  }
  const plain = plainLoads(graph, coreOf);
  return plain.axonsOut.every((entries) => entries <= capacity.axonsOut) ? coreOf : undefined;
}

/** Roots of variances that are nearly 0 show the rounding of sums. */
const close = (a: number, b: number, text = ""): void => {
  assert.ok(Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a), Math.abs(b)), `${a} is not ${b} ${text}`);
};

describe("the state of balancing", () => {
  test.each(LAWS)(
    "keeps count of loads, walls and cut spikes under $name, as outsiders count them",
    (law) => {
      fc.assert(
        fc.property(graphs, ({ rng, graph }) => {
          const maxCores = 5;
          const costs = costsOf(law, { windowSteps: 8 });
          const coreOf = Uint16Array.from({ length: graph.neurons }, () => Math.floor(rng() * maxCores));
          const state = new BalanceState({ graph, capacity: CORE, costs, maxCores }, coreOf);
          const check = (): void => {
            const plain = plainLoads(graph, state.coreOf);
            const { loadNs } = predictStepTime(graph, state.coreOf, costs, { wordsOfList: words });
            for (let core = 0; core < maxCores; core++) {
              assert.equal(state.neurons[core], plain.neurons[core] ?? 0);
              assert.equal(state.axonsIn[core], plain.axonsIn[core] ?? 0);
              assert.equal(state.axonsOut[core], plain.axonsOut[core] ?? 0);
              assert.equal(state.words[core], plain.words[core] ?? 0);
              assert.equal(state.membersOf(core).length, plain.neurons[core] ?? 0);
              assert.ok(state.membersOf(core).every((n) => state.coreOf[n] === core));
              loadNs.forEach((loads, p) => close(state.phaseNs(p, core), loads[core] ?? 0));
            }
            close(state.cutSpikes, plain.cutSpikes);
          };
          check();
          for (let k = 0; k < 30; k++) {
            state.move(Math.floor(rng() * graph.neurons), Math.floor(rng() * maxCores));
            if (k % 10 === 9) check();
          }
          state.recount();
          check();
        }),
        { numRuns: 40 },
      );
    },
  );

  test("offers what a move then does, but for what its sources send", () => {
    const isolated = {
      ...costsOf(LAWS[0]),
      phases: costsOf(LAWS[0]).phases.map((p) => ({ ...p, isOutOnce: true })),
    };
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const maxCores = 4;
        const coreOf = Uint16Array.from({ length: graph.neurons }, () => Math.floor(rng() * maxCores));
        const state = new BalanceState({ graph, capacity: CORE, costs: isolated, maxCores }, coreOf);
        const offers = new Offers(state);
        for (let k = 0; k < 15; k++) {
          const neuron = Math.floor(rng() * graph.neurons);
          const from = state.coreOf[neuron];
          const to = (from + 1 + Math.floor(rng() * (maxCores - 1))) % maxCores;
          offers.lookAt(neuron);
          const saves = offers.savingAt(to);
          const added = state.phases.map((_, p) => offers.addedNs(p, to));
          const relief = state.phases.map((_, p) => offers.reliefNs(p));
          const timeOf = (core: number): number[] => state.phases.map((_, p) => state.phaseNs(p, core));
          const before = [timeOf(from), timeOf(to)];
          const cut = state.cutSpikes;
          state.move(neuron, to);
          close(cut - state.cutSpikes, saves);
          state.phases.forEach((_, p) => {
            close(timeOf(to)[p] - before[1][p], added[p], "added");
            close(before[0][p] - timeOf(from)[p], relief[p], "relief");
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  test("moves on trial only inside the walls and the limit, and takes everything back", () => {
    fc.assert(
      fc.property(graphs, ({ rng, graph }) => {
        const coreOf = legalStart(graph, CORE);
        fc.pre(coreOf !== undefined);
        const maxCores = 2 + coreOf.reduce((most, core) => Math.max(most, core), 0);
        const state = new BalanceState({ graph, capacity: CORE, costs: costsOf(LAWS[0]), maxCores }, coreOf);
        const trial = new Trial(state);
        const limitNs = state.loadOf(state.busiest());
        for (let k = 0; k < 30; k++) {
          const neuron = Math.floor(rng() * graph.neurons);
          const other = Math.floor(rng() * graph.neurons);
          const to = Math.floor(rng() * maxCores);
          if (to === state.coreOf[neuron]) continue;
          if (other === neuron || k % 2 === 0) trial.move(neuron, to, limitNs);
          else trial.move(neuron, state.coreOf[other], limitNs, other, state.coreOf[neuron]);
          for (let core = 0; core < maxCores; core++) assert.ok(!state.isOverWall(core));
          assert.ok(state.loadOf(state.busiest()) <= limitNs * (1 + 1e-8));
        }
        trial.undo(0);
        assert.deepEqual([...state.coreOf.subarray(0, graph.neurons)], [...coreOf]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the predicted step", () => {
  /** Every neuron fires in every step or never: all steps are alike, and the prediction must be what the simulator says. */
  test.each(LAWS)("is the simulator's under $name, where all steps are alike", (law) => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 9 }), ({ rng, graph }, cores) => {
        const always = { ...graph, rate: graph.rate.map((r) => (r > 5 ? 1 : 0)) };
        const raw = Array.from({ length: graph.neurons }, () => Math.floor(rng() * cores));
        const used = [...new Set(raw)];
        const coreOf = raw.map((core) => used.indexOf(core));
        const deployment = graphDeployment(always, coreOf, { windowSteps: 1, wordsOfList: words });
        const lines = graph.outside ?? 0;
        const steps = 5;
        const fires = Array.from({ length: lines }, (_, i) => i).filter(
          (i) => always.rate[graph.neurons + i] > 0,
        );
        const input = {
          steps,
          shape: [lines],
          samples: [
            {
              step: Uint32Array.from({ length: steps * fires.length }, (_, k) =>
                Math.floor(k / fires.length),
              ),
              index: Uint32Array.from({ length: steps * fires.length }, (_, k) => fires[k % fires.length]),
            },
          ],
        };
        const run = simulate(deployment, loihi1, law.profile, lines > 0 ? { input } : {}, {
          steps,
          timing: law.timing,
          ...(law.rates !== undefined && { rates: law.rates }),
        });
        const costs = costsOf(law);
        const predicted = predictStepTime(always, coreOf, costs, { wordsOfList: words });
        // Between routers nothing is busier than what a single core sends or takes, if cores sit on tiles in order.
        const slowestLink = law.name === "max-affine" ? Infinity : 0;
        const simulated = run.stepNs[steps - 1];
        // Nothing happens, so nothing takes the way through a layer.
        if (law.name === "pipeline" && simulated === 0) return;
        if (slowestLink === 0) close(simulated, predicted.stepNs);
        else assert.ok(simulated >= predicted.stepNs * (1 - 1e-9));
        if (slowestLink === 0 || used.length <= loihi1.mesh.coresPerTile) close(simulated, predicted.stepNs);
        close(
          predicted.stepNs,
          new BalanceState(
            { graph: always, capacity: CORE, costs, maxCores: used.length },
            coreOf,
          ).expectedNs(),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("is close to the mean step of a run at the graph's rates", () => {
    const rng = createRng(5);
    const windowSteps = 60;
    const graph = randomGraph(rng, 400, 12, 0);
    const driven = { ...graph, rate: drivableRates(graph, windowSteps) };
    const coreOf = Uint16Array.from({ length: 400 }, (_, n) => Math.floor(n / 50));
    const deployment = graphDeployment(driven, coreOf, { windowSteps, wordsOfList: words });
    const steps = 600;
    const run = simulate(deployment, loihi1, nahukuFit, {}, { steps, timing: "simple" });
    const spikes = run.counts.reduce((sum, count, at) => (at % 22 === 7 ? sum + count : sum), 0);
    const expected = (driven.rate.reduce((sum, r) => sum + r, 0) / windowSteps) * steps;
    assert.ok(Math.abs(spikes / expected - 1) < 0.01, `${spikes} spikes, ${expected} expected`);
    const mean = run.stepNs.reduce((sum, ns) => sum + ns, 0) / steps;
    const costs = stepCosts(loihi1, nahukuFit, { windowSteps });
    const { stepNs, loadNs, barrierNs } = predictStepTime(driven, coreOf, { ...costs, deviations: 0 });
    assert.ok(Math.abs(mean / stepNs - 1) < 0.03, `${mean} ns, ${stepNs} predicted`);
    const ofMeans = barrierNs + Math.max(...loadNs.flatMap((loads) => [...loads]));
    assert.ok(ofMeans < 0.97 * mean, "another core is the busiest in every step");
  });

  test("says which core and which phase decide", () => {
    const graph: AxonGraph = {
      neurons: 5,
      axonStart: Uint32Array.of(0, 3, 3, 3, 3, 3),
      target: Uint32Array.of(2, 3, 4),
      rate: Float64Array.of(10, 0, 0, 0, 0),
    };
    const costs = stepCosts(loihi1, nahukuFit);
    const { core, phase, stepNs, barrierNs } = predictStepTime(graph, [0, 0, 1, 1, 1], costs);
    assert.deepEqual([core, phase, barrierNs], [0, "generation", 600]);
    // Ten spikes in a step are no chance.
    close(stepNs, 600 + 2 * 9.7 + 10 * (30 + 5.1));
  });
});

describe("balancing", () => {
  const efforts: readonly BalanceEffort[] = ["fast", "default", "best"];

  test.each(LAWS)("stays legal, is never slower, repeats, and keeps to its cores under $name", (law) => {
    const costs = costsOf(law, { windowSteps: 6 });
    let better = 0;
    fc.assert(
      fc.property(
        graphs,
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom(...efforts),
        ({ graph }, spare, effort) => {
          const start = legalStart(graph, CORE);
          fc.pre(start !== undefined);
          const cores = 1 + start.reduce((most, core) => Math.max(most, core), 0);
          const maxCores = cores + spare;
          const balanced = balanceSteps(graph, CORE, start, costs, { maxCores, effort });
          expectLegal(graph, balanced.coreOf, CORE);
          assert.ok(balanced.cores <= maxCores);
          assert.equal(balanced.cores, new Set(balanced.coreOf).size);
          const before = predictStepTime(graph, start, costs, { wordsOfList: words });
          const after = predictStepTime(graph, balanced.coreOf, costs, { wordsOfList: words });
          close(before.stepNs, balanced.stepNsBefore);
          close(after.stepNs, balanced.stepNsAfter);
          assert.ok(after.stepNs <= before.stepNs * (1 + 1e-9), `${after.stepNs} after ${before.stepNs}`);
          assert.ok(
            balanced.boundNs <= after.stepNs * (1 + 1e-9),
            `${balanced.boundNs} bounds ${after.stepNs}`,
          );
          if (after.stepNs < before.stepNs * 0.98) better++;
          assert.deepEqual(balanceSteps(graph, CORE, start, costs, { maxCores, effort }), balanced);
        },
      ),
      { numRuns: 50 },
    );
    assert.ok(better > 5, `${better} were better`);
  });

  test("leaves less than two percent to gain by moving one neuron of the busiest core", () => {
    const costs = costsOf(LAWS[0], { windowSteps: 6 });
    let judged = 0;
    fc.assert(
      fc.property(graphs, ({ graph }) => {
        const start = legalStart(graph, CORE);
        fc.pre(start !== undefined);
        const { coreOf, cores } = balanceSteps(graph, CORE, start, costs, { effort: "best" });
        const { core, loadNs, stepNs } = predictStepTime(graph, coreOf, costs);
        const longestOf = (loads: readonly Float64Array[]): number =>
          Math.max(...loads.flatMap((phase) => [...phase]));
        const longest = longestOf(loadNs);
        const loads = plainLoads(graph, coreOf);
        for (let n = 0; n < graph.neurons; n++)
          for (let to = 0; to < cores; to++) {
            if (coreOf[n] !== core || to === core || loads.neurons[core] === 1) continue;
            const moved = coreOf.slice();
            moved[n] = to;
            const plain = plainLoads(graph, moved);
            const isLegal =
              plain.neurons[to] <= CORE.neurons &&
              plain.axonsIn[to] <= CORE.axonsIn &&
              plain.words[to] <= CORE.synapseWords &&
              plain.axonsOut.every((entries) => entries <= CORE.axonsOut);
            if (!isLegal) continue;
            judged++;
            const then = predictStepTime(graph, moved, costs);
            // A shorter longest phase may still make the mean step longer: then what was there before is kept, with what it leaves.
            assert.ok(
              longestOf(then.loadNs) >= longest * 0.999 || then.stepNs >= stepNs * 0.98,
              `neuron ${n} to core ${to}: ${then.stepNs} instead of ${stepNs}`,
            );
          }
      }),
      { numRuns: 40 },
    );
    assert.ok(judged > 100);
  });

  /** 8 groups of 10 neurons that reach one another, all on one core: spare cores take them. */
  const clusters = (): AxonGraph => {
    const neurons = 80;
    const targets = Array.from({ length: neurons }, (_, n) =>
      Array.from({ length: 10 }, (_, k) => 10 * Math.floor(n / 10) + k),
    );
    return {
      neurons,
      axonStart: Uint32Array.from({ length: neurons + 1 }, (_, n) => 10 * n),
      target: Uint32Array.from(targets.flat()),
      rate: new Float64Array(neurons).fill(1),
    };
  };
  const ROOMY: CoreCapacity = { ...CORE, neurons: 200, axonsIn: 500, axonsOut: 500, synapseWords: 5000 };

  test("spreads over spare cores, along the groups that there are", () => {
    const graph = clusters();
    const costs = stepCosts(loihi1, nahukuFit);
    const one = new Uint16Array(80);
    const alone = balanceSteps(graph, ROOMY, one, costs);
    assert.equal(alone.cores, 1);
    assert.equal(alone.stepNsAfter, alone.stepNsBefore);
    const four = balanceSteps(graph, ROOMY, one, costs, { maxCores: 4 });
    assert.equal(four.cores, 4);
    // Sixteen neurons of each phase: 20 lists of 10 on each core.
    close(four.stepNsAfter, 600 + 20 * (16 + 10 * 4.7));
    close(four.stepNsBefore, 600 + 80 * (16 + 10 * 4.7));
    assert.equal(plainLoads(graph, four.coreOf).cutSpikes, 0);
    const many = balanceSteps(graph, ROOMY, one, costs, { maxCores: 64 });
    assert.ok(many.stepNsAfter <= four.stepNsAfter);
  });

  test("halves cores whose output entries a halving uses up as well", () => {
    // Four neurons reach all of twelve, with an entry for each core: four are all that a core has.
    const graph: AxonGraph = {
      neurons: 16,
      axonStart: Uint32Array.from({ length: 17 }, (_, n) => 12 * Math.min(n, 4)),
      target: Uint32Array.from({ length: 48 }, (_, s) => 4 + (s % 12)),
      rate: Float64Array.from({ length: 16 }, (_, n) => (n < 4 ? 1 : 0)),
    };
    const start = Uint16Array.from({ length: 16 }, (_, n) => (n < 4 ? 0 : 1));
    const tight = { ...ROOMY, axonsOut: 4 };
    const costs = stepCosts(loihi1, nahukuFit);
    for (const maxCores of [2, 3, 4, 5, 8]) {
      const balanced = balanceSteps(graph, tight, start, costs, { maxCores });
      expectLegal(graph, balanced.coreOf, tight);
      if (maxCores >= 4) assert.ok(balanced.stepNsAfter < balanced.stepNsBefore - 50);
    }
  });

  test("leaves neurons of groups that do not meet apart", () => {
    const graph = clusters();
    const group = Uint16Array.from({ length: 80 }, (_, n) => (n < 60 ? 0 : 1));
    const start = Uint16Array.from(group);
    const costs = stepCosts(loihi1, nahukuFit);
    const free = balanceSteps(graph, ROOMY, start, costs);
    const kept = balanceSteps(graph, ROOMY, start, costs, { group, maxCores: 3 });
    assert.ok(new Set(Array.from(free.coreOf, (core, n) => `${core} ${group[n]}`)).size > free.cores);
    assert.equal(new Set(Array.from(kept.coreOf, (core, n) => `${core} ${group[n]}`)).size, kept.cores);
    assert.ok(kept.stepNsAfter < kept.stepNsBefore);
  });

  test("stops when it is told to, with a legal partition that is no slower", () => {
    const rng = createRng(3);
    const graph = randomGraph(rng, 60, 3, 0);
    const start = legalStart(graph, CORE)!;
    const costs = stepCosts(loihi1, nahukuFit, { windowSteps: 6 });
    const none = balanceSteps(graph, CORE, start, costs, { maxCores: 12, shouldStop: () => true });
    assert.deepEqual([...none.coreOf], [...start]);
    let asked = 0;
    const stages: string[] = [];
    const some = balanceSteps(graph, CORE, start, costs, {
      maxCores: 12,
      shouldStop: () => ++asked > 6,
      onProgress: ({ stage }) => stages.push(stage),
    });
    expectLegal(graph, some.coreOf, CORE);
    assert.ok(some.stepNsAfter <= some.stepNsBefore);
    assert.ok(stages.length > 0);
  });

  test("bounds what the best of all partitions can do", () => {
    const rng = createRng(11);
    const costs = stepCosts(loihi1, nahukuFit, { windowSteps: 6 });
    for (let k = 0; k < 20; k++) {
      const graph = randomGraph(rng, 6, 3, 1);
      const boundNs = stepBoundNs(graph, ROOMY, costs, 3);
      let best = Infinity;
      for (let code = 0; code < 3 ** 6; code++) {
        const coreOf = Array.from({ length: 6 }, (_, n) => Math.floor(code / 3 ** n) % 3);
        if (new Set(coreOf).size !== Math.max(...coreOf) + 1) continue;
        best = Math.min(best, predictStepTime(graph, coreOf, costs).stepNs);
      }
      assert.ok(boundNs <= best + 1e-9, `${boundNs} bounds ${best}`);
      assert.ok(boundNs > 0.5 * best);
    }
  });
});

describe("costs of a step", () => {
  const codes = (make: () => unknown): string[] => {
    try {
      make();
    } catch (error) {
      assert.ok(error instanceof ToolchainError);
      return error.diagnostics.map(({ code }) => code);
    }
    return [];
  };

  test("refuse a law that no partition changes, rates that nobody has, and windows of no length", () => {
    const withLaw = (law: Profile["law"]): Profile => ({ ...nahukuFit, law });
    assert.deepEqual(
      codes(() => stepCosts(loihi1, withLaw("cycles"))),
      ["balance/law-is-a-sum"],
    );
    assert.deepEqual(
      codes(() => stepCosts(loihi1, withLaw("max-affine"))),
      ["balance/rates-missing"],
    );
    for (const windowSteps of [0, -1, NaN, Infinity])
      assert.deepEqual(
        codes(() => stepCosts(loihi1, nahukuFit, { windowSteps })),
        ["balance/window-out-of-range"],
      );
  });

  test("name what has no time, and take it as none", () => {
    assert.deepEqual(stepCosts(loihi1, davies2018).untimed, ["messageOut", "messageIn"]);
    assert.deepEqual(stepCosts(loihi1, nahukuFit).untimed, []);
  });
});
