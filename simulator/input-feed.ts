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

/** Values of one sample that stay until the next step's replace them: what drives biases. */
export interface HeldInput {
  /** Writes the values of a step to `target`, `[size]`; false if those of the step before hold on. Steps ascend from 0. */
  readonly hold: (step: number, target: Float64Array) => boolean;
}

/** The last of `steps` steps holds to the end; without any, everything is 0. */
export function heldOf(events: SpikeEvents, steps: number): HeldInput {
  const feed = feedOf(events);
  return {
    hold(step, target) {
      if (step > 0 && step >= steps) return false;
      target.fill(0);
      feed.add(step, target);
      return true;
    },
  };
}
