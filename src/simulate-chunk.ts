// A stretch of samples, simulated where it is asked for: in this thread or in a worker.
import type { Deployment } from "#ir/deployment";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { Observer } from "#simulator/activity";
import { createFloorline, type FloorlineTally } from "#simulator/bottleneck";
import type { RunResult } from "#simulator/result";
import { prepareSimulation } from "#simulator/simulate";
import { findTiming } from "#simulator/timing/index";
import {
  createChromeTrace,
  createMembraneRecorder,
  type MembraneRecord,
  type MembraneRequest,
  type TraceSummary,
  type TraceWindow,
} from "#simulator/trace/index";
import type { Profile, Target } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import { withMemoryFor } from "./simulate-memory.ts";

/** All that does not change from sample to sample; plain data, so that it goes to a worker. */
export interface SimulationJob {
  readonly deployment: Deployment;
  readonly target: Target;
  readonly profile: Profile;
  readonly options: {
    /** Model steps. */
    readonly steps: number;
    readonly record: "outputs" | "all" | readonly string[];
    readonly timing: string;
    readonly rates?: Readonly<Record<string, number>>;
  };
  /** Samples of the whole run. */
  readonly samples: number;
  /** Collect what binds each step. */
  readonly floorline: boolean;
  readonly watch?: WatchOptions;
}

/** What is looked at closely, in the samples of the window. */
export interface WatchOptions {
  readonly window: TraceWindow;
  readonly trace?: { readonly maxEvents?: number; readonly maxMessagesPerStep?: number };
  readonly membranes?: readonly MembraneRequest[];
}

/** Samples [from, from + length of `inputs`). */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly inputs: Readonly<Record<string, ChunkInput>>;
  /** The samples of the window: they come in one chunk. */
  readonly isWatched: boolean;
}

interface ChunkInput {
  readonly steps: number;
  readonly shape: readonly number[];
  readonly samples: readonly SpikeEvents[];
}

export interface ChunkResult {
  readonly run: RunResult;
  readonly floorline?: FloorlineTally;
  readonly membranes?: readonly MembraneRecord[];
  readonly trace?: TraceSummary;
  readonly spentMs: number;
}

/** @param onTrace takes the text of the trace, piece by piece */
export type ChunkRunner = (chunk: Chunk, onTrace: (text: string) => void) => ChunkResult;

/** Cuts [from, to) out of the inputs; samples keep no place of their own. */
export function chunkOf(
  inputs: Readonly<Record<string, SpikeData>>,
  from: number,
  to: number,
  isWatched: boolean,
): Chunk {
  const cut = Object.entries(inputs).map(([name, { steps, shape, samples }]): [string, ChunkInput] => [
    name,
    { steps, shape, samples: Array.from({ length: to - from }, (_, s) => samples[from + s]) },
  ]);
  return { from, to, inputs: Object.fromEntries(cut), isWatched };
}

/**
 * What simulates stretches of one job, on one machine. Throws `ToolchainError` for faults of deployment and options, its
 * runs for faults of inputs.
 */
export function createChunkRunner(job: SimulationJob): ChunkRunner {
  const { deployment, target, profile, options, watch } = job;
  const { steps, ...prepared } = options;
  const timing = findTiming(options.timing);
  const isWatched = watch !== undefined && (watch.trace !== undefined || watch.membranes !== undefined);
  const simulation = withMemoryFor(deployment, () =>
    prepareSimulation(deployment, target, profile, { ...prepared, messages: isWatched }),
  );
  return (chunk, onTrace) => {
    const beginMs = performance.now();
    const floorline =
      job.floorline && timing !== undefined
        ? createFloorline(deployment, target, profile, timing, options.rates)
        : undefined;
    const trace =
      chunk.isWatched && watch?.trace !== undefined
        ? createChromeTrace({
            deployment,
            target,
            profile,
            timing: options.timing,
            window: watch.window,
            ...watch.trace,
            emit: onTrace,
          })
        : undefined;
    const membranes = chunk.isWatched ? membranesOf(job) : undefined;
    const watchers = [trace?.observe, membranes?.observe].filter((observe) => observe !== undefined);
    const run = withMemoryFor(deployment, () =>
      simulation.run(placed(chunk, job.samples), {
        steps,
        samples: [chunk.from, chunk.to],
        ...(floorline !== undefined && { observeCounts: floorline.observe }),
        ...(watchers.length > 0 && { observe: numbered(watchers, chunk.from) }),
      }),
    );
    return {
      run,
      spentMs: performance.now() - beginMs,
      ...(floorline !== undefined && { floorline: floorline.tally() }),
      ...(membranes !== undefined && { membranes: membranes.records() }),
      ...(trace !== undefined && { trace: trace.finish() }),
    };
  };
}

function membranesOf({
  deployment,
  options,
  watch,
}: SimulationJob): ReturnType<typeof createMembraneRecorder> | undefined {
  if (watch?.membranes === undefined || watch.membranes.length === 0) return undefined;
  const sink = new DiagnosticSink();
  const recorder = createMembraneRecorder(deployment, watch.membranes, options.steps, watch.window, sink);
  sink.throwIfErrors();
  return recorder;
}

/** Samples at their own numbers in the whole run, with nothing at the others: messages then name the right ones. */
function placed({ from, inputs }: Chunk, samples: number): Record<string, SpikeData> {
  const whole = Object.entries(inputs).map(([name, data]): [string, SpikeData] => {
    const sparse = new Array<SpikeEvents>(samples);
    data.samples.forEach((events, s) => (sparse[from + s] = events));
    return [name, { ...data, samples: sparse }];
  });
  return Object.fromEntries(whole);
}

/** Watchers want the sample's number in the whole run. */
function numbered(watchers: readonly Observer[], from: number): Observer {
  return (view) => {
    const own = { ...view, sample: from + view.sample };
    for (const watch of watchers) watch(own);
  };
}
