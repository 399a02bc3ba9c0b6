import type { AxonGraph } from "#ir/axon-graph";
import { wordTable, type CoreCapacity } from "../hypergraph/capacity.ts";
import { incomingOf, type Incoming } from "../hypergraph/fill.ts";
import { expectedStepNs } from "./expected-step.ts";
import { listNs, spikeNs, spikeVariance, type PhaseCosts, type StepCosts } from "./step-costs.ts";

/** Core of what is on none. */
export const NO_CORE = 0xffff;

export interface BalanceProblem {
  readonly graph: AxonGraph;
  readonly capacity: CoreCapacity;
  readonly costs: StepCosts;
  /** Cores that may be used. */
  readonly maxCores: number;
  /** `[neurons]`; see `BalanceOptions`. */
  readonly group?: Uint16Array | undefined;
}

/**
 * Which core every neuron is on, and what that makes of every wall and every phase; a move changes what it touches.
 * `predictStepTime` and `evaluatePartition` are the slow twins.
 */
export class BalanceState {
  readonly problem: BalanceProblem;
  readonly phases: readonly PhaseCosts[];
  readonly sources: number;
  /** `[sources]`: neurons, then what is outside of all cores, whose entries are NO_CORE. */
  readonly coreOf: Uint16Array;
  /** `[phases * maxCores]`, mean and variance of the time of phase p on core c at p * maxCores + c. */
  readonly meanNs: Float64Array;
  readonly variance: Float64Array;
  /** `[sources]`, of the spikes of a step. */
  readonly noise: Float64Array;
  /** `[maxCores]` */
  readonly neurons: Int32Array;
  readonly axonsIn: Int32Array;
  readonly axonsOut: Int32Array;
  readonly words: Int32Array;
  /** Spikes x other cores; sources outside count all their cores. */
  cutSpikes = 0;

  readonly incoming: Incoming;
  /** `[synapses]`: the cores of an axon and its targets there, in the places of its targets; `[sources]`, how many cores. */
  readonly slotCore: Uint16Array;
  readonly slotCount: Uint16Array;
  readonly lambda: Uint16Array;
  readonly table: Int32Array;

  /** `[maxCores]`, first neuron of a core, `[neurons]`, the next and the one before; -1: none. */
  readonly #head: Int32Array;
  readonly #next: Int32Array;
  readonly #before: Int32Array;
  /** `[maxCores * groups]` */
  readonly #ofGroup: Int32Array;
  readonly #groups: number;

  constructor(problem: BalanceProblem, coreOf: ArrayLike<number>) {
    const { graph, capacity, costs, maxCores, group } = problem;
    const { neurons, outside = 0, axonStart, target } = graph;
    const sources = neurons + outside;
    this.problem = problem;
    this.sources = sources;
    this.phases = costs.phases;
    this.coreOf = Uint16Array.from({ length: sources }, (_, n) => (n < neurons ? coreOf[n] : NO_CORE));
    this.meanNs = new Float64Array(this.phases.length * maxCores);
    this.variance = new Float64Array(this.phases.length * maxCores);
    this.noise = graph.rate.map((rate) => spikeVariance(rate, costs.windowSteps));
    this.neurons = new Int32Array(maxCores);
    this.axonsIn = new Int32Array(maxCores);
    this.axonsOut = new Int32Array(maxCores);
    this.words = new Int32Array(maxCores);
    this.incoming = incomingOf({ ...graph, neurons: sources, outside: 0 });
    this.slotCore = new Uint16Array(target.length);
    this.slotCount = new Uint16Array(target.length);
    this.lambda = new Uint16Array(sources);
    let longest = 1;
    for (let n = 0; n < sources; n++) longest = Math.max(longest, axonStart[n + 1] - axonStart[n]);
    this.table = wordTable(capacity, longest);
    this.#head = new Int32Array(maxCores).fill(-1);
    this.#next = new Int32Array(neurons).fill(-1);
    this.#before = new Int32Array(neurons).fill(-1);
    this.#groups = group === undefined ? 0 : group.reduce((most, g) => Math.max(most, g + 1), 0);
    this.#ofGroup = new Int32Array(maxCores * this.#groups);
    this.#fillSlots();
    for (let n = neurons - 1; n >= 0; n--) this.#enter(n, this.coreOf[n]);
    this.recount();
  }

