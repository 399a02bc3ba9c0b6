// Which batch normalisations become part of the weights before them.
import type { GraphPlan } from "../graph.ts";
import { composed, type Affine } from "./affine.ts";

export interface Absorbed {
  /** By index of the layer with weights: what is folded into it. */
  readonly after: ReadonlyMap<number, Affine>;
  /** Indices of the normalisations that are folded somewhere. */
  readonly layers: ReadonlySet<number>;
}

/** Layers that the output depends on, by index. */
export function neededLayers(plan: GraphPlan): ReadonlySet<number> {
  const needed = new Set<number>();
  const visit = (index: number): void => {
    if (index < 0 || needed.has(index)) return;
    needed.add(index);
    plan.layers[index].inputs.forEach(visit);
  };
  visit(plan.output);
  return needed;
}

/**
 * Follows every layer with weights along a path without branches: normalisations on it are folded, dropout and average
 * pooling let a factor and an offset of a channel through.
 */
export function absorbNormalisations(
  plan: GraphPlan,
  needed: ReadonlySet<number>,
  normalisationOf: (index: number) => Affine,
): Absorbed {
  const readers = plan.layers.map((): number[] => []);
  for (const index of needed)
    for (const from of plan.layers[index].inputs) if (from >= 0) readers[from].push(index);
  const after = new Map<number, Affine>();
  const layers = new Set<number>();
  for (const index of needed) {
    const { op } = plan.layers[index].layer;
    if (op !== "linear" && op !== "conv2d") continue;
    for (let at = index; at !== plan.output && readers[at].length === 1;) {
      [at] = readers[at];
      const { op: next } = plan.layers[at].layer;
      if (next === "batch-norm") {
        after.set(index, composed(after.get(index), normalisationOf(at)));
        layers.add(at);
      } else if (next !== "dropout" && next !== "average-pool") break;
    }
  }
  return { after, layers };
}
