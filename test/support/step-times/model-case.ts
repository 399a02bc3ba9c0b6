// Networks that are compiled: with the blocks of the compiler, and with these balanced.
import { balanceBlocks } from "#compiler/balance-blocks";
import { stepBoundNs } from "#compiler/balance/bound";
import { stepCosts } from "#compiler/balance/step-costs";
import { predictStepTime } from "#compiler/balance/step-time";
import { buildBlockGraph } from "#compiler/block-graph";
import { AUTO, cutBlocks } from "#compiler/cut-blocks";
import { emit } from "#compiler/emit";
import { createWorkload } from "#compiler/encode/workload";
import { axonGraphOf } from "#compiler/partition/axon-graph";
import { cutOf } from "#compiler/partition/graph-pieces";
import { listCapacity } from "#compiler/partition/list-capacity";
import type { MappedBlock } from "#compiler/partition/mapped-block";
import { Misfits } from "#compiler/partition/misfits";
import { settleOutputs } from "#compiler/partition/settle-outputs";
import { anneal } from "#compiler/place/by-traffic";
import { verify } from "#compiler/verify";
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { coresPerChip } from "#targets/target";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { simulatedSteps, type StepTimeCase, type StepTimeRow } from "./cases.ts";

export interface ModelCaseOptions {
  readonly name: string;
  readonly what: string;
  /** Spikes per step of each neuron, by population. */
  readonly spikesPerStep: Readonly<Record<string, Float64Array>>;
  readonly inputs: Readonly<Record<string, SpikeData>>;
  readonly steps: number;
  /** Numbers of cores to spread over, beside those that the compiler takes. */
  readonly coreCounts: readonly number[];
  /** What is changed in a deployment before it runs. */
  readonly prepare?: (deployment: Deployment) => Deployment;
  readonly cpuSeconds: () => number;
}

/**
 * What `compile` does with the objectives `hops` and `step-time`, with fewer cores than a chip has.
 *
 * @param network as `quantize` and `align-delays` leave it
 */
export function modelCase(network: Network, options: ModelCaseOptions): StepTimeCase {
  const { name, what, spikesPerStep, inputs, steps, coreCounts, prepare, cpuSeconds } = options;
  const perChip = coresPerChip(loihi1);
  const costs = stepCosts(loihi1, nahukuFit);
  const rows: StepTimeRow[] = [];
  let begin = cpuSeconds();
  const cut = cutBlocks(createWorkload(network, loihi1, loihi1.packers[0], false), {
    partitioner: AUTO,
    share: "when-needed",
    chips: 1,
    seed: 1,
    effort: "default",
    objective: "hops",
    spikesPerStep,
    keepZeros: false,
  });
  const { workload, blocks } = cut;
  const mapped = workload.mapped.flatMap((isMapped, p) => (isMapped ? [p] : []));
  const neurons = axonGraphOf(workload, mapped, spikesPerStep);
  const add = (mapping: string, used: readonly MappedBlock[], maxCores: number): void => {
    const graph = buildBlockGraph(workload, used, spikesPerStep);
    const placement = anneal.place(graph, loihi1, 1, createRng(1));
    const deployment = emit(workload, used, placement, "lava");
    const seconds = cpuSeconds() - begin;
    const sink = new DiagnosticSink();
    verify(deployment, workload.network, loihi1, sink);
    sink.throwIfErrors();
    const { coreOf } = cutOf(
      neurons,
      used.map(({ slices }) => slices),
    );
    rows.push({
      mapping,
      cores: used.length,
      predictedUs: predictStepTime(neurons.graph, coreOf, costs).stepNs / 1000,
      boundUs: stepBoundNs(neurons.graph, listCapacity(workload, blocks), costs, maxCores) / 1000,
      ...simulatedSteps({ deployment: prepare?.(deployment) ?? deployment, target: loihi1, inputs, steps }),
      cpuSeconds: seconds,
    });
  };
  add("hops", blocks, blocks.length);
  for (const maxCores of [blocks.length, ...coreCounts.filter((cores) => cores > blocks.length)]) {
    begin = cpuSeconds();
    const balanced = balanceBlocks(workload, blocks, {
      profile: nahukuFit,
      maxCores,
      together: false,
      effort: "default",
      spikesPerStep,
    });
    const settled = settleOutputs(workload, balanced, new Misfits(), { maxBlocks: perChip });
    const isSame = maxCores === blocks.length;
    add(isSame ? "step time" : `step time, up to ${maxCores} cores`, settled, maxCores);
  }
  return { name, what, rows };
}
