import type { Deployment, NeuronGroup } from "#ir/deployment";
import { inputModel } from "#neurons/input";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { invariant } from "#util/diagnostic";
import type { MachineTables, StepMessages } from "./activity.ts";
import type { NeuronStepper, NoteEvent } from "./kernels/neuron-kernel.ts";
import { GROUP, type Kernels } from "./kernels/tables.ts";
import { axonTableOf, fillConstantCounts, fillCores, fillRoutes } from "./machine-tables.ts";
import { allocateMemory, type KernelChoice, type MachineMemory, type MemorySizes } from "./memory.ts";
import { fillGroups, paramsSize } from "./neuron-params.ts";
import { NEURON_KERNELS } from "./neuron-models/index.ts";
import { LOG_COUNT } from "./spike-log.ts";
import { noteEvent } from "./state-events.ts";
import { packCore, PLAN, placeLists, planCore, type CorePlan } from "./pack.ts";

/**
 * A deployment ready to run: all tables and all state in one buffer, every index absolute ("global"), so
 * that kernels need no objects. Built once, run for many samples (`resetMachine`).
 *
 * A core's row is its place in `Deployment.cores`. Compartments, input axons, groups and routes of all
 * cores are numbered through in that order.
 */
export interface Machine {
  readonly cores: readonly MachineCore[];
  readonly groups: readonly MachineGroup[];
  readonly ports: readonly MachinePort[];
  readonly memory: MachineMemory;
  readonly kernels: Kernels;
  readonly chosen: KernelChoice;
  /** Bytes of the one buffer. */
  readonly bytes: number;
  /** Global compartment of each neuron, by population; empty for inputs without compartments. */
  readonly neuronsOf: readonly Uint32Array[];
  /** Axons are left out (empty) where nobody asks for messages. */
  readonly tables: MachineTables;
  /** Input axon (global number) of each route of an input line; empty where nobody asks for messages. */
  readonly lineAxon: Uint32Array;
  /** Who did what in the step; if asked for, or if a neuron model needs it. */
  readonly messages: Messages | undefined;
  /** Some group is not `loihi-cuba`. */
  readonly hasSteppers: boolean;
  /** Set where neurons can give several spikes in a step. */
  readonly more: MoreSpikes | undefined;
}

/** For steps in which neurons give several spikes. */
export interface MoreSpikes {
  /** `[compartments]`, of the step; of those that fired. */
  readonly spikes: Uint8Array;
  /** What `memory.fired` and `memory.firedEnd` held before the second spikes were sent. */
  readonly fired: Uint32Array;
  readonly firedEnd: Uint32Array;
}

/** `StepMessages` as the machine writes them; the host's lists are replaced by larger ones when they are full. */
export type Messages = { -readonly [Key in keyof StepMessages]: StepMessages[Key] };

export interface MachineCore extends Omit<CorePlan, "lists"> {
  readonly row: number;
  readonly groupBegin: number;
  readonly groupEnd: number;
  readonly neuronBegin: number;
  readonly sumsBegin: number;
  readonly axonBegin: number;
  /** Messages that may come in one step: routes of neurons, and of input lines (once each). */
  readonly neuronRoutes: number;
  readonly inputRoutes: number;
}

/** Compartments [begin, end) (global) of one population. */
export interface MachineGroup {
  readonly row: number;
  readonly population: number;
  readonly startStep: number;
  readonly begin: number;
  readonly end: number;
  /** Unless the model is `loihi-cuba`. */
  readonly stepper: NeuronStepper | undefined;
  /** Neurons that the host drives. */
  readonly isInput: boolean;
}

export interface MachinePort {
  readonly name: string;
  readonly startStep: number;
  /** Set where the data are bias mantissas, not spikes. */
  readonly biases: DrivenBiases | undefined;
  /** Set where the lines are neurons on cores: what each line wants to fire, by group. */
  readonly drives: readonly DrivenNeuron[] | undefined;
  /** Input line i has its routes in entry lineBegin + i of `memory.lineStart`. */
  readonly lineBegin: number;
  readonly lines: number;
}

