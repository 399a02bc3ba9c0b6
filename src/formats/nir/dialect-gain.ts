import { inputShare } from "#neurons/leak";
import { isIdentity, scaleConnectivity, storedWeights, withStoredWeights } from "#ir/connectivity";
import {
  DEFAULT_DYNAMICS,
  type Connectivity,
  type Network,
  type Population,
  type Projection,
} from "#ir/network";
import { isNear, leaksOf } from "./dialect-decay.ts";
import type { NirDialect } from "./dialects.ts";

/** What became of the gains, by population. */
export interface GainChanges {
  /** Gain multiplied into the weights (and biases) in front. */
  readonly weights: readonly string[];
  /** Membrane measured in another unit: threshold, reset and leak divided by the gain. */
  readonly thresholds: readonly string[];
  /** A Scale in front. */
  readonly scales: readonly string[];
}

/**
 * The same network with the gains that a dialect takes for granted. The network's own gain goes into the weights in
 * front, where they feed nothing else; else the membrane gets another unit; else (no threshold) a Scale is put in front.
 * Gains that fit already, up to the rounding of 32-bit floats, are left alone, bit for bit.
 */
export function withGain(
  network: Network,
  { gain, keepsGainOne = false }: Pick<NirDialect, "gain" | "keepsGainOne">,
): { network: Network; changes: GainChanges } {
  return gain === "as-is"
    ? { network, changes: { weights: [], thresholds: [], scales: [] } }
    : new GainShift(network, gain, keepsGainOne).run();
}

class GainShift {
  readonly #network: Network;
  readonly #gain: "per-step" | "one";
  readonly #keepsGainOne: boolean;
  readonly #populations: Population[];
  readonly #projections: Projection[];
  readonly #changes = { weights: [] as string[], thresholds: [] as string[], scales: [] as string[] };

  constructor(network: Network, gain: "per-step" | "one", keepsGainOne: boolean) {
    this.#network = network;
    this.#gain = gain;
    this.#keepsGainOne = keepsGainOne;
    this.#populations = [...network.populations];
    this.#projections = [...network.projections];
  }

