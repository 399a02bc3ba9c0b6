import type { SpikeEvents } from "#ir/spikes";

/** Reads the events of one sample, step by step. */
export interface InputFeed {
  /** Adds the values of a step to `target`, `[size]`. Steps are asked for in ascending order. */
  readonly add: (step: number, target: Float64Array) => void;
}

/** A feed of one sample; data that end earlier are followed by zeros. */
export function feedOf(events: SpikeEvents): InputFeed {
  let next = 0;
  return {
    add(step, target) {
      while (next < events.step.length && events.step[next] < step) next++;
      for (; next < events.step.length && events.step[next] === step; next++) {
        target[events.index[next]] += events.value === undefined ? 1 : events.value[next];
      }
    },
  };
}
