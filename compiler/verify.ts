import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { Target } from "#targets/target";
import type { DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { checkNeurons, checkPopulations } from "./verify/check-neurons.ts";
import { checkRoutes } from "./verify/check-routes.ts";
import { wellFormedCores } from "./verify/check-shape.ts";
import { checkSynapses } from "./verify/check-synapses.ts";
import { checkOutputs } from "./verify/check-outputs.ts";
import { checkWalls } from "./verify/check-walls.ts";
import { headerDiffers } from "./verify/diagnostics.ts";
import { Findings } from "./verify/findings.ts";

export interface VerifyReport {
  /** No violation at all. */
  readonly ok: boolean;
  readonly cores: number;
  readonly neurons: number;
  /** Synapses of the model that were found on a core. */
  readonly synapses: number;
  /** Entries on cores, zeros included. */
  readonly entries: number;
  readonly routes: number;
  /** By code; the sink holds the first ten of each. */
  readonly violations: Readonly<Record<string, number>>;
}

/**
 * Proof that a deployment is the quantized network and legal for the target.
 *
 * Reads everything back (neurons, parameters, routes, synapse lists, ports), compares it exactly with the network,
 * and counts every wall from the deployment itself. Written without looking at `emit`: it shares no code with the
 * stages before it. Every violation is a diagnostic `verify/...`.
 *
 * @param network as it was compiled: quantized and aligned
 */
export function verify(
  deployment: Deployment,
  network: Network,
  target: Target,
  sink: DiagnosticSink,
  onProgress?: OnProgress,
): VerifyReport {
  const findings = new Findings(sink);
  const header = (field: keyof Deployment, expected: unknown): void => {
    const stated = deployment[field];
    if (stated !== expected) findings.report(headerDiffers({ field, stated, expected }));
  };
  header("version", 1);
  header("network", network.name);
  header("target", target.name);
  header("timestepNs", network.timestepNs);
  const packer = target.packers.find(({ name }) => name === deployment.packer);
  if (packer === undefined) header("packer", target.packers.map(({ name }) => name).join(" or "));

  const cores = wellFormedCores(deployment, network, findings);
  let synapses = 0;
  if (checkPopulations(deployment, network, findings)) {
    const owners = checkNeurons(deployment, cores, network, findings);
    const sources = checkRoutes(deployment, cores, network, owners, findings);
    synapses = checkSynapses(cores, network, owners, sources, findings, onProgress);
    checkOutputs(deployment, network, target, findings);
  }
  if (packer !== undefined) checkWalls(cores, { deployment, network, target, packer, findings });

  const sum = (count: (core: Deployment["cores"][number]) => number): number =>
    cores.reduce((total, core) => total + count(core), 0);
  return {
    ok: findings.total === 0,
    cores: deployment.cores.length,
    neurons: sum(({ neurons }) => neurons),
    synapses,
    entries: sum(({ target: entries }) => entries.length),
    routes: sum(({ routeCore }) => routeCore.length),
    violations: findings.counts,
  };
}
