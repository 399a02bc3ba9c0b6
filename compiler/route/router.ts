import type { Target } from "#targets/target";

/** The way that messages take through the mesh. */
export interface Router {
  readonly name: string;
  readonly summary: string;
  /**
   * Tiles of a message from core to core, both ends included; one tile if the cores share it. Tile ids are
   * `chip x tiles per chip + tile`. As many links as `routeHops` counts.
   */
  path(target: Target, from: number, to: number): Uint32Array;
}
