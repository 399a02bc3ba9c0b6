import { isIdentity } from "#ir/connectivity";
import type { Network, Projection } from "#ir/network";

/** Relays in an order in which none is fed by a later one, or a loop of relays, which is no chain of maps. */
export function relayOrder({ populations, projections }: Network): { relays: number[] } | { loop: number[] } {
  const isRelay = populations.map(({ model }) => model === "relay");
  const waitingFor = new Uint32Array(populations.length);
  const between = projections.filter(({ pre, post }) => isRelay[pre] && isRelay[post]);
  for (const { post } of between) waitingFor[post]++;
  const relays = populations.flatMap((_, p) => (isRelay[p] && waitingFor[p] === 0 ? [p] : []));
  for (let next = 0; next < relays.length; next++) {
    for (const { pre, post } of between) {
      if (pre === relays[next] && --waitingFor[post] === 0) relays.push(post);
    }
  }
  const stuck = populations.findIndex((_, p) => isRelay[p] && waitingFor[p] > 0);
  return stuck === -1 ? { relays } : { loop: loopBefore(stuck, between, waitingFor) };
}

/** Walks backwards among relays that wait for each other until one comes again. */
function loopBefore(from: number, between: readonly Projection[], waitingFor: Uint32Array): number[] {
  const path = [from];
  for (;;) {
    const head = path[0];
    const before = between.find(({ pre, post }) => post === head && waitingFor[pre] > 0)!.pre;
    const seen = path.indexOf(before);
    if (seen !== -1) return path.slice(0, seen + 1);
    path.unshift(before);
  }
}

/** The neurons that a relay without bias repeats unchanged and in the same step, if that is all it does. */
export function repeatedNeurons(
  { populations }: Network,
  incoming: readonly Projection[],
): number | undefined {
  if (incoming.length !== 1) return undefined;
  const [{ pre, connectivity, weightScale, delaySteps }] = incoming;
  const { model } = populations[pre];
  if (model === "input" || model === "relay") return undefined;
  return delaySteps === 0 && weightScale === 1 && isIdentity(connectivity) ? pre : undefined;
}
