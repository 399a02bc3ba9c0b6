// Whole test sets: samples in stretches, over as many threads as there are, the same result with any number of them.
import type { Deployment } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { checkInputs } from "#simulator/inputs";
import type { SimulateOptions } from "#simulator/simulate";
import { defaultTiming } from "#simulator/timing/default-timing";
import type { Profile, Target } from "#targets/target";
import { DiagnosticSink, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { deliverPending } from "#util/event-loop";
import type { OnProgress } from "#util/progress";
import {
  chunkOf,
  createChunkRunner,
  type Chunk,
  type ChunkResult,
  type ChunkRunner,
  type SimulationJob,
  type WatchOptions,
} from "./simulate-chunk.ts";
import { createRunMerger } from "./simulate-merge.ts";
import { withMemoryFor } from "./simulate-memory.ts";
import { shareArrays } from "./share-arrays.ts";

/** A thread that simulates. */
export interface SimulationWorker {
  readonly send: (request: WorkerRequest) => void;
  /** Next answer; rejects if the thread has died. */
  readonly answer: () => Promise<WorkerAnswer>;
  readonly stop: () => void;
}
export type StartWorker = () => Promise<SimulationWorker>;

export type WorkerRequest =
  { readonly kind: "job"; readonly job: SimulationJob } | { readonly kind: "chunk"; readonly chunk: Chunk };
export type WorkerAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "trace"; readonly text: string }
  | { readonly kind: "done"; readonly result: ChunkResult }
  | { readonly kind: "fault"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "bug"; readonly stack: string };

export interface SampleOptions extends Pick<SimulateOptions, "steps" | "record" | "timing" | "rates"> {
  /** Threads that simulate; never changes the result. Default: 1 for small runs, else one for each processor. */
  readonly threads?: number;
  /** Where threads come from; without it everything is done in this one. */
  readonly workers?: { readonly start: StartWorker; readonly processors: number };
  /** Also collect what binds each step. Default false. */
  readonly floorline?: boolean;
  readonly watch?: WatchOptions;
  readonly onTrace?: (text: string) => void;
  /** Asked between samples: true ends the run with what is finished. */
  readonly shouldStop?: () => boolean;
}

export type SampleRun = Omit<ChunkResult, "spentMs">;

/** Below so many units (`workOf`), some two seconds, threads cost more than they bring. */
const SMALL_WORK = 6e8;
/** Stretches of samples take about this long: short enough to stop at, long enough to be worth a message. */
const CHUNK_MS = 100;
const MAX_CHUNK = 256;

/**
 * Runs a deployment on all samples, as `simulate` does, sample by sample.
 *
 * Samples are handed out in order, and those handed out are finished, also when the run is stopped: what is finished
 * are always the first k. Counts are whole numbers and are added exactly, and all else is put together in the order of
 * the samples; so the result does not depend on the number of threads.
 *
 * @throws ToolchainError `simulate/...` for everything wrong with inputs and options
 */
export async function simulateSamples(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  inputs: Readonly<Record<string, SpikeData>>,
  options: SampleOptions = {},
  onProgress?: OnProgress,
): Promise<SampleRun> {
  const sink = new DiagnosticSink();
  const length = checkInputs(
    deployment,
    inputs,
    options.steps === undefined ? {} : { steps: options.steps },
    "spikes",
    sink,
  );
  sink.throwIfErrors();
  const { rates, watch } = options;
  const job: SimulationJob = {
    deployment,
    target,
    profile,
    options: {
      steps: length.steps,
      record: options.record ?? "outputs",
      timing: options.timing ?? defaultTiming(profile, rates),
      ...(rates !== undefined && { rates }),
    },
    samples: length.to,
    floorline: options.floorline ?? false,
    ...(watch !== undefined && { watch }),
  };
  const threads = threadsOf(job, options);
  const queue = createQueue(job, inputs, Math.max(1, threads), options.shouldStop ?? (() => false));
  const collect = createCollector(job, onProgress);
  if (threads === 0) await runHere(job, queue, collect, options.onTrace);
  else await runInThreads(job, threads, queue, collect, options);
  // So that `shouldStop` is right afterwards.
  if (options.shouldStop !== undefined) await deliverPending();
  onProgress?.("simulate", queue.handedOut(), job.samples);
  return collect.finish(queue.handedOut());
}

/** Threads besides this one; 0: the work is done here. */
function threadsOf(job: SimulationJob, { threads, workers }: SampleOptions): number {
  if (workers === undefined) return 0;
  const isSmall = workOf(job) < SMALL_WORK;
  const wanted = threads ?? (isSmall ? 1 : workers.processors);
  const useful = Math.max(1, Math.min(wanted, job.samples));
  // A thread of its own keeps this one free to listen.
  return useful === 1 && isSmall ? 0 : useful;
}

/** Neuron-steps, and a twentieth of what would be synaptic events if everything fired. */
function workOf({ deployment, samples, options }: SimulationJob): number {
  const each = deployment.cores.reduce((sum, { neurons, target }) => sum + neurons + target.length / 20, 0);
  return each * options.steps * samples;
}

interface Queue {
  /** The next stretch of samples; undefined: there are no more, or the run is stopped. */
  readonly next: () => Chunk | undefined;
  /** Tells how long a stretch took, to size the next ones. */
  readonly took: (samples: number, spentMs: number) => void;
  /** Hands nothing out any more. */
  readonly close: () => void;
  readonly handedOut: () => number;
}

