import type { Population, ResetMode } from "#ir/network";
import { DEFAULT_DYNAMICS } from "#ir/network";
import { DIGITAL_RESETS, LEAK_KINDS, type DigitalParam } from "#neurons/digital-lif";
import type { DigitalNeuronLimits, Target } from "#targets/target";
import { invariant, type Diagnostic } from "#util/diagnostic";
import { decayOutOfRange, deviates, linearLeak, missingInNeuron, worstCaseOverflow } from "../diagnostics.ts";
import { fitScale } from "../quantize-fit.ts";
import { DECAY_TOLERANCE, type NeuronLoss, relativeError } from "../quantize-neuron.ts";
import type { QuantizeContext } from "../quantize-report.ts";
import type { Reach, ScaleLimits } from "../quantize-scale.ts";
import { digitalCircuit, wantsSubtraction, type DigitalCircuit } from "./digital-circuit.ts";
import { chooseLeak, linearAmount, type ChosenLeak } from "./digital-leaks.ts";
import { formFaults, HANDLED } from "./form-faults.ts";
import type { AskedNeuron, NeuronQuantizer, QuantizedPopulation } from "./neuron-quantizer.ts";

export const digitalLifQuantizer: NeuronQuantizer = {
  model: "digital-lif",
  faults: (asked) => digitalFaults(asked, limitsOf(asked.target)),
  quantize: (asked, incoming, context) => quantizeDigital(asked, incoming, context, limitsOf(asked.target)),
};

function limitsOf({ neuron }: Target): DigitalNeuronLimits {
  invariant(neuron.model === "digital-lif", "the quantizer is the target's");
  return neuron;
}

/** What keeps a neuron off the chip, and what it loses there. */
export function* digitalFaults(
  { population, form, target, sends }: AskedNeuron,
  limits: DigitalNeuronLimits,
): Generator<Diagnostic> {
  const { name } = population;
  const circuit = digitalCircuit(population, form, limits);
  yield* formFaults(name, circuit.form);
  const lacks = (what: "leak" | "synaptic-current" | "bias", neuron: number, value: number): Diagnostic =>
    missingInNeuron({ population: name, target: target.name, what, neuron, value });
  const { vDecay, uDecay, bias, vMin } = circuit.form;
  const leaking = vDecay.findIndex((share) => chooseLeak(share, limits.leaks, limits) === undefined);
  if (leaking !== -1) yield lacks("leak", leaking, vDecay[leaking]);
  if (limits.synapticCurrent === undefined) {
    const lasting = uDecay.findIndex((share) => share !== 1);
    if (lasting !== -1) yield lacks("synaptic-current", lasting, uDecay[lasting]);
  }
  if (limits.biasMax === 0) {
    const biased = bias.findIndex((value) => value !== 0);
    if (biased !== -1) yield lacks("bias", biased, bias[biased]);
  }

  for (const deviation of form.deviations) {
    if (!HANDLED.test(deviation)) yield deviates({ population: name, deviation });
  }
  if (!limits.lowerClamp && vMin.some((low) => low > -Infinity))
    yield deviates({
      population: name,
      deviation:
        "clamp: the model holds its membrane at a lower limit, the chip lets it go down to the end of its register.",
    });
  if (!circuit.fires) return;
  const { reset, compare } = population.dynamics ?? DEFAULT_DYNAMICS;
  const resets = resetDeviation(reset, circuit, spikesOf(limits, sends));
  if (resets !== undefined) yield deviates({ population: name, deviation: resets });
  if (circuit.resetKind === "subtract" && compare !== limits.compare)
    yield deviates({
      population: name,
      deviation: `compare: the model fires ${compare === ">" ? "above" : "at"} its threshold, the chip ${limits.compare === ">" ? "above" : "at"} it, and subtracts the same.`,
    });
}

function resetDeviation(wanted: ResetMode, { resetKind }: DigitalCircuit, most: number): string | undefined {
  const subtracts = resetKind === "subtract";
  if (
    wantsSubtraction(wanted) !== subtracts ||
    wanted.startsWith("delayed") ||
    wanted === "snntorch-subtract"
  )
    return `reset: the model resets by "${wanted}", the chip ${subtracts ? "subtracts the threshold" : "sets the membrane"} in the step of the spike.`;
  if (wanted === "multi-subtract" && most === 1)
    return "reset: the model fires several times in a step, the chip once, and again in the steps that follow.";
  if (wanted === "subtract" && most > 1)
    return `reset: the model fires once in a step, the chip up to ${most} times while the membrane is at the threshold.`;
  return undefined;
}

function spikesOf({ maxSpikes, maxSpikesOutput = maxSpikes }: DigitalNeuronLimits, sends: boolean): number {
  return sends ? maxSpikes : maxSpikesOutput;
}

