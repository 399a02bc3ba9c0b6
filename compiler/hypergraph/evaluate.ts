import type { AxonGraph } from "#ir/axon-graph";
import type { CoreCapacity } from "./capacity.ts";

/** What a partition costs and how full its cores are; by an outsider's count, straight from the definitions. */
export interface PartitionMetrics {
  readonly cores: number;
  /** Sum over axons of the cores other than its own that hold targets. */
  readonly connectivity: number;
  /** The same, each axon times its rate: spikes that enter the mesh where a message goes to one core. */
  readonly cutSpikes: number;
  /** Synapses / synapse lists. */
  readonly synapticReuse: number;
  /** `[cores]` */
  readonly neurons: Uint32Array;
  readonly axonsIn: Uint32Array;
  readonly axonsOut: Uint32Array;
  readonly synapseWords: Uint32Array;
  /** Cores over each wall. */
  readonly over: Readonly<Record<"neurons" | "axonsIn" | "axonsOut" | "synapseWords", number>>;
}

/** @param coreOf `[neurons]`, from 0 on without gaps */
export function evaluatePartition(
  { neurons, axonStart, target, rate }: AxonGraph,
  coreOf: ArrayLike<number>,
  capacity: CoreCapacity,
): PartitionMetrics {
  let cores = 0;
  for (let n = 0; n < neurons; n++) cores = Math.max(cores, coreOf[n] + 1);
  const held = new Uint32Array(cores);
  const axonsIn = new Uint32Array(cores);
  const axonsOut = new Uint32Array(cores);
  const words = new Uint32Array(cores);
  const count = new Uint32Array(cores);
  let connectivity = 0;
  let cutSpikes = 0;
  let lists = 0;
  for (let n = 0; n < neurons; n++) {
    const own = coreOf[n];
    held[own]++;
    const reached: number[] = [];
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) {
      const core = coreOf[target[s]];
      if (count[core]++ === 0) reached.push(core);
    }
    for (const core of reached) {
      axonsIn[core]++;
      words[core] += capacity.wordsOfList(count[core]);
      if (core !== own) {
        connectivity++;
        cutSpikes += rate[n];
      }
      count[core] = 0;
    }
    axonsOut[own] += reached.length;
    lists += reached.length;
  }
  const above = (load: Uint32Array, limit: number): number => load.filter((value) => value > limit).length;
  return {
    cores,
    connectivity,
    cutSpikes,
    synapticReuse: lists === 0 ? 0 : target.length / lists,
    neurons: held,
    axonsIn,
    axonsOut,
    synapseWords: words,
    over: {
      neurons: above(held, capacity.neurons),
      axonsIn: above(axonsIn, capacity.axonsIn),
      axonsOut: above(axonsOut, capacity.axonsOut),
      synapseWords: above(words, capacity.synapseWords),
    },
  };
}
