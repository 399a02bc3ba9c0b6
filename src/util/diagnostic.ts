/** What can be said about a model, a file or an option: stable code, text, place, hint, data. */
export interface Diagnostic {
  /** `layer/what`, stable for ever: scripts match on it. */
  readonly code: string;
  readonly severity: "error" | "warning" | "note";
  /** One sentence: the thing, what it needs, what there is, with units. */
  readonly message: string;
  /** Path of the thing, for instance `network.populations["fc1"][12]` or `/node/nodes/lif/tau`. */
  readonly subject?: string;
  /** An instruction: what to do about it. */
  readonly hint?: string;
  /** The facts of the message for machines; JSON values only. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The user's model, file or options are at fault; carries every fault that the stage found. */
export class ToolchainError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join("\n"));
    this.name = "ToolchainError";
    this.diagnostics = diagnostics;
  }
}

/** Collects the diagnostics of a stage; a stage that can find ten faults reports ten. */
export class DiagnosticSink {
  readonly #diagnostics: Diagnostic[] = [];

  report(diagnostic: Diagnostic): void {
    this.#diagnostics.push(diagnostic);
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some((d) => d.severity === "error");
  }

  /** Ends a stage: throws all that was reported, warnings included, if any of it is an error. */
  throwIfErrors(): void {
    if (this.hasErrors) throw new ToolchainError(this.#diagnostics);
  }
}

/** The text a person sees: `severity[code]: message`, then place and hint on lines of their own. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const lines = [`${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}`];
  if (diagnostic.subject !== undefined) lines.push(`  at ${diagnostic.subject}`);
  if (diagnostic.hint !== undefined) lines.push(`  try: ${diagnostic.hint}`);
  return lines.join("\n");
}

/** Our own belief. A failure is a bug of ours and never a message about the user's input. */
export function invariant(condition: unknown, belief: string): asserts condition {
  if (!condition) throw new Error(`Bug in the toolchain: it should hold that ${belief}.`);
}

/** The name in `known` that `name` was probably meant to be, or undefined if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j] + 1, current[j - 1] + 1));
    }
    previous = current;
  }
  return previous[b.length];
}
