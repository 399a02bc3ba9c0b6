import type { AxonGraph } from "#ir/axon-graph";
import { growUint32 } from "./grow.ts";

/** Spikes between cores: what placing decides on. */
export interface CoreTraffic {
  readonly cores: number;
  /** Axons that go from one core to the same other cores are one flow. */
  readonly flows: number;
  /** `[flows]` */
  readonly source: Uint32Array;
  readonly spikes: Float64Array;
  /** `[flows + 1]` into `sink`: the other cores that hold targets, ascending. */
  readonly sinkStart: Uint32Array;
  readonly sink: Uint32Array;
  /** `[neurons]`, flow of each axon, -1 where it stays in its core; only where the traffic was made from axons. */
  readonly flowOf?: Int32Array;
}

/** Flows of a partition, in the order of their first neurons. @param coreOf `[neurons]` */
export function coreTraffic(
  { neurons, axonStart, target, rate }: AxonGraph,
  coreOf: ArrayLike<number>,
  cores: number,
): CoreTraffic {
  const stamp = new Int32Array(cores).fill(-1);
  const reached = new Uint32Array(cores);
  const flowOf = new Int32Array(neurons).fill(-1);
  const table = new FlowTable();
  for (let n = 0; n < neurons; n++) {
    const own = coreOf[n];
    let count = 0;
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++) {
      const core = coreOf[target[s]];
      if (core === own || stamp[core] === n) continue;
      stamp[core] = n;
      reached[count++] = core;
    }
    if (count > 0) flowOf[n] = table.add(own, reached.subarray(0, count).sort(), rate[n]);
  }
  return { cores, ...table.finish(), flowOf };
}

/** Flows by source and sinks: a hash table of their numbers, without a string for each axon. */
class FlowTable {
  #flows = 0;
  #source = new Uint32Array(64);
  #spikes: number[] = [];
  #sinkStart = new Uint32Array(64);
  #sink = new Uint32Array(256);
  /** Flow + 1 at a place that its hash leads to, 0 where free; a power of two long, at most half full. */
  #slots = new Int32Array(256);

  add(source: number, sinks: Uint32Array, spikes: number): number {
    const slot = this.#find(source, sinks);
    const known = this.#slots[slot] - 1;
    if (known >= 0) {
      this.#spikes[known] += spikes;
      return known;
    }
    const flow = this.#flows++;
    const from = this.#sinkStart[flow];
    this.#source = growUint32(this.#source, flow + 1);
    this.#sinkStart = growUint32(this.#sinkStart, flow + 2);
    this.#sink = growUint32(this.#sink, from + sinks.length);
    this.#source[flow] = source;
    this.#spikes.push(spikes);
    this.#sink.set(sinks, from);
    this.#sinkStart[flow + 1] = from + sinks.length;
    this.#slots[slot] = flow + 1;
    if (2 * this.#flows > this.#slots.length) this.#rehash();
    return flow;
  }

  finish(): Omit<CoreTraffic, "cores"> {
    const flows = this.#flows;
    return {
      flows,
      source: this.#source.slice(0, flows),
      spikes: Float64Array.from(this.#spikes),
      sinkStart: this.#sinkStart.slice(0, flows + 1),
      sink: this.#sink.slice(0, this.#sinkStart[flows]),
    };
  }

  #find(source: number, sinks: Uint32Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(source, sinks) & mask;
    while (this.#slots[slot] > 0 && !this.#equals(this.#slots[slot] - 1, source, sinks))
      slot = (slot + 1) & mask;
    return slot;
  }

  #equals(flow: number, source: number, sinks: Uint32Array): boolean {
    const from = this.#sinkStart[flow];
    if (this.#source[flow] !== source || this.#sinkStart[flow + 1] - from !== sinks.length) return false;
    for (let i = 0; i < sinks.length; i++) if (this.#sink[from + i] !== sinks[i]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let flow = 0; flow < this.#flows; flow++) {
      const sinks = this.#sink.subarray(this.#sinkStart[flow], this.#sinkStart[flow + 1]);
      this.#slots[this.#find(this.#source[flow], sinks)] = flow + 1;
    }
  }
}

function hashOf(source: number, sinks: Uint32Array): number {
  let hash = Math.imul(source + 1, 0x9e3779b1);
  for (const sink of sinks) hash = Math.imul(hash ^ (sink + 0x7f4a7c15), 0x85ebca6b) ^ (hash >>> 13);
  return (hash ^ (hash >>> 16)) >>> 0;
}
