// The table of docs/mapping: five networks mapped and placed, beside goals, other partitioners and what is possible.
// `npm run build` first.
//
//   node scripts/mapping-goals.mjs [--out docs/mapping] [--only convu,mlp10] [--efforts fast,default,best] [--seeds 1]
//                                  [--networks DIR] [--baselines DIR] [--metis] [--fresh 7001]
//
// --networks    NAME.snnc files in place of those made here
// --baselines   a folder with results.json (measured earlier, elsewhere) and partitions/NAME.LABEL.u16.gz
// --metis       gpmetis (Debian's package "metis") beside ours in the same run: at as many parts as ours has cores
// --fresh       with --metis: three more networks, drawn from this seed
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scriptOptions } from "./options.mjs";
import {
  coreMapSvg,
  coreProfileNamed,
  mapConnectivity,
  mapPicture,
  readConnectivity,
  readPartition,
} from "../dist/src/index.js";
import { DiagnosticSink } from "../dist/src/util/diagnostic.js";
import { freshNetworks, MAPPING_NETWORKS } from "../dist/test/support/mapping-networks.js";
import { plainCosts } from "../dist/test/support/map-plain.js";

const { values: args } = scriptOptions(import.meta.url, {
  options: {
    out: { type: "string", default: "docs/mapping" },
    only: { type: "string" },
    efforts: { type: "string", default: "fast,default,best" },
    seeds: { type: "string", default: "1" },
    networks: { type: "string" },
    baselines: { type: "string" },
    metis: { type: "boolean", default: false },
    fresh: { type: "string" },
  },
});

/** Release goals: cores, cut spikes, unicast hops; tree hops as a stretch goal only. */
const GOALS = {
  mlp10: { must: [28, 0.71e6, 2.35e6], stretch: [27, 0.69e6, 2.3e6, 0.83e6] },
  convu: { must: [127, 4.15e6, 8.9e6], stretch: [123, 3.63e6, 7.3e6, 6.3e6] },
  convc: { must: [124, 4.06e6, 8.5e6], stretch: [120, 3.32e6, 7.7e6, 6.6e6] },
  rand16k: { must: [211, 20.9e6, 192e6], stretch: [206, 20.5e6, 190e6, 60.3e6] },
  sw64k: { must: [208, 20.5e6, 140e6], stretch: [195, 20.0e6, 136e6, 81e6] },
};

/** Of which there is a picture. */
const PICTURED = "convu";

const cpuSeconds = () => process.cpuUsage().user / 1e6;
const networks = MAPPING_NETWORKS.filter(
  ({ name }) => args.only === undefined || args.only.split(",").includes(name),
);
const ours = [];
const placements = [];
const rivals = [];
const fresh = [];
const efforts = args.efforts.split(",");
/** The effort that others are compared with. */
const compared = efforts.includes("default") ? "default" : efforts[0];
for (const effort of efforts) {
  for (const network of networks)
    for (const seed of args.seeds.split(",").map(Number)) mapped(network, graphOf(network), effort, seed);
  if (effort !== compared) continue;
  for (const network of networks) await placed(network, graphOf(network));
  if (args.metis)
    for (const network of networks) rivals.push(...(await metisRows(network, graphOf(network))));
  if (args.metis && args.fresh !== undefined)
    for (const network of freshNetworks(Number(args.fresh))) {
      const graph = network.make();
      fresh.push(mapped(network, graph, effort, Number(args.seeds.split(",")[0]), fresh));
      rivals.push(...(await metisRows(network, graph)));
    }
  writeResults();
}
writeResults();

