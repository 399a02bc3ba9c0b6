import { invariant } from "#util/diagnostic";
import { MessageLog } from "../message-log.ts";
import { PHASE } from "../timing.ts";
import { EventQueue } from "./event-queue.ts";
import { DIRECTIONS, type NocMesh } from "./mesh.ts";
import type { NocSettings } from "./settings.ts";
import { MulticastTrees } from "./trees.ts";
import { wiringOf, type Wiring } from "./wiring.ts";

/** Messages of a step, as the message clock lists them. */
export interface MessageList {
  /** `[rows + 1]` */
  readonly begin: Uint32Array;
  readonly count: number;
  /** Receiving row, or -1: what a core does after its last message. */
  readonly to: Int32Array;
  /** Messages of one neuron follow each other. */
  readonly neuron: Uint32Array;
  readonly generationNs: Float64Array;
  readonly processingNs: Float64Array;
}

// Events. The code is index x 4 + kind.
const SEND = 0; // a core (row) has made its next message
const ARRIVE = 1; // the first flit of a packet is at the next router
const LEAVE = 2; // the last flit of a lane's first packet has left
const FREE = 3; // an output can take another; or, beyond the outputs, a core takes its next message in

const WAYS = DIRECTIONS.length;

/**
 * One step of a mesh of routers with input buffers, message by message; see the README of the simulator for the rules.
 * Exact: nothing is sampled by a clock, and events of one time have the same effect in any order, because everything that
 * is due happens before any router decides, and no two routers decide about the same buffer.
 */
export class NocNetwork {
  /** Of the step that ran last. */
  readonly times: MessageLog = new MessageLog();
  /** By entry of `times`, which message of the list it was; -1: the host's. */
  order: Int32Array = new Int32Array(0);
  /** `[routers, 4]`, messages over each link, all networks together. */
  readonly linkMessages: Float64Array;
  endNs = 0;
  endRow = -1;
  endPhase = 0;

  readonly #mesh: NocMesh;
  readonly #settings: NocSettings;
  readonly #wiring: Wiring;
  readonly #trees: MulticastTrees | undefined;
  readonly #events = new EventQueue();

  // Lanes: a list of packets each, the first of which asks for outputs (bits as in MulticastTrees.outputs).
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  /** Packets in the lane or on their way to it. */
  readonly #held: Int32Array;
  readonly #asked: Int32Array;
  readonly #leaveNs: Float64Array;
  /** Output that gets free when the first packet leaves, or -1. */
  readonly #leftBy: Int32Array;

  // Outputs.
  readonly #asking: Int32Array;
  /** The lanes that ask, exclusively or-ed: of a single one, its number. */
  readonly #askers: Int32Array;
  readonly #freeNs: Float64Array;
  readonly #turn: Int32Array;
  readonly #isDue: Uint8Array;
  readonly #due: Int32Array;
  #dueCount = 0;

  // Packets: a message (or all of a spike's) at one place; -1 ends the list of unused ones.
  #next = new Int32Array(64);
  #lane = new Int32Array(64);
  #message = new Int32Array(64);
  #node = new Int32Array(64);
  #unused = -1;
  #packets = 0;

  // Cores, by row.
  readonly #upNext: Uint32Array;
  readonly #sent: Uint32Array;
  readonly #readyNs: Float64Array;
  readonly #isStuck: Uint8Array;
  readonly #blockedNs: Float64Array;
  readonly #generatedNs: Float64Array;
  readonly #waiting: Int32Array;
  readonly #servedNs: Float64Array;
  readonly #burst: Burst;

  // Messages: who sent them, when each entered the network, how long it and all before it were held up.
  #sender = new Int32Array(0);
  #sendNs = new Float64Array(0);
  #heldUpNs = new Float64Array(0);
  #heldUpInAllNs = new Float64Array(0);

