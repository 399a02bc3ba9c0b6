import type { PricedAction, Profile } from "#targets/target";
import { invariant } from "#util/diagnostic";
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
 * Source: the rules of SANA-FE's detailed model (J. A. Boyle et al., IEEE TCAD 44(8), 2025).
 */
export class MessageClock {
  /** Actions that have no time; whatever takes part of one of them is NaN below. */
  readonly untimed: readonly PricedAction[];
  /** `[axons]`, time that a message keeps its receiver busy, by input axon (global number). */
  readonly axonNs: Float64Array;

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
  generationNs: Float64Array = new Float64Array(0);
  /** 0 for a placeholder; NaN: untimed. */
  processingNs: Float64Array = new Float64Array(0);
  /** Something in the step that was read last has no time. */
  isUntimed = false;

  readonly #tables: MachineTables;
  /** By status, and again from 3 on for input neurons. */
  readonly #neuronNs: Float64Array;
  readonly #messageOutNs: number;
  /** Tells of an input neuron; all zeros if there are none. */
  readonly #isInput: Uint8Array;

  constructor(profile: Profile, tables: MachineTables) {
    this.untimed = withoutTime(profile, [...GENERATION, ...RECEPTION]);
    this.begin = new Uint32Array(tables.neuronBegin.length);
    this.axonNs = axonTimesNs(profile, tables.axonTable);
    this.#tables = tables;
    this.#messageOutNs = priceNs(profile, "messageOut");
    this.#neuronNs = Float64Array.of(
      ...statusNs(profile, "neuronAccess", "neuronUpdate", "spikeOut"),
      ...statusNs(profile, "inputAccess", "inputUpdate", "inputSpike"),
    );
    this.#isInput = tables.inputNeuron ?? new Uint8Array(tables.neuronBegin.at(-1)!);
  }

  /** Lists the messages of a step. Allocates only if there are more than ever before. */
  read(messages: StepMessages | undefined): void {
    invariant(messages !== undefined, "a timing model that needs messages gets them");
    const { status } = messages;
    const { neuronBegin, routeStart, routeRow, routeAxon } = this.#tables;
    const neuronNs = this.#neuronNs;
    const isInput = this.#isInput;
    const messageOutNs = this.#messageOutNs;
    this.#reserve(messages);
    const { begin, to, axon, neuron, generationNs, processingNs, axonNs } = this;
    let at = 0;
    let checkNs = 0;
    for (let row = 0; row + 1 < neuronBegin.length; row++) {
      begin[row] = at;
      const end = neuronBegin[row + 1];
      let waitingNs = 0;
      for (let n = neuronBegin[row]; n < end; n++) {
        waitingNs += neuronNs[status[n] + 3 * isInput[n]];
        if (status[n] !== FIRED) continue;
        const last = routeStart[n + 1];
        for (let route = routeStart[n]; route < last; route++, at++) {
          to[at] = routeRow[route];
          axon[at] = routeAxon[route];
          neuron[at] = n;
          generationNs[at] = waitingNs + messageOutNs;
          processingNs[at] = axonNs[routeAxon[route]];
          checkNs += generationNs[at] + processingNs[at];
          waitingNs = 0;
        }
      }
      if (waitingNs === 0) continue;
      to[at] = -1;
      axon[at] = 0;
      neuron[at] = end - 1;
      generationNs[at] = waitingNs;
      processingNs[at] = 0;
      checkNs += waitingNs;
      at++;
    }
    begin[begin.length - 1] = at;
    this.count = at;
    for (let host = 0; host < messages.hostMessages; host++) checkNs += axonNs[messages.hostAxon[host]];
    this.isUntimed = Number.isNaN(checkNs);
  }

  #reserve({ fired, firedEnd }: StepMessages): void {
    const { neuronBegin, routeStart } = this.#tables;
    const rows = firedEnd.length;
    let needed = rows;
    for (let row = 0; row < rows; row++)
      for (let f = neuronBegin[row]; f < firedEnd[row]; f++)
        needed += routeStart[fired[f] + 1] - routeStart[fired[f]];
    if (needed <= this.to.length) return;
    const length = Math.max(needed, 2 * this.to.length);
    this.to = new Int32Array(length);
    this.axon = new Uint32Array(length);
    this.neuron = new Uint32Array(length);
    this.generationNs = new Float64Array(length);
    this.processingNs = new Float64Array(length);
  }
}

/** `[3]`: idle, updated, fired; the parts are added to each other before they are added to a sum. */
function statusNs(
  profile: Profile,
  access: PricedAction,
  update: PricedAction,
  spike: PricedAction,
): [idle: number, updated: number, fired: number] {
  const idleNs = priceNs(profile, access);
  const updatedNs = idleNs + priceNs(profile, update);
  return [idleNs, updatedNs, updatedNs + priceNs(profile, spike)];
}

/** Columns of `MachineTables.axonTable`. */
const AXON_COLUMNS: readonly PricedAction[] = [
  "synapseWordRead",
  "synapseDense",
  "synapseSparse",
  "synapseRunLength",
];

function axonTimesNs(profile: Profile, axonTable: Uint32Array): Float64Array {
  const messageInNs = priceNs(profile, "messageIn");
  const columnsNs = AXON_COLUMNS.map((action) => priceNs(profile, action));
  const timesNs = new Float64Array(axonTable.length / AXON_COLUMNS.length);
  for (let axon = 0; axon < timesNs.length; axon++) {
    let ns = messageInNs;
    for (let column = 0; column < AXON_COLUMNS.length; column++) {
      const count = axonTable[axon * AXON_COLUMNS.length + column];
      // What does not happen needs no time, not even an unknown one.
      if (count > 0) ns += count * columnsNs[column];
    }
    timesNs[axon] = ns;
  }
  return timesNs;
}