function mapped(network, graph, effort, seed, into = ours) {
  const core = coreProfileNamed(network.coreProfile);
  const begin = cpuSeconds();
  const beginMs = performance.now();
  const shapes = network.shapes === undefined ? {} : { shapes: network.shapes };
  const options = { name: network.name, core, effort, seed, cpuSeconds, ...shapes };
  const { report, coreOf, places } = mapConnectivity(graph, options, new DiagnosticSink());
  const seconds = cpuSeconds() - begin;
  const wallSeconds = Number(((performance.now() - beginMs) / 1000).toFixed(2));
  expectSame(report, plainCosts(graph, coreOf, core, places), core);
  if (network.name === PICTURED && effort === "default")
    writeFile(`${PICTURED}.svg`, coreMapSvg(mapPicture(report)));
  const row = { ...rowOf(network.name, report, seconds), wallSeconds, effort, seed };
  console.log(JSON.stringify(row));
  if (into === ours) {
    ours.push(row);
    writeResults();
  }
  return row;
}

async function placed({ name, coreProfile }, graph) {
  for (const file of partitionFiles(name)) {
    const partition = await partitionOf(file, graph);
    const begin = cpuSeconds();
    const { report } = mapConnectivity(
      graph,
      { name, core: coreProfileNamed(coreProfile), partition, cpuSeconds },
      new DiagnosticSink(),
    );
    const label = file.split("/").at(-1).replace(".u16.gz", "");
    placements.push({ ...rowOf(name, report, cpuSeconds() - begin), label });
    console.log(JSON.stringify(placements.at(-1)));
  }
}

function graphOf({ name, make }) {
  if (args.networks === undefined) return make();
  const sink = new DiagnosticSink();
  const fileName = `${name}.snnc`;
  const graph = readConnectivity(readFileSync(join(args.networks, fileName)), { fileName }, sink);
  sink.throwIfErrors();
  return graph;
}

function rowOf(name, { graph, partition, walls, placement, bounds, stages }, seconds) {
  return {
    network: name,
    neurons: graph.neurons,
    synapses: graph.synapses,
    cores: partition.cores,
    coresAtLeast: Math.max(...bounds.cores.filter(({ always }) => always).map(({ cores }) => cores)),
    coresAtConnectivity: Math.max(...bounds.cores.map(({ cores }) => cores)),
    over: walls.reduce((sum, { over }) => sum + over, 0),
    connectivity: partition.connectivity,
    cutSpikes: partition.cutSpikes,
    unicastHops: placement.unicastHops,
    unicastBound: bounds.unicastHops,
    treeHops: placement.treeHops,
    busiestLink: placement.busiestLink,
    cpuSeconds: Number(seconds.toFixed(2)),
    placementSeconds: Number((stages.find(({ stage }) => stage === "placement")?.cpuSeconds ?? 0).toFixed(2)),
    walls: Object.fromEntries(
      walls.map(({ resource, mean, limit }) => [resource, Number((mean / limit).toFixed(3))]),
    ),
  };
}

/** The report says what an independent count says, and no core is over a wall. */
function expectSame(report, plain, core) {
  const { partition, placement } = report;
  for (const [what, a, b] of [
    ["cores", partition.cores, plain.cores],
    ["connectivity", partition.connectivity, plain.connectivity],
    ["cut spikes", partition.cutSpikes, plain.cutSpikes],
    ["unicast hops", placement.unicastHops, plain.unicastHops],
    ["tree hops", placement.treeHops, plain.treeHops],
  ])
    if (a !== b) throw new Error(`${report.name}: the report says ${a} ${what}, the plain count ${b}`);
  for (const resource of ["neurons", "axonsIn", "axonsOut", "synapseWords"]) {
    const worst = Math.max(...plain[resource]);
    if (worst > core[resource])
      throw new Error(`${report.name}: a core needs ${worst} ${resource} of ${core[resource]}`);
  }
}

