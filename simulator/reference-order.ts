import type { Network } from "#ir/network";
import { propagate } from "#ir/connectivity";
import { broadcast } from "#neurons/index";
import type { DiagnosticSink } from "#util/diagnostic";
import { instantLoop } from "./diagnostics-reference.ts";

/**
 * Populations in an order in which each comes after those that feed it without delay. A loop without any
 * delay has no such order: it goes to the sink, and its populations are left out.
 */
export function instantOrder(network: Network, sink: DiagnosticSink): number[] {
  const { populations, projections } = network;
  const waitingFor = new Uint32Array(populations.length);
  const followers = populations.map((): number[] => []);
  for (const { pre, post, delaySteps } of projections) {
    if (delaySteps > 0) continue;
    waitingFor[post]++;
    followers[pre].push(post);
  }
  const order = populations.flatMap((_, p) => (waitingFor[p] === 0 ? [p] : []));
  for (let next = 0; next < order.length; next++) {
    for (const post of followers[order[next]]) if (--waitingFor[post] === 0) order.push(post);
  }
  if (order.length < populations.length) {
    const left = populations.filter((_, p) => waitingFor[p] > 0).map(({ name }) => name);
    sink.report(instantLoop({ populations: left }));
  }
  return order;
}

/**
 * What every population gives when neurons and inputs are silent, `[size]` each: 0 for both; for relays their
 * bias and what relays before them give, delays aside.
 */
export function quietValues(network: Network, order: readonly number[]): Float64Array[] {
  const { populations, projections } = network;
  const quiet = populations.map(({ size }) => new Float64Array(size));
  const incoming = incomingProjections(network);
  for (const p of order) {
    const { model, bias, size } = populations[p];
    if (model !== "relay") continue;
    if (bias !== undefined) quiet[p].set(broadcast(bias, size));
    for (const q of incoming[p]) {
      const { pre, connectivity, delaySteps } = projections[q];
      if (delaySteps === 0) propagate(connectivity, quiet[pre], quiet[p]);
    }
  }
  return quiet;
}

/** Indices of the projections into each population, ascending. */
export function incomingProjections(network: Network): number[][] {
  const incoming = network.populations.map((): number[] => []);
  network.projections.forEach(({ post }, q) => incoming[post].push(q));
  return incoming;
}
