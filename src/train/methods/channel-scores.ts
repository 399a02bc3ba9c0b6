import type { ChannelGroups } from "../channels/groups.ts";
import type { Floats } from "../engine/backend.ts";
import { parameterOf } from "../parameters.ts";
import type { ChannelOptions } from "./channel.ts";
import type { GroupedArray } from "./channel-arrays.ts";
import type { MethodContext } from "./method.ts";

export interface ChannelScores {
  /** `[groups]`, not negative. */
  now(): Float64Array;
  /** `[groups]`: what `now` compares with; part of the state of a run. */
  readonly start: Float64Array;
}

/**
 * How much each group matters: `gate`: |θ|; `group-soft-threshold`: norm of the hidden
 * filters, divided by √size with `scaleBySize`; `slimming`: mean |gamma|, or where there is none, the root mean square of
 * the filters relative to the start. Frozen groups get a score too; nobody reads it.
 */
export function createScores(
  { plan, parameters }: MethodContext,
  groups: ChannelGroups,
  { variant, scaleBySize }: ChannelOptions,
  arrays: readonly GroupedArray[],
  theta: Floats,
): ChannelScores {
  const count = groups.groups.length;
  const nothing = new Float64Array(0);
  if (variant === "gate") return { now: () => Float64Array.from(theta, Math.abs), start: nothing };
  if (variant === "group-soft-threshold") {
    const filters = arrays.filter(({ parameter }) => parameter.role === "weight");
    return { now: () => rootsOfSquares(count, filters, scaleBySize), start: nothing };
  }
  const rows = plan.layers.flatMap(({ layer }, l) => {
    const weight = parameterOf(parameters, layer.name, "weight");
    return weight === undefined ? [] : [{ hidden: weight.value, ofRow: groups.ofOutput[l] }];
  });
  const start = rootsOfSquares(count, rows, true);
  const gammas = arrays.filter(({ parameter }) => parameter.role === "gamma");
  const now = (): Float64Array => {
    const sums = new Float64Array(count);
    const members = new Float64Array(count);
    for (const { hidden, ofRow } of gammas) {
      ofRow.forEach((group, row) => {
        sums[group] += Math.abs(hidden[row]);
        members[group]++;
      });
    }
    const roots = rootsOfSquares(count, rows, true);
    return sums.map((sum, g) => (members[g] > 0 ? sum / members[g] : roots[g] / (start[g] || 1)));
  };
  return { now, start };
}

/** √Σw² of every group, or √(Σw² / number of w). */
function rootsOfSquares(
  groups: number,
  arrays: readonly { readonly hidden: Floats; readonly ofRow: Int32Array }[],
  isMean: boolean,
): Float64Array {
  const squares = new Float64Array(groups);
  const sizes = new Float64Array(groups);
  for (const { hidden, ofRow } of arrays) {
    const rowSize = hidden.length / ofRow.length;
    ofRow.forEach((group, row) => {
      sizes[group] += rowSize;
      for (let i = row * rowSize; i < (row + 1) * rowSize; i++) squares[group] += hidden[i] * hidden[i];
    });
  }
  return squares.map((sum, g) => Math.sqrt(isMean ? sum / (sizes[g] || 1) : sum));
}
