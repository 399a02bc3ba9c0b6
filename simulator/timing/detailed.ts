import type { PricedAction } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { StepActivity, StepMessages } from "../activity.ts";
import { bufferUnknown, multicastUnsupported } from "../timing-diagnostics.ts";
import { hopActions, hopTimesOf, placesOf } from "./mesh-places.ts";
import { MessageClock } from "./message-clock.ts";
import { MessageLog } from "./message-log.ts";
import { barrierNs, withoutTime } from "./prices.ts";
import { refuseAnyRates } from "./rates.ts";
import { Routes } from "./routes.ts";
import { momentOf, RowHeap } from "./row-heap.ts";
import { PHASE, setUntimed, type StepTime, type StepTimer, type TimingContext } from "./timing.ts";
import type { TimingModel } from "./timing.ts";

/**
 * Follows every message: cores send one after the other, a way that holds more messages than its buffers have room for
 * holds up its senders, and receivers serve one message at a time. The rules are written out in `simulator/README.md`;
 * where they leave open which of two messages sent at the same time goes first, the smaller core id does. Times that
 * differ by less than a femtosecond are the same time: sums of the same parts in another order must not change the order
 * of messages.
 *
 * Source: the "detailed" model of SANA-FE (J. A. Boyle et al., IEEE TCAD 44(8), 2025).
 */
export const detailed: TimingModel = {
  name: "detailed",
  summary: "messages one by one: full ways hold up senders, receivers serve a queue; plus the barrier",
  needs: "messages",
  refuses(context) {
    const { target } = context;
    if (target.noc === undefined) return bufferUnknown({ model: "detailed", target: target.name });
    if (target.noc.cast === "multicast")
      return multicastUnsupported({ model: "detailed", target: target.name });
    return refuseAnyRates("detailed", context);
  },
  prepare: (context) => new DetailedTimer(context),
};

/** Fields of a message in the network: its moment of leaving, and the next message to the same core, or -1. */
const TRAVELLING = { leaves: 0, processingNs: 1, route: 2, following: 3, count: 4 } as const;

class DetailedTimer implements StepTimer {
  readonly barrierNs: number;
  readonly untimed: readonly PricedAction[];
  readonly lastMessages: MessageLog = new MessageLog();

  readonly #clock: MessageClock;
  readonly #routes: Routes;
  /** By way of the mesh: a message counts on each entry of its route as 1 / (entries + 1). */
  readonly #density: Float64Array;
  readonly #bufferMessages: number;

  /** Cores with something to send, by the time at which the next message is ready. */
  readonly #senders: RowHeap;
  /** `[rows]`, next message of a core in the clock's list, and when it is ready. */
  readonly #next: Uint32Array;
  readonly #readyNs: Float64Array;
  /** `[rows]`, for how long a core has been held up so far. */
  readonly #heldUpNs: Float64Array;

  /** Cores with messages on the way to them, by the time at which the first leaves the network. */
  readonly #receivers: RowHeap;
  /** `[rows]`, first and last such message, as places in `lastMessages`; -1: none. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  /** By place in `lastMessages`, `TRAVELLING`: side by side, because all of a message is read at once. */
  #travelling: Float64Array = new Float64Array(0);
  /** Receivers that lose messages at one moment. */
  readonly #leaving: Int32Array;
  /** Messages now in the network, and the mean of their processing times. */
  #inNetwork = 0;
  #meanProcessingNs = 0;

  /** `[rows]`, when a core has served all it has received. */
  readonly #freeNs: Float64Array;
  /** `[rows]`, the message since which a core has been serving without a pause: arrival, sender, what of it was waiting on the way. */
  readonly #busySinceNs: Float64Array;
  readonly #busyFrom: Int32Array;
  readonly #busyWayNs: Float64Array;

