import { invariant } from "#util/diagnostic";
import type { CoreCapacity } from "./capacity.ts";
import { wordTable } from "./capacity.ts";
import type { Level } from "./level.ts";
import { AXON, createOffers, sharedAxons, type Offers } from "./offers.ts";

/**
 * Which core every node of a level is on, with everything that moving a node changes kept up to date: for every net
 * the cores that hold targets of it, for every core what is used of each resource.
 *
 * The cores of a net are stored in the places of its pins: there are never more of them.
 */
export class Assignment {
  readonly level: Level;
  readonly capacity: CoreCapacity;
  cores: number;
  /** `[nodes]` */
  readonly coreOf: Uint16Array;
  /** `[pins]`: entries netStart[net] .. netStart[net] + lambda[net] are the net's cores, and its targets there. */
  readonly slotCore: Uint16Array;
  readonly slotCount: Uint16Array;
  /** `[nets]` */
  readonly lambda: Uint16Array;
  /** `[nets]`, core of the source. */
  readonly ownCore: Uint16Array;
  /** `[cores]` */
  readonly neurons: Int32Array;
  readonly axonsIn: Int32Array;
  readonly axonsOut: Int32Array;
  readonly words: Int32Array;
  /** Sum over nets of rate x cores other than the source's that hold targets. */
  cutSpikes = 0;
  /** What a core may hold; `setWalls` moves them. */
  readonly walls: Walls = { neurons: 0, axonsIn: 0, axonsOut: 0, words: 0 };
  /** By how much cores are over each wall, all together. */
  readonly excess: Walls = { neurons: 0, axonsIn: 0, axonsOut: 0, words: 0 };

  readonly table: Int32Array;
  /** By synapses that a list on a core has: what one more takes there less than where the axon is new, as `Offers.takes`. */
  readonly oneMore: Float64Array;
  readonly offers: Offers;
  readonly #extraOut: Int32Array;

  /** @param maxCores room for cores that may still be opened */
  constructor(
    level: Level,
    capacity: CoreCapacity,
    coreOf: Uint16Array,
    cores: number,
    maxCores: number = cores,
  ) {
    invariant(maxCores < 2 ** 16, "cores are numbered in 16 bits");
    const { nets, netStart, pin, pinCount, source, rate, axons, size } = level;
    this.level = level;
    this.capacity = capacity;
    this.cores = cores;
    this.coreOf = coreOf;
    this.slotCore = new Uint16Array(pin.length);
    this.slotCount = new Uint16Array(pin.length);
    this.lambda = new Uint16Array(nets);
    this.ownCore = Uint16Array.from(source, (node) => coreOf[node]);
    this.neurons = new Int32Array(maxCores);
    this.axonsIn = new Int32Array(maxCores);
    this.axonsOut = new Int32Array(maxCores);
    this.words = new Int32Array(maxCores);
    this.offers = createOffers(maxCores);
    let longest = 0;
    const place = new Int32Array(maxCores).fill(-1);
    for (let net = 0; net < nets; net++) {
      const begin = netStart[net];
      let end = begin;
      for (let p = begin; p < netStart[net + 1]; p++) {
        const core = coreOf[pin[p]];
        let at = place[core];
        if (at < 0) {
          at = place[core] = end++;
          this.slotCore[at] = core;
          this.slotCount[at] = 0;
        }
        this.slotCount[at] += pinCount === undefined ? 1 : pinCount[p];
      }
      let total = 0;
      for (let s = begin; s < end; s++) {
        place[this.slotCore[s]] = -1;
        total += this.slotCount[s];
      }
      if (total > longest) longest = total;
      this.lambda[net] = end - begin;
    }
    this.table = wordTable(capacity, longest);
    const { table } = this;
    this.oneMore = Float64Array.from(
      { length: longest },
      (_, held) => table[held + 1] - table[held] - table[1] - AXON,
    );
    for (let v = 0; v < level.nodes; v++) this.neurons[coreOf[v]] += size[v];
    for (let net = 0; net < nets; net++) {
      const begin = netStart[net];
      const own = this.ownCore[net];
      let remote = this.lambda[net];
      for (let s = begin; s < begin + this.lambda[net]; s++) {
        const core = this.slotCore[s];
        this.axonsIn[core] += axons[net];
        this.words[core] += axons[net] * this.table[this.slotCount[s]];
        if (core === own) remote--;
      }
      this.axonsOut[own] += axons[net] * this.lambda[net];
      this.cutSpikes += rate[net] * remote;
    }
    this.#extraOut = new Int32Array(maxCores);
    this.setWalls(1);
  }

