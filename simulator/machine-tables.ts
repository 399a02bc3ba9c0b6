import type { Deployment } from "#ir/deployment";
import { CORE } from "./kernels/tables.ts";
import type { MachineCore, MachineGroup } from "./machine.ts";
import type { MachineMemory } from "./memory.ts";
import { ACTIONS } from "./result.ts";

/** The kernels' table of cores, and the shifts of their planes. */
export function fillCores(memory: MachineMemory, cores: readonly MachineCore[]): void {
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
    queue += core.neuronRoutes + core.inputRoutes;
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

export function fillRoutes(
  memory: MachineMemory,
  deployment: Deployment,
  cores: readonly MachineCore[],
  rowOf: ReadonlyMap<number, number>,
): void {
  const { routeStart, routeRow, routeAxon, lineStart, lineRow, lineAxon } = memory;
  let route = 0;
  deployment.cores.forEach((program, row) => {
    const { neuronBegin } = cores[row];
    const first = route;
    for (let r = 0; r < program.routeCore.length; r++, route++) {
      const to = rowOf.get(program.routeCore[r])!;
      routeRow[route] = to;
      routeAxon[route] = cores[to].axonBegin + program.routeAxon[r];
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
      lineRow[lineRoute] = to;
      lineAxon[lineRoute] = cores[to].axonBegin + port.routeAxon[r];
    }
    for (let i = 0; i + 1 < port.routeStart.length; i++) lineStart[++line] = first + port.routeStart[i + 1];
  }
}
