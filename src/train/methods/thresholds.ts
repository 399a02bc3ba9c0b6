// Threshold schedules of soft-threshold pruning, as shares of the final threshold D: 0 at the start, 1 at the end.
// `x`: optimizer steps done / all steps, held in 0 to 1.
// Source: Chen et al., ICML 2022 (linear, sine) and Chen et al., ICLR 2023 (the others).

/** STDS; also what LATS comes to under a constant learning rate. */
export function linearShare(x: number): number {
  return clamp(x);
}

/** STDS: ½(1 + sin(π(x - ½))). */
export function sineShare(x: number): number {
  return (1 + Math.sin(Math.PI * (clamp(x) - 0.5))) / 2;
}

/** S-LATS, updated every step, for a cosine learning rate without warm-up: x + sin(πx)/π. */
export function simplifiedLatsShare(x: number): number {
  const at = clamp(x);
  return Math.min(1, at + Math.sin(Math.PI * at) / Math.PI);
}

/**
 * LATS for a cosine learning rate ½(1 + cos(πe/E)) that is constant within an epoch.
 *
 * @param epoch        epochs done, whole number e
 * @param step         steps done in the running epoch, 0 to stepsPerEpoch - 1
 * @param epochs       all epochs E
 */
export function lowFrequencyLatsShare(
  epoch: number,
  step: number,
  epochs: number,
  stepsPerEpoch: number,
): number {
  if (epoch >= epochs) return 1;
  const wave = Math.sin((Math.PI * (epoch - 0.5)) / epochs) / Math.sin(Math.PI / (2 * epochs));
  const base = (epoch + 0.5 + wave / 2) / (epochs + 1);
  const slope = (1 + Math.cos((Math.PI * epoch) / epochs)) / (stepsPerEpoch * (epochs + 1));
  return base + step * slope;
}

/**
 * PGH (proximal gradient homotopy) under a cosine learning rate without warm-up: the L1 coefficient changes geometrically,
 * by the factor `beta` over the whole training. The integral of betaˣ(1 + cos πx), normalised; beta = 1 is S-LATS.
 */
export function cosineHomotopyShare(x: number, beta: number): number {
  const log = Math.log(beta);
  const at = clamp(x);
  // Closer to 1 the quotient below is 0/0 to working precision.
  if (Math.abs(log) < 1e-6) return simplifiedLatsShare(at);
  if (at === 1) return 1;
  const power = Math.exp(at * log);
  const angle = Math.PI * at;
  const numerator =
    Math.PI ** 2 * Math.expm1(at * log) +
    (power - 2) * log ** 2 +
    power * log * (log * Math.cos(angle) + Math.PI * Math.sin(angle));
  return numerator / (Math.PI ** 2 * Math.expm1(log) - 2 * log ** 2);
}

/** A schedule that is asked for ever later steps. */
export interface RunningShare {
  /** Share of D after `done` steps; `done` never falls, but by `restart`. */
  after(done: number): number;
  /** Begins again at step 0. */
  restart(): void;
}

/**
 * LATS for any learning rate: the threshold grows with the learning rate used up, so that the L1 coefficient is constant,
 *
 *     share(n) = Σ_{start ≤ k < n} betaᵏᐟᴺ·η_k / Σ_{start ≤ k < N} betaᵏᐟᴺ·η_k      (beta = 1)
 *
 * With beta other than 1 the coefficient changes geometrically: PGH for any learning rate. k and N count from `start`.
 * Exactly 0 up to `start` and exactly 1 at `total`; if all rates are 0, it stays 0.
 */
export function accumulatedRateShare(facts: {
  rateOf: (n: number) => number;
  start: number;
  total: number;
  beta: number;
}): RunningShare {
  const { rateOf, start, total, beta } = facts;
  const log = Math.log(beta);
  const term = (k: number): number =>
    log === 0 ? rateOf(k) : Math.exp((log * (k - start)) / (total - start)) * rateOf(k);
  let all = 0;
  for (let k = start; k < total; k++) all += term(k);
  let next = start;
  let sum = 0;
  return {
    after(done) {
      const end = Math.min(done, total);
      while (next < end) sum += term(next++);
      return all === 0 ? 0 : sum / all;
    },
    restart() {
      next = start;
      sum = 0;
    },
  };
}

function clamp(x: number): number {
  return Math.min(1, Math.max(0, x));
}
