// Places cores of stored partitions and prints a table: spikes x links against row-major order, against the annealing of
// the mapping study, and against the lower bound; then CPU time on made-up traffic of 256 and 4,096 cores.
// `npm run build` first.
//
//   node scripts/mapping-placement.mjs [--data ../shared/golden/mapping] [--effort default] [--seeds 1,2,3] [--only convu]
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { scriptOptions } from "./options.mjs";
import { gunzipSync } from "node:zlib";
import { coreTraffic } from "../dist/compiler/placement/core-traffic.js";
import { meshMetrics } from "../dist/compiler/placement/mesh-metrics.js";
import { placeCores, quickHops } from "../dist/compiler/placement/place.js";
import { squareMesh } from "../dist/compiler/placement/sites.js";
import { createRng } from "../dist/src/util/rng.js";

const { values: args } = scriptOptions(import.meta.url, {
  options: {
    data: { type: "string", default: "../shared/golden/mapping" },
    effort: { type: "string", default: "default" },
    seeds: { type: "string", default: "1" },
    only: { type: "string", default: "" },
  },
});
const PARTITIONS = [
  "mlp10.greedy",
  "convu.mtk",
  "convu.mtk-quality",
  "convu.tile-pair",
  "convc.mtk",
  "rand16k.greedy",
  "rand16k.mtk",
  "sw64k.mtk",
];
const data = resolve(args.data);
const { NETS } = await import(pathToFileURL(join(data, "gen.mjs")).href);
const results = JSON.parse(readFileSync(join(data, "results.json"), "utf8"));
const millions = (value) => (value / 1e6).toFixed(3);
const cpuSeconds = () => process.cpuUsage().user / 1e6;

console.log("| partition | cores | row-major | quick | placed | study | placed / study | bound | CPU s |");
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
const graphs = new Map();
for (const partition of PARTITIONS.filter((name) => name.includes(args.only))) {
  const [name, label] = partition.split(".");
  if (!graphs.has(name)) {
    const { n, off, dst, rate } = NETS[name].make(NETS[name].seed);
    graphs.set(name, { neurons: n, axonStart: off, target: dst, rate: Float64Array.from(rate) });
  }
  const bytes = gunzipSync(readFileSync(join(data, "partitions", `${partition}.u16.gz`)));
  const coreOf = new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const cores = coreOf.reduce((most, core) => Math.max(most, core + 1), 0);
  const study = results.find((row) => row.name === name && row.label === label && row.stage === "legal");
  const traffic = coreTraffic(graphs.get(name), coreOf, cores);
  const sites = squareMesh(cores);
  const rowMajor = meshMetrics(
    traffic,
    sites,
    Array.from({ length: cores }, (_, core) => core),
  );
  for (const seed of args.seeds.split(",").map(Number)) {
    const start = cpuSeconds();
    const { siteOf, lowerBound } = placeCores(traffic, sites, { effort: args.effort, seed });
    const spent = cpuSeconds() - start;
    const { unicastHops } = meshMetrics(traffic, sites, siteOf);
    const cells = [
      partition,
      cores,
      millions(rowMajor.unicastHops),
      millions(quickHops(traffic)),
      millions(unicastHops),
      millions(study.hopsUnicast.sa),
      (unicastHops / study.hopsUnicast.sa).toFixed(4),
      millions(lowerBound),
      spent.toFixed(2),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

/** Cores of a square in shuffled order, each with flows to a few near it and some anywhere. */
function shuffledSquare(cores) {
  const rng = createRng(5);
  const edge = Math.ceil(Math.sqrt(cores));
  const name = Array.from({ length: cores }, (_, i) => i);
  for (let i = cores - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1));
    [name[i], name[j]] = [name[j], name[i]];
  }
  const near = () => Math.round(3 * (rng() + rng() + rng() - 1.5));
  const source = [];
  const spikes = [];
  const sink = [];
  const sinkStart = [0];
  for (let flow = 0; flow < 4 * cores; flow++) {
    const core = flow % cores;
    const sinks = new Set();
    for (let i = 0; i < 4; i++) {
      const [x, y] = [(core % edge) + near(), Math.floor(core / edge) + near()];
      if (x >= 0 && y >= 0 && x < edge && y * edge + x < cores) sinks.add(name[y * edge + x]);
    }
    if (rng() < 0.25) sinks.add(Math.floor(rng() * cores));
    sinks.delete(name[core]);
    if (sinks.size === 0) continue;
    source.push(name[core]);
    spikes.push(1 + Math.floor(rng() * 1000));
    sink.push(...[...sinks].sort((a, b) => a - b));
    sinkStart.push(sink.length);
  }
  return {
    cores,
    flows: source.length,
    source: Uint32Array.from(source),
    spikes: Float64Array.from(spikes),
    sinkStart: Uint32Array.from(sinkStart),
    sink: Uint32Array.from(sink),
  };
}
if (args.only === "")
  for (const cores of [256, 4096]) {
    const start = cpuSeconds();
    const { cost, lowerBound } = placeCores(shuffledSquare(cores), squareMesh(cores), {
      effort: args.effort,
    });
    const spent = (cpuSeconds() - start).toFixed(2);
    console.log(`${cores} cores: ${millions(cost)} M hops, bound ${millions(lowerBound)} M, ${spent} CPU s`);
  }
