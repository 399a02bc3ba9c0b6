import type { Network } from "#ir/network";
import type { Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import { invariant } from "#util/diagnostic";
import { checkQuantizable, sendsSpikes } from "./quantize-check.ts";
import { cubaFormOf } from "./quantize-neuron.ts";
import type {
  PopulationQuantization,
  ProjectionQuantization,
  QuantizationReport,
  QuantizeOptions,
} from "./quantize-report.ts";
import { quantizerOf } from "./quantizers/index.ts";

export type { QuantizationReport, QuantizeOptions } from "./quantize-report.ts";

/**
 * From real numbers to the integers of the chip: every neuron population becomes one of the target's kind
 * (`quantizers/`), every projection integer weights.
 *
 * Only spikes leave a neuron, so the unit of its membrane is free. Each neuron is measured in its own threshold:
 * the weights into neuron j are multiplied by gain_j / threshold_j, which makes the thresholds of a population
 * equal (a core has few of them) and exact. What is rounded are weights, decays and biases; the report says by
 * how much. If the weights have a common unit (they were quantized before), the scale is chosen so that
 * nothing is lost.
 *
 * `weightScale` of a projection is the real weight of one stored unit, 2^weightExponent included. Where
 * gain_j / threshold_j differs between neurons there is no such number, and it is the weight in thresholds of
 * the post neuron (`weightUnit` in the report). A kernel stays a kernel if the factor is one per channel.
 *
 * Populations that never fire get the largest threshold, and a scale that keeps v below it. Networks that are
 * quantized already come back as they are. Delays are left alone: `align-delays` sets them.
 *
 * @throws ToolchainError with every fault that was found: relays, resets and values that the chip lacks
 */
export function quantize(
  network: Network,
  target: Target,
  options: QuantizeOptions,
  sink: DiagnosticSink,
): { network: Network; report: QuantizationReport } {
  checkQuantizable(network, target, options.weightBits, sink);
  sink.throwIfErrors();
  const populations = [...network.populations];
  const projections = [...network.projections];
  const populationReports: PopulationQuantization[] = [];
  const projectionReports = new Array<ProjectionQuantization>(projections.length);
  let changed = false;
  network.populations.forEach((population, p) => {
    if (population.model === "input" || target.neuronModels.includes(population.model)) return;
    changed = true;
    const incoming = projections.flatMap(({ post }, i) => (post === p ? [i] : []));
    const form = cubaFormOf(population);
    invariant(form !== undefined, `"${population.model}" was checked to have a circuit`);
    const done = quantizerOf(target).quantize(
      { population, form, target, sends: sendsSpikes(network, p) },
      incoming.map((i) => projections[i]),
      { target, options, sink },
    );
    populations[p] = done.population;
    populationReports.push(done.report);
    incoming.forEach((i, k) => {
      projections[i] = done.projections[k].projection;
      projectionReports[i] = done.projections[k].report;
    });
  });
  return {
    network: changed ? { ...network, populations, projections } : network,
    report: { populations: populationReports, projections: projectionReports.filter((r) => r !== undefined) },
  };
}
