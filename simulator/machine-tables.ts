import type { Deployment } from "#ir/deployment";
import { CORE, HEAD, LIST_WORDS } from "./kernels/tables.ts";
import type { MachineCore, MachineGroup } from "./machine.ts";
import type { MachineMemory } from "./memory.ts";
import { PLAN, type CorePlan } from "./pack.ts";
import { ENTRY_ACTIONS } from "./entry-actions.ts";
import { ACTIONS, COLUMN } from "./result.ts";

/** The kernels' table of cores, and the shifts of their planes. */
export function fillCores(
  memory: MachineMemory,
  cores: readonly MachineCore[],
  queueRoom: Float64Array,
): void {
  let queue = 0;
  let shift = 0;
  cores.forEach((core, row) => {
    const at = row * CORE.count;
    const table = memory.cores;
    table[at + CORE.neuronBegin] = core.neuronBegin;
    table[at + CORE.groupBegin] = core.groupBegin;
    table[at + CORE.groupEnd] = core.groupEnd;
    table[at + CORE.sumsBegin] = core.sumsBegin;
    table[at + CORE.stride] = core.stride;
    table[at + CORE.depthMask] = core.depth - 1;
    table[at + CORE.neurons] = core.neurons;
    table[at + CORE.planes] = core.shifts.length;
    table[at + CORE.shiftBegin] = shift;
    table[at + CORE.queueBegin] = queue;
    memory.queued[row] = queue;
    core.columns.forEach((action, k) => (table[at + CORE.actions + k] = COLUMN[action]));
    queue += queueRoom[row];
    table[at + CORE.queueEnd] = queue;
    for (const bits of core.shifts) memory.shifts[shift++] = bits;
  });
}

/** What every step costs: all neurons are visited. */
export function fillConstantCounts(memory: MachineMemory, groups: readonly MachineGroup[]): void {
  for (const { row, isInput, begin, end } of groups) {
    const action = ACTIONS.indexOf(isInput ? "inputAccess" : "neuronAccess");
    memory.constantCounts[row * ACTIONS.length + action] += end - begin;
  }
}

/** What messages of the kernels do not tell, but `MachineTables` and the host's messages do. */
export interface AxonNumbers {
  /** By route, and by route of an input line: global number of the input axon. */
  readonly routeAxon: Uint32Array;
  readonly lineAxon: Uint32Array;
}

/** @param axons to be filled too, if somebody asks */
export function fillRoutes(
  memory: MachineMemory,
  deployment: Deployment,
  cores: readonly MachineCore[],
  plans: readonly CorePlan[],
  rowOf: ReadonlyMap<number, number>,
  axons: AxonNumbers | undefined,
): void {
  const { routeStart, routeRow, routeAt, lineStart, lineRow, lineAt } = memory;
  let route = 0;
  deployment.cores.forEach((program, row) => {
    const { neuronBegin } = cores[row];
    const first = route;
    for (let r = 0; r < program.routeCore.length; r++, route++) {
      const to = rowOf.get(program.routeCore[r])!;
      const axon = program.routeAxon[r];
      routeRow[route] = to;
      routeAt[route] = plans[to].lists[axon * PLAN.count + PLAN.at];
      if (axons !== undefined) axons.routeAxon[route] = cores[to].axonBegin + axon;
    }
    for (let n = 0; n < program.neurons; n++)
      routeStart[neuronBegin + n + 1] = first + program.routeStart[n + 1];
  });

  let line = 0;
  let lineRoute = 0;
  for (const port of deployment.inputs) {
    const first = lineRoute;
    for (let r = 0; r < port.routeCore.length; r++, lineRoute++) {
      const to = rowOf.get(port.routeCore[r])!;
      const axon = port.routeAxon[r];
      lineRow[lineRoute] = to;
      lineAt[lineRoute] = plans[to].lists[axon * PLAN.count + PLAN.at];
      if (axons !== undefined) axons.lineAxon[lineRoute] = cores[to].axonBegin + axon;
    }
    for (let i = 0; i + 1 < port.routeStart.length; i++) lineStart[++line] = first + port.routeStart[i + 1];
  }
}

/** `MachineTables.axonTable`, from the heads of the lists. */
export function axonTableOf({ lists }: MachineMemory, plans: readonly CorePlan[]): Uint32Array {
  const axons = plans.reduce((sum, plan) => sum + plan.lists.length / PLAN.count, 0);
  const heads = new Uint16Array(lists.buffer, lists.byteOffset, lists.length >> 1);
  const width = 1 + ENTRY_ACTIONS.length;
  const table = new Uint32Array(width * axons);
  let at = 0;
  for (const { lists: list, columns } of plans)
    for (let a = PLAN.at; a < list.length; a += PLAN.count, at += width) {
      const counts = 2 * ((list[a] >>> 1) * LIST_WORDS + HEAD.counts);
      table[at] = heads[counts];
      ENTRY_ACTIONS.forEach((action, k) => {
        const column = columns.indexOf(action);
        if (column >= 0) table[at + 1 + k] = heads[counts + 1 + column];
      });
    }
  return table;
}
