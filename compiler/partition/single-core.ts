import type { Slice } from "#ir/block-graph";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import { regionFull, wrongRegion } from "../diagnostics.ts";
import { isReadOutOnly } from "../encode/formulas/slot-table.ts";
import { available, measureCore, shortagesOf, type Limits } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import type { Partitioner } from "./partitioner.ts";
import { slicesOfNeurons } from "./slices.ts";

/**
 * For chips of one core: all populations together. Where the core has a region for hidden neurons and one for the read-out,
 * which count as two cores (`slot-table`), populations that are read and send to no other are the read-out, and all others,
 * however many layers they make, are one hidden block.
 *
 * Hidden neurons are put in an order in which inputs reach the first ones only, and the read-out hears the last ones only, as far as
 * the chip lets them.
 */
export const singleCore: Partitioner = {
  name: "single-core",
  keepsWhole: true,
  summary: "everything on one core; with regions for hidden neurons and read-out where the chip has them",

  partition(workload) {
    const mapped = workload.network.populations.flatMap((_, p) => (workload.mapped[p] ? [p] : []));
    const faults: Diagnostic[] = [];
    const whole = (p: number): Slice => ({
      population: p,
      begin: 0,
      end: workload.network.populations[p].size,
    });
    if (workload.packer.formula !== "slot-table") {
      const slices = mapped.map(whole);
      checkRegion(workload, slices, "neurons", available(workload), faults);
      if (faults.length > 0) throw new ToolchainError(faults);
      return slices.length === 0 ? [] : [slices];
    }
    const readOut = mapped.filter((p) => isReadOutOnly(workload, p));
    const hidden = mapped.filter((p) => !readOut.includes(p));
    checkRegions(workload, hidden, readOut, faults);
    const neurons = orderHidden(workload, hidden, readOut, faults);
    const regions = [neurons, readOut.map(whole)].filter((slices) => slices.length > 0);
    checkRegion(workload, neurons, "hidden neurons", available(workload, 0), faults);
    checkRegion(workload, readOut.map(whole), "read-out neurons", available(workload, 1), faults);
    if (faults.length > 0) throw new ToolchainError(faults);
    return regions;
  },
};

/** What the chip has no wires for. */
function checkRegions(
  { network, target }: Workload,
  hidden: readonly number[],
  readOut: readonly number[],
  faults: Diagnostic[],
): void {
  const wrong = (population: number, what: string, change: string): void => {
    const { name } = network.populations[population];
    faults.push(wrongRegion({ population: name, what, target: target.name, change }));
  };
  const nameOf = (p: number): string => `"${network.populations[p].name}"`;
  if (hidden.length === 0 && readOut.length > 0)
    wrong(
      readOut[0],
      `the read-out hears hidden neurons only, but ${nameOf(readOut[0])} is the only layer`,
      "put a hidden layer before it",
    );
  for (const { population } of network.outputs)
    if (hidden.includes(population))
      wrong(
        population,
        `only neurons that send to no other can be read, but ${nameOf(population)} sends`,
        `read ${nameOf(population)} through a layer of its own`,
      );
  if (hidden.length === 0) return;
  for (const { pre, post } of network.projections)
    if (readOut.includes(post) && network.populations[pre].model === "input")
      wrong(
        post,
        `inputs reach hidden neurons only, but ${nameOf(pre)} goes to ${nameOf(post)}, which is read out`,
        "put a hidden layer between them",
      );
}

function checkRegion(
  workload: Workload,
  slices: readonly Slice[],
  region: string,
  limits: Limits,
  faults: Diagnostic[],
): void {
  if (slices.length === 0) return;
  for (const shortage of shortagesOf(measureCore(workload, slices), limits))
    faults.push(regionFull({ region, ...shortage, target: workload.target.name }));
}

/** Hidden neurons, those that hear inputs as far in front, and those that the read-out hears as far behind, as needed. */
function orderHidden(
  workload: Workload,
  hidden: readonly number[],
  readOut: readonly number[],
  faults: Diagnostic[],
): Slice[] {
  const { network, packer, target } = workload;
  const inputReach = (packer.formula === "slot-table" ? packer.inputReach : undefined) ?? Infinity;
  const readOutReach = (packer.formula === "slot-table" ? packer.readOutReach : undefined) ?? Infinity;
  const neurons = hidden.flatMap((population) => {
    const fed = new Uint8Array(network.populations[population].size);
    const heard = new Uint8Array(network.populations[population].size);
    for (const { pre, source } of workload.incoming[population])
      if (!workload.mapped[pre]) mark(source.read(0, source.cols).start, fed);
    for (const p of readOut)
      for (const { pre, source } of workload.incoming[p])
        if (pre === population) for (const row of source.read(0, source.cols).row) heard[row] = 1;
    return Array.from(fed, (isFed, neuron) => ({
      population,
      neuron,
      fed: isFed === 1,
      heard: heard[neuron] === 1,
    }));
  });
  const total = neurons.length;
  if (total <= Math.min(inputReach, readOutReach)) return slicesOfNeurons(neurons);

  const front = neurons.filter(({ fed, heard }) => fed && !heard);
  const both = neurons.filter(({ fed, heard }) => fed && heard);
  const behind = neurons.filter(({ fed, heard }) => !fed && heard);
  const free = neurons.filter(({ fed, heard }) => !fed && !heard);
  const overlap = Math.max(0, Math.min(total, inputReach) - Math.max(0, total - readOutReach));
  const reach = (what: string, change: string): void => {
    const population = network.populations[hidden[0]].name;
    faults.push(wrongRegion({ population, what, target: target.name, change }));
  };
  const fedCount = front.length + both.length;
  const heardCount = behind.length + both.length;
  if (fedCount > inputReach)
    reach(
      `inputs reach ${inputReach} hidden neurons, but ${fedCount} of the network hear them`,
      `let inputs reach ${fedCount - inputReach} hidden neurons fewer`,
    );
  if (heardCount > readOutReach)
    reach(
      `the read-out hears ${readOutReach} hidden neurons, but ${heardCount} of the network send to it`,
      `let the read-out hear ${heardCount - readOutReach} hidden neurons fewer`,
    );
  if (fedCount <= inputReach && heardCount <= readOutReach && both.length > overlap)
    reach(
      `inputs reach the first ${inputReach} and the read-out hears the last ${readOutReach} of ${total} hidden neurons, so ${overlap} can be both, but ${both.length} of the network are`,
      `take hidden neurons away, or put a layer between inputs and read-out`,
    );
  // Those that are both go to the end of what inputs reach; what fills the places before them need not be fed.
  const fillers = [...free, ...behind];
  const before = Math.min(
    fillers.length,
    Math.max(0, Math.min(total, inputReach) - both.length - front.length),
  );
  return slicesOfNeurons([...front, ...fillers.slice(0, before), ...both, ...fillers.slice(before)]);
}

/** Marks the columns that have an entry. */
function mark(start: Uint32Array, columns: Uint8Array): void {
  for (let c = 0; c < columns.length; c++) if (start[c + 1] > start[c]) columns[c] = 1;
}
