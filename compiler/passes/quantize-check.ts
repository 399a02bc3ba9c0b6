import { DEFAULT_DYNAMICS, type Network, type Population } from "#ir/network";
import { neuronModel } from "#neurons/index";
import type { Target } from "#targets/target";
import type { Diagnostic, DiagnosticSink } from "#util/diagnostic";
import {
  gradedOutput,
  relayLeft,
  resetUnsupported,
  unsupportedBits,
  unsupportedModel,
} from "./diagnostics.ts";
import { cubaFormOf } from "./quantize-neuron.ts";
import { quantizerOf } from "./quantizers/index.ts";

/** Reports everything that stands between a network and the chip's integers. */
export function checkQuantizable(
  network: Network,
  target: Target,
  weightBits: number | undefined,
  sink: DiagnosticSink,
): void {
  const { bits } = target.weights;
  if (weightBits !== undefined && !bits.includes(weightBits)) {
    sink.report(unsupportedBits({ weightBits, target: target.name, has: bits }));
  }
  network.populations.forEach((population, p) => {
    for (const fault of populationFaults(network, population, p, target)) sink.report(fault);
  });
}

function* populationFaults(
  network: Network,
  population: Population,
  index: number,
  target: Target,
): Generator<Diagnostic> {
  const { name, model } = population;
  if (model === "input" || target.neuronModels.includes(model)) return;
  if (model === "relay") {
    yield relayLeft({ population: name });
    return;
  }
  if (neuronModel(model).output === "values") {
    for (const { pre, post } of network.projections) {
      if (pre === index)
        yield gradedOutput({ population: name, model, post: network.populations[post].name });
    }
  }
  const { reset } = population.dynamics ?? DEFAULT_DYNAMICS;
  const fires = neuronModel(model).output === "spikes";
  if (fires && !target.resetModes.includes(reset)) {
    yield resetUnsupported({ population: name, reset, target: target.name, has: target.resetModes });
  }
  const form = cubaFormOf(population);
  if (form === undefined) {
    yield unsupportedModel({ population: name, model, target: target.name });
    return;
  }
  yield* quantizerOf(target).faults({ population, form, target, sends: sendsSpikes(network, index) });
}

/** Whether a population sends to another, or to itself. */
export function sendsSpikes({ projections }: Network, population: number): boolean {
  return projections.some(({ pre }) => pre === population);
}