  /** Sets the walls to the capacity times `relax`. */
  setWalls(relax: number): void {
    const { capacity, walls, excess } = this;
    walls.neurons = Math.floor(capacity.neurons * relax);
    walls.axonsIn = Math.floor(capacity.axonsIn * relax);
    walls.axonsOut = Math.floor(capacity.axonsOut * relax);
    walls.words = Math.floor(capacity.synapseWords * relax);
    excess.neurons = excess.axonsIn = excess.axonsOut = excess.words = 0;
    for (let core = 0; core < this.cores; core++) {
      this.#countExcess(core, 1);
      excess.axonsOut += Math.max(0, this.axonsOut[core] - walls.axonsOut);
    }
  }

  /** How far cores are over the walls, as shares of them, all together; 0 if none is. */
  get overload(): number {
    const { excess, walls } = this;
    return (
      excess.neurons / walls.neurons +
      excess.axonsIn / walls.axonsIn +
      excess.axonsOut / walls.axonsOut +
      excess.words / walls.words
    );
  }

  isOver(core: number): boolean {
    const { walls } = this;
    return (
      this.neurons[core] > walls.neurons ||
      this.axonsIn[core] > walls.axonsIn ||
      this.axonsOut[core] > walls.axonsOut ||
      this.words[core] > walls.words
    );
  }

  /** Cores that hold anything. */
  usedCores(): number {
    return this.neurons.subarray(0, this.cores).reduce((used, held) => used + (held > 0 ? 1 : 0), 0);
  }

  /** The core that holds least, all resources taken together. */
  emptiestCore(): number {
    const { cores, walls, neurons, axonsIn, axonsOut, words } = this;
    let best = 0;
    let least = Infinity;
    for (let c = 0; c < cores; c++) {
      const fullness =
        neurons[c] / walls.neurons +
        axonsIn[c] / walls.axonsIn +
        axonsOut[c] / walls.axonsOut +
        words[c] / walls.words;
      if (fullness >= least) continue;
      least = fullness;
      best = c;
    }
    return best;
  }

