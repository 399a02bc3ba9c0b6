// A neuron as a black box: set its states and inputs, look at what it gives. Everything is done for all neurons of a
// layer at once; every array is `[size]`.
import { evaluate, type Expression } from "./expression.ts";

export interface NeuronBox {
  readonly size: number;
  /** What leaves the neuron. */
  readonly output: Expression;
  /** States and how each continues. */
  readonly next: ReadonlyMap<string, Expression>;
  /** Populations that feed it. */
  readonly flows: readonly number[];
}

export interface BoxStep {
  readonly output: Float64Array;
  readonly next: ReadonlyMap<string, Float64Array>;
}

/** One step from the given states and inputs; what is left out is 0. */
export function stepBox(
  box: NeuronBox,
  states: ReadonlyMap<string, Float64Array>,
  inputs: ReadonlyMap<number, Float64Array>,
): BoxStep {
  const zero = new Float64Array(1);
  const leaves = {
    flow: (population: number) => inputs.get(population) ?? zero,
    state: (name: string) => states.get(name) ?? zero,
  };
  return {
    output: evaluate(box.output, leaves, box.size),
    next: new Map([...box.next].map(([name, expression]) => [name, evaluate(expression, leaves, box.size)])),
  };
}

/** The same number for all neurons. */
export const all = (size: number, value: number): Float64Array => new Float64Array(size).fill(value);

/**
 * Where a rising yes-or-no changes, for every neuron: neighbouring doubles with `no` below and `yes` above.
 *
 * @returns undefined if some neuron never says yes below 2^40, or says yes at `from`
 */
export function risingEdge(
  size: number,
  from: number,
  isYes: (x: Float64Array) => ArrayLike<boolean>,
): { no: Float64Array; yes: Float64Array } | undefined {
  const no = all(size, from);
  const yes = new Float64Array(size).fill(NaN);
  const first = isYes(no);
  for (let i = 0; i < size; i++) if (first[i]) return undefined;
  for (let reach = 1; reach <= 2 ** 40; reach *= 2) {
    const tried = no.map((_, i) => (Number.isNaN(yes[i]) ? reach : yes[i]));
    const answers = isYes(tried);
    for (let i = 0; i < size; i++) {
      if (!Number.isNaN(yes[i])) continue;
      if (answers[i]) yes[i] = reach;
      else no[i] = reach;
    }
  }
  if (yes.some(Number.isNaN)) return undefined;
  // 1100 halvings take any two doubles to neighbours; 80 are enough for those in one binade.
  for (let round = 0; round < 1100; round++) {
    const middle = no.map((low, i) => low + (yes[i] - low) / 2);
    if (middle.every((value, i) => value === no[i] || value === yes[i])) return { no, yes };
    const answers = isYes(middle);
    for (let i = 0; i < size; i++) {
      if (middle[i] === no[i] || middle[i] === yes[i]) continue;
      if (answers[i]) yes[i] = middle[i];
      else no[i] = middle[i];
    }
  }
  return { no, yes };
}