  constructor({ profile, target, coreIds, tilesOn, tables }: TimingContext) {
    invariant(tables !== undefined && target.noc !== undefined, "detailed has its tables and a mesh");
    const rows = coreIds.length;
    this.#clock = new MessageClock(profile, tables);
    const places = placesOf(target, coreIds);
    this.#routes = new Routes(places, target.mesh.coresPerTile, hopTimesOf(target, profile));
    this.#density = new Float64Array(this.#routes.ways);
    this.#bufferMessages = target.noc.bufferMessages.value;
    this.barrierNs = barrierNs(profile, tilesOn);
    const crossesChips = places.chip.some((chip) => chip !== places.chip[0]);
    const ways = [...new Set(hopActions(target)), "hopTile", ...(crossesChips ? ["hopChip"] : [])];
    this.untimed = [...this.#clock.untimed, ...withoutTime(profile, ways as PricedAction[])];

    this.#senders = new RowHeap(rows);
    this.#next = new Uint32Array(rows);
    this.#readyNs = new Float64Array(rows);
    this.#heldUpNs = new Float64Array(rows);
    this.#receivers = new RowHeap(rows);
    this.#first = new Int32Array(rows);
    this.#last = new Int32Array(rows);
    this.#leaving = new Int32Array(rows);
    this.#freeNs = new Float64Array(rows);
    this.#busySinceNs = new Float64Array(rows);
    this.#busyFrom = new Int32Array(rows);
    this.#busyWayNs = new Float64Array(rows);
  }

  time({ messages }: StepActivity, out: StepTime): void {
    this.#clock.read(messages);
    this.#reset(messages!);
    if (this.#clock.isUntimed) return this.#giveUp(out);
    this.#takeHostMessages(messages!);
    this.#fillSenders();

    const { begin, generationNs } = this.#clock;
    const senders = this.#senders;
    let lastSendNs = 0;
    let lastSender = -1;
    while (senders.size > 0) {
      const row = senders.top;
      const readyNs = this.#readyNs[row];
      if (readyNs > lastSendNs) {
        lastSendNs = readyNs;
        lastSender = row;
      }
      this.#leave(senders.topMoment);
      const sentNs = this.#send(row, this.#next[row], readyNs);
      if (Number.isNaN(sentNs)) return this.#giveUp(out);
      const next = ++this.#next[row];
      if (next < begin[row + 1]) {
        this.#readyNs[row] = sentNs + generationNs[next];
        senders.delayTop(momentOf(this.#readyNs[row]));
      } else senders.pop();
    }
    this.#decide(lastSendNs, lastSender, out);
  }

  #giveUp(out: StepTime): void {
    this.lastMessages.reset(0);
    setUntimed(out);
  }

  #reset({ hostMessages }: StepMessages): void {
    this.lastMessages.reset(this.#clock.count + hostMessages);
    const needed = this.lastMessages.capacity * TRAVELLING.count;
    if (this.#travelling.length < needed) this.#travelling = new Float64Array(needed);
    this.#density.fill(0);
    this.#senders.size = 0;
    this.#receivers.size = 0;
    this.#first.fill(-1);
    this.#heldUpNs.fill(0);
    this.#freeNs.fill(0);
    this.#busySinceNs.fill(0);
    this.#busyFrom.fill(-1);
    this.#busyWayNs.fill(0);
    this.#inNetwork = 0;
    this.#meanProcessingNs = 0;
  }

  /** They stand in the receiver's queue when the step begins. */
  #takeHostMessages({ hostMessages, hostRow, hostAxon }: StepMessages): void {
    const freeNs = this.#freeNs;
    for (let i = 0; i < hostMessages; i++) {
      const row = hostRow[i];
      const receivedNs = freeNs[row];
      freeNs[row] += this.#clock.axonNs[hostAxon[i]];
      this.lastMessages.add(-1, row, 0, receivedNs, freeNs[row], 0);
    }
  }

  #fillSenders(): void {
    const { begin, generationNs } = this.#clock;
    for (let row = 0; row < this.#next.length; row++) {
      this.#next[row] = begin[row];
      if (begin[row] === begin[row + 1]) continue;
      this.#readyNs[row] = generationNs[begin[row]];
      this.#senders.push(row, momentOf(this.#readyNs[row]));
    }
  }

  /** @returns when the message has left its sender; NaN: its way has no time */
  #send(row: number, message: number, readyNs: number): number {
    const to = this.#clock.to[message];
    if (to < 0) {
      this.lastMessages.add(row, -1, readyNs, readyNs, readyNs, 0);
      return readyNs;
    }
    const meanNs = this.#meanProcessingNs;
    const route = this.#routes.find(row, to);
    const { begin, entries: ways, hopsNs } = this.#routes;
    const density = this.#density;
    const last = begin[route + 1];
    const entries = last - begin[route];
    let along = 0;
    for (let i = begin[route]; i < last; i++) along += density[ways[i]];
    const room = entries * this.#bufferMessages;
    const blockedNs = along > room ? (along - room) * meanNs : 0;
    const sentNs = readyNs + blockedNs;
    this.#heldUpNs[row] += blockedNs;

    const networkNs = Math.max(hopsNs[route], (along * meanNs) / entries);
    const arrivesNs = sentNs + networkNs;
    const processingNs = this.#clock.processingNs[message];
    const freeNs = this.#freeNs[to];
    if (arrivesNs > freeNs) {
      this.#busySinceNs[to] = arrivesNs;
      this.#busyFrom[to] = row;
      this.#busyWayNs[to] = this.#heldUpNs[row] + networkNs;
    }
    const receivedNs = Math.max(freeNs, arrivesNs);
    const processedNs = Math.max(freeNs + processingNs, arrivesNs + processingNs);
    this.#freeNs[to] = processedNs;
    const place = this.lastMessages.add(row, to, sentNs, receivedNs, processedNs, blockedNs);
    this.#enter(place, to, momentOf(receivedNs), processingNs, route);
    const share = 1 / (entries + 1);
    for (let i = begin[route]; i < last; i++) density[ways[i]] += share;
    return Number.isNaN(networkNs) ? NaN : sentNs;
  }

  #enter(place: number, to: number, leaves: number, processingNs: number, route: number): void {
    const travelling = this.#travelling;
    const at = place * TRAVELLING.count;
    travelling[at + TRAVELLING.leaves] = leaves;
    travelling[at + TRAVELLING.processingNs] = processingNs;
    travelling[at + TRAVELLING.route] = route;
    travelling[at + TRAVELLING.following] = -1;
    if (this.#first[to] < 0) {
      this.#first[to] = place;
      this.#receivers.push(to, leaves);
    } else travelling[this.#last[to] * TRAVELLING.count + TRAVELLING.following] = place;
    this.#last[to] = place;
    this.#meanProcessingNs += (processingNs - this.#meanProcessingNs) / (this.#inNetwork + 1);
    this.#inNetwork++;
  }

  /** Takes out of the network what has been received: core by core, and for each in the order of entry. */
  #leave(now: number): void {
    const receivers = this.#receivers;
    if (receivers.size === 0 || receivers.topMoment > now) return;
    if (!receivers.hasSecond(now)) {
      const left = this.#leaveFor(receivers.top, now);
      if (left < 0) receivers.pop();
      else receivers.delayTop(this.#travelling[left * TRAVELLING.count + TRAVELLING.leaves]);
      return;
    }
    const leaving = this.#leaving;
    let count = 0;
    while (receivers.size > 0 && receivers.topMoment <= now) {
      const row = receivers.top;
      receivers.pop();
      let at = count++;
      for (; at > 0 && leaving[at - 1] > row; at--) leaving[at] = leaving[at - 1];
      leaving[at] = row;
    }
    for (let i = 0; i < count; i++) {
      const left = this.#leaveFor(leaving[i], now);
      if (left >= 0)
        receivers.push(leaving[i], this.#travelling[left * TRAVELLING.count + TRAVELLING.leaves]);
    }
  }

  /** @returns the first message to the core that stays, or -1 */
  #leaveFor(row: number, now: number): number {
    const travelling = this.#travelling;
    const { begin, entries: ways } = this.#routes;
    const density = this.#density;
    let place = this.#first[row];
    while (place >= 0) {
      const at = place * TRAVELLING.count;
      if (travelling[at + TRAVELLING.leaves] > now) break;
      place = travelling[at + TRAVELLING.following];
      const route = travelling[at + TRAVELLING.route];
      const last = begin[route + 1];
      const share = 1 / (last - begin[route] + 1);
      for (let i = begin[route]; i < last; i++) density[ways[i]] -= share;
      const processingNs = travelling[at + TRAVELLING.processingNs];
      if (this.#inNetwork > 1)
        this.#meanProcessingNs += (this.#meanProcessingNs - processingNs) / (this.#inNetwork - 1);
      else this.#meanProcessingNs = 0;
      this.#inNetwork--;
    }
    this.#first[row] = place;
    return place;
  }

  /** What came last, and where most of the time up to then went. */
  #decide(lastSendNs: number, lastSender: number, out: StepTime): void {
    let row = -1;
    let endNs = lastSendNs;
    for (let r = 0; r < this.#freeNs.length; r++) {
      if (this.#freeNs[r] <= endNs) continue;
      endNs = this.#freeNs[r];
      row = r;
    }
    out.timeNs = endNs + this.barrierNs;
    const sender = row < 0 ? lastSender : this.#busyFrom[row];
    const wayNs = row < 0 ? (sender < 0 ? 0 : this.#heldUpNs[sender]) : this.#busyWayNs[row];
    const receptionNs = row < 0 ? 0 : endNs - this.#busySinceNs[row];
    const generationNs = endNs - receptionNs - wayNs;
    if (receptionNs > generationNs && receptionNs > wayNs) {
      out.core = row;
      out.phase = PHASE.reception;
    } else {
      out.core = sender;
      out.phase = sender < 0 ? PHASE.barrier : wayNs > generationNs ? PHASE.network : PHASE.generation;
    }
  }
}