/** Entry of `NeuronStepper.wanted`. */
export interface DrivenNeuron {
  readonly wanted: Uint8Array;
  readonly at: number;
}

export interface DrivenBiases {
  readonly population: number;
  /** `[size]`, 2^exponent of each neuron. */
  readonly scale: Float64Array;
  /** `[size]`, place of each neuron's bias in `memory.params`. */
  readonly at: Uint32Array;
}

export interface MachineOptions {
  /** Who fired, who was updated and what the host sent is wanted in every step. */
  readonly messages?: boolean;
  /** Default `compiled`, where there is WebAssembly and the machine fits into its 4 GiB. */
  readonly kernels?: KernelChoice;
}

/**
 * Builds the tables of a deployment.
 *
 * @param deployment a valid one (`validateDeployment`), whose neurons are `loihi-cuba` or in `NEURON_KERNELS`
 */
export function createMachine(deployment: Deployment, options: MachineOptions = {}): Machine {
  const { populations, inputs, rules } = deployment;
  const rowOf = new Map(deployment.cores.map((core, row) => [core.core, row]));
  const neuronRoutes = new Float64Array(deployment.cores.length);
  const inputRoutes = new Float64Array(deployment.cores.length);
  const noted: { events?: Float64Array } = {};
  const steppers = createSteppers(deployment, (kind, compartment) => {
    noteEvent(noted.events!, kind, compartment);
  });
  forEachRoute(deployment.cores, spikesOfGroups(steppers), (core, _, spikes) => {
    neuronRoutes[rowOf.get(core)!] += spikes;
  });
  for (const { routeCore } of inputs) for (const core of routeCore) inputRoutes[rowOf.get(core)!]++;
  const driven = new Set(
    inputs.filter(({ drives }) => drives === "bias").map(({ population }) => population),
  );

  const sizes: MemorySizes = {
    rows: deployment.cores.length,
    groups: 0,
    neurons: 0,
    params: 0,
    sums: 0,
    planes: 0,
    listWords: 0,
    routes: 0,
    queue: 0,
    lines: 0,
    lineRoutes: 0,
  };
  const groups: MachineGroup[] = [];
  const plans: CorePlan[] = [];
  let axons = 0;
  const cores = deployment.cores.map((program, row): MachineCore => {
    const plan = planCore(program, rules);
    plans.push(plan);
    const { lists, ...rest } = plan;
    const core: MachineCore = {
      ...rest,
      row,
      groupBegin: groups.length,
      groupEnd: groups.length + program.groups.length,
      neuronBegin: sizes.neurons,
      sumsBegin: sizes.sums,
      axonBegin: axons,
      neuronRoutes: neuronRoutes[row],
      inputRoutes: inputRoutes[row],
    };
    program.groups.forEach((group, g) => {
      const stepper = steppers[row][g];
      groups.push({
        row,
        population: group.population,
        startStep: populations[group.population].startStep,
        begin: sizes.neurons + group.begin,
        end: sizes.neurons + group.end,
        stepper,
        isInput: group.model === INPUT_MODEL,
      });
      sizes.params += paramsSize(group, driven.has(group.population));
    });
    sizes.groups += program.groups.length;
    sizes.neurons += program.neurons;
    sizes.sums += plan.stride * plan.depth;
    sizes.planes += plan.shifts.length;
    axons += lists.length / PLAN.count;
    sizes.routes += program.routeCore.length;
    return core;
  });
  sizes.listWords = placeLists(deployment, plans, rowOf);
  const queueRoom = queueRooms(deployment, plans, rowOf);
  sizes.queue = queueRoom.reduce((sum, room) => sum + room, 0);
  for (const port of inputs) {
    sizes.lines += port.routeStart.length - 1;
    sizes.lineRoutes += port.routeCore.length;
  }

  const hasSteppers = groups.some(({ stepper }) => stepper !== undefined);
  const withMessages = options.messages === true || hasSteppers;
  const { memory, ...made } = allocateMemory(sizes, {
    isNengo: rules === "nengo",
    hasStatus: withMessages,
    ...(options.kernels === undefined ? {} : { kernels: options.kernels }),
  });
  noted.events = memory.stateEvents;
  const neuronsOf = populations.map((population) =>
    Uint32Array.from(
      population.core,
      (core, i) => cores[rowOf.get(core)!].neuronBegin + population.compartment[i],
    ),
  );
  for (const neurons of neuronsOf) neurons.forEach((n, i) => (memory.indexOf[n] = i));
  fillGroups(memory, deployment, groups, driven);
  fillCores(memory, cores, queueRoom);
  fillConstantCounts(memory, groups);
  const numbers = {
    routeAxon: new Uint32Array(withMessages ? sizes.routes : 0),
    lineAxon: new Uint32Array(withMessages ? sizes.lineRoutes : 0),
  };
  fillRoutes(memory, deployment, cores, plans, rowOf, withMessages ? numbers : undefined);
  packCores(memory, deployment, plans);

  let lines = 0;
  const ports = inputs.map((port): MachinePort => {
    const lineBegin = lines;
    lines += port.routeStart.length - 1;
    const { population } = port;
    return {
      name: port.name,
      startStep: populations[population].startStep,
      biases:
        port.drives === "bias" ? biasesOf(deployment, memory, groups, neuronsOf, population) : undefined,
      drives: drivenNeurons(groups, neuronsOf[population]),
      lineBegin,
      lines: port.routeStart.length - 1,
    };
  });
  const hasMore = groups.some(({ stepper }) => stepper?.spikes !== undefined);
  invariant(!hasMore || sizes.neurons <= LOG_COUNT, "compartments and counts fit into words of the log");
  const more = hasMore ? moreSpikes(sizes) : undefined;
  const machine: Machine = {
    ...made,
    cores,
    groups,
    ports,
    memory,
    neuronsOf,
    tables: {
      neuronBegin: Uint32Array.from([...cores.map(({ neuronBegin }) => neuronBegin), sizes.neurons]),
      routeStart: memory.routeStart,
      routeRow: memory.routeRow,
      routeAxon: numbers.routeAxon,
      axonTable: withMessages ? axonTableOf(memory, plans) : new Uint32Array(0),
      ...inputNeuronsOf(groups, sizes.neurons),
    },
    lineAxon: numbers.lineAxon,
    messages: withMessages ? createMessages(memory, more?.spikes) : undefined,
    hasSteppers,
    more,
  };
  resetMachine(machine);
  return machine;
}