  run(): { network: Network; changes: GainChanges } {
    this.#network.populations.forEach((population, index) => this.#shift(population, index));
    const network = { ...this.#network, populations: this.#populations, projections: this.#projections };
    const changed = Object.values(this.#changes).some((names) => names.length > 0);
    return { network: changed ? network : this.#network, changes: this.#changes };
  }

  #shift(population: Population, index: number): void {
    const wanted = this.#wanted(population);
    if (wanted === undefined) return;
    const { params, factor } = wanted;
    const { name, size } = population;
    const tree = this.#tree(index, factor);
    if (tree !== undefined) {
      for (const apply of tree) apply();
      this.#populations[index] = { ...this.#populations[index], params };
      this.#changes.weights.push(name);
    } else if (params["vThreshold"] !== undefined && factor.every((value) => value > 0)) {
      const inUnit = (values: Float64Array): Float64Array => {
        const full = values.length === size ? values : new Float64Array(size).fill(values[0]);
        return full.map((value, i) => (value === 0 ? value : value / at(factor, i)));
      };
      const levels = ["vThreshold", "vReset", "vLeak"].filter((param) => param in params);
      const scaled = Object.fromEntries(levels.map((param) => [param, inUnit(params[param])]));
      this.#populations[index] = { ...population, params: { ...params, ...scaled } };
      this.#changes.thresholds.push(name);
    } else {
      this.#addScale(index, factor);
      this.#populations[index] = { ...this.#populations[index], params };
      this.#changes.scales.push(name);
    }
  }

  /** Gains of the dialect, and what the inputs must be multiplied with to make up for them; undefined: none. */
  #wanted(population: Population): { params: Population["params"]; factor: Float64Array } | undefined {
    const { integrator } = population.dynamics ?? DEFAULT_DYNAMICS;
    const params: Record<string, Float64Array> = { ...population.params };
    const factor = new Float64Array(population.size).fill(1);
    if (population.model === "if" || population.model === "i") {
      const r = population.params["r"];
      params["r"] = r.map(() => 1);
      factor.forEach((_, i) => (factor[i] = at(r, i)));
    }
    for (const [tauName, gainName] of leaksOf(population)) {
      const [tau, gain] = [population.params[tauName], population.params[gainName] ?? Float64Array.of(1)];
      if (this.#keepsGainOne && gain.every((value) => value === 1)) continue;
      // With exact decay a gain of 1 adds the input as it is.
      const target = this.#gain === "one" || integrator === "exponential" ? gain.map(() => 1) : undefined;
      params[gainName] = target ?? (tau.length === gain.length ? tau : factor.map((_, i) => at(tau, i)));
      factor.forEach((before, i) => {
        const had = inputShare(at(gain, i), at(tau, i), integrator);
        const gets = inputShare(at(params[gainName], i), at(tau, i), integrator);
        factor[i] = before * (had / gets);
      });
    }
    return factor.every((value) => isNear(value, 1)) ? undefined : { params, factor };
  }

  /**
   * Changes that multiply everything that reaches a population by `factor`; undefined if something in front feeds
   * others too, or cannot hold the factor.
   */
  #tree(index: number, factor: Float64Array): (() => void)[] | undefined {
    const { inputs, outputs } = this.#network;
    const changes: (() => void)[] = [];
    const seen = new Set<number>();
    const visit = (post: number): boolean => {
      if (seen.has(post)) return false;
      seen.add(post);
      const { bias } = this.#populations[post];
      if (bias !== undefined)
        changes.push(() => {
          const size = this.#populations[post].size;
          const scaled = Float64Array.from({ length: size }, (_, i) => at(bias, i) * factor[i]);
          this.#populations[post] = { ...this.#populations[post], bias: scaled };
        });
      return this.#projections.every((projection, p) => {
        if (projection.post !== post) return true;
        if (projection.layer === undefined && isIdentity(projection.connectivity)) {
          const { pre } = projection;
          const { model } = this.#populations[pre];
          const feeds = this.#projections.filter((other) => other.pre === pre).length;
          const isPort = [...inputs, ...outputs].some(({ population }) => population === pre);
          return model === "relay" && feeds === 1 && !isPort && visit(pre);
        }
        const scaled = scaledLayer(projection, factor);
        if (scaled !== undefined) changes.push(() => (this.#projections[p] = scaled));
        return scaled !== undefined;
      });
    };
    const fed = this.#projections.some(({ post }) => post === index);
    return fed && visit(index) ? changes : undefined;
  }

  /** A relay between a population and all that feeds it, which multiplies. */
  #addScale(index: number, factor: Float64Array): void {
    const { name, shape, size, bias } = this.#populations[index];
    const sum = this.#populations.length;
    this.#populations.push({ name: `${name}_sum`, model: "relay", shape, size, params: {} });
    this.#populations.push({ name: `${name}_gain`, model: "relay", shape, size, params: {} });
    this.#projections.forEach((projection, p) => {
      if (projection.post === index) this.#projections[p] = { ...projection, post: sum };
    });
    const link = { weightScale: 1, delaySteps: 0 } as const;
    const diagonal = (values: Float64Array): Connectivity => ({
      kind: "diagonal",
      rows: size,
      cols: size,
      values,
    });
    this.#projections.push(
      { ...link, name: `${name}_sum->${name}_gain`, pre: sum, post: sum + 1, connectivity: diagonal(factor) },
      {
        ...link,
        name: `${name}_gain->${name}`,
        pre: sum + 1,
        post: index,
        connectivity: diagonal(Float64Array.of(1)),
      },
    );
    if (bias !== undefined)
      this.#populations[index] = {
        ...this.#populations[index],
        bias: Float64Array.from({ length: size }, (_, i) => at(bias, i) * factor[i]),
      };
  }
}

/** A layer with its weights multiplied, in the form and number type it has; undefined if the form would change. */
function scaledLayer(projection: Projection, factor: Float64Array): Projection | undefined {
  const { connectivity, layer } = projection;
  // A pooling window with other weights would be a convolution.
  if (connectivity.kind === "kernel" && layer === undefined) return undefined;
  const scaled = scaleConnectivity(connectivity, undefined, factor);
  if (scaled.kind !== connectivity.kind) return undefined;
  const weights = storedWeights(scaled);
  const fits =
    storedWeights(connectivity) instanceof Float32Array && weights.every((w) => Math.fround(w) === w);
  return {
    ...projection,
    connectivity: fits ? singlePrecision(scaled) : scaled,
  };
}

function singlePrecision(connectivity: Connectivity): Connectivity {
  const weights = Float32Array.from(storedWeights(connectivity));
  if (connectivity.kind === "kernel") return { ...connectivity, weights };
  if (connectivity.kind === "dense") return { ...connectivity, values: weights };
  return withStoredWeights(connectivity, Float64Array.from(weights));
}

const at = (values: Float64Array, i: number): number => values[values.length === 1 ? 0 : i];
