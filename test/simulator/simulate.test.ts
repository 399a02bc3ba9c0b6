import assert from "node:assert/strict";
import { describe, test } from "vitest";
import fc from "fast-check";
import type { Deployment } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { FIRED, IDLE, type StepView } from "#simulator/activity";
import { ACTIONS, type RunResult } from "#simulator/result";
import { simulate, type SimulateOptions } from "#simulator/simulate";
import { simpleStepTime } from "#simulator/timing/simple";
import { loihi1 } from "#targets/loihi1/index";
import { deploymentOf, spikesOf, type DeploymentSpec } from "#test/deployments";
import { ToolchainError } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";
import { plainMachine } from "./machine-plain.ts";

const profile = loihi1.profiles[0];

const fired = (run: RunResult, population: string): number[][] =>
  run.spikes[population].samples.map(({ step, index }) => Array.from(step, (s, e) => [s, index[e]])).flat();

const counted = (run: RunResult, action: (typeof ACTIONS)[number]): number[] =>
  Array.from(run.coreIds, (_, row) => run.counts[row * ACTIONS.length + ACTIONS.indexOf(action)]);

describe("simulate", () => {
  test("passes a spike from layer to layer, one step each", () => {
    const deployment = deploymentOf({
      inputs: [{ name: "in", size: 2 }],
      populations: [
        { name: "a", size: 2, startStep: 1 },
        { name: "b", size: 1, startStep: 2, core: () => 5 },
      ],
      projections: [
        {
          pre: "in",
          post: "a",
          synapses: [
            { pre: 0, post: 0, weight: 2 },
            { pre: 1, post: 1, weight: 2 },
          ],
        },
        { pre: "a", post: "b", synapses: [{ pre: 0, post: 0, weight: 2 }] },
      ],
    });
    const run = simulate(deployment, loihi1, profile, {
      in: spikesOf(3, 2, [
        [0, 0],
        [2, 1],
        [1, 0],
      ]),
    });
    assert.equal(run.steps, 5);
    assert.deepEqual(fired(run, "a"), [
      [0, 0],
      [1, 0],
      [2, 1],
    ]);
    assert.deepEqual(fired(run, "b"), [
      [0, 0],
      [1, 0],
    ]);
    assert.deepEqual(counted(run, "neuronAccess"), [10, 5]);
    assert.deepEqual(counted(run, "inputMessage"), [3, 0]);
    assert.deepEqual(counted(run, "messageIn"), [3, 2]);
    assert.deepEqual(counted(run, "messageOut"), [2, 0]);
    assert.deepEqual(counted(run, "hopNorthSouth"), [2, 0]);
  });
});

const oneLayer = (weight = 2, weightExponent = 0): Deployment =>
  deploymentOf({
    inputs: [{ name: "in", size: 2 }],
    populations: [{ name: "a", size: 2, startStep: 1 }],
    projections: [{ pre: "in", post: "a", weightExponent, synapses: [{ pre: 0, post: 0, weight }] }],
  });

