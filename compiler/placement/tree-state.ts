import { createBoard, swapOnBoard, type Board } from "./board.ts";
import type { CoreTraffic } from "./core-traffic.ts";
import { meshExtent, type Sites } from "./sites.ts";
import type { PlacementState } from "./state.ts";

/**
 * Spikes x links of the union of the XY ways of each flow: a trunk along the row of its source, and in every column with sinks
 * a branch up and one down to the furthest. Chip borders on the trunk count `chipHops` more.
 */
export class TreeState implements PlacementState {
  readonly board: Board;
  readonly workPerChange: number;
  readonly #traffic: CoreTraffic;
  /** Flows that a core sends or receives: `[cores + 1]` into the list. */
  readonly #flowStart: Uint32Array;
  readonly #flowList: Uint32Array;
  /** `[flows]`, links of each as they are. */
  readonly #links: Float64Array;
  /** `[columns]`: highest and lowest row of the branches, valid where the stamp is this count's. */
  readonly #top: Int32Array;
  readonly #bottom: Int32Array;
  readonly #columnStamp: Float64Array;
  #count = 0;
  /** `[flows]`, last move for which the flow was looked at. */
  readonly #ofCore: Float64Array;
  readonly #ofOther: Float64Array;
  #move = 0;
  #cost: number;

  constructor(traffic: CoreTraffic, sites: Sites, siteOf: Uint32Array) {
    const { cores, flows, source, spikes, sinkStart, sink } = traffic;
    const { columns } = meshExtent(sites);
    this.#traffic = traffic;
    this.board = createBoard(sites, siteOf);
    this.#top = new Int32Array(columns);
    this.#bottom = new Int32Array(columns);
    this.#columnStamp = new Float64Array(columns);
    this.#ofCore = new Float64Array(flows);
    this.#ofOther = new Float64Array(flows);
    const flowStart = new Uint32Array(cores + 1);
    for (const core of source) flowStart[core + 1]++;
    for (const core of sink) flowStart[core + 1]++;
    for (let c = 0; c < cores; c++) flowStart[c + 1] += flowStart[c];
    const next = flowStart.slice(0, cores);
    const flowList = new Uint32Array(flowStart[cores]);
    let members = 0;
    for (let f = 0; f < flows; f++) {
      flowList[next[source[f]]++] = f;
      for (let s = sinkStart[f]; s < sinkStart[f + 1]; s++) flowList[next[sink[s]]++] = f;
      members += (sinkStart[f + 1] - sinkStart[f] + 1) ** 2;
    }
    this.#flowStart = flowStart;
    this.#flowList = flowList;
    // Two cores, and four reads for each member of their flows.
    this.workPerChange = 4 + (8 * members) / Math.max(1, cores);
    this.#links = Float64Array.from({ length: flows }, (_, f) => this.#linksOf(f));
    this.#cost = this.#links.reduce((sum, links, f) => sum + links * spikes[f], 0);
  }

  get cost(): number {
    return this.#cost;
  }

  change(core: number, site: number): number {
    const { siteOf, coreAt } = this.board;
    const from = siteOf[core];
    const other = coreAt[site];
    swapOnBoard(this.board, core, site);
    const sum = this.#affected(core, other, false);
    swapOnBoard(this.board, core, from);
    return sum;
  }

  swap(core: number, site: number, change: number): void {
    const other = this.board.coreAt[site];
    swapOnBoard(this.board, core, site);
    this.#affected(core, other, true);
    this.#cost += change;
  }

  /** What the flows of two cores cost more now than when their links were kept; `keep` keeps them anew. */
  #affected(core: number, other: number, keep: boolean): number {
    const { source, spikes } = this.#traffic;
    const start = this.#flowStart;
    const list = this.#flowList;
    const move = ++this.#move;
    let sum = 0;
    if (other >= 0) for (let i = start[other]; i < start[other + 1]; i++) this.#ofOther[list[i]] = move;
    for (let i = start[core]; i < start[core + 1]; i++) {
      const f = list[i];
      this.#ofCore[f] = move;
      // Two sinks that change places leave the tree as it is.
      if (this.#ofOther[f] === move && source[f] !== core && source[f] !== other) continue;
      const links = this.#linksOf(f);
      sum += spikes[f] * (links - this.#links[f]);
      if (keep) this.#links[f] = links;
    }
    if (other < 0) return sum;
    for (let i = start[other]; i < start[other + 1]; i++) {
      const f = list[i];
      if (this.#ofCore[f] === move) continue;
      const links = this.#linksOf(f);
      sum += spikes[f] * (links - this.#links[f]);
      if (keep) this.#links[f] = links;
    }
    return sum;
  }

  #linksOf(f: number): number {
    const { source, sinkStart, sink } = this.#traffic;
    const { x, y, chip, sites } = this.board;
    const top = this.#top;
    const bottom = this.#bottom;
    const stamp = this.#columnStamp;
    const count = ++this.#count;
    const from = source[f];
    const row = y[from];
    let left = x[from];
    let right = left;
    let firstChip = chip[from];
    let lastChip = firstChip;
    let links = 0;
    const end = sinkStart[f + 1];
    for (let s = sinkStart[f]; s < end; s++) {
      const core = sink[s];
      const column = x[core];
      const at = y[core];
      if (column < left) left = column;
      else if (column > right) right = column;
      if (chip[core] < firstChip) firstChip = chip[core];
      else if (chip[core] > lastChip) lastChip = chip[core];
      if (stamp[column] !== count) {
        stamp[column] = count;
        top[column] = bottom[column] = row;
      }
      if (at < top[column]) {
        links += top[column] - at;
        top[column] = at;
      } else if (at > bottom[column]) {
        links += at - bottom[column];
        bottom[column] = at;
      }
    }
    return links + right - left + sites.chipHops * (lastChip - firstChip);
  }
}
