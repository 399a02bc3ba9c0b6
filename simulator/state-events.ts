import { STATE_EVENT } from "./kernels/tables.ts";
import type { Machine } from "./machine.ts";
import type { StateEvent, StateEventKind } from "./result.ts";

const KINDS: Readonly<Record<StateEventKind, number>> = {
  "input-wrap": STATE_EVENT.inputWrap,
  "current-wrap": STATE_EVENT.currentWrap,
  "drive-wrap": STATE_EVENT.driveWrap,
  "membrane-high": STATE_EVENT.membraneHigh,
  "membrane-low": STATE_EVENT.membraneLow,
};

/** Counts what the register of a compartment could not hold, as the kernels do. */
export function noteEvent(stateEvents: Float64Array, kind: number, compartment: number): void {
  if (stateEvents[kind]++ > 0) return;
  stateEvents[STATE_EVENT.kinds + kind] = compartment;
  stateEvents[2 * STATE_EVENT.kinds]++;
}

/** Keeps the step in which each kind of event happened first; the kernels know the neuron and how often. */
export class StateEventLog {
  readonly #machine: Machine;
  readonly #first = new Map<StateEventKind, { sample: number; step: number }>();
  #kinds = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** To be called after the neurons of a step. */
  endStep(sample: number, step: number): void {
    const { stateEvents } = this.#machine.memory;
    if (stateEvents[2 * STATE_EVENT.kinds] === this.#kinds) return;
    this.#kinds = stateEvents[2 * STATE_EVENT.kinds];
    for (const [kind, at] of Object.entries(KINDS) as [StateEventKind, number][])
      if (stateEvents[at] > 0 && !this.#first.has(kind)) this.#first.set(kind, { sample, step });
  }

  /** In the order of `StateEventKind`. */
  events(): StateEvent[] {
    const { memory, groups } = this.#machine;
    return (Object.entries(KINDS) as [StateEventKind, number][]).flatMap(([kind, at]) => {
      const first = this.#first.get(kind);
      if (first === undefined) return [];
      const compartment = memory.stateEvents[STATE_EVENT.kinds + at];
      const { population } = groups.find(({ begin, end }) => begin <= compartment && compartment < end)!;
      const neuron = memory.indexOf[compartment];
      return [{ kind, count: memory.stateEvents[at], first: { ...first, population, neuron } }];
    });
  }
}
