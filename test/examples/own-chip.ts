// A chip of your own: Loihi 1 with twice the input axons, half the synapse memory and a mesh of 4 x 4 tiles of two cores.
import { readFileSync } from "node:fs";
import {
  DiagnosticSink,
  findProfile,
  findTarget,
  parseTarget,
  readInputData,
  readNetwork,
  runModel,
  targetDifferences,
  targetToJson,
  textTable,
  type Target,
} from "spinec";

const sink = new DiagnosticSink();
const loihi1 = findTarget("loihi1", sink)!;
const { axonsIn, synapseWords } = loihi1.walls;
const note = "what if: twice the axons, half the memory";
const mine: Target = {
  ...loihi1,
  name: "mine",
  title: "Loihi 1, rebuilt",
  mesh: { ...loihi1.mesh, columns: 4, rows: 4, coresPerTile: 2 },
  walls: {
    ...loihi1.walls,
    axonsIn: { ...axonsIn!, value: 2 * axonsIn!.value, evidence: "assumed", note },
    synapseWords: { ...synapseWords!, value: synapseWords!.value / 2, evidence: "assumed", note },
  },
  profiles: loihi1.profiles.map((profile) => ({ ...profile, target: "mine" })),
};
// As a file, it would go through the same checks: spinec targets check mine.json
const checked = parseTarget(targetToJson(mine), sink);
sink.throwIfErrors();

const model = await readNetwork(readFileSync("assets/demo/digits.nir"), { name: "digits" }, sink);
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

const rows = [loihi1, checked!].map((target) => {
  const profile = findProfile(target, undefined, sink)!;
  const { report } = runModel(model!, target, profile, data!.inputs, {}, sink);
  const { map, energy } = report;
  return [target.name, String(map.cores), String(map.synapseWords), (energy.dynamicPj / 1e6).toFixed(3)];
});

const changes = targetDifferences(loihi1, checked!).map(({ what, first, second }) => [what, first, second]);
const columns = (headings: readonly string[]): { heading: string }[] =>
  headings.map((heading) => ({ heading }));
console.log(textTable(columns(["what differs", "loihi1", "mine"]), changes).join("\n"));
console.log(`\n${textTable(columns(["target", "cores", "synapse words", "energy in µJ"]), rows).join("\n")}`);
