import { expand } from "#ir/connectivity";
import type { Connectivity, Network } from "#ir/network";
import type { Pass } from "../pass.ts";

/**
 * Removes stored synapses whose weight is exactly zero.
 *
 * Pruning leaves zeros in place so that masks keep lining up during training; on a core each of them would
 * still cost memory and an event per spike. Kernels keep their zeros: they are stored once, and expansion
 * drops them. Runs after pruning and folding, before `quantize`, which drops the zeros that rounding makes.
 */
export const dropZeroSynapses: Pass = {
  name: "drop-zero-synapses",
  summary: "remove synapses whose weight is exactly zero",

  run(network: Network): Network {
    let changed = false;
    const projections = network.projections.map((projection) => {
      const connectivity = withoutZeros(projection.connectivity);
      if (connectivity === projection.connectivity) return projection;
      changed = true;
      return { ...projection, connectivity };
    });
    return changed ? { ...network, projections } : network;
  },
};

function withoutZeros(connectivity: Connectivity): Connectivity {
  if (connectivity.kind === "kernel") return connectivity;
  return connectivity.values.includes(0) ? expand(connectivity) : connectivity;
}
