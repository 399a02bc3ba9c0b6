import { RESOURCES, type Demand, type Resource } from "#ir/block-graph";
import type { EntryListPacker, Target } from "./target.ts";

/** A wall that a demand runs into. */
export interface Shortage {
  readonly resource: Resource;
  readonly needed: number;
  readonly available: number;
}

/** What one core has, as the packer uses it; Infinity where no wall is documented. */
export function coreLimits(target: Target, packer: EntryListPacker): Demand {
  const limits = {} as Record<Resource, number>;
  for (const resource of RESOURCES) limits[resource] = target.walls[resource]?.value ?? Infinity;
  limits.synapseFormats = Math.min(limits.synapseFormats, packer.maxFormats);
  return limits;
}

/** Every resource of which the demand needs more than a core has, in the order of `RESOURCES`; empty if it fits. */
export function shortages(demand: Demand, target: Target, packer: EntryListPacker): Shortage[] {
  const limits = coreLimits(target, packer);
  return RESOURCES.filter((resource) => demand[resource] > limits[resource]).map((resource) => ({
    resource,
    needed: demand[resource],
    available: limits[resource],
  }));
}
