import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { mergeFloorlines, type FloorlineTally } from "#simulator/bottleneck";
import { STATE_EVENT_KINDS, type RunResult, type StateEvent } from "#simulator/result";
import { invariant } from "#util/diagnostic";

/** Runs of neighbouring samples become the run of all of them: exactly what one run would have given. */
export interface RunMerger {
  /** Parts may come in any order. @param from first sample of the part, counted from the first of all */
  add(from: number, run: RunResult, floorline?: FloorlineTally): void;
  /** @param samples how many are there: a whole number of parts, the first ones */
  finish(samples: number): { readonly run: RunResult; readonly floorline?: FloorlineTally };
}

interface MutableSpikes {
  readonly data: SpikeData;
  readonly samples: SpikeEvents[];
}

/** @param wanted samples of the whole run */
export function createRunMerger(wanted: number): RunMerger {
  let first: RunResult | undefined;
  let counts: Float64Array;
  let stepNs: Float64Array;
  let bindingCore: Int32Array;
  let bindingPhase: Uint8Array;
  let updatesOf: Float64Array | undefined;
  let spikesOf: readonly Float64Array[] | undefined;
  const spikes = new Map<string, MutableSpikes>();
  const events = new Map<StateEvent["kind"], StateEvent>();
  const tallies: { readonly from: number; readonly tally: FloorlineTally }[] = [];

  const begin = (run: RunResult): void => {
    first = run;
    counts = new Float64Array(run.counts.length);
    stepNs = new Float64Array(wanted * run.steps);
    bindingCore = new Int32Array(wanted * run.steps);
    bindingPhase = new Uint8Array(wanted * run.steps);
    updatesOf = run.updatesOf && new Float64Array(run.updatesOf.length);
    spikesOf = run.spikesOf?.map(({ length }) => new Float64Array(length));
    for (const [name, data] of Object.entries(run.spikes))
      spikes.set(name, { data, samples: new Array<SpikeEvents>(wanted) });
  };

  return {
    add(from, run, floorline) {
      if (first === undefined) begin(run);
      addTo(counts, run.counts);
      stepNs.set(run.stepNs, from * run.steps);
      bindingCore.set(run.bindingCore, from * run.steps);
      bindingPhase.set(run.bindingPhase, from * run.steps);
      if (updatesOf !== undefined) addTo(updatesOf, run.updatesOf!);
      spikesOf?.forEach((sums, population) => {
        addTo(sums, run.spikesOf![population]);
      });
      for (const [name, { samples }] of spikes)
        run.spikes[name].samples.forEach((sample, s) => (samples[from + s] = sample));
      for (const event of run.stateEvents ?? [])
        events.set(event.kind, earlier(events.get(event.kind), event));
      if (floorline !== undefined) tallies.push({ from, tally: floorline });
    },
    finish(samples) {
      invariant(first !== undefined, "a run has at least one part");
      const { steps } = first;
      const floorline = tallies
        .sort((a, b) => a.from - b.from)
        .map(({ tally }) => tally)
        .reduce<FloorlineTally | undefined>(
          (sum, tally) => (sum === undefined ? tally : mergeFloorlines(sum, tally)),
          undefined,
        );
      const run: RunResult = {
        ...first,
        samples,
        counts,
        stepNs: stepNs.slice(0, samples * steps),
        bindingCore: bindingCore.slice(0, samples * steps),
        bindingPhase: bindingPhase.slice(0, samples * steps),
        spikes: Object.fromEntries(
          Array.from(spikes, ([name, { data, samples: all }]) => [
            name,
            { ...data, samples: all.slice(0, samples) },
          ]),
        ),
        ...(updatesOf !== undefined && { updatesOf }),
        ...(spikesOf !== undefined && { spikesOf }),
        ...(first.stateEvents !== undefined && { stateEvents: inOrder(events.values()) }),
        ...(samples < wanted && { stoppedAfter: samples }),
      };
      return floorline === undefined ? { run } : { run, floorline };
    },
  };
}

function addTo(sums: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sums.length; i++) sums[i] += values[i];
}

/** Counts of both, and the place that a single run would have met first. */
function earlier(a: StateEvent | undefined, b: StateEvent): StateEvent {
  if (a === undefined) return b;
  const count = a.count + b.count;
  // A sample belongs to one part, and inside it the part knows.
  return { kind: a.kind, count, first: a.first.sample <= b.first.sample ? a.first : b.first };
}

function inOrder(events: Iterable<StateEvent>): StateEvent[] {
  const order = STATE_EVENT_KINDS;
  return [...events].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}
