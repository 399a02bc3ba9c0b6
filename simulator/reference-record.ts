import type { Network } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { DiagnosticSink } from "#util/diagnostic";
import { populationUnknown } from "./diagnostics-reference.ts";

/** Populations to record: those read out, all, or some by name. */
export type RecordSelection = "outputs" | "all" | readonly string[];

/** Indices of the populations that a selection names, ascending; unknown names go to the sink. */
export function selectPopulations(
  network: Network,
  selection: RecordSelection,
  sink: DiagnosticSink,
): number[] {
  if (selection === "all") return network.populations.map((_, p) => p);
  if (selection === "outputs") {
    return [...new Set(network.outputs.map((port) => port.population))].sort((a, b) => a - b);
  }
  const names = network.populations.map((population) => population.name);
  for (const name of selection) {
    if (!names.includes(name)) sink.report(populationUnknown({ name, populations: names }));
  }
  return names.flatMap((name, p) => (selection.includes(name) ? [p] : []));
}

/** Collects what one population gives, element by element, over all samples. */
export class ValueRecorder {
  readonly #shape: readonly number[];
  readonly #samples: SpikeEvents[] = [];
  #step: number[] = [];
  #index: number[] = [];
  #value: number[] = [];
  #onlyOnes = true;

  constructor(shape: readonly number[]) {
    this.#shape = shape;
  }

  /** Keeps the elements that are not zero. */
  add(step: number, values: Float64Array | Int32Array | Uint8Array): void {
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0) continue;
      this.#step.push(step);
      this.#index.push(i);
      this.#value.push(values[i]);
      if (values[i] !== 1) this.#onlyOnes = false;
    }
  }

  endSample(): void {
    const events = { step: Uint32Array.from(this.#step), index: Uint32Array.from(this.#index) };
    this.#samples.push(this.#onlyOnes ? events : { ...events, value: Float64Array.from(this.#value) });
    this.#step = [];
    this.#index = [];
    this.#value = [];
    this.#onlyOnes = true;
  }

  data(steps: number): SpikeData {
    return { steps, shape: this.#shape, samples: this.#samples };
  }
}
