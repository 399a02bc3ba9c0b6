import type { Network } from "#ir/network";
import { attribute } from "../proto.ts";
import type { Value } from "./connect.ts";
import type { Constants } from "./constants.ts";
import type { Names } from "./names.ts";
import type { NodeList } from "./nodes.ts";

/** A delay line as a state: `[batch, ...shape]` of one step, `[batch, depth, ...shape]` of several, newest first. */
export interface LineState {
  readonly input: string;
  readonly output: string;
  /** Behind the batch axis. */
  readonly shape: readonly number[];
}

/** What populations sent in earlier steps: one line for each that sends with a delay, as long as the longest one. */
export class DelayLines {
  readonly #constants: Constants;
  readonly #step: NodeList;
  readonly #populations: Network["populations"];
  readonly #lines = new Map<number, { readonly tensor: string; readonly depth: number }>();

  constructor({ populations, projections }: Network, names: Names, constants: Constants, step: NodeList) {
    this.#constants = constants;
    this.#step = step;
    this.#populations = populations;
    const depths = new Map<number, number>();
    for (const { pre, delaySteps } of projections)
      if (delaySteps > 0) depths.set(pre, Math.max(depths.get(pre) ?? 0, delaySteps));
    for (const [pre, depth] of depths)
      this.#lines.set(pre, { tensor: names.take(`state.${populations[pre].name}.sent`), depth });
  }

  /** What a population sent so many steps ago; zeros before the first step. */
  sent(pre: number, delaySteps: number): Value {
    const { name, shape } = this.#populations[pre];
    const { tensor, depth } = this.#lines.get(pre)!;
    if (depth === 1) return { tensor, shape };
    const index = this.#constants.scalar(delaySteps - 1);
    const axis = attribute("axis", { int: 1 });
    return {
      tensor: this.#step.op("Gather", [tensor, index], `${name}/sent_${delaySteps}_ago`, [axis]),
      shape,
    };
  }

  /** Moves every line on by a step. */
  close(values: readonly Value[]): LineState[] {
    return [...this.#lines].map(([pre, { tensor: input, depth }]) => {
      const { tensor, shape } = values[pre];
      const next = depth === 1 ? tensor : this.#shifted(input, depth, tensor);
      return {
        input,
        output: this.#step.op("Identity", [next], `${input}.next`),
        shape: depth === 1 ? shape : [depth, ...shape],
      };
    });
  }

  #shifted(line: string, depth: number, newest: string): string {
    const first = this.#step.op("Unsqueeze", [newest, this.#constants.list([1])], `${line}.newest`);
    const bounds = [[0], [depth - 1], [1]].map((list) => this.#constants.list(list));
    const older = this.#step.op("Slice", [line, ...bounds], `${line}.older`);
    return this.#step.op("Concat", [first, older], `${line}.line`, [attribute("axis", { int: 1 })]);
  }
}
