import type { HopTimes, MeshPlaces } from "./mesh-places.ts";

/** Ways out of a tile other than its cores' own: one for each direction of a hop. */
const DIRECTIONS = 4;

/**
 * Routes between cores, worked out when they are first used. A route has an entry for each tile that it touches: at the
 * first tile the way of the sending core into the mesh, at later tiles the direction of the hop that led there. X comes
 * first, then y.
 */
export class Routes {
  /** Number of ways in the mesh: tiles x (cores of a tile and directions). */
  readonly ways: number;
  /** Entries of all routes found so far, one route after the other: places among the ways. */
  entries: Int32Array = new Int32Array(256);
  /** By route: its entries are begin[route] .. begin[route + 1] - 1. */
  begin: Int32Array = new Int32Array(64);
  /** By route: sum of its hops' times in seconds; NaN: one has none. */
  hopsSec: Float64Array = new Float64Array(64);

  readonly #places: MeshPlaces;
  readonly #times: HopTimes;
  readonly #coresPerTile: number;
  /** By sender: by receiver, route + 1, or 0: not found yet. */
  readonly #routeOf: (Int32Array | undefined)[];
  #count = 0;

  constructor(places: MeshPlaces, coresPerTile: number, times: HopTimes) {
    this.ways = places.columns * places.rows * (coresPerTile + DIRECTIONS);
    this.#places = places;
    this.#times = times;
    this.#coresPerTile = coresPerTile;
    this.#routeOf = Array.from(places.x, () => undefined);
  }

  /** Number of the route between two rows; may replace `entries`, `begin` and `hopsSec` by longer ones. */
  find(from: number, to: number): number {
    const known = (this.#routeOf[from] ??= new Int32Array(this.#routeOf.length));
    if (known[to] === 0) known[to] = 1 + this.#add(from, to);
    return known[to] - 1;
  }

  #add(from: number, to: number): number {
    const { rows, x, y, chip, offset } = this.#places;
    const route = this.#count++;
    const right = x[to] - x[from];
    const up = y[to] - y[from];
    this.#reserve(route, Math.abs(right) + Math.abs(up) + 1);
    const ways = this.#coresPerTile + DIRECTIONS;
    let tile = x[from] * rows + y[from];
    let at = this.begin[route];
    this.entries[at++] = tile * ways + offset[from];
    for (let hop = Math.abs(right); hop > 0; hop--) {
      tile += right > 0 ? rows : -rows;
      this.entries[at++] = tile * ways + this.#coresPerTile + (right > 0 ? 0 : 1);
    }
    for (let hop = Math.abs(up); hop > 0; hop--) {
      tile += up > 0 ? 1 : -1;
      this.entries[at++] = tile * ways + this.#coresPerTile + (up > 0 ? 2 : 3);
    }
    this.begin[route + 1] = at;
    this.hopsSec[route] = hopsSec(this.#times, right, up, Math.abs(chip[to] - chip[from]));
    return route;
  }

  #reserve(route: number, entries: number): void {
    if (route + 1 >= this.begin.length) {
      this.begin = longer(this.begin, new Int32Array(2 * this.begin.length));
      this.hopsSec = longer(this.hopsSec, new Float64Array(2 * this.hopsSec.length));
    }
    const needed = this.begin[route] + entries;
    if (needed > this.entries.length)
      this.entries = longer(this.entries, new Int32Array(Math.max(needed, 2 * this.entries.length)));
  }
}

function longer<T extends Int32Array | Float64Array>(old: T, replacement: T): T {
  replacement.set(old);
  return replacement;
}

/** @param borders chip borders among the hops to the right or left */
function hopsSec(times: HopTimes, right: number, up: number, borders: number): number {
  if (right === 0 && up === 0) return times.tileSec;
  let seconds = 0;
  if (right > borders) seconds += (right - borders) * times.eastSec;
  if (-right > borders) seconds += (-right - borders) * times.westSec;
  if (borders > 0) seconds += borders * times.chipSec;
  if (up > 0) seconds += up * times.northSec;
  if (up < 0) seconds -= up * times.southSec;
  return seconds;
}
