import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Profile, Target } from "#targets/target";
import type { StepView } from "./activity.ts";
import {
  BOUNDS,
  RetimingJudge,
  WORK,
  WORK_COLUMNS,
  type StepJudge,
  type StepVerdict,
} from "./bottleneck-retime.ts";
import { SimpleJudge } from "./bottleneck-simple.ts";
import { ACTIONS } from "./result.ts";
import { priceNs } from "./timing/prices.ts";
import { maxAffine } from "./timing/max-affine.ts";
import { simple } from "./timing/simple.ts";
import type { TimingModel } from "./timing/timing.ts";

/** What was seen of the steps of a run: plain data, so that it goes from worker to worker. */
export interface FloorlineTally {
  /** Name of the timing model that all times here come from. */
  readonly law: string;
  /** `[rows]` */
  readonly coreIds: Uint32Array;
  /** `[rows]`, the population that has most of a core's neurons: the core's layer. */
  readonly layerOf: Uint32Array;
  readonly steps: number;
  /** Steps that took no time at all. */
  readonly idleSteps: number;
  /** Steps with an action that has no time. */
  readonly untimedSteps: number;
  /** By `WORK`: whether the work of a core is added up in ns, or in actions, because the profile has no time for any. */
  readonly isTimed: readonly boolean[];
  /** `[samples, SAMPLE.length]`, sums over the steps of each sample, so that no sum depends on who ran which sample. */
  readonly samples: Float64Array;
  /** `[rows + 1, BOUNDS.length]`, steps that a core decided, by what bound them; in the last row, no core did. */
  readonly decided: Float64Array;
  /** `[rows, WORK.length]`, steps in which each kind was most of the core's own work. */
  readonly ownBound: Float64Array;
  /** `[populations, WORK.length]`, the same of the core that worked longest in the layer. */
  readonly layerBound: Float64Array;
}

/** Columns of `FloorlineTally.samples`. */
export const SAMPLE = {
  /** Length of the steps. */
  time: 0,
  /** Without each of `BOUNDS`. */
  lifted: 1,
  /** By `WORK`, of the core that has most of it in a step. */
  mostWork: 1 + BOUNDS.length,
  /** By `WORK`, of all cores. */
  work: 1 + BOUNDS.length + WORK.length,
  length: 1 + BOUNDS.length + 2 * WORK.length,
} as const;

export interface Floorline {
  /** To be called for every step; the steps of a sample one after the other. */
  readonly observe: (view: Pick<StepView, "step" | "activity" | "tables">) => void;
  readonly tally: () => FloorlineTally;
}

/**
 * Watches a run and asks of every step what it waited for: memory (synapse lists), compute (neurons), traffic
 * (messages) or the barrier. A step is bound by the largest part of its critical path, which is what the deciding core
 * did in the deciding phase, and the barrier. To lift a bound is to time the step again without its actions.
 *
 * The law is the run's own if it goes by counts (`max-affine` does, but for links), else `simple`.
 *
 * @param timing of the run
 * @param rates  as given to the run
 * @returns undefined if the law cannot time the profile
 */
export function createFloorline(
  deployment: Deployment,
  target: Target,
  profile: Profile,
  timing: TimingModel,
  rates?: Readonly<Record<string, number>>,
): Floorline | undefined {
  const law = timing.needs === "counts" || timing === maxAffine ? timing : simple;
  const coreIds = Uint32Array.from(deployment.cores, ({ core }) => core);
  const tilesOn = new Set(Array.from(coreIds, (core) => Math.floor(core / target.mesh.coresPerTile))).size;
  const context = {
    profile,
    target,
    coreIds,
    tilesOn,
    ...(law === timing && rates !== undefined && { rates }),
  };
  if (law.refuses?.(context) !== undefined) return undefined;

  const { cores, populations } = deployment;
  const rows = cores.length;
  const layerOf = Uint32Array.from(cores, largestPopulation);
  const workload = new Workload(profile, layerOf, populations.length);
  let judge: StepJudge | undefined = law === simple ? new SimpleJudge(profile, tilesOn) : undefined;
  const verdict: StepVerdict = { timeNs: NaN, row: -1, bound: 0, liftedNs: new Float64Array(BOUNDS.length) };
  const decided = new Float64Array((rows + 1) * BOUNDS.length);
  const samples: number[] = [];
  let steps = 0;
  let idleSteps = 0;
  let untimedSteps = 0;
  return {
    observe({ step, activity, tables }): void {
      judge ??= new RetimingJudge(law, { ...context, tables });
      if (step === 0) for (let i = 0; i < SAMPLE.length; i++) samples.push(0);
      steps++;
      const at = samples.length - SAMPLE.length;
      workload.add(activity.counts, samples, at);
      judge.judge(activity, verdict);
      const { timeNs, row, bound, liftedNs } = verdict;
      if (Number.isNaN(timeNs)) untimedSteps++;
      else if (timeNs === 0) idleSteps++;
      else decided[(row < 0 ? rows : row) * BOUNDS.length + bound]++;
      samples[at + SAMPLE.time] += timeNs;
      for (let b = 0; b < BOUNDS.length; b++) samples[at + SAMPLE.lifted + b] += liftedNs[b];
    },
    tally: () => ({
      law: law.name,
      coreIds,
      layerOf,
      steps,
      idleSteps,
      untimedSteps,
      isTimed: workload.isTimed,
      samples: Float64Array.from(samples),
      decided: decided.slice(),
      ownBound: workload.ownBound.slice(),
      layerBound: workload.layerBound.slice(),
    }),
  };
}

