// Whole steps of the machine on a pruned classifier spread over cores, and what loading it and its file cost.
import { readDeploymentFile, writeDeploymentFile } from "#formats/deployment-file/index";
import type { SpikeData } from "#ir/spikes";
import { createMachine } from "#simulator/machine";
import { ACTIONS } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { cpuMs, report } from "#test/bench";
import { deploymentOf, type ProjectionSpec } from "#test/deployments";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const LAYERS = [784, 1024, 1024, 10];
const NEURONS_PER_CORE = 256;
const INPUT_RATE = 0.1; // spikes per line and step
const STEPS = 100;

for (const density of [0.1, 1]) {
  const rng = createRng(1);
  const name = (layer: number): string => (layer === 0 ? "in" : `layer ${layer}`);
  const deployment = deploymentOf({
    inputs: [{ name: "in", size: LAYERS[0] }],
    populations: LAYERS.slice(1).map((size, i) => ({
      name: name(i + 1),
      size,
      startStep: i + 1,
      core: (n) => 8 * i + Math.floor(n / NEURONS_PER_CORE),
      params: { uDecay: 2047, vDecay: 200, thresholdMantissa: Math.ceil(LAYERS[i] * density) },
    })),
    projections: LAYERS.slice(1).map((size, i): ProjectionSpec => {
      const synapses = [];
      for (let pre = 0; pre < LAYERS[i]; pre++)
        for (let post = 0; post < size; post++)
          if (rng() < density) synapses.push({ pre, post, weight: Math.floor(rng() * 96) - 32 });
      return { pre: name(i), post: name(i + 1), synapses };
    }),
  });
  const events = { step: [] as number[], index: [] as number[] };
  for (let step = 0; step < STEPS; step++)
    for (let i = 0; i < LAYERS[0]; i++)
      if (rng() < INPUT_RATE) {
        events.step.push(step);
        events.index.push(i);
      }
  const input: SpikeData = {
    steps: STEPS,
    shape: [LAYERS[0]],
    samples: Array.from({ length: 5 }, () => ({
      step: Uint32Array.from(events.step),
      index: Uint32Array.from(events.index),
    })),
  };

  const bytes = writeDeploymentFile(deployment, { generator: "bench" });
  const warmMs = (work: () => unknown): number => {
    work();
    return cpuMs(work);
  };
  const run = simulate(deployment, loihi1, loihi1.profiles[0], { in: input });
  const count = (action: (typeof ACTIONS)[number]): number => {
    let sum = 0;
    for (let i = ACTIONS.indexOf(action); i < run.counts.length; i += ACTIONS.length) sum += run.counts[i];
    return sum;
  };
  const loadMs = warmMs(() => createMachine(deployment, loihi1));
  const runMs = warmMs(() => simulate(deployment, loihi1, loihi1.profiles[0], { in: input })) - loadMs;
  const synapses = deployment.cores.reduce((sum, { target }) => sum + target.length, 0);
  report({
    name: `simulate ${LAYERS.join("-")}, density ${density}`,
    unit: "ns/event, us/message, steps/s, ns/synapse",
    results: {
      events: count("synapseSparse"),
      messages: count("messageIn"),
      spikes: count("spikeOut"),
      "ns/event, all in": (runMs * 1e6) / count("synapseSparse"),
      "us/message, all in": (runMs * 1e3) / count("messageIn"),
      "steps/s": (run.samples * run.steps) / (runMs / 1000),
      "load, ns/synapse": (loadMs * 1e6) / synapses,
      "write file, ns/synapse":
        (warmMs(() => writeDeploymentFile(deployment, { generator: "bench" })) * 1e6) / synapses,
      "read file, ns/synapse":
        (warmMs(() => readDeploymentFile(bytes, new DiagnosticSink())) * 1e6) / synapses,
    },
  });
}
