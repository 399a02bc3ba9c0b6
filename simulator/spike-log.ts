import type { Machine } from "./machine.ts";
import type { EventRecorder } from "./recorder.ts";
import { logWordsOfStep } from "./memory.ts";
import { GROUP } from "./kernels/tables.ts";

/** Neurons that can give several spikes in a step: a word of the log is the compartment plus this times (spikes - 1). */
export const LOG_COUNT: number = 2 ** 24;

/** Compartments of a group whose neurons can give several spikes, each as often as it fired. */
function repeated(
  log: Uint32Array,
  begin: number,
  end: number,
): [fired: Uint32Array, begin: number, end: number] {
  const fired: number[] = [];
  for (let at = begin; at < end; at++)
    for (let left = log[at] >>> 24; left >= 0; left--) fired.push(log[at] % LOG_COUNT);
  return [Uint32Array.from(fired), 0, fired.length];
}

/** Takes what the kernels log of spikes over to the recorders, now and then. */
export class SpikeLog {
  readonly #machine: Machine;
  readonly #recorders: readonly (EventRecorder | undefined)[];
  /** With more words than this, a step could find no room. */
  readonly #full: number;

  /**
   * @param recorders  `[populations]`; those that take spikes
   * @param modelSteps spikes of later steps are not recorded
   */
  constructor(machine: Machine, recorders: readonly (EventRecorder | undefined)[], modelSteps: number) {
    this.#machine = machine;
    this.#recorders = recorders;
    const { memory, groups } = machine;
    const neurons = memory.u.length;
    this.#full = memory.log.length - logWordsOfStep({ groups: groups.length, neurons });
    groups.forEach(({ population }, g) => {
      const records = recorders[population]?.withValues === false;
      memory.groups[g * GROUP.count + GROUP.recordSteps] = records ? modelSteps : 0;
    });
  }

  /** To be called before every step. */
  makeRoom(): void {
    if (this.#machine.memory.logLength[0] > this.#full) this.drain();
  }

  drain(): void {
    const { memory, groups } = this.#machine;
    const { log, logLength, indexOf } = memory;
    for (let at = 0; at < logLength[0];) {
      const begin = at + 3;
      const end = begin + log[at + 2];
      const { population, stepper } = groups[log[at]];
      const recorder = this.#recorders[population]!;
      if (stepper?.spikes === undefined) recorder.addFired(log[at + 1], log, begin, end, indexOf);
      else recorder.addFired(log[at + 1], ...repeated(log, begin, end), indexOf);
      at = end;
    }
    logLength[0] = 0;
  }
}