  /** Entries of `times` in the end. */
  #expected = 0;
  #list: MessageList = {
    begin: new Uint32Array(1),
    count: 0,
    to: new Int32Array(0),
    neuron: new Uint32Array(0),
    generationNs: new Float64Array(0),
    processingNs: new Float64Array(0),
  };

  constructor(mesh: NocMesh, settings: NocSettings, coreIds: Uint32Array) {
    const wiring = wiringOf(mesh, settings, coreIds);
    const { lanes, outputs } = wiring;
    const rows = coreIds.length;
    this.#mesh = mesh;
    this.#settings = settings;
    this.#wiring = wiring;
    this.#trees = settings.isMulticast
      ? new MulticastTrees(mesh, wiring.routerOfRow, wiring.portOfRow)
      : undefined;
    this.linkMessages = new Float64Array(mesh.routers * WAYS);
    this.#first = new Int32Array(lanes).fill(-1);
    this.#last = new Int32Array(lanes).fill(-1);
    this.#held = new Int32Array(lanes);
    this.#asked = new Int32Array(lanes);
    this.#leaveNs = new Float64Array(lanes);
    this.#leftBy = new Int32Array(lanes).fill(-1);
    this.#asking = new Int32Array(outputs);
    this.#askers = new Int32Array(outputs);
    this.#freeNs = new Float64Array(outputs);
    this.#turn = new Int32Array(outputs);
    this.#isDue = new Uint8Array(outputs);
    this.#due = new Int32Array(outputs);
    this.#upNext = new Uint32Array(rows);
    this.#sent = new Uint32Array(rows);
    this.#readyNs = new Float64Array(rows);
    this.#isStuck = new Uint8Array(rows);
    this.#blockedNs = new Float64Array(rows);
    this.#generatedNs = new Float64Array(rows);
    this.#waiting = new Int32Array(rows);
    this.#servedNs = new Float64Array(rows);
    this.#burst = {
      startNs: new Float64Array(rows),
      sendNs: new Float64Array(rows),
      blockedNs: new Float64Array(rows),
      from: new Int32Array(rows),
    };
  }

  /** Starts a step. The list must hold until `run` is done, and have no NaN. */
  begin(list: MessageList, hostMessages = 0): void {
    this.#list = list;
    this.#expected = list.count + hostMessages;
    this.#reserve(list.count, hostMessages);
    this.linkMessages.fill(0);
    this.#freeNs.fill(0);
    this.#turn.fill(0);
    this.#sent.fill(0);
    this.#blockedNs.fill(0);
    this.#generatedNs.fill(0);
    this.#servedNs.fill(0);
    this.#burst.startNs.fill(0);
    this.#burst.sendNs.fill(0);
    this.#burst.blockedNs.fill(0);
    this.#burst.from.fill(-1);
  }

  /** A message from outside, in order: it is at its receiver when the step begins. After `begin`, before `run`. */
  host(row: number, processingNs: number): void {
    const receivedNs = this.#servedNs[row];
    this.#servedNs[row] += processingNs;
    this.order[this.times.add(-1, row, 0, receivedNs, this.#servedNs[row], 0)] = -1;
  }

  run(): void {
    const events = this.#events;
    const rows = this.#upNext.length;
    for (let row = 0; row < rows; row++) {
      this.#upNext[row] = this.#list.begin[row];
      this.#generate(row, 0);
    }
    while (events.size > 0) {
      const ns = events.nextNs;
      do {
        do this.#handle(events.pop(), ns);
        while (events.size > 0 && events.nextNs === ns);
        this.#decide(ns);
      } while (events.size > 0 && events.nextNs === ns);
    }
    this.#conclude();
  }

  #handle(code: number, ns: number): void {
    const index = code >> 2;
    switch (code & 3) {
      case SEND:
        this.#send(index, ns);
        break;
      case ARRIVE:
        this.#arrive(index);
        break;
      case LEAVE:
        this.#leave(index, ns);
        break;
      case FREE: {
        const row = index - this.#wiring.outputs;
        if (row < 0) this.#makeDue(index);
        else {
          this.#waiting[row]--;
          this.#makeDue(this.#outputOf(row));
        }
      }
    }
  }

  /** A core begins with its next message. */
  #generate(row: number, ns: number): void {
    const { begin, to, generationNs } = this.#list;
    const message = this.#upNext[row];
    if (message === begin[row + 1]) return;
    const readyNs = ns + generationNs[message];
    this.#generatedNs[row] = readyNs;
    if (to[message] >= 0) {
      this.#readyNs[row] = readyNs;
      this.#events.push(readyNs, row * 4 + SEND);
    } else {
      this.#upNext[row]++;
      this.order[this.times.add(row, -1, readyNs, readyNs, readyNs, 0)] = message;
    }
  }

  /** A core puts its message into the network, or waits for room. */
  #send(row: number, ns: number): void {
    const { networks, channels, bufferMessages } = this.#settings;
    const { ports, routerOfRow, portOfRow } = this.#wiring;
    const turn = this.#sent[row];
    const site = routerOfRow[row] * networks + (turn % networks);
    const channel = Math.floor(turn / networks) % channels;
    const lane = (site * ports + WAYS + portOfRow[row]) * channels + channel;
    if (this.#held[lane] >= bufferMessages) {
      this.#isStuck[row] = 1;
      return;
    }
    this.#isStuck[row] = 0;
    this.#sent[row]++;
    const { to, neuron, begin } = this.#list;
    const message = this.#upNext[row];
    let end = message + 1;
    let node = -1;
    if (this.#trees !== undefined) {
      while (end < begin[row + 1] && to[end] >= 0 && neuron[end] === neuron[message]) end++;
      node = this.#trees.rootOf(neuron[message], row, to, message, end);
    }
    const heldUpNs = ns - this.#readyNs[row];
    this.#blockedNs[row] += heldUpNs;
    this.#sender[message] = row;
    this.#sendNs[message] = ns;
    this.#heldUpNs[message] = heldUpNs;
    this.#heldUpInAllNs[message] = this.#blockedNs[row];
    this.#upNext[row] = end;
    this.#held[lane]++;
    this.#arrive(this.#packet(lane, message, node));
    this.#generatedNs[row] = ns;
    this.#generate(row, ns);
  }

  #arrive(packet: number): void {
    const lane = this.#lane[packet];
    this.#next[packet] = -1;
    if (this.#first[lane] < 0) {
      this.#first[lane] = packet;
      this.#last[lane] = packet;
      this.#ask(lane, packet);
    } else {
      this.#next[this.#last[lane]] = packet;
      this.#last[lane] = packet;
    }
  }

  #leave(lane: number, ns: number): void {
    const packet = this.#first[lane];
    const next = this.#next[packet];
    this.#first[lane] = next;
    this.#held[lane]--;
    this.#next[packet] = this.#unused;
    this.#unused = packet;
    if (this.#leftBy[lane] >= 0) this.#makeDue(this.#leftBy[lane]);
    const row = this.#wiring.injector[lane];
    if (row < 0) this.#makeDue(this.#wiring.feeder[lane]);
    else if (this.#isStuck[row] === 1) this.#send(row, ns);
    if (next >= 0) this.#ask(lane, next);
  }

  /** The first packet of a lane asks for the outputs it has to leave by. */
  #ask(lane: number, packet: number): void {
    const { routerOfLane, siteOfLane, firstCore, routerOfRow, portOfRow } = this.#wiring;
    const router = routerOfLane[lane];
    let asked: number;
    if (this.#trees !== undefined) asked = this.#trees.outputs[this.#node[packet]];
    else {
      const row = this.#list.to[this.#message[packet]];
      const way = this.#mesh.towards(router, routerOfRow[row]);
      asked = 1 << (way >= 0 ? way : WAYS + portOfRow[row]);
    }
    this.#asked[lane] = asked;
    this.#leaveNs[lane] = 0;
    for (let rest = asked; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      const output =
        bit < WAYS
          ? siteOfLane[lane] * WAYS + bit
          : firstCore + router * this.#mesh.coresPerTile + (bit - WAYS);
      this.#asking[output]++;
      this.#askers[output] ^= lane;
      this.#makeDue(output);
    }
  }

  #makeDue(output: number): void {
    if (this.#isDue[output] === 1) return;
    this.#isDue[output] = 1;
    this.#due[this.#dueCount++] = output;
  }

  #decide(ns: number): void {
    const { firstCore } = this.#wiring;
    for (let i = 0; i < this.#dueCount; i++) {
      const output = this.#due[i];
      this.#isDue[output] = 0;
      if (this.#asking[output] === 0 || this.#freeNs[output] > ns) continue;
      if (output < firstCore) this.#decideLink(output, ns);
      else this.#decideCore(output, ns);
    }
    this.#dueCount = 0;
  }

  /** Lanes that ask take turns; one passes if its own channel has room at the other end. */
  #decideLink(output: number, ns: number): void {
    const { channels, bufferMessages } = this.#settings;
    const { ports, target, latencyNs } = this.#wiring;
    const size = ports * channels;
    const firstLane = (output >> 2) * size;
    const bit = 1 << (output & 3);
    for (let left = this.#asking[output], place = this.#start(output, firstLane); left > 0; place++) {
      if (place >= size) place -= size;
      const lane = firstLane + place;
      if ((this.#asked[lane] & bit) === 0) continue;
      left--;
      const next = target[output] + (place % channels);
      if (this.#held[next] >= bufferMessages) continue;
      this.#held[next]++;
      const packet = this.#first[lane];
      const node = this.#trees === undefined ? -1 : this.#trees.child(this.#node[packet], output & 3);
      const copy = this.#packet(next, this.#message[packet], node);
      this.#events.push(ns + latencyNs[output], copy * 4 + ARRIVE);
      const router = this.#wiring.routerOfLane[lane];
      this.linkMessages[router * WAYS + (output & 3)]++;
      this.#grant(lane, bit, output, place + 1 === size ? 0 : place + 1, ns);
      return;
    }
  }

  /** Lanes of all networks take turns at the core's queue. */
  #decideCore(output: number, ns: number): void {
    const { networks, channels, receiveMessages } = this.#settings;
    const { ports, firstCore, receiver } = this.#wiring;
    const row = receiver[output];
    if (this.#waiting[row] >= receiveMessages) return;
    const router = Math.floor((output - firstCore) / this.#mesh.coresPerTile);
    const port = (output - firstCore) % this.#mesh.coresPerTile;
    const size = networks * ports * channels;
    const firstLane = router * size;
    const bit = 1 << (WAYS + port);
    for (let place = this.#start(output, firstLane); ; place++) {
      if (place >= size) place -= size;
      const lane = firstLane + place;
      if ((this.#asked[lane] & bit) === 0) continue;
      this.#deliver(lane, port, row, ns);
      this.#grant(lane, bit, output, place + 1 === size ? 0 : place + 1, ns);
      return;
    }
  }

  /** Where to look for the next lane: at the one whose turn it is, or the only one there is. */
  #start(output: number, firstLane: number): number {
    return this.#asking[output] === 1 ? this.#askers[output] - firstLane : this.#turn[output];
  }

  #grant(lane: number, bit: number, output: number, turn: number, ns: number): void {
    const freeNs = ns + this.#wiring.busyNs[output];
    this.#turn[output] = turn;
    this.#asking[output]--;
    this.#askers[output] ^= lane;
    this.#freeNs[output] = freeNs;
    this.#asked[lane] &= ~bit;
    this.#leaveNs[lane] = Math.max(this.#leaveNs[lane], freeNs);
    // The last copy leaves lane and output at once: one event for both.
    const isLast = this.#asked[lane] === 0;
    if (isLast && this.#leaveNs[lane] === freeNs) this.#leftBy[lane] = output;
    else {
      this.#events.push(freeNs, output * 4 + FREE);
      this.#leftBy[lane] = -1;
    }
    if (isLast) this.#events.push(this.#leaveNs[lane], lane * 4 + LEAVE);
  }

  /** A packet's messages for a core: they are served in the order in which they are let in. */
  #deliver(lane: number, port: number, row: number, ns: number): void {
    const isOfTile = this.#wiring.injector[lane] >= 0;
    const arrivedNs = ns + this.#settings.tailNs + (isOfTile ? this.#settings.tileHopNs : 0);
    const packet = this.#first[lane];
    const message = this.#message[packet];
    const startNs = Math.max(arrivedNs, this.#servedNs[row]);
    if (this.#trees === undefined) this.#serve(message, message, row, arrivedNs);
    else {
      const trees = this.#trees;
      let at = trees.delivery(this.#node[packet], port);
      for (let offset = trees.message(at); offset >= 0; offset = trees.message(++at))
        this.#serve(message + offset, message, row, arrivedNs);
    }
    if (startNs === ns) return;
    this.#waiting[row]++;
    this.#events.push(startNs, (this.#wiring.outputs + row) * 4 + FREE);
  }

  /** @param sent the message that entered the network for it: its own, or the first of its spike */
  #serve(message: number, sent: number, row: number, arrivedNs: number): void {
    const { startNs, sendNs, blockedNs, from } = this.#burst;
    if (arrivedNs >= this.#servedNs[row]) {
      startNs[row] = arrivedNs;
      sendNs[row] = this.#sendNs[sent];
      blockedNs[row] = this.#heldUpInAllNs[sent];
      from[row] = this.#sender[sent];
    }
    const receivedNs = Math.max(arrivedNs, this.#servedNs[row]);
    const processedNs = receivedNs + this.#list.processingNs[message];
    this.#servedNs[row] = processedNs;
    const sentNs = this.#sendNs[sent];
    const heldUpNs = this.#heldUpNs[sent];
    const at = this.times.add(this.#sender[sent], row, sentNs, receivedNs, processedNs, heldUpNs);
    this.order[at] = message;
  }

  /** What came last, and where most of the time up to then went. */
  #conclude(): void {
    invariant(this.times.count === this.#expected, "every message is delivered once");
    const { startNs, sendNs, blockedNs, from } = this.#burst;
    this.endNs = 0;
    this.endRow = -1;
    this.endPhase = PHASE.barrier;
    for (let row = 0; row < this.#servedNs.length; row++) {
      const generatedNs = this.#generatedNs[row];
      if (generatedNs > this.endNs) {
        const heldUpNs = this.#blockedNs[row];
        this.#endWith(generatedNs, row, row, generatedNs - heldUpNs, 0, heldUpNs);
      }
      const servedNs = this.#servedNs[row];
      if (servedNs > this.endNs) {
        const networkNs = startNs[row] - sendNs[row] + blockedNs[row];
        const generationNs = sendNs[row] - blockedNs[row];
        this.#endWith(servedNs, from[row], row, generationNs, servedNs - startNs[row], networkNs);
      }
    }
  }

  #endWith(
    ns: number,
    sender: number,
    receiver: number,
    generationNs: number,
    receptionNs: number,
    networkNs: number,
  ): void {
    this.endNs = ns;
    if (receptionNs > generationNs && receptionNs > networkNs) {
      this.endRow = receiver;
      this.endPhase = PHASE.reception;
    } else {
      this.endRow = sender;
      this.endPhase = networkNs > generationNs ? PHASE.network : PHASE.generation;
    }
  }

  #outputOf(row: number): number {
    const { firstCore, routerOfRow, portOfRow } = this.#wiring;
    return firstCore + routerOfRow[row] * this.#mesh.coresPerTile + portOfRow[row];
  }

  #packet(lane: number, message: number, node: number): number {
    let packet = this.#unused;
    if (packet >= 0) this.#unused = this.#next[packet];
    else {
      packet = this.#packets++;
      if (packet === this.#next.length) {
        this.#next = longer(this.#next);
        this.#lane = longer(this.#lane);
        this.#message = longer(this.#message);
        this.#node = longer(this.#node);
      }
    }
    this.#lane[packet] = lane;
    this.#message[packet] = message;
    this.#node[packet] = node;
    return packet;
  }

  #reserve(messages: number, hostMessages: number): void {
    this.times.reset(messages + hostMessages);
    const length = this.times.capacity;
    if (length === this.order.length) return;
    this.order = new Int32Array(length);
    this.#sender = new Int32Array(length);
    this.#sendNs = new Float64Array(length);
    this.#heldUpNs = new Float64Array(length);
    this.#heldUpInAllNs = new Float64Array(length);
  }
}

/**
 * `[rows]`, of the message since which a core has been busy without a break: when it came in, when it was sent, for how
 * long its sender had been held up until then, and who that is (-1: nobody, or the host).
 */
interface Burst {
  readonly startNs: Float64Array;
  readonly sendNs: Float64Array;
  readonly blockedNs: Float64Array;
  readonly from: Int32Array;
}

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 * array.length);
  copy.set(array);
  return copy;
}
