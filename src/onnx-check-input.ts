// What an exported graph runs on when nobody gives it data: random input that makes its neurons fire.
import { synapseCount } from "#ir/connectivity";
import type { IntegerRules } from "#ir/deployment";
import type { Network, Population } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { neuronModel } from "#neurons/index";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { simulateReference, type StepView } from "#simulator/reference-float";
import { pipelineDepth, simulateIntegerReference } from "#simulator/reference-integer";
import type { OnProgress } from "#util/progress";
import { createRng, type Rng } from "#util/rng";

/** How the input of a check was made: the same numbers make the same input. */
export interface AssumedInput {
  /** Equal events, or values evenly between 0 and `value` on all lines: for networks without spikes. */
  readonly kind: "random-spikes" | "random-values";
  readonly seed: number;
  /** Share of the input lines that have an event in a step. */
  readonly rate: number;
  /** Of an event. */
  readonly value: number;
  readonly samples: number;
  /** Of the model, in one sample. */
  readonly steps: number;
  /** Populations that stay silent all the time; what depends on them is not tested. */
  readonly silentPopulations: readonly string[];
}

export interface CheckInput {
  readonly inputs: Readonly<Record<string, SpikeData>>;
  readonly assumed: AssumedInput;
}

const SEED = 1;
const SAMPLES = 2;
const STEPS = 24;
/** Of delays, steps that are added at most. */
const DELAY_STEPS = 64;
const FEWEST_STEPS = 4;
/** Products that a dense graph computes at most, over all samples and steps: seconds. */
const PRODUCTS = 1e9;

/** Tried one after another until every population is active: rarer and smaller first. */
const SPIKES = [
  { rate: 0.1, value: 1 },
  { rate: 0.3, value: 1 },
  { rate: 0.7, value: 1 },
] as const;
/** For networks of real numbers only: an input of a chip is a spike. */
const STRONG = [
  { rate: 0.7, value: 4 },
  { rate: 0.7, value: 32 },
] as const;

/**
 * Random input for all ports, a few samples and steps of it: the first of some rates with which every population is active in
 * the reference simulation, or else the one that reaches most. Always the same for the same network.
 *
 * @param rules of an integer graph; undefined: real numbers
 */
export function checkInput(
  network: Network,
  rules: IntegerRules | undefined,
  onProgress?: OnProgress,
): CheckInput {
  const extent = extentOf(network);
  const isSpiking = network.populations.some(({ model }) => fires(model));
  const attempts = !isSpiking
    ? [{ rate: 1, value: 1 }]
    : rules === undefined
      ? [...SPIKES, ...STRONG]
      : SPIKES;
  const needed = network.populations.flatMap((population, p) => (canBeActive(population) ? [p] : []));
  let best: CheckInput | undefined;
  for (const [i, attempt] of attempts.entries()) {
    onProgress?.("check input", i, attempts.length);
    const inputs = randomInputs(network, attempt, extent, isSpiking);
    const active = activePopulations(network, inputs, rules);
    const silentPopulations = needed.filter((p) => !active[p]).map((p) => network.populations[p].name);
    const kind = isSpiking ? "random-spikes" : "random-values";
    const assumed: AssumedInput = { kind, seed: SEED, ...attempt, ...extent, silentPopulations };
    if (best === undefined || silentPopulations.length < best.assumed.silentPopulations.length)
      best = { inputs, assumed };
    if (silentPopulations.length === 0) break;
  }
  return best!;
}

/** The input in words. */
export function assumedInputText(assumed: AssumedInput): string {
  const { kind, seed, rate, value, silentPopulations } = assumed;
  const what =
    kind === "random-values"
      ? `random values from 0 to ${value}`
      : `random spikes${value === 1 ? "" : ` of value ${value}`} on ${Math.round(100 * rate)} % of the lines in each step`;
  const silent =
    silentPopulations.length === 0
      ? ""
      : `; silent all the time: ${silentPopulations.slice(0, 5).join(", ")}${silentPopulations.length > 5 ? ` and ${silentPopulations.length - 5} more` : ""}`;
  return `${what} (seed ${seed})${silent}`;
}

const fires = (model: string): boolean => neuronModel(model).output === "spikes";

/** False for read-out populations of a chip, which have the highest threshold and never fire. */
function canBeActive({ model, params }: Population): boolean {
  if (model !== loihiCubaModel.name) return true;
  const highest = loihiCubaModel.params.find(({ name }) => name === "thresholdMantissa")?.max;
  return !params["thresholdMantissa"].every((mantissa) => mantissa === highest);
}

function extentOf({ projections }: Network): { readonly samples: number; readonly steps: number } {
  const products = projections.reduce(
    (sum, { connectivity: c }) => sum + (c.kind === "sparse" ? c.rows * c.cols : synapseCount(c)),
    1,
  );
  const delays = projections.reduce((longest, { delaySteps }) => Math.max(longest, delaySteps), 0);
  const steps = STEPS + Math.min(delays, DELAY_STEPS);
  const affordable = Math.floor(PRODUCTS / products);
  if (affordable >= SAMPLES * steps) return { samples: SAMPLES, steps };
  return { samples: 1, steps: Math.max(FEWEST_STEPS, Math.min(steps, affordable)) };
}

function randomInputs(
  { inputs, populations }: Network,
  drive: { readonly rate: number; readonly value: number },
  { samples, steps }: { readonly samples: number; readonly steps: number },
  isSpiking: boolean,
): Record<string, SpikeData> {
  const rng = createRng(SEED);
  return Object.fromEntries(
    inputs.map(({ name, population }): [string, SpikeData] => {
      const { shape, size } = populations[population];
      const list = Array.from({ length: samples }, () => randomEvents(rng, size, steps, drive, isSpiking));
      return [name, { steps, shape, samples: list }];
    }),
  );
}

function randomEvents(
  rng: Rng,
  size: number,
  steps: number,
  { rate, value }: { readonly rate: number; readonly value: number },
  isSpiking: boolean,
): SpikeEvents {
  const step: number[] = [];
  const index: number[] = [];
  const values: number[] = [];
  for (let t = 0; t < steps; t++)
    for (let i = 0; i < size; i++) {
      const drawn = rng();
      if (drawn >= rate) continue;
      step.push(t);
      index.push(i);
      // What a graph of float32 gets has to be a number that float32 has.
      values.push(isSpiking ? value : Math.fround(drawn * value));
    }
  const events = { step: Uint32Array.from(step), index: Uint32Array.from(index) };
  return isSpiking && value === 1 ? events : { ...events, value: Float64Array.from(values) };
}

/** By population: whether it gave anything but zeros. */
function activePopulations(
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  rules: IntegerRules | undefined,
): boolean[] {
  const active = network.populations.map(() => false);
  const observe = ({ outputs }: StepView): void => {
    outputs.forEach((values, p) => {
      active[p] ||= values.some((value) => value !== 0);
    });
  };
  if (rules === undefined) simulateReference(network, inputs, { record: [], observe });
  else {
    const steps = Math.max(...Object.values(inputs).map((data) => data.steps)) + pipelineDepth(network);
    simulateIntegerReference(network, inputs, { steps, rules, record: [], observe });
  }
  return active;
}
