import {
  CORE,
  GROUP,
  HEAD,
  LIST_WORDS,
  type KernelMemory,
  type KernelNumbers,
  type Kernels,
} from "../tables.ts";
import { stepLava, stepNengo } from "./cuba.ts";
import { deliverList, listViews, mergePlane } from "./deliver.ts";

/** The kernels in JavaScript: what the compiled ones must equal, and what runs where those cannot. */
export function createPlainKernels(m: KernelMemory, numbers: KernelNumbers): Kernels {
  const { groups, cores, sums, firedEnd, queue, queued, counts } = m;
  const { rows, actions } = numbers;
  const withStatus = numbers.hasStatus !== 0;
  const stepCuba = numbers.isNengo === 0 ? stepLava : stepNengo;
  const views = listViews(m);
  const did = { updated: 0, tooLarge: -1 };

  const sumsOf = (core: number, step: number): number =>
    cores[core + CORE.sumsBegin] + (step & cores[core + CORE.depthMask]) * cores[core + CORE.stride];

  const kernels: Kernels = {
    begin(step) {
      counts.set(m.constantCounts);
      for (let row = 0; row < rows; row++) {
        const core = row * CORE.count;
        const neurons = cores[core + CORE.neurons];
        const base = sumsOf(core, step);
        firedEnd[row] = cores[core + CORE.neuronBegin];
        for (let p = 0; p < cores[core + CORE.planes]; p++)
          mergePlane(
            sums,
            base,
            base + (p + 1) * neurons,
            neurons,
            m.shifts[cores[core + CORE.shiftBegin] + p],
          );
      }
    },

    stepGroup(index, step) {
      const group = index * GROUP.count;
      const begin = groups[group + GROUP.begin];
      const end = groups[group + GROUP.end];
      const row = groups[group + GROUP.row];
      const core = row * CORE.count;
      const sumsAt = sumsOf(core, step) + begin - cores[core + CORE.neuronBegin];
      if (withStatus) m.status.fill(0, begin, end);
      const modelStep = step - groups[group + GROUP.startStep];
      if (modelStep < 0) {
        sums.fill(0, sumsAt, sumsAt + end - begin);
        return -1;
      }
      const interval = groups[group + GROUP.resetInterval];
      if (interval !== 0 && modelStep % interval === groups[group + GROUP.resetOffset])
        for (const state of [m.u, m.v, m.waiting]) state.fill(0, begin, end);
      const from = firedEnd[row];
      const to = stepCuba(m, group, sumsAt, from, withStatus, did);
      if (did.tooLarge >= 0) return did.tooLarge;
      firedEnd[row] = to;
      counts[row * actions + numbers.neuronUpdate] += did.updated;
      m.updates[index] += did.updated;
      if (to > from && modelStep < groups[group + GROUP.recordSteps])
        logSpikes(m, index, modelStep, from, to);
      return -1;
    },

    send(step) {
      const { fired, spikes, routeStart, routeRow, routeAt } = m;
      for (let row = 0; row < rows; row++) {
        const begin = cores[row * CORE.count + CORE.neuronBegin];
        let messages = 0;
        for (let f = begin; f < firedEnd[row]; f++) {
          const n = fired[f];
          spikes[n]++;
          for (let r = routeStart[n]; r < routeStart[n + 1]; r++, messages++)
            post(routeRow[r], routeAt[r], step);
        }
        counts[row * actions + numbers.spikeOut] += firedEnd[row] - begin;
        counts[row * actions + numbers.messageOut] += messages;
      }
    },

    stepAll(step) {
      kernels.begin(step);
      for (let index = 0; index * GROUP.count < groups.length; index++) {
        const tooLarge = kernels.stepGroup(index, step);
        if (tooLarge >= 0) return tooLarge;
      }
      kernels.send(step);
      return -1;
    },

    inject(events, step) {
      const { hostLine, hostSpikes, lineStart, lineRow, lineAt } = m;
      for (let e = 0; e < events; e++) {
        const line = hostLine[e];
        for (let k = 0; k < hostSpikes[e]; k++)
          for (let r = lineStart[line]; r < lineStart[line + 1]; r++) {
            const row = lineRow[r];
            const isFull = queued[row] === cores[row * CORE.count + CORE.queueEnd];
            if ((lineAt[r] & 1) === 0 && isFull) deliverQueue(row, step);
            post(row, lineAt[r], step);
            counts[row * actions + numbers.inputMessage]++;
          }
      }
    },

    serve(step) {
      for (let row = 0; row < rows; row++) deliverQueue(row, step);
    },

    deliver(step) {
      kernels.serve(step);
      for (let i = 0; i < counts.length; i++) m.totals[i] += counts[i];
    },
  };

  function post(row: number, at: number, step: number): void {
    if ((at & 1) === 0) queue[queued[row]++] = at >>> 1;
    else serveList(row, at >>> 1, step);
  }

  function deliverQueue(row: number, step: number): void {
    const begin = cores[row * CORE.count + CORE.queueBegin];
    const end = queued[row];
    queued[row] = begin;
    for (let q = begin; q < end; q++) serveList(row, queue[q], step);
  }

  function serveList(row: number, place: number, step: number): void {
    const head = 2 * (place * LIST_WORDS + HEAD.counts);
    const at = row * actions;
    counts[at + numbers.messageIn]++;
    counts[at + numbers.synapseWordRead] += views.counts[head];
    const core = row * CORE.count;
    for (let k = 0; k < 3; k++) counts[at + cores[core + CORE.actions + k]] += views.counts[head + 1 + k];
    deliverList(m, views, place, core, step);
  }
  return kernels;
}

/** Adds an entry to the log: group, model step, number of spikes, and the compartments fired[from .. to]. */
export function logSpikes(
  { log, logLength, fired }: KernelMemory,
  group: number,
  modelStep: number,
  from: number,
  to: number,
): void {
  let at = logLength[0];
  log[at++] = group;
  log[at++] = modelStep;
  log[at++] = to - from;
  for (let f = from; f < to; f++) log[at++] = fired[f];
  logLength[0] = at;
}