/** One population of `digital-lif`, and the weights into it. */
export function quantizeDigital(
  { population, form: asked, sends }: AskedNeuron,
  incoming: Parameters<NeuronQuantizer["quantize"]>[1],
  context: QuantizeContext,
  limits: DigitalNeuronLimits,
): QuantizedPopulation {
  const { sink } = context;
  const { name } = population;
  const circuit = digitalCircuit(population, asked, limits);
  const { form, unit } = circuit;
  const { synapticCurrent: current } = limits;
  const inputFirst = current?.order === "input-first";
  // With input first, what arrives loses its share at once: a share of 1 would leave nothing of it.
  const mostShare = inputFirst ? 1 - 2 ** -Math.max(1, limits.decayBits) : 1;
  const leakV = Array.from(form.vDecay, (share) => chosen(chooseLeak(share, limits.leaks, limits)));
  const leakU =
    current === undefined
      ? undefined
      : Array.from(form.uDecay, (share) => chosen(chooseLeak(share, current.leaks, limits, mostShare)));
  const losses = {
    u: Float64Array.from(form.uDecay, (_, j) => leakU?.[j].loss ?? 1),
    v: Float64Array.from(leakV, ({ loss }) => loss),
  };
  // A spike is to bring as much into v, over all steps, as in the model, also where the chip's current lasts longer.
  const gain = form.gain.map((each, j) => {
    const asLong = losses.u[j] / form.uDecay[j];
    return (each * asLong) / (inputFirst ? 1 - losses.u[j] : 1);
  });
  const constants = [form.bias, form.v0, form.u0, circuit.reset].flatMap((values) =>
    Array.from(values, (value, j) => value / unit[j]),
  );
  const {
    scale,
    projections,
    limits: bounds,
  } = fitScale(
    circuit,
    incoming,
    {
      losses,
      gain,
      limitsOf: (reach) => digitalLimits(circuit, reach, limits),
      constants: circuit.fires ? [[1, ...constants], [1], []] : [constants, []],
    },
    context,
  );
  if (scale > bounds.safe) {
    const limit = 2 ** limits.stateBits - 1;
    const reached = (scale / bounds.safe) * limit;
    const { overflow } = limits;
    sink.report(worstCaseOverflow({ population: name, ...bounds.worst, reached, limit, overflow }));
  }
  reportLeaks(name, "vDecay", form.vDecay, leakV, scale, limits, sink);
  if (leakU !== undefined) reportLeaks(name, "uDecay", form.uDecay, leakU, scale, limits, sink);

  const { params, loss } = registersOf(circuit, { leakV, leakU, inputFirst }, scale, limits);
  const quantum = unit.map((each) => each / scale);
  return {
    population: {
      name,
      model: "digital-lif",
      shape: population.shape,
      size: population.size,
      params: { ...params, maxSpikes: params.threshold.map(() => spikesOf(limits, sends)) },
      ...(population.startStep === undefined ? {} : { startStep: population.startStep }),
      membraneQuantum: quantum.every((q) => q === quantum[0]) ? quantum.slice(0, 1) : quantum,
    },
    report: {
      name,
      scale,
      ...loss,
      decayPairs: new Set(leakV.map((leak, j) => [leak, leakU?.[j]].map(leakKey).join())).size,
      worstCaseFill: scale / bounds.safe,
      depthThresholds: 2 ** limits.stateBits / scale,
    },
    projections,
  };
}

function chosen(leak: ChosenLeak | undefined): ChosenLeak {
  invariant(leak !== undefined, "the check has refused leaks that the chip does not have");
  return leak;
}

function leakKey(leak: ChosenLeak | undefined): string {
  return leak === undefined ? "" : `${leak.kind} ${leak.amount}`;
}

/** See `scaleLimits`; here the membrane's own unit is the threshold's. */
function digitalLimits(
  { form, unit, fires, reset }: DigitalCircuit,
  reach: Reach,
  limits: DigitalNeuronLimits,
): ScaleLimits {
  const registerMax = 2 ** limits.stateBits - 1;
  // One less: some comparisons raise the threshold by one. The largest marks populations that never fire.
  let hard = fires ? limits.thresholdMax - 2 : Infinity;
  let safe = Infinity;
  let deep = Infinity;
  let worst: ScaleLimits["worst"] = { neuron: 0, register: "v" };
  for (let j = 0; j < unit.length; j++) {
    const start = Math.max(Math.abs(form.v0[j]), Math.abs(form.u0[j]), Math.abs(reset[j])) / unit[j];
    const bias = Math.abs(form.bias[j] / unit[j]);
    if (bias > 0) hard = Math.min(hard, limits.biasMax / bias);
    if (start > 0) hard = Math.min(hard, registerMax / start);
    deep = Math.min(deep, registerMax / reach.depth[j]);
    const ofU = limits.synapticCurrent === undefined ? Infinity : registerMax / reach.u[j];
    // A neuron that fires is reset from the threshold and what one step brings.
    const ofV = fires ? registerMax / (1 + reach.u[j] + bias) : (limits.thresholdMax - 1) / reach.v[j];
    const least = Math.min(ofU, ofV);
    if (least >= safe) continue;
    safe = least;
    worst = { neuron: j, register: ofV < ofU ? "v" : "u" };
  }
  return { hard, safe, deep, worst };
}

interface ChosenLeaks {
  readonly leakV: readonly ChosenLeak[];
  readonly leakU: readonly ChosenLeak[] | undefined;
  readonly inputFirst: boolean;
}

