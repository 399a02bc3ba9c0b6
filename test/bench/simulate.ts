// Whole runs of the simulator, one thread, with recording, counts and the simple timing model: ns for each synaptic event
// and neuron-step, and what it takes to load a synapse.
import type { Deployment } from "#ir/deployment";
import { createMachine } from "#simulator/machine";
import { ACTIONS, type Action, type RunResult } from "#simulator/result";
import { simulate, type SimulateOptions } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { cpuMs, report } from "#test/bench";
import { layeredNetwork, randomNetwork, type BenchNetwork } from "./networks.ts";

const REPEATS = 7;
const WARM_UP = 5;
const LAYERS = [784, 1024, 1024, 10];

/** About twenty million synaptic events each; a million where neurons are nearly all there is. */
const NETWORKS: readonly (() => BenchNetwork)[] = [
  () => randomNetwork(1024, 32, 0.01, 20_000),
  () => randomNetwork(1024, 32, 0.1, 6000),
  () => randomNetwork(1024, 1024, 0.01, 2000),
  () => randomNetwork(1024, 1024, 0.1, 200),
  () => randomNetwork(4096, 256, 0.01, 2000),
  () => randomNetwork(4096, 256, 0.1, 200),
  () => randomNetwork(16_384, 32, 0.01, 1000),
  () => randomNetwork(16_384, 32, 0.1, 200),
  () => randomNetwork(16_384, 256, 0.1, 50),
  () => layeredNetwork(LAYERS, 1, 0.1, 200),
  () => layeredNetwork(LAYERS, 0.1, 0.1, 2000),
  () => layeredNetwork(LAYERS, 0.01, 0.1, 5000),
  () => layeredNetwork(LAYERS, 1, 0.01, 1000),
];

for (const make of NETWORKS) {
  const { name, deployment, inputs, steps } = make();
  const run = (options: SimulateOptions = {}): RunResult =>
    simulate(deployment, loihi1, loihi1.profiles[0], inputs, { steps, ...options });
  const result = run();
  const synapses = sum(deployment.cores, ({ target }) => target.length);
  const neurons = sum(deployment.cores, (core) => core.neurons);
  const { bytes } = createMachine(deployment);
  const loadMs = medianMs(() => createMachine(deployment));
  const runMs = medianMs(() => run()) - loadMs;
  const plainMs = medianMs(() => run({ kernels: "plain" }), 3) - loadMs;
  const events = counted(result, "synapseSparse");
  report({
    name: `simulate ${name}`,
    unit: "ns, bytes",
    results: {
      events,
      messages: counted(result, "messageIn"),
      spikes: counted(result, "spikeOut"),
      "ns/event, all in": (runMs * 1e6) / events,
      "ns/neuron-step, all in": (runMs * 1e6) / (neurons * result.steps),
      "ns/step": (runMs * 1e6) / result.steps,
      "ns/event, plain": (plainMs * 1e6) / events,
      "load, ns/synapse": (loadMs * 1e6) / synapses,
      "deployment, bytes/synapse": deploymentBytes(deployment) / synapses,
      "machine, bytes/synapse": bytes / synapses,
    },
  });
}

/** After a warm-up: the first runs pay for compilers, JavaScript's and WebAssembly's, on threads that count too. */
function medianMs(work: () => unknown, repeats: number = REPEATS): number {
  for (let i = 0; i < WARM_UP; i++) work();
  const ms = Array.from({ length: repeats }, () => cpuMs(work)).toSorted((a, b) => a - b);
  return ms[Math.floor(repeats / 2)];
}

function counted(run: RunResult, action: Action): number {
  let total = 0;
  for (let i = ACTIONS.indexOf(action); i < run.counts.length; i += ACTIONS.length) total += run.counts[i];
  return total;
}

/** All typed arrays of the cores, whatever they hold. */
function deploymentBytes({ cores }: Deployment): number {
  return sum(cores, (core) =>
    sum(Object.values(core), (part) => (ArrayBuffer.isView(part) ? part.byteLength : 0)),
  );
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
