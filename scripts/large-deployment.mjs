// A deployment of a hundred million synapses, made in memory and run for a few steps: what it takes to load and to run.
// `npm run build` first.
//
//   node scripts/large-deployment.mjs [--synapses 1e8] [--steps 10] [--timing simple] [--seed 1]
import { scriptOptions } from "./options.mjs";
import { ACTIONS, simulate } from "../dist/simulator/index.js";
import { withMemoryFor } from "../dist/src/simulate-memory.js";
import { largeDeployment } from "../dist/test/support/large-deployment.js";

const { values: args } = scriptOptions(import.meta.url, {
  options: {
    synapses: { type: "string", default: "1e8" },
    steps: { type: "string", default: "10" },
    timing: { type: "string", default: "simple" },
    seed: { type: "string", default: "1" },
  },
});
const [wanted, steps, seed] = [args.synapses, args.steps, args.seed].map(Number);
if (!(wanted >= 1 && Number.isInteger(steps) && steps >= 1 && Number.isInteger(seed))) {
  console.error("--synapses, --steps and --seed are whole numbers from 1 up, such as 1e8, 10 and 1.");
  process.exit(2);
}

const seconds = (ms) => Number((ms / 1000).toPrecision(3));
const show = (what, value) => console.log(`${what.padEnd(34)}${value}`);
try {
  const startBytes = process.memoryUsage().rss;
  const begin = performance.now();
  const { deployment, target, profile, synapses, neurons } = largeDeployment({ synapses: wanted, seed });
  const made = performance.now();
  const before = process.memoryUsage().rss;
  let loaded = made;
  let loadedBytes = before;
  const noteLoaded = (_, done) => {
    if (done > 0) return;
    loaded = performance.now();
    loadedBytes = process.memoryUsage().rss;
  };
  const run = withMemoryFor(deployment, () =>
    simulate(deployment, target, profile, {}, { steps, timing: args.timing }, noteLoaded),
  );
  const end = performance.now();
  const total = (...actions) =>
    actions.reduce((sum, action) => {
      for (let at = ACTIONS.indexOf(action); at < run.counts.length; at += ACTIONS.length)
        sum += run.counts[at];
      return sum;
    }, 0);
  const events = total("synapseSparse", "synapseDense", "synapseRunLength", "synapseConv");
  show("synapses", synapses.toLocaleString("en"));
  show("neurons, cores", `${neurons.toLocaleString("en")}, ${deployment.cores.length}`);
  show(
    "made in",
    `${seconds(made - begin)} s, ${((before - startBytes) / synapses).toPrecision(3)} bytes per synapse`,
  );
  show(
    "loaded in",
    `${seconds(loaded - made)} s, ${(((loaded - made) * 1000) / synapses).toPrecision(3)} us and ${((loadedBytes - before) / synapses).toPrecision(3)} bytes per synapse more`,
  );
  show("steps", `${steps} in ${seconds(end - loaded)} s, timing model "${args.timing}"`);
  show(
    "spikes",
    `${total("spikeOut").toLocaleString("en")} (${((100 * total("spikeOut")) / (neurons * steps)).toPrecision(3)} % of neurons and steps)`,
  );
  show(
    "synaptic events",
    `${events.toLocaleString("en")}, ${((events / (end - loaded)) * 1000).toExponential(2)} per second`,
  );
  show("ns per event, all included", (((end - loaded) * 1e6) / events).toPrecision(3));
  show("peak memory", `${(process.resourceUsage().maxRSS / 2 ** 20).toPrecision(3)} GiB`);
} catch (error) {
  // Memory that is not there is said in one line; all else is a bug and keeps its stack.
  const isFault = error?.diagnostics !== undefined || error instanceof RangeError;
  if (!isFault) throw error;
  console.error(
    error instanceof RangeError
      ? `error[large/no-memory]: ${wanted.toExponential()} synapses do not fit into memory (${error.message}).\n  try: a smaller --synapses.`
      : error.message,
  );
  process.exitCode = 1;
}
