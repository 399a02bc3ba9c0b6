import { DEFAULT_DYNAMICS, type Dynamics, type Population } from "#ir/network";
import { neuronModel } from "#neurons/index";
import type { CubaForm } from "#neurons/neuron";
import type { LoihiNeuronLimits, Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import { decayOutOfRange, manyDecays } from "./diagnostics.ts";
import { type ChipDecays, decayPairs, uLossShare, vLossShare } from "./quantize-decays.ts";

/** A population as the circuit that the chip has, still in real numbers. */
export interface Circuit {
  readonly form: CubaForm;
  /** `[size]`, what its membranes are measured in: the threshold, or 1 where nothing fires. */
  readonly unit: Float64Array;
  readonly fires: boolean;
  readonly compare: Dynamics["compare"];
}

/** Bias and conventions are handed to the model; undefined if it has no such circuit. */
export function cubaFormOf(population: Population): CubaForm | undefined {
  const { params, bias, dynamics, size } = population;
  const all = bias === undefined ? params : { ...params, bias };
  return neuronModel(population.model).toCuba?.(all, dynamics ?? DEFAULT_DYNAMICS, size);
}

export function circuitOf(population: Population, form: CubaForm): Circuit {
  let largest = -Infinity;
  for (const threshold of form.threshold) if (threshold < Infinity) largest = Math.max(largest, threshold);
  const fires = largest > -Infinity;
  return {
    form,
    unit: form.threshold.map((threshold) => (threshold < Infinity ? threshold : fires ? largest : 1)),
    fires,
    compare: (population.dynamics ?? DEFAULT_DYNAMICS).compare,
  };
}

/** What a population's registers lose against its circuit. */
export interface NeuronLoss {
  readonly thresholdMantissa: number;
  /** |chip - model| / model. 0 where nothing fires. */
  readonly thresholdError: number;
  /** Largest relative error of the share lost per step. */
  readonly uDecayError: number;
  readonly vDecayError: number;
  /** Largest error of a bias, in thresholds per step. */
  readonly biasError: number;
}

/**
 * The registers of a population, all `[size]`.
 *
 * One bias exponent serves the population (it belongs to the neuron configuration, of which a core has few).
 * A threshold that fires at equality becomes the largest mantissa below the scale: membranes that only ever
 * take multiples of 64 units then fire exactly when the model does.
 */
export function integerNeuron(
  population: Population,
  { form, unit, fires, compare }: Circuit,
  decays: ChipDecays,
  scale: number,
  neuron: LoihiNeuronLimits,
): { population: Population; loss: NeuronLoss } {
  const { size } = population;
  const one = scale * 2 ** neuron.thresholdShift;
  const vMax = 2 ** neuron.stateBits - 1;
  const limit = (value: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, Math.round(value))) + 0;
  const register = (values: Float64Array, low: number, high: number): Float64Array =>
    values.map((value, j) => limit((value / unit[j]) * one, low, high));

  const mantissa = compare === ">=" ? Math.ceil(scale * (1 - 1e-12)) - 1 : Math.floor(scale * (1 + 1e-12));
  const thresholdMantissa = form.threshold.map((threshold) =>
    threshold < Infinity ? mantissa : neuron.thresholdMantissaMax,
  );
  const biasUnits = form.bias.map((bias, j) => (bias / unit[j]) * one);
  const largestBias = biasUnits.reduce((most, bias) => Math.max(most, Math.abs(bias)), 0);
  const needed = Math.ceil(Math.log2(Math.max(1, Math.round(largestBias) / neuron.biasMantissaMax)));
  const biasExponent = Math.min(neuron.biasExponentMax, needed);
  const biasMantissa = biasUnits.map((bias) =>
    limit(bias / 2 ** biasExponent, -neuron.biasMantissaMax, neuron.biasMantissaMax),
  );
  const quantum = unit.map((u) => u / one);
  return {
    population: {
      name: population.name,
      model: "loihi-cuba",
      shape: population.shape,
      size,
      params: {
        uDecay: decays.uDecay,
        vDecay: decays.vDecay,
        thresholdMantissa,
        biasMantissa,
        biasExponent: new Float64Array(size).fill(biasExponent),
        refractorySteps: new Float64Array(size),
        vMin: register(form.vMin, -vMax, 0),
        u0: register(form.u0, -vMax, vMax),
        v0: register(form.v0, -vMax, vMax),
      },
      ...(population.startStep === undefined ? {} : { startStep: population.startStep }),
      membraneQuantum: quantum.every((q) => q === quantum[0]) ? quantum.slice(0, 1) : quantum,
    },
    loss: {
      thresholdMantissa: fires ? mantissa : neuron.thresholdMantissaMax,
      thresholdError: fires ? Math.abs(mantissa - scale) / scale : 0,
      ...decayErrors(form, decays, neuron.decayBits),
      biasError: biasUnits.reduce(
        (most, bias, j) => Math.max(most, Math.abs(bias - biasMantissa[j] * 2 ** biasExponent) / one),
        0,
      ),
    },
  };
}

function decayErrors(
  form: CubaForm,
  decays: ChipDecays,
  decayBits: number,
): Pick<NeuronLoss, "uDecayError" | "vDecayError"> {
  const largest = (wanted: Float64Array, got: Float64Array): number =>
    wanted.reduce((most, share, j) => Math.max(most, relativeError(share, got[j])), 0);
  return {
    uDecayError: largest(
      form.uDecay,
      decays.uDecay.map((d) => uLossShare(d, decayBits)),
    ),
    vDecayError: largest(
      form.vDecay,
      decays.vDecay.map((d) => vLossShare(d, decayBits)),
    ),
  };
}

export function relativeError(wanted: number, got: number): number {
  return wanted === got ? 0 : Math.abs(got - wanted) / Math.max(Math.abs(wanted), Number.MIN_VALUE);
}

/** Decays further off than this share are worth a word: a time constant that the chip does not have. */
export const DECAY_TOLERANCE = 0.25;

/** Warns of decays that the chip cannot come near. */
export function reportDecays(
  population: string,
  form: CubaForm,
  decays: ChipDecays,
  decayBits: number,
  sink: DiagnosticSink,
): void {
  for (const register of ["uDecay", "vDecay"] as const) {
    const share = register === "uDecay" ? uLossShare : vLossShare;
    let neurons = 0;
    let worst = -1;
    form[register].forEach((wanted, j) => {
      const got = share(decays[register][j], decayBits);
      if (relativeError(wanted, got) <= DECAY_TOLERANCE) return;
      if (worst === -1) worst = j;
      neurons++;
    });
    if (worst === -1) continue;
    const got = share(decays[register][worst], decayBits);
    sink.report(decayOutOfRange({ population, register, neurons, wanted: form[register][worst], got }));
  }
}

/** Notes more different pairs of decays than a core holds. */
export function reportPairs(
  population: string,
  decays: ChipDecays,
  target: Target,
  sink: DiagnosticSink,
): void {
  const perCore = target.walls.neuronConfigs?.value;
  const pairs = decayPairs(decays);
  if (perCore !== undefined && pairs > perCore) {
    sink.report(manyDecays({ population, pairs, perCore, target: target.name }));
  }
}
