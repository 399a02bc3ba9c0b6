import { NO_CORE, type BalanceState } from "./balance-state.ts";
import { listNs, spikeNs } from "./step-costs.ts";

/**
 * What moving one neuron would do to every core: the cores that hold targets of its sources, or that it sends to, one by
 * one, and all others alike. Its sources' own messages are left out; trying the move counts them.
 */
export class Offers {
  readonly #state: BalanceState;
  /** Cores that differ from the others; entries [0, listed) are valid. */
  readonly #core: Uint16Array;
  #listed = 0;
  readonly #isListed: Uint8Array;
  /** `[maxCores]`: cut spikes, lists and words that are saved. */
  readonly #gain: Float64Array;
  readonly #axons: Int32Array;
  readonly #words: Int32Array;
  /** `[phases * maxCores]`: what lists that are there already save in the mean and in the variance. */
  readonly #savedMean: Float64Array;
  readonly #savedVariance: Float64Array;
  /** `[phases]`: what the neuron brings to a core that has nothing of it, and what it takes from its own. */
  readonly #brings: { readonly mean: Float64Array; readonly variance: Float64Array };
  readonly #takes: { readonly mean: Float64Array; readonly variance: Float64Array };
  #leaving = 0;
  #allAxons = 0;
  #allWords = 0;
  #entries = 0;
  #neuron = -1;

  constructor(state: BalanceState) {
    const { maxCores } = state.problem;
    this.#state = state;
    this.#core = new Uint16Array(maxCores);
    this.#isListed = new Uint8Array(maxCores);
    this.#gain = new Float64Array(maxCores);
    this.#axons = new Int32Array(maxCores);
    this.#words = new Int32Array(maxCores);
    const phases = state.phases.length;
    this.#savedMean = new Float64Array(phases * maxCores);
    this.#savedVariance = new Float64Array(phases * maxCores);
    this.#brings = { mean: new Float64Array(phases), variance: new Float64Array(phases) };
    this.#takes = { mean: new Float64Array(phases), variance: new Float64Array(phases) };
  }

  /** Looks at a neuron; all other methods are about the one looked at last. */
  lookAt(neuron: number): void {
    const { problem, coreOf, slotCore, slotCount, lambda, table, incoming } = this.#state;
    const { axonStart, rate } = problem.graph;
    const { inStart, inSource } = incoming;
    this.#release();
    this.#neuron = neuron;
    const from = coreOf[neuron];
    let leaving = 0;
    let isSelf = false;
    const one = table[1];
    this.#begin(neuron);
    for (let i = inStart[neuron]; i < inStart[neuron + 1]; i++) {
      const source = inSource[i];
      const r = rate[source];
      if (source === neuron) isSelf = true;
      const own = source === neuron ? NO_CORE : coreOf[source];
      const begin = axonStart[source];
      const end = begin + lambda[source];
      leaving -= r;
      if (own !== NO_CORE && own !== from) {
        this.#list(own);
        this.#gain[own] += r;
      }
      for (let s = begin; s < end; s++) {
        const core = slotCore[s];
        const count = slotCount[s];
        if (core === from) {
          this.#takeFrom(source, count);
          if (count === 1 && own !== from) leaving += r;
          continue;
        }
        this.#list(core);
        if (core !== own) this.#gain[core] += r;
        this.#axons[core]--;
        this.#words[core] += table[count + 1] - table[count] - one;
        this.#save(source, core, count);
      }
    }
    const ownRate = rate[neuron];
    const begin = axonStart[neuron];
    // An axon that reaches its own neuron has been counted above.
    const end = isSelf ? begin : begin + lambda[neuron];
    for (let s = begin; s < end; s++) {
      const core = slotCore[s];
      if (core === from) {
        leaving -= ownRate;
        continue;
      }
      this.#list(core);
      this.#gain[core] += ownRate;
    }
    this.#leaving = leaving;
    this.#allAxons = inStart[neuron + 1] - inStart[neuron];
    this.#allWords = this.#allAxons * one;
    this.#entries = lambda[neuron];
  }

