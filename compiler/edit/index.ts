import { DEFAULT_DYNAMICS, type Network } from "#ir/network";
import { neuronModel } from "#neurons/index";
import type { DiagnosticSink } from "#util/diagnostic";
import type { NetworkEdits } from "./edits.ts";
import { keepChannels, splitPopulations } from "./populations.ts";
import { pruneLayers } from "./prune.ts";

export type { NetworkEdits } from "./edits.ts";

/** What is done to the model itself: weights and resets. Faults go to the sink; what is at fault is left out. */
export function editModel(network: Network, edits: NetworkEdits, sink: DiagnosticSink): Network {
  const reset = edits.reset === undefined ? network : withReset(network, edits.reset);
  return edits.prune === undefined ? reset : pruneLayers(reset, edits.prune, sink);
}

/** What is done to its folded form: populations, and what joins them. Faults go to the sink. */
export function editFolded(network: Network, edits: NetworkEdits, sink: DiagnosticSink): Network {
  const kept = edits.channels === undefined ? network : keepChannels(network, edits.channels, sink);
  return edits.split === undefined ? kept : splitPopulations(kept, edits.split, sink);
}

function withReset(network: Network, reset: NonNullable<NetworkEdits["reset"]>): Network {
  const populations = network.populations.map((population) => {
    const dynamics = population.dynamics ?? DEFAULT_DYNAMICS;
    const fires = neuronModel(population.model).output === "spikes";
    return !fires || dynamics.reset === reset
      ? population
      : { ...population, dynamics: { ...dynamics, reset } };
  });
  return { ...network, populations };
}