describe("simulate refuses", () => {
  const refusal = (
    inputs: Record<string, SpikeData>,
    options: SimulateOptions = {},
    deployment = oneLayer(),
    usedProfile = profile,
  ): string[] => {
    try {
      simulate(deployment, loihi1, usedProfile, inputs, options);
    } catch (error) {
      assert.ok(error instanceof ToolchainError);
      return error.diagnostics.map(({ code, message }) => `${code}: ${message}`);
    }
    return [];
  };
  const good = spikesOf(3, 2, [[0, 0]]);

  test("nothing that is right", () => {
    assert.deepEqual(
      refusal({ in: good }, { steps: 9, record: ["a"], timing: "simple", samples: [0, 0] }),
      [],
    );
  });

  test("inputs that are missing, unknown or of another shape, all at once", () => {
    assert.deepEqual(refusal({ im: good }), [
      'simulate/input-unknown: there are spikes for an input "im", but the network\'s inputs are "in".',
      'simulate/input-missing: the network has an input "in", but there are no spikes for it (given: "im").',
      "simulate/steps-missing: the network has no input whose length could say how many steps to run, and no number of steps was given.",
    ]);
    assert.deepEqual(refusal({ in: { ...good, shape: [1, 2, 1] } }), []);
    assert.deepEqual(refusal({ in: { ...good, shape: [2, 2] } }), [
      'simulate/input-shape: input "in" takes [2] per step, but the spikes given have [2, 2].',
    ]);
  });

  test("values that are not counts of spikes", () => {
    for (const value of [0.5, -1, NaN, Infinity])
      assert.deepEqual(refusal({ in: spikesOf(3, 2, [[2, 1, value]]) }), [
        `simulate/input-not-spikes: input "in" has the value ${value} at sample 0, step 2, index 1, but a chip takes spikes: whole numbers from 0, k meaning k spikes.`,
      ]);
  });

  test("events outside their data, and out of order", () => {
    const codes = (events: [number, number][]): string[] =>
      refusal({
        in: {
          steps: 3,
          shape: [2],
          samples: [
            {
              step: Uint32Array.from(events, ([step]) => step),
              index: Uint32Array.from(events, ([, index]) => index),
            },
          ],
        },
      }).map((line) => line.split(":")[0]);
    assert.deepEqual(codes([[3, 0]]), ["simulate/input-outside"]);
    assert.deepEqual(codes([[0, 2]]), ["simulate/input-outside"]);
    assert.deepEqual(
      codes([
        [1, 0],
        [0, 0],
      ]),
      ["simulate/input-order"],
    );
    assert.deepEqual(
      codes([
        [1, 1],
        [1, 0],
      ]),
      [],
    );
  });

  test("unknown names, other targets and samples that are not there", () => {
    const other = { ...oneLayer(), target: "chip9" };
    assert.deepEqual(
      refusal({ in: good }, { record: ["b"], timing: "simpel", samples: [0, 2] }, other, {
        ...profile,
        target: "chip8",
      }).map((line) => line.split(":")[0]),
      [
        "simulate/target-differs",
        "simulate/profile-of-other-target",
        "simulate/timing-unknown",
        "simulate/no-samples",
        "simulate/record-unknown",
      ],
    );
  });

  test("inputs whose sums could leave 31 bits", () => {
    assert.deepEqual(refusal({ in: spikesOf(3, 2, [[0, 0, 600_000_000]]) }), [
      "simulate/sum-too-large: core 0 may get 600,000,000 messages in one step with weights up to 2, which could sum to more than the 1073741823 that the simulator holds.",
    ]);
  });

  test("synapse lists that are too long to be counted", () => {
    const deployment = oneLayer();
    const cores = deployment.cores.map((core) => ({
      ...core,
      axonStart: Uint32Array.of(0, 65_535, 131_071),
    }));
    assert.deepEqual(refusal({ in: spikesOf(3, 2, []) }, {}, { ...deployment, cores }), [
      "simulate/list-too-long: input axon 1 of core 0 has 65,536 synapses, but the simulator holds 65535 in one list.",
    ]);
  });

  test("a core with all four kinds of synaptic events", () => {
    const deployment = oneLayer();
    const [core] = deployment.cores;
    const formats = (["dense", "sparse", "run-length", "kernel"] as const).map((encoding) => ({
      ...core.formats[0],
      encoding,
    }));
    assert.deepEqual(refusal({ in: good }, {}, { ...deployment, cores: [{ ...core, formats }] }), [
      "simulate/encodings-mixed: core 0 holds dense, sparse and run-length lists and convolutions, and the simulator counts three of these kinds on a core.",
    ]);
  });

  test("currents that leave their register", () => {
    assert.deepEqual(refusal({ in: spikesOf(3, 2, [[1, 0, 600]]) }, {}, oneLayer(255, 7)), [
      'simulate/current-too-large: in step 2 the input of neuron 0 of "a" drives its current beyond 2^30, far outside the chip\'s 24-bit register, where the integer rules are not defined.',
    ]);
  });

  test("neuron models that are not the chip's", () => {
    const deployment = oneLayer();
    const [core] = deployment.cores;
    const groups = core.groups.map((group) => ({ ...group, model: "lif" }));
    assert.deepEqual(refusal({ in: good }, {}, { ...deployment, cores: [{ ...core, groups }] }), [
      'simulate/model-unknown: population "a" runs the neuron model "lif", but the simulator of deployments runs "loihi-cuba", "input", "digital-lif", "sanafe-lif", "truenorth-lif".',
    ]);
  });
});

