// What a network costs on Loihi 1 at several densities, as a table: `node pruning-pays.js INPUT MODEL...`.
// Without arguments: the bundled digit classifier, as it is and with its pruned weights stored as zeros.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { findProfile, findTarget, readInputData, readNetwork, runModel, textTable } from "spinec";
import { DiagnosticSink } from "spinec";

const [inputFile = "assets/demo/digits-200.json.gz", ...given] = process.argv.slice(2);
const modelFiles = given.length > 0 ? given : ["assets/demo/digits.nir"];

const sink = new DiagnosticSink();
const target = findTarget("loihi1", sink)!;
const profile = findProfile(target, undefined, sink)!;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const whole = (count: number): string => Math.round(count).toLocaleString("en");

const rows: string[][] = [];
for (const file of modelFiles) {
  const name = basename(file) === "model.nir" ? file.split("/").at(-2)! : basename(file, ".nir");
  const model = (await readNetwork(readFileSync(file), { name }, sink))!;
  sink.throwIfErrors();
  const ports = model.inputs.map((port) => ({
    name: port.name,
    shape: model.populations[port.population].shape,
  }));
  const data = (await readInputData(readFileSync(inputFile), { fileName: inputFile, ports }, sink))!;
  sink.throwIfErrors();

  const labels = data.labels === undefined ? {} : { labels: data.labels };
  const options = { ...labels, compareDense: modelFiles.length === 1 };
  const { report } = runModel(model, target, profile, data.inputs, options, sink);
  const { accuracy, dense } = report;
  const shares = [accuracy?.modelShare, accuracy?.chipShare].map((share) =>
    share === undefined ? "–" : percent(share),
  );
  const costs = { ...report.map, ...report.run, ...report.energy, ...report.time };
  for (const [label, density, cost] of [
    [name, report.model.densityShare, costs],
    [`${name}, zeros stored`, 1, dense],
  ] as const) {
    if (cost === undefined) continue;
    rows.push([
      label,
      percent(density),
      whole(cost.cores),
      whole(cost.synapseWords),
      whole(cost.synapticOperationsPerInference),
      (cost.dynamicPj / 1e6).toFixed(3),
      ((cost.perInferenceNs ?? NaN) / 1e3).toFixed(1),
      ...shares,
    ]);
  }
}

const headings = [
  "density",
  "cores",
  "synapse words",
  "synaptic ops",
  "energy in µJ",
  "time in µs",
  "model",
  "chip",
];
const columns = headings.map((heading) => ({ heading, align: "right" as const }));
console.log(textTable([{ heading: "network" }, ...columns], rows).join("\n"));
