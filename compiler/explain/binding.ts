import { RESOURCES, type Resource } from "#ir/block-graph";
import { available } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import type { MappedBlock } from "../partition/mapped-block.ts";

/** What decides how many cores a population takes: the resource of which its cores use the largest share. */
export interface Binding {
  readonly population: string;
  readonly cores: number;
  readonly resource: Resource;
  /** Of that resource, on the core of the population that uses most of it. */
  readonly needed: number;
  /** Null: no documented wall. */
  readonly available: number | null;
}

/** By population, the one with most cores first; a core that several share counts for each. */
export function bindingOf(workload: Workload, blocks: readonly MappedBlock[]): Binding[] {
  const limits = available(workload);
  const bindings = workload.network.populations.flatMap(({ name }, population): Binding[] => {
    const own = blocks.filter(({ slices }) => slices.some((slice) => slice.population === population));
    if (own.length === 0) return [];
    const fill = (resource: Resource): number =>
      own.reduce((sum, { demand }) => sum + demand[resource], 0) / limits[resource];
    const resource = RESOURCES.reduce((best, next) => (fill(next) > fill(best) ? next : best));
    const needed = Math.max(...own.map(({ demand }) => demand[resource]));
    const limit = Number.isFinite(limits[resource]) ? limits[resource] : null;
    return [{ population: name, cores: own.length, resource, needed, available: limit }];
  });
  return bindings.sort((a, b) => b.cores - a.cores);
}
