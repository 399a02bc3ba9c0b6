// The deciding tests: what comes out of the whole flow is what plain references say of the model.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { compile, verify } from "#compiler/index";
import { PARTITIONERS } from "#compiler/partition/index";
import { PLACERS } from "#compiler/place/index";
import { ROUTERS } from "#compiler/route/index";
import { runPasses } from "#compiler/pass";
import { PIPELINES } from "#compiler/passes/index";
import { forEachEntry } from "#ir/connectivity";
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { priceRun } from "#simulator/energy";
import { simulateReference } from "#simulator/reference";
import { ACTIONS, type RunResult } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { prepareModel } from "#spinec";
import { tightTarget } from "#test/tight-target";
import { energyPj } from "#targets/quantity";
import { loihi1 } from "#targets/loihi1/index";
import type { Profile, Target } from "#targets/target";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { plainCounts } from "./plain-counts.ts";
import { randomInputs, randomModel, STEPS } from "./random-model.ts";
import { assertSameSpikes } from "./same-spikes.ts";

const RUNS = 250;

const one = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Every choice that the flow leaves to its user. */
const choices = fc.record({
  seed: fc.nat(),
  weightBits: one([undefined, ...loihi1.weights.bits]),
  rules: one(["lava", "nengo"] as const),
  packer: one(loihi1.packers).map(({ name }) => name),
  share: one(["never", "when-needed", "always"] as const),
  keepZeros: fc.boolean(),
  // The others are for chips where a layer, or a neuron's only destination, sits on one core.
  partitioner: one(PARTITIONERS.filter(({ name, keepsWhole }) => !keepsWhole && name !== "copies")).map(
    ({ name }) => name,
  ),
  placer: one(PLACERS).map(({ name }) => name),
  router: one(ROUTERS).map(({ name }) => name),
  profile: one(loihi1.profiles).map(({ name }) => name),
  walls: one([
    undefined,
    { neurons: 3 },
    { neurons: 9, axonsOut: 40 },
    { synapseWords: 40, axonsIn: 30 },
    { neurons: 16, wordsPerAxon: 3 },
    { neurons: 1 },
  ]),
});

/** As tight as asked for; chips of four cores, so that many of them are needed. */
function targetOf(walls: Parameters<typeof tightTarget>[0] | undefined): { target: Target; chips: number } {
  if (walls === undefined) return { target: loihi1, chips: 1 };
  return { target: tightTarget(walls, { columns: 2, rows: 1, coresPerTile: 2 }), chips: 64 };
}

describe("on random small networks", () => {
  test("the machine's spikes, membranes and counts are those of the plain reference, however the network is mapped", () => {
    const seen = { runs: 0, refused: 0, spikes: 0, cutLayers: 0, chips: 1, readouts: 0 };
    fc.assert(
      fc.property(choices, ({ seed, walls, profile, weightBits, ...rest }) => {
        const rng = createRng(seed);
        const model = randomModel(rng);
        const inputs = randomInputs(rng, model);
        const { target, chips } = targetOf(walls);
        const bits = weightBits === undefined ? {} : { weightBits };
        const mapped = mapOrRefuse(model, target, { ...rest, ...bits, chips, steps: STEPS });
        seen.runs++;
        if (mapped === undefined) {
          seen.refused++;
          return;
        }
        const { quantized, deployment } = mapped;
        const prices = target.profiles.find(({ name }) => name === profile)!;
        const ours: Profile = { ...prices, target: target.name };
        const run = simulate(deployment, target, ours, inputs, { record: "all" });

        const { reference, spikes } = assertSameSpikes(quantized, deployment, run, inputs, STEPS);
        const plain = plainCounts(deployment, target, reference.recorded, inputs, run.steps);
        assertCounts(run, plain.byCore);
        assert.equal(plain.nonzeroEvents, synapticEvents(quantized, reference.recorded), "synaptic events");
        assertEnergy(run, ours, target);

        seen.spikes += spikes;
        seen.chips = Math.max(seen.chips, run.chipsOn);
        seen.readouts += deployment.outputs.some(({ readout }) => readout === "membrane") ? 1 : 0;
        seen.cutLayers += deployment.populations.some(({ core }) => new Set(core).size > 1) ? 1 : 0;
      }),
      { numRuns: RUNS },
    );
    const { runs, refused, spikes, cutLayers, chips, readouts } = seen;
    assert.ok(refused < runs / 5, `${refused} of ${runs} networks did not fit`);
    assert.ok(spikes > 20 * runs, `only ${spikes} spikes were compared`);
    assert.ok(cutLayers > runs / 4, `a layer was cut over cores in ${cutLayers} of ${runs} only`);
    assert.ok(readouts > runs / 10, `a membrane was read out in ${readouts} of ${runs} only`);
    assert.ok(chips > 2, `at most ${chips} chips were used`);
  });

  test("folding changes nothing that the float reference computes", () => {
    let compared = 0;
    let late = 0;
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("default", "keep-zeros"), (seed, pipeline) => {
        const rng = createRng(seed);
        const model = randomModel(rng);
        const inputs = randomInputs(rng, model);
        const sink = new DiagnosticSink();
        const folded = runPasses(model, PIPELINES[pipeline], { target: loihi1, sink });
        assert.ok(!sink.hasErrors);
        // The one thing that folding cannot keep, and it says so.
        if (sink.diagnostics.some(({ code }) => code === "passes/late-bias")) {
          late++;
          return;
        }
        const wanted = simulateReference(model, inputs, { record: "all" }).recorded;
        const got = simulateReference(folded, inputs, { record: "all" }).recorded;
        for (const { name, model: kind } of folded.populations)
          if (kind !== "input") assert.deepEqual(got[name], wanted[name], name);
        model.outputs.forEach(({ name, population }, o) => {
          const source = folded.populations[folded.outputs[o].population];
          assert.deepEqual(
            got[source.name].samples,
            wanted[model.populations[population].name].samples,
            name,
          );
        });
        compared++;
      }),
      { numRuns: RUNS },
    );
    assert.ok(compared > RUNS / 2, `${compared} compared, ${late} with a late bias`);
  });
});

