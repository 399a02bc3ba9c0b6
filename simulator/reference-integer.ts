import { expand } from "#ir/connectivity";
import type { IntegerRules } from "#ir/deployment";
import type { Network, PeriodicReset, SparseMatrix } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { broadcastParams, neuronModel } from "#neurons/index";
import { CLOCKED_WEIGHT_UNIT } from "#neurons/clocked";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { loihiGroupInput, roundHalfEven } from "#neurons/loihi-weights";
import { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { delayTooShort, modelNotInteger, weightNotInteger } from "./diagnostics-reference.ts";
import { feedOf, heldOf } from "./input-feed.ts";
import { checkInputs } from "./inputs.ts";
import type { StepView } from "./reference-float.ts";
import { REFERENCE_MODELS } from "./reference-neurons.ts";
import { incomingProjections } from "./reference-order.ts";
import { ValueRecorder, selectPopulations, type RecordSelection } from "./reference-record.ts";

export interface IntegerReferenceOptions {
  /** Hardware steps of one sample; default: the longest input's steps, and what the last start step adds. */
  readonly steps?: number;
  readonly rules: IntegerRules;
  /** Populations whose spikes are kept. Default "outputs". */
  readonly record?: RecordSelection;
  /** Populations whose registers are kept after every step. Default none. */
  readonly recordRegisters?: readonly string[];
  /** Populations of `record` whose membranes are kept in place of spikes. Default none. */
  readonly membranesOf?: readonly string[];
  /** Called after every step; the view counts hardware steps. */
  readonly observe?: (view: StepView) => void;
  /** Only samples [from, to) of the input. */
  readonly samples?: readonly [from: number, to: number];
}

export interface IntegerReferenceResult {
  readonly samples: number;
  /** Hardware steps of one sample. */
  readonly steps: number;
  /** By population name, in hardware steps; `inModelSteps` subtracts the start step. */
  readonly recorded: Readonly<Record<string, SpikeData>>;
  /** By population name, `[steps, size]` after each step, one for each sample. */
  readonly registers: Readonly<Record<string, readonly RegisterTrace[]>>;
}

/** In units of a stored weight; zeros where a model has no such register. */
export interface RegisterTrace {
  readonly u: Int32Array;
  readonly v: Int32Array;
}

/** Synapses of one projection as the rules read them. */
interface Group {
  readonly pre: number;
  readonly delaySteps: number;
  readonly synapses: SparseMatrix;
  /** Shift of the group's sum. */
  readonly weightExponent: number;
}

/**
 * Runs a quantized network in the chip's integers: slow, obvious, the yardstick for the machine.
 *
 * Works in hardware steps: an input spike of step t enters at t + the start step of its population, every
 * spike acts `delaySteps` after it was sent, and populations hold their initial registers until their start step.
 * The input of a neuron is, projection by projection, the sum of the stored weights of what arrives, times
 * 2^weightExponent; the plain step of its model does the rest (`REFERENCE_MODELS`). Input ports that drive biases set them before the step, periodic
 * resets clear the registers.
 *
 * @param network populations of models in `REFERENCE_MODELS` and `input`, whole weights, delays of at least 1
 * @throws ToolchainError `simulate/...` for everything wrong with network, inputs and options, all at once
 */
export function simulateIntegerReference(
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  options: IntegerReferenceOptions,
  onProgress?: OnProgress,
): IntegerReferenceResult {
  const { populations } = network;
  const { rules, membranesOf = [] } = options;
  const sink = new DiagnosticSink();
  const length = checkInputs(network, inputs, options, "spikes", sink);
  const recordedOnes = selectPopulations(network, options.record ?? "outputs", sink);
  const registerOnes = selectPopulations(network, options.recordRegisters ?? [], sink);
  const groups = groupsOf(network, rules, sink);
  sink.throwIfErrors();

  const { from, to } = length;
  const steps = options.steps ?? length.steps + pipelineDepth(network);
  const models = populations.map(({ model }) => REFERENCE_MODELS.find(({ name }) => name === model));
  const incoming = incomingProjections(network);
  const params = populations.map(({ model, params: values, size }) =>
    broadcastParams(neuronModel(model), values, size).map((array, k) =>
      neuronModel(model).params[k].isReal ? array : Int32Array.from(array),
    ),
  );
  const recorders = recordedOnes.map((p) => new ValueRecorder(populations[p].shape));
  const registers = registerOnes.map((): RegisterTrace[] => []);

  for (let sample = from; sample < to; sample++) {
    onProgress?.("simulate", sample - from, to - from);
    const neurons = populations.map(({ size }, p) => models[p]?.create(params[p], size, rules));
    const states = neurons.map((each) => each?.state ?? []);
    // sent[p][t]: spikes of population p in hardware step t.
    const sent = populations.map((): Float64Array[] => []);
    const feeds = network.inputs
      .filter(({ drives }) => drives === undefined)
      .map(({ name, population }) => ({ population, feed: feedOf(inputs[name].samples[sample]) }));
    const biasFeeds = network.inputs
      .filter(({ drives }) => drives === "bias")
      .map(({ name, population }) => ({
        population,
        feed: heldOf(inputs[name].samples[sample], inputs[name].steps),
        mantissas: new Float64Array(populations[population].size),
      }));
    const traces = registerOnes.map((p) => ({
      u: new Int32Array(steps * populations[p].size),
      v: new Int32Array(steps * populations[p].size),
    }));

    for (let step = 0; step < steps; step++) {
      populations.forEach(({ size, startStep = 0, periodicReset }, p) => {
        const spikes = new Float64Array(size);
        sent[p].push(spikes);
        if (step < startStep) return;
        for (const { population, feed } of feeds) if (population === p) feed.add(step - startStep, spikes);
        for (const { population, feed, mantissas } of biasFeeds)
          if (population === p && feed.hold(step - startStep, mantissas))
            params[p][BIAS_MANTISSA].set(mantissas);
        const own = neurons[p];
        if (own === undefined) return;
        if (periodicReset !== undefined && isResetStep(step - startStep, periodicReset))
          for (const register of states[p]) register.fill(0);
        const input = new Int32Array(size);
        for (const q of incoming[p])
          addGroup(groups[q], sent[groups[q].pre][step - groups[q].delaySteps], input);
        own.step(input, spikes);
      });
      recordedOnes.forEach((p, r) => {
        const isMembrane = models[p] !== undefined && membranesOf.includes(populations[p].name);
        recorders[r].add(
          step,
          isMembrane ? registerOf(populations[p].model, states[p], "v")! : sent[p][step],
        );
      });
      options.observe?.({
        sample,
        step,
        outputs: sent.map((spikes) => spikes[step]),
        states,
        carried: (projection) => {
          const { pre, delaySteps } = groups[projection];
          return sent[pre][step - delaySteps] as Float64Array | undefined;
        },
      });
      registerOnes.forEach((p, r) => {
        const { size, model } = populations[p];
        for (const register of ["u", "v"] as const) {
          const values = registerOf(model, states[p], register);
          if (values === undefined) continue;
          const unit = values instanceof Float64Array ? CLOCKED_WEIGHT_UNIT : 1;
          traces[r][register].set(
            values.map((value) => value / unit),
            step * size,
          );
        }
      });
    }
    for (const recorder of recorders) recorder.endSample();
    traces.forEach((trace, r) => registers[r].push(trace));
  }
  onProgress?.("simulate", to - from, to - from);

  const nameOf = (p: number): string => populations[p].name;
  return {
    samples: to - from,
    steps,
    recorded: Object.fromEntries(recordedOnes.map((p, r) => [nameOf(p), recorders[r].data(steps)])),
    registers: Object.fromEntries(registerOnes.map((p, r) => [nameOf(p), registers[r]])),
  };
}

const BIAS_MANTISSA: number = loihiCubaModel.params.findIndex(({ name }) => name === "biasMantissa");

function registerOf(
  model: string,
  states: readonly (Int32Array | Float64Array)[],
  register: "u" | "v",
): Int32Array | Float64Array | undefined {
  return states[neuronModel(model).state.indexOf(register)] as Int32Array | Float64Array | undefined;
}

function isResetStep(step: number, { intervalSteps, offsetSteps }: PeriodicReset): boolean {
  return step % intervalSteps === offsetSteps;
}

/** Hardware steps that a network takes beyond its model steps: the largest start step of an output. */
export function pipelineDepth(network: Network): number {
  return network.outputs.reduce(
    (depth, { population }) => Math.max(depth, network.populations[population].startStep ?? 0),
    0,
  );
}

/** A recording in hardware steps as one in model steps [0, modelSteps): the start step subtracted. */
export function inModelSteps(data: SpikeData, startStep: number, modelSteps: number): SpikeData {
  const samples = data.samples.map((events): SpikeEvents => {
    const kept = Array.from(events.step.keys()).filter(
      (e) => events.step[e] >= startStep && events.step[e] < startStep + modelSteps,
    );
    const pick = <A>(make: (e: number) => A): A[] => kept.map(make);
    const value = events.value && Float64Array.from(pick((e) => events.value![e]));
    return {
      step: Uint32Array.from(pick((e) => events.step[e] - startStep)),
      index: Uint32Array.from(pick((e) => events.index[e])),
      // What was cut off may have held all that is not 1.
      ...(value?.some((v) => v !== 1) && { value }),
    };
  });
  return { ...data, steps: modelSteps, samples };
}

function groupsOf(network: Network, rules: IntegerRules, sink: DiagnosticSink): Group[] {
  for (const { name, model } of network.populations) {
    const known = REFERENCE_MODELS.map((each) => each.name);
    if (model !== "input" && !known.includes(model))
      sink.report(modelNotInteger({ population: name, model, known }));
  }
  return network.projections.map(({ name, pre, connectivity, delaySteps, quantization }) => {
    if (delaySteps < 1) sink.report(delayTooShort({ projection: name, delaySteps }));
    const stored = expand(connectivity);
    const odd = stored.values.find((weight) => !Number.isInteger(weight));
    if (odd !== undefined) sink.report(weightNotInteger({ projection: name, weight: odd }));
    const weightExponent = quantization?.weightExponent ?? 0;
    // nengo rounds each weight where a negative exponent takes bits away; Lava rounds their sum.
    if (rules === "lava" || weightExponent >= 0) return { pre, delaySteps, synapses: stored, weightExponent };
    const values = stored.values.map((weight) => roundHalfEven(weight * 2 ** weightExponent));
    return { pre, delaySteps, synapses: { ...stored, values }, weightExponent: 0 };
  });
}

/** Adds what arrives through one projection; nothing arrives from before the first step. */
function addGroup(
  { synapses, weightExponent }: Group,
  spikes: Float64Array | undefined,
  input: Int32Array,
): void {
  if (spikes === undefined) return;
  const sums = new Float64Array(input.length);
  const { rowStart, colIndex, values } = synapses;
  for (let r = 0; r < spikes.length; r++) {
    if (spikes[r] === 0) continue;
    for (let i = rowStart[r]; i < rowStart[r + 1]; i++) sums[colIndex[i]] += spikes[r] * values[i];
  }
  for (let c = 0; c < sums.length; c++) input[c] += loihiGroupInput(sums[c], weightExponent);
}
