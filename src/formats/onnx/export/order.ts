import { propagate } from "#ir/connectivity";
import type { Network } from "#ir/network";

/** Indices of populations, each after those that feed it without delay; those in a loop without delay are left out. */
export function evaluationOrder({ populations, projections }: Network): number[] {
  const instant = projections.filter(({ delaySteps }) => delaySteps === 0);
  const order: number[] = [];
  const done = new Set<number>();
  for (let before = -1; before < order.length;) {
    before = order.length;
    populations.forEach((_, p) => {
      if (done.has(p) || instant.some(({ pre, post }) => post === p && !done.has(pre))) return;
      done.add(p);
      order.push(p);
    });
  }
  return order;
}

/**
 * What every population gives when neurons and inputs are silent, `[size]` each: what a feedback edge of the
 * kind `zeros-through` carries before anything was sent.
 */
export function silentValues(
  { populations, projections }: Network,
  order: readonly number[],
): Float64Array[] {
  const silent = populations.map(({ size }) => new Float64Array(size));
  for (const p of order) {
    const { model, bias } = populations[p];
    if (model !== "relay") continue;
    if (bias !== undefined) silent[p].forEach((_, i) => (silent[p][i] = bias[bias.length === 1 ? 0 : i]));
    for (const { pre, post, connectivity, delaySteps } of projections)
      if (post === p && delaySteps === 0) propagate(connectivity, silent[pre], silent[p]);
  }
  return silent;
}