  /** All but output entries, which change on other cores too. */
  #countExcess(core: number, sign: number): void {
    const { walls, excess } = this;
    const neurons = this.neurons[core] - walls.neurons;
    const axonsIn = this.axonsIn[core] - walls.axonsIn;
    const words = this.words[core] - walls.words;
    if (neurons > 0) excess.neurons += sign * neurons;
    if (axonsIn > 0) excess.axonsIn += sign * axonsIn;
    if (words > 0) excess.words += sign * words;
  }

  #addAxonsOut(core: number, change: number): void {
    const before = this.axonsOut[core];
    const after = before + change;
    const wall = this.walls.axonsOut;
    this.axonsOut[core] = after;
    if (before > wall) this.excess.axonsOut -= before - wall;
    if (after > wall) this.excess.axonsOut += after - wall;
  }

  /** Moves a node to another core. */
  move(node: number, to: number): void {
    const { level, slotCore, slotCount, lambda, axonsIn, words, table, ownCore } = this;
    const { inStart, inNet, inCount, outStart, outNet, netStart, source, axons, rate, size } = level;
    const from = this.coreOf[node];
    if (from === to) return;
    this.#countExcess(from, -1);
    this.#countExcess(to, -1);
    for (let i = inStart[node]; i < inStart[node + 1]; i++) {
      const net = inNet[i];
      const count = inCount === undefined ? 1 : inCount[i];
      const many = axons[net];
      const begin = netStart[net];
      const end = begin + lambda[net];
      let a = -1;
      let b = -1;
      for (let s = begin; s < end; s++) {
        const core = slotCore[s];
        if (core === from) a = s;
        else if (core === to) b = s;
      }
      const isSelf = source[net] === node;
      const own = ownCore[net];
      const leaves = slotCount[a] === count;
      const enters = b < 0;
      if (isSelf) this.cutSpikes += rate[net] * ((enters ? 1 : 0) - (leaves ? 1 : 0));
      else this.cutSpikes += rate[net] * ((enters && own !== to ? 1 : 0) - (leaves && own !== from ? 1 : 0));
      words[from] += many * (table[slotCount[a] - count] - table[slotCount[a]]);
      const before = enters ? 0 : slotCount[b];
      words[to] += many * (table[before + count] - table[before]);
      if (leaves) axonsIn[from] -= many;
      if (enters) axonsIn[to] += many;
      let change = 0;
      if (leaves && enters) {
        slotCore[a] = to;
        slotCount[a] = count;
      } else if (leaves) {
        slotCount[b] += count;
        slotCore[a] = slotCore[end - 1];
        slotCount[a] = slotCount[end - 1];
        lambda[net]--;
        change = -1;
      } else if (enters) {
        slotCount[a] -= count;
        slotCore[end] = to;
        slotCount[end] = count;
        lambda[net]++;
        change = 1;
      } else {
        slotCount[a] -= count;
        slotCount[b] += count;
      }
      if (isSelf) {
        this.#addAxonsOut(from, -many * (lambda[net] - change));
        this.#addAxonsOut(to, many * lambda[net]);
        ownCore[net] = to;
      } else if (change !== 0) this.#addAxonsOut(own, many * change);
    }
    for (let i = outStart[node]; i < outStart[node + 1]; i++) {
      const net = outNet[i];
      const begin = netStart[net];
      const end = begin + lambda[net];
      for (let s = begin; s < end; s++) {
        if (slotCore[s] === from) this.cutSpikes += rate[net];
        else if (slotCore[s] === to) this.cutSpikes -= rate[net];
      }
      ownCore[net] = to;
      this.#addAxonsOut(from, -axons[net] * lambda[net]);
      this.#addAxonsOut(to, axons[net] * lambda[net]);
    }
    this.neurons[from] -= size[node];
    this.neurons[to] += size[node];
    this.coreOf[node] = to;
    this.#countExcess(from, 1);
    this.#countExcess(to, 1);
  }

  /**
   * Whether a node could move: all walls of the core it goes to, and the output entries of its sources, which may have
   * one core more to send to. Cores that are over their wall already must not grow.
   */
  fits(node: number, to: number): boolean {
    const { level, slotCore, slotCount, lambda, axonsOut, walls, ownCore, table } = this;
    const { inStart, inNet, inCount, outStart, outNet, netStart, source, axons, size } = level;
    const from = this.coreOf[node];
    if (from === to) return false;
    if (this.neurons[to] + size[node] > walls.neurons) return false;
    let moved = 0;
    for (let i = outStart[node]; i < outStart[node + 1]; i++) moved += axons[outNet[i]] * lambda[outNet[i]];
    if (axonsOut[to] + moved > walls.axonsOut) return false;
    const extra = this.#extraOut;
    let moreAxons = 0;
    let moreWords = 0;
    for (let i = inStart[node]; i < inStart[node + 1]; i++) {
      const net = inNet[i];
      const count = inCount === undefined ? 1 : inCount[i];
      const begin = netStart[net];
      const end = begin + lambda[net];
      let there = 0;
      let leaves = 0;
      for (let s = begin; s < end; s++) {
        const core = slotCore[s];
        if (core === to) there = slotCount[s];
        else if (core === from && slotCount[s] === count) leaves = 1;
      }
      moreWords += axons[net] * (table[there + count] - table[there]);
      if (there === 0) moreAxons += axons[net];
      const change = (there === 0 ? 1 : 0) - leaves;
      if (source[net] === node) moved += axons[net] * (lambda[net] + change);
      else extra[ownCore[net]] += axons[net] * change;
    }
    let holds = this.axonsIn[to] + moreAxons <= walls.axonsIn && this.words[to] + moreWords <= walls.words;
    extra[to] += moved;
    if (axonsOut[to] + extra[to] > walls.axonsOut && extra[to] > 0) holds = false;
    extra[to] = 0;
    // The node's own entries leave `from`: that is room for what its sources there may need.
    if (extra[from] > moved && axonsOut[from] + extra[from] - moved > walls.axonsOut) holds = false;
    extra[from] = 0;
    for (let i = inStart[node]; i < inStart[node + 1]; i++) {
      const core = ownCore[inNet[i]];
      if (extra[core] > 0 && axonsOut[core] + extra[core] > walls.axonsOut) holds = false;
      extra[core] = 0;
    }
    return holds;
  }

  /**
   * Looks at all cores that a node shares nets with: what moving it there would save, and what it would take. The
   * result is valid until the next call; `releaseOffers` comes before that.
   */
  offersFor(node: number): Offers {
    const { level, slotCore, slotCount, lambda, table, oneMore, offers, ownCore, axonsOut } = this;
    const { inStart, inNet, inCount, outStart, outNet, netStart, source, axons, rate } = level;
    const { core: list, gain, takes, isListed, reached } = offers;
    const from = this.coreOf[node];
    const wall = this.walls.axonsOut;
    let listed = 0;
    let leaving = 0;
    let allAxons = 0;
    let allWords = 0;
    let outAxons = 0;
    let strict = 0;
    for (let i = inStart[node]; i < inStart[node + 1]; i++) {
      const net = inNet[i];
      const count = inCount === undefined ? 1 : inCount[i];
      const many = axons[net];
      const w = rate[net];
      const own = source[net] === node ? -1 : ownCore[net];
      const begin = netStart[net];
      const end = begin + lambda[net];
      const alone = table[count] + AXON;
      const step = count === 1 ? oneMore : undefined;
      leaving -= w;
      allAxons += many;
      allWords += many * table[count];
      if (own === -1) outAxons += many * lambda[net];
      else if (own !== from) {
        // A message that would stay at home costs nothing.
        if (isListed[own] === 0) {
          isListed[own] = 1;
          list[listed++] = own;
        }
        gain[own] += w;
      }
      let leaves = false;
      for (let s = begin; s < end; s++) {
        const core = slotCore[s];
        const held = slotCount[s];
        if (core === from) {
          leaves = held === count;
          continue;
        }
        if (isListed[core] === 0) {
          isListed[core] = 1;
          list[listed++] = core;
        }
        if (core !== own) gain[core] += w;
        takes[core] += many * (step === undefined ? table[held + count] - table[held] - alone : step[held]);
      }
      if (own === from) continue;
      if (leaves) leaving += w;
      else if (own !== -1 && axonsOut[own] + many > wall) {
        strict++;
        for (let s = begin; s < end; s++) if (slotCore[s] !== from) reached[slotCore[s]]++;
      }
    }
    for (let i = outStart[node]; i < outStart[node + 1]; i++) {
      const net = outNet[i];
      const w = rate[net];
      const begin = netStart[net];
      const end = begin + lambda[net];
      outAxons += axons[net] * lambda[net];
      for (let s = begin; s < end; s++) {
        const core = slotCore[s];
        if (core === from) {
          leaving -= w;
          continue;
        }
        if (isListed[core] === 0) {
          isListed[core] = 1;
          list[listed++] = core;
        }
        gain[core] += w;
      }
    }
    offers.listed = listed;
    offers.leaving = leaving;
    offers.allAxons = allAxons;
    offers.allWords = allWords;
    offers.outAxons = outAxons;
    offers.strict = strict;
    return offers;
  }

  /** Clears what `offersFor` found. */
  releaseOffers(): void {
    const { core: list, gain, takes, isListed, reached, listed } = this.offers;
    for (let k = 0; k < listed; k++) {
      const core = list[k];
      gain[core] = 0;
      takes[core] = 0;
      isListed[core] = 0;
      reached[core] = 0;
    }
    this.offers.listed = 0;
  }

  /**
   * Best core of the offers that has room for the node: the one where it saves most, the emptier of equals; -1 if
   * there is none. Sources without an entry left are looked at one by one; `fits` looks at them together.
   *
   * @param amongAll also cores that share no net with the node; their sources' entries are not looked at
   */
  bestOffer(node: number, amongAll = false): number {
    const { offers, walls, neurons, axonsIn, axonsOut, words, cores } = this;
    const { core: list, listed, gain, takes, allAxons, allWords, reached, strict } = offers;
    const from = this.coreOf[node];
    const size = this.level.size[node];
    const end = amongAll ? cores : listed;
    let best = -Infinity;
    let chosen = -1;
    for (let k = 0; k < end; k++) {
      const c = amongAll ? k : list[k];
      if (gain[c] < best || (gain[c] === best && neurons[c] >= neurons[chosen])) continue;
      if (c === from || neurons[c] + size > walls.neurons) continue;
      const shared = sharedAxons(takes[c]);
      if (axonsIn[c] + allAxons - shared > walls.axonsIn) continue;
      if (words[c] + allWords + takes[c] + AXON * shared > walls.words) continue;
      if (axonsOut[c] + offers.outAxons > walls.axonsOut) continue;
      if (!amongAll && reached[c] < strict) continue;
      best = gain[c];
      chosen = c;
    }
    return chosen;
  }
}

interface Walls {
  neurons: number;
  axonsIn: number;
  axonsOut: number;
  words: number;
}
