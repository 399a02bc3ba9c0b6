import type { AxonGraph } from "#ir/axon-graph";
import type { CoreCapacity } from "../hypergraph/capacity.ts";
import type { StepCosts } from "./step-costs.ts";

/**
 * What no partition into at most so many cores is below: all work that any of them has, shared out evenly, and the work of
 * the neuron that has most; both on average, without deviations. A spike that has targets makes as many messages as cores it takes to hold them.
 */
export function stepBoundNs(
  { neurons, outside = 0, axonStart, target, rate }: AxonGraph,
  capacity: CoreCapacity,
  costs: StepCosts,
  maxCores: number,
): number {
  const { barrier, barrierNs, coresPerTile } = costs;
  const shortestList = capacity.wordsOfList(1);
  let largestNs = 0;
  let mostTotalNs = 0;
  for (const phase of costs.phases) {
    const { neuronNs, spikeNs, messageOutNs, isOutOnce, messageInNs, synapseNs, wordNs } = phase;
    const received = new Float64Array(neurons);
    let totalNs = 0;
    for (let n = 0; n < neurons + outside; n++) {
      const targets = axonStart[n + 1] - axonStart[n];
      const messages = Math.ceil(targets / capacity.neurons);
      const ownNs =
        n >= neurons
          ? 0
          : neuronNs + rate[n] * (spikeNs + (isOutOnce ? Math.min(1, messages) : messages) * messageOutNs);
      if (n < neurons) received[n] += ownNs;
      totalNs += ownNs + rate[n] * (messages * (messageInNs + shortestList * wordNs) + targets * synapseNs);
      const ofOneNs = rate[n] * (messageInNs + synapseNs + shortestList * wordNs);
      for (let s = axonStart[n]; s < axonStart[n + 1]; s++) received[target[s]] += ofOneNs;
    }
    mostTotalNs = Math.max(mostTotalNs, totalNs);
    largestNs = received.reduce((most, ns) => Math.max(most, ns), largestNs);
  }
  let least = Infinity;
  for (let cores = 1; cores <= maxCores; cores++) {
    const longestNs = Math.max(mostTotalNs / cores, largestNs);
    const ns = barrierNs(Math.ceil(cores / coresPerTile));
    least = Math.min(least, barrier === "floor" ? Math.max(longestNs, ns) : longestNs + ns);
  }
  return least;
}