/** State before the first step: u0 and v0, nothing on its way. */
export function resetMachine({ memory, cores, groups }: Machine): void {
  memory.u.set(memory.u0);
  memory.v.set(memory.v0);
  memory.waiting.fill(0);
  memory.sums.fill(0);
  for (const { row, neuronBegin } of cores) memory.firedEnd[row] = neuronBegin;
  for (const { stepper } of groups) stepper?.reset();
}

const INPUT_MODEL = inputModel.name;
const BIAS_EXPONENT: number = loihiCubaModel.params.findIndex(({ name }) => name === "biasExponent");

function moreSpikes({ neurons, rows }: MemorySizes): MoreSpikes {
  return {
    spikes: new Uint8Array(neurons),
    fired: new Uint32Array(neurons),
    firedEnd: new Uint32Array(rows),
  };
}

/** `[rows][groups]`. */
type Steppers = readonly (readonly (NeuronStepper | undefined)[])[];

/** @param note takes compartments of the machine */
function createSteppers({ cores }: Deployment, note: NoteEvent): Steppers {
  let neurons = 0;
  return cores.map((program) => {
    const first = neurons;
    neurons += program.neurons;
    return program.groups.map(({ model, params, begin, end }: NeuronGroup) =>
      model === loihiCubaModel.name
        ? undefined
        : NEURON_KERNELS.find((kernel) => kernel.model === model)!.create(
            params,
            end - begin,
            (kind, neuron) => {
              note(kind, first + begin + neuron);
            },
          ),
    );
  });
}

/** `[rows][groups]`, spikes that a neuron may give in a step. */
function spikesOfGroups(steppers: Steppers): number[][] {
  return steppers.map((ofCore) => ofCore.map((stepper) => stepper?.maxSpikes ?? 1));
}

