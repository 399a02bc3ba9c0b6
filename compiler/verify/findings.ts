import type { Diagnostic, DiagnosticSink } from "#util/diagnostic";

/** Reported in full for each code; the rest is counted. */
const REPORTED_PER_CODE = 10;

/** Violations on their way to the sink: the first few of each kind as they are, all of them as numbers. */
export class Findings {
  readonly #sink: DiagnosticSink;
  readonly #counts = new Map<string, number>();

  constructor(sink: DiagnosticSink) {
    this.#sink = sink;
  }

  report(diagnostic: Diagnostic): void {
    const { code } = diagnostic;
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= REPORTED_PER_CODE) this.#sink.report(diagnostic);
  }

  /** Violations by code. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
