// Whole runs of the simulator on one thread, beside a plain loop of C on the same networks: ns for each synaptic event
// and neuron, what the timing model `detailed` adds for each message, and what a synapse takes to load.
//
//   node --expose-gc dist/test/bench/simulator.js [--full] [--json]
//
// All programs do the same work: if spikes of any neuron or the number of synaptic events differ between them, this stops.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { layeredNetwork, loneNeurons, randomNetwork, type BenchNetwork } from "./networks.ts";
import { compileLoop } from "./simulator-c.ts";
import { measureNetwork, type Figures } from "./simulator-figures.ts";
import { networkTable, neuronTable } from "./simulator-table.ts";

const LAYERS = [784, 1024, 1024, 10];

/** About twenty million synaptic events each, where the table is not larger than that. */
const NETWORKS: readonly (() => BenchNetwork)[] = [
  () => randomNetwork(1024, 32, 0.01, 20_000),
  () => randomNetwork(1024, 32, 0.1, 6000),
  () => randomNetwork(1024, 1024, 0.01, 2000),
  () => randomNetwork(1024, 1024, 0.1, 200),
  () => randomNetwork(4096, 256, 0.01, 2000),
  () => randomNetwork(4096, 256, 0.1, 200),
  () => randomNetwork(16_384, 32, 0.01, 1000),
  () => randomNetwork(16_384, 32, 0.1, 200),
  () => layeredNetwork(LAYERS, 1, 0.1, 200),
  () => layeredNetwork(LAYERS, 0.1, 0.1, 2000),
  () => layeredNetwork(LAYERS, 0.01, 0.1, 5000),
  () => layeredNetwork(LAYERS, 1, 0.01, 1000),
];
/** With `--full`: tables beyond the caches, and many small cores. */
const LARGE: readonly (() => BenchNetwork)[] = [
  () => randomNetwork(4096, 256, 0.1, 100, 32),
  () => randomNetwork(16_384, 256, 0.01, 500),
  () => randomNetwork(16_384, 256, 0.1, 50),
  () => randomNetwork(16_384, 1024, 0.01, 200),
  () => randomNetwork(16_384, 1024, 0.1, 20),
];
const LONE: readonly (() => BenchNetwork)[] = [
  () => loneNeurons(1024, "at rest", 0.01, 20_000),
  () => loneNeurons(1024, "firing", 0.01, 20_000),
  () => loneNeurons(1024, "leaking", 0.01, 20_000),
  () => loneNeurons(16_384, "at rest", 0.01, 1000),
  () => loneNeurons(16_384, "firing", 0.01, 1000),
  () => loneNeurons(16_384, "leaking", 0.01, 1000),
];

const isFull = process.argv.includes("--full");
const isJson = process.argv.includes("--json");
const folder = mkdtempSync(join(tmpdir(), "spinec-bench-"));
try {
  const program = compileLoop(folder);
  const figuresOf = async (networks: readonly (() => BenchNetwork)[]): Promise<Figures[]> => {
    const list: Figures[] = [];
    for (const make of networks) {
      const figures = await measureNetwork(make(), program, folder);
      if (isJson) console.log(JSON.stringify(figures, (_, v: unknown) => rounded(v)));
      list.push(figures);
    }
    return list;
  };
  // Once for nothing: whatever comes first finds the engine cold.
  await measureNetwork(NETWORKS[0](), program, folder);
  const networks = await figuresOf(isFull ? [...NETWORKS, ...LARGE] : NETWORKS);
  const neurons = await figuresOf(LONE);
  if (!isJson) {
    const machine = `${cpus()[0].model}, Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}`;
    console.log(`simulator: CPU time of one thread, medians of five (${machine})`);
    console.log(program === undefined ? "no C compiler: no C columns\n" : "");
    console.log(networkTable(networks));
    console.log(neuronTable(neurons));
  }
} finally {
  rmSync(folder, { recursive: true });
}

function rounded(value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
}
