import type { Floats } from "../engine/backend.ts";
import { createOptimizer } from "../optimizer.ts";
import type { Parameter } from "../parameters.ts";
import type { StateTree } from "../state.ts";
import { lowestScores } from "./lowest-scores.ts";
import type { MethodContext } from "./method.ts";
import type { SdSnnKindOptions, SdSnnOptions } from "./sd-snn-options.ts";
import { createWeightRanges } from "./sd-snn-ranges.ts";
import { blockSums, percentile, rowImportance, rowsToPrune } from "./sd-snn-rules.ts";

/** One weight array under SD-SNN. Rows are neurons or output channels. */
export interface SdSnnLayer {
  readonly name: string;
  readonly layer: string;
  readonly kind: "linear" | "conv";
  readonly rows: number;
  /** 1: lives. Rows or, when regrown, single synapses (linear) and kernels (conv). */
  readonly mask: Uint8Array;
  /** Share of rows that may be gone, percent; kept here, set by the method. */
  rate: number;
  /** Percentile of the last regeneration. */
  quantile: number;
  /** Rows with enough live synapses. */
  liveRows(): number;
  step(rate: number, n: number): void;
  startRanges(): void;
  updateRanges(): { widened: number; narrowed: number };
  clip(): void;
  /** Lets masked units come back that have been candidates for long enough; returns the number of weights. */
  regenerate(quantile: number): number;
  /** Masks the least important rows, as many as `rate` says, but none for a second time; returns the number of weights. */
  prune(): number;
  /** Weights become zero where masked. */
  applyMask(): void;
  save(): StateTree;
  restore(state: StateTree): void;
}

export function createSdSnnLayer(
  context: MethodContext,
  parameter: Parameter,
  options: SdSnnOptions,
): SdSnnLayer {
  const { value, gradient, shape } = parameter;
  const kind = shape.length === 2 ? "linear" : "conv";
  const own: SdSnnKindOptions = options[kind];
  const [rows] = shape;
  const rowLength = value.length / rows;
  /** Weights that live and regrow together. */
  const unit = kind === "linear" ? 1 : shape[2] * shape[3];
  const deadLimit = Math.min(own.deadLimit, rowLength);
  const optimizer = createOptimizer(context.optimizer, context.backend, value.length);
  const { firstMoment, secondMoment } = optimizer;
  /** Where the optimizer moves freely: with `strict` behind the visible weights, else these themselves. */
  const free: Floats = options.strict ? context.backend.allocate(value.length) : value;
  free.set(value);
  const mask = new Uint8Array(value.length).fill(1);
  const ranges = createWeightRanges(value, options.window, options.shrinkFactor);
  const everPruned = new Uint8Array(rows);
  const candidateCount = new Uint8Array(value.length / unit);
  const wasCandidate = new Uint8Array(value.length / unit);

  const show = (): void => {
    if (!options.strict) return;
    for (let i = 0; i < value.length; i++) value[i] = mask[i] === 0 ? 0 : free[i];
  };

  const layer: SdSnnLayer = {
    name: parameter.name,
    layer: parameter.layer,
    kind,
    rows,
    mask,
    rate: own.initialRate * options.rateFactor,
    quantile: own.quantile,
    liveRows() {
      let live = 0;
      for (let row = 0; row < rows; row++) {
        let synapses = 0;
        for (let i = row * rowLength; i < (row + 1) * rowLength; i++) synapses += mask[i];
        if (synapses >= deadLimit) live++;
      }
      return live;
    },
    step(rate, n) {
      optimizer.step(free, gradient, rate, n + 1);
      show();
    },
    startRanges() {
      ranges.start(free);
    },
    updateRanges: () => ranges.update(free, mask),
    clip() {
      ranges.clip(free);
      show();
    },
    regenerate(quantile) {
      layer.quantile = quantile;
      if (!own.regrowth) return 0;
      const scores = blockSums(free, unit);
      const limit = percentile(scores, quantile);
      let regrown = 0;
      for (let u = 0; u < scores.length; u++) {
        const isCandidate = mask[u * unit] === 0 && scores[u] > limit ? 1 : 0;
        candidateCount[u] = isCandidate !== 0 && wasCandidate[u] !== 0 ? candidateCount[u] + 1 : 0;
        wasCandidate[u] = isCandidate;
        if (candidateCount[u] <= own.regrowAfter) continue;
        mask.fill(1, u * unit, (u + 1) * unit);
        candidateCount[u] = 0;
        regrown += unit;
      }
      show();
      return regrown;
    },
    prune() {
      const importance = rowImportance(ranges.upper, ranges.lower, mask, rows);
      let pruned = 0;
      for (const row of lowestScores(importance, rowsToPrune(rows, layer.rate))) {
        if (everPruned[row] !== 0) continue;
        everPruned[row] = 1;
        const [start, end] = [row * rowLength, (row + 1) * rowLength];
        mask.fill(0, start, end);
        pruned += rowLength;
        // As published the moments stay, which feeds regrowth; behind a zero weight they would be another weight's.
        if (!options.strict) continue;
        firstMoment.fill(0, start, end);
        secondMoment?.fill(0, start, end);
      }
      return pruned;
    },
    applyMask() {
      for (let i = 0; i < mask.length; i++) if (mask[i] === 0) free[i] = 0;
      show();
    },
    save: () => ({
      value: value.slice(),
      free: options.strict ? free.slice() : null,
      optimizer: optimizer.save(),
      mask: mask.slice(),
      ranges: ranges.save(),
      everPruned: everPruned.slice(),
      candidateCount: candidateCount.slice(),
      wasCandidate: wasCandidate.slice(),
      rate: layer.rate,
      quantile: layer.quantile,
    }),
    restore(state) {
      value.set(state.value as Float32Array);
      if (options.strict) free.set(state.free as Float32Array);
      optimizer.restore(state.optimizer as StateTree);
      mask.set(state.mask as Uint8Array);
      ranges.restore(state.ranges as StateTree);
      everPruned.set(state.everPruned as Uint8Array);
      candidateCount.set(state.candidateCount as Uint8Array);
      wasCandidate.set(state.wasCandidate as Uint8Array);
      layer.rate = state.rate as number;
      layer.quantile = state.quantile as number;
    },
  };
  return layer;
}
