// Level 3 of 3: where everything is.

import type { PeriodicReset } from "./network.ts";

/**
 * A network on a chip, ready to load or to simulate. The only thing the compiler hands to the simulator
 * and the exporters; plain arrays, so it goes to a file or a worker as is.
 */
export interface Deployment {
  /** Layout version of the saved form; readers refuse any other. */
  readonly version: 1;
  readonly network: string;
  readonly target: string;
  /** Which public synapse-memory packer the word counts follow. */
  readonly packer: string;
  /** Whose integer arithmetic the cores follow where implementations differ. */
  readonly rules: IntegerRules;
  readonly timestepNs?: number;
  readonly chips: number;
  /** Ascending by core id; core id = chip x cores per chip + tile x cores per tile + core in tile. */
  readonly cores: readonly CoreProgram[];
  readonly populations: readonly PopulationMap[];
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly OutputPort[];
}

/** Lava's bit-accurate model, or the emulator of nengo-loihi. */
export type IntegerRules = "lava" | "nengo";

export interface CoreProgram {
  readonly core: number;
  /** Compartments in use. */
  readonly neurons: number;
  /** Runs of compartments of one population; together they cover [0, neurons). */
  readonly groups: readonly NeuronGroup[];
  readonly formats: readonly SynapseFormat[];
  /** `[axons + 1]`; entries axonStart[a] .. axonStart[a + 1] are the synapse list of input axon a. */
  readonly axonStart: Uint32Array;
  /** `[axons]`, words of the list: read once for every message. */
  readonly axonWords: Uint16Array;
  /**
   * `[axons]`, where lists are stored once and shared: the number of the list in memory. Axons with the same number have
   * the same entries but for a shift of all compartments. Absent: each axon has a list of its own.
   */
  readonly axonList?: Uint32Array;
  /**
   * Words of synapse memory in use, where the lists do not add up to it: a kernel is stored once, and the messages of many axons
   * read parts of it. Absent: see `storedWords`.
   */
  readonly memoryWords?: number;
  /** `[synapses]`, compartment of each entry; ascending inside a run of one format. */
  readonly target: Uint16Array;
  /** `[synapses]`, stored integer weight, signed. */
  readonly weight: Int16Array;
  /** `[synapses]`, index into `formats`. */
  readonly format: Uint8Array;
  /** `[synapses]`, a spike of step t acts in step t + delaySteps; at least 1. */
  readonly delaySteps: Uint8Array;
  /** `[neurons + 1]`: compartment n sends to entries routeStart[n] .. routeStart[n + 1] of the next two. */
  readonly routeStart: Uint32Array;
  readonly routeCore: Uint32Array;
  readonly routeAxon: Uint16Array;
}

/** Words of a core's synapse memory in use: a list that axons share counts once, as its longest. */
export function storedWords({
  axonWords,
  axonList,
  memoryWords,
}: Pick<CoreProgram, "axonWords" | "axonList" | "memoryWords">): number {
  if (memoryWords !== undefined) return memoryWords;
  if (axonList === undefined) return axonWords.reduce((sum, words) => sum + words, 0);
  const ofList = new Map<number, number>();
  axonWords.forEach((words, axon) => {
    ofList.set(axonList[axon], Math.max(words, ofList.get(axonList[axon]) ?? 0));
  });
  return [...ofList.values()].reduce((sum, words) => sum + words, 0);
}

export interface NeuronGroup {
  /** Index into `Deployment.populations`. */
  readonly population: number;
  readonly model: string;
  readonly begin: number;
  readonly end: number;
  /**
   * One array of length end - begin for each parameter that the model declares, in its order: Float64Array for those it
   * declares as real, else Int32Array.
   */
  readonly params: readonly (Int32Array | Float64Array)[];
}

/**
 * How a list lies in memory. The first three are lists of single entries; `kernel`: the weights of a convolution, stored
 * once; `crossbar`: crosspoints of a row; `row`: a row in a processor's memory; `slot`: places of a table of synapses.
 */
export const ENCODINGS = ["sparse", "run-length", "dense", "kernel", "crossbar", "row", "slot"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** One of the core's synapse-format slots. */
export interface SynapseFormat {
  /** Index into `Network.projections` of the compiled network: what the entries belong to. */
  readonly projection: number;
  readonly encoding: Encoding;
  readonly weightBits: number;
  readonly signMode: "mixed" | "excitatory" | "inhibitory";
  readonly weightExponent: number;
  readonly indexBits: number;
  /** Run-length only, else 0. */
  readonly skipBits: number;
  readonly delayBits: number;
  /** Crossbars whose rows have types: the type of these rows. */
  readonly axonType?: number;
}

/** Where the neurons of a population are. */
export interface PopulationMap {
  readonly name: string;
  readonly shape: readonly number[];
  readonly startStep: number;
  /** As in the network. */
  readonly periodicReset?: PeriodicReset;
  /** `[size]`. Both empty for populations that hold no compartments (inputs). */
  readonly core: Uint32Array;
  readonly compartment: Uint16Array;
}

export interface InputPort {
  readonly name: string;
  readonly population: number;
  /** `[size + 1]` into the next two: where a spike of input line i goes. */
  readonly routeStart: Uint32Array;
  readonly routeCore: Uint32Array;
  readonly routeAxon: Uint16Array;
  /** As in the network: the data are bias mantissas, written by the host; there are no routes then. */
  readonly drives?: "bias";
}

export interface OutputPort {
  readonly name: string;
  readonly population: number;
  /** Spikes, or (populations that never fire) the membrane after each step. */
  readonly readout: "spikes" | "membrane";
  /** Membrane readout only: real membrane value of one integer unit, `[size]` or `[1]`. */
  readonly membraneQuantum?: Float64Array;
}
