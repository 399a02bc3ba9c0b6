import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { findNeuronModel } from "#neurons/index";
import { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { modelNotFloat } from "./diagnostics-reference.ts";
import { checkInputs } from "./inputs.ts";
import { instantOrder } from "./reference-order.ts";
import { ValueRecorder, selectPopulations, type RecordSelection } from "./reference-record.ts";
import { Sample, prepareCircuit } from "./reference-sample.ts";

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
  readonly outDelaySteps?: number;
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
  readonly states: readonly (readonly (Float64Array | Int32Array)[])[];
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
  const { steps, from, to } = checkInputs(network, inputs, options, "real", sink);
  const recordedOnes = selectPopulations(network, options.record ?? "outputs", sink);
  const membraneOnes = selectPopulations(network, options.recordMembranes ?? [], sink);
  const order = instantOrder(network, sink);
  for (const { name, model } of network.populations) {
    if (findNeuronModel(model)?.stepFloat === undefined)
      sink.report(modelNotFloat({ population: name, model }));
  }
  sink.throwIfErrors();

  const circuit = prepareCircuit(network, order);
  const recorders = recordedOnes.map((p) => new ValueRecorder(network.populations[p].shape));
  const membranes = membraneOnes.map((): Float64Array[] => []);
  const { outDelaySteps = 0, membraneMoment = "after-reset" } = options;

  for (let index = from; index < to; index++) {
    onProgress?.("simulate", index - from, to - from);
    const sample = new Sample(circuit, (port) => inputs[port].samples[index]);
    const traces = membraneOnes.map((p) => new Float64Array(steps * network.populations[p].size));

    for (let step = 0; step < steps; step++) {
      for (const p of order) {
        const traced = membraneOnes.indexOf(p);
        if (traced < 0) sample.compute(p, step);
        else
          traces[traced].set(sample.computeAndWatch(p, step, membraneMoment), step * circuit.units[p].size);
      }
      if (step + outDelaySteps < steps) {
        recordedOnes.forEach((p, r) => {
          recorders[r].add(step + outDelaySteps, sample.output(p, step));
        });
      }
      options.observe?.({
        sample: index,
        step,
        outputs: order.map((_, p) => sample.output(p, step)),
        states: sample.states,
        carried: (projection) => sample.carried(projection, step),
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