/**
 * Two parts of a run as one, exactly as if one had watched it all.
 *
 * @param second of the samples that follow those of `first`
 */
export function mergeFloorlines(first: FloorlineTally, second: FloorlineTally): FloorlineTally {
  const add = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]);
  const samples = new Float64Array(first.samples.length + second.samples.length);
  samples.set(first.samples);
  samples.set(second.samples, first.samples.length);
  return {
    ...first,
    steps: first.steps + second.steps,
    idleSteps: first.idleSteps + second.idleSteps,
    untimedSteps: first.untimedSteps + second.untimedSteps,
    samples,
    decided: add(first.decided, second.decided),
    ownBound: add(first.ownBound, second.ownBound),
    layerBound: add(first.layerBound, second.layerBound),
  };
}

/** How much work of each kind the cores did; not whether anyone waited for it. */
class Workload {
  readonly isTimed: readonly boolean[];
  readonly ownBound: Float64Array;
  readonly layerBound: Float64Array;
  readonly #weights: Float64Array;
  readonly #layerOf: Uint32Array;
  /** `[layers]`: in this step, work of the busiest core, and most of what it is. */
  readonly #busiest: Float64Array;
  readonly #busiestBound: Uint8Array;
  readonly #most = new Float64Array(WORK.length);

  constructor(profile: Profile, layerOf: Uint32Array, layers: number) {
    const timesNs = Float64Array.from(ACTIONS, (action) => priceNs(profile, action) || 0);
    this.isTimed = WORK_COLUMNS.map((columns) => columns.some((column) => timesNs[column] > 0));
    this.#weights = timesNs;
    WORK_COLUMNS.forEach((columns, w) => {
      if (!this.isTimed[w]) for (const column of columns) this.#weights[column] = 1;
    });
    this.#layerOf = layerOf;
    this.ownBound = new Float64Array(layerOf.length * WORK.length);
    this.layerBound = new Float64Array(layers * WORK.length);
    this.#busiest = new Float64Array(layers);
    this.#busiestBound = new Uint8Array(layers);
  }

  /** Adds one step; its sums go to `samples`, from `at` on. */
  add(counts: Float64Array, samples: number[], at: number): void {
    this.#most.fill(0);
    this.#busiest.fill(0);
    for (let row = 0; row < this.#layerOf.length; row++) this.#addCore(counts, row, samples, at);
    for (let w = 0; w < WORK.length; w++) samples[at + SAMPLE.mostWork + w] += this.#most[w];
    for (let layer = 0; layer < this.#busiest.length; layer++)
      if (this.#busiest[layer] > 0) this.layerBound[layer * WORK.length + this.#busiestBound[layer]]++;
  }

  #addCore(counts: Float64Array, row: number, samples: number[], at: number): void {
    let bound = -1;
    let boundNs = 0;
    let allNs = 0;
    for (let w = 0; w < WORK.length; w++) {
      const columns = WORK_COLUMNS[w];
      let work = 0;
      for (let i = 0; i < columns.length; i++)
        work += counts[row * ACTIONS.length + columns[i]] * this.#weights[columns[i]];
      samples[at + SAMPLE.work + w] += work;
      if (work > this.#most[w]) this.#most[w] = work;
      if (!this.isTimed[w]) continue;
      allNs += work;
      if (work <= boundNs) continue;
      boundNs = work;
      bound = w;
    }
    if (bound < 0) return;
    this.ownBound[row * WORK.length + bound]++;
    const layer = this.#layerOf[row];
    if (allNs <= this.#busiest[layer]) return;
    this.#busiest[layer] = allNs;
    this.#busiestBound[layer] = bound;
  }
}

function largestPopulation({ groups }: CoreProgram): number {
  const neurons = new Map<number, number>();
  for (const { population, begin, end } of groups)
    neurons.set(population, (neurons.get(population) ?? 0) + end - begin);
  return [...neurons].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}
