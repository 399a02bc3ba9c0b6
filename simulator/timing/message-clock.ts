import type { PricedAction, Profile } from "#targets/target";
import { invariant } from "#util/diagnostic";
import { ENTRY_ACTIONS } from "../entry-actions.ts";
import { FIRED, type MachineTables, type StepMessages } from "../activity.ts";
import { GENERATION, priceNs, RECEPTION, withoutTime } from "./prices.ts";

/**
 * Turns what happened in a step into messages with times, for models that follow messages. What happens between the
 * sender's output and the receiver's input is the model's own business.
 *
 * - Generation delay: a running sum over the neurons of a core, in order: access (+ update) (+ spike). The first
 *   message of a spike takes the sum so far plus `messageOut` and resets it; further ones take `messageOut` each.
 *   What is left after the last neuron is a placeholder, a message to nobody.
 * - Processing delay: `messageIn`, plus the entries of the synapse list by encoding, plus the words read.
 *
 * Times are in a unit of the model's choice; prices are converted before anything is added to them.
 *
 * Source: the rules of SANA-FE's detailed model (J. A. Boyle et al., IEEE TCAD 44(8), 2025).
 */
export class MessageClock {
  /** Actions that have no time; whatever takes part of one of them is NaN below. */
  readonly untimed: readonly PricedAction[];
  /** `[axons]`, time that a message keeps its receiver busy, by input axon (global number). */
  readonly axonProcessing: Float64Array;

  /**
   * `[rows + 1]`: messages of row r are entries begin[r] .. begin[r + 1] - 1 below, in the order in which they leave. A
   * placeholder comes last. Valid until the next `read`, which may replace the arrays of messages by longer ones.
   */
  readonly begin: Uint32Array;
  /** Messages in all, placeholders included. */
  count = 0;
  /** Receiving row, or -1: a placeholder. */
  to: Int32Array = new Int32Array(0);
  /** Input axon at the receiver (global number); 0 for a placeholder. */
  axon: Uint32Array = new Uint32Array(0);
  /** Compartment that sends (global number); messages of one spike follow each other. Of a placeholder: the core's last. */
  neuron: Uint32Array = new Uint32Array(0);
  /** After the message before it has left; NaN: untimed. */
  generation: Float64Array = new Float64Array(0);
  /** 0 for a placeholder; NaN: untimed. */
  processing: Float64Array = new Float64Array(0);
  /** Something in the step that was read last has no time. */
  isUntimed = false;

  readonly #tables: MachineTables;
  /** By status, and again from 3 on for input neurons. */
  readonly #neuronTimes: Float64Array;
  readonly #messageOut: number;
  /** Of a neuron's second spike in a step, and every further one. */
  readonly #spikeOut: number;
  /** Tells of an input neuron; all zeros if there are none. */
  readonly #isInput: Uint8Array;

  /** @param nsPerUnit 1: times in ns; 1e9: in seconds */
  constructor(profile: Profile, tables: MachineTables, nsPerUnit: number) {
    const timeOf = (action: PricedAction): number => priceNs(profile, action) / nsPerUnit;
    this.untimed = withoutTime(profile, [...GENERATION, ...RECEPTION]);
    this.begin = new Uint32Array(tables.neuronBegin.length);
    this.axonProcessing = axonTimes(timeOf, tables.axonTable);
    this.#tables = tables;
    this.#messageOut = timeOf("messageOut");
    this.#spikeOut = timeOf("spikeOut");
    this.#neuronTimes = Float64Array.of(
      ...statusTimes(timeOf("neuronAccess"), timeOf("neuronUpdate"), timeOf("spikeOut")),
      ...statusTimes(timeOf("inputAccess"), timeOf("inputUpdate"), timeOf("inputSpike")),
    );
    this.#isInput = tables.inputNeuron ?? new Uint8Array(tables.neuronBegin.at(-1)!);
  }

  /** Lists the messages of a step. Allocates only if there are more than ever before. */
  read(messages: StepMessages | undefined): void {
    invariant(messages !== undefined, "a timing model that needs messages gets them");
    const { status, spikes } = messages;
    const { neuronBegin, routeStart, routeRow, routeAxon } = this.#tables;
    const neuronTimes = this.#neuronTimes;
    const isInput = this.#isInput;
    const messageOut = this.#messageOut;
    this.#reserve(messages);
    const { begin, to, axon, neuron, generation, processing, axonProcessing } = this;
    let at = 0;
    let check = 0;
    for (let row = 0; row + 1 < neuronBegin.length; row++) {
      begin[row] = at;
      const end = neuronBegin[row + 1];
      let waiting = 0;
      for (let n = neuronBegin[row]; n < end; n++) {
        waiting += neuronTimes[status[n] + 3 * isInput[n]];
        if (status[n] !== FIRED) continue;
        const last = routeStart[n + 1];
        const count = spikes === undefined ? 1 : spikes[n];
        for (let spike = 0; spike < count; spike++) {
          if (spike > 0) waiting += this.#spikeOut;
          for (let route = routeStart[n]; route < last; route++, at++) {
            to[at] = routeRow[route];
            axon[at] = routeAxon[route];
            neuron[at] = n;
            generation[at] = waiting + messageOut;
            processing[at] = axonProcessing[routeAxon[route]];
            check += generation[at] + processing[at];
            waiting = 0;
          }
        }
      }
      if (waiting === 0) continue;
      to[at] = -1;
      axon[at] = 0;
      neuron[at] = end - 1;
      generation[at] = waiting;
      processing[at] = 0;
      check += waiting;
      at++;
    }
    begin[begin.length - 1] = at;
    this.count = at;
    for (let host = 0; host < messages.hostMessages; host++) check += axonProcessing[messages.hostAxon[host]];
    this.isUntimed = Number.isNaN(check);
  }

  #reserve({ fired, firedEnd, spikes }: StepMessages): void {
    const { neuronBegin, routeStart } = this.#tables;
    const rows = firedEnd.length;
    let needed = rows;
    for (let row = 0; row < rows; row++)
      for (let f = neuronBegin[row]; f < firedEnd[row]; f++)
        needed += (routeStart[fired[f] + 1] - routeStart[fired[f]]) * (spikes?.[fired[f]] ?? 1);
    if (needed <= this.to.length) return;
    const length = Math.max(needed, 2 * this.to.length);
    this.to = new Int32Array(length);
    this.axon = new Uint32Array(length);
    this.neuron = new Uint32Array(length);
    this.generation = new Float64Array(length);
    this.processing = new Float64Array(length);
  }
}

/** `[3]`: idle, updated, fired; the parts are added to each other before they are added to a sum. */
function statusTimes(
  access: number,
  update: number,
  spike: number,
): [idle: number, updated: number, fired: number] {
  return [access, access + update, access + update + spike];
}

/** Columns of `MachineTables.axonTable`. */
export const AXON_COLUMNS: readonly PricedAction[] = ["synapseWordRead", ...ENTRY_ACTIONS];

function axonTimes(timeOf: (action: PricedAction) => number, axonTable: Uint32Array): Float64Array {
  const messageIn = timeOf("messageIn");
  const columns = AXON_COLUMNS.map(timeOf);
  const times = new Float64Array(axonTable.length / AXON_COLUMNS.length);
  for (let axon = 0; axon < times.length; axon++) {
    let time = messageIn;
    for (let column = 0; column < AXON_COLUMNS.length; column++) {
      const count = axonTable[axon * AXON_COLUMNS.length + column];
      // What does not happen needs no time, not even an unknown one.
      if (count > 0) time += count * columns[column];
    }
    times[axon] = time;
  }
  return times;
}
