// Spiking detection on synthetic spike-camera recordings: a dense detector, and the same pruned to half and a fifth of
// its weights by whole channels; then all three on the compiler. `npm run build` first.
//
//   node scripts/detection.mjs [--out docs/learn-sparse] [--seed 1] [--epochs 25]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compileReport, findProfile, findTarget, mapModel } from "../dist/src/index.js";
import { DETECTION_DEMO, runDetectionDemo, shrinkModel, trainedModelToNetwork } from "../dist/src/train/index.js";
import { DiagnosticSink } from "../dist/src/util/diagnostic.js";

const { values: args } = parseArgs({
  options: {
    out: { type: "string", default: "docs/learn-sparse" },
    seed: { type: "string", default: String(DETECTION_DEMO.seed) },
    epochs: { type: "string", default: String(DETECTION_DEMO.epochs) },
  },
});
const result = await runDetectionDemo({ seed: Number(args.seed), epochs: Number(args.epochs) });
console.log(Object.keys(result), result.grid);
for (const name of ["dense", "half", "fifth"]) {
  const { meanAveragePrecision, parameters, parameterShare } = result[name];
  console.log(name, meanAveragePrecision, parameters, parameterShare);
}
void [mkdirSync, writeFileSync, join, compileReport, findProfile, findTarget, mapModel, shrinkModel, trainedModelToNetwork, DiagnosticSink];
