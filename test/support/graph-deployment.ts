// Bare connectivity on cores, as a deployment that can be simulated: neurons fire by their biases, as often as the graph's
// rates say, and all synapses weigh next to nothing.
import type { AxonGraph } from "#ir/axon-graph";
import type { CoreProgram, Deployment } from "#ir/deployment";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { createRng, type Rng } from "#util/rng";

export interface GraphDeploymentOptions {
  /** Steps that the rates of the graph are of; rates are those of `drivableRates`. */
  readonly windowSteps: number;
  /** `[cores]`, core id of each; the number of the core itself if absent. */
  readonly siteOf?: ArrayLike<number>;
  readonly wordsOfList: (synapses: number) => number;
  /** For the first steps of the neurons' periods. */
  readonly seed?: number;
}

/** Neurons of these periods and less have a threshold that their biases reach. */
const FAST_PERIOD = 16;
const FAST_MANTISSA = 4096;
const SLOW_MANTISSA = 131_071;
const BIAS_EXPONENT = 7;
/** A synaptic event of weight 1 adds 1 to u. */
const WEIGHT_EXPONENT = -6;

/** The nearest rates that biases can drive: a spike in every so many steps, at most one in each, or none. */
export function drivableRates({ rate }: AxonGraph, windowSteps: number): Float64Array {
  return rate.map((spikes) => (spikes <= 0 ? 0 : windowSteps / periodOf(spikes, windowSteps)));
}

const periodOf = (spikes: number, windowSteps: number): number =>
  Math.max(1, Math.round(windowSteps / spikes));

/**
 * One population with a neuron for each of the graph. Sources outside of the cores are lines of the input port `input`.
 *
 * @param coreOf `[neurons]`, from 0 on without gaps
 */
export function graphDeployment(
  graph: AxonGraph,
  coreOf: ArrayLike<number>,
  { windowSteps, siteOf, wordsOfList, seed = 1 }: GraphDeploymentOptions,
): Deployment {
  const { neurons, outside = 0 } = graph;
  const rng = createRng(seed);
  const members: number[][] = [];
  const compartment = new Uint16Array(neurons);
  for (let n = 0; n < neurons; n++) compartment[n] = (members[coreOf[n]] ??= []).push(n) - 1;
  const ids = members.map((_, core) => siteOf?.[core] ?? core);
  const lists = members.map((): number[][] => []);
  const routes: { core: number; axon: number }[][] = [];
  for (let n = 0; n < neurons + outside; n++) {
    const perCore = new Map<number, number[]>();
    for (let s = graph.axonStart[n]; s < graph.axonStart[n + 1]; s++) {
      const target = graph.target[s];
      const list = perCore.get(coreOf[target]);
      if (list === undefined) perCore.set(coreOf[target], [compartment[target]]);
      else list.push(compartment[target]);
    }
    routes.push(
      [...perCore]
        .map(([core, list]) => ({
          core: ids[core],
          axon: lists[core].push(list.sort((a, b) => a - b)) - 1,
        }))
        .sort((a, b) => a.core - b.core),
    );
  }
  const cores = members
    .map((own, core) => ({
      ...synapses(lists[core], wordsOfList),
      ...routesOf(own.map((n) => routes[n])),
      core: ids[core],
      neurons: own.length,
      groups: [
        {
          population: 0,
          model: loihiCubaModel.name,
          begin: 0,
          end: own.length,
          params: parameters(
            own.map((n) => graph.rate[n]),
            windowSteps,
            rng,
          ),
        },
      ],
    }))
    .sort((a, b) => a.core - b.core);
  const hasInput = outside > 0;
  return {
    version: 1,
    network: "graph",
    target: "loihi1",
    packer: "nxtf",
    rules: "lava",
    chips: 1,
    cores,
    populations: [
      {
        name: "neurons",
        shape: [neurons],
        startStep: 0,
        core: Uint32Array.from({ length: neurons }, (_, n) => ids[coreOf[n]]),
        compartment,
      },
      ...(hasInput
        ? [
            {
              name: "input",
              shape: [outside],
              startStep: 0,
              core: new Uint32Array(0),
              compartment: new Uint16Array(0),
            },
          ]
        : []),
    ],
    inputs: hasInput ? [{ name: "input", population: 1, ...routesOf(routes.slice(neurons)) }] : [],
    outputs: [{ name: "neurons", population: 0, readout: "spikes" }],
  };
}

function synapses(
  lists: readonly (readonly number[])[],
  wordsOfList: (synapses: number) => number,
): Pick<CoreProgram, "formats" | "axonStart" | "axonWords" | "target" | "weight" | "format" | "delaySteps"> {
  const axonStart = new Uint32Array(lists.length + 1);
  lists.forEach((list, axon) => (axonStart[axon + 1] = axonStart[axon] + list.length));
  const count = axonStart[lists.length];
  return {
    formats: [
      {
        projection: 0,
        encoding: "sparse",
        weightBits: 8,
        signMode: "excitatory",
        weightExponent: WEIGHT_EXPONENT,
        indexBits: 10,
        skipBits: 0,
        delayBits: 0,
      },
    ],
    axonStart,
    axonWords: Uint16Array.from(lists, (list) => wordsOfList(list.length)),
    target: Uint16Array.from(lists.flat()),
    weight: new Int16Array(count).fill(1),
    format: new Uint8Array(count),
    delaySteps: new Uint8Array(count).fill(1),
  };
}

function routesOf(
  routes: readonly (readonly { readonly core: number; readonly axon: number }[])[],
): Pick<CoreProgram, "routeStart" | "routeCore" | "routeAxon"> {
  const routeStart = new Uint32Array(routes.length + 1);
  routes.forEach((list, n) => (routeStart[n + 1] = routeStart[n] + list.length));
  const all = routes.flat();
  return {
    routeStart,
    routeCore: Uint32Array.from(all, ({ core }) => core),
    routeAxon: Uint16Array.from(all, ({ axon }) => axon),
  };
}

/** Neurons of a period begin anywhere in it; those that never fire are driven too little to, so that all are updated. */
function parameters(rates: readonly number[], windowSteps: number, rng: Rng): Int32Array[] {
  const values: Readonly<Record<string, Int32Array>> = {
    thresholdMantissa: new Int32Array(rates.length).fill(SLOW_MANTISSA),
    biasMantissa: new Int32Array(rates.length).fill(1),
    v0: new Int32Array(rates.length),
  };
  const constants: Readonly<Record<string, number>> = {
    uDecay: 4095,
    biasExponent: BIAS_EXPONENT,
    vMin: -(2 ** 23 - 1),
  };
  rates.forEach((spikes, n) => {
    if (spikes <= 0) return;
    const period = periodOf(spikes, windowSteps);
    const mantissa = period > FAST_PERIOD ? SLOW_MANTISSA : FAST_MANTISSA;
    const bias = Math.round((mantissa * 64) / 2 ** BIAS_EXPONENT / (period - 0.5));
    values["thresholdMantissa"][n] = mantissa;
    values["biasMantissa"][n] = bias;
    values["v0"][n] = Math.floor(rng() * period) * bias * 2 ** BIAS_EXPONENT;
  });
  return loihiCubaModel.params.map(
    ({ name }) =>
      (values as Record<string, Int32Array | undefined>)[name] ??
      new Int32Array(rates.length).fill(constants[name] ?? 0),
  );
}