/** Every route of a neuron, and how many messages it may carry in a step. */
export function forEachRoute(
  cores: Deployment["cores"],
  spikes: readonly (readonly number[])[],
  visit: (core: number, axon: number, messages: number) => void,
): void {
  cores.forEach(({ groups, routeStart, routeCore, routeAxon }, row) => {
    groups.forEach(({ begin, end }, g) => {
      for (let r = routeStart[begin]; r < routeStart[end]; r++)
        visit(routeCore[r], routeAxon[r], spikes[row][g]);
    });
  });
}

/** `[rows]`, messages that may wait at once: one from each sender, short lists do not wait. */
function queueRooms(
  { cores, inputs }: Deployment,
  plans: readonly CorePlan[],
  rowOf: ReadonlyMap<number, number>,
): Float64Array {
  const room = new Float64Array(cores.length);
  for (const { routeCore, routeAxon } of [...cores, ...inputs])
    for (let r = 0; r < routeCore.length; r++) {
      const row = rowOf.get(routeCore[r])!;
      if ((plans[row].lists[routeAxon[r] * PLAN.count + PLAN.at] & 1) === 0) room[row]++;
    }
  return room;
}

function packCores({ lists }: MachineMemory, deployment: Deployment, plans: readonly CorePlan[]): void {
  const { buffer, byteOffset, length } = lists;
  const target = {
    bytes: new Int8Array(buffer, byteOffset, length),
    halves: new Int16Array(buffer, byteOffset, length >> 1),
    counts: new Uint16Array(buffer, byteOffset, length >> 1),
    words: new Int32Array(buffer, byteOffset, length >> 2),
  };
  deployment.cores.forEach((program, row) => {
    packCore(program, plans[row], target, deployment.rules);
  });
}

function biasesOf(
  deployment: Deployment,
  { groups: table }: MachineMemory,
  groups: readonly MachineGroup[],
  neuronsOf: readonly Uint32Array[],
  population: number,
): DrivenBiases {
  const programs = new Map(deployment.cores.map((program) => [program.core, program]));
  const { core, compartment } = deployment.populations[population];
  const scale = Float64Array.from(core, (id, i) => {
    const group = programs
      .get(id)!
      .groups.find(({ begin, end }) => begin <= compartment[i] && compartment[i] < end)!;
    return 2 ** group.params[BIAS_EXPONENT][compartment[i] - group.begin];
  });
  const at = neuronsOf[population].map((n) => {
    const group = groupAt(groups, n);
    return table[group * GROUP.count + GROUP.bias] + n - groups[group].begin;
  });
  return { population, scale, at };
}

function drivenNeurons(
  groups: readonly MachineGroup[],
  neurons: Uint32Array,
): readonly DrivenNeuron[] | undefined {
  if (neurons.length === 0 || !groups[groupAt(groups, neurons[0])].isInput) return undefined;
  return Array.from(neurons, (n) => {
    const { stepper, begin } = groups[groupAt(groups, n)];
    return { wanted: stepper!.wanted!, at: n - begin };
  });
}

/** Index of the group of a compartment. */
export function groupAt(groups: readonly MachineGroup[], compartment: number): number {
  return groups.findIndex(({ begin, end }) => begin <= compartment && compartment < end);
}

function inputNeuronsOf(groups: readonly MachineGroup[], neurons: number): { inputNeuron?: Uint8Array } {
  const inputs = groups.filter(({ isInput }) => isInput);
  if (inputs.length === 0) return {};
  const inputNeuron = new Uint8Array(neurons);
  for (const { begin, end } of inputs) inputNeuron.fill(1, begin, end);
  return { inputNeuron };
}

function createMessages(
  { status, fired, firedEnd }: MachineMemory,
  spikes: Uint8Array | undefined,
): Messages {
  return {
    status,
    fired,
    firedEnd,
    ...(spikes === undefined ? {} : { spikes }),
    hostMessages: 0,
    hostRow: new Uint32Array(64),
    hostAxon: new Uint32Array(64),
  };
}
