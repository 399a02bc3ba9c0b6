import type { Target } from "#targets/target";
import type { MachineTables, StepMessages } from "../activity.ts";
import { placesOf, type MeshPlaces } from "./mesh-places.ts";

/** Links that leave a tile: east, west, north, south. */
const DIRECTIONS = 4;

/**
 * Messages over every link in a step: from cores to their routers, from routers to their cores, and between routers,
 * along x first and then along y. Where the mesh copies messages on their way, the messages of a spike share the links
 * that their routes share. Messages of the host count on the last link only: how they get there is not known.
 */
export class LinkMessages {
  /** `[rows]` */
  readonly fromCore: Float64Array;
  readonly toCore: Float64Array;
  /** `[tiles * 4]`, messages, and the first row that sent one; -1: none. */
  readonly between: Float64Array;
  readonly firstUser: Int32Array;
  /** `[tiles * 4]`, 1 where a link crosses a chip border. */
  readonly isBorder: Uint8Array;

  readonly #tables: MachineTables;
  readonly #places: MeshPlaces;
  readonly #isMulticast: boolean;
  /** `[tiles * 4]`, number of the spike that used a link last. */
  readonly #lastSpike: Float64Array;
  #spike = 0;

  constructor(target: Target, coreIds: Uint32Array, tables: MachineTables) {
    const places = placesOf(target, coreIds);
    const links = places.columns * places.rows * DIRECTIONS;
    this.fromCore = new Float64Array(coreIds.length);
    this.toCore = new Float64Array(coreIds.length);
    this.between = new Float64Array(links);
    this.firstUser = new Int32Array(links);
    this.isBorder = Uint8Array.from({ length: links }, (_, link) => {
      const x = Math.floor(link / DIRECTIONS / places.rows);
      const neighbour = link % DIRECTIONS === 0 ? x + 1 : link % DIRECTIONS === 1 ? x - 1 : x;
      return Math.floor(x / target.mesh.columns) === Math.floor(neighbour / target.mesh.columns) ? 0 : 1;
    });
    this.#tables = tables;
    this.#places = places;
    this.#isMulticast = target.noc?.cast === "multicast";
    this.#lastSpike = new Float64Array(links);
  }

  count({ fired, firedEnd, spikes, hostMessages, hostRow }: StepMessages): void {
    const { neuronBegin, routeStart, routeRow } = this.#tables;
    this.fromCore.fill(0);
    this.toCore.fill(0);
    this.between.fill(0);
    this.firstUser.fill(-1);
    for (let row = 0; row < firedEnd.length; row++) {
      for (let f = neuronBegin[row]; f < firedEnd[row]; f++) {
        const last = routeStart[fired[f] + 1];
        const messages = last - routeStart[fired[f]];
        for (let left = spikes?.[fired[f]] ?? 1; left > 0; left--) {
          this.#spike++;
          this.fromCore[row] += this.#isMulticast ? Math.min(1, messages) : messages;
          for (let route = routeStart[fired[f]]; route < last; route++) {
            this.toCore[routeRow[route]]++;
            this.#walk(row, routeRow[route]);
          }
        }
      }
    }
    for (let i = 0; i < hostMessages; i++) this.toCore[hostRow[i]]++;
  }

  #walk(from: number, to: number): void {
    const { rows, x, y } = this.#places;
    let tile = x[from] * rows + y[from];
    const right = x[to] - x[from];
    for (let hop = Math.abs(right); hop > 0; hop--) {
      this.#use(tile * DIRECTIONS + (right > 0 ? 0 : 1), from);
      tile += right > 0 ? rows : -rows;
    }
    const up = y[to] - y[from];
    for (let hop = Math.abs(up); hop > 0; hop--) {
      this.#use(tile * DIRECTIONS + (up > 0 ? 2 : 3), from);
      tile += up > 0 ? 1 : -1;
    }
  }

  #use(link: number, from: number): void {
    if (this.#isMulticast) {
      if (this.#lastSpike[link] === this.#spike) return;
      this.#lastSpike[link] = this.#spike;
    }
    this.between[link]++;
    if (this.firstUser[link] < 0) this.firstUser[link] = from;
  }
}
