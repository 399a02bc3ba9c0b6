// Bare connectivity: partitioned for few cut spikes, and balanced.
import { balanceSteps } from "#compiler/balance/balance";
import { stepBoundNs } from "#compiler/balance/bound";
import { stepCosts } from "#compiler/balance/step-costs";
import { predictStepTime } from "#compiler/balance/step-time";
import type { CoreCapacity } from "#compiler/hypergraph/capacity";
import { partitionGraph } from "#compiler/hypergraph/partition";
import { coreTraffic } from "#compiler/placement/core-traffic";
import { placeCores, quickHops } from "#compiler/placement/place";
import { targetSites } from "#compiler/placement/sites";
import type { AxonGraph } from "#ir/axon-graph";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { coresPerChip, type Target } from "#targets/target";
import { drivableRates, graphDeployment } from "../graph-deployment.ts";
import { simulatedSteps, type StepTimeCase, type StepTimeRow } from "./cases.ts";

export interface GraphCaseOptions {
  readonly name: string;
  readonly what: string;
  readonly windowSteps: number;
  /** Steps to simulate. */
  readonly steps: number;
  /** Numbers of cores to spread over, beside those that the partition takes. */
  readonly coreCounts: readonly number[];
  readonly cpuSeconds: () => number;
}

/** A mesh of the same tiles as Loihi's, with more of them: one chip, whose borders cost nothing. */
function meshOf(cores: number): Target {
  let target: Target = loihi1;
  while (coresPerChip(target) < cores)
    target = { ...target, mesh: { ...target.mesh, rows: 2 * target.mesh.rows } };
  return target;
}

export function graphCase(
  given: AxonGraph,
  capacity: CoreCapacity,
  { name, what, windowSteps, steps, coreCounts, cpuSeconds }: GraphCaseOptions,
): StepTimeCase {
  const graph = { ...given, rate: drivableRates(given, windowSteps) };
  const { wordsOfList } = capacity;
  const costs = stepCosts(loihi1, nahukuFit, { windowSteps });
  const rows: StepTimeRow[] = [];
  const add = (
    mapping: string,
    coreOf: Uint16Array,
    cores: number,
    maxCores: number,
    seconds: number,
  ): void => {
    const target = meshOf(maxCores);
    const traffic = coreTraffic(graph, coreOf, cores);
    const { siteOf } = placeCores(traffic, targetSites(target, 1));
    const tilesOn = new Set(Array.from(siteOf, (site) => Math.floor(site / target.mesh.coresPerTile))).size;
    const { stepNs } = predictStepTime(graph, coreOf, costs, { wordsOfList, tilesOn });
    const deployment = graphDeployment(graph, coreOf, { windowSteps, siteOf, wordsOfList });
    rows.push({
      mapping,
      cores,
      predictedUs: stepNs / 1000,
      boundUs: stepBoundNs(graph, capacity, costs, maxCores) / 1000,
      ...simulatedSteps({ deployment, target, inputs: {}, steps }),
      cpuSeconds: seconds,
    });
  };
  let begin = cpuSeconds();
  const spent = (): number => {
    const since = begin;
    begin = cpuSeconds();
    return begin - since;
  };
  const found = partitionGraph(graph, capacity, {
    effort: "default",
    seed: 1,
    score: (coreOf, cores) => quickHops(coreTraffic(graph, coreOf, cores)),
  });
  add("hops", found.coreOf, found.cores, found.cores, spent());
  for (const maxCores of [found.cores, ...coreCounts.filter((cores) => cores > found.cores)]) {
    begin = cpuSeconds();
    const { coreOf, cores } = balanceSteps(graph, capacity, found.coreOf, costs, { maxCores });
    add(
      maxCores === found.cores ? "step time" : `step time, up to ${maxCores} cores`,
      coreOf,
      cores,
      maxCores,
      spent(),
    );
  }
  return { name, what, rows };
}
