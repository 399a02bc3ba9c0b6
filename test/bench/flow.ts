// The way of a user's file, at three sizes: read NIR, compile, verify, simulate. Each size runs in a process of its
// own, so that its peak memory is its own; yardsticks are plain passes over the same data in the same process.
import { spawnSync } from "node:child_process";
import { createRng, type Rng } from "#util/rng";
import { fileURLToPath } from "node:url";
import { mapModel, readNetwork } from "#spinec";
import type { NirNode } from "#formats/nir/graph";
import { writeNirFile } from "#formats/nir/write-file";
import { simulate } from "#simulator/simulate";
import { findProfile, findTarget } from "#targets/index";
import { DiagnosticSink } from "#util/diagnostic";
import { report } from "#test/bench";

const DENSITY = 0.25; // share of weights left after pruning
const STEPS = 10;
const INPUT_RATE = 0.05; // share of inputs that fire in a step

/** Neurons per layer and layers of weights that give the wanted number of synapses. */
const SIZES: Readonly<Record<string, { neurons: number; layers: number; chips: number }>> = {
  "1e5": { neurons: 448, layers: 2, chips: 1 },
  "1e6": { neurons: 1414, layers: 2, chips: 1 },
  "1e7": { neurons: 2000, layers: 10, chips: 4 },
};

const array = (data: Float32Array | Float64Array | Int32Array, shape: number[], dtype: string) => ({
  data,
  shape,
  dtype,
});

/** A stack of pruned linear layers and LIF neurons, as a training framework would write it. */
function layeredNodes(
  neurons: number,
  layers: number,
  rng: Rng,
): { nodes: NirNode[]; edges: [string, string][] } {
  const node = (name: string, type: string, fields: NirNode["fields"]): NirNode => ({
    name,
    path: `/node/nodes/${name}`,
    type,
    fields,
    metadata: {},
  });
  const shape = { shape: array(Int32Array.of(neurons), [1], "int64") };
  const nodes = [node("input", "Input", shape), node("output", "Output", shape)];
  const edges: [string, string][] = [];
  let last = "input";
  for (let layer = 0; layer < layers; layer++) {
    const weight = new Float32Array(neurons * neurons);
    for (let i = 0; i < weight.length; i++)
      if (rng() < DENSITY) weight[i] = (rng() - 0.42) * (4 / (INPUT_RATE * DENSITY * neurons));
    const full = (value: number) => array(new Float32Array(neurons).fill(value), [neurons], "float32");
    nodes.push(
      node(`fc${layer}`, "Linear", { weight: array(weight, [neurons, neurons], "float32") }),
      node(`lif${layer}`, "LIF", {
        tau: full(1e-3),
        r: full(10),
        v_leak: full(0),
        v_threshold: full(1),
        v_reset: full(0),
      }),
    );
    edges.push([last, `fc${layer}`], [`fc${layer}`, `lif${layer}`]);
    last = `lif${layer}`;
  }
  edges.push([last, "output"]);
  return { nodes: nodes.sort((a, b) => (a.name < b.name ? -1 : 1)), edges };
}

async function timed<T>(
  work: () => T | Promise<T>,
): Promise<[result: T, cpuSeconds: number, wallSeconds: number]> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return [result, (user + system) / 1e6, (performance.now() - startedMs) / 1000];
}

async function runSize(name: string): Promise<void> {
  const { neurons, layers, chips } = SIZES[name];
  const rng = createRng(7);
  const sink = new DiagnosticSink();
  const { nodes, edges } = layeredNodes(neurons, layers, rng);
  const bytes = await writeNirFile(
    { version: "1.0.8", root: { nodes, edges, metadata: {} } },
    { compression: "none" },
  );
  const startMb = process.memoryUsage().rss / 2 ** 20;

  const [model, loadCpu, loadWall] = await timed(() => readNetwork(bytes, { name }, sink));
  sink.throwIfErrors();
  const target = findTarget("loihi1", sink)!;
  const profile = findProfile(target, undefined, sink)!;
  const [mapped, compileCpu, compileWall] = await timed(() => mapModel(model!, target, { chips }, sink));
  const { deployment, utilization } = mapped.compiled;

  const step: number[] = [];
  const index: number[] = [];
  for (let t = 0; t < STEPS; t++)
    for (let i = 0; i < neurons; i++)
      if (rng() < INPUT_RATE) {
        step.push(t);
        index.push(i);
      }
  const sample = { step: Uint32Array.from(step), index: Uint32Array.from(index) };
  const inputs = { [model!.inputs[0].name]: { steps: STEPS, shape: [neurons], samples: [sample] } };
  const [run, simulateCpu] = await timed(() => simulate(deployment, target, profile, inputs));
  let events = 0;
  const columns = run.counts.length / run.coreIds.length;
  for (let row = 0; row < run.coreIds.length; row++)
    for (let action = 0; action < 4; action++) events += run.counts[row * columns + action];

  const weights = nodes.flatMap(({ fields }) =>
    "weight" in fields ? [(fields["weight"] as { data: Float32Array }).data] : [],
  );
  const [, passCpu] = await timed(() => {
    let nonzero = 0;
    for (const data of weights) for (let i = 0; i < data.length; i++) if (data[i] !== 0) nonzero++;
    return nonzero;
  });
  const synapses = utilization.synapses;
  report({
    name: `flow ${name}`,
    unit: "see keys",
    results: {
      synapses,
      fileMb: bytes.length / 2 ** 20,
      cores: utilization.cores,
      chips: utilization.chips,
      loadCpuS: loadCpu,
      loadWallS: loadWall,
      loadMillionWeightsPerS: (neurons * neurons * layers) / 1e6 / loadCpu,
      compileCpuS: compileCpu,
      compileWallS: compileWall,
      compileMillionSynapsesPerS: synapses / 1e6 / compileCpu,
      "compile / one plain pass over the weights": compileCpu / passCpu,
      simulateCpuS: simulateCpu,
      synapticEvents: events,
      simulateMillionEventsPerS: events / 1e6 / simulateCpu,
      startMb,
    },
  });
}

const asked = process.argv[2] as string | undefined;
if (asked !== undefined && asked in SIZES) await runSize(asked);
else
  for (const size of Object.keys(SIZES)) {
    const child = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), size], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (child.status !== 0) process.exitCode = 1;
  }
