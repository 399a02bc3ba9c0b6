import { SAMPLE, type FloorlineTally } from "./bottleneck.ts";
import { BOUNDS, WORK, type Bound, type Work } from "./bottleneck-retime.ts";

/** What a run waited for, and what it would gain. Times are means over all steps; NaN where a step has no time. */
export interface FloorlineSummary {
  readonly law: string;
  readonly steps: number;
  readonly idleSteps: number;
  readonly untimedSteps: number;
  readonly meanStepNs: number;
  readonly bounds: readonly BoundSummary[];
  /** Cores that decided a step, most often first. */
  readonly cores: readonly CoreBound[];
  /** Populations that are the layer of a core, in order. */
  readonly layers: readonly LayerBound[];
}

export interface BoundSummary {
  readonly bound: Bound;
  /** Bound by it. */
  readonly steps: number;
  /** If it took no time. */
  readonly liftedStepNs: number;
  /** Work of the busiest core over the mean of all cores in use, weighted by work; NaN where there is none. */
  readonly imbalance: number;
  /** Unit of the work that `imbalance` compares. */
  readonly workIn: "ns" | "actions";
}

export interface CoreBound {
  readonly core: number;
  /** Index of the population that has most of its neurons. */
  readonly layer: number;
  /** Steps that the core decided, by what bound them. */
  readonly decided: Readonly<Record<Bound, number>>;
  /** Steps in which each was most of its own work. */
  readonly own: Readonly<Record<Work, number>>;
}

export interface LayerBound {
  readonly layer: number;
  readonly cores: number;
  /** Steps that a core of the layer decided. */
  readonly decided: Readonly<Record<Bound, number>>;
  /** Steps in which each was most of the work of the layer's busiest core. */
  readonly own: Readonly<Record<Work, number>>;
}

/** Reads a tally. */
export function summarizeFloorline(tally: FloorlineTally): FloorlineSummary {
  const { coreIds, layerOf, decided, ownBound, layerBound, steps } = tally;
  const rows = coreIds.length;
  const total = (column: number): number => {
    let sum = 0;
    for (let at = column; at < tally.samples.length; at += SAMPLE.length) sum += tally.samples[at];
    return sum;
  };
  const bounds = BOUNDS.map((bound, b): BoundSummary => {
    let bySteps = 0;
    for (let at = b; at < decided.length; at += BOUNDS.length) bySteps += decided[at];
    const isWork = b < WORK.length;
    const work = isWork ? total(SAMPLE.work + b) : 0;
    return {
      bound,
      steps: bySteps,
      liftedStepNs: total(SAMPLE.lifted + b) / steps,
      imbalance: work === 0 ? NaN : total(SAMPLE.mostWork + b) / (work / rows),
      workIn: isWork && !tally.isTimed[b] ? "actions" : "ns",
    };
  });
  const cores = Array.from(coreIds, (core, row): CoreBound => ({
    core,
    layer: layerOf[row],
    decided: named(BOUNDS, decided, row),
    own: named(WORK, ownBound, row),
  }));
  const layers = [...new Set(layerOf)]
    .toSorted((a, b) => a - b)
    .map((layer): LayerBound => {
      const mine = cores.filter((core) => core.layer === layer);
      return {
        layer,
        cores: mine.length,
        decided: fromEntries(BOUNDS, (bound) => mine.reduce((sum, core) => sum + core.decided[bound], 0)),
        own: named(WORK, layerBound, layer),
      };
    });
  return {
    law: tally.law,
    steps,
    idleSteps: tally.idleSteps,
    untimedSteps: tally.untimedSteps,
    meanStepNs: total(SAMPLE.time) / steps,
    bounds,
    cores: cores
      .filter((core) => stepsOf(core.decided) > 0)
      .toSorted((a, b) => stepsOf(b.decided) - stepsOf(a.decided)),
    layers,
  };
}

export function stepsOf(decided: Readonly<Record<Bound, number>>): number {
  return BOUNDS.reduce((sum, bound) => sum + decided[bound], 0);
}

function named<Name extends string>(
  names: readonly Name[],
  table: Float64Array,
  row: number,
): Record<Name, number> {
  return fromEntries(names, (_, column) => table[row * names.length + column]);
}

function fromEntries<Name extends string>(
  names: readonly Name[],
  valueOf: (name: Name, index: number) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name, i) => [name, valueOf(name, i)])) as Record<Name, number>;
}
