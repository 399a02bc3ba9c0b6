// Maps a MobileNet for 128 x 128 pixels (28 layers, 4.2 million weights, 1.65 million neurons, 186 million synapses) onto
// Loihi 1 chips, and prints what it takes: cores, chips, words, time and memory, by layer and in all. Input axons whose lists
// are equal but for a shift share one, unless another --packer is chosen. `npm run build` first; 5 GiB of memory.
//
//   node scripts/mobilenet.mjs [--chips 16] [--packer nxtf-shared] [--partitioner tiles] [--verify true]
import { scriptOptions } from "./options.mjs";
import { compile } from "../dist/compiler/compile.js";
import { alignDelays } from "../dist/compiler/passes/align-delays.js";
import { runPasses } from "../dist/compiler/pass.js";
import { verify } from "../dist/compiler/verify.js";
import { DiagnosticSink } from "../dist/src/util/diagnostic.js";
import { loihi1 } from "../dist/targets/loihi1/index.js";
import { synapsesOf } from "../dist/test/support/accuracy/driven.js";
import { mobileNet } from "../dist/test/support/accuracy/shapes.js";

const { values: args } = scriptOptions(import.meta.url, {
  options: {
    chips: { type: "string", default: "16" },
    packer: { type: "string", default: "nxtf-shared" },
    partitioner: { type: "string", default: "tiles" },
    verify: { type: "string", default: "true" },
  },
});
const chips = Number(args.chips);
if (!(Number.isInteger(chips) && chips >= 1) || !["true", "false"].includes(args.verify)) {
  console.error("--chips is a whole number from 1 up, --verify is true or false.");
  process.exit(2);
}

const show = (what, value) => console.log(`${what.padEnd(22)}${value}`);
const count = (value) => value.toLocaleString("en");
const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
const since = (begin) => `${(cpuSeconds() - begin).toFixed(1)} CPU s`;
try {
  const sink = new DiagnosticSink();
  const network = runPasses(mobileNet(), [alignDelays], { sink, target: loihi1 });
  const weights = network.projections.reduce(
    (sum, { connectivity }) => sum + (connectivity.weights ?? connectivity.values).length,
    0,
  );
  const neurons = network.populations.reduce(
    (sum, { model, size }) => sum + (model === "input" ? 0 : size),
    0,
  );
  show("weights", count(weights));
  show("neurons", count(neurons));
  show("synapses", count(synapsesOf(network)));
  const begin = cpuSeconds();
  const { deployment, utilization } = compile(
    network,
    loihi1,
    { packer: args.packer, partitioner: args.partitioner, chips, share: "never" },
    sink,
  );
  show("mapped in", since(begin));
  show("cores, chips", `${count(utilization.cores)}, ${utilization.chips}`);
  show("cores for neurons", count(Math.ceil(neurons / loihi1.walls.neurons.value)));
  for (const resource of ["neurons", "synapseWords", "axonsIn", "axonsOut"]) {
    const { total, meanShare, worstShare } = utilization.byResource[resource];
    const percent = (share) => `${(100 * share).toFixed(0)} %`;
    show(resource, `${count(total)}; mean ${percent(meanShare)}, worst ${percent(worstShare)} of a core`);
  }
  if (args.verify === "true") {
    const verified = cpuSeconds();
    const report = verify(deployment, network, loihi1, sink);
    show("verified in", since(verified));
    show(
      "verified",
      report.ok ? `${count(report.synapses)} synapses, no violation` : JSON.stringify(report.violations),
    );
    if (!report.ok) process.exitCode = 1;
  }
  show("peak memory", `${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GiB`);
  console.log("\n| layer | neurons | cores | words | input axons | output entries |");
  console.log("| --- | --: | --: | --: | --: | --: |");
  for (const { population, neurons: own, cores, total } of utilization.byPopulation)
    console.log(
      `| ${population} | ${count(own)} | ${cores} | ${count(total.synapseWords)} | ${count(total.axonsIn)} | ${count(total.axonsOut)} |`,
    );
} catch (error) {
  if (error?.diagnostics === undefined) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
