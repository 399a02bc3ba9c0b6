import { createBoard, swapOnBoard, type Board } from "./board.ts";
import { coreReceivers, coreSenders, type CoreNeighbours } from "./core-neighbours.ts";
import type { CoreTraffic } from "./core-traffic.ts";
import { meshExtent, type Sites } from "./sites.ts";
import type { PlacementState } from "./state.ts";

/**
 * Spikes over every directed link, a message to each core, XY. The cost is the sum of the eighth powers of the loads, in units
 * of the mean if every message went over one link: smooth, and ruled by the busiest link.
 */
export class LinkState implements PlacementState {
  readonly board: Board;
  readonly workPerChange: number;
  readonly #receivers: CoreNeighbours;
  readonly #senders: CoreNeighbours;
  readonly #columns: number;
  /** `[4 x routers]` as in `xyLinks`, in units of #unit; and what a move adds to those that it touches. */
  readonly #load: Float64Array;
  readonly #added: Float64Array;
  readonly #touched: Int32Array;
  readonly #stamp: Float64Array;
  #touches = 0;
  #move = 0;
  readonly #unit: number;
  #cost: number;

  constructor(traffic: CoreTraffic, sites: Sites, siteOf: Uint32Array) {
    const { columns, rows } = meshExtent(sites);
    this.board = createBoard(sites, siteOf);
    this.#receivers = coreReceivers(traffic);
    this.#senders = coreSenders(traffic);
    this.#columns = columns;
    const links = 4 * columns * rows;
    this.#load = new Float64Array(links);
    this.#added = new Float64Array(links);
    this.#touched = new Int32Array(links);
    this.#stamp = new Float64Array(links);
    const { cores, start, neighbour, spikes } = this.#receivers;
    this.#move++;
    for (let c = 0; c < cores; c++)
      for (let i = start[c]; i < start[c + 1]; i++) this.#way(siteOf[c], siteOf[neighbour[i]], spikes[i]);
    const total = spikes.reduce((sum, messages) => sum + messages, 0);
    this.#unit = total === 0 ? 1 : total / links;
    for (let l = 0; l < links; l++) this.#load[l] = this.#added[l] / this.#unit;
    this.#cost = this.#load.reduce((sum, load) => sum + eighth(load), 0);
    const degree = (2 * neighbour.length) / Math.max(1, cores);
    this.workPerChange = 4 + 8 * degree * (1 + (columns + rows) / 6);
  }

  get cost(): number {
    return this.#cost;
  }

  /** Spikes over the busiest link. */
  get busiest(): number {
    return this.#unit * this.#load.reduce((a, b) => Math.max(a, b), 0);
  }

  change(core: number, site: number): number {
    this.#moveWays(core, site);
    let sum = 0;
    for (let i = 0; i < this.#touches; i++) {
      const link = this.#touched[i];
      const added = this.#added[link] / this.#unit;
      if (added !== 0) sum += eighth(this.#load[link] + added) - eighth(this.#load[link]);
    }
    return sum;
  }

  swap(core: number, site: number, change: number): void {
    this.#moveWays(core, site);
    for (let i = 0; i < this.#touches; i++) {
      const link = this.#touched[i];
      // What is left over where a load went away is rounding.
      const load = this.#load[link] + this.#added[link] / this.#unit;
      this.#load[link] = load < 1e-9 ? 0 : load;
    }
    swapOnBoard(this.board, core, site);
    this.#cost += change;
  }

  #moveWays(core: number, to: number): void {
    const { siteOf, coreAt } = this.board;
    const from = siteOf[core];
    const other = coreAt[to];
    this.#move++;
    this.#touches = 0;
    this.#waysOf(core, from, to, other, from);
    if (other >= 0) this.#waysOf(other, to, from, core, -1);
  }

  /** @param otherTo where `other` goes to; -1: the ways between the two have been counted */
  #waysOf(core: number, from: number, to: number, other: number, otherTo: number): void {
    const { siteOf } = this.board;
    const out = this.#receivers;
    for (let i = out.start[core]; i < out.start[core + 1]; i++) {
      const partner = out.neighbour[i];
      if (partner === other && otherTo < 0) continue;
      this.#way(from, siteOf[partner], -out.spikes[i]);
      this.#way(to, partner === other ? otherTo : siteOf[partner], out.spikes[i]);
    }
    const into = this.#senders;
    for (let i = into.start[core]; i < into.start[core + 1]; i++) {
      const partner = into.neighbour[i];
      if (partner === other && otherTo < 0) continue;
      this.#way(siteOf[partner], from, -into.spikes[i]);
      this.#way(partner === other ? otherTo : siteOf[partner], to, into.spikes[i]);
    }
  }

  #way(from: number, to: number, spikes: number): void {
    const { x, y } = this.board.sites;
    let at = 4 * (y[from] * this.#columns + x[from]);
    const east = x[to] - x[from];
    for (let i = 0; i < east; i++, at += 4) this.#add(at, spikes);
    for (let i = 0; i > east; i--, at -= 4) this.#add(at + 1, spikes);
    const south = y[to] - y[from];
    const line = 4 * this.#columns;
    for (let i = 0; i < south; i++, at += line) this.#add(at + 2, spikes);
    for (let i = 0; i > south; i--, at -= line) this.#add(at + 3, spikes);
  }

  #add(link: number, spikes: number): void {
    if (this.#stamp[link] !== this.#move) {
      this.#stamp[link] = this.#move;
      this.#added[link] = 0;
      this.#touched[this.#touches++] = link;
    }
    this.#added[link] += spikes;
  }
}

function eighth(load: number): number {
  const square = load * load;
  const fourth = square * square;
  return fourth * fourth;
}
