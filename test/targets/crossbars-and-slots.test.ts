// TrueNorth, ODIN and Xylo: limits as published, and prices and times recomputed by hand.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { compile } from "#compiler/index";
import type { SpikeData } from "#ir/spikes";
import { timeSection } from "#report/run-report";
import { priceRun } from "#simulator/energy";
import { simulate } from "#simulator/simulate";
import { hiddenLayers } from "#test/digital-networks";
import { randomSpikes } from "#test/networks";
import { layers } from "#test/truenorth-networks";
import { runPasses } from "#compiler/pass";
import { decomposeWeights } from "#compiler/passes/decompose-weights";
import { odin } from "#targets/odin/index";
import { energyPj, powerMw, timeNs } from "#targets/quantity";
import { coresPerChip, type Target } from "#targets/target";
import { truenorth } from "#targets/truenorth/index";
import { coreLimits } from "#targets/walls";
import { xyloAudio2 } from "#targets/xylo-audio2/index";
import { xyloAudio3 } from "#targets/xylo-audio3/index";
import { xyloImu } from "#targets/xylo-imu/index";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const spikesIn = ({ samples }: SpikeData): number =>
  samples.reduce((sum, { step, value }) => sum + (value?.reduce((a, b) => a + b, 0) ?? step.length), 0);

describe("truenorth", () => {
  test("it has 4,096 cores of 256 neurons and 256 axons, one axon for each neuron to reach, delays of 15", () => {
    assert.equal(coresPerChip(truenorth), 4096);
    const limits = coreLimits(truenorth, truenorth.packers[0]);
    assert.deepEqual(
      [limits.neurons, limits.axonsIn, limits.synapseFormats, limits.destinationsOfNeuron],
      [256, 256, 4, 1],
    );
    assert.equal(truenorth.maxDelaySteps.value, 15);
    assert.equal(truenorth.neuronModels[0], "truenorth-lif");
  });

  test("its figure of 26 pJ gives the 72 mW that were measured, within 5 %", () => {
    const { synapseDense } = truenorth.profiles[0].energy;
    assert.ok(synapseDense?.op !== undefined);
    const { rateHz, synapses } = synapseDense.op;
    const eventsPerSecond = 4096 * 256 * rateHz * synapses;
    const milliwatts = eventsPerSecond * energyPj(synapseDense) * 1e-9;
    assert.ok(Math.abs(milliwatts - 72) / 72 < 0.05, `${milliwatts} mW`);
  });

  test("it charges 26 pJ for each active crosspoint and nothing else, and a step takes a tick", () => {
    const net = runPasses(layers(createRng(3), [9, 12, 6], 0.8, 2), [decomposeWeights], {
      target: truenorth,
      sink: new DiagnosticSink(),
    });
    const { deployment, network: now } = compile(net, truenorth);
    const inputs = { in: randomSpikes(createRng(3), [9], { steps: 6, density: 0.5 }) };
    const run = simulate(deployment, truenorth, truenorth.profiles[0], inputs, {
      steps: 6,
      record: "all",
      timing: "deadline",
    });
    let events = 0;
    for (const { pre, connectivity } of now.projections) {
      assert.ok(connectivity.kind === "sparse");
      const { rowStart } = connectivity;
      run.spikesOf?.[pre].forEach((count, n) => (events += count * (rowStart[n + 1] - rowStart[n])));
    }
    assert.ok(events > 0);
    const { totalPjPerSample, weakestEvidence } = priceRun(run, truenorth.profiles[0], truenorth);
    assert.ok(Math.abs(totalPjPerSample - 26 * events) < 1e-6, `${totalPjPerSample} pJ, ${events} events`);
    assert.equal(weakestEvidence, "measured");
    assert.ok(run.stepNs.every((ns) => ns === 1_000_000));
  });
});