function createQueue(
  job: SimulationJob,
  inputs: Readonly<Record<string, SpikeData>>,
  threads: number,
  shouldStop: () => boolean,
): Queue {
  const { samples } = job;
  const [watchedFrom, watchedTo] =
    job.watch === undefined ? [0, 0] : (job.watch.window.samples ?? [0, 1]).map((s) => Math.min(s, samples));
  let front = 0;
  let isClosed = false;
  let few = 1;
  return {
    next() {
      // At least one stretch, so that there is something to report; without samples, an empty one.
      const isFirst = front === 0;
      if (isClosed || (front >= samples && !(isFirst && samples === 0))) return undefined;
      if (!isFirst && shouldStop()) return undefined;
      const from = front;
      const isWatched = watchedTo > watchedFrom && from === watchedFrom;
      const fair = Math.max(1, Math.ceil((samples - from) / (2 * threads)));
      const end = from + Math.min(few, fair);
      const limit = from < watchedFrom ? watchedFrom : samples;
      front = isWatched ? watchedTo : Math.min(end, limit);
      if (samples === 0) isClosed = true;
      return chunkOf(inputs, from, front, isWatched);
    },
    took(count, spentMs) {
      if (count === 0) return;
      const sampleMs = Math.max(spentMs, 1e-3) / count;
      few = Math.max(1, Math.min(MAX_CHUNK, Math.floor(CHUNK_MS / sampleMs)));
    },
    close() {
      isClosed = true;
    },
    handedOut: () => front,
  };
}

interface Collector {
  readonly add: (chunk: Chunk, result: ChunkResult) => void;
  readonly finish: (samples: number) => SampleRun;
}

function createCollector(job: SimulationJob, onProgress: OnProgress | undefined): Collector {
  const merger = createRunMerger(job.samples);
  let watched: Pick<ChunkResult, "membranes" | "trace"> = {};
  let done = 0;
  onProgress?.("simulate", 0, job.samples);
  return {
    add({ from, to }, { run, floorline, membranes, trace }) {
      merger.add(from, run, floorline);
      if (membranes !== undefined || trace !== undefined)
        watched = {
          ...(membranes !== undefined && { membranes }),
          ...(trace !== undefined && { trace }),
        };
      done += to - from;
      onProgress?.("simulate", done, job.samples);
    },
    finish: (samples) => ({ ...merger.finish(samples), ...watched }),
  };
}

const ignoreTrace = (): void => undefined;

async function runHere(
  job: SimulationJob,
  queue: Queue,
  collect: Collector,
  onTrace: (text: string) => void = ignoreTrace,
): Promise<void> {
  const run: ChunkRunner = createChunkRunner(job);
  for (let chunk = queue.next(); chunk !== undefined; chunk = queue.next()) {
    const result = run(chunk, onTrace);
    collect.add(chunk, result);
    queue.took(chunk.to - chunk.from, result.spentMs);
    // Signals and clicks are heard between stretches only.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

async function runInThreads(
  job: SimulationJob,
  threads: number,
  queue: Queue,
  collect: Collector,
  options: SampleOptions,
): Promise<void> {
  const { deployment } = job;
  const shared = { ...job, deployment: withMemoryFor(deployment, () => shareArrays(deployment)) };
  const faults: { readonly from: number; readonly error: Error }[] = [];
  const work = async (): Promise<void> => {
    let worker: SimulationWorker | undefined;
    let from = -1;
    try {
      worker = await options.workers!.start();
      worker.send({ kind: "job", job: shared });
      expectNoFault(await worker.answer());
      for (let chunk = queue.next(); chunk !== undefined; chunk = queue.next()) {
        from = chunk.from;
        worker.send({ kind: "chunk", chunk });
        let answer = await worker.answer();
        for (; answer.kind === "trace"; answer = await worker.answer()) options.onTrace?.(answer.text);
        expectNoFault(answer);
        if (answer.kind !== "done") continue;
        collect.add(chunk, answer.result);
        queue.took(chunk.to - chunk.from, answer.result.spentMs);
      }
    } catch (error) {
      queue.close();
      faults.push({ from, error: error instanceof Error ? error : new Error(String(error)) });
    } finally {
      worker?.stop();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  // The fault that a single thread would have met first.
  const first = faults.sort((a, b) => a.from - b.from).at(0);
  if (first !== undefined) throw first.error;
}

function expectNoFault(answer: WorkerAnswer): void {
  if (answer.kind === "fault") throw new ToolchainError(answer.diagnostics);
  if (answer.kind === "bug") throw new Error(answer.stack);
}

/** The other side: answers requests, one after the other. */
export function createRequestHandler(
  answer: (answer: WorkerAnswer) => void,
): (request: WorkerRequest) => void {
  let run: ChunkRunner | undefined;
  return (request) => {
    try {
      if (request.kind === "job") {
        run = createChunkRunner(request.job);
        answer({ kind: "ready" });
        return;
      }
      const onTrace = (text: string): void => {
        answer({ kind: "trace", text });
      };
      answer({ kind: "done", result: run!(request.chunk, onTrace) });
    } catch (error) {
      if (error instanceof ToolchainError) answer({ kind: "fault", diagnostics: error.diagnostics });
      else
        answer({
          kind: "bug",
          stack: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
    }
  };
}
