import { isIdentity, nonzeroWeightCount, synapseCount, weightCount } from "./connectivity.ts";
import type { Connectivity, Dynamics, Network, Population } from "./network.ts";

/** What is in a network, in numbers: data for tables, for people and for `--json`. */
export interface NetworkSummary {
  readonly name: string;
  readonly timestepNs?: number;
  /** Elements of all populations that have a membrane: not inputs, relays and thresholds. */
  readonly neurons: number;
  /** Stored weights of trained layers (a shared kernel counts once), and those that are not zero. */
  readonly weights: number;
  readonly nonzeroWeights: number;
  /** `nonzeroWeights / weights`; 1 where there are no weights. */
  readonly densityShare: number;
  /** Pairs of elements that meet, kernels expanded; identities and pooling included. */
  readonly synapses: number;
  readonly inputs: readonly PortSummary[];
  readonly outputs: readonly PortSummary[];
  readonly populations: readonly PopulationSummary[];
  readonly projections: readonly ProjectionSummary[];
}

export interface PortSummary {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface PopulationSummary {
  readonly name: string;
  readonly model: string;
  readonly shape: readonly number[];
  readonly size: number;
  readonly hasBias: boolean;
  /** By parameter name, in the parameter's own unit. */
  readonly params: Readonly<Record<string, Spread>>;
  readonly dynamics?: Dynamics;
}

/** Smallest, middle and largest of a list of numbers. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface ProjectionSummary {
  readonly name: string;
  readonly pre: string;
  readonly post: string;
  readonly kind: Connectivity["kind"] | "identity";
  /** Name of the trained layer whose weights these are. */
  readonly layer?: string;
  readonly synapses: number;
  readonly weights: number;
  readonly nonzeroWeights: number;
  readonly densityShare: number;
  readonly delaySteps: number;
  /** True if it closes a cycle and carries the previous step. */
  readonly isFeedback: boolean;
}

/** Counts everything once; weights are those of trained layers (`Projection.layer`). */
export function inspectNetwork(network: Network): NetworkSummary {
  const { populations } = network;
  const projections = network.projections.map((projection): ProjectionSummary => {
    const { connectivity, layer, delaySteps, weightScale } = projection;
    const weights = weightCount(connectivity);
    const nonzeroWeights = nonzeroWeightCount(connectivity);
    return {
      name: projection.name,
      pre: populations[projection.pre].name,
      post: populations[projection.post].name,
      kind: weightScale === 1 && isIdentity(connectivity) ? "identity" : connectivity.kind,
      ...(layer === undefined ? {} : { layer: layer.node }),
      synapses: synapseCount(connectivity),
      weights,
      nonzeroWeights,
      densityShare: share(nonzeroWeights, weights),
      delaySteps,
      isFeedback: projection.beforeStart !== undefined,
    };
  });
  const layers = projections.filter(({ layer }) => layer !== undefined);
  const weights = sum(layers.map((projection) => projection.weights));
  const nonzeroWeights = sum(layers.map((projection) => projection.nonzeroWeights));
  const ports = (list: Network["inputs"]): PortSummary[] =>
    list.map(({ name, population }) => ({ name, shape: populations[population].shape }));
  return {
    name: network.name,
    ...(network.timestepNs === undefined ? {} : { timestepNs: network.timestepNs }),
    neurons: sum(populations.filter(isNeuron).map(({ size }) => size)),
    weights,
    nonzeroWeights,
    densityShare: share(nonzeroWeights, weights),
    synapses: sum(projections.map(({ synapses }) => synapses)),
    inputs: ports(network.inputs),
    outputs: ports(network.outputs),
    populations: populations.map(summarisePopulation),
    projections,
  };
}

const STATELESS: readonly string[] = ["input", "relay", "relu", "threshold"];
const isNeuron = ({ model }: Population): boolean => !STATELESS.includes(model);

function summarisePopulation({
  name,
  model,
  shape,
  size,
  bias,
  params,
  dynamics,
}: Population): PopulationSummary {
  return {
    name,
    model,
    shape,
    size,
    hasBias: bias?.some((value) => value !== 0) === true,
    params: Object.fromEntries(Object.entries(params).map(([param, values]) => [param, spreadOf(values)])),
    ...(dynamics === undefined ? {} : { dynamics }),
  };
}

/** The median of an even number of values is the mean of the middle two; NaN throughout for none. */
export function spreadOf(values: ArrayLike<number>): Spread {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return sorted.length === 0
    ? { min: NaN, median: NaN, max: NaN }
    : { min: sorted[0], median, max: sorted[sorted.length - 1] };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
