import type { Deployment } from "#ir/deployment";
import { findTarget } from "#targets/index";
import type { Target } from "#targets/target";
import { invariant, type DiagnosticSink } from "#util/diagnostic";
import type { ExportSubject } from "./export.ts";

/** The deployment and the target it was made for; reports a target that nobody knows. */
export function deploymentAndTarget(
  { deployment, target }: ExportSubject,
  sink: DiagnosticSink,
): { readonly deployment: Deployment; readonly target: Target } | undefined {
  invariant(deployment !== undefined, "an exporter of deployments is given one");
  const found = target ?? findTarget(deployment.target, sink);
  return found && { deployment, target: found };
}
