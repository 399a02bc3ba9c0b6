import type { Population } from "#ir/network";
import { coresPerChip } from "#targets/target";
import type { Diagnostic } from "#util/diagnostic";
import { neuronDoesNotFit, noRoomForBlocks } from "./diagnostics.ts";
import { available, measureCore, shortagesOf } from "./encode/measure.ts";
import type { Incoming, Workload } from "./encode/workload.ts";
import type { MappedBlock } from "./partition/mapped-block.ts";
import type { Misfit } from "./partition/misfits.ts";

/** Why a neuron fits into no core, and the smallest changes that would make it fit, each tried. */
export function explainMisfit(workload: Workload, misfit: Misfit): Diagnostic {
  const { name } = workload.network.populations[misfit.population];
  return neuronDoesNotFit({
    population: name,
    neuron: misfit.neuron,
    alsoInPopulation: misfit.neurons - 1,
    resource: misfit.resource,
    needed: misfit.needed,
    available: misfit.available,
    target: workload.target.name,
    changes: [...changesFor(workload, misfit, name), "choose a target with larger cores"],
  });
}

function changesFor(workload: Workload, misfit: Misfit, name: string): string[] {
  const { resource, needed, available: limit, population, neuron } = misfit;
  const share = (100 * (needed - limit)) / needed;
  const percent = share.toFixed(share < 10 ? 1 : 0);
  switch (resource) {
    case "axonsIn":
      return [`prune ${needed - limit} of the ${needed} inputs of neuron ${neuron} (${percent} %)`];
    case "axonsOut":
      return [`prune what neuron ${neuron} of "${name}" sends, so that it reaches at most ${limit} cores`];
    case "synapseWords":
    case "wordsPerAxon":
      return [
        `prune its synapses by about ${percent} %`,
        ...smallerWeights(workload, population, neuron),
        ...otherPackers(workload, population, neuron),
      ];
    case "synapseFormats":
      return [
        `let the projections into "${name}" agree in weight bits, sign mode, exponent and delay until ${limit} formats are left`,
        ...otherPackers(workload, population, neuron),
      ];
    default:
      return [`let the neurons of "${name}" share parameters`];
  }
}

/** The widest weights below today's with which the neuron would fit. */
function smallerWeights(workload: Workload, population: number, neuron: number): string[] {
  const today = Math.max(...workload.incoming[population].map(({ quantization }) => quantization.weightBits));
  const bits = workload.target.weights.bits
    .filter((candidate) => candidate < today)
    .sort((a, b) => b - a)
    .find((candidate) => fitsAlone(withWeightBits(workload, candidate), population, neuron));
  return bits === undefined ? [] : [`store its weights in ${bits} ${bits === 1 ? "bit" : "bits"}`];
}

function otherPackers(workload: Workload, population: number, neuron: number): string[] {
  return workload.target.packers
    .filter((packer) => packer.name !== workload.packer.name)
    .filter((packer) => fitsAlone({ ...workload, packer }, population, neuron))
    .map(({ name }) => `use the packer "${name}"`);
}

function fitsAlone(workload: Workload, population: number, neuron: number): boolean {
  const measure = measureCore(workload, [{ population, begin: neuron, end: neuron + 1 }]);
  return shortagesOf(measure, available(workload)).length === 0;
}

function withWeightBits(workload: Workload, weightBits: number): Workload {
  const narrow = (incoming: Incoming): Incoming => ({
    ...incoming,
    quantization: {
      ...incoming.quantization,
      weightBits: Math.min(weightBits, incoming.quantization.weightBits),
    },
  });
  return {
    ...workload,
    incoming: workload.incoming.map((list) => list.map(narrow)),
    byProjection: workload.byProjection.map(narrow),
  };
}

/** Why the blocks do not fit onto the chips, and what would help. */
export function explainNoRoom(workload: Workload, blocks: readonly MappedBlock[], chips: number): Diagnostic {
  const { target } = workload;
  const cores = chips * coresPerChip(target);
  const chipsNeeded = Math.ceil(blocks.length / coresPerChip(target));
  const facts = { blocks: blocks.length, cores, chips, chipsNeeded, target: target.name };
  const forcedApart = blocks.some(({ demand }) => demand.axonsOut > available(workload).axonsOut);
  if (forcedApart) return noRoomForBlocks({ ...facts, changes: [FEWER_DESTINATIONS] });
  const changes =
    chipsNeeded <= target.mesh.maxChips.value ? [`use ${chipsNeeded} chips with --chips ${chipsNeeded}`] : [];
  return noRoomForBlocks({ ...facts, changes: [...changes, ...smallerNetwork(workload, blocks, cores)] });
}

const FEWER_DESTINATIONS =
  "prune what the neurons send, so that they reach fewer cores: output-table entries forced blocks apart";

/** What would bring the number of cores down, by the resource that fills most of them. */
function smallerNetwork(workload: Workload, blocks: readonly MappedBlock[], cores: number): string[] {
  const limits = available(workload);
  const total = (resource: "neurons" | "synapseWords" | "axonsIn"): number =>
    blocks.reduce((sum, { demand }) => sum + demand[resource], 0) / limits[resource];
  const coresFilled = {
    neurons: total("neurons"),
    synapseWords: total("synapseWords"),
    axonsIn: total("axonsIn"),
  };
  const { neurons, synapseWords, axonsIn } = coresFilled;
  if (neurons >= cores) {
    const populations = workload.network.populations.filter((_, i) => workload.mapped[i]);
    const count = populations.reduce((sum, { size }: Population) => sum + size, 0);
    return [`remove ${Math.ceil(count - cores * limits.neurons)} of the ${count} neurons`];
  }
  if (synapseWords >= axonsIn)
    return [`prune the synapses to about ${percentOf(cores, blocks.length)} % of today's`];
  return [`prune whole inputs of populations: input axons fill most cores`];
}

function percentOf(cores: number, blocks: number): number {
  return Math.floor((100 * cores) / blocks);
}
