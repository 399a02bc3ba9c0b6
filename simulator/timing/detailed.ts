import type { PricedAction } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { StepActivity, StepMessages } from "../activity.ts";
import { bufferUnknown, multicastUnsupported } from "../timing-diagnostics.ts";
import { hopActions, hopTimesOf, placesOf } from "./mesh-places.ts";
import { MessageClock } from "./message-clock.ts";
import { MessageLog } from "./message-log.ts";
import { barrierNs, NS_PER_SECOND, withoutTime } from "./prices.ts";
import { refuseAnyRates } from "./rates.ts";
import { Routes } from "./routes.ts";
import { RowQueue } from "./row-queue.ts";
import { PHASE, setUntimed, type StepTime, type StepTimer, type TimingContext } from "./timing.ts";
import type { TimingModel } from "./timing.ts";

/**
 * Follows every message: cores send one after the other, a way that holds more messages than its buffers have room for
 * holds up its senders, and receivers serve one message at a time. The rules are written out in `simulator/README.md`;
 * where they leave open which of two messages sent at the same time goes first, the smaller core id does.
 *
 * Calculates in seconds, adding in the order of the rules, as its source does: many sums are equal but for their last
 * digit, which then decides whether a message has been received by the time at which another one is sent.
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
const TRAVELLING = { leaves: 0, processingSec: 1, route: 2, following: 3, count: 4 } as const;

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
  readonly #senders: RowQueue;
  /** `[rows]`, next message of a core in the clock's list, and when it is ready. */
  readonly #next: Uint32Array;
  readonly #readySec: Float64Array;
  /** `[rows]`, for how long a core has been held up so far. */
  readonly #heldUpSec: Float64Array;

  /** Cores with messages on the way to them, by the time at which the first leaves the network. */
  readonly #receivers: RowQueue;
  /** `[rows]`, first and last such message, as places in `lastMessages`; -1: none. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  /** By place in `lastMessages`, `TRAVELLING`: side by side, because all of a message is read at once. */
  #travelling: Float64Array = new Float64Array(0);
  /** Receivers that lose messages at one moment. */
  readonly #leaving: Int32Array;
  /** Messages now in the network, and the mean of their processing times. */
  #inNetwork = 0;
  #meanProcessingSec = 0;

  /** `[rows]`, when a core has served all it has received. */
  readonly #freeSec: Float64Array;
  /** `[rows]`, the message since which a core has been serving without a pause: arrival, sender, what of it was waiting on the way. */
  readonly #busySinceSec: Float64Array;
  readonly #busyFrom: Int32Array;
  readonly #busyWaySec: Float64Array;

  constructor({ profile, target, coreIds, tilesOn, tables }: TimingContext) {
    invariant(tables !== undefined && target.noc !== undefined, "detailed has its tables and a mesh");
    const rows = coreIds.length;
    this.#clock = new MessageClock(profile, tables, NS_PER_SECOND);
    const places = placesOf(target, coreIds);
    this.#routes = new Routes(places, target.mesh.coresPerTile, hopTimesOf(target, profile));
    this.#density = new Float64Array(this.#routes.ways);
    this.#bufferMessages = target.noc.bufferMessages.value;
    this.barrierNs = barrierNs(profile, tilesOn);
    const crossesChips = places.chip.some((chip) => chip !== places.chip[0]);
    const ways = [...new Set(hopActions(target)), "hopTile", ...(crossesChips ? ["hopChip"] : [])];
    this.untimed = [...this.#clock.untimed, ...withoutTime(profile, ways as PricedAction[])];

    this.#senders = new RowQueue(rows);
    this.#next = new Uint32Array(rows);
    this.#readySec = new Float64Array(rows);
    this.#heldUpSec = new Float64Array(rows);
    this.#receivers = new RowQueue(rows);
    this.#first = new Int32Array(rows);
    this.#last = new Int32Array(rows);
    this.#leaving = new Int32Array(rows);
    this.#freeSec = new Float64Array(rows);
    this.#busySinceSec = new Float64Array(rows);
    this.#busyFrom = new Int32Array(rows);
    this.#busyWaySec = new Float64Array(rows);
  }

  time({ messages }: StepActivity, out: StepTime): void {
    this.#clock.read(messages);
    this.#reset(messages!);
    if (this.#clock.isUntimed) return this.#giveUp(out);
    this.#takeHostMessages(messages!);
    this.#fillSenders();

    const { begin, generation } = this.#clock;
    const senders = this.#senders;
    let lastSendSec = 0;
    let lastSender = -1;
    while (senders.topTime < Infinity) {
      const row = senders.top;
      const readySec = this.#readySec[row];
      if (readySec > lastSendSec) {
        lastSendSec = readySec;
        lastSender = row;
      }
      this.#leave(senders.topTime);
      const sentSec = this.#send(row, this.#next[row], readySec);
      if (Number.isNaN(sentSec)) return this.#giveUp(out);
      const next = ++this.#next[row];
      if (next < begin[row + 1]) {
        this.#readySec[row] = sentSec + generation[next];
        senders.set(row, this.#readySec[row]);
      } else senders.set(row, Infinity);
    }
    this.#decide(lastSendSec, lastSender, out);
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
    this.#senders.clear();
    this.#receivers.clear();
    this.#first.fill(-1);
    this.#heldUpSec.fill(0);
    this.#freeSec.fill(0);
    this.#busySinceSec.fill(0);
    this.#busyFrom.fill(-1);
    this.#busyWaySec.fill(0);
    this.#inNetwork = 0;
    this.#meanProcessingSec = 0;
  }

  /** They stand in the receiver's queue when the step begins. */
  #takeHostMessages({ hostMessages, hostRow, hostAxon }: StepMessages): void {
    const freeSec = this.#freeSec;
    for (let i = 0; i < hostMessages; i++) {
      const row = hostRow[i];
      const receivedSec = freeSec[row];
      freeSec[row] += this.#clock.axonProcessing[hostAxon[i]];
      this.#log(-1, row, 0, receivedSec, freeSec[row], 0);
    }
  }

  #fillSenders(): void {
    const { begin, generation } = this.#clock;
    for (let row = 0; row < this.#next.length; row++) {
      this.#next[row] = begin[row];
      if (begin[row] === begin[row + 1]) continue;
      this.#readySec[row] = generation[begin[row]];
      this.#senders.set(row, this.#readySec[row]);
    }
  }

  /** @returns when the message has left its sender; NaN: its way has no time */
  #send(row: number, message: number, readySec: number): number {
    const to = this.#clock.to[message];
    if (to < 0) {
      this.#log(row, -1, readySec, readySec, readySec, 0);
      return readySec;
    }
    const meanSec = this.#meanProcessingSec;
    const route = this.#routes.find(row, to);
    const { begin, entries: ways, hopsSec } = this.#routes;
    const density = this.#density;
    const last = begin[route + 1];
    const entries = last - begin[route];
    let along = 0;
    for (let i = begin[route]; i < last; i++) along += density[ways[i]];
    const room = entries * this.#bufferMessages;
    const blockedSec = along > room ? (along - room) * meanSec : 0;
    const sentSec = readySec + blockedSec;
    this.#heldUpSec[row] += blockedSec;

    const networkSec = Math.max(hopsSec[route], (along * meanSec) / entries);
    const arrivesSec = sentSec + networkSec;
    const processingSec = this.#clock.processing[message];
    const freeSec = this.#freeSec[to];
    if (arrivesSec > freeSec) {
      this.#busySinceSec[to] = arrivesSec;
      this.#busyFrom[to] = row;
      this.#busyWaySec[to] = this.#heldUpSec[row] + networkSec;
    }
    const receivedSec = Math.max(freeSec, arrivesSec);
    const processedSec = Math.max(freeSec + processingSec, arrivesSec + processingSec);
    this.#freeSec[to] = processedSec;
    const place = this.#log(row, to, sentSec, receivedSec, processedSec, blockedSec);
    this.#enter(place, to, receivedSec, processingSec, route);
    const share = 1 / (entries + 1);
    for (let i = begin[route]; i < last; i++) density[ways[i]] += share;
    return Number.isNaN(networkSec) ? NaN : sentSec;
  }

  /** @returns the message's place in `lastMessages` */
  #log(
    from: number,
    to: number,
    sentSec: number,
    receivedSec: number,
    processedSec: number,
    blockedSec: number,
  ): number {
    return this.lastMessages.add(
      from,
      to,
      sentSec * NS_PER_SECOND,
      receivedSec * NS_PER_SECOND,
      processedSec * NS_PER_SECOND,
      blockedSec * NS_PER_SECOND,
    );
  }

  #enter(place: number, to: number, leaves: number, processingSec: number, route: number): void {
    const travelling = this.#travelling;
    const at = place * TRAVELLING.count;
    travelling[at + TRAVELLING.leaves] = leaves;
    travelling[at + TRAVELLING.processingSec] = processingSec;
    travelling[at + TRAVELLING.route] = route;
    travelling[at + TRAVELLING.following] = -1;
    if (this.#first[to] < 0) {
      this.#first[to] = place;
      this.#receivers.set(to, leaves);
    } else travelling[this.#last[to] * TRAVELLING.count + TRAVELLING.following] = place;
    this.#last[to] = place;
    this.#meanProcessingSec += (processingSec - this.#meanProcessingSec) / (this.#inNetwork + 1);
    this.#inNetwork++;
  }

  /** Takes out of the network what has been received: core by core, and for each in the order of entry. */
  #leave(now: number): void {
    const receivers = this.#receivers;
    if (receivers.topTime > now) return;
    if (!receivers.hasSecond(now)) {
      this.#leaveFor(receivers.top, now);
      return;
    }
    const leaving = this.#leaving;
    let count = 0;
    while (receivers.topTime <= now) {
      const row = receivers.top;
      receivers.set(row, Infinity);
      let at = count++;
      for (; at > 0 && leaving[at - 1] > row; at--) leaving[at] = leaving[at - 1];
      leaving[at] = row;
    }
    for (let i = 0; i < count; i++) this.#leaveFor(leaving[i], now);
  }

  /** Those to one core. */
  #leaveFor(row: number, now: number): void {
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
      const processingSec = travelling[at + TRAVELLING.processingSec];
      if (this.#inNetwork > 1)
        this.#meanProcessingSec += (this.#meanProcessingSec - processingSec) / (this.#inNetwork - 1);
      else this.#meanProcessingSec = 0;
      this.#inNetwork--;
    }
    this.#first[row] = place;
    this.#receivers.set(row, place < 0 ? Infinity : travelling[place * TRAVELLING.count + TRAVELLING.leaves]);
  }

  /** What came last, and where most of the time up to then went. */
  #decide(lastSendSec: number, lastSender: number, out: StepTime): void {
    let row = -1;
    let endSec = lastSendSec;
    for (let r = 0; r < this.#freeSec.length; r++) {
      if (this.#freeSec[r] <= endSec) continue;
      endSec = this.#freeSec[r];
      row = r;
    }
    out.timeNs = (endSec + this.barrierNs / NS_PER_SECOND) * NS_PER_SECOND;
    const sender = row < 0 ? lastSender : this.#busyFrom[row];
    const waySec = row < 0 ? (sender < 0 ? 0 : this.#heldUpSec[sender]) : this.#busyWaySec[row];
    const receptionSec = row < 0 ? 0 : endSec - this.#busySinceSec[row];
    const generationSec = endSec - receptionSec - waySec;
    if (receptionSec > generationSec && receptionSec > waySec) {
      out.core = row;
      out.phase = PHASE.reception;
    } else {
      out.core = sender;
      out.phase = sender < 0 ? PHASE.barrier : waySec > generationSec ? PHASE.network : PHASE.generation;
    }
  }
}