  #fillSlots(): void {
    const { graph, maxCores } = this.problem;
    const place = new Int32Array(maxCores).fill(-1);
    for (let n = 0; n < this.sources; n++) {
      const begin = graph.axonStart[n];
      let end = begin;
      for (let s = begin; s < graph.axonStart[n + 1]; s++) {
        const core = this.coreOf[graph.target[s]];
        if (place[core] < 0) {
          place[core] = end;
          this.slotCore[end] = core;
          this.slotCount[end++] = 0;
        }
        this.slotCount[place[core]]++;
      }
      for (let s = begin; s < end; s++) place[this.slotCore[s]] = -1;
      this.lambda[n] = end - begin;
    }
  }

  /** Counts all loads afresh: many moves leave rounding behind. */
  recount(): void {
    const { graph } = this.problem;
    const { coreOf, slotCore, slotCount, lambda, table, axonsIn, axonsOut, words } = this;
    this.meanNs.fill(0);
    this.variance.fill(0);
    for (const counts of [this.neurons, axonsIn, axonsOut, words]) counts.fill(0);
    this.cutSpikes = 0;
    for (let n = 0; n < this.sources; n++) {
      const own = coreOf[n];
      const begin = graph.axonStart[n];
      if (own !== NO_CORE) {
        this.neurons[own]++;
        axonsOut[own] += lambda[n];
        this.#addNeuron(n, own, 1);
      }
      for (let s = begin; s < begin + lambda[n]; s++) {
        const core = slotCore[s];
        axonsIn[core]++;
        words[core] += table[slotCount[s]];
        if (core !== own) this.cutSpikes += graph.rate[n];
        this.#changeList(n, core, 0, slotCount[s]);
      }
    }
  }

  #addNeuron(n: number, core: number, sign: 1 | -1): void {
    const { graph, maxCores } = this.problem;
    for (let p = 0; p < this.phases.length; p++) {
      const phase = this.phases[p];
      const sent = spikeNs(phase, this.lambda[n]);
      this.meanNs[p * maxCores + core] += sign * (phase.neuronNs + graph.rate[n] * sent);
      this.variance[p * maxCores + core] += sign * this.noise[n] * sent * sent;
    }
  }

  /** A list of a source on a core gets longer or shorter. */
  #changeList(source: number, core: number, before: number, after: number): void {
    const { graph, maxCores } = this.problem;
    for (let p = 0; p < this.phases.length; p++) {
      const phase = this.phases[p];
      const old = listNs(phase, before, this.table[before]);
      const now = listNs(phase, after, this.table[after]);
      this.meanNs[p * maxCores + core] += graph.rate[source] * (now - old);
      this.variance[p * maxCores + core] += this.noise[source] * (now * now - old * old);
    }
  }

  /** A source sends to so many cores more or fewer. */
  #changeMessages(source: number, core: number, before: number, after: number): void {
    const { graph, maxCores } = this.problem;
    for (let p = 0; p < this.phases.length; p++) {
      const phase = this.phases[p];
      const old = spikeNs(phase, before);
      const now = spikeNs(phase, after);
      this.meanNs[p * maxCores + core] += graph.rate[source] * (now - old);
      this.variance[p * maxCores + core] += this.noise[source] * (now * now - old * old);
    }
  }

  /** How long a phase of a core is taken to last. */
  phaseNs(phase: number, core: number): number {
    const at = phase * this.problem.maxCores + core;
    return this.meanNs[at] + this.problem.costs.deviations * Math.sqrt(Math.max(0, this.variance[at]));
  }

  /** The same if its mean and its variance grew by so much. */
  grownNs(phase: number, core: number, mean: number, variance: number): number {
    const at = phase * this.problem.maxCores + core;
    const total = Math.max(0, this.variance[at] + variance);
    return this.meanNs[at] + mean + this.problem.costs.deviations * Math.sqrt(total);
  }

  /** The longest phase of a core. */
  loadOf(core: number): number {
    let most = 0;
    for (let p = 0; p < this.phases.length; p++) {
      const ns = this.phaseNs(p, core);
      if (ns > most) most = ns;
    }
    return most;
  }

  /** Place of that phase. */
  phaseOf(core: number): number {
    let best = 0;
    for (let p = 1; p < this.phases.length; p++)
      if (this.phaseNs(p, core) > this.phaseNs(best, core)) best = p;
    return best;
  }

  /** The core with the longest phase, the first of equals. */
  busiest(): number {
    let best = 0;
    for (let core = 1; core < this.problem.maxCores; core++)
      if (this.loadOf(core) > this.loadOf(best)) best = core;
    return best;
  }

  usedCores(): number {
    return this.neurons.reduce((used, held) => used + (held > 0 ? 1 : 0), 0);
  }

  /** Predicted, barrier included, on as few tiles as hold the cores. */
  expectedNs(): number {
    const { costs } = this.problem;
    const barrierNs = costs.barrierNs(Math.ceil(this.usedCores() / costs.coresPerTile));
    return expectedStepNs(this.meanNs, this.variance, costs, barrierNs);
  }

  /** As `expectedNs`, of the busiest core alone: its mean and some deviations. Quickly found, and falls with it. */
  stepNs(): number {
    const { costs } = this.problem;
    const barrierNs = costs.barrierNs(Math.ceil(this.usedCores() / costs.coresPerTile));
    const longestNs = this.loadOf(this.busiest());
    return costs.barrier === "floor" ? Math.max(longestNs, barrierNs) : longestNs + barrierNs;
  }

  /** Neurons of a core. */
  membersOf(core: number): number[] {
    const members: number[] = [];
    for (let n = this.#head[core]; n >= 0; n = this.#next[n]) members.push(n);
    return members;
  }

  /** Whether a neuron may go to a core in use: only where its group is already. */
  isWelcome(neuron: number, core: number): boolean {
    const { group } = this.problem;
    if (this.neurons[core] === 0) return false;
    return group === undefined || this.#ofGroup[core * this.#groups + group[neuron]] > 0;
  }

  isOverWall(core: number): boolean {
    const { capacity } = this.problem;
    return (
      this.neurons[core] > capacity.neurons ||
      this.axonsIn[core] > capacity.axonsIn ||
      this.axonsOut[core] > capacity.axonsOut ||
      this.words[core] > capacity.synapseWords
    );
  }

  move(neuron: number, to: number): void {
    const { graph } = this.problem;
    const { coreOf, slotCore, slotCount, lambda, table, axonsIn, axonsOut, words } = this;
    const { inStart, inSource } = this.incoming;
    const from = coreOf[neuron];
    if (from === to) return;
    const ownRate = graph.rate[neuron];
    this.#leave(neuron, from);
    axonsOut[from] -= lambda[neuron];
    this.#addNeuron(neuron, from, -1);
    this.cutSpikes -= ownRate * this.#remoteCores(neuron, from);
    for (let i = inStart[neuron]; i < inStart[neuron + 1]; i++) {
      const source = inSource[i];
      const rate = graph.rate[source];
      const begin = graph.axonStart[source];
      const end = begin + lambda[source];
      let a = -1;
      let b = -1;
      for (let s = begin; s < end; s++) {
        if (slotCore[s] === from) a = s;
        else if (slotCore[s] === to) b = s;
      }
      const left = slotCount[a] - 1;
      const there = b < 0 ? 0 : slotCount[b];
      const fewerWords = table[left + 1] - table[left];
      const moreWords = table[there + 1] - table[there];
      words[from] -= fewerWords;
      words[to] += moreWords;
      if (left === 0) axonsIn[from]--;
      if (there === 0) axonsIn[to]++;
      this.#changeList(source, from, left + 1, left);
      this.#changeList(source, to, there, there + 1);
      if (left === 0 && there === 0) slotCore[a] = to;
      else if (left === 0) {
        slotCount[b]++;
        slotCore[a] = slotCore[end - 1];
        slotCount[a] = slotCount[end - 1];
        lambda[source]--;
      } else if (there === 0) {
        slotCount[a] = left;
        slotCore[end] = to;
        slotCount[end] = 1;
        lambda[source]++;
      } else {
        slotCount[a] = left;
        slotCount[b]++;
      }
      if (source === neuron) continue;
      const own = coreOf[source];
      if (left === 0 && from !== own) this.cutSpikes -= rate;
      if (there === 0 && to !== own) this.cutSpikes += rate;
      const more = (there === 0 ? 1 : 0) - (left === 0 ? 1 : 0);
      if (more === 0 || own === NO_CORE) continue;
      axonsOut[own] += more;
      this.#changeMessages(source, own, lambda[source] - more, lambda[source]);
    }
    coreOf[neuron] = to;
    this.#enter(neuron, to);
    axonsOut[to] += lambda[neuron];
    this.#addNeuron(neuron, to, 1);
    this.cutSpikes += ownRate * this.#remoteCores(neuron, to);
  }

  #remoteCores(neuron: number, own: number): number {
    const begin = this.problem.graph.axonStart[neuron];
    let remote = this.lambda[neuron];
    for (let s = begin; s < begin + this.lambda[neuron]; s++) if (this.slotCore[s] === own) remote--;
    return remote;
  }

  #enter(neuron: number, core: number): void {
    const first = this.#head[core];
    this.#next[neuron] = first;
    this.#before[neuron] = -1;
    if (first >= 0) this.#before[first] = neuron;
    this.#head[core] = neuron;
    this.neurons[core]++;
    const { group } = this.problem;
    if (group !== undefined) this.#ofGroup[core * this.#groups + group[neuron]]++;
  }

  #leave(neuron: number, core: number): void {
    const next = this.#next[neuron];
    const before = this.#before[neuron];
    if (next >= 0) this.#before[next] = before;
    if (before >= 0) this.#next[before] = next;
    else this.#head[core] = next;
    this.neurons[core]--;
    const { group } = this.problem;
    if (group !== undefined) this.#ofGroup[core * this.#groups + group[neuron]]--;
  }
}
