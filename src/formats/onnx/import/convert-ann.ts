import { propagate, scaleConnectivity, storedWeights, withStoredWeights } from "#ir/connectivity";
import { DEFAULT_DYNAMICS, type Network, type Population, type ResetMode } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import { converted, nothingToConvert, rateScaleUnused } from "./diagnostics-nodes.ts";

/**
 * Rectifiers become integrate-and-fire neurons whose firing rate stands for the value: a population that reaches at
 * most `scale` gets that as its threshold, and each of its spikes carries it on, so rate x scale is the value. A reset
 * that subtracts loses nothing between steps; one to zero, which some chips only have, does. Sums that are read out become integrators: their membrane is the sum over the steps.
 *
 * Source: Diehl et al., IJCNN 2015 (weight normalisation); Rueckauer et al., Frontiers in Neuroscience 11, 2017
 * (percentiles instead of maxima, reset by subtraction).
 *
 * @param scales largest value of each rectifier, by name; where there are none, the bound that the weights allow for
 *   inputs between 0 and 1, which is safe and needs many steps
 */
export function convertAnn(
  network: Network,
  scales: Readonly<Record<string, number>> | undefined,
  reset: ResetMode,
  sink: DiagnosticSink,
): Network {
  const { populations, projections } = network;
  const rectifiers = populations.filter(({ model }) => model === "relu");
  if (rectifiers.length === 0) sink.report(nothingToConvert());
  const names = new Set(rectifiers.map(({ name }) => name));
  const unused = Object.keys(scales ?? {}).filter((name) => !names.has(name));
  if (unused.length > 0) sink.report(rateScaleUnused({ names: unused }));

  const bounds = scales === undefined ? largestValues(network) : undefined;
  const scaleOf = populations.map(({ name, model }, p) => {
    if (model !== "relu") return 1;
    const scale = bounds === undefined ? (scales?.[name] ?? 1) : bounds[p];
    return scale > 0 && Number.isFinite(scale) ? scale : 1;
  });
  const readOut = new Set(network.outputs.map(({ population }) => population));
  if (rectifiers.length > 0)
    sink.report(
      converted({
        layers: populations.flatMap(({ name, model }, p) =>
          model === "relu" ? [[name, scaleOf[p]] as const] : [],
        ),
        fromData: scales !== undefined,
      }),
    );
  return {
    ...network,
    populations: populations.map((population, p): Population => {
      if (population.model === "relu") return spiking(population, scaleOf[p], reset);
      if (population.model === "relay" && readOut.has(p) && projections.every(({ pre }) => pre !== p))
        return { ...population, model: "i", params: { r: Float64Array.of(1) } };
      return population;
    }),
    projections: projections.map((projection) => {
      const scale = scaleOf[projection.pre];
      if (scale === 1) return projection;
      const connectivity = scaleConnectivity(projection.connectivity, [scale], undefined);
      return { ...projection, connectivity };
    }),
  };
}

function spiking(population: Population, threshold: number, reset: ResetMode): Population {
  const params = {
    r: Float64Array.of(1),
    vThreshold: Float64Array.of(threshold),
    vReset: Float64Array.of(0),
  };
  return { ...population, model: "if", params, dynamics: { ...DEFAULT_DYNAMICS, reset } };
}

/** `[populations]`: an upper bound of what each gives, for inputs between 0 and 1. */
function largestValues({ populations, projections }: Network): number[] {
  const high = populations.map(({ size, model }) => new Float64Array(size).fill(model === "input" ? 1 : 0));
  const low = populations.map(({ size }) => new Float64Array(size));
  // Populations of a feed-forward graph stand behind those that feed them.
  populations.forEach(({ model, bias, size }, p) => {
    if (model === "input") return;
    for (let i = 0; bias !== undefined && i < size; i++)
      high[p][i] = low[p][i] = bias[bias.length === 1 ? 0 : i];
    for (const { pre, post, connectivity } of projections) {
      if (post !== p) continue;
      const part = (keep: (weight: number) => boolean): typeof connectivity =>
        withStoredWeights(
          connectivity,
          Float64Array.from(storedWeights(connectivity), (w) => (keep(w) ? w : 0)),
        );
      const [raising, lowering] = [part((w) => w > 0), part((w) => w < 0)];
      propagate(raising, high[pre], high[p]);
      propagate(lowering, low[pre], high[p]);
      propagate(raising, low[pre], low[p]);
      propagate(lowering, high[pre], low[p]);
    }
    if (model !== "relu") return;
    for (let i = 0; i < size; i++) {
      high[p][i] = Math.max(high[p][i], 0);
      low[p][i] = Math.max(low[p][i], 0);
    }
  });
  return high.map((values) => values.reduce((largest, value) => Math.max(largest, value), 0));
}
