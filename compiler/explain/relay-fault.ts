import type { Workload } from "../encode/workload.ts";
import type { RelayFault } from "../partition/relay-outputs.ts";

/** Why relays do not help, as the rest of a sentence. */
export function relayFaultText({ network, target }: Workload, { why, population }: RelayFault): string {
  const relay = population >= network.populations.length;
  const name = population < 0 || relay ? "relays" : `"${network.populations[population].name}"`;
  switch (why) {
    case "loop":
      return `relays do not help: delays leave ${name} no step for them`;
    case "neuron":
      return `relays do not help: no neuron of ${target.name} repeats just the spikes of ${name}`;
    case "depth":
      return `relays do not help: a neuron of ${name} would need more of them than it can reach`;
    case "walls":
      return `relays do not help: a core of ${name} would need more than it has of something else`;
    case "cores":
      return "relays would not make them fewer";
  }
}
