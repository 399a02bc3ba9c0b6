import { ACTIONS, type RunResult } from "#simulator/result";
import type { PricedAction } from "#targets/target";
import type { SanafeCase } from "./sanafe-cases.ts";
import type { CoreSpec, NeuronSpec, StepSpec } from "./step-activity.ts";

/** Counts of one step, filled by name and core id; `counts()` is the array that the simulator would hand over. */
export class StepCounts {
  readonly #byCore = new Map<number, Float64Array>();

  add(core: number, action: PricedAction, count = 1): void {
    let row = this.#byCore.get(core);
    if (row === undefined) this.#byCore.set(core, (row = new Float64Array(ACTIONS.length)));
    row[ACTIONS.indexOf(action)] += count;
  }

  /** A message from core to core on an 8 x 4 mesh of 4 cores per tile, tiles numbered up the columns. */
  message(from: number, to: number): void {
    this.add(from, "messageOut");
    this.add(to, "messageIn");
    const [a, b] = [from, to].map((core) => Math.floor(core / 4));
    if (a === b) this.add(from, "hopTile");
    else {
      this.add(from, "hopEastWest", Math.abs(Math.floor(a / 4) - Math.floor(b / 4)));
      this.add(from, "hopNorthSouth", Math.abs((a % 4) - (b % 4)));
    }
  }

  get coreIds(): number[] {
    return [...this.#byCore.keys()].toSorted((a, b) => a - b);
  }

  get tilesOn(): number {
    return new Set(this.coreIds.map((core) => Math.floor(core / 4))).size;
  }

  counts(): Float64Array {
    return Float64Array.from(this.coreIds.flatMap((core) => [...this.#byCore.get(core)!]));
  }
}

/** One step of a case, one event after the other. */
export function countsOfCase(definition: SanafeCase): StepCounts {
  const step = new StepCounts();
  for (const [core, neurons] of Object.entries(definition.neurons)) {
    for (let n = 0; n < neurons; n++) step.add(Number(core), "neuronAccess");
  }
  const fired = new Set<string>();
  const updated = new Set<string>();
  for (const { fromCore, from, toCore, to, pattern } of definition.connections) {
    from.forEach((source, i) => {
      fired.add(`${fromCore}/${source}`);
      step.message(fromCore, toCore);
      for (const target of pattern === "dense" ? to : [to[i]]) {
        step.add(toCore, "synapseDense");
        updated.add(`${toCore}/${target}`);
      }
    });
  }
  for (const neuron of fired) step.add(Number(neuron.split("/")[0]), "spikeOut");
  for (const neuron of new Set([...fired, ...updated]))
    step.add(Number(neuron.split("/")[0]), "neuronUpdate");
  return step;
}

/** The same step, neuron by neuron; a neuron sends in the order of the connections. */
export function stepOfCase({ neurons, connections }: SanafeCase): StepSpec {
  return {
    cores: Object.entries(neurons).map(([core, count]): CoreSpec => ({
      id: Number(core),
      neurons: Array.from({ length: count }, (_, n): NeuronSpec => {
        const routes = connections
          .filter(({ fromCore, from }) => fromCore === Number(core) && from.includes(n))
          .map(({ toCore, to, pattern }) => ({ to: toCore, dense: pattern === "dense" ? to.length : 1 }));
        // All targets get an input, and none of them fires.
        return { status: routes.length > 0 ? 2 : 1, routes };
      }),
    })),
  };
}

/** A run of `steps` steps that are all alike. */
export function runOf(step: StepCounts, steps: number, stepNs: number, samples = 1): RunResult {
  return {
    samples,
    steps: steps / samples,
    coreIds: Uint32Array.from(step.coreIds),
    counts: step.counts().map((count) => count * steps),
    tilesOn: step.tilesOn,
    chipsOn: 1,
    stepNs: new Float64Array(steps).fill(stepNs),
    bindingCore: new Int32Array(steps),
    bindingPhase: new Uint8Array(steps),
    spikes: {},
  };
}
