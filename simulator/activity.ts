// What one step of the machine did, as timing models and observers see it. All arrays belong to the machine and hold
// until the next step.

import type { LinkTraffic, MessageTimes } from "./timing/timing.ts";

/** What the machine knows of a deployment before the first step; see `Machine` for the numbering. */
export interface MachineTables {
  /** `[rows + 1]`: compartments of row r are neuronBegin[r] .. neuronBegin[r + 1] (global numbers). */
  readonly neuronBegin: Uint32Array;
  /** `[compartments + 1]` into the next two: where a spike of a compartment goes, in the order in which messages leave. */
  readonly routeStart: Uint32Array;
  readonly routeRow: Uint32Array;
  /** Global number of the input axon at the receiver. This and the next are empty where nobody asks for messages. */
  readonly routeAxon: Uint32Array;
  /** `[axons, 5]`: words of the synapse list; dense, sparse, run-length and convolution events. */
  readonly axonTable: Uint32Array;
  /** `[compartments]`, 1 for input neurons that sit on a core; absent if there are none. */
  readonly inputNeuron?: Uint8Array;
}

/** Status of a compartment in a step; 1 is updated. */
export const IDLE = 0;
export const FIRED = 2;

export interface StepActivity {
  readonly rows: number;
  /** `[rows, ACTIONS.length]` of this step; hops are counted after the run only, and are 0 here. */
  readonly counts: Float64Array;
  /** Present if the timing model needs messages, or an observer (`SimulateOptions.observe`). */
  readonly messages?: StepMessages;
}

export interface StepMessages {
  /** `[compartments]`: IDLE, 1 (updated) or FIRED. */
  readonly status: Uint8Array;
  /** Compartments of row r that fired, ascending: fired[neuronBegin[r]] .. fired[firedEnd[r] - 1]. */
  readonly fired: Uint32Array;
  /** `[rows]` */
  readonly firedEnd: Uint32Array;
  /** `[compartments]`, spikes of those that fired, each of which sends its own messages; absent: one each. */
  readonly spikes?: Uint8Array;
  /** Messages from the host, in order of injection; entries [0, hostMessages) are valid. */
  hostMessages: number;
  readonly hostRow: Uint32Array;
  readonly hostAxon: Uint32Array;
}

/** One step of a run, for those who look on. */
export interface StepView {
  readonly sample: number;
  /** Step of the chip, from 0 in every sample. */
  readonly step: number;
  readonly activity: StepActivity;
  readonly tables: MachineTables;
  /** Reads u or v of a neuron of a population, in the integers (or reals) of its model. */
  readonly stateOf: (population: number, state: "u" | "v", index: number) => number;
  readonly timeNs: number;
  readonly bindingRow: number;
  readonly bindingPhase: number;
  /** From timing models that follow messages. */
  readonly messageTimes?: MessageTimes;
  /** From timing models that follow messages from link to link. */
  readonly links?: LinkTraffic;
}
export type Observer = (view: StepView) => void;
