import type { Deployment } from "#ir/deployment";
import { inputModel } from "#neurons/input";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import type { Profile, Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import {
  encodingsMixed,
  inputNotDriven,
  inputSeveralSpikes,
  listTooLong,
  modelUnknown,
  profileOfOtherTarget,
  resetUnknown,
  sumTooLarge,
  targetDiffers,
} from "./diagnostics.ts";
import { entryColumns } from "./entry-actions.ts";
import { CORE } from "./kernels/tables.ts";
import type { RunLength } from "./inputs.ts";
import { forEachRoute, type Machine } from "./machine.ts";
import { NEURON_KERNELS } from "./neuron-models/index.ts";

/** Sums are kept doubled in 32 bits. */
const LARGEST_SUM = 2 ** 30;
/** Up to here, kernels need not look whether a sum leaves 16 bits; planes that are merged may add 1 each. */
const SMALL_SUM = 32_000;

/** Entries of a synapse list are counted in 16 bits. */
const LONGEST_LIST = 2 ** 16 - 1;

/** What can be said of a deployment before any data; every fault goes to the sink. */
export function checkDeployment(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  sink: DiagnosticSink,
): void {
  if (deployment.target !== target.name)
    sink.report(targetDiffers({ deployment: deployment.target, target: target.name }));
  if (profile.target !== target.name)
    sink.report(
      profileOfOtherTarget({ profile: profile.name, profileTarget: profile.target, target: target.name }),
    );
  const known = [loihiCubaModel.name, ...NEURON_KERNELS.map(({ model }) => model)];
  const models = new Map<number, string>();
  for (const { groups } of deployment.cores)
    for (const { population, model } of groups) models.set(population, model);
  for (const [population, model] of models) {
    const { name, periodicReset } = deployment.populations[population];
    if (!known.includes(model)) sink.report(modelUnknown({ population: name, model, known }));
    else if (model !== loihiCubaModel.name && periodicReset !== undefined)
      sink.report(resetUnknown({ population: name, model }));
  }
  for (const program of deployment.cores)
    if (entryColumns(program) === undefined) sink.report(encodingsMixed({ core: program.core }));
  for (const { core, axonStart } of deployment.cores)
    for (let axon = 0; axon + 1 < axonStart.length; axon++) {
      const synapses = axonStart[axon + 1] - axonStart[axon];
      if (synapses > LONGEST_LIST) sink.report(listTooLong({ core, axon, synapses, most: LONGEST_LIST }));
    }
  for (const { name, population, drives } of deployment.inputs) {
    const model = models.get(population);
    if (drives === undefined && model !== undefined && model !== inputModel.name)
      sink.report(inputNotDriven({ port: name, model }));
  }
}

/**
 * Even the largest input of this run must not take a sum out of its register, nor ask a neuron for two spikes in a step.
 * Tells the kernels where sums stay small.
 */
export function checkInputSizes(
  machine: Machine,
  deployment: Deployment,
  length: RunLength,
  sink: DiagnosticSink,
): void {
  machine.ports.forEach(({ name, drives }, port) => {
    const largest = length.largestValue[port];
    if (drives !== undefined && largest > 1) sink.report(inputSeveralSpikes({ port: name, largest }));
  });
  const largestInput = length.largestValue.reduce((largest, value) => Math.max(largest, value), 1);
  for (const { row, largestValue, neuronRoutes, inputRoutes } of machine.cores) {
    const messages = neuronRoutes + inputRoutes * largestInput;
    machine.memory.cores[row * CORE.count + CORE.smallSums] = messages * largestValue <= SMALL_SUM ? 1 : 0;
    if (messages * largestValue < LARGEST_SUM) continue;
    if (largestSumOf(machine, deployment, row, largestInput) < LARGEST_SUM) continue;
    const { core } = deployment.cores[row];
    sink.report(sumTooLarge({ core, messages, largestValue, largestSum: LARGEST_SUM - 1 }));
  }
}

/** What the sum of any neuron of a core can reach at most: if every sender fires as often as it can in one step. */
function largestSumOf(
  { groups, cores }: Machine,
  deployment: Deployment,
  row: number,
  largestInput: number,
): number {
  const { core: id, neurons, axonStart, axonWords, target, weight, format, formats } = deployment.cores[row];
  const messages = new Float64Array(axonWords.length);
  const spikes = cores.map(({ groupBegin, groupEnd }) =>
    groups.slice(groupBegin, groupEnd).map(({ stepper }) => stepper?.maxSpikes ?? 1),
  );
  forEachRoute(deployment.cores, spikes, (core, axon, count) => {
    if (core === id) messages[axon] += count;
  });
  for (const { routeCore, routeAxon } of deployment.inputs)
    routeCore.forEach((core, r) => {
      if (core === id) messages[routeAxon[r]] += largestInput;
    });
  const sums = new Float64Array(neurons);
  messages.forEach((count, axon) => {
    for (let e = axonStart[axon]; e < axonStart[axon + 1]; e++)
      sums[target[e]] += count * Math.abs(weight[e]) * 2 ** formats[format[e]].weightExponent;
  });
  return sums.reduce((most, sum) => Math.max(most, sum), 0);
}