function registersOf(
  { form, unit, fires, compare, resetKind, reset }: DigitalCircuit,
  { leakV, leakU, inputFirst }: ChosenLeaks,
  scale: number,
  limits: DigitalNeuronLimits,
): { params: Omit<Record<DigitalParam, Float64Array>, "maxSpikes">; loss: NeuronLoss } {
  const size = unit.length;
  const registerMax = 2 ** limits.stateBits - 1;
  const linearMax = limits.linearMax ?? registerMax;
  const units = (values: Float64Array, low: number, high: number): Float64Array =>
    values.map((value, j) => Math.min(high, Math.max(low, Math.round((value / unit[j]) * scale))) + 0);
  const all = (value: number): Float64Array => new Float64Array(size).fill(value);
  const amountOf = (leak: ChosenLeak, share: number): number =>
    leak.kind === "linear" ? linearAmount(share, scale, linearMax) : leak.amount;
  // Whole membranes are above a threshold when they are at the next number, so other comparisons can be had exactly. What
  // is subtracted must stay the threshold, though.
  const raised = resetKind === "subtract" || compare === limits.compare ? 0 : compare === ">" ? 1 : -1;
  const threshold = Math.max(1, Math.min(limits.thresholdMax - 1, Math.round(scale) + raised));
  const bias = units(form.bias, -limits.biasMax, limits.biasMax);
  const largest = (leaks: readonly ChosenLeak[]): number =>
    leaks.reduce((most, { error }) => Math.max(most, error), 0);
  const wrong = Math.abs(Math.round(scale) - scale) / scale;
  return {
    params: {
      threshold: all(fires ? threshold : limits.thresholdMax),
      isStrict: all(limits.compare === ">" ? 1 : 0),
      resetKind: all(DIGITAL_RESETS.indexOf(resetKind)),
      reset: units(reset, -registerMax, registerMax),
      leakKind: Float64Array.from(leakV, ({ kind }) => LEAK_KINDS.indexOf(kind)),
      leak: Float64Array.from(leakV, (leak, j) => amountOf(leak, form.vDecay[j])),
      currentKind: Float64Array.from(unit, (_, j) => LEAK_KINDS.indexOf(leakU?.[j].kind ?? "none")),
      currentLeak: Float64Array.from(unit, (_, j) =>
        leakU === undefined ? 0 : amountOf(leakU[j], form.uDecay[j]),
      ),
      inputFirst: all(inputFirst ? 1 : 0),
      decayBits: all(limits.decayBits),
      bias,
      refractorySteps: all(0),
      vMin: limits.lowerClamp ? units(form.vMin, -registerMax - 1, 0) : all(-registerMax - 1),
      stateBits: all(limits.stateBits),
      wraps: all(limits.overflow === "wrap" ? 1 : 0),
      u0: units(form.u0, -registerMax, registerMax),
      v0: units(form.v0, -registerMax, registerMax),
    },
    loss: {
      thresholdMantissa: fires ? threshold : limits.thresholdMax,
      thresholdError: fires && wrong > 1e-9 ? wrong : 0,
      uDecayError: leakU === undefined ? 0 : largest(leakU),
      vDecayError: largest(leakV),
      biasError: bias.reduce(
        (most, stored, j) => Math.max(most, Math.abs((form.bias[j] / unit[j]) * scale - stored) / scale),
        0,
      ),
    },
  };
}

/** Warns of leaks that the chip cannot come near, and of those that it has in another kind. */
function reportLeaks(
  population: string,
  register: "uDecay" | "vDecay",
  shares: Float64Array,
  leaks: readonly ChosenLeak[],
  scale: number,
  limits: DigitalNeuronLimits,
  sink: QuantizeContext["sink"],
): void {
  // A shift takes a unit at least, which is much where the threshold has few.
  const lossOf = ({ kind, loss }: ChosenLeak): number =>
    kind === "shift" && register === "vDecay" ? Math.max(loss, 1 / scale) : loss;
  const far = leaks.flatMap((leak, j) =>
    leak.kind !== "linear" && relativeError(shares[j], lossOf(leak)) > DECAY_TOLERANCE ? [j] : [],
  );
  if (far.length > 0) {
    const [worst] = far;
    const { kind } = leaks[worst];
    const got = lossOf(leaks[worst]);
    sink.report(
      decayOutOfRange({ population, register, neurons: far.length, wanted: shares[worst], got, kind }),
    );
  }
  const linear = leaks.flatMap(({ kind }, j) => (kind === "linear" && shares[j] > 0 ? [j] : []));
  if (linear.length === 0) return;
  const share = shares[linear[0]];
  const amount = linearAmount(share, scale, limits.linearMax ?? 2 ** limits.stateBits - 1);
  const threshold = Math.round(scale);
  sink.report(linearLeak({ population, register, neurons: linear.length, share, amount, threshold }));
}

/** The parameters of a `digital-lif` population by name. */
export type DigitalParams = Readonly<Record<DigitalParam, Float64Array>>;

/** Those of a population that `quantizeDigital` has made. */
export function digitalParams({ params }: Population): DigitalParams {
  return params as DigitalParams;
}
