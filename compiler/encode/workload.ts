import type { Network, Population, WeightQuantization } from "#ir/network";
import { neuronModel, paramOf } from "#neurons/index";
import type { Packer, Target } from "#targets/target";
import { invariant } from "#util/diagnostic";
import { columnSource, type ColumnSource } from "./columns.ts";

/** A quantized network as the mapping stages see it: what reaches each population, and what its neurons ask of a core. */
export interface Workload {
  readonly network: Network;
  readonly target: Target;
  readonly packer: Packer;
  /** By population: what can reach it, ordered by sending population, then projection. */
  readonly incoming: readonly (readonly Incoming[])[];
  /** By projection: the same objects, and those of silent inputs. */
  readonly byProjection: readonly Incoming[];
  /** By population: populations whose neurons sit on cores; inputs do not. */
  readonly mapped: readonly boolean[];
  /** By population, `[size]`: equal numbers may share one neuron configuration of a core. */
  readonly neuronConfig: readonly Uint32Array[];
  /** By population, `[size]`: likewise for the threshold configurations. */
  readonly thresholdConfig: readonly Uint32Array[];
}

export interface Incoming {
  readonly projection: number;
  readonly pre: number;
  readonly source: ColumnSource;
  readonly delaySteps: number;
  readonly quantization: WeightQuantization;
}

/** What one configuration register of a core holds; neurons that agree in all of it share one. */
const NEURON_CONFIG = ["uDecay", "vDecay", "biasExponent", "refractorySteps", "vMin"] as const;
const THRESHOLD_CONFIG = ["thresholdMantissa"] as const;

/** Every projection must carry `quantization`: `checkQuantized` has seen to it. */
export function createWorkload(
  network: Network,
  target: Target,
  packer: Packer,
  keepZeros: boolean,
): Workload {
  const { populations, projections } = network;
  const incoming = populations.map((): Incoming[] => []);
  const byProjection = projections.map(
    ({ name, pre, post, connectivity, delaySteps, quantization }, index) => {
      invariant(quantization !== undefined, `projection "${name}" is quantized before it is mapped`);
      // Packed kernels keep their zeros: they are read like other weights.
      const readsZeros = packer.formula === "packed-kernel" && connectivity.kind === "kernel";
      const source = columnSource(connectivity, keepZeros || readsZeros);
      const entry: Incoming = { projection: index, pre, source, delaySteps, quantization };
      if (isDriven(network, pre)) incoming[post].push(entry);
      return entry;
    },
  );
  for (const list of incoming) list.sort((a, b) => a.pre - b.pre || a.projection - b.projection);
  const configs = new Map<string, number>();
  const thresholds = new Map<string, number>();
  return {
    network,
    target,
    packer,
    incoming,
    byProjection,
    mapped: populations.map((population) => population.model !== "input"),
    neuronConfig: populations.map((population) => numberConfigs(population, NEURON_CONFIG, configs)),
    thresholdConfig: populations.map((population) => numberConfigs(population, THRESHOLD_CONFIG, thresholds)),
  };
}

/** Inputs without a port never spike; what they send to takes no memory. */
function isDriven({ populations, inputs }: Network, pre: number): boolean {
  return populations[pre].model !== "input" || inputs.some(({ population }) => population === pre);
}

/** One number per neuron; the same number wherever the named parameters agree. */
function numberConfigs(
  { size, params, model }: Population,
  names: readonly string[],
  known: Map<string, number>,
): Uint32Array {
  const numbers = new Uint32Array(size);
  if (model === "input") return numbers;
  const spec = neuronModel(model);
  const has = names.filter((name) => spec.params.some((param) => param.name === name));
  const arrays = has.map((name) => paramOf(spec, params, name, size));
  for (let n = 0; n < size; n++) {
    const key = arrays.map((values) => values[n]).join();
    let number = known.get(key);
    if (number === undefined) known.set(key, (number = known.size));
    numbers[n] = number;
  }
  return numbers;
}
