import type { Deployment } from "#ir/deployment";
import type { DiagnosticSink } from "#util/diagnostic";
import type { Observer } from "../activity.ts";
import { recordUnknown } from "../diagnostics.ts";
import { isSampleInside, isStepInside, type TraceWindow } from "./window.ts";

/** What to watch: the membrane (v) or the synaptic current (u) of every neuron of a population. */
export interface MembraneRequest {
  readonly population: string;
  readonly state: "u" | "v";
}

/** What was seen, after each step, in the integers (or reals) of the neuron model. */
export interface MembraneRecord extends MembraneRequest {
  readonly shape: readonly number[];
  /** First model step: row r of a sample is step firstStep + r. */
  readonly firstStep: number;
  /** First sample. */
  readonly firstSample: number;
  /** `[steps, size]` for each sample, C order. */
  readonly samples: readonly Float64Array[];
}

/**
 * Watches the state of populations. Steps are the model's: the start step of the population is taken off.
 *
 * @param steps model steps of a sample
 * @param sink  gets `simulate/record-unknown` for populations that are not on cores
 */
export function createMembraneRecorder(
  { populations }: Deployment,
  requests: readonly MembraneRequest[],
  steps: number,
  window: TraceWindow,
  sink: DiagnosticSink,
): { readonly observe: Observer; readonly records: () => MembraneRecord[] } {
  const mapped = populations.filter(({ core }) => core.length > 0).map(({ name }) => name);
  for (const { population } of requests)
    if (!mapped.includes(population)) sink.report(recordUnknown({ name: population, populations: mapped }));
  const [from, to] = window.steps ?? [0, steps];
  const rows = Math.max(0, Math.min(to, steps) - from);
  const kept = requests.flatMap((request) => {
    const index = populations.findIndex(({ name }) => name === request.population);
    if (index < 0) return [];
    const { core, startStep, shape } = populations[index];
    return [{ request, index, size: core.length, startStep, shape, samples: [] as Float64Array[] }];
  });
  const firstSample = window.samples?.[0] ?? 0;
  return {
    observe({ sample, step, stateOf }) {
      if (!isSampleInside(window, sample)) return;
      for (const { request, index, size, startStep, samples } of kept) {
        const trace = (samples[sample - firstSample] ??= new Float64Array(rows * size));
        const modelStep = step - startStep;
        if (modelStep < 0 || modelStep >= steps || !isStepInside(window, modelStep)) continue;
        const row = (modelStep - from) * size;
        for (let i = 0; i < size; i++) trace[row + i] = stateOf(index, request.state, i);
      }
    },
    records: () =>
      kept.map(({ request, shape, samples }) => ({
        ...request,
        shape,
        firstStep: from,
        firstSample,
        samples,
      })),
  };
}
