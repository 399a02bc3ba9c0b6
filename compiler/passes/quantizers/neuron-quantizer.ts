import type { Population, Projection } from "#ir/network";
import type { CubaForm } from "#neurons/neuron";
import type { NeuronLimits, Target } from "#targets/target";
import type { Diagnostic } from "#util/diagnostic";
import type { QuantizedProjection } from "../quantize-projection.ts";
import type { PopulationQuantization, QuantizeContext } from "../quantize-report.ts";

/** How one kind of chip neuron gets its integers. To add one: a file beside this one, and a line in `index.ts`. */
export interface NeuronQuantizer {
  /** Kind of neuron that targets have (`Target.neuron`); also the model that populations get. */
  readonly model: NeuronLimits["model"];
  /** What the neuron cannot be: an error where it would be another network, a warning where something is lost. */
  faults(asked: AskedNeuron): Iterable<Diagnostic>;
  /** One population and all that goes into it: they share one scale. Called for populations without faults only. */
  quantize(
    asked: AskedNeuron,
    incoming: readonly Projection[],
    context: QuantizeContext,
  ): QuantizedPopulation;
}

/** A population that is to become neurons of the target. */
export interface AskedNeuron {
  readonly population: Population;
  readonly form: CubaForm;
  readonly target: Target;
  /** Whether it sends to other neurons. */
  readonly sends: boolean;
}

export interface QuantizedPopulation {
  readonly population: Population;
  readonly report: PopulationQuantization;
  /** In the order of `incoming`. */
  readonly projections: readonly QuantizedProjection[];
}
