import type { Network, Projection } from "#ir/network";
import type { Pass, PassContext } from "../pass.ts";
import { delayTooLong, loopTooFast } from "./diagnostics.ts";

/**
 * Gives every population the step in which it starts, so that each spike can take the one step that the chip
 * needs to deliver it.
 *
 * A spike of hardware step t acts in step t + 1 at the earliest, while models let a whole chain of layers act
 * in one step. So deeper layers run behind: population p computes model step m in hardware step m + s(p), and
 * holds its initial state until s(p). A projection of d model steps then needs a hardware delay of
 *
 *     h = d + s(post) - s(pre)  >=  1
 *
 * Inputs have s = 0 (a spike of step t is injected in step t and acts one step later at the earliest), so
 * a first layer without delay starts in step 1. The start steps are the smallest that satisfy all projections
 * (longest paths, Bellman-Ford), and the deployed spikes are the model's, each population's shifted by its start step.
 *
 * A loop whose delays add up to less than its length leaves no choice: its slowest projection then acts late,
 * which is reported as `passes/loop-too-fast`. Running the pass again changes nothing. It runs last: whoever
 * changes projections later has to run it again.
 */
export const alignDelays: Pass = {
  name: "align-delays",
  summary: "start deeper populations later, so that every spike has a step to travel",

  run(network: Network, context: PassContext): Network {
    const modelDelays = network.projections.map((p) => modelDelay(network, p));
    const late = new Set<number>();
    let starts = longestPaths(network, modelDelays, late);
    while ("loop" in starts) {
      late.add(slowest(starts.loop, modelDelays));
      starts = longestPaths(network, modelDelays, late);
    }
    const { startSteps } = starts;

    let changed = false;
    const populations = network.populations.map((population, p) => {
      if ((population.startStep ?? 0) === startSteps[p]) return population;
      changed = true;
      return { ...population, startStep: startSteps[p] };
    });
    const projections = network.projections.map((projection, i) => {
      const wanted = modelDelays[i] + startSteps[projection.post] - startSteps[projection.pre];
      const delaySteps = Math.max(1, wanted);
      if (delaySteps > wanted) reportLoop(network, i, delaySteps - wanted, context);
      checkLength(projection.name, delaySteps, context);
      if (delaySteps === projection.delaySteps) return projection;
      changed = true;
      return { ...projection, delaySteps };
    });
    return changed ? { ...network, populations, projections } : network;
  },
};

/** Steps from spike to effect as the model counts them, whether or not the network is aligned already. */
function modelDelay(network: Network, { pre, post, delaySteps }: Projection): number {
  const start = (p: number): number => network.populations[p].startStep ?? 0;
  return delaySteps + start(pre) - start(post);
}

/** The smallest start steps that satisfy all projections but the late ones, or a loop that forbids any. */
function longestPaths(
  network: Network,
  modelDelays: readonly number[],
  late: ReadonlySet<number>,
): { startSteps: number[] } | { loop: number[] } {
  const { populations, projections } = network;
  const startSteps = populations.map(() => 0);
  const via = populations.map(() => -1);
  for (let round = 0; round <= populations.length; round++) {
    let last = -1;
    projections.forEach(({ pre, post }, i) => {
      const needed = startSteps[pre] + 1 - modelDelays[i];
      if (late.has(i) || startSteps[post] >= needed) return;
      startSteps[post] = needed;
      via[post] = i;
      last = post;
    });
    if (last === -1) return { startSteps };
    if (round === populations.length) return { loop: loopBehind(network, via, last) };
  }
  return { startSteps };
}

/** Projections of the loop that is reached by walking back from a population that never settles. */
function loopBehind({ populations, projections }: Network, via: readonly number[], from: number): number[] {
  let population = from;
  for (let i = 0; i < populations.length; i++) population = projections[via[population]].pre;
  const loop: number[] = [];
  const begin = population;
  do {
    loop.unshift(via[population]);
    population = projections[via[population]].pre;
  } while (population !== begin);
  return loop;
}

/** The projection of a loop with the longest delay: the feedback, where the model itself cut the loop. */
function slowest(loop: readonly number[], modelDelays: readonly number[]): number {
  return loop.reduce((best, i) => (modelDelays[i] > modelDelays[best] ? i : best));
}

function reportLoop(network: Network, feedback: number, steps: number, { sink }: PassContext): void {
  const { pre, post, name } = network.projections[feedback];
  const names = pathBetween(network, post, pre).map((p) => network.populations[p].name);
  sink.report(loopTooFast({ populations: names, projection: name, steps }));
}

/** Populations on a shortest path, both ends included; the projection that asks closes a loop, so there is one. */
function pathBetween({ populations, projections }: Network, from: number, to: number): number[] {
  const next = populations.map(() => -1);
  const queue = [to];
  for (let head = 0; head < queue.length && next[from] === -1; head++) {
    for (const { pre, post } of projections) {
      if (post !== queue[head] || next[pre] !== -1 || pre === to) continue;
      next[pre] = post;
      queue.push(pre);
    }
  }
  const path = [from];
  while (path[path.length - 1] !== to) path.push(next[path[path.length - 1]]);
  return path;
}

function checkLength(projection: string, neededSteps: number, { target, sink }: PassContext): void {
  if (target === undefined || neededSteps <= target.maxDelaySteps.value) return;
  sink.report(
    delayTooLong({ projection, neededSteps, maxSteps: target.maxDelaySteps.value, target: target.name }),
  );
}
