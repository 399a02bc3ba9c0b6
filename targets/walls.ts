import { COMMON_RESOURCES, RESOURCES, type Demand, type Resource } from "#ir/block-graph";
import { coresPerChip, type Packer, type Target, type Walls } from "./target.ts";

/** A wall that a demand runs into. */
export interface Shortage {
  readonly resource: Resource;
  readonly needed: number;
  readonly available: number;
}

/** Resources worth a line: those that every chip has, and those for which this one has a wall. */
export function resourcesOf({ walls, coreClasses = [], budgets = {} }: Target): Resource[] {
  return RESOURCES.filter(
    (resource) =>
      COMMON_RESOURCES.includes(resource) ||
      walls[resource] !== null ||
      (budgets[resource] ?? null) !== null ||
      coreClasses.some(({ walls: own }) => own[resource]),
  );
}

/** The walls of one core, which may be of a class of its own. */
export function wallsOfCore(target: Target, core: number): Walls {
  const inChip = core % coresPerChip(target);
  const own = target.coreClasses?.find(({ cores }) => cores.includes(inChip));
  return own === undefined ? target.walls : { ...target.walls, ...own.walls };
}

/**
 * The most that any core of the chip has of each resource, as the packer uses it; Infinity where no wall is documented.
 * With `core`, what that one has. Budgets count as walls here.
 */
export function coreLimits(target: Target, packer: Packer, core?: number): Demand {
  const limits = {} as Record<Resource, number>;
  const kinds = core !== undefined ? [wallsOfCore(target, core)] : wallsOfClasses(target);
  for (const resource of RESOURCES)
    limits[resource] = Math.max(...kinds.map((walls) => walls[resource]?.value ?? Infinity));
  for (const resource of RESOURCES)
    limits[resource] = Math.min(limits[resource], target.budgets?.[resource]?.value ?? Infinity);
  limits.synapseFormats = Math.min(limits.synapseFormats, packer.maxFormats);
  return limits;
}

/** Walls of every kind of core that the chip has. */
function wallsOfClasses(target: Target): Walls[] {
  const { walls, coreClasses = [] } = target;
  const classed = coreClasses.reduce((sum, { cores }) => sum + cores.length, 0);
  const others = classed < coresPerChip(target) ? [walls] : [];
  return [...others, ...coreClasses.map((own) => ({ ...walls, ...own.walls }))];
}

/** Every resource of which the demand needs more than a core has, in the order of `RESOURCES`; empty if it fits. */
export function shortages(demand: Demand, target: Target, packer: Packer): Shortage[] {
  const limits = coreLimits(target, packer);
  return RESOURCES.filter((resource) => demand[resource] > limits[resource]).map((resource) => ({
    resource,
    needed: demand[resource],
    available: limits[resource],
  }));
}
