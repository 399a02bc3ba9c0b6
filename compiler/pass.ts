import type { Network } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import type { Packer, Target } from "#targets/target";
import { DiagnosticSink, formatDiagnostic, invariant } from "#util/diagnostic";

/** One step from network to network: one file in `passes/`, one line in `PASSES`. */
export interface Pass {
  /** Registry key and CLI name: lower case, hyphens. */
  readonly name: string;
  /** What it does, in a verb; the command line prints it. */
  readonly summary: string;
  /** A pure function; a pass that changes nothing returns the very same object. */
  run(network: Network, context: PassContext): Network;
}

export interface PassContext {
  /** Absent: no chip has been chosen, so no wall is checked. */
  readonly target?: Target;
  /** The target's packer that the network will be stored with. Absent: its first. */
  readonly packer?: Packer;
  readonly sink: DiagnosticSink;
}

export interface RunPassesOptions {
  /** Validate the network after each pass; what a pass breaks is our bug, not the user's. Default true. */
  readonly verify?: boolean;
}

/**
 * Runs passes in order. The network that comes in is validated first: its faults are the user's.
 *
 * @throws ToolchainError with everything reported so far, as soon as a pass has reported an error
 */
export function runPasses(
  network: Network,
  passes: readonly Pass[],
  context: PassContext,
  options: RunPassesOptions = {},
): Network {
  validateNetwork(network, context.sink, { models: NEURON_MODELS });
  context.sink.throwIfErrors();
  let current = network;
  for (const pass of passes) {
    const next = pass.run(current, context);
    context.sink.throwIfErrors();
    if (next !== current && (options.verify ?? true)) assertValid(next, pass.name);
    current = next;
  }
  return current;
}

function assertValid(network: Network, pass: string): void {
  const sink = new DiagnosticSink();
  validateNetwork(network, sink, { models: NEURON_MODELS });
  const faults = sink.diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  invariant(
    faults.length === 0,
    `pass "${pass}" leaves a valid network:\n${faults.map(formatDiagnostic).join("\n")}`,
  );
}
