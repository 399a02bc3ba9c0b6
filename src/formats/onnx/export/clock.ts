import type { PeriodicReset } from "#ir/network";
import type { Constants } from "./constants.ts";
import type { Names } from "./names.ts";
import type { NodeList } from "./nodes.ts";

/**
 * What a step knows of time: a counter that is a state of the graph, `[batch]`, once anything asks for it.
 * Conditions have axes of length 1 behind the batch, as many as a population's shape.
 */
export class Clock {
  readonly #names: Names;
  readonly #constants: Constants;
  readonly #step: NodeList;
  #counter: string | undefined;

  constructor(names: Names, constants: Constants, step: NodeList) {
    this.#names = names;
    this.#constants = constants;
    this.#step = step;
  }

  /** True in a step and after it. */
  reached(step: number, rank: number): string {
    const limit = this.#constants.list([step]);
    const isBefore = this.#step.op("Less", [this.#read(), limit], `before_${step}`);
    return this.#withAxes(this.#step.op("Not", [isBefore], `from_${step}`), rank);
  }

  /** True in the steps in which a population that starts at `startStep` forgets everything. */
  resets({ intervalSteps, offsetSteps }: PeriodicReset, startStep: number, rank: number): string {
    const [start, interval, offset] = [startStep, intervalSteps, offsetSteps].map((steps) =>
      this.#constants.list([steps]),
    );
    const own = this.#step.op("Sub", [this.#read(), start], "reset/own_step");
    const phase = this.#step.op("Mod", [own, interval], "reset/phase");
    return this.#withAxes(this.#step.op("Equal", [phase, offset], "reset/now"), rank);
  }

  /** Names of the counter before and after the step, where there is one. */
  close(): { readonly input: string; readonly output: string } | undefined {
    if (this.#counter === undefined) return undefined;
    const one = this.#constants.list([1]);
    const output = this.#step.op("Add", [this.#counter, one], `${this.#counter}.next`);
    return { input: this.#counter, output };
  }

  #read(): string {
    return (this.#counter ??= this.#names.take("state.step"));
  }

  #withAxes(flags: string, rank: number): string {
    if (rank === 0) return flags;
    const axes = this.#constants.list(Array.from({ length: rank }, (_, axis) => axis + 1));
    return this.#step.op("Unsqueeze", [flags, axes], `${flags}/rank_${rank}`);
  }
}
