import type { AxonGraph } from "#ir/axon-graph";
import type { CoreCapacity } from "../hypergraph/capacity.ts";
import { expectedStepNs } from "./expected-step.ts";
import { listNs, spikeNs, spikeVariance, type StepCosts } from "./step-costs.ts";

/** How long a mean step takes, and why. */
export interface StepTime {
  /** Barrier included; without the busiest link, which depends on the placement. */
  readonly stepNs: number;
  /** The core that is busiest, and its phase; -1 and `barrier` where no core works longer than that. */
  readonly core: number;
  readonly phase: string;
  readonly barrierNs: number;
  /** `[phases][cores]`, mean and some deviations: what balancing evens out. */
  readonly loadNs: readonly Float64Array[];
}

export interface StepTimeOptions {
  /** Words of a list; needed only where the law counts them. */
  readonly wordsOfList?: CoreCapacity["wordsOfList"] | undefined;
  /** Default: as few as hold the cores. */
  readonly tilesOn?: number | undefined;
}

/**
 * Predicts the mean step of neurons that fire as often as their rates say, straight from the law: of all neurons and all
 * lists, one by one. Steps differ from one another, and in each another core may be the busiest, so that their mean is longer
 * than the step of the mean: the mean of the longest phase is taken, as if sources fired independently of one another.
 *
 * @param coreOf `[neurons]`, from 0 on without gaps
 */
export function predictStepTime(
  { neurons, outside = 0, axonStart, target, rate }: AxonGraph,
  coreOf: ArrayLike<number>,
  costs: StepCosts,
  { wordsOfList = () => 0, tilesOn }: StepTimeOptions = {},
): StepTime {
  let cores = 0;
  for (let n = 0; n < neurons; n++) cores = Math.max(cores, coreOf[n] + 1);
  const zeros = (): Float64Array[] => costs.phases.map(() => new Float64Array(cores));
  const meanNs = zeros();
  const variance = zeros();
  const count = new Uint32Array(cores);
  for (let n = 0; n < neurons + outside; n++) {
    const reached: number[] = [];
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++)
      if (count[coreOf[target[s]]]++ === 0) reached.push(coreOf[target[s]]);
    const noise = spikeVariance(rate[n], costs.windowSteps);
    costs.phases.forEach((phase, p) => {
      if (n < neurons) {
        const sent = spikeNs(phase, reached.length);
        meanNs[p][coreOf[n]] += phase.neuronNs + rate[n] * sent;
        variance[p][coreOf[n]] += noise * sent ** 2;
      }
      for (const core of reached) {
        const taken = listNs(phase, count[core], wordsOfList(count[core]));
        meanNs[p][core] += rate[n] * taken;
        variance[p][core] += noise * taken ** 2;
      }
    });
    for (const core of reached) count[core] = 0;
  }
  const loadNs = meanNs.map((means, p) =>
    means.map((mean, core) => mean + costs.deviations * Math.sqrt(variance[p][core])),
  );
  const barrierNs = costs.barrierNs(tilesOn ?? Math.ceil(cores / costs.coresPerTile));
  const stepNs = expectedStepNs(flat(meanNs), flat(variance), costs, barrierNs);
  return { stepNs, ...busiest(costs, loadNs, barrierNs), barrierNs, loadNs };
}

const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap((row) => [...row]);

function busiest(
  { phases, barrier }: StepCosts,
  loadNs: readonly Float64Array[],
  barrierNs: number,
): Pick<StepTime, "core" | "phase"> {
  let longestNs = barrier === "floor" ? barrierNs : 0;
  let core = -1;
  let phase = "barrier";
  loadNs.forEach((loads, p) =>
    loads.forEach((ns, c) => {
      if (ns <= longestNs) return;
      longestNs = ns;
      core = c;
      phase = phases[p].name;
    }),
  );
  return { core, phase };
}
