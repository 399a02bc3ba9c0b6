// How long a step takes under two objectives: few hops, or little work on the busiest core.
import type { Deployment } from "#ir/deployment";
import type { SpikeData } from "#ir/spikes";
import { ACTIONS, type RunResult } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import type { Target } from "#targets/target";

/** One way to map one network. */
export interface StepTimeRow {
  readonly mapping: string;
  readonly cores: number;
  /** Of the mean step, before it was simulated. */
  readonly predictedUs: number;
  /** No partition of those cores is below. */
  readonly boundUs: number;
  /** Means over the steps of the run. */
  readonly simpleUs: number;
  readonly detailedUs: number;
  /** What most steps wait for by the simple law, and in which share of them. */
  readonly phase: string;
  readonly phaseShare: number;
  /** Messages between cores and on their own cores, and links that messages go over, in a step. */
  readonly messages: number;
  readonly links: number;
  readonly cpuSeconds: number;
}

export interface StepTimeCase {
  readonly name: string;
  readonly what: string;
  readonly rows: readonly StepTimeRow[];
}

export interface Run {
  readonly deployment: Deployment;
  readonly target: Target;
  readonly inputs: Readonly<Record<string, SpikeData>>;
  readonly steps: number;
}

const PHASE_NAMES = ["generation", "reception", "network", "barrier"];

/** Simulates with both laws. */
export function simulatedSteps({
  deployment,
  target,
  inputs,
  steps,
}: Run): Pick<StepTimeRow, "simpleUs" | "detailedUs" | "phase" | "phaseShare" | "messages" | "links"> {
  const run = (timing: string): RunResult =>
    simulate(deployment, target, nahukuFit, inputs, { steps, timing });
  const simple = run("simple");
  const detailed = run("detailed");
  const counted = simple.stepNs.length;
  const phases = PHASE_NAMES.map((_, p) => simple.bindingPhase.filter((phase) => phase === p).length);
  const most = phases.indexOf(Math.max(...phases));
  const perStep = (...actions: (typeof ACTIONS)[number][]): number =>
    actions.reduce((sum, action) => sum + total(simple, action), 0) / counted;
  return {
    simpleUs: meanUs(simple.stepNs),
    detailedUs: meanUs(detailed.stepNs),
    phase: PHASE_NAMES[most],
    phaseShare: phases[most] / counted,
    messages: perStep("messageOut"),
    links: perStep("hopEastWest", "hopNorthSouth", "hopChip"),
  };
}

function total({ counts }: RunResult, action: (typeof ACTIONS)[number]): number {
  let sum = 0;
  for (let at = ACTIONS.indexOf(action); at < counts.length; at += ACTIONS.length) sum += counts[at];
  return sum;
}

const meanUs = (ns: Float64Array): number => ns.reduce((sum, value) => sum + value, 0) / ns.length / 1000;