describe("simulate", () => {
  test("runs without inputs if told how long, and starts every sample afresh", () => {
    const ticking = deploymentOf({
      populations: [{ name: "a", size: 1, params: { biasMantissa: 40 } }],
      projections: [],
    });
    const run = simulate(ticking, loihi1, profile, {}, { steps: 5 });
    // v: 40, 80 -> spike, 40, 80 -> spike, 40; threshold 64.
    assert.deepEqual(fired(run, "a"), [
      [1, 0],
      [3, 0],
    ]);

    const two = { ...spikesOf(2, 2, [[0, 0]]) };
    const pair = { ...two, samples: [two.samples[0], two.samples[0]] };
    const both = simulate(oneLayer(), loihi1, profile, { in: pair });
    assert.deepEqual(both.spikes["a"].samples[0], both.spikes["a"].samples[1]);
    const second = simulate(oneLayer(), loihi1, profile, { in: pair }, { samples: [1, 2] });
    assert.equal(second.samples, 1);
    assert.deepEqual(second.spikes["a"].samples[0], both.spikes["a"].samples[1]);
  });

  test("cuts the input off at the steps asked for, and runs on without it", () => {
    const input = spikesOf(3, 2, [
      [0, 0],
      [2, 0],
    ]);
    assert.deepEqual(fired(simulate(oneLayer(), loihi1, profile, { in: input }, { steps: 2 }), "a"), [
      [0, 0],
    ]);
    const longer = simulate(oneLayer(), loihi1, profile, { in: input }, { steps: 5 });
    assert.deepEqual(fired(longer, "a"), [
      [0, 0],
      [2, 0],
    ]);
    assert.equal(longer.steps, 6);
  });

  test("counts a neuron as updated when its inputs cancel", () => {
    const cancelling = deploymentOf({
      inputs: [{ name: "in", size: 2 }],
      populations: [{ name: "a", size: 2 }],
      projections: [
        {
          pre: "in",
          post: "a",
          synapses: [
            { pre: 0, post: 0, weight: 3 },
            { pre: 1, post: 0, weight: -3 },
          ],
        },
      ],
    });
    const run = simulate(cancelling, loihi1, profile, {
      in: spikesOf(2, 2, [
        [0, 0],
        [0, 1],
      ]),
    });
    assert.deepEqual(counted(run, "neuronUpdate"), [1]);
    assert.deepEqual(counted(run, "neuronAccess"), [4]);
  });

  test("tells progress by samples", () => {
    const told: [string, number, number][] = [];
    simulate(oneLayer(), loihi1, profile, { in: spikesOf(1, 2, []) }, {}, (...at) => told.push(at));
    assert.deepEqual(told, [
      ["simulate", 0, 1],
      ["simulate", 1, 1],
    ]);
  });
});

describe("simulate against the plain machine", () => {
  test("gives the same spikes, membranes, counts and times on random deployments", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rng = createRng(seed);
        const spec = randomSpec(rng);
        compare(deploymentOf(spec), randomSpikes(rng, 4, pick(rng, [1, 7]), 12), 12);
      }),
      { numRuns: 300 },
    );
  });
});

