import type { CoreProgram, Deployment, IntegerRules } from "#ir/deployment";
import type { PeriodicReset } from "#ir/network";
import { LOIHI_INPUT_SHIFT, loihiCubaModel } from "#neurons/loihi-cuba";
import { routeHops } from "#targets/route";
import type { Target } from "#targets/target";
import { NEURON_FIELDS } from "./kernels/step-cuba.ts";
import { allocateMemory, type MachineMemory, type MemorySizes } from "./memory.ts";
import { planCore, packCore, type CorePlan } from "./pack.ts";

/**
 * A deployment ready to run: all tables and all state in one buffer, every index absolute ("global"), so
 * that kernels need no objects. Built once, run for many samples (`resetMachine`).
 *
 * A core's row is its place in `Deployment.cores`. Compartments, input axons, synapses and routes of all
 * cores are numbered through in that order.
 */
export interface Machine {
  readonly rules: IntegerRules;
  readonly cores: readonly MachineCore[];
  readonly ports: readonly MachinePort[];
  readonly memory: MachineMemory;
  /** Bytes of the one buffer. */
  readonly bytes: number;
  /** Global compartment of each neuron, by population; empty for inputs. */
  readonly neuronsOf: readonly Uint32Array[];
}

export interface MachineCore extends CorePlan {
  readonly row: number;
  readonly groups: readonly MachineGroup[];
  readonly neuronBegin: number;
  readonly sumsBegin: number;
  readonly axonBegin: number;
  readonly axonEnd: number;
  /** Subtract from a global synapse index to index `delaySteps` and `slots`. */
  readonly delayShift: number;
  readonly slotShift: number;
  readonly queueCapacity: number;
  /** Messages that may come in one step: routes of neurons, and of input lines (once each). */
  readonly neuronRoutes: number;
  readonly inputRoutes: number;
}

/** Compartments [begin, end) (global) of one population. */
export interface MachineGroup {
  readonly population: number;
  readonly startStep: number;
  readonly periodicReset: PeriodicReset | undefined;
  readonly begin: number;
  readonly end: number;
}

export interface MachinePort {
  readonly name: string;
  readonly startStep: number;
  /** Set where the data are bias mantissas, not spikes. */
  readonly biases: DrivenBiases | undefined;
  /** Input line i has its routes in entry lineBegin + i of `memory.lineStart`. */
  readonly lineBegin: number;
  readonly lines: number;
}

export interface DrivenBiases {
  readonly population: number;
  /** `[size]`, 2^exponent of each neuron. */
  readonly scale: Float64Array;
}

/**
 * Builds the tables of a deployment.
 *
 * @param deployment a valid one (`validateDeployment`), all of whose neurons are `loihi-cuba`
 */
export function createMachine(deployment: Deployment, target: Target): Machine {
  const rowOf = new Map(deployment.cores.map((core, row) => [core.core, row]));
  const neuronRoutes = new Float64Array(deployment.cores.length);
  const inputRoutes = new Float64Array(deployment.cores.length);
  for (const { routeCore } of deployment.cores) countRoutes(routeCore, rowOf, neuronRoutes);
  for (const { routeCore } of deployment.inputs) countRoutes(routeCore, rowOf, inputRoutes);

  const sizes: MemorySizes = {
    rows: deployment.cores.length,
    neurons: 0,
    sums: 0,
    axons: 0,
    synapses: 0,
    delays: 0,
    slots: 0,
    routes: 0,
    queue: 0,
    lines: 0,
    lineRoutes: 0,
  };
  const cores = deployment.cores.map((program, row): MachineCore => {
    const plan = planCore(program, deployment.rules);
    const core: MachineCore = {
      ...plan,
      row,
      groups: program.groups.map((group) => ({
        population: group.population,
        startStep: deployment.populations[group.population].startStep,
        periodicReset: deployment.populations[group.population].periodicReset,
        begin: sizes.neurons + group.begin,
        end: sizes.neurons + group.end,
      })),
      neuronBegin: sizes.neurons,
      sumsBegin: sizes.sums,
      axonBegin: sizes.axons,
      axonEnd: sizes.axons + program.axonStart.length - 1,
      delayShift: sizes.synapses - sizes.delays,
      slotShift: sizes.synapses - sizes.slots,
      queueCapacity: neuronRoutes[row] + inputRoutes[row],
      neuronRoutes: neuronRoutes[row],
      inputRoutes: inputRoutes[row],
    };
    sizes.neurons += program.neurons;
    sizes.sums += plan.stride * plan.depth;
    sizes.axons += program.axonStart.length - 1;
    sizes.synapses += program.target.length;
    sizes.delays += plan.mode === "packed" ? 0 : program.target.length;
    sizes.slots += plan.mode === "wide" ? program.target.length : 0;
    sizes.routes += program.routeCore.length;
    sizes.queue += core.queueCapacity;
    return core;
  });
  const ports = deployment.inputs.map((port): MachinePort => {
    const lines = port.routeStart.length - 1;
    const lineBegin = sizes.lines;
    sizes.lines += lines;
    sizes.lineRoutes += port.routeCore.length;
    return {
      name: port.name,
      startStep: deployment.populations[port.population].startStep,
      biases:
        port.drives === "bias"
          ? { population: port.population, scale: biasScales(deployment, port.population) }
          : undefined,
      lineBegin,
      lines,
    };
  });

  const { memory, bytes } = allocateMemory(sizes);
  const machine: Machine = {
    rules: deployment.rules,
    cores,
    ports,
    memory,
    bytes,
    neuronsOf: deployment.populations.map((population) =>
      Uint32Array.from(
        population.core,
        (core, i) => cores[rowOf.get(core)!].neuronBegin + population.compartment[i],
      ),
    ),
  };
  let synapses = 0;
  deployment.cores.forEach((program, row) => {
    fillNeurons(machine, program, cores[row]);
    packCore(program, cores[row], memory, synapses, deployment.rules);
    synapses += program.target.length;
  });
  for (const neurons of machine.neuronsOf) neurons.forEach((n, i) => (memory.indexOf[n] = i));
  fillRoutes(machine, deployment, target, rowOf);
  resetMachine(machine);
  return machine;
}