describe("odin", () => {
  test("it has 256 neurons, and 256 rows of 256 synapses of 4 bits: 32 KB", () => {
    const [packer] = odin.packers;
    assert.ok(packer.formula === "crossbar");
    assert.equal((packer.rows * packer.cols * packer.crosspointBits) / 8, 32 * 1024);
    const { neurons, axonsIn } = coreLimits(odin, packer);
    assert.deepEqual([neurons, axonsIn], [256, 256]);
    assert.equal(odin.status, "experimental");
  });

  test("its profiles say 12.7 pJ all in, and 8.43 pJ for one more operation", () => {
    const figures = odin.profiles.map(({ name, energy }) => [
      name,
      energy.synapseDense?.value,
      energy.synapseDense?.scope,
    ]);
    assert.deepEqual(figures, [
      ["frenkel2019", 12.7, "all-in"],
      ["frenkel2019-incremental", 8.43, "incremental"],
    ]);
  });
});

describe("xylo", () => {
  test("it has the neurons, inputs, read-outs and reach of the published table", () => {
    const rows = [xyloAudio2, xyloAudio3, xyloImu].map((target) => {
      const [packer] = target.packers;
      assert.ok(packer.formula === "slot-table");
      const [hidden, readOut] = [coreLimits(target, packer, 0), coreLimits(target, packer, 1)];
      return [
        hidden.neurons,
        readOut.neurons,
        hidden.inputLines,
        hidden.fanIn,
        hidden.fanOut,
        packer.inputReach ?? "all",
        packer.readOutReach ?? "all",
        readOut.axonsIn,
      ];
    });
    assert.deepEqual(rows, [
      [1000, 8, 16, 63, 64, "all", "all", Infinity],
      [992, 32, 16, 63, 1024, 128, 128, 128],
      [496, 16, 16, 63, 512, 128, 128, 128],
    ]);
    assert.equal(xyloAudio2.walls.synapses?.value, 64_000);
  });

  test("its idle power is what was measured", () => {
    const powers = [xyloAudio2, xyloAudio3, xyloImu].map((target) => {
      const { chip, io } = target.profiles[0].staticPower;
      return [chip, io].map((power) => (power === null ? null : Number((1000 * powerMw(power)).toFixed(1))));
    });
    assert.deepEqual(powers, [
      [219, null],
      [555.2, 35.7],
      [188.2, 334.3],
    ]);
  });

  test("its steps take the cycles of the maker's law, counted by hand, at 50 MHz", () => {
    const target: Target = xyloAudio2;
    const [profile] = target.profiles;
    const net = { ...hiddenLayers(createRng(8), [5, 12, 9, 4], 0.6), timestepNs: 1e6 };
    const { deployment } = compile(net, target);
    const inputs = { in: randomSpikes(createRng(8), [5], { steps: 5, density: 0.6 }) };
    const run = simulate(deployment, target, profile, inputs, { steps: 5, record: "all", timing: "cycles" });
    const hidden = 12 + 9;
    const outputs = 4;
    const ofNeurons = run.spikesOf ?? [];
    const [first, second] = [1, 2].map((p) => ofNeurons[p].reduce((sum, count) => sum + count, 0));
    assert.ok(first > 0 && second > 0);
    const { connectivity } = net.projections[1];
    assert.ok(connectivity.kind === "sparse");
    const { rowStart } = connectivity;
    const recurrent = ofNeurons[1].reduce(
      (sum, count, n) => sum + count * (rowStart[n + 1] - rowStart[n]),
      0,
    );
    const { steps } = run;
    const cycles =
      steps * 16 * 1 +
      spikesIn(inputs.in) * hidden * 3.5 +
      steps * hidden * 3 +
      recurrent * 7 +
      steps * hidden * 19 +
      (first + second) * 3 +
      (first + second) * (1 + 8 * outputs) +
      steps * outputs * 12;
    const totalNs = run.stepNs.reduce((sum, ns) => sum + ns, 0);
    assert.ok(Math.abs(totalNs - 1.2 * cycles * 20) < 1e-6, `${totalNs / 24} cycles, by hand ${cycles}`);

    const { cycleNs } = profile.laws?.cycles ?? {};
    assert.ok(cycleNs !== undefined);
    const { worstStepNs, requiredClockMhz } = timeSection(run, "cycles", {
      profile,
      timestepNs: net.timestepNs,
    });
    assert.ok(worstStepNs !== null && requiredClockMhz !== undefined);
    const worstCycles = worstStepNs / timeNs(cycleNs);
    // So many cycles in 1 ms.
    assert.ok(Math.abs(requiredClockMhz - worstCycles / 1000) < 1e-9);
  });
});
