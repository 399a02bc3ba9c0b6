import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { DiagnosticSink } from "#util/diagnostic";
import * as messages from "./diagnostics.ts";

/** Numbers in C order. */
export interface DenseArray {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/**
 * A dense array `[samples, steps, ...shape]` or `[steps, ...shape]` as events.
 *
 * The shape of the input decides which of the two it is; flattened inputs are accepted. Without it, an array
 * of two dimensions is `[steps, neurons]`, and one of more is `[samples, steps, ...shape]`.
 *
 * @param expected shape of one step, if it is known
 */
export function fromDense(
  array: DenseArray,
  expected: readonly number[] | undefined,
  where: string,
  sink: DiagnosticSink,
): SpikeData | undefined {
  const leading = leadingDimensions(array.shape, expected);
  if (leading === undefined) {
    sink.report(messages.wrongShape({ where, shape: array.shape, ...(expected ? { expected } : {}) }));
    return undefined;
  }
  if (!checkFinite(array.data, where, sink)) return undefined;
  const shape = expected ?? array.shape.slice(leading);
  const size = sizeOf(shape);
  const steps = array.shape[leading - 1];
  const samples = leading === 2 ? array.shape[0] : 1;
  return {
    steps,
    shape,
    samples: Array.from({ length: samples }, (_, s) => eventsOf(array.data, s * steps * size, steps, size)),
  };
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, length) => product * length, 1);

/** How many dimensions come before those of one step: 1 (steps) or 2 (samples and steps). */
function leadingDimensions(
  shape: readonly number[],
  expected: readonly number[] | undefined,
): 1 | 2 | undefined {
  if (expected === undefined) return shape.length < 2 ? undefined : shape.length === 2 ? 1 : 2;
  const fits = (leading: 1 | 2, isExact: boolean): boolean => {
    const step = shape.slice(leading);
    if (shape.length < leading) return false;
    return isExact
      ? step.length === expected.length && step.every((length, d) => length === expected[d])
      : sizeOf(step) === sizeOf(expected);
  };
  const ways = [true, false].flatMap((isExact) =>
    ([1, 2] as const).filter((leading) => fits(leading, isExact)),
  );
  return ways[0];
}

/** Reports NaN and infinity; true if there are none. */
export function checkFinite(data: ArrayLike<number>, where: string, sink: DiagnosticSink): boolean {
  let count = 0;
  let first = -1;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    if (count === 0) first = i;
    count++;
  }
  if (count > 0) sink.report(messages.notFinite({ where, count, first }));
  return count === 0;
}

function eventsOf(data: ArrayLike<number>, start: number, steps: number, size: number): SpikeEvents {
  const end = start + steps * size;
  let events = 0;
  let areOnes = true;
  for (let k = start; k < end; k++) {
    if (data[k] === 0) continue;
    events++;
    if (data[k] !== 1) areOnes = false;
  }
  const step = new Uint32Array(events);
  const index = new Uint32Array(events);
  const value = new Float64Array(areOnes ? 0 : events);
  let e = 0;
  for (let t = 0, k = start; t < steps; t++) {
    for (let i = 0; i < size; i++, k++) {
      if (data[k] === 0) continue;
      step[e] = t;
      index[e] = i;
      if (!areOnes) value[e] = data[k];
      e++;
    }
  }
  return areOnes ? { step, index } : { step, index, value };
}
