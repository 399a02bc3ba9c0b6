import type { Diagnostic } from "#util/diagnostic";

/** Ends the reading of one tensor or node; what depends on it is skipped, everything else goes on. */
export class Refusal extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.name = "Refusal";
    this.diagnostic = diagnostic;
  }
}
