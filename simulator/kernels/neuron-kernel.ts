// Neurons that are not `loihi-cuba`: one stepper for each group of a core, in plain JavaScript, with state of its own.

export interface NeuronKernel {
  /** Key in the neuron-model registry. */
  readonly model: string;
  /**
   * @param params arrays of the group, `[size]` each, in the order of the model's `params`
   * @param note   to be called where a register cannot hold a value
   */
  create(params: readonly (Int32Array | Float64Array)[], size: number, note: NoteEvent): NeuronStepper;
}

/** Takes a kind (`STATE_EVENT`) and the neuron's place in its group. */
export type NoteEvent = (kind: number, neuron: number) => void;

export interface NeuronStepper {
  /** Before the first step of a sample. */
  reset(): void;
  /**
   * One step of all neurons of the group.
   *
   * @param step   model step of the population, from 0
   * @param sums   entry sumsAt + i holds what arrived for neuron i: 0 if nothing did, else twice the summed weight,
   *   plus 1; read only (the machine clears it)
   * @param status entry statusAt + i is set to 0 idle, 1 updated, 2 fired
   */
  step(step: number, sums: Int32Array, sumsAt: number, status: Uint8Array, statusAt: number): void;
  /** `[size]`, state after the last step; undefined where the model has no such state. */
  readonly u?: Float64Array | Int32Array;
  readonly v?: Float64Array | Int32Array;
  /** `[size]`, spikes in the last step, where there may be several; and how many. Each is a message of its own. */
  readonly spikes?: Uint8Array;
  readonly maxSpikes?: number;
  /** Input neurons that sit on cores: spikes that the host wants of them in the step that comes, `[size]`; the stepper clears it. */
  readonly wanted?: Uint8Array;
}
