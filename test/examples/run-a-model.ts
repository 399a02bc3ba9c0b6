// Compile the bundled digit classifier onto Loihi 1, run two hundred digits, and print what it costs.
import { readFileSync } from "node:fs";
import { findProfile, findTarget, readInputData, readNetwork, runModel, runReportText } from "spinec";
import { DiagnosticSink } from "spinec";

const sink = new DiagnosticSink();
const model = await readNetwork(readFileSync("assets/demo/digits.nir"), { name: "digits" }, sink);
const target = findTarget("loihi1", sink);
const profile = target && findProfile(target, undefined, sink);
sink.throwIfErrors();

const ports = model!.inputs.map(({ name, population }) => ({
  name,
  shape: model!.populations[population].shape,
}));
const data = await readInputData(
  readFileSync("assets/demo/digits-200.json.gz"),
  { fileName: "digits-200.json.gz", ports },
  sink,
);
sink.throwIfErrors();

const { report } = runModel(model!, target!, profile!, data!.inputs, { labels: data!.labels! }, sink);
console.log(runReportText(report).join("\n"));
console.log(`${report.map.cores} cores, ${(report.energy.dynamicPj / 1e6).toFixed(2)} µJ per digit`);
