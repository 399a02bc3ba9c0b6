import { createBoard, swapOnBoard, type Board } from "./board.ts";
import type { CoreNeighbours } from "./core-neighbours.ts";
import { EQUAL_PRICES, type LinkPrices } from "./problem.ts";
import { meshExtent, pricedHops, type Sites } from "./sites.ts";
import type { PlacementState } from "./state.ts";

/** Sums by columns and rows are kept where cores have so many partners on average, and are no more than so many. */
const DENSE_DEGREE = 48;
const DENSE_CORES = 1024;

/** Spikes x links, a message to each core; each link at the price of its axis. */
export class HopsState implements PlacementState {
  readonly board: Board;
  readonly workPerChange: number;
  readonly #graph: CoreNeighbours;
  readonly #lines: LineSums | undefined;
  readonly #prices: LinkPrices;
  #cost: number;

  constructor(graph: CoreNeighbours, sites: Sites, siteOf: Uint32Array, prices: LinkPrices = EQUAL_PRICES) {
    const { cores, neighbour } = graph;
    const degree = neighbour.length / Math.max(1, cores);
    this.#graph = graph;
    this.#prices = prices;
    this.board = createBoard(sites, siteOf);
    this.#cost = placementHops(graph, sites, siteOf, prices);
    const dense = degree > DENSE_DEGREE && cores <= DENSE_CORES && sites.chipHops === 0;
    this.#lines = dense ? new LineSums(graph, this.board, prices) : undefined;
    this.workPerChange = this.#lines?.workPerChange ?? 4 + 4 * degree;
  }

  get cost(): number {
    return this.#cost;
  }

  change(core: number, site: number): number {
    const { siteOf, coreAt } = this.board;
    const from = siteOf[core];
    const other = coreAt[site];
    if (this.#lines !== undefined) return this.#lines.change(core, other, from, site);
    const there = this.#moved(core, from, site, other);
    return other < 0 ? there : there + this.#moved(other, site, from, core);
  }

  swap(core: number, site: number, change: number): void {
    const { siteOf, coreAt } = this.board;
    this.#lines?.swap(core, coreAt[site], siteOf[core], site);
    swapOnBoard(this.board, core, site);
    this.#cost += change;
  }

  /** Of one core alone; `without` moves as well, and stays as far away as it is. */
  #moved(core: number, from: number, to: number, without: number): number {
    const { start, neighbour, spikes } = this.#graph;
    const { sites, x, y, chip } = this.board;
    const { x: alongX, y: alongY } = this.#prices;
    const fromX = sites.x[from];
    const fromY = sites.y[from];
    const toX = sites.x[to];
    const toY = sites.y[to];
    const end = start[core + 1];
    let sum = 0;
    for (let i = start[core]; i < end; i++) {
      const partner = neighbour[i];
      if (partner === without) continue;
      const px = x[partner];
      const py = y[partner];
      sum +=
        spikes[i] *
        (alongX * (Math.abs(toX - px) - Math.abs(fromX - px)) +
          alongY * (Math.abs(toY - py) - Math.abs(fromY - py)));
    }
    const { chipHops } = sites;
    const fromChip = sites.chip[from];
    const toChip = sites.chip[to];
    if (chipHops === 0 || fromChip === toChip) return sum;
    for (let i = start[core]; i < end; i++) {
      if (neighbour[i] === without) continue;
      const at = chip[neighbour[i]];
      sum += alongX * chipHops * spikes[i] * (Math.abs(toChip - at) - Math.abs(fromChip - at));
    }
    return sum;
  }
}

/**
 * For cores that talk to many others: spikes between each core and every column, and every row. A change is then a sum over
 * columns and rows instead of partners; only a swap goes over all cores.
 */
class LineSums {
  readonly workPerChange: number;
  readonly #cores: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #sites: Sites;
  readonly #prices: LinkPrices;
  /** `[cores x cores]` */
  readonly #spikes: Float64Array;
  /** `[cores x (columns + rows)]` */
  readonly #sums: Float64Array;

  constructor(
    { cores, start, neighbour, spikes }: CoreNeighbours,
    { sites, x, y }: Board,
    prices: LinkPrices,
  ) {
    const { columns, rows } = meshExtent(sites);
    const lines = columns + rows;
    this.#cores = cores;
    this.#columns = columns;
    this.#rows = rows;
    this.#sites = sites;
    this.#prices = prices;
    this.#spikes = new Float64Array(cores * cores);
    this.#sums = new Float64Array(cores * lines);
    for (let c = 0; c < cores; c++)
      for (let i = start[c]; i < start[c + 1]; i++) {
        const partner = neighbour[i];
        this.#spikes[c * cores + partner] = spikes[i];
        this.#sums[c * lines + x[partner]] += spikes[i];
        this.#sums[c * lines + columns + y[partner]] += spikes[i];
      }
    // About every eighth change becomes a swap, which reads and writes four sums for each core.
    this.workPerChange = 2 * lines + cores / 2;
  }

  /** @param other the core at `to`, -1 if there is none */
  change(core: number, other: number, from: number, to: number): number {
    const { x, y } = this.#sites;
    const columns = this.#columns;
    const rows = this.#rows;
    const sums = this.#sums;
    const lines = columns + rows;
    const fromX = x[from];
    const fromY = y[from];
    const toX = x[to];
    const toY = y[to];
    const own = core * lines;
    const others = other * lines;
    let alongX = 0;
    let alongY = 0;
    if (fromX !== toX)
      for (let c = 0; c < columns; c++)
        alongX +=
          (sums[own + c] - (other < 0 ? 0 : sums[others + c])) * (Math.abs(toX - c) - Math.abs(fromX - c));
    if (fromY !== toY)
      for (let r = 0; r < rows; r++) {
        const spikes = sums[own + columns + r] - (other < 0 ? 0 : sums[others + columns + r]);
        alongY += spikes * (Math.abs(toY - r) - Math.abs(fromY - r));
      }
    const prices = this.#prices;
    const sum = prices.x * alongX + prices.y * alongY;
    if (other < 0) return sum;
    // The two stay as far apart as they are, but stand in the sums with their old places.
    const apart = prices.x * Math.abs(toX - fromX) + prices.y * Math.abs(toY - fromY);
    return sum + 2 * this.#spikes[core * this.#cores + other] * apart;
  }

  swap(core: number, other: number, from: number, to: number): void {
    const { x, y } = this.#sites;
    const cores = this.#cores;
    const sums = this.#sums;
    const lines = this.#columns + this.#rows;
    const own = core * cores;
    const others = other * cores;
    const fromX = x[from];
    const toX = x[to];
    const fromY = this.#columns + y[from];
    const toY = this.#columns + y[to];
    for (let c = 0; c < cores; c++) {
      const moving = this.#spikes[own + c] - (other < 0 ? 0 : this.#spikes[others + c]);
      const at = c * lines;
      sums[at + fromX] -= moving;
      sums[at + toX] += moving;
      sums[at + fromY] -= moving;
      sums[at + toY] += moving;
    }
  }
}

/** Spikes x links of a placement, each at its price; what `HopsState` keeps up to date. */
export function placementHops(
  { cores, start, neighbour, spikes }: CoreNeighbours,
  sites: Sites,
  siteOf: ArrayLike<number>,
  prices: LinkPrices = EQUAL_PRICES,
): number {
  let sum = 0;
  for (let c = 0; c < cores; c++)
    for (let i = start[c]; i < start[c + 1]; i++)
      if (neighbour[i] > c) sum += spikes[i] * pricedHops(sites, siteOf[c], siteOf[neighbour[i]], prices);
  return sum;
}
