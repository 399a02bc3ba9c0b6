// Estimates beside published measurements: writes docs/accuracy (results.json and the page). `npm run build` first.
// Two networks are Lava's netx files, which are not part of this repository: --netx, or SPINEC_NETX_CORPUS.
//
//   node scripts/accuracy.mjs [--out docs/accuracy] [--netx FOLDER] [--page-only]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scriptOptions } from "./options.mjs";
import { accuracyPage } from "../dist/test/support/accuracy/page.js";
import { accuracyResults } from "../dist/test/support/accuracy/results.js";
import { sharedPath } from "../dist/test/support/shared.js";

const { values: args } = scriptOptions(import.meta.url, {
  options: {
    out: { type: "string", default: "docs/accuracy" },
    netx: { type: "string", default: sharedPath("corpus/netx") ?? "" },
    "page-only": { type: "boolean", default: false },
  },
});
const file = join(args.out, "results.json");
if (!args["page-only"]) {
  if (!existsSync(join(args.netx, "braille_recurrent_th10", "model.net"))) {
    console.error(
      `error[accuracy/no-netx]: Lava's netx files are needed, ${args.netx === "" ? "and no folder is given" : `and ${args.netx} does not hold them`}.\n  try: --netx FOLDER, or --page-only for the page of the results that are there.`,
    );
    process.exit(1);
  }
  const results = await accuracyResults(args.netx);
  mkdirSync(args.out, { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}
writeFileSync(join(args.out, "README.md"), accuracyPage(JSON.parse(readFileSync(file, "utf8"))));
