import type { Diagnostic } from "#util/diagnostic";
import { layerDoesNotFit, neuronDoesNotFit } from "../diagnostics.ts";
import { available, measureCore, shortagesOf } from "../encode/measure.ts";
import type { Incoming, Workload } from "../encode/workload.ts";
import type { Misfit } from "../partition/misfits.ts";
import type { RelayFault } from "../partition/relay-outputs.ts";
import { relayFaultText } from "./relay-fault.ts";

/**
 * Why a neuron fits into no core, and the smallest changes that would make it fit, each tried.
 *
 * @param relays why relays do not help, where that was tried
 */
export function explainMisfit(workload: Workload, misfit: Misfit, relays?: RelayFault): Diagnostic {
  const { name } = workload.network.populations[misfit.population];
  if (misfit.layer !== undefined)
    return layerDoesNotFit({ population: name, target: workload.target.name, ...misfit.layer });
  return neuronDoesNotFit({
    population: name,
    neuron: misfit.neuron,
    alsoInPopulation: misfit.neurons - 1,
    resource: misfit.resource,
    needed: misfit.needed,
    available: misfit.available,
    target: workload.target.name,
    ...(relays !== undefined &&
      misfit.resource === "axonsOut" && { relays: relayFaultText(workload, relays) }),
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
