// What a run leaves behind of every epoch.

/** One epoch. No times: an interrupted run writes the same log as one that was not. */
export interface LogRow {
  /** Of a search for a density: which of its runs, from 0. */
  readonly probe: number;
  /** Epochs done, from 1. */
  readonly epoch: number;
  readonly step: number;
  readonly learningRate: number;
  /** Means over the epoch, while the weights changed. */
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** After the epoch; of the prunable weights, 0 to 1. */
  readonly density: number;
  /** What the method says of itself. */
  readonly facts: Readonly<Record<string, number>>;
}

const COLUMNS = [
  "probe",
  "epoch",
  "step",
  "learningRate",
  "loss",
  "accuracy",
  "validationLoss",
  "validationAccuracy",
  "density",
] as const;

/** A table with a heading; what is not known in an epoch is left empty. */
export function logCsv(rows: readonly LogRow[]): string {
  const facts = [...new Set(rows.flatMap((row) => Object.keys(row.facts)))];
  const lines = rows.map((row) =>
    [...COLUMNS.map((column) => row[column]), ...facts.map((fact) => row.facts[fact])]
      .map((value: number | undefined) => value ?? "")
      .join(","),
  );
  return [[...COLUMNS, ...facts].join(","), ...lines, ""].join("\n");
}

/** One JSON object a line. */
export function logJsonLines(rows: readonly LogRow[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
