import type { EventStream } from "../dataset.ts";

/** Collects the events of one sample. */
export interface EventBuffer {
  readonly count: number;
  /** @param index C-order index into the sample's shape */
  push(timeUs: number, index: number): void;
  /** What was pushed, ascending in time; events of one time stay in the order in which they came. */
  stream(): EventStream;
}

/** @param capacity no more events than this will be pushed */
export function createEventBuffer(capacity: number): EventBuffer {
  const timeUs = new Float64Array(capacity);
  const index = new Uint32Array(capacity);
  let count = 0;
  return {
    get count() {
      return count;
    },
    push: (time, place) => {
      timeUs[count] = time;
      index[count++] = place;
    },
    stream: () => inOrder({ timeUs: timeUs.slice(0, count), index: index.slice(0, count) }),
  };
}

/** The stream itself if its times ascend, else a copy in order: some cameras write a few events too late. */
export function inOrder(stream: EventStream): EventStream {
  const { timeUs, index } = stream;
  if (timeUs.every((time, i) => i === 0 || time >= timeUs[i - 1])) return stream;
  const order = Uint32Array.from(timeUs, (_, i) => i).sort((a, b) => timeUs[a] - timeUs[b] || a - b);
  return {
    timeUs: Float64Array.from(order, (i) => timeUs[i]),
    index: Uint32Array.from(order, (i) => index[i]),
  };
}

/** The same events with times that start from `startUs`. */
export function fromStart(stream: EventStream, startUs: number): EventStream {
  return { timeUs: stream.timeUs.map((time) => time - startUs), index: stream.index };
}
