// What a row of the accuracy page is, and the two errors it reports.

/** Firing shares assumed wherever nobody has published any: low, middle, high. */
export const ASSUMED_SHARES = [0.02, 0.05, 0.1] as const;

export interface Range {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

export interface AccuracyRow {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly measured: number;
  readonly source: string;
  /** Prices and times of `nahuku-fit`, at the low, middle and high assumption. */
  readonly estimate: Range;
  /** (estimate - measured) / measured, of the middle. */
  readonly errorShare: number;
  /** |ln(estimate / measured)|, of the middle. */
  readonly logRatio: number;
  /** The same with the prices of `davies2018`, energies only. */
  readonly davies?: Range;
  /** Firing share at which the estimate would be the measurement, on the straight line through low and high. */
  readonly meetingShare?: number;
  readonly verdict: string;
  readonly assumptions: string;
}

export interface NotJudged {
  readonly id: string;
  readonly what: string;
  readonly measured: string;
  readonly reason: string;
}

/** A case of the peer simulator; times in ns per step, energies in nJ per ten steps. */
export interface GoldenRow {
  readonly name: string;
  readonly description: string;
  readonly simpleErrorShare: number;
  readonly detailedErrorShare: number;
  readonly nocErrorShare: number;
  /** Absent where the peer's energy was not noted. */
  readonly energyErrorShare?: number;
}

export interface AccuracyResults {
  readonly golden: readonly GoldenRow[];
  readonly rows: readonly AccuracyRow[];
  readonly notJudged: readonly NotJudged[];
}

type Given = Omit<AccuracyRow, "errorShare" | "logRatio" | "meetingShare">;

/** @param shares the firing shares of low and high, where the range comes from them */
export function rowOf(given: Given, shares?: readonly [low: number, high: number]): AccuracyRow {
  const { estimate, measured } = given;
  const row = {
    ...given,
    errorShare: digits(estimate.middle / measured - 1),
    logRatio: digits(Math.abs(Math.log(estimate.middle / measured))),
  };
  if (shares === undefined || estimate.high === estimate.low) return row;
  const perShare = (estimate.high - estimate.low) / (shares[1] - shares[0]);
  return { ...row, meetingShare: digits(shares[0] + (measured - estimate.low) / perShare) };
}

/** Six digits: more would be noise, and would change with the order of sums. */
export const digits = (value: number): number => Number(value.toPrecision(6));

export const rangeOf = (values: readonly number[]): Range => ({
  low: digits(values[0]),
  middle: digits(values[1]),
  high: digits(values[2]),
});

export const exactly = (value: number): Range => rangeOf([value, value, value]);
