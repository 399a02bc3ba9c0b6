import type { LinkUse } from "#simulator/attribution";
import type { Bound, Work } from "#simulator/bottleneck-retime";
import type { StateEventKind } from "#simulator/result";

// What a run on a chip cost and waited for, part by part. All energies and counts are per inference.

/** Dynamic energy only: idle power belongs to chips, not to layers. */
export interface AttributionSection {
  /** With the input populations that the host sends for. */
  readonly populations: readonly PopulationCost[];
  /** All in use, by id. */
  readonly cores: readonly CoreCost[];
  /** All that carried messages, from west to east. */
  readonly links: readonly LinkCost[];
}

export interface PopulationCost {
  readonly name: string;
  readonly neurons: number;
  readonly dynamicPj: number;
  /** Of the run's dynamic energy; 0 where there is none. */
  readonly share: number;
  readonly spikes: number;
  readonly updates: number;
  /** That its neurons sent, or the host for it. */
  readonly messages: number;
  /** That its neurons received. */
  readonly synapticOperations: number;
}

export interface CoreCost {
  readonly core: number;
  readonly chip: number;
  readonly x: number;
  readonly y: number;
  readonly dynamicPj: number;
  readonly synapticOperations: number;
}

/** A link from the tile at (x, y) of a chip. */
export interface LinkCost {
  readonly chip: number;
  readonly x: number;
  readonly y: number;
  readonly direction: LinkUse["direction"];
  readonly leavesChip: boolean;
  readonly messages: number;
  /** Null: the hop has no price. */
  readonly dynamicPj: number | null;
}

/** Shares are of all steps. */
export interface BottleneckSection {
  /** The timing model that all of this was timed with. */
  readonly law: string;
  readonly steps: number;
  readonly idleShare: number;
  readonly meanStepNs: number;
  readonly bounds: readonly {
    readonly bound: Bound;
    readonly stepShare: number;
    /** If it took no time. */
    readonly liftedStepNs: number;
    /** Busiest core over the mean of the cores in use, step by step; null where there is no such work. */
    readonly imbalance: number | null;
    readonly workIn: "ns" | "actions";
  }[];
  /** Cores that decide steps, most often first; at most five. */
  readonly cores: readonly {
    readonly core: number;
    readonly population: string;
    readonly stepShare: number;
    readonly boundShare: Readonly<Record<Bound, number>>;
  }[];
  readonly populations: readonly {
    readonly name: string;
    /** In which it has the most neurons. */
    readonly cores: number;
    /** Steps that one of them decided. */
    readonly stepShare: number;
    readonly boundShare: Readonly<Record<Bound, number>>;
    /** Steps in which each kind was most of the work of its busiest core, whether or not anyone waited for it. */
    readonly workShare: Readonly<Record<Work, number>>;
  }[];
}

/** Registers that could not hold a value: the chip computed with another one, and so did the simulator. */
export interface StateEventSection {
  readonly kind: StateEventKind;
  /** Neurons and steps of the whole run. */
  readonly count: number;
  readonly first: {
    readonly sample: number;
    readonly step: number;
    readonly population: string;
    readonly neuron: number;
  };
}
