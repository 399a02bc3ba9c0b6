// How many synapses a second the mapper of bare connectivity takes, and how much memory: networks of growing size, each in a
// process of its own. `npm run build` first.
//
//   node scripts/mapping-throughput.mjs [--sizes 2.2,4.2,17,67,100] [--stages seeds,fast,default] [--full 17] [--json FILE]
//
// --sizes     millions of synapses: small worlds on a grid, drawn from a seed, 64 targets a neuron
// --stages    each seed alone, and the whole mapper (partition and placement) at an effort
// --full      the whole mapper only up to so many millions of synapses
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { blockedList } from "../dist/compiler/hypergraph/capacity.js";
import { incomingOf } from "../dist/compiler/hypergraph/fill.js";
import { finestLevel } from "../dist/compiler/hypergraph/level.js";
import { SEEDS } from "../dist/compiler/hypergraph/seeds.js";
import { coreProfileNamed, mapConnectivity } from "../dist/src/index.js";
import { DiagnosticSink } from "../dist/src/util/diagnostic.js";
import { createRng } from "../dist/src/util/rng.js";
import { scriptOptions } from "./options.mjs";

const { values: args } = scriptOptions(import.meta.url, {
  options: {
    sizes: { type: "string", default: "2.2,4.2,17,67,100" },
    stages: { type: "string", default: "seeds,fast,default" },
    full: { type: "string", default: "17" },
    json: { type: "string" },
  },
});

/** Seeds that need no layers with height and width, of the efforts up to default. */
const TIMED_SEEDS = SEEDS.filter(({ isForLayers, from, name }) =>
  isForLayers ? name === "sequential" : from !== "best",
).map(({ name }) => name);

if (process.send === undefined) await print();
else process.once("message", (job) => process.send(measure(job), () => process.exit(0)));

async function print() {
  console.log("| synapses | neurons | stage | CPU s | M syn/s | cores | peak MB | bytes/synapse |");
  console.log("| --: | --: | --- | --: | --: | --: | --: | --: |");
  const rows = [];
  for (const size of args.sizes.split(",").map(Number)) {
    const base = await inProcess({ size, stage: "nothing" });
    for (const stage of args.stages
      .split(",")
      .flatMap((name) => (name === "seeds" ? TIMED_SEEDS.map((seed) => `seed: ${seed}`) : [name]))) {
      if (!stage.startsWith("seed") && size > Number(args.full)) continue;
      const row = await inProcess({ size, stage });
      if (row.cores === "none") {
        console.log(
          `| ${(row.synapses / 1e6).toPrecision(3)}M | ${row.neurons} | ${stage} | left out | | | | |`,
        );
        continue;
      }
      // What the process takes before it has anything to do is not the mapper's.
      const bytes = (row.peakMb - base.emptyMb) * 2 ** 20;
      rows.push({ ...row, bytesPerSynapse: Number((bytes / row.synapses).toFixed(1)) });
      const { synapses, neurons, cpuSeconds, cores, peakMb, bytesPerSynapse } = rows.at(-1);
      const speed = (synapses / cpuSeconds / 1e6).toPrecision(2);
      console.log(
        `| ${(synapses / 1e6).toPrecision(3)}M | ${neurons} | ${stage} | ${cpuSeconds} | ${speed} | ${cores} | ${peakMb} | ${bytesPerSynapse} |`,
      );
    }
  }
  if (args.json !== undefined) writeFileSync(args.json, `${JSON.stringify(rows, null, 1)}\n`);
}

function inProcess(job) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
      execArgv: ["--max-old-space-size=4096"],
    });
    child.once("message", resolve);
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code !== 0) reject(new Error(`${job.stage} at ${job.size} million ended with code ${code}`));
    });
    child.send(job);
  });
}

function measure({ size, stage }) {
  const emptyMb = peakMb();
  if (stage === "nothing") return { emptyMb };
  const graph = smallWorld(size);
  const begin = process.cpuUsage().user;
  const cores = stage.startsWith("seed: ") ? seedCores(graph, stage.slice(6)) : mapCores(graph, stage);
  return {
    stage,
    synapses: graph.target.length,
    neurons: graph.neurons,
    cpuSeconds: Number(((process.cpuUsage().user - begin) / 1e6).toFixed(2)),
    cores,
    peakMb: peakMb(),
  };
}

/** With everything a seed is made from. */
function seedCores(graph, name) {
  const core = coreProfileNamed("loihi1");
  const capacity = { ...core, name: core.name, wordsOfList: blockedList(18, 10) };
  const seed = SEEDS.find((each) => each.name === name);
  const cores = Math.ceil(graph.neurons / capacity.neurons);
  const incoming = incomingOf(graph);
  let level;
  const cut = seed.make({
    graph,
    get level() {
      return (level ??= finestLevel(graph, incoming));
    },
    incoming,
    capacity,
    shapes: undefined,
    cores,
  });
  return cut?.cores ?? "none";
}

function mapCores(graph, effort) {
  const core = coreProfileNamed("loihi1");
  return mapConnectivity(graph, { name: "small world", core, effort }, new DiagnosticSink()).report.partition
    .cores;
}

/** Neurons on a grid; nine in ten targets are nearby, the others anywhere. Typed arrays only: 10^8 synapses take 0.4 GB. */
function smallWorld(size) {
  const fanOut = 64;
  const rng = createRng(Math.round(size * 10));
  const side = Math.round(Math.sqrt((size * 1e6) / fanOut));
  const neurons = side * side;
  const reach = Math.sqrt(fanOut) * 0.75;
  const axonStart = new Uint32Array(neurons + 1);
  const target = new Uint32Array(neurons * fanOut);
  const lastOf = new Int32Array(neurons).fill(-1);
  for (let n = 0; n < neurons; n++) {
    const begin = n * fanOut;
    for (let s = begin; s < begin + fanOut;) {
      let x = Math.floor(rng() * side);
      let y = Math.floor(rng() * side);
      if (rng() >= 0.1) {
        x = (n % side) + around(rng, reach);
        y = Math.floor(n / side) + around(rng, reach);
      }
      const other = y * side + x;
      if (x < 0 || y < 0 || x >= side || y >= side || other === n || lastOf[other] === n) continue;
      lastOf[other] = n;
      target[s++] = other;
    }
    target.subarray(begin, begin + fanOut).sort();
    axonStart[n + 1] = begin + fanOut;
  }
  const rate = Float64Array.from({ length: neurons }, () => 1 + Math.floor(rng() * 30));
  return { neurons, axonStart, target, rate };
}

/** Nearly normal, with a deviation of `reach`. */
function around(rng, reach) {
  return Math.round((rng() + rng() + rng() + rng() - 2) * Math.sqrt(3) * reach);
}

function peakMb() {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
