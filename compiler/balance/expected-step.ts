import type { StepCosts } from "./step-costs.ts";

const POINTS = 240;
/** Beyond so many standard deviations nothing happens. */
const WIDTH = 6;

/**
 * Mean of the longest of all phases, each of them normal and none depending on another; then the barrier. Where nothing varies,
 * exactly the longest.
 *
 * @param meanNs, variance of each phase of each core
 */
export function expectedStepNs(
  meanNs: ArrayLike<number>,
  variance: ArrayLike<number>,
  { barrier }: Pick<StepCosts, "barrier">,
  barrierNs: number,
): number {
  let low = barrier === "floor" ? barrierNs : 0;
  let high = low;
  for (let i = 0; i < meanNs.length; i++) {
    const wide = WIDTH * Math.sqrt(Math.max(0, variance[i]));
    low = Math.max(low, meanNs[i] - wide);
    high = Math.max(high, meanNs[i] + wide);
  }
  const added = barrier === "floor" ? 0 : barrierNs;
  if (high === low) return high + added;
  // Only what can be the longest counts; the mean is the end less the area under "all are shorter".
  const width = (high - low) / POINTS;
  let area = 0;
  const rivals = Array.from({ length: meanNs.length }, (_, i) => i).filter(
    (i) => meanNs[i] + WIDTH * Math.sqrt(Math.max(0, variance[i])) > low,
  );
  for (let k = 0; k < POINTS; k++) {
    const ns = low + (k + 0.5) * width;
    let allShorter = 1;
    for (const i of rivals) {
      const deviation = Math.sqrt(Math.max(0, variance[i]));
      allShorter *= deviation > 0 ? normalShare((ns - meanNs[i]) / deviation) : ns >= meanNs[i] ? 1 : 0;
      if (allShorter < 1e-12) break;
    }
    area += allShorter * width;
  }
  return high - area + added;
}

/** Share of a normal distribution below a value. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17 (error below 1e-7). */
function normalShare(value: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(value));
  const sum =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp(-(value ** 2) / 2) / Math.sqrt(2 * Math.PI)) * sum;
  return value >= 0 ? 1 - above : above;
}
