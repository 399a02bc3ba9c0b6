import type { Deployment } from "#ir/deployment";
import { priceRun } from "#simulator/energy";
import { ACTIONS, type Action, type RunResult } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { davies2018 } from "#targets/loihi1/davies2018";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import type { Target } from "#targets/target";
import { hostSpikes } from "./driven.ts";

/** What a step does on average, once the spikes have reached the last layer. */
export interface StepEstimate {
  /** Of the neurons on cores, as simulated. */
  readonly firingShare: number;
  readonly spikes: number;
  readonly messages: number;
  readonly synapticEvents: number;
  /** Dynamic energy of the cores and the mesh. */
  readonly nahukuNj: number;
  /** Lacks messages, which that profile does not price. */
  readonly daviesNj: number;
  /** Times are those of `nahuku-fit`: `davies2018` has none for messages. */
  readonly simpleUs: number;
  readonly detailedUs: number;
}

const STEPS = 40;

/**
 * Simulates a deployment with random host spikes, and averages over `STEPS` steps after a warm-up.
 *
 * @param warmUpSteps more than a spike takes to get through the network
 */
export function estimateStep(
  deployment: Deployment,
  target: Target,
  inputShare: number,
  warmUpSteps = 30,
): StepEstimate {
  const steps = warmUpSteps + STEPS;
  const inputs = Object.fromEntries(
    deployment.inputs.map(({ name, population }, i) => [
      name,
      hostSpikes(deployment.populations[population].shape, inputShare, steps, 1000 + i),
    ]),
  );
  const run = (length: number, timing: string): RunResult =>
    simulate(deployment, target, nahukuFit, inputs, { steps: length, timing });
  const [warmUp, whole] = [run(warmUpSteps, "simple"), run(steps, "simple")];
  const window: RunResult = {
    ...whole,
    counts: whole.counts.map((count, i) => count - warmUp.counts[i]),
    stepNs: whole.stepNs.slice(-STEPS),
  };
  const perStep = (...actions: Action[]): number =>
    actions.reduce((sum, action) => sum + total(window, action), 0) / STEPS;
  const njOf = (profile: typeof nahukuFit): number =>
    priceRun(window, profile, target).dynamicPj / STEPS / 1000;
  const spikes = perStep("spikeOut");
  return {
    firingShare: spikes / perStep("neuronAccess"),
    spikes,
    messages: perStep("messageOut"),
    synapticEvents: perStep("synapseDense", "synapseSparse", "synapseRunLength"),
    nahukuNj: njOf(nahukuFit),
    daviesNj: njOf(davies2018),
    simpleUs: meanUs(window.stepNs),
    detailedUs: meanUs(run(steps, "detailed").stepNs.slice(-STEPS)),
  };
}

function total({ counts }: RunResult, action: Action): number {
  let sum = 0;
  for (let i = ACTIONS.indexOf(action); i < counts.length; i += ACTIONS.length) sum += counts[i];
  return sum;
}

const meanUs = (ns: Float64Array): number => ns.reduce((sum, value) => sum + value, 0) / ns.length / 1000;
