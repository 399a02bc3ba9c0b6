import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { Deployment } from "#ir/deployment";
import { sanafeExporter } from "#formats/sanafe/exporter";
import { priceRun } from "#simulator/energy";
import { ACTIONS } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { deploymentOf, spikesOf, type PopulationSpec, type SynapseSpec } from "#test/deployments";
import { assertGolden } from "#test/golden";
import { between, randomSpikes } from "#test/networks";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";
import { readNetwork, readYaml, runPlain, type PlainNeuron } from "./sanafe-plain.ts";

async function exported(
  deployment: Deployment,
  options: Record<string, string> = {},
): Promise<{ network: string; architecture: string; codes: string[] }> {
  const sink = new DiagnosticSink();
  const network = { name: "", populations: [], projections: [], inputs: [], outputs: [] };
  const files = await sanafeExporter.write({ network, deployment, generator: "test" }, options, sink);
  const [first, second] = (files ?? []).map(({ bytes }) => new TextDecoder().decode(bytes));
  return { network: first, architecture: second, codes: sink.diagnostics.map(({ code }) => code) };
}

const SMALL = deploymentOf({
  inputs: [{ name: "in", size: 2 }],
  populations: [
    { name: "a.1", size: 3, params: { thresholdMantissa: 20, vDecay: 1024 }, core: (i) => (i === 2 ? 5 : 0) },
    { name: "out", size: 1, params: { thresholdMantissa: 7, biasMantissa: 3, vMin: -640 }, core: () => 5 },
  ],
  projections: [
    {
      pre: "in",
      post: "a.1",
      synapses: [0, 1, 2].map((post) => ({ pre: post % 2, post, weight: 10 + post })),
    },
    {
      pre: "a.1",
      post: "out",
      encoding: "dense",
      synapses: [0, 1, 2].map((pre) => ({ pre, post: 0, weight: 4 })),
    },
    { pre: "out", post: "a.1", weightExponent: 1, synapses: [{ pre: 0, post: 0, weight: -6 }] },
  ],
  outputs: [{ name: "out" }],
});

test("writes a small deployment like this", async () => {
  const { network, architecture } = await exported(SMALL);
  assertGolden("sanafe/small.yaml", network);
  assertGolden("sanafe/small.arch.yaml", architecture);
});

test("gives the same bytes every time", async () => {
  assert.deepEqual(await exported(SMALL), await exported(SMALL));
});

/** Recurrent, with biases, lower clamps, delays, several cores: all that SANA-FE computes as the chip does. */
function randomDeployment(rng: Rng, maxDelaySteps: number, cores: readonly number[]): Deployment {
  const sizes = Array.from({ length: between(rng, 1, 3) }, () => between(rng, 1, 8));
  const names = sizes.map((_, p) => `layer ${p}`);
  const synapses = (rows: number, cols: number): SynapseSpec[] => {
    const list: SynapseSpec[] = [];
    for (let pre = 0; pre < rows; pre++)
      for (let post = 0; post < cols; post++)
        if (rng() < 0.5)
          list.push({
            pre,
            post,
            weight: between(rng, -60, 100),
            delaySteps: between(rng, 1, maxDelaySteps),
          });
    return list;
  };
  const inputs = between(rng, 1, 6);
  return deploymentOf({
    inputs: [{ name: "in", size: inputs }],
    populations: sizes.map((size, p): PopulationSpec => ({
      name: names[p],
      size,
      params: {
        vDecay: Array.from({ length: size }, () => between(rng, 0, 4095)),
        thresholdMantissa: between(rng, 20, 200),
        biasMantissa: Array.from({ length: size }, () => (rng() < 0.5 ? 0 : between(rng, -300, 900))),
        biasExponent: between(rng, -2, 2),
        vMin: rng() < 0.5 ? -(2 ** 23 - 1) : -between(rng, 0, 9000),
      },
      core: () => cores[between(rng, 0, cores.length - 1)],
    })),
    projections: [
      { pre: "in", post: names[0], synapses: synapses(inputs, sizes[0]) },
      ...names.flatMap((pre, p) =>
        names.map((post, q) => ({
          pre,
          post,
          weightExponent: between(rng, 0, 1),
          synapses: synapses(sizes[p], sizes[q]),
        })),
      ),
    ],
  });
}