function partitionFiles(name) {
  const folder = args.baselines === undefined ? undefined : join(args.baselines, "partitions");
  if (folder === undefined || !existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.`))
    .sort()
    .map((file) => join(folder, file));
}

async function partitionOf(file, graph) {
  const sink = new DiagnosticSink();
  const partition = await readPartition(readFileSync(file), { fileName: file, neurons: graph.neurons }, sink);
  sink.throwIfErrors();
  return partition;
}

/**
 * Edge cut by METIS on the undirected graph, rates as weights, judged by our measures as it is. Parts of equal size need more
 * cores than walls of several kinds: so also at fewer and at more parts than ours has cores.
 */
async function metisRows({ name, coreProfile }, graph) {
  const core = coreProfileNamed(coreProfile);
  const ofOurs = [...ours, ...fresh].findLast((row) => row.network === name)?.cores;
  const cores = ofOurs ?? Math.ceil(graph.neurons / core.neurons);
  const folder = mkdtempSync(join(tmpdir(), "spinec-metis-"));
  try {
    const file = join(folder, "net.graph");
    writeMetis(graph, file);
    const rows = [];
    for (const parts of [cores, Math.ceil(1.15 * cores)]) {
      const begin = performance.now();
      execFileSync("gpmetis", [file, String(parts)], { stdio: "ignore" });
      const wallSeconds = Number(((performance.now() - begin) / 1000).toFixed(2));
      const partition = await partitionOf(`${file}.part.${parts}`, graph);
      const { report } = mapConnectivity(graph, { name, core, partition, cpuSeconds }, new DiagnosticSink());
      rows.push({ ...rowOf(name, report, wallSeconds), wallSeconds, label: "gpmetis" });
      console.log(JSON.stringify(rows.at(-1)));
    }
    return rows;
  } catch (error) {
    console.error(
      error.code === "ENOENT"
        ? 'gpmetis is not here: install Debian\'s package "metis" for the comparison'
        : `gpmetis gave nothing for ${name}: ${error.message}`,
    );
    rivals.missing = true;
    return [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The file that gpmetis reads: a line for each neuron with its neighbours and what travels between them. */
function writeMetis({ neurons, axonStart, target, rate }, file) {
  const inStart = new Uint32Array(neurons + 1);
  for (const t of target) inStart[t + 1]++;
  for (let n = 0; n < neurons; n++) inStart[n + 1] += inStart[n];
  const inSource = new Uint32Array(target.length);
  const next = inStart.slice(0, neurons);
  for (let n = 0; n < neurons; n++)
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) inSource[next[target[s]]++] = n;
  const spikes = new Float64Array(neurons);
  const lines = [];
  let ends = 0;
  for (let n = 0; n < neurons; n++) {
    const list = [];
    const add = (other, weight) => {
      if (other === n) return;
      if (spikes[other] === 0) list.push(other);
      spikes[other] += weight;
    };
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) add(target[s], Math.max(1, Math.round(rate[n])));
    for (let i = inStart[n]; i < inStart[n + 1]; i++)
      add(inSource[i], Math.max(1, Math.round(rate[inSource[i]])));
    lines.push(list.map((other) => `${other + 1} ${spikes[other]}`).join(" "));
    for (const other of list) spikes[other] = 0;
    ends += list.length;
  }
  writeFileSync(file, `${neurons} ${ends / 2} 001\n${lines.join("\n")}\n`);
}

function writeResults() {
  const results = {
    efforts,
    seeds: args.seeds.split(",").map(Number),
    ours,
    placements,
    rivals,
    fresh,
  };
  writeFile("results.json", `${JSON.stringify(results, null, 1)}\n`);
  writeFile("README.md", page());
}

function writeFile(name, content) {
  mkdirSync(args.out, { recursive: true });
  writeFileSync(join(args.out, name), content);
}

function page() {
  const baselines = baselineRows();
  return `# Mapping, measured

Generated by \`scripts/mapping-goals.mjs\`: five networks, made from seeds, cut into cores and placed on the smallest nearly square mesh.
All four walls of a core hold (neurons, synapse words, input axons, output axons). Cores, walls, cut spikes and hops were counted twice, the second time
by a plain count that shares no code with the mapper (\`test/support/map-plain.ts\`).

- **cores**: at least as many as in brackets, whatever the map (neurons and words need them); in the second bracket at the connectivity found.
- **cut spikes**: rate x other cores that hold targets of an axon, summed over axons.
- **hops**: cut spikes x links, a message to each core; **tree hops**: links of the union of the XY ways instead.
- **CPU s**: user time of one thread, all stages, on a shared 2-core machine (±50 %). **k syn/s**: thousands of synapses mapped in a second.

${goalTable()}
${existsSync(join(args.out, `${PICTURED}.svg`)) ? `\n![${PICTURED} on its cores](${PICTURED}.svg)\n` : ""}
## Beside others

${baselines === "" ? "No baselines were given (\`--baselines\`)." : `Measured earlier with the same cost model; external partitions as they come (raw), and repaired and refined by a prototype of ours (legal); placed by annealing. *over*: cores beyond a wall.\n\n${baselines}`}
${rivalSection()}
## Placement alone

${placements.length === 0 ? "No reference partitions were given (\`--baselines\`)." : `Stored partitions, placed for hops; *annealing* is the reference's figure (20,000 proposals a core).\n\n${placementTable()}`}

## Networks and cores

| network | what | neurons | synapses | core |
| --- | --- | --: | --: | --- |
${networks.map(({ name, summary, coreProfile }) => `| ${name} | ${summary} | ${count(sizes()[name]?.neurons)} | ${count(sizes()[name]?.synapses)} | ${coreProfile} |`).join("\n")}

\`loihi1\`: 1024 neurons, 4096 input axons, 4096 output axons, 16,384 words of 64 bits; \`small\`: 128, 1024, 1024, 1024. A list is cut into blocks of
64 synapses; a block of n takes ceil((18 n + 10) / 64) words. Inputs are neurons here and take a place.

To repeat: \`npm run build && node scripts/mapping-goals.mjs\`; one of them: \`spinec map convu.snnc --shapes …\`.
`;
}

function goalTable() {
  const head =
    "| network | effort | cores | cut spikes | hops | tree hops | cores over a wall | CPU s | k syn/s |";
  const rule = "| --- | --- | --: | --: | --: | --: | --: | --: | --: |";
  const lines = networks.flatMap(({ name }) => {
    const { must, stretch } = GOALS[name];
    const goal = (label, [cores, cut, hops, tree]) =>
      `| ${name} | *${label}* | *${cores}* | *${millions(cut)}* | *${millions(hops)}* | ${tree === undefined ? "" : `*${millions(tree)}*`} | *0* | | |`;
    const mark = (value, which) =>
      value <= stretch[which] ? " ✓✓" : which < 3 && value <= must[which] ? " ✓" : which < 3 ? " ✗" : "";
    return [
      goal("must", must),
      goal("stretch", stretch),
      ...ours
        .filter((row) => row.network === name)
        .map(
          (row) =>
            `| ${name} | **${row.effort}**${args.seeds.includes(",") ? `, seed ${row.seed}` : ""} | ${row.cores} (${row.coresAtLeast}) (${row.coresAtConnectivity})${mark(row.cores, 0)} | ${millions(row.cutSpikes)}${mark(row.cutSpikes, 1)} | ${millions(row.unicastHops)}${mark(row.unicastHops, 2)} | ${millions(row.treeHops)}${mark(row.treeHops, 3)} | ${row.over} | ${row.cpuSeconds} | ${Math.round(row.synapses / row.cpuSeconds / 1000)} |`,
        ),
    ];
  });
  return (
    [head, rule, ...lines].join("\n") + "\n\n✓ the goal that must be met, ✓✓ the stretch goal, ✗ neither."
  );
}

function baselineRows() {
  const file = args.baselines === undefined ? "" : join(args.baselines, "results.json");
  if (!existsSync(file)) return "";
  const rows = JSON.parse(readFileSync(file, "utf8")).filter(({ name }) =>
    networks.some((each) => each.name === name),
  );
  const head = "| network | method | stage | cores | over | cut spikes | hops | tree hops | CPU s |";
  const rule = "| --- | --- | --- | --: | --: | --: | --: | --: | --: |";
  const lines = networks.flatMap(({ name }) => [
    ...rows
      .filter((row) => row.name === name)
      .map(
        (row) =>
          `| ${name} | ${row.label} | ${row.stage} | ${row.cores} | ${row.over.reduce((a, b) => Math.max(a, b), 0)} | ${millions(row.cutSpikes)} | ${millions(row.hopsUnicast?.sa)} | ${millions(row.hopsTree?.sa)} | ${Number((row.cpu.part + row.cpu.post).toFixed(2))} |`,
      ),
    ...ours
      .filter((row) => row.network === name)
      .map(
        (row) =>
          `| ${name} | **spinec, ${row.effort}** | | ${row.cores} | ${row.over} | ${millions(row.cutSpikes)} | ${millions(row.unicastHops)} | ${millions(row.treeHops)} | ${row.cpuSeconds} |`,
      ),
  ]);
  return [head, rule, ...lines].join("\n");
}

function placementTable() {
  const file = join(args.baselines, "results.json");
  const reference = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
  const lines = placements.map((row) => {
    const match = reference.find(
      ({ name, cutSpikes }) => name === row.network && cutSpikes === row.cutSpikes,
    );
    return `| ${row.label} | ${row.cores} | ${millions(match?.hopsUnicast?.sa)} | ${millions(row.unicastHops)} | ${millions(row.unicastBound)} | ${millions(match?.hopsTree?.sa)} | ${millions(row.treeHops)} | ${row.placementSeconds} |`;
  });
  return [
    "| partition | cores | annealing | hops | at least | its tree hops | tree hops | CPU s |",
    "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ...lines,
  ].join("\n");
}

function rivalSection() {
  if (!args.metis) return "";
  if (rivals.length === 0) return "\ngpmetis was not installed where this was made.\n";
  const seed =
    args.fresh === undefined ? "" : ` Names with a number were drawn from that seed, after all tuning.`;
  return `
### METIS in the same run

\`gpmetis\` as it comes (edge cut, spikes as weights, parts of equal size), at as many parts as ours has cores and at 15 % more; placed by ours. *over*: cores
beyond a wall, of all walls together.${seed} *wall s*: METIS without reading and placing, ours with everything.

${rivalTable()}
`;
}

function rivalTable() {
  const names = [...new Set(rivals.map(({ network }) => network))];
  const lines = names.flatMap((name) => [
    ...[...ours, ...fresh]
      .filter(({ network, effort }) => network === name && effort === compared)
      .slice(0, 1)
      .map((row) => ({ ...row, label: `**spinec, ${row.effort}**` })),
    ...rivals.filter(({ network }) => network === name),
  ]);
  return [
    "| network | method | cores | over | cut spikes | hops | tree hops | wall s |",
    "| --- | --- | --: | --: | --: | --: | --: | --: |",
    ...lines.map(
      (row) =>
        `| ${row.network} | ${row.label} | ${row.cores} | ${row.over} | ${millions(row.cutSpikes)} | ${millions(row.unicastHops)} | ${millions(row.treeHops)} | ${row.wallSeconds} |`,
    ),
  ].join("\n");
}

function sizes() {
  return Object.fromEntries(
    networks.map(({ name }) => {
      const row = ours.find((each) => each.network === name);
      return [name, row === undefined ? undefined : { neurons: row.neurons, synapses: row.synapses }];
    }),
  );
}

function millions(value) {
  if (value === undefined || value === null) return "–";
  return `${(value / 1e6).toPrecision(value < 1e6 ? 3 : 4)}M`;
}

function count(value) {
  return value === undefined ? "–" : value.toLocaleString("en-US");
}
