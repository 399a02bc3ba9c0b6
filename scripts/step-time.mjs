// Step times with the objectives hops and step-time, predicted and simulated: prints a table for each network, and with --out
// writes them as a page. `npm run build` first. One network is of a corpus that is not part of this repository: --corpus.
//
//   node scripts/step-time.mjs [--only convu,cnn_nmnist,L8] [--corpus FOLDER] [--out docs/mapping/step-time.md]
import { writeFileSync } from "node:fs";
import { scriptOptions } from "./options.mjs";
import { STEP_TIME_NETWORKS, stepTimeCase } from "../dist/test/support/step-times/all.js";
import { stepTimePage } from "../dist/test/support/step-times/page.js";
import { sharedPath } from "../dist/test/support/shared.js";

const { values: args } = scriptOptions(import.meta.url, {
  options: {
    only: { type: "string", default: STEP_TIME_NETWORKS.join(",") },
    corpus: { type: "string", default: sharedPath("corpus") ?? "" },
    out: { type: "string", default: "" },
  },
});
const unknown = args.only.split(",").filter((name) => !STEP_TIME_NETWORKS.includes(name));
if (unknown.length > 0) {
  console.error(`There is no network ${unknown.join(", ")}; choose among ${STEP_TIME_NETWORKS.join(", ")}.`);
  process.exit(2);
}
const cases = [];
for (const name of args.only.split(",")) {
  const corpus = args.corpus === "" ? undefined : args.corpus;
  const found = await stepTimeCase(name, corpus, () => process.cpuUsage().user / 1e6);
  if (found === undefined) console.error(`${name} is left out: --corpus FOLDER holds it.`);
  else {
    console.error(`${name}: ${found.rows.map(({ detailedUs }) => detailedUs.toFixed(2)).join(", ")} us`);
    cases.push(found);
  }
}
const page = stepTimePage(cases);
if (args.out === "") console.log(page);
else writeFileSync(args.out, page);
