import { DEFAULT_DYNAMICS, type Connectivity, type Dynamics, type Network } from "#ir/network";
import { propagate, scaleConnectivity } from "#ir/connectivity";
import type { SpikeData } from "#ir/spikes";
import { broadcast, broadcastParams, findNeuronModel, type NeuronModel } from "#neurons/index";
import { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { modelNotFloat } from "./diagnostics-reference.ts";
import { checkReferenceInputs, feedOf } from "./reference-inputs.ts";
import { incomingProjections, instantOrder, quietValues } from "./reference-order.ts";
import { ValueRecorder, selectPopulations, type RecordSelection } from "./reference-record.ts";

export interface ReferenceOptions {
  /** Steps of one sample; default: the longest input's. Zeros follow data that end earlier. */
  readonly steps?: number;
  /** Populations whose output is kept. Default "outputs". */
  readonly record?: RecordSelection;
  /** Populations whose membrane is kept, every element of every step. Default none. */
  readonly recordMembranes?: readonly string[];
  /** What `recordMembranes` sees: the membrane that the next step starts from, or the one compared with the threshold. */
  readonly membraneMoment?: "after-reset" | "before-reset";
  /** Shifts recordings by that many steps; what falls behind the end is lost. */
  readonly outDelay?: number;
  /** Only samples [from, to) of the input. */
  readonly samples?: readonly [from: number, to: number];
  /** Called after every step. */
  readonly observe?: (view: StepView) => void;
}

/** What an observer may look at, and must not keep: the arrays are overwritten in the next step. */
export interface StepView {
  readonly sample: number;
  readonly step: number;
  /** `[populations]` of `[size]`: what each population gave. */
  readonly outputs: readonly Float64Array[];
  /** `[populations]` of the model's state variables, each `[size]`. */
  readonly states: readonly (readonly Float64Array[])[];
  /** What a projection carries in this step, `[size of pre]`; undefined where nothing has been sent yet. */
  readonly carried: (projection: number) => Float64Array | undefined;
}

export interface ReferenceResult {
  readonly samples: number;
  readonly steps: number;
  /** By population name; elements without an event are 0. */
  readonly recorded: Readonly<Record<string, SpikeData>>;
  /** By population name, one `[steps, size]` array for each sample. */
  readonly membranes: Readonly<Record<string, readonly Float64Array[]>>;
}

/** A population as the reference steps it. */
interface Unit {
  readonly model: NeuronModel;
  readonly params: readonly Float64Array[];
  readonly dynamics: Dynamics;
  readonly bias: Float64Array | undefined;
  readonly startStep: number;
  readonly size: number;
  /** Indices of the projections into it. */
  readonly incoming: readonly number[];
}

interface Wire {
  readonly pre: number;
  readonly connectivity: Connectivity;
  readonly delaySteps: number;
  /** What arrives before anything was sent, `[size of pre]`; undefined: nothing. */
  readonly before: Float64Array | undefined;
}

/**
 * Runs a network in real numbers: slow, obvious, the yardstick for everything else.
 *
 * In every step, populations are computed in an order in which each comes after those that feed it without
 * delay: inputs are summed (bias, outside data, projections in the order of the network), and the neuron model
 * steps. A projection with delay d carries what was sent d steps before. Every sample starts from rest.
 * Populations give nothing before their start step.
 *
 * @param network a valid one; importers' form with relays and folded form alike
 * @param inputs  data by input port
 * @throws ToolchainError `simulate/...` for everything wrong with inputs and options, all at once
 */
export function simulateReference(
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  options: ReferenceOptions = {},
  onProgress?: OnProgress,
): ReferenceResult {
  const sink = new DiagnosticSink();
  const { steps, from, to } = checkReferenceInputs(network, inputs, options, "real", sink);
  const recordedOnes = selectPopulations(network, options.record ?? "outputs", sink);
  const membraneOnes = selectPopulations(network, options.recordMembranes ?? [], sink);
  const order = instantOrder(network, sink);
  for (const { name, model } of network.populations) {
    if (findNeuronModel(model)?.stepFloat === undefined)
      sink.report(modelNotFloat({ population: name, model }));
  }
  sink.throwIfErrors();

  const units = unitsOf(network);
  const wires = wiresOf(network, order);
  const depths = depthsOf(network);
  const recorders = recordedOnes.map((p) => new ValueRecorder(network.populations[p].shape));
  const membranes = membraneOnes.map((): Float64Array[] => []);
  const outDelay = options.outDelay ?? 0;

  for (let sample = from; sample < to; sample++) {
    onProgress?.("simulate", sample - from, to - from);
    const states = units.map(({ model, size }) => model.state.map(() => new Float64Array(size)));
    // history[p][t mod depths[p]]: what population p gave in step t.
    const history = units.map(({ size }, p) =>
      Array.from({ length: depths[p] }, () => new Float64Array(size)),
    );
    const feeds = network.inputs.map(({ name, population }) => ({
      population,
      feed: feedOf(inputs[name].samples[sample]),
    }));
    const traces = membraneOnes.map((p) => new Float64Array(steps * units[p].size));

    for (let step = 0; step < steps; step++) {
      const now = (p: number): Float64Array => history[p][step % depths[p]];
      const carriedBy = ({ pre, delaySteps, before }: Wire): Float64Array | undefined => {
        const sent = step - delaySteps;
        return sent < units[pre].startStep ? before : history[pre][sent % depths[pre]];
      };
      for (const p of order) {
        const unit = units[p];
        const output = now(p);
        if (step < unit.startStep) {
          output.fill(0);
          continue;
        }
        const input = unit.bias?.slice() ?? new Float64Array(unit.size);
        for (const { population, feed } of feeds)
          if (population === p) feed.add(step - unit.startStep, input);
        for (const q of unit.incoming) {
          const carried = carriedBy(wires[q]);
          if (carried !== undefined) propagate(wires[q].connectivity, carried, input);
        }
        const { model, params, dynamics, size } = unit;
        const traced = membraneOnes.indexOf(p);
        if (traced >= 0 && options.membraneMoment === "before-reset") {
          traces[traced].set(integrated(unit, states[p], input), step * size);
        }
        model.stepFloat!({ state: states[p], params, dynamics, input, output, size });
        if (traced >= 0 && options.membraneMoment !== "before-reset") {
          traces[traced].set(membraneOf(model, states[p], output), step * size);
        }
      }
      if (step + outDelay < steps) {
        recordedOnes.forEach((p, r) => {
          recorders[r].add(step + outDelay, now(p));
        });
      }
      options.observe?.({
        sample,
        step,
        outputs: history.map((_, p) => now(p)),
        states,
        carried: (projection) => carriedBy(wires[projection]),
      });
    }
    for (const recorder of recorders) recorder.endSample();
    traces.forEach((trace, m) => membranes[m].push(trace));
  }
  onProgress?.("simulate", to - from, to - from);

  const nameOf = (p: number): string => network.populations[p].name;
  return {
    samples: to - from,
    steps,
    recorded: Object.fromEntries(recordedOnes.map((p, r) => [nameOf(p), recorders[r].data(steps)])),
    membranes: Object.fromEntries(membraneOnes.map((p, m) => [nameOf(p), membranes[m]])),
  };
}

function unitsOf(network: Network): Unit[] {
  const incoming = incomingProjections(network);
  return network.populations.map((population, p) => {
    const { size, params, bias, startStep = 0, dynamics = DEFAULT_DYNAMICS } = population;
    const model = findNeuronModel(population.model)!;
    return {
      model,
      params: broadcastParams(model, params, size),
      dynamics,
      bias: bias === undefined ? undefined : broadcast(bias, size),
      startStep,
      size,
      incoming: incoming[p],
    };
  });
}

function wiresOf(network: Network, order: readonly number[]): Wire[] {
  const quiet = quietValues(network, order);
  return network.projections.map(({ pre, connectivity, weightScale, delaySteps, beforeStart }) => ({
    pre,
    connectivity:
      weightScale === 1 ? connectivity : scaleConnectivity(connectivity, [weightScale], undefined),
    delaySteps,
    before: beforeStart === "zeros-through" ? quiet[pre] : undefined,
  }));
}

/** `[populations]`, how many steps of each population's output are still needed. */
function depthsOf(network: Network): Uint32Array {
  const depths = new Uint32Array(network.populations.length).fill(1);
  for (const { pre, delaySteps } of network.projections) depths[pre] = Math.max(depths[pre], 1 + delaySteps);
  return depths;
}

function membraneOf(model: NeuronModel, state: readonly Float64Array[], output: Float64Array): Float64Array {
  const at = model.state.indexOf("v");
  return at < 0 ? output : state[at];
}

/** The membrane after this step's integration, as if nothing could fire; the state stays as it is. */
function integrated(unit: Unit, state: readonly Float64Array[], input: Float64Array): Float64Array {
  const { model, size } = unit;
  const copy = state.map((values) => values.slice());
  const output = new Float64Array(size);
  const params = model.params.map(({ name }, i) =>
    name === "vThreshold" ? new Float64Array(size).fill(Infinity) : unit.params[i],
  );
  model.stepFloat!({
    state: copy,
    params,
    dynamics: { ...unit.dynamics, reset: "value" },
    input,
    output,
    size,
  });
  return membraneOf(model, copy, output);
}