/** All populations are recorded; the membrane of the last one is read out. */
function compare(deployment: Deployment, input: SpikeData, steps: number): void {
  const inputs = { in: input };
  const seen: Seen[] = [];
  const observe = (view: StepView): void => void seen.push(seenIn(view, deployment));
  const run = simulate(deployment, loihi1, profile, inputs, { record: "all", observe });
  for (const kernels of ["compiled", "plain"] as const) {
    const unobserved = simulate(deployment, loihi1, profile, inputs, { record: "all", kernels });
    assert.deepEqual(unobserved, run);
  }
  const names = deployment.populations.map(({ name }) => name);
  const updatesOf = names.map(() => 0);
  const spikesOf = run.spikesOf!.map((spikes) => Array.from(spikes, () => 0));
  const stateEvents = new Map<string, { kind: string; count: number; first: unknown }>();
  const startOf = new Map(deployment.populations.map(({ name, startStep }) => [name, startStep]));
  const readout = new Map(deployment.outputs.map((port) => [port.name, port.readout]));
  const totals = new Float64Array(run.counts.length);

  for (let sample = 0; sample < run.samples; sample++) {
    const plain = plainMachine(deployment, loihi1, { in: input.samples[sample] }, run.steps);
    for (const [population, { samples }] of Object.entries(run.spikes)) {
      const start = startOf.get(population)!;
      for (let step = 0; step < steps; step++) {
        const { step: at, index, value } = samples[sample];
        const events = [...at.keys()].filter((e) => at[e] === step);
        if (readout.get(population) === "membrane") {
          const expected = [...plain.membranes[step + start]]
            .filter(([name, v]) => name.startsWith(`${population} `) && v !== 0)
            .map(([name, v]) => `${name} ${v / 4}`);
          assert.deepEqual(
            events.map((e) => `${population} ${index[e]} ${value![e]}`).toSorted(),
            expected.toSorted(),
          );
        } else {
          const expected = (plain.fired[step + start] ?? []).filter((name) =>
            name.startsWith(`${population} `),
          );
          assert.deepEqual(events.map((e) => `${population} ${index[e]}`).toSorted(), expected);
        }
      }
    }
    plain.updated.forEach((updated, step) => {
      const expected = {
        updated,
        fired: plain.fired[step],
        hostMessages: plain.hostMessages[step],
        membranes: plain.membranes[step],
      };
      assert.deepEqual(seen[sample * run.steps + step], expected);
      for (const name of updated) updatesOf[names.indexOf(name.split(" ")[0])]++;
      for (const name of plain.fired[step])
        spikesOf[names.indexOf(name.split(" ")[0])][+name.split(" ")[1]]++;
    });
    const sent = input.samples[sample];
    sent.step.forEach((step, e) => {
      if (step + startOf.get("in")! < run.steps) spikesOf[0][sent.index[e]] += sent.value?.[e] ?? 1;
    });
    for (const { step, name, kind } of plain.stateEvents) {
      const [population, neuron] = name.split(" ");
      const first = { sample, step, population: names.indexOf(population), neuron: Number(neuron) };
      const event = stateEvents.get(kind) ?? { kind, count: 0, first };
      event.count++;
      stateEvents.set(kind, event);
    }
    plain.counts.forEach((counts, step) => {
      const rows = new Float64Array(run.counts.length);
      run.coreIds.forEach((core, row) => {
        ACTIONS.forEach((action, column) => {
          rows[row * ACTIONS.length + column] = counts.get(core)?.[action] ?? 0;
        });
      });
      rows.forEach((count, i) => (totals[i] += count));
      const time = simpleStepTime(rows, profile, run.tilesOn);
      const at = sample * run.steps + step;
      assert.equal(run.stepNs[at], time.timeNs);
      assert.equal(run.bindingCore[at], time.core);
      assert.equal(run.bindingPhase[at], time.phase);
    });
  }
  assert.deepEqual(run.counts, totals);
  assert.deepEqual([...run.updatesOf!], updatesOf);
  assert.deepEqual(
    run.spikesOf!.map((spikes) => [...spikes]),
    spikesOf,
  );
  const byKind = (events: readonly { kind: string }[]) =>
    events.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
  assert.deepEqual(byKind(run.stateEvents!), byKind([...stateEvents.values()]));
}

interface Seen {
  readonly updated: readonly string[];
  readonly fired: readonly string[];
  readonly hostMessages: readonly string[];
  readonly membranes: ReadonlyMap<string, number>;
}

/** What an observer can see of a step, in the terms of the plain machine. */
function seenIn({ activity, tables, stateOf }: StepView, { cores, populations }: Deployment): Seen {
  const { status, fired, firedEnd, hostMessages, hostRow, hostAxon } = activity.messages!;
  const { neuronBegin } = tables;
  const nameOf = new Map<number, string>();
  const membranes = new Map<string, number>();
  populations.forEach(({ name, core, compartment }, population) =>
    core.forEach((id, i) => {
      const row = cores.findIndex((program) => program.core === id);
      nameOf.set(neuronBegin[row] + compartment[i], `${name} ${i}`);
      membranes.set(`${name} ${i}`, stateOf(population, "v", i));
    }),
  );
  const named = (compartments: readonly number[]): string[] =>
    compartments.map((n) => nameOf.get(n)!).toSorted();
  const listed = cores.flatMap((_, row) => [...fired.subarray(neuronBegin[row], firedEnd[row])]);
  assert.deepEqual(
    listed,
    [...status.keys()].filter((n) => status[n] === FIRED),
  );
  const axonBegin = cores.map((_, row) =>
    cores.slice(0, row).reduce((sum, { axonWords }) => sum + axonWords.length, 0),
  );
  return {
    fired: named(listed),
    updated: named([...status.keys()].filter((n) => status[n] !== IDLE)),
    hostMessages: Array.from(
      { length: hostMessages },
      (_, m) => `${cores[hostRow[m]].core}/${hostAxon[m] - axonBegin[hostRow[m]]}`,
    ),
    membranes,
  };
}