  #begin(neuron: number): void {
    const { problem, phases, noise, lambda } = this.#state;
    for (let p = 0; p < phases.length; p++) {
      const sent = spikeNs(phases[p], lambda[neuron]);
      const mean = phases[p].neuronNs + problem.graph.rate[neuron] * sent;
      const variance = noise[neuron] * sent * sent;
      this.#brings.mean[p] = this.#takes.mean[p] = mean;
      this.#brings.variance[p] = this.#takes.variance[p] = variance;
    }
  }

  /** The list of a source on the neuron's own core, of so many synapses, gets shorter; on another, there is one of one synapse. */
  #takeFrom(source: number, count: number): void {
    const { problem, phases, noise, table } = this.#state;
    const rate = problem.graph.rate[source];
    for (let p = 0; p < phases.length; p++) {
      const before = listNs(phases[p], count, table[count]);
      const after = listNs(phases[p], count - 1, table[count - 1]);
      const alone = listNs(phases[p], 1, table[1]);
      this.#takes.mean[p] += rate * (before - after);
      this.#takes.variance[p] += noise[source] * (before * before - after * after);
      this.#brings.mean[p] += rate * alone;
      this.#brings.variance[p] += noise[source] * alone * alone;
    }
  }

  /** There is a list of so many synapses already. */
  #save(source: number, core: number, count: number): void {
    const { problem, phases, noise, table } = this.#state;
    const { graph, maxCores } = problem;
    for (let p = 0; p < phases.length; p++) {
      const before = listNs(phases[p], count, table[count]);
      const after = listNs(phases[p], count + 1, table[count + 1]);
      const alone = listNs(phases[p], 1, table[1]);
      this.#savedMean[p * maxCores + core] += graph.rate[source] * (alone - after + before);
      this.#savedVariance[p * maxCores + core] +=
        noise[source] * (alone * alone - after * after + before * before);
    }
  }

  /** Cut spikes that a move there saves. */
  savingAt(core: number): number {
    return this.#gain[core] + this.#leaving;
  }

  /** What a phase of a core would grow by. */
  addedNs(phase: number, core: number): number {
    return this.#afterNs(phase, core) - this.#state.phaseNs(phase, core);
  }

  /** What a phase of the neuron's own core would shrink by. */
  reliefNs(phase: number): number {
    const state = this.#state;
    const core = state.coreOf[this.#neuron];
    const { mean, variance } = this.#takes;
    return state.phaseNs(phase, core) - state.grownNs(phase, core, -mean[phase], -variance[phase]);
  }

  #afterNs(phase: number, core: number): number {
    const at = phase * this.#state.problem.maxCores + core;
    const { mean, variance } = this.#brings;
    return this.#state.grownNs(
      phase,
      core,
      mean[phase] - this.#savedMean[at],
      variance[phase] - this.#savedVariance[at],
    );
  }

  /** Whether a core's own walls have room, and no phase of it would be longer than the limit. */
  hasRoom(core: number, limitNs: number, spareNeurons = 0): boolean {
    const state = this.#state;
    const { capacity } = state.problem;
    if (state.neurons[core] + 1 > capacity.neurons + spareNeurons) return false;
    if (state.axonsIn[core] + this.#axons[core] + this.#allAxons > capacity.axonsIn) return false;
    if (state.words[core] + this.#words[core] + this.#allWords > capacity.synapseWords) return false;
    if (state.axonsOut[core] + this.#entries > capacity.axonsOut) return false;
    for (let p = 0; p < state.phases.length; p++) if (this.#afterNs(p, core) > limitNs) return false;
    return state.isWelcome(this.#neuron, core);
  }

  /** The core with room where a move saves most cut spikes, the least busy of equals; -1: none. */
  best(limitNs: number, isBarred?: (core: number) => boolean): number {
    const state = this.#state;
    const { maxCores } = state.problem;
    const from = state.coreOf[this.#neuron];
    let chosen = -1;
    let saves = -Infinity;
    let busy = Infinity;
    for (let core = 0; core < maxCores; core++) {
      if (core === from || this.#gain[core] < saves) continue;
      const load = state.loadOf(core);
      if (this.#gain[core] === saves && load >= busy) continue;
      if (!this.hasRoom(core, limitNs) || isBarred?.(core) === true) continue;
      chosen = core;
      saves = this.#gain[core];
      busy = load;
    }
    return chosen;
  }

  #list(core: number): void {
    if (this.#isListed[core] === 1) return;
    this.#isListed[core] = 1;
    this.#core[this.#listed++] = core;
  }

  #release(): void {
    const { phases, problem } = this.#state;
    for (let k = 0; k < this.#listed; k++) {
      const core = this.#core[k];
      this.#isListed[core] = 0;
      for (let p = 0; p < phases.length; p++) {
        this.#savedMean[p * problem.maxCores + core] = 0;
        this.#savedVariance[p * problem.maxCores + core] = 0;
      }
      this.#gain[core] = 0;
      this.#axons[core] = 0;
      this.#words[core] = 0;
    }
    this.#listed = 0;
  }
}
