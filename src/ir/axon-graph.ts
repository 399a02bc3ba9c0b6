// Bare connectivity: who reaches whom, without weights. What mapping decides on, and what partitioners exchange.

/** A directed hypergraph: every neuron has one axon, which reaches a set of targets and carries spikes at a rate. */
export interface AxonGraph {
  readonly neurons: number;
  /** `[neurons + 1]`: targets of the axon of neuron n are entries axonStart[n] .. axonStart[n + 1] of `target`. */
  readonly axonStart: Uint32Array;
  /** `[synapses]`, ascending inside an axon, each once. */
  readonly target: Uint32Array;
  /** `[neurons]`, spikes in whatever time is looked at: only ratios matter for mapping. */
  readonly rate: Float64Array;
  /** `[neurons]`, number of the layer, where there are any. */
  readonly layer?: Uint32Array;
  /**
   * Sources outside of all cores, such as input lines, numbered after the neurons: `axonStart` and `rate` have entries for
   * them too. They take input axons and words where they have targets, but no place themselves. 0 if absent.
   */
  readonly outside?: number;
}
