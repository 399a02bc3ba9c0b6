import type { Deployment } from "#ir/deployment";
import { findProfile, findTarget } from "#targets/index";
import type { Profile, Target } from "#targets/target";
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

/** The prices to write: the given profile, or the target's default. */
export function profileFor(
  { profile }: ExportSubject,
  target: Target,
  sink: DiagnosticSink,
): Profile | undefined {
  return profile ?? findProfile(target, undefined, sink);
}
