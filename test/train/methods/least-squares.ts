// A convex problem whose sparse solutions can be checked: L(w) = |X·w - y|² / (2·rows).
import type { LayerGraph } from "#train/graph";
import { type GradientOf, hashed, type Trial } from "./harness.ts";

export const COLUMNS = 20;
const ROWS = 40;

/** One weight array of `[1, COLUMNS]`. */
export const ONE_ROW: LayerGraph = {
  name: "one-row",
  inputShape: [COLUMNS],
  layers: [{ name: "fc", inputs: ["input"], op: "linear", features: 1, bias: false }],
  output: "fc",
};

const X = Array.from({ length: ROWS }, (_, r) =>
  Array.from({ length: COLUMNS }, (_, c) => 2 * hashed(1, r, c) - 1),
);
/** Half of the true weights are 0. */
const TRUE_WEIGHTS = Array.from({ length: COLUMNS }, (_, c) => (c % 2 === 0 ? 2 * hashed(2, c) - 1 : 0));
const Y = X.map((row, r) => row.reduce((sum, x, c) => sum + x * TRUE_WEIGHTS[c], 0) + 0.1 * hashed(3, r));

export function gradientAt(w: ArrayLike<number>): number[] {
  const gradient = new Array<number>(COLUMNS).fill(0);
  X.forEach((row, r) => {
    let miss = -Y[r];
    for (let c = 0; c < COLUMNS; c++) miss += row[c] * w[c];
    for (let c = 0; c < COLUMNS; c++) gradient[c] += (row[c] * miss) / ROWS;
  });
  return gradient;
}

/** For `trial.steps`: the gradient at the visible weights of `trial`. */
export function leastSquaresGradient(trial: () => Trial): GradientOf {
  let gradient: number[] = [];
  return (_, __, i) => {
    if (i === 0) gradient = gradientAt(trial().prunable[0].value);
    return gradient[i];
  };
}

/**
 * Minimum of L(w) + l1·|w|, by coordinate descent, an algorithm that has nothing in common with the methods under test.
 *
 * @param signs if given, weight c has to be 0 or of the sign signs[c]
 */
export function solveLasso(l1: number, signs?: readonly number[]): number[] {
  const w = new Array<number>(COLUMNS).fill(0);
  for (let sweep = 0; sweep < 3000; sweep++)
    for (let c = 0; c < COLUMNS; c++) {
      const curvature = X.reduce((sum, row) => sum + row[c] ** 2, 0) / ROWS;
      const pull = curvature * w[c] - gradientAt(w)[c];
      const size = Math.max(0, Math.abs(pull) - l1) / curvature;
      w[c] = signs !== undefined && Math.sign(pull) !== signs[c] ? 0 : Math.sign(pull) * size;
    }
  return w;
}
