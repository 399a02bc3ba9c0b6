import { copies } from "./copies.ts";
import { hypergraph } from "./hypergraph.ts";
import { layerOrder } from "./layer-order.ts";
import { layerPerCore } from "./layer-per-core.ts";
import type { Partitioner } from "./partitioner.ts";
import { singleCore } from "./single-core.ts";
import { tiles } from "./tiles.ts";

/** Every partitioner; the first is the default. To add one: a file beside this one, and a line here. */
export const PARTITIONERS: readonly Partitioner[] = [
  tiles,
  layerOrder,
  hypergraph,
  layerPerCore,
  copies,
  singleCore,
];