/** Everything but running; undefined where the network does not fit, for a reason that has a name. */
function mapOrRefuse(
  model: Network,
  target: Target,
  options: Parameters<typeof prepareModel>[2] & NonNullable<Parameters<typeof compile>[2]>,
): { quantized: Network; deployment: Deployment } | undefined {
  const sink = new DiagnosticSink();
  const { quantized } = prepareModel(model, target, options, sink);
  try {
    const { deployment } = compile(quantized, target, options, sink);
    const found = new DiagnosticSink();
    verify(deployment, quantized, target, found);
    assert.deepEqual(found.diagnostics, []);
    return { quantized, deployment };
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    for (const { code, severity } of error.diagnostics)
      if (severity === "error") assert.match(code, /^(partition|place)\//);
    return undefined;
  }
}

function assertCounts(run: RunResult, byCore: ReturnType<typeof plainCounts>["byCore"]): void {
  const counted = new Map(
    Array.from(run.coreIds, (core, row) => {
      const actions = ACTIONS.map((action, k) => [action, run.counts[row * ACTIONS.length + k]] as const);
      return [
        core,
        Object.fromEntries(actions.filter(([action, count]) => count !== 0 && action !== "neuronUpdate")),
      ];
    }),
  );
  assert.deepEqual(counted, byCore);
  for (let row = 0; row < run.coreIds.length; row++) {
    const [updates, accesses] = (["neuronUpdate", "neuronAccess"] as const).map(
      (action) => run.counts[row * ACTIONS.length + ACTIONS.indexOf(action)],
    );
    assert.ok(updates <= accesses, `core ${run.coreIds[row]} updated ${updates} of ${accesses} neurons`);
  }
}

/** Spikes times the nonzero synapses of whoever sent them, from the network alone. */
function synapticEvents(network: Network, sent: Readonly<Record<string, SpikeData>>): number {
  let events = 0;
  for (const { pre, connectivity } of network.projections) {
    const fanOut = new Array<number>(connectivity.rows).fill(0);
    forEachEntry(connectivity, (row, _, weight) => {
      if (weight !== 0) fanOut[row]++;
    });
    for (const { index, value } of sent[network.populations[pre].name].samples)
      index.forEach((neuron, e) => (events += fanOut[neuron] * (value?.[e] ?? 1)));
  }
  return events;
}

/** Each action that has a price costs its count times it, and every action is accounted for. */
function assertEnergy(run: RunResult, profile: Profile, target: Target): void {
  const energy = priceRun(run, profile, target);
  let dynamicPj = 0;
  ACTIONS.forEach((action, column) => {
    let count = 0;
    for (let i = column; i < run.counts.length; i += ACTIONS.length) count += run.counts[i];
    const price = profile.energy[action];
    const lists = [energy.terms, energy.unpriced, energy.inside].map((list) =>
      list.filter((entry) => entry.action === action),
    );
    assert.deepEqual(
      lists.flat().map((entry) => entry.count),
      count === 0 ? [] : [count],
      action,
    );
    if (price !== null) dynamicPj += count * energyPj(price);
    else assert.equal(lists[0].length, 0, `${action} has no price`);
  });
  near(energy.dynamicPj, dynamicPj);
  near(
    Object.values(energy.byGroupPj).reduce((sum, pj) => sum + pj, 0),
    dynamicPj,
  );
  near(energy.dynamicPjPerSample * run.samples, dynamicPj);
}

function near(got: number, expected: number): void {
  assert.ok(Math.abs(got - expected) <= 1e-9 * Math.abs(expected), `${got}, not ${expected}`);
}