/** State before the first step: u0 and v0, nothing on its way. */
export function resetMachine(machine: Machine): void {
  const { neurons, u0, v0, sums, queued, firedEnd } = machine.memory;
  for (let n = 0; n < u0.length; n++) {
    neurons[n * NEURON_FIELDS.count + NEURON_FIELDS.u] = u0[n];
    neurons[n * NEURON_FIELDS.count + NEURON_FIELDS.v] = v0[n];
    neurons[n * NEURON_FIELDS.count + NEURON_FIELDS.waiting] = 0;
  }
  sums.fill(0);
  queued.fill(0);
  for (const core of machine.cores) firedEnd[core.row] = core.neuronBegin;
}

const BIAS_EXPONENT: number = loihiCubaModel.params.findIndex(({ name }) => name === "biasExponent");

function biasScales({ populations, cores }: Deployment, population: number): Float64Array {
  const { core, compartment } = populations[population];
  const programs = new Map(cores.map((program) => [program.core, program]));
  return Float64Array.from(core, (id, i) => {
    const { groups } = programs.get(id)!;
    const group = groups.find(({ begin, end }) => begin <= compartment[i] && compartment[i] < end)!;
    return 2 ** group.params[BIAS_EXPONENT][compartment[i] - group.begin];
  });
}

function countRoutes(routeCore: Uint32Array, rowOf: ReadonlyMap<number, number>, routes: Float64Array): void {
  for (const core of routeCore) routes[rowOf.get(core)!]++;
}

/** Parameters in the order of `loihiCubaModel.params`, as the kernels want them. */
function fillNeurons(machine: Machine, program: CoreProgram, core: MachineCore): void {
  const { neurons, refractory, u0, v0 } = machine.memory;
  for (const group of program.groups) {
    const first = core.neuronBegin + group.begin;
    const [uDecay, vDecay, mantissa, biasMantissa, biasExponent, refractorySteps, vMin, u, v] = group.params;
    for (let i = 0; i < group.end - group.begin; i++) {
      const at = (first + i) * NEURON_FIELDS.count;
      neurons[at + NEURON_FIELDS.bias] = Math.floor(biasMantissa[i] * 2 ** biasExponent[i]);
      neurons[at + NEURON_FIELDS.uKeep] = 4096 - (uDecay[i] + 1);
      neurons[at + NEURON_FIELDS.vKeep] = 4096 - vDecay[i];
      neurons[at + NEURON_FIELDS.threshold] = mantissa[i] * 2 ** LOIHI_INPUT_SHIFT;
      neurons[at + NEURON_FIELDS.vMin] = vMin[i];
    }
    refractory.set(refractorySteps, first);
    u0.set(u, first);
    v0.set(v, first);
  }
}

function fillRoutes(
  machine: Machine,
  deployment: Deployment,
  target: Target,
  rowOf: ReadonlyMap<number, number>,
): void {
  const { routeStart, routeRow, routeAxon, hopTable, queueBegin, lineStart, lineRow, lineAxon } =
    machine.memory;
  const { cores } = machine;
  let route = 0;
  let queue = 0;
  deployment.cores.forEach((program, row) => {
    queueBegin[row] = queue;
    queue += cores[row].queueCapacity;
    const hopsTo = cores.map((): readonly number[] | undefined => undefined);
    for (let n = 0; n < program.neurons; n++) {
      const at = cores[row].neuronBegin + n;
      for (let r = program.routeStart[n]; r < program.routeStart[n + 1]; r++, route++) {
        const to = rowOf.get(program.routeCore[r])!;
        routeRow[route] = to;
        routeAxon[route] = cores[to].axonBegin + program.routeAxon[r];
        const hops = (hopsTo[to] ??= hopRow(target, program.core, program.routeCore[r]));
        for (let k = 0; k < 4; k++) hopTable[at * 4 + k] += hops[k];
      }
      routeStart[at + 1] = route;
    }
  });

  let line = 0;
  let lineRoute = 0;
  for (const port of deployment.inputs) {
    for (let i = 0; i + 1 < port.routeStart.length; i++) {
      for (let r = port.routeStart[i]; r < port.routeStart[i + 1]; r++, lineRoute++) {
        const to = rowOf.get(port.routeCore[r])!;
        lineRow[lineRoute] = to;
        lineAxon[lineRoute] = cores[to].axonBegin + port.routeAxon[r];
      }
      lineStart[++line] = lineRoute;
    }
  }
}

function hopRow(target: Target, from: number, to: number): readonly number[] {
  const hops = routeHops(target, from, to);
  return [hops.eastWest, hops.northSouth, hops.chips, hops.withinTile];
}