function pick<T>(rng: Rng, values: readonly T[]): T {
  return values[Math.floor(rng() * values.length)];
}

/** Three populations over up to four cores, with recurrence, delays, and parameters that reach the wraps. */
function randomSpec(rng: Rng): DeploymentSpec {
  const sizes = { in: 4, a: 1 + Math.floor(rng() * 6), b: 1 + Math.floor(rng() * 5), out: 3 };
  const cores = pick(rng, [[0], [0, 1], [0, 4, 130, 9]]);
  const longestDelay = pick(rng, [1, 1, 2, 5, 62]);
  const largeThreshold = rng() < 0.3;
  const each = (size: number, value: () => number): number[] => Array.from({ length: size }, value);
  const between = (low: number, high: number): number => low + Math.floor(rng() * (high - low + 1));
  const population = (name: "a" | "b" | "out", startStep: number): DeploymentSpec["populations"][number] => ({
    name,
    size: sizes[name],
    startStep,
    core: (i) => cores[(i + name.length) % cores.length],
    params: {
      uDecay: each(sizes[name], () => pick(rng, [0, 4095, between(0, 4095)])),
      vDecay: each(sizes[name], () => pick(rng, [0, 4095, between(0, 4095)])),
      thresholdMantissa: each(sizes[name], () =>
        largeThreshold ? between(0, 131_071) : pick(rng, [0, 1, between(0, 500)]),
      ),
      biasMantissa: each(sizes[name], () => pick(rng, [0, 0, between(-4096, 4095)])),
      biasExponent: between(-3, 7),
      refractorySteps: each(sizes[name], () => pick(rng, [0, 1, 4])),
      vMin: pick(rng, [0, -8_388_607, -1000]),
      u0: each(sizes[name], () => pick(rng, [0, 0, between(-8_388_607, 8_388_607)])),
      v0: each(sizes[name], () => pick(rng, [0, 0, between(-8_388_607, 8_388_607)])),
    },
  });
  const projection = (
    pre: keyof typeof sizes,
    post: "a" | "b" | "out",
  ): DeploymentSpec["projections"][number] => {
    const density = pick(rng, [0.1, 0.5, 1]);
    const synapses: DeploymentSpec["projections"][number]["synapses"][number][] = [];
    for (let i = 0; i < sizes[pre]; i++)
      for (let j = 0; j < sizes[post]; j++)
        if (rng() < density)
          synapses.push({
            pre: i,
            post: j,
            weight: pick(rng, [0, 1, -1, between(-256, 255)]),
            delaySteps: between(1, longestDelay),
          });
    return {
      pre,
      post,
      weightExponent: pick(rng, [0, 0, between(-7, 7)]),
      encoding: pick(rng, ["sparse", "dense", "run-length"] as const),
      synapses,
    };
  };
  const deep = between(0, 3);
  return {
    rules: pick(rng, ["lava", "nengo"] as const),
    inputs: [{ name: "in", size: sizes.in, startStep: pick(rng, [0, 0, 2]) }],
    populations: [population("a", 1), population("b", between(0, 2)), population("out", deep)],
    projections: [
      projection("in", "a"),
      projection("in", "b"),
      projection("a", "b"),
      projection("b", "b"),
      projection("b", "out"),
      projection("a", "out"),
    ],
    outputs: [{ name: "out", readout: "membrane", membraneQuantum: Float64Array.of(0.25) }, { name: "a" }],
  };
}

/** One to three samples; some events repeat, some carry counts. */
function randomSpikes(rng: Rng, size: number, largest: number, steps: number): SpikeData {
  const samples = Array.from({ length: 1 + Math.floor(rng() * 3) }, () => {
    const events: [number, number, number][] = [];
    for (let step = 0; step < steps; step++)
      for (let i = 0; i < size; i++)
        if (rng() < 0.4) events.push([step, i, Math.floor(rng() * (largest + 1))]);
    return spikesOf(steps, size, events).samples[0];
  });
  return { steps, shape: [size], samples };
}