describe("what is written, run by SANA-FE's rules,", () => {
  const STEPS = 25;
  for (const maxDelaySteps of [1, 6])
    test(`gives the spikes, counts and energies of our machine, delays up to ${maxDelaySteps}`, async () => {
      let spikes = 0;
      for (let seed = 0; seed < 40; seed++) {
        const rng = createRng(seed);
        const deployment = randomDeployment(rng, maxDelaySteps, [0, 1, 2, 3]);
        const data = randomSpikes(rng, deployment.populations[0].shape, { steps: STEPS });
        const run = simulate(deployment, loihi1, loihi1.profiles[0], { in: data }, { record: "all" });

        const { network, architecture, codes } = await exported(deployment);
        assert.deepEqual(
          codes.filter((code) => code !== "sanafe/inputs-are-units" && code !== "sanafe/prices-not-carried"),
          [],
        );
        const plain = readNetwork(network);
        const trains = new Map<number, Set<number>>();
        data.samples[0].index.forEach((line, e) => {
          const id = plain.groups["in"] + line;
          trains.set(id, (trains.get(id) ?? new Set()).add(data.samples[0].step[e]));
        });
        const peer = runPlain(plain, trains, STEPS);

        const ours = Array.from({ length: STEPS }, () => new Set<number>());
        deployment.populations.forEach(({ name }) => {
          if (name === "in") return;
          const { step, index } = run.spikes[name].samples[0];
          step.forEach((t, e) => ours[t].add(plain.groups[name.replace(" ", "_")] + index[e]));
        });
        const isLine = (id: number): boolean => plain.neurons[id].model === "input";
        peer.fired.forEach((ids, t) => {
          assert.deepEqual(
            ids.filter((id) => !isLine(id)),
            [...ours[t]].toSorted((a, b) => a - b),
            `seed ${seed}, step ${t}`,
          );
          spikes += ours[t].size;
        });

        // Energy of our run, and of the peer's counts times the prices in the architecture file.
        const count = (action: string): number => {
          const column = ACTIONS.indexOf(action as never);
          return run.counts.reduce((sum, n, i) => (i % ACTIONS.length === column ? sum + n : sum), 0);
        };
        const price = pricesOf(architecture);
        const events = peer.synapticEvents.reduce((a, b) => a + b, 0);
        assert.equal(events, count("synapseSparse"));
        const neurons = plain.neurons.filter(({ model }) => model === "lif").length;
        const fired = peer.fired.flat().filter((id) => !isLine(id)).length;
        const linesFired = peer.fired.flat().length - fired;
        // Our machine also updates a neuron that is left with a current, which SANA-FE does not look at.
        const updated = peer.updated.reduce((a, b) => a + b, 0) - linesFired;
        assert.ok(updated <= count("neuronUpdate"));
        const packets = peer.packets.reduce((a, b) => a + b, 0) - count("inputMessage");
        assert.equal(packets, count("messageOut"));
        const energyJ =
          events * price("sparse", "energy_process_spike") +
          neurons * STEPS * price("lif", "energy_access_neuron") +
          count("neuronUpdate") * price("lif", "energy_update_neuron") +
          fired * price("lif", "energy_spike_out") +
          packets * price("axon_out", "energy_message_out");
        const { dynamicPj } = priceRun(run, loihi1.profiles[0], loihi1);
        assert.ok(
          Math.abs(energyJ * 1e12 - dynamicPj) <= 1e-6 * dynamicPj,
          `${energyJ * 1e12} against ${dynamicPj}`,
        );
      }
      assert.ok(spikes > 1000, `${spikes} spikes compared`);
    });
});

/** Price of a unit of the first core. */
function pricesOf(architecture: string): (unit: string, key: string) => number {
  type Units = Record<string, { name: string; attributes: Record<string, string> }[]>;
  const file = readYaml(architecture) as { architecture: { tile: { core: Units[] }[] } };
  const units = Object.values(file.architecture.tile[0].core[0]).flatMap((part) =>
    Array.isArray(part) ? part : [],
  );
  return (unit, key) => {
    const value = Number(units.find(({ name }) => name === unit)?.attributes[key]);
    assert.ok(Number.isFinite(value), `${unit} has ${key}`);
    return value;
  };
}

test("the architecture has every tile and core once, and a free core for the input where most of it goes", async () => {
  const { architecture, network } = await exported(SMALL);
  const { architecture: arch } = readYaml(architecture) as {
    architecture: { attributes: Record<string, string>; tile: { name: string; core: { name: string }[] }[] };
  };
  const tiles = arch.tile.map(({ name }) => /\[(\d+)\.\.(\d+)\]/.exec(name)!.slice(1).map(Number));
  assert.deepEqual(tiles, [
    [0, 0],
    [1, 31],
  ]);
  assert.deepEqual(
    arch.tile.map(({ core }) => core.map(({ name }) => name)),
    [["core[0..3]", "host"], ["core[0..3]"]],
  );
  assert.deepEqual([arch.attributes["width"], arch.attributes["height"]], ["8", "4"]);
  const plain = readNetwork(network);
  assert.deepEqual(plain.somaUnits.slice(0, 2), ["line[0]", "line[1]"]);
  // in[0..1] on the host core of tile 0, a[0..1] on core 0, a[2] and out on core 5: tile 1, place 1.
  assert.deepEqual(plain.core, [4, 4, 0, 0, 1001, 1001]);
  assert.equal(plain.synapseUnits.at(-1), "dense");
});

test("prices come from the profile that was asked for", async () => {
  const fit = pricesOf((await exported(SMALL)).architecture);
  const paper = pricesOf((await exported(SMALL, { profile: "davies2018" })).architecture);
  assert.equal(fit("lif", "energy_access_neuron"), 51.2e-12);
  assert.equal(paper("lif", "energy_access_neuron"), 52e-12);
  assert.equal(paper("axon_out", "energy_message_out"), 0);
  const { codes } = await exported(SMALL, { profile: "davis2018" });
  assert.deepEqual(codes, ["targets/unknown-profile"]);
});

