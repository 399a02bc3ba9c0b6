// The tables as a page: node scripts/sparse-tables/page.mjs --results FOLDER --out docs/learn-sparse
// Reads what train.mjs and deploy.mjs wrote; writes README.md, pictures, and results.json (a row per run).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { JOBS } from "./jobs.mjs";
import { scatter } from "./scatter.mjs";

const { values: args } = parseArgs({
  options: {
    results: { type: "string", default: "tables" },
    out: { type: "string", default: "docs/learn-sparse" },
  },
});
const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined);
const runs = JOBS.flatMap((job) => {
  const trained = read(join(args.results, `${job.id}.json`));
  return trained ? [{ ...trained, chip: read(join(args.results, `${job.id}.chip.json`)) }] : [];
});
const missing = JOBS.length - runs.length;

/** Runs that differ by their seed only, in the order of the jobs. */
function groupsOf(table) {
  const groups = new Map();
  for (const run of runs)
    if (run.table === table) groups.set(run.label, [...(groups.get(run.label) ?? []), run]);
  return [...groups].map(([label, members]) => ({ label, members }));
}

const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
/** Mean and half the distance from the smallest to the largest. */
function spread(members, of, digits) {
  const values = members.map(of);
  if (values.some((v) => v === undefined || Number.isNaN(v))) return "–";
  const half = (Math.max(...values) - Math.min(...values)) / 2;
  const short = mean(values).toFixed(digits);
  return members.length > 1 ? `${short} ± ${half.toFixed(digits)}` : short;
}
const percent = (of) => (run) => 100 * of(run);
const whole = (members, of) => {
  const value = mean(members.map(of));
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en") : "–";
};
const layerDensity = (layer) => (run) => {
  const found = run.density.layers.find((l) => l.layer === layer);
  return (100 * found.nonzero) / found.weights;
};
const operations = (kind) => (run) =>
  run.operationsPerSample.filter((o) => o.kind === kind).reduce((sum, o) => sum + o.operations, 0);

function table(headings, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(headings), line(headings.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join(
    "\n",
  );
}

function trainingTable(name) {
  const groups = groupsOf(name);
  const layers = groups[0]?.members[0].density.layers.map((l) => l.layer) ?? [];
  return table(
    [
      "method, setting",
      "seeds",
      "accuracy %",
      "density %",
      ...layers.map((l) => `${l} %`),
      "MACs/image",
      "SOPs/image",
    ],
    groups.map(({ label, members }) => [
      label,
      members.length,
      spread(
        members,
        percent((r) => r.accuracyLastThree),
        2,
      ),
      spread(
        members,
        percent((r) => r.density.total),
        2,
      ),
      ...layers.map((l) => spread(members, layerDensity(l), 1)),
      whole(members, operations("multiply")),
      whole(members, operations("synaptic")),
    ]),
  );
}

function shrinkTable(name) {
  return table(
    [
      "method",
      "seeds",
      "accuracy %",
      "nonzero weights %",
      "weights after removal",
      "spikes changed by removal",
    ],
    groupsOf(name).map(({ label, members }) => [
      label,
      members.length,
      spread(
        members,
        percent((r) => r.accuracyLast),
        2,
      ),
      spread(
        members,
        percent((r) => r.density.total),
        1,
      ),
      members[0].shrunk ? whole(members, (r) => r.shrunk.weights) : "–",
      members[0].shrunk
        ? whole(members, (r) => Math.abs(r.shrunk.spikesPerSample - r.shrunk.spikesBefore) * 1e4)
        : "–",
    ]),
  );
}

function chipTable(name) {
  const deployed = groupsOf(name)
    .map(({ label, members }) => ({ label, members: members.filter((r) => r.chip) }))
    .filter(({ members }) => members.length > 0);
  return table(
    [
      "method, setting",
      "seeds",
      "model %",
      "chip %",
      "density %",
      "cores",
      "synapse words",
      "words in worst core",
      "SOPs",
      "energy µJ",
      "time µs",
    ],
    deployed.map(({ label, members }) => [
      label,
      members.length,
      spread(
        members,
        percent((r) => r.chip.modelAccuracy),
        1,
      ),
      spread(
        members,
        percent((r) => r.chip.chipAccuracy),
        1,
      ),
      spread(
        members,
        percent((r) => r.chip.densityShare),
        1,
      ),
      whole(members, (r) => r.chip.cores),
      whole(members, (r) => r.chip.synapseWords),
      whole(members, (r) => r.chip.worstCoreWords),
      whole(members, (r) => r.chip.synapticOperations),
      spread(members, (r) => r.chip.dynamicPj / 1e6, 2),
      spread(members, (r) => r.chip.perInferenceNs / 1e3, 0),
    ]),
  );
}

/** Accuracy on the chip against energy, a point per setting. */
function chipPicture(name, title) {
  const series = new Map();
  for (const { label, members } of groupsOf(name)) {
    const deployed = members.filter((r) => r.chip);
    if (deployed.length === 0) continue;
    const method = label.split(" ")[0];
    const x = mean(deployed.map((r) => r.chip.dynamicPj / 1e6));
    const y = 100 * mean(deployed.map((r) => r.chip.chipAccuracy));
    const density = 100 * mean(deployed.map((r) => r.chip.densityShare));
    const tooltip = `${label}: ${y.toFixed(1)} %, ${x.toPrecision(3)} µJ, ${density.toFixed(1)} % of the synapses`;
    series.set(method, [...(series.get(method) ?? []), { x, y, tooltip }]);
  }
  if (series.size === 0) return "";
  const plot = {
    title,
    xLabel: "dynamic energy per inference, µJ (loihi1, default profile; logarithmic)",
    yLabel: "accuracy on the chip, %",
    series: [...series].map(([name, points]) => ({ name, points })),
  };
  writeFileSync(join(args.out, `${name}.svg`), scatter(plot));
  return `![${title}](${name}.svg)`;
}

mkdirSync(args.out, { recursive: true });
const template = readFileSync(new URL("page.md", import.meta.url), "utf8");
const fills = {
  missing:
    missing === 0
      ? ""
      : `${missing} of ${JOBS.length} runs are not in the tables; the column "seeds" says how many runs a row rests on.\n`,
  mlp: trainingTable("mlp"),
  order: trainingTable("order"),
  "conv-mnist": shrinkTable("conv-mnist"),
  "conv-fashion": shrinkTable("conv-fashion"),
  "deep-training": trainingTable("deep"),
  "chip-deep": chipTable("deep"),
  "chip-mlp": chipTable("mlp"),
  "chip-conv-mnist": chipTable("conv-mnist"),
  "chip-conv-fashion": chipTable("conv-fashion"),
  "picture-deep": chipPicture("deep", "784-256-128-10 on MNIST-10k: what accuracy costs"),
  "picture-mlp": chipPicture("mlp", "784-800-10 on MNIST-10k, rate-coded for the chip: what accuracy costs"),
};
const page = template.replace(/\{\{([a-z-]+)\}\}/g, (_, key) => fills[key]);
writeFileSync(join(args.out, "README.md"), page);
const rows = runs.map(({ epochs, ...run }) => ({
  ...run,
  losses: epochs.map((e) => Number(e.loss.toPrecision(4))),
}));
writeFileSync(join(args.out, "results.json"), `[\n${rows.map((r) => JSON.stringify(r)).join(",\n")}\n]\n`);
console.log(`${runs.length} runs, ${missing} missing`);