const withMap = (deployment: Deployment, change: Partial<Deployment["populations"][number]>): Deployment => ({
  ...deployment,
  populations: deployment.populations.map((map, p) => (p === 1 ? { ...map, ...change } : map)),
});

const withBiasInput = (deployment: Deployment): Deployment => ({
  ...deployment,
  inputs: [
    ...deployment.inputs,
    {
      name: "bias",
      population: 1,
      drives: "bias",
      routeStart: Uint32Array.of(0, 0),
      routeCore: new Uint32Array(),
      routeAxon: new Uint16Array(),
    },
  ],
});

describe("says what SANA-FE computes otherwise", () => {
  const one = (
    params: PopulationSpec["params"],
    rest: Partial<PopulationSpec> = {},
    delaySteps = 1,
  ): Deployment =>
    deploymentOf({
      inputs: [{ name: "in", size: 1 }],
      populations: [{ name: "n", size: 1, params: params ?? {}, ...rest }],
      projections: [{ pre: "in", post: "n", synapses: [{ pre: 0, post: 0, weight: 9, delaySteps }] }],
    });
  const cases: [string, Deployment][] = [
    ["sanafe/current-not-rounded", one({ uDecay: 2048 })],
    ["sanafe/initial-state", one({ v0: 5 })],
    ["sanafe/start-step", one({ biasMantissa: 3 }, { startStep: 2 })],
    ["sanafe/periodic-reset", withMap(one({}), { periodicReset: { intervalSteps: 4, offsetSteps: 0 } })],
    ["sanafe/bias-input", withBiasInput(one({}))],
    ["sanafe/delay-too-long", one({}, {}, 7)],
    ["sanafe/several-chips", { ...one({}), chips: 2 }],
    ["targets/unknown-target", { ...one({}), target: "loihi9" }],
  ];
  for (const [code, deployment] of cases)
    test(code, async () => {
      const { codes, network } = await exported(deployment);
      assert.ok(codes.includes(code), codes.join());
      const refused = /too-long|several|unknown/.test(code);
      assert.equal(network === undefined, refused);
    });

  test("nothing where it computes the same", async () => {
    assert.deepEqual((await exported(one({}))).codes, ["sanafe/inputs-are-units"]);
  });

  test("a bias input adds no neuron", async () => {
    const neurons = readNetwork((await exported(withBiasInput(one({})))).network).neurons;
    assert.deepEqual(
      neurons.map(({ model }) => model),
      ["input", "lif"],
    );
  });

  test("synapses of another encoding than most of their neuron's", async () => {
    const mixed = deploymentOf({
      inputs: [{ name: "in", size: 3 }],
      populations: [{ name: "n", size: 1 }],
      projections: [
        { pre: "in", post: "n", synapses: [0, 1].map((pre) => ({ pre, post: 0, weight: 1 })) },
        { pre: "in", post: "n", encoding: "dense", synapses: [{ pre: 2, post: 0, weight: 1 }] },
      ],
    });
    assert.ok((await exported(mixed)).codes.includes("sanafe/synapses-priced-alike"));
  });
});

const golden = sharedPath("golden/sanafe");
for (const name of ["lif_semantics", "fc_layers", "recurrent_ei", "loihi_constants"]) {
  const path = join(golden ?? "", `${name}.json`);
  test.skipIf(!existsSync(path))(`sanafe ${name}: the rules of this test are SANA-FE's`, () => {
    const file = JSON.parse(readFileSync(path, "utf8")) as {
      timesteps: number;
      neurons: PlainNeuron[];
      core: number[];
      synapses: [number, number, number][];
      inputs: Record<string, number[]>;
      expected: { spikes_per_timestep: number[][]; per_timestep: Record<string, number[]> };
    };
    const synapses = file.synapses.map(([pre, post, weight]) => ({ pre, post, weight, delay: 0 }));
    const trains = new Map(
      Object.entries(file.inputs).map(([id, steps]) => [Number(id), new Set(steps.map((step) => step - 1))]),
    );
    const run = runPlain({ ...file, synapses }, trains, file.timesteps);
    assert.deepEqual(run.fired, file.expected.spikes_per_timestep);
    assert.deepEqual(run.packets, file.expected.per_timestep["packets"]);
    assert.deepEqual(run.synapticEvents, file.expected.per_timestep["synaptic_events"]);
    assert.deepEqual(run.updated, file.expected.per_timestep["updated"]);
  });
}

test("spikes of the small deployment, by hand", async () => {
  const { network } = await exported(SMALL);
  const plain = readNetwork(network);
  const data = spikesOf(6, 2, [
    [0, 0],
    [1, 0],
    [2, 1],
  ]);
  const run = simulate(SMALL, loihi1, loihi1.profiles[0], { in: data }, { record: "all" });
  const trains = new Map([
    [0, new Set([0, 1])],
    [1, new Set([2])],
  ]);
  const out = runPlain(plain, trains, 6).fired.flatMap((ids, t) => (ids.includes(5) ? [t] : []));
  assert.deepEqual(out, Array.from(run.spikes["out"].samples[0].step));
});
